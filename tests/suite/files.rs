//! Files and commands that need no account: check, catalog, schema, fire, demo.

use serde_json::{Value, json};

use super::support::stack::{Stack, WEBHOOK};

#[test]
fn demo_tells_the_whole_story_without_a_file_or_the_network() {
    let stack = Stack::new("", &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9".to_owned())]);
    let story = stack.run(&["demo"]).expect(0).out;
    for part in [
        "$ trailbell check",
        "Plan: 9 to create",
        "Done: 9 created.",
        "turned off CloudTrail logging",
        "No changes",
        "0 resources left",
    ] {
        assert!(story.contains(part), "{part}: {story}");
    }
    let told = stack.run(&["demo", "--output", "json"]).expect(0).json();
    assert_eq!((&told["resources_left"], &told["second_plan"]["unchanged"]), (&json!(0), &json!(9)));
    let folder: Vec<_> = std::fs::read_dir(stack.path("")).expect("readable").collect();
    assert_eq!(folder.len(), 1, "only the stack file of this test: {folder:?}");
}

#[test]
fn the_seeds_event_gives_the_seeds_sentence() {
    let stack = Stack::new(WEBHOOK, &[]);
    let record = json!({ "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "eventType": "AwsApiCall",
        "eventTime": "2023-08-07T11:31:21Z", "awsRegion": "us-east-1", "recipientAccountId": "123456789012",
        "userIdentity": { "principalId": "AIDAEXAMPLE" } });
    stack.write("event.json", &record.to_string());
    let fired = stack.run(&["fire", "--event", "event.json", "--output", "json"]).expect(0).json();
    let rules = fired["fired"][0]["rules"].as_array().expect("a list").clone();
    let request = rules.iter().find(|one| one["outcome"]["outcome"] == "request").expect("the alert fires");
    let body =
        r#"{"text":"AIDAEXAMPLE turned off CloudTrail logging in account 123456789012 at 2023-08-07T11:31:21Z"}"#;
    assert_eq!(request["outcome"]["body"], json!(body));
    assert_eq!(request["outcome"]["url"], json!("https://hooks.slack.com/…"));
    stack.write("event.json", &record.to_string().replace("StopLogging", "StartLogging"));
    let silent = stack.run(&["fire", "--event", "event.json"]).expect(1);
    assert!(silent.out.contains(r#"detail.eventName: expected ["StopLogging"], found "StartLogging""#), "{silent:?}");
    stack.write("event.json", "[");
    stack.run(&["fire", "--event", "event.json"]).expect(2);
}

/// A command on the sandbox in `box.json`.
fn on<'a>(command: &[&'a str]) -> Vec<&'a str> {
    [command, &["--sandbox=box.json"][..]].concat()
}

#[test]
fn a_sandbox_kept_in_a_file_is_an_account() {
    let mut stack = Stack::new(WEBHOOK, &[]);
    stack.run(&on(&["plan", "--detailed-exitcode"])).expect(3);
    stack.run(&on(&["apply", "--yes"])).expect(0);
    stack.run(&on(&["plan", "--detailed-exitcode"])).expect(0);
    stack.run(&on(&["status"])).expect(0);
    stack.run(&on(&["verify", "--wait", "0"])).expect(6);
    stack.run(&on(&["verify", "--wait", "0", "--accept-unconfirmed"])).expect(0);
    stack.run(&on(&["fire"])).expect(0);
    stack.set("SLACK_WEBHOOK_URL", &format!("https://hooks.slack.com/services/T/B/{}", "b".repeat(24)));
    let rotated = stack.run(&on(&["plan", "--output", "json"])).expect(0).json();
    assert_eq!(super::support::stack::changes(&rotated["plan"]), ["update api_destination.slack: invocation_endpoint"]);
    stack.run(&on(&["destroy", "--yes"])).expect(0);
    stack.run(&on(&["fire"])).expect(1);
    stack.write("box.json", "{");
    let broken = stack.run(&on(&["plan"])).expect(1);
    assert!(broken.err.contains("box.json"), "{broken:?}");
}

