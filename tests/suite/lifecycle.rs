//! The story of a stack: applied, proven, unchanged on a second plan, destroyed without a trace.

use std::time::Duration;

use serde_json::{Value, json};

use super::messages::{parsed, unmarked};
use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::sink::Sink;
use super::support::stack::{Stack, WEBHOOK};
use super::support::survey::names;
use super::support::trail;

/// What the message of the example says in an account.
fn sentence(account: &Account) -> String {
    let account = &account.id;
    format!("AROAEXAMPLEID12345678:alice turned off CloudTrail logging in account {account} at 2023-08-07T11:31:21Z")
}

const PATIENCE: Duration = Duration::from_secs(20);

fn bot(sink: &Sink) -> String {
    let api = sink.url("/api");
    WEBHOOK.replace(
        r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#,
        &format!(r#"{{ token: "${{env:SLACK_TOKEN}}", channel: C0123456789, api: "{api}", trusted_host: 127.0.0.1 }}"#),
    )
}

fn applied_and_destroyed(emulator: &Emulator) {
    let account = Account::new(emulator);
    let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
    let (code, plan) = stack.plan();
    assert_eq!((code, plan["steps"].as_array().map(Vec::len)), (3, Some(9)));
    assert!(names(&account).is_empty(), "a plan changes nothing");
    stack.apply();
    assert_eq!(names(&account).len(), 7);
    stack.assert_unchanged();
    let again = stack.run(&["apply", "--yes"]).expect(0);
    assert!(again.out.contains("No changes"), "{again:?}");
    let status = stack.run(&["status", "--output", "json"]).expect(0).json();
    let conditions: Vec<&Value> =
        status["resources"].as_array().expect("a list").iter().map(|one| &one["condition"]).collect();
    assert_eq!(conditions, [&json!("ok"); 9]);
    assert_eq!((&status["dead_letters"], &status["verdict"]), (&json!(0), &json!("ok")));
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
    let nothing = stack.run(&["destroy", "--yes"]).expect(0);
    assert!(nothing.out.contains("Nothing to destroy"), "{nothing:?}");
}

#[test]
fn a_stack_comes_and_goes_on_ministack() {
    applied_and_destroyed(ministack());
}

#[test]
fn a_stack_comes_and_goes_on_moto() {
    applied_and_destroyed(moto());
}

#[test]
fn verify_reaches_a_webhook() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let mut stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    trail::logging(&account, "main");
    let verified = stack.run(&["verify", "--wait", "0", "--output", "json"]).expect(6).json();
    let alert = &verified["alerts"][0];
    assert_eq!((&verified["verdict"], &alert["result"]), (&json!("accepted"), &json!("accepted")));
    let body = parsed(alert["bodies"][0].as_str().expect("a body"));
    assert_eq!(unmarked(&body, &alert["test_id"]), json!({ "text": sentence(&account) }));
    let request = &sink.wait_for(1, PATIENCE)[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/services/hook"));
    assert_eq!(parsed(&request.body), body);
    assert!(request.header("authorization").is_some(), "{request:?}");
    stack.assert_unchanged();
}

#[test]
fn verify_reaches_a_channel_as_a_bot() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let mut stack = Stack::new(&bot(&sink), &account.env(&emulator.url));
    let token = format!("xox{}-1-2-{}", 'b', "a".repeat(24));
    stack.set("SLACK_TOKEN", &token);
    stack.apply();
    trail::logging(&account, "main");
    let verified = stack.run(&["verify", "--wait", "0", "--output", "json"]).expect(6).json();
    let request = &sink.wait_for(1, PATIENCE)[0];
    assert_eq!(request.path, "/api/chat.postMessage");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {token}").as_str()));
    let sent = unmarked(&parsed(&request.body), &verified["alerts"][0]["test_id"]);
    assert_eq!(sent, json!({ "channel": "C0123456789", "text": sentence(&account) }));
    // The header is the token's: taking the stack over to a webhook must not leave it there.
    stack.write("trailbell.yaml", WEBHOOK);
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    stack.run(&["verify", "--wait", "0"]).expect(6);
    let request = &sink.wait_for(2, PATIENCE)[1];
    assert_ne!(request.header("authorization"), Some("Bearer test-token"));
    stack.assert_unchanged();
}

#[test]
fn an_event_on_the_bus_arrives_as_rendered() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let text = WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml");
    let mut stack = Stack::new(&text, &account.env(&emulator.url));
    stack.write(
        "mine.yaml",
        "blueprint: mine\ntitle: Mine\nseverity: low\nalert:\n  pattern: { source: [my.app] }\n  message:\n    \
         input_paths: { user: $.detail.user }\n    holds: { user: identifier }\n    text: \"<user> said: a < b & \\\"c\\\"\"\n",
    );
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    let entry = json!({ "Source": "my.app", "DetailType": "x", "Detail": r#"{"user":"u1"}"# });
    let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)));
    let body: Value = serde_json::from_str(&sink.wait_for(1, PATIENCE)[0].body).expect("JSON");
    assert_eq!(body, json!({ "text": "u1 said: a < b & \"c\"" }));
}

#[test]
fn destroy_needs_neither_file_nor_secret() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
        stack.apply();
        let mut elsewhere = Stack::new("", &account.env(&emulator.url));
        elsewhere.unset("SLACK_WEBHOOK_URL");
        elsewhere.run(&["destroy", "--stack", "sec", "--region", "eu-west-1", "--yes"]).expect(1);
        assert_eq!(names(&account).len(), 7, "another region is another stack");
        elsewhere.run(&["destroy", "--stack", "sec", "--region", "us-east-1", "--yes"]).expect(0);
        assert_eq!(names(&account), Vec::<String>::new());
    }
}

#[test]
fn an_alert_that_leaves_the_file_leaves_the_account_and_nothing_else_does() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = Stack::new(
            &format!("{WEBHOOK}  - blueprint: cloudtrail-stop-logging\n    id: second\n"),
            &account.env(&emulator.url),
        );
        stack.apply();
        assert_eq!(names(&account).len(), 8);
        stack.write("trailbell.yaml", WEBHOOK);
        stack.apply();
        assert_eq!(names(&account).len(), 7);
        stack.assert_unchanged();
    }
}

#[test]
fn a_rotated_token_is_seen_without_being_kept() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let mut stack = Stack::new(&bot(&sink), &account.env(&emulator.url));
    let token = |random: &str| format!("xox{}-1-2-{}", 'b', random.repeat(24));
    stack.set("SLACK_TOKEN", &token("a"));
    stack.apply();
    stack.assert_unchanged();
    stack.set("SLACK_TOKEN", &token("b"));
    let (code, plan) = stack.plan();
    assert_eq!(
        (code, super::support::stack::changes(&plan)),
        (3, vec!["update connection.slack: api_key_value".to_owned()])
    );
    stack.unset("SLACK_TOKEN");
    let (code, plan) = stack.plan();
    assert_eq!(code, 0);
    assert!(plan["notes"].to_string().contains("rotation not checked"), "{plan}");
    stack.set("SLACK_TOKEN", &token("b"));
    stack.apply();
    trail::logging(&account, "main");
    stack.run(&["verify", "--wait", "0"]).expect(6);
    assert_eq!(sink.wait_for(1, PATIENCE)[0].header("authorization"), Some(format!("Bearer {}", token("b")).as_str()));
}
