//! What others attached to resources of a stack: `plan` sees it, a stack file accepts it, and `apply` removes it when asked.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK};

const FUNCTION: &str = "trailbell-sec_cloudtrail-stop-logging_function";
const ROLE: &str = "trailbell-sec_slack-us-east-1_role";
const RULE: &str = "trailbell-sec_cloudtrail-stop-logging_rule";
const POLICY_CALL: &str = "GET /2015-03-31/functions/trailbell-sec_cloudtrail-stop-logging_function/policy";
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#;

type Attach = fn(&Account);

/// What is attached, and what it is called.
const ATTACHED: &[(&str, Attach)] = &[
    ("role.slack/inline-policy.theirs", |account| {
        let form = [("RoleName", ROLE), ("PolicyName", "theirs"), ("PolicyDocument", POLICY)];
        assert_eq!(account.query("iam", "PutRolePolicy", &form).0, 200);
    }),
    ("role.slack/managed-policy.theirs", |account| {
        let made = account.query("iam", "CreatePolicy", &[("PolicyName", "theirs"), ("PolicyDocument", POLICY)]);
        assert_eq!(made.0, 200, "{made:?}");
        let arn = format!("arn:aws:iam::{}:policy/theirs", account.id);
        assert_eq!(account.query("iam", "AttachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", &arn)]).0, 200);
    }),
    ("role.slack/permissions-boundary.arn:aws:iam::ACCOUNT:policy/boundary", |account| {
        let made = account.query("iam", "CreatePolicy", &[("PolicyName", "boundary"), ("PolicyDocument", POLICY)]);
        assert_eq!(made.0, 200, "{made:?}");
        let arn = format!("arn:aws:iam::{}:policy/boundary", account.id);
        let form = [("RoleName", ROLE), ("PermissionsBoundary", arn.as_str())];
        assert_eq!(account.query("iam", "PutRolePermissionsBoundary", &form).0, 200);
    }),
    ("rule.cloudtrail-stop-logging/target.theirs", |account| {
        let target = json!({ "Id": "theirs", "Arn": "arn:aws:sqs:us-east-1:123456789012:theirs" });
        let put = json!({ "Rule": RULE, "Targets": [target] });
        assert_eq!(account.json("events", "AWSEvents.PutTargets", &put).0, 200);
    }),
    ("function.cloudtrail-stop-logging/permission.theirs", |account| {
        let body =
            json!({ "StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com" });
        lambda(account, "POST", &format!("/2015-03-31/functions/{FUNCTION}/policy"), &body);
    }),
    ("function.cloudtrail-stop-logging/function-url.NONE", |account| {
        lambda(account, "POST", &format!("/2021-10-31/functions/{FUNCTION}/url"), &json!({ "AuthType": "NONE" }));
    }),
    ("function.cloudtrail-stop-logging/layer.arn:aws:lambda:us-east-1:ACCOUNT:layer:theirs:1", |account| {
        let zip = "UEsDBBQAAAAAANQlfF2DFtyMAQAAAAEAAAAFAAAAeC50eHR4UEsBAhQDFAAAAAAA1CV8XYMW3IwBAAAAAQAAAAUAAAAAAAAAAAAAAIABAA\
                   AAAHgudHh0UEsFBgAAAAABAAEAMwAAACQAAAAAAA==";
        let layer = json!({ "Content": { "ZipFile": zip }, "CompatibleRuntimes": ["nodejs24.x"] });
        lambda(account, "POST", "/2018-10-31/layers/theirs/versions", &layer);
        let arn = format!("arn:aws:lambda:us-east-1:{}:layer:theirs:1", account.id);
        let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
        lambda(account, "PUT", &path, &json!({ "Layers": [arn] }));
    }),
    ("event_bus.relay/rule.theirs", |account| {
        let bus = "trailbell-sec_relay_bus";
        let rule = json!({ "Name": "theirs", "EventBusName": bus, "EventPattern": "{\"source\":[\"theirs\"]}" });
        assert_eq!(account.json("events", "AWSEvents.PutRule", &rule).0, 200);
        let target = json!({ "Id": "theirs", "Arn": "arn:aws:sqs:us-east-1:123456789012:theirs" });
        let put = json!({ "Rule": "theirs", "EventBusName": bus, "Targets": [target] });
        assert_eq!(account.json("events", "AWSEvents.PutTargets", &put).0, 200);
    }),
    ("function.cloudtrail-stop-logging/version.1", |account| {
        lambda(account, "POST", &format!("/2015-03-31/functions/{FUNCTION}/versions"), &json!({}));
    }),
    ("function.cloudtrail-stop-logging/alias.live", |account| {
        let alias = json!({ "Name": "live", "FunctionVersion": "$LATEST" });
        lambda(account, "POST", &format!("/2015-03-31/functions/{FUNCTION}/aliases"), &alias);
    }),
    ("function.cloudtrail-stop-logging/event-invoke-setting.$LATEST", |account| {
        let path = format!("/2019-09-25/functions/{FUNCTION}/event-invoke-config");
        lambda(account, "PUT", &path, &json!({ "MaximumRetryAttempts": 0 }));
    }),
];