#[test]
fn the_catalogue_lists_shows_and_copies() {
    let stack = Stack::new(WEBHOOK, &[]);
    let listed = stack.run(&["catalog", "--output", "json"]).expect(0).json();
    assert!(
        listed["blueprints"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|one| one["blueprint"] == "cloudtrail-stop-logging")
    );
    let shown = stack.run(&["catalog", "cloudtrail-stop-logging"]).expect(0).out;
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
    assert_eq!(std::fs::read_to_string(stack.path("mine.yaml")).expect("written").trim_end(), shown.trim_end());
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(1);
    stack.run(&["check", "mine.yaml"]).expect(0);
    assert!(stack.run(&["catalog", "cloudtrail-stop-loging"]).expect(2).err.contains("did you mean"));
}

#[test]
fn schemas_describe_the_files() {
    let stack = Stack::new(WEBHOOK, &[]);
    for (format, key) in [("stack", "alerts"), ("blueprint", "alert")] {
        let schema = stack.run(&["schema", format]).expect(0).json();
        assert!(schema["properties"][key].is_object() && schema["additionalProperties"] == json!(false), "{schema}");
    }
}

#[test]
fn check_finds_everything_in_hostile_files_and_never_crashes() {
    let stack = Stack::new(WEBHOOK, &[]);
    let bomb = (0..60).fold("stack: bomb\na0: &a0 [x, x, x, x]\n".to_owned(), |text, n| {
        format!("{text}a{}: &a{} [*a{n}, *a{n}]\n", n + 1, n + 1)
    });
    let files: &[(&str, Vec<u8>, &str)] = &[
        ("bomb.yaml", bomb.into_bytes(), "TB0103"),
        ("large.yaml", vec![b'a'; 100 << 20], "TB0110"),
        ("latin.yaml", b"stack: caf\xe9".to_vec(), "TB0101"),
        ("deep.yaml", [b"stack: ", vec![b'['; 100_000].as_slice()].concat(), "TB0102"),
        ("other.yaml", vec![b'['; 100_000], "TB0111"),
        ("zero.yaml", b"a: \0\x1b[31m".to_vec(), "TB0"),
        ("empty.yaml", Vec::new(), "TB0102"),
        ("twice.yaml", format!("{WEBHOOK}stack: again\ncolour: red\n").into_bytes(), "TB0104"),
        ("twice.yaml", format!("{WEBHOOK}stack: again\ncolour: red\n").into_bytes(), "TB0105"),
    ];
    let endless = stack.run(&["check", "/dev/zero"]).expect(1);
    assert!(endless.out.contains("TB0101") && endless.out.contains("it is a device"), "{endless:?}");
    for (name, bytes, code) in files {
        std::fs::write(stack.path(name), bytes).expect("written");
        let run = stack.run(&["check", name]).expect(1);
        assert!(
            run.out.contains(code) && !run.out.contains('\x1b') && !run.err.contains("panicked"),
            "{name}: {run:?}"
        );
        let findings = stack.run(&["check", name, "--output", "json"]).expect(1).json();
        let first: &Value = &findings["findings"][0];
        assert!(first["line"].is_number() && first["message"].is_string() && first["file"] == json!(name), "{first}");
    }
}

#[test]
fn an_event_that_breaks_what_is_known_is_never_called_good() {
    let stack = Stack::new(WEBHOOK, &[]);
    let record = r#"{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "eventTime": "t", "awsRegion":
        "us-east-1", "recipientAccountId": "123456789012", "userIdentity": {"principalId": "AROAX:<!channel>"}}"#;
    stack.write("event.json", record);
    let fired = stack.run(&["fire", "--event", "event.json"]).expect(1);
    assert!(fired.out.contains("Slack rejects it"), "{fired:?}");
    let explained = stack.run(&["explain", "event.json"]).expect(1);
    assert!(explained.out.contains("the pattern matches; Slack rejects it: "), "{explained:?}");
    let previewed = stack.run(&["preview", "--event", "event.json"]).expect(1);
    assert!(previewed.err.contains("Slack rejects it"), "{previewed:?}");
}

#[test]
fn what_cannot_be_decided_is_neither_yes_nor_no() {
    let stack = Stack::new(WEBHOOK, &[]);
    let text =
        "blueprint: mine\ntitle: Mine\nseverity: low\nalert: { filter: '[level = ERROR, text]', log_group: g }\n";
    stack.write("mine.yaml", text);
    stack.write("line.txt", "ERROR disk full");
    let explained = stack.run(&["explain", "line.txt", "mine.yaml"]).expect(2);
    assert!(explained.out.contains("0 of 1 alert fires; 1 cannot be decided offline."), "{explained:?}");
    let json = stack.run(&["explain", "line.txt", "mine.yaml", "--output", "json"]).expect(2).json();
    assert_eq!((&json["exit_code"], &json["alerts"][0]["outcome"]), (&json!(2), &json!("undecided")));
}

