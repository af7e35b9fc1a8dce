//! What others attached to resources of a stack: `plan` sees it, a stack file accepts it, and `apply` removes it when asked.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::stack::{Stack, WEBHOOK};

const FUNCTION: &str = "trailbell-sec_cloudtrail-stop-logging_function";
const ROLE: &str = "trailbell-sec_slack-us-east-1_role";
const RULE: &str = "trailbell-sec_cloudtrail-stop-logging_rule";
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
fn values_of_environments_are_digests() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = stack(&account, emulator);
        stack.apply();
        let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
        let secret = "correct-horse-battery-staple";
        lambda(&account, "PUT", &path, &json!({ "Environment": { "Variables": { "THEIRS": secret } } }));
        for arguments in [&["plan"][..], &["plan", "--output", "json"], &["apply", "--yes"]] {
            let run = stack.run(arguments).expect(0);
            assert!(!format!("{run:?}").contains(secret), "{}: {run:?}", emulator.name);
            assert!(run.out.contains("THEIRS") && run.out.contains("sha256:"), "{}: {run:?}", emulator.name);
        }
        assert!(!stack.plan().1.to_string().contains("THEIRS"), "{}", emulator.name);
    }
}
