//! Functions offline: `fire`, `preview`, `explain` and `test` run the very files that are deployed, under Node, and say so
//! where there is none.

use serde_json::{Value, json};

use super::support::stack::{Stack, WEBHOOK};

const TWO: &str = "  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n  \
                   - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }\n";

fn stack() -> Stack {
    Stack::new(&WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", TWO), &[])
}

fn record(changes: &Value) -> Value {
    let mut record = json!({
        "eventSource": "s3.amazonaws.com", "eventName": "GetBucketPolicy", "eventTime": "2026-01-02T03:04:05Z",
        "eventType": "AwsApiCall", "awsRegion": "us-east-1", "errorCode": "AccessDenied",
        "userIdentity": { "type": "IAMUser", "userName": "alice" }, "recipientAccountId": "123456789012",
    });
    for (key, value) in changes.as_object().expect("changes") {
        record[key] = value.clone();
    }
    record
}

#[test]
fn fire_runs_the_notifier_and_the_handler() {
    let stack = stack();
    let fired = stack.run(&["fire", "--output", "json"]).expect(0).json();
    let rules = |at: usize| {
        let all = fired["fired"][at]["rules"].as_array().expect("a list").clone();
        all.into_iter().filter(|one| one["outcome"]["outcome"] != json!("not_matched")).collect::<Vec<_>>()
    };
    let [_, handler] = rules(0).try_into().unwrap_or_else(|all| panic!("{all:?}"));
    let call = &handler["ran"]["calls"][0];
    assert_eq!((&call["service"], &call["operation"]), (&json!("cloudtrail"), &json!("StartLogging")), "{handler:#}");
    assert_eq!(handler["ran"]["result"]["outcome"], json!("started"));
    let [notifier, relay] = rules(1).try_into().unwrap_or_else(|all| panic!("{all:?}"));
    assert_eq!(notifier["outcome"]["function"], json!("trailbell-sec_notifier_function"));
    let body = relay["outcome"]["body"].as_str().expect("a body");
    assert!(body.contains("2 log events in my-trail") && body.contains("GetBucketPolicy of s3"), "{body}");
    let told = stack.run(&["fire"]).expect(0);
    for part in
        ["would call cloudtrail in us-east-1: StartLogging", "the relay rule posts", "Alert from CloudWatch Logs"]
    {
        assert!(told.out.contains(part), "{part}: {told:?}");
    }
}

#[test]
fn without_node_everything_else_works_and_says_what_it_lacks() {
    let mut stack = stack();
    stack.set("PATH", "");
    stack.run(&["check"]).expect(0);
    stack.run(&["plan", "--sandbox"]).expect(0);
    stack.run(&["test", "trailbell.yaml"]).expect(0);
    let fired = stack.run(&["fire"]).expect(0);
    assert!(fired.out.contains("not run: Node is not installed here"), "{fired:?}");
    stack.write("line.json", &record(&json!({})).to_string());
    let explained = stack.run(&["explain", "line.json"]).expect(0);
    assert!(explained.out.contains("fires") && explained.out.contains("Node is not installed here"), "{explained:?}");
    let shown = stack.run(&["preview", "--alert", "cloudtrail-access-denied-logs"]).expect(1);
    assert!(shown.err.contains("Node is not installed here"), "{shown:?}");
    // A test that needs the message proves nothing.
    stack.write("mine.yaml", &mine("1 log event in g (123456789012, us-east-1)"));
    let tested = stack.run(&["test", "mine.yaml"]).expect(4);
    assert!(tested.out.contains("cannot be decided offline: Node is not installed"), "{tested:?}");
}

fn mine(text: &str) -> String {
    format!(
        "blueprint: mine\ntitle: Mine\nseverity: low\nalert: {{ filter: '{{ $.level = \"ERROR\" }}', log_group: g \
        }}\ntests:\n  - name: fires\n    lines: ['{{\"level\":\"ERROR\"}}', '{{\"level\":\"INFO\"}}']\n    expect: {{ \
        matches: true, lines: 1, text: \"{text}\" }}\n"
    )
}

#[test]
fn a_test_expects_lines_and_the_notifiers_text() {
    let stack = stack();
    stack.write("mine.yaml", &mine("mine: 1 log event in g (123456789012, us-east-1)"));
    stack.run(&["test", "mine.yaml"]).expect(0);
    stack.write("mine.yaml", &mine("something else"));
    // Without a name the stack of the folder counts, as for `check`.
    stack.run(&["test"]).expect(0);
    stack.write("trailbell.yaml", &WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml"));
    stack.run(&["test"]).expect(4);
    let wrong = stack.run(&["test", "mine.yaml"]).expect(4);
    assert!(wrong.out.contains("+ mine: 1 log event in g"), "{wrong:?}");
    stack.write("mine.yaml", &mine("").replace("lines: 1", "lines: 2"));
    let count = stack.run(&["test", "mine.yaml"]).expect(4);
    assert!(count.out.contains("- 2 of the lines match") && count.out.contains("+ 1 of the lines match"), "{count:?}");
}

#[test]
fn any_line_can_be_tried() {
    let stack = stack();
    let alerts = "  - blueprint: ./mine.yaml\n";
    stack.write("mine.yaml", &mine("mine: 1 log event in g (123456789012, us-east-1)"));
    stack.write("trailbell.yaml", &WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", alerts));
    for (line, code) in [(r#"{"level":"ERROR"}"#, 0), (r#"{"level":"INFO"}"#, 1), ("ERROR", 1)] {
        stack.write("line.txt", line);
        for command in
            [&["explain", "line.txt"][..], &["fire", "--event", "line.txt"], &["preview", "--event", "line.txt"]]
        {
            let run = stack.run(command).expect(code);
            assert!(code > 0 || run.out.contains("fires") || run.out.contains("Alert from CloudWatch Logs"), "{run:?}");
        }
    }
}

#[test]
fn the_notifiers_own_refused_calls_fire_nothing() {
    let stack = stack();
    let own = record(&json!({
        "eventSource": "events.amazonaws.com", "eventName": "PutEvents",
        "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/trailbell-sec_notifier-function-us-east-1_role/trailbell-sec_notifier_function" },
    }));
    stack.write("own.json", &own.to_string());
    let explained = stack.run(&["explain", "own.json"]).expect(1);
    assert!(explained.out.contains("skips its own denied calls"), "{explained:?}");
    let fired = stack.run(&["fire", "--event", "own.json"]).expect(1);
    assert!(fired.out.contains("makes no AWS calls") && fired.out.contains("own refused calls left out"), "{fired:?}");
    stack.run(&["preview", "--event", "own.json"]).expect(1);
}

#[test]
fn an_event_of_another_region_reaches_no_rule_and_still_the_log() {
    let stack = stack();
    let stopped =
        json!({ "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": "eu-west-1" });
    stack.write("event.json", &record(&stopped).to_string());
    let fired = stack.run(&["fire", "--event", "event.json"]).expect(0);
    assert!(fired.out.contains("it happened in eu-west-1, but the stack receives events of us-east-1"), "{fired:?}");
    assert!(!fired.out.contains("StartLogging") && fired.out.contains("1 log event in my-trail"), "{fired:?}");
}

#[test]
fn a_preview_shows_every_message_of_a_batch() {
    let stack = stack();
    let line = |at: usize| format!("      - '{{\"level\":\"ERROR\",\"text\":\"{}{at}\"}}'\n", "x".repeat(900));
    let lines: String = (0..100).map(line).collect::<Vec<_>>().concat();
    let text = mine("")
        .replace("    lines: ['{\"level\":\"ERROR\"}', '{\"level\":\"INFO\"}']\n", &format!("    lines:\n{lines}"));
    stack.write("mine.yaml", &text.replace(", lines: 1, text: \"\"", ""));
    let shown = stack.run(&["preview", "mine.yaml"]).expect(0);
    assert!(
        shown.out.contains("1 of 5") && shown.out.contains("5 of 5") && shown.out.contains("more log events"),
        "{shown:?}"
    );
}

#[test]
fn handlers_that_misbehave_are_told_of() {
    let stack = stack();
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
    let blueprint =
        std::fs::read_to_string(stack.path("mine.yaml")).expect("written").replace("default: false", "default: true");
    stack.write("mine.yaml", &blueprint);
    stack.write("trailbell.yaml", &WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml"));
    let node = "import { readFileSync, writeFileSync } from 'node:fs'; import { execSync } from 'node:child_process'; \
                import { Worker } from 'node:worker_threads'; import { connect } from 'node:net'; import dgram from 'node:dgram';\n";
    let denied = "it fails: Error: Access to this API has been restricted";
    let handlers = [
        ("throw new Error('boom');", "it fails: Error: boom"),
        ("await fetch('https://example.com');", "there is no network offline"),
        ("await new Promise((_, no) => connect(9, '127.0.0.1').on('error', no));", "there is no network offline"),
        ("dgram.createSocket('udp4').send('x', 9, '127.0.0.1');", "there is no network offline"),
        ("readFileSync(`/proc/${process.ppid}/environ`);", denied),
        ("writeFileSync('written', 'x');", denied),
        ("execSync('id');", denied),
        ("new Worker('1', { eval: true });", denied),
        ("]", "it fails: SyntaxError"),
        ("process.exit(3);", "it fails: it ended Node without returning anything"),
        ("const one = {}; one.one = one; return one;", "it fails: TypeError: Converting circular structure"),
        ("const all = []; for (;;) all.push(new Array(1e6).fill(0.5));", "it fails: "),
        ("console.log('x\\n✓ forged'); return 5;", "  log: ✓ forged"),
        ("for (let at = 0; at < 5000; at++) console.log(at);", "log: (and 4000 more lines)"),
        ("process.stdout.write('{}'); return 'good';", "returns \"good\""),
    ];
    for (body, expected) in handlers {
        stack.write("restart-logging.mjs", &format!("{node}export const handler = async () => {{ {body} }};"));
        let fired = stack.run(&["fire"]);
        assert!(fired.out.contains(expected), "{body}: {fired:?}");
        let fails = expected.starts_with("it fails") || expected.contains("network");
        assert_eq!(fired.code, i32::from(fails), "{body}: {fired:?}");
    }
    let names = "return { env: Object.keys(process.env).filter((name) => /HOOK|TOKEN/.test(name)).length };";
    stack.write("restart-logging.mjs", &format!("export const handler = async () => {{ {names} }};"));
    let secret = stack.run(&["fire", "--output", "json"]).expect(0).json();
    assert_eq!(
        secret["fired"][0]["rules"][1]["ran"]["result"],
        json!({ "env": 0 }),
        "the environment is not the handler's"
    );
}

/// A machine on which the boundary does not come about: here the program that Node says it is, is a script, which is not
/// allowed to be executed behind it.
#[cfg(unix)]
#[test]
fn without_a_boundary_a_handler_runs_only_when_it_is_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let mut stack = stack();
    let real = std::process::Command::new("node").args(["-p", "process.execPath"]).output().expect("Node starts");
    let real = String::from_utf8(real.stdout).expect("a path");
    let flag =
        "['--permission', '--experimental-permission'].find((flag) => process.allowedNodeEnvironmentFlags.has(flag))";
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = -e ]; then exec {0} -p \"JSON.stringify({{ program: '$0', flag: {flag}, files: [] }})\"; fi\n\
         exec {0} \"$@\"\n",
        real.trim()
    );
    stack.write("node", &script);
    std::fs::set_permissions(stack.path("node"), std::fs::Permissions::from_mode(0o755)).expect("set");
    let folder = stack.path("").display().to_string();
    stack.set("PATH", &folder);
    let alert = ["--alert", "cloudtrail-stop-logging"];
    let refused = stack.run(&[&["fire"], &alert[..]].concat()).expect(5);
    assert!(refused.err.contains("this machine cannot contain handlers"), "{refused:?}");
    assert!(refused.err.contains("--trust-handlers"), "{refused:?}");
    let machine = stack.run(&[&["fire", "--output", "json"], &alert[..]].concat()).expect(5).json();
    assert_eq!(machine["error"]["kind"], json!("refused"));
    let trusted = stack.run(&[&["fire", "--trust-handlers"], &alert[..]].concat()).expect(0);
    assert!(trusted.out.contains("would call cloudtrail in us-east-1: StartLogging"), "{trusted:?}");
    // The notifier is ours, and runs.
    stack.run(&["fire", "--alert", "cloudtrail-access-denied-logs"]).expect(0);
}

/// Changes one object of a sandbox by hand.
fn change(stack: &Stack, address: &str, field: &str, value: &Value) {
    let text = std::fs::read_to_string(stack.path("s.json")).expect("the sandbox");
    let mut world: Value = serde_json::from_str(&text).expect("JSON");
    let mut objects = world["objects"].as_object_mut().expect("objects").values_mut();
    let found = objects.find(|one| one["resource"]["address"] == json!(address)).expect("an object");
    assert!(found["resource"].get(field).is_some(), "{address} has no {field}");
    found["resource"][field] = value.clone();
    stack.write("s.json", &world.to_string());
}

#[test]
fn fire_fails_for_each_alert_that_does_not_arrive() {
    let cases = [
        ("us-east-1/rule.cloudtrail-stop-logging", "state", json!("DISABLED"), "No alert fires."),
        ("us-east-1/rule.relay@relay", "state", json!("DISABLED"), "not delivered:"),
        ("us-east-1/role.notifier-function", "policy", Value::Null, "not delivered:"),
    ];
    for (address, field, value, said) in cases {
        let stack = stack();
        stack.run(&["apply", "--yes", "--sandbox=s.json"]).expect(0);
        stack.run(&["fire", "--sandbox=s.json"]).expect(0);
        change(&stack, address, field, &value);
        // The other alert still arrives, which does not help this one.
        let fired = stack.run(&["fire", "--sandbox=s.json"]).expect(1);
        assert!(fired.out.contains(said), "{address}: {fired:?}");
    }
}

/// Takes what bears this name out of a sandbox, as someone in the console would.
fn remove(stack: &Stack, name: &str) {
    let text = std::fs::read_to_string(stack.path("s.json")).expect("the sandbox");
    let mut world: Value = serde_json::from_str(&text).expect("JSON");
    let objects = world["objects"].as_object_mut().expect("objects");
    let before = objects.len();
    objects.retain(|_, one| !one.to_string().contains(&format!("\"name\":\"{name}\"")));
    assert_eq!(objects.len() + 1, before, "{name}");
    stack.write("s.json", &world.to_string());
}

#[test]
fn verify_looks_whether_the_function_may_be_called() {
    let stack = stack();
    let written = r"  message:
    via: lambda
    input_paths: { user: $.detail.userIdentity.userName, agent: $.detail.userAgent }
    text: <user> used <agent>";
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
    let blueprint = std::fs::read_to_string(stack.path("mine.yaml")).expect("written");
    let (head, rest) = blueprint.split_once("  message:\n").expect("a message");
    let (_, rest) = rest.split_once("\n\n").expect("what follows");
    let text = format!("{head}{written}\n\n{rest}").replace("default: false", "default: true");
    let without_texts: Vec<&str> = text.lines().filter(|line| !line.trim().starts_with("text: AROA")).collect();
    stack.write("mine.yaml", &without_texts.join("\n"));
    stack.write("trailbell.yaml", &WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml"));
    let verify = ["verify", "--sandbox=s.json", "--wait", "0", "--run-remediation"];
    stack.run(&["apply", "--yes", "--sandbox=s.json"]).expect(0);
    let good = stack.run(&verify).expect(6);
    assert!(good.out.contains("(none) used aws-cli") && good.out.contains("its remediation ran"), "{good:?}");
    for (name, why) in [
        ("trailbell-sec_rules_permission", "permission.notifier/rules is missing"),
        ("trailbell-sec_rule_permission", "permission.cloudtrail-stop-logging/rule is missing"),
    ] {
        remove(&stack, name);
        let broken = stack.run(&verify).expect(1);
        assert!(broken.out.contains(why), "{broken:?}");
        stack.run(&["apply", "--yes", "--sandbox=s.json"]).expect(0);
        stack.run(&verify).expect(6);
    }
}