#[test]
fn a_slack_app_has_a_manifest_for_each_way() {
    let stack = Stack::new(WEBHOOK, &[]);
    let bot = stack.run(&["slack-manifest", "--slack", "bot", "--name", "alerts", "--output", "json"]).expect(0).json();
    assert_eq!(bot["oauth_config"]["scopes"]["bot"], serde_json::json!(["chat:write"]));
    assert_eq!(bot["display_information"]["name"], "alerts");
    assert!(stack.run(&["slack-manifest"]).expect(0).out.contains("- \"incoming-webhook\""));
    stack.run(&["slack-manifest", "--name", &"x".repeat(36)]).expect(2);
}

#[test]
fn warnings_fail_a_strict_check_only() {
    let stack = Stack::new(WEBHOOK, &[]);
    let text = "blueprint: mine\ntitle: Mine\nseverity: low\nalert:\n  pattern: { source: [my.app] }\n  message: { text: x }\n";
    stack.write("mine.yaml", text);
    assert!(stack.run(&["check", "mine.yaml"]).expect(0).out.contains("TB0509"));
    stack.run(&["check", "--strict", "mine.yaml"]).expect(1);
    assert!(stack.run(&["explain", "tb0509"]).expect(0).out.contains("TB0509"));
}

#[test]
fn a_stack_without_alerts_says_so() {
    let stack = Stack::new(WEBHOOK, &[]);
    stack.write(
        "none.yaml",
        "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:SLACK_WEBHOOK_URL}\" }\nalerts: []\n",
    );
    for arguments in
        [&["fire", "none.yaml"][..], &["preview", "none.yaml"], &["plan", "none.yaml"], &["verify", "none.yaml"]]
    {
        let mut all = arguments.to_vec();
        if matches!(arguments[0], "plan" | "verify") {
            all.push("--sandbox=sandbox.json");
        }
        let run = stack.run(&all);
        assert!(run.err.contains("the stack has no alerts"), "{all:?}: {run:?}");
    }
}