fn lambda(account: &Account, method: &str, path: &str, body: &Value) {
    let (status, answer) = account.rest("lambda", method, path, body);
    assert!(status < 300, "{method} {path}: {status} {answer}");
}

fn stack(account: &Account, emulator: &Emulator) -> Stack {
    let alerts = "  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n";
    Stack::new(&WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", alerts), &account.env(&emulator.url))
}

/// The addresses of what a plan shows as unmanaged, with their verdicts.
fn extras(plan: &Value) -> Vec<(String, String)> {
    let all = plan["extras"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.map(|one| (text(&one["address"]), text(&one["verdict"]["verdict"]))).collect()
}

#[test]
fn what_others_attached_is_seen_accepted_and_removed() {
    for emulator in [ministack(), moto()] {
        // moto keeps no dead-letter queue of a function, so a function there always differs.
        let is_tried = |address: &str| emulator.name == "ministack" || !address.starts_with("function");
        for (address, attach) in ATTACHED.iter().filter(|(address, _)| is_tried(address)) {
            let account = Account::new(emulator);
            let address = address.replace("ACCOUNT", &account.id);
            let stack = if emulator.name == "ministack" {
                stack(&account, emulator)
            } else {
                Stack::new(WEBHOOK, &account.env(&emulator.url))
            };
            let file = std::fs::read_to_string(stack.path("trailbell.yaml")).expect("the file");
            stack.apply();
            stack.assert_unchanged();
            attach(&account);
            let name = |verdict: &str| vec![(address.clone(), verdict.to_owned())];

            let (code, plan) = stack.plan();
            assert_eq!((code, extras(&plan)), (3, name("unmanaged")), "{}: {address}", emulator.name);
            assert_eq!(plan["steps"], json!([]), "{}: {address}: it is no drift of ours", emulator.name);
            let told = stack.run(&["plan"]).expect(0);
            assert!(told.out.contains(&format!("! {address}")) && told.out.contains("--remove-unmanaged"), "{told:?}");
            stack.run(&["status"]).expect(3);

            // `apply` leaves it.
            stack.apply();
            assert_eq!(extras(&stack.plan().1), name("unmanaged"), "{}: {address}", emulator.name);

            stack.write("trailbell.yaml", &format!("{file}unmanaged: [{{ what: '{address}', reason: An audit }}]\n"));
            let (code, plan) = stack.plan();
            assert_eq!((code, extras(&plan)), (0, name("accepted")), "{}: {address}", emulator.name);
            stack.run(&["status"]).expect(0);

            stack.write("trailbell.yaml", &file);
            stack.run(&["apply", "--yes", "--remove-unmanaged", "role.slack/inline-policy.none"]).expect(2);
            let done = stack.run(&["apply", "--yes", "--remove-unmanaged", &address]).expect(0);
            assert!(done.out.contains("1 removed (unmanaged)"), "{}: {done:?}", emulator.name);
            let (code, plan) = stack.plan();
            assert_eq!((code, extras(&plan)), (0, Vec::new()), "{}: {address}: {plan}", emulator.name);
        }
    }
}

/// Someone who keeps a secret in the environment of a function of ours does not find it in a plan.
#[test]
fn values_of_environments_are_hidden() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = stack(&account, emulator);
        stack.apply();
        let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
        let secret = "correct-horse-battery-staple";
        lambda(&account, "PUT", &path, &json!({ "Environment": { "Variables": { "THEIRS": secret } } }));
        let mut outputs = Vec::new();
        for arguments in [&["plan"][..], &["plan", "--output", "json"], &["apply", "--yes"]] {
            let run = stack.run(arguments).expect(0);
            assert!(!format!("{run:?}").contains(secret), "{}: {run:?}", emulator.name);
            assert!(run.out.contains("THEIRS") && run.out.contains("(not shown)"), "{}: {run:?}", emulator.name);
            outputs.push(run.out);
        }
        // What is shown does not depend on the value, so that one that can be guessed cannot be found by trying.
        lambda(&account, "PUT", &path, &json!({ "Environment": { "Variables": { "THEIRS": "admin" } } }));
        assert_eq!(stack.run(&["plan"]).expect(0).out, outputs[0], "{}", emulator.name);
        stack.apply();
        assert!(!stack.plan().1.to_string().contains("THEIRS"), "{}", emulator.name);
    }
}

