//! `concurrency` of a remediation: checked against the account's limit before the first write, reserved, changed, given back.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Stack, changes};

const SETTINGS: &str = "GET /2016-08-19/account-settings";
const FUNCTION: &str = "/2015-03-31/functions/trailbell-sec_mine_function";

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: ./mine.yaml
"#;

fn blueprint(concurrency: &str) -> String {
    format!(
        r#"blueprint: mine
title: Logging was stopped
severity: high
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail:
      eventSource: [cloudtrail.amazonaws.com]
      eventName: [StopLogging]
      errorCode: [{{ exists: false }}]
      errorMessage: [{{ exists: false }}]
  message: {{ text: Logging was stopped }}
remediation:
  handler: fix.mjs
  allow: [{{ actions: [cloudtrail:StartLogging], resources: ["*"] }}]
{concurrency}"#
    )
}

fn stack(account: &Account, url: &str, concurrency: &str) -> Stack {
    let stack = Stack::new(STACK, &account.env(url));
    stack.write("fix.mjs", "export const handler = async () => {};\n");
    stack.write("mine.yaml", &blueprint(concurrency));
    stack
}

fn limits(limit: u32, unreserved: u32) -> Action {
    let limits = json!({ "ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": unreserved });
    Action::rewrite(move |_| json!({ "AccountLimit": limits, "AccountUsage": {} }).to_string())
}

fn is_write(operation: &str) -> bool {
    ["Put", "Create", "Add", "Update", "POST ", "PUT "].iter().any(|start| operation.starts_with(start))
}

#[test]
fn it_is_reserved_changed_and_given_back() {
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, Script::new());
    let stack = stack(&account, &proxy.url, "");
    let reserved = || account.rest("lambda", "GET", FUNCTION, &Value::Null).1["Concurrency"].clone();
    stack.apply();
    stack.assert_unchanged();
    assert_eq!(reserved(), Value::Null, "nothing is reserved unasked");
    assert!(!proxy.operations().iter().any(|one| one == SETTINGS), "who reserves nothing needs no permission to ask");
    for (concurrency, calls) in [("  concurrency: 2\n", Some(2)), ("  concurrency: 5\n", Some(5)), ("", None)] {
        stack.write("mine.yaml", &blueprint(concurrency));
        let (_, plan) = stack.plan();
        assert_eq!(changes(&plan), ["update function.mine: reserved_concurrency"], "{plan}");
        stack.apply();
        assert_eq!(reserved()["ReservedConcurrentExecutions"], calls.map_or(Value::Null, Value::from));
        let before = proxy.operations().iter().filter(|one| *one == SETTINGS).count();
        stack.assert_unchanged();
        let after = proxy.operations().iter().filter(|one| *one == SETTINGS).count();
        assert_eq!(before, after, "what is reserved already is not checked again");
    }
}

#[test]
fn what_the_account_does_not_have_is_refused_before_the_first_write() {
    // A new account, one that is as small as what Lambda keeps, one that others have reserved, and one with room for one less.
    for (limit, unreserved, free) in [(10, 10, 0), (50, 50, 0), (100, 100, 0), (1_000, 100, 0), (1_000, 104, 4)] {
        let account = Account::new(ministack());
        let proxy = Proxy::start(&ministack().url, Script::new().every(SETTINGS, limits(limit, unreserved)));
        let stack = stack(&account, &proxy.url, "  concurrency: 5\n");
        for arguments in [&["plan"][..], &["apply", "--yes"]] {
            let told = stack.run(arguments).expect(5);
            let found = format!("would reserve 5 more concurrent executions, but {free} can be reserved");
            for part in [found, format!("limit in this region is {limit}"), "\"Concurrent executions\"".to_owned()] {
                assert!(told.err.contains(&part), "{part}: {told:?}");
            }
            assert!(told.err.contains("nothing was changed"), "{told:?}");
        }
        let writes: Vec<String> = proxy.operations().into_iter().filter(|one| is_write(one)).collect();
        assert_eq!(writes, [""; 0], "{limit}");
    }
}

#[test]
fn an_account_with_just_enough_room_is_fine() {
    for (limit, unreserved) in [(105, 105), (1_000, 105)] {
        let account = Account::new(ministack());
        let proxy = Proxy::start(&ministack().url, Script::new().every(SETTINGS, limits(limit, unreserved)));
        stack(&account, &proxy.url, "  concurrency: 5\n").apply();
    }
}

#[test]
fn who_is_not_allowed_to_ask_gets_a_note() {
    let account = Account::new(ministack());
    let denied = Action::error(403, "AccessDeniedException", "User is not authorized");
    let proxy = Proxy::start(&ministack().url, Script::new().every(SETTINGS, denied));
    let stack = stack(&account, &proxy.url, "  concurrency: 5\n");
    let told = stack.run(&["plan"]).expect(0);
    assert!(told.out.contains("`lambda:GetAccountSettings` is not allowed"), "{told:?}");
    stack.apply();
    stack.assert_unchanged();
}

#[test]
fn a_number_that_cannot_be_reserved_is_a_finding() {
    for concurrency in ["0", "-1", "1.5", "1001", "many", "\"5\""] {
        let account = Account::new(ministack());
        let stack = stack(&account, "http://127.0.0.1:9", &format!("  concurrency: {concurrency}\n"));
        let told = stack.run(&["check"]).expect(1);
        assert!(told.out.contains("a number from 1 to 1000"), "{told:?}");
    }
}