#[test]
fn explain_takes_a_stack_where_it_asks_for_one() {
    let stack = Stack::new(WEBHOOK, &[]);
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
    stack.write("event.json", r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging"}"#);
    let run = stack.run(&["explain", "event.json", "--stack", "mine.yaml"]).expect(2);
    assert!(run.err.contains("--stack takes a stack file"), "{run:?}");
    let run = stack.run(&["explain", "tb9999"]).expect(2);
    assert!(run.err.contains("there is no code `tb9999`") && run.err.contains("explain --codes"), "{run:?}");
}

#[test]
fn match_refuses_devices_and_reads_pipes() {
    let stack = Stack::new(WEBHOOK, &[]);
    let run = stack.run(&["match", "--pattern", r#"{"source":["a"]}"#, "/dev/zero"]).expect(2);
    assert!(run.err.contains("it is a device, not a regular file"), "{run:?}");
    let run = stack.run(&["match", "--pattern", r#"{"source":["a"]}"#, "/dev/null"]);
    assert!(!run.err.contains("device"), "{run:?}");
}

#[test]
fn the_sandbox_is_in_the_partition_of_the_region() {
    let stack = Stack::new(&WEBHOOK.replace("us-east-1", "cn-north-1"), &[]);
    stack.run(&["apply", "--yes", "--sandbox=sandbox.json"]).expect(0);
    let kept = std::fs::read_to_string(stack.path("sandbox.json")).expect("the sandbox");
    assert!(kept.contains("arn:aws-cn:events:cn-north-1:"), "{kept}");
    assert!(!kept.contains("arn:aws:events:"), "{kept}");
}

#[test]
fn a_blueprints_own_event_fires_in_every_region_and_account() {
    for place in ["region: eu-west-1", "region: us-east-1\naccount: \"111111111111\"", "region: cn-north-1"] {
        let stack = Stack::new(&WEBHOOK.replace("region: us-east-1", place), &[]);
        let fired = stack.run(&["fire"]).expect(0);
        assert!(fired.out.contains("turned off CloudTrail logging"), "{place}: {fired:?}");
        stack.run(&["preview"]).expect(0);
    }
    // Some events happen in one region only, and the pattern of this one does not say so.
    let stack = Stack::new(&WEBHOOK.replace("region: us-east-1", "region: eu-west-1"), &[]);
    let text = std::fs::read_to_string(stack.path("trailbell.yaml")).expect("the file");
    stack.write("trailbell.yaml", &text.replace("blueprint: cloudtrail-stop-logging", "blueprint: ./user.yaml"));
    stack.write("user.yaml", USER);
    let fired = stack.run(&["fire"]).expect(1);
    assert!(fired.out.contains("it happened in us-east-1, but the stack receives events of eu-west-1"), "{fired:?}");
}

/// An alert on a call of IAM, whose pattern does not name IAM.
const USER: &str = r#"
blueprint: user
title: A user was created
severity: high
description: Someone created a user.
alert:
  pattern:
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventName: [CreateUser] }
  message: { text: "A user was created in ${detail.awsRegion}" }
tests:
  - name: created
    record:
      eventSource: iam.amazonaws.com
      eventName: CreateUser
      awsRegion: us-east-1
      recipientAccountId: "123456789012"
    expect: { matches: true }
"#;

#[test]
fn an_event_is_explained_whatever_is_around_it() {
    let stack = Stack::new(WEBHOOK, &[]);
    let record =
        r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","eventTime":"t","awsRegion":"us-east-1",
        "recipientAccountId":"123456789012","userIdentity":{"principalId":"AIDAX"}}"#
            .replace('\n', "");
    let quoted = serde_json::to_string(&record).expect("a string");
    let inputs = [
        record.clone(),
        format!("{{\"Records\": [{record}]}}"),
        format!("2026-02-03T04:05:06Z stream {record}"),
        format!("{{\"timestamp\": 1, \"message\": {quoted}}}"),
        format!("{{\"Events\": [{{\"EventId\": \"1\", \"CloudTrailEvent\": {quoted}}}]}}"),
    ];
    for input in &inputs {
        stack.write("event.json", input);
        let run = stack.run(&["explain", "event.json", "--stack", "trailbell.yaml"]).expect(0);
        for part in ["fires", "us-east-1", "trailbell-sec_cloudtrail-stop-logging_rule", "ENABLED", "AIDAX turned off"]
        {
            assert!(run.out.contains(part), "{part}\n{input}\n{run:?}");
        }
    }
    stack.write("event.json", &record.replace("us-east-1", "eu-west-1"));
    let elsewhere = stack.run(&["explain", "event.json", "--stack", "trailbell.yaml"]).expect(1);
    assert!(
        elsewhere.out.contains("it happened in eu-west-1, but the stack receives events of us-east-1"),
        "{elsewhere:?}"
    );
    for garbage in ["", "no record here", "[]", "{\"Records\": []}", "{\"a\": 1}"] {
        stack.write("event.json", garbage);
        stack.run(&["explain", "event.json"]).expect(2);
    }
}

#[test]
fn a_preview_is_a_page_with_both_looks() {
    let stack = Stack::new(WEBHOOK, &[]);
    stack.write("two.yaml", &format!("{WEBHOOK}  - blueprint: bugbust-event-read\n"));
    stack.write(
        "event.json",
        r#"{"eventSource": "bugbust.amazonaws.com", "eventName": "ListBugs", "eventTime": "t", "awsRegion": "r", "eventID": "e",
            "recipientAccountId": "123456789012"}"#,
    );
    let one = stack.run(&["preview", "two.yaml", "--event", "event.json", "--output", "json"]).expect(0).json();
    assert_eq!(one["messages"].as_array().map(Vec::len), Some(1), "what does not fire is left out");
    stack.run(&["preview", "--html", "page.html"]).expect(0);
    let page = std::fs::read_to_string(stack.path("page.html")).expect("a page");
    for part in ["Light", "Dark", "turned off CloudTrail logging", "default-src &#39;none&#39;"] {
        let plain = part.replace("&#39;", "'");
        assert!(page.contains(part) || page.contains(&plain), "{part}");
    }
}