/// An alias has a policy and a URL of its own, and a version keeps code: each is seen, and all are removed in one run.
#[test]
fn permissions_and_urls_of_versions_and_aliases_are_seen_and_removed() {
    let account = Account::new(ministack());
    let stack = stack(&account, ministack());
    stack.apply();
    let path = |rest: &str| format!("/2015-03-31/functions/{FUNCTION}/{rest}");
    lambda(&account, "POST", &path("versions"), &json!({}));
    lambda(&account, "POST", &path("aliases"), &json!({ "Name": "live", "FunctionVersion": "1" }));
    let statement =
        json!({ "StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com" });
    lambda(&account, "POST", &path("policy?Qualifier=live"), &statement);
    let url = format!("/2021-10-31/functions/{FUNCTION}/url?Qualifier=live");
    lambda(&account, "POST", &url, &json!({ "AuthType": "NONE" }));
    let (code, plan) = stack.plan();
    let mut found: Vec<String> = extras(&plan).into_iter().map(|(address, _)| address).collect();
    // In the policy of the function, ministack also shows the statements of its aliases.
    found.retain(|address| !address.ends_with("/permission.theirs"));
    let names = ["permission.theirs@live", "function-url.NONE@live", "alias.live", "version.1"];
    let expected: Vec<String> = names.iter().map(|name| format!("function.cloudtrail-stop-logging/{name}")).collect();
    assert_eq!((code, &found), (3, &expected), "{plan}");
    let removing = found.iter().flat_map(|address| ["--remove-unmanaged", address]);
    let done = stack.run(&["apply", "--yes"].into_iter().chain(removing).collect::<Vec<_>>()).expect(0);
    assert!(done.out.contains("4 removed (unmanaged)"), "{done:?}");
    stack.assert_unchanged();
}

/// Lambda has no call that removes a statement without an id.
#[test]
fn a_statement_without_an_id_is_told_and_not_tried() {
    let account = Account::new(ministack());
    let theirs = json!({ "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*" });
    let add = Action::rewrite(move |body| {
        let answer: Value = serde_json::from_str(body).expect("JSON");
        let mut policy: Value = serde_json::from_str(answer["Policy"].as_str().expect("a policy")).expect("JSON");
        policy["Statement"].as_array_mut().expect("statements").push(theirs.clone());
        json!({ "Policy": policy.to_string() }).to_string()
    });
    let mut stack = stack(&account, ministack());
    stack.apply();
    let proxy = Proxy::start(&ministack().url, Script::new().every(POLICY_CALL, add));
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let address = "function.cloudtrail-stop-logging/permission.without an id";
    assert_eq!(extras(&stack.plan().1), [(address.to_owned(), "unmanaged".to_owned())]);
    let told = stack.run(&["apply", "--yes", "--remove-unmanaged", address]).expect(2);
    for part in ["nothing was changed", "this one has none", "aws lambda put-resource-policy"] {
        assert!(told.err.contains(part), "{part}: {told:?}");
    }
    assert!(!proxy.operations().iter().any(|one| one.starts_with("DELETE")), "{:?}", proxy.operations());
}

/// A stack of two alerts, the first of which left the file after someone else had added a target to its rule.
fn with_an_extra_on_what_leaves(account: &Account, emulator: &Emulator) -> Stack {
    let file = format!("{WEBHOOK}  - blueprint: bugbust-event-changed\n");
    let stack = Stack::new(&file, &account.env(&emulator.url));
    stack.apply();
    let target = json!({ "Id": "theirs", "Arn": "arn:aws:sqs:us-east-1:123456789012:theirs" });
    let put = json!({ "Rule": RULE, "Targets": [target] });
    assert_eq!(account.json("events", "AWSEvents.PutTargets", &put).0, 200);
    stack.write("trailbell.yaml", &file.replace("  - blueprint: cloudtrail-stop-logging\n", ""));
    stack
}

#[test]
fn what_has_extras_is_removed_when_they_are_named() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = with_an_extra_on_what_leaves(&account, emulator);
        let address = "rule.cloudtrail-stop-logging/target.theirs";
        let told = stack.run(&["apply", "--yes"]).expect(5);
        assert!(told.err.contains(&format!("--remove-unmanaged '{address}'")), "{}: {told:?}", emulator.name);
        let done = stack.run(&["apply", "--yes", "--remove-unmanaged", address]).expect(0);
        assert!(done.out.contains("1 removed (unmanaged)"), "{}: {done:?}", emulator.name);
        stack.assert_unchanged();
        let (status, answer) = account.json("events", "AWSEvents.DescribeRule", &json!({ "Name": RULE }));
        assert_eq!(status, 400, "{}: the rule is gone: {answer}", emulator.name);
    }
}

/// Then nothing is changed that it may be attached to.
#[test]
fn nothing_is_changed_when_what_is_named_cannot_be_removed() {
    let account = Account::new(ministack());
    let mut stack = with_an_extra_on_what_leaves(&account, ministack());
    let denied = Action::error(400, "AccessDeniedException", "User is not authorized");
    let proxy = Proxy::start(&ministack().url, Script::new().every("RemoveTargets", denied));
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let address = "rule.cloudtrail-stop-logging/target.theirs";
    let told = stack.run(&["apply", "--yes", "--remove-unmanaged", address]).expect(1);
    assert!(told.out.contains("nothing was changed, 3 changes left"), "{told:?}");
    assert!(told.out.contains(&format!("--remove-unmanaged '{address}' trailbell.yaml")), "{told:?}");
    assert!(!proxy.operations().iter().any(|one| one == "DeleteRule"), "{:?}", proxy.operations());
}
