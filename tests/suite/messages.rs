//! Messages on their whole way: every built-in blueprint verified through the relay rule, and a card through a rule's own
//! input transformer.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::sink::Sink;
use super::support::stack::{Stack, WEBHOOK};
use super::support::trail;

const PATIENCE: Duration = Duration::from_secs(20);

/// All blueprints of services other than CloudTrail; they can live in one region together.
const BLUEPRINTS: [&str; 9] = [
    "bugbust-event-changed",
    "bugbust-event-read",
    "bugbust-participation",
    "repostspace-access-changed",
    "repostspace-case-resolved",
    "repostspace-space-changed",
    "repostspace-space-read",
    "supportapp-configuration-changed",
    "supportapp-configuration-read",
];

/// A message without the mark that `verify` gives it, after making sure that it is there.
pub fn unmarked(body: &Value, test_id: &Value) -> Value {
    let mut plain = body.clone();
    let text = body["text"].as_str().and_then(|text| text.strip_prefix("[TEST] ")).expect("a marked text");
    plain["text"] = text.into();
    let blocks = plain["blocks"].as_array_mut().expect("blocks");
    let mark = blocks.remove(0)["elements"][0]["text"].to_string();
    let id = test_id.as_str().expect("an id");
    assert!(id.len() == 16 && mark.contains("[TEST]") && mark.contains(id), "{body}");
    // A message without blocks gets one, which shows its text.
    let shown = json!([{ "type": "section", "text": { "type": "plain_text", "text": text } }]);
    if plain["blocks"] == shown {
        drop(plain.as_object_mut().expect("a message").remove("blocks"));
    }
    plain
}

/// A body as JSON.
pub fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| panic!("not JSON: {body}"))
}

#[test]
fn every_blueprint_is_verified_and_its_message_arrives() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let alerts = BLUEPRINTS.map(|name| format!("  - blueprint: {name}\n")).concat();
    let text = WEBHOOK.replace("us-east-1", "us-west-2").replace("  - blueprint: cloudtrail-stop-logging\n", &alerts);
    // Bound to its account, a stack shows in a preview what happens there.
    let text = text.replace("stack: sec\n", &format!("stack: sec\naccount: \"{}\"\n", account.id));
    let mut stack = Stack::new(&text, &account.env(&emulator.url));
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.run(&["check", "--strict"]).expect(0);
    stack.apply();
    trail::logging(&account, "main");
    let verified = stack.run(&["verify", "--wait", "0", "--output", "json"]).expect(6).json();
    let previewed = stack.run(&["preview", "--output", "json"]).expect(0).json();
    let proofs = verified["alerts"].as_array().expect("a list");
    let messages = previewed["messages"].as_array().expect("a list");
    assert_eq!((proofs.len(), messages.len()), (BLUEPRINTS.len(), BLUEPRINTS.len()));
    let mut arrived: Vec<Value> =
        sink.wait_for(BLUEPRINTS.len(), PATIENCE).iter().map(|request| parsed(&request.body)).collect();
    for (proof, message) in proofs.iter().zip(messages) {
        assert_eq!((&proof["alert"], &proof["result"]), (&message["alert"], &json!("accepted")));
        // What is previewed, what AWS was asked to send, and what arrived are the same, but for the mark of a test.
        let body = parsed(proof["bodies"][0].as_str().expect("a body"));
        assert_eq!(unmarked(&body, &proof["test_id"]), message["body"]);
        let at = arrived.iter().position(|one| *one == body).unwrap_or_else(|| panic!("{body} did not arrive"));
        arrived.swap_remove(at);
    }
    assert_eq!(arrived, Vec::<Value>::new());
    stack.assert_unchanged();
    stack.run(&["destroy", "--yes"]).expect(0);
}

#[test]
fn a_rule_that_needs_read_only_calls_has_the_state_for_them() {
    let emulator = ministack();
    let account = Account::new(emulator);
    let text = WEBHOOK.replace("cloudtrail-stop-logging", "supportapp-configuration-read");
    let stack = Stack::new(&text, &account.env(&emulator.url));
    stack.apply();
    let state = || {
        let (status, answer) =
            account.json("events", "AWSEvents.ListRules", &json!({ "NamePrefix": "trailbell-sec_supp" }));
        assert_eq!(status, 200);
        answer["Rules"][0]["State"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(), "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
    stack.assert_unchanged();
    // Someone enables the rule in the console, which makes it deaf for these calls: drift, seen and repaired.
    let rule = json!({ "Name": "trailbell-sec_supportapp-configuration-read_rule" });
    assert_eq!(account.json("events", "AWSEvents.EnableRule", &rule).0, 200);
    let (code, plan) = stack.plan();
    let expected = vec!["update rule.supportapp-configuration-read: state".to_owned()];
    assert_eq!((code, super::support::stack::changes(&plan)), (3, expected));
    stack.apply();
    assert_eq!(state(), "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
}

const CARD: &str = r"blueprint: mine
title: Something was ordered
severity: low
description: Somebody ordered something.
alert:
  pattern: { source: [my.app] }
  message:
    input_paths: { user: $.detail.user, words: $.detail.words }
    holds: { user: identifier, words: text }
    card: { facts: { User: <user>, Words: <words> } }
tests:
  - name: fires
    event: { source: my.app, account: '123456789012', region: us-east-1, detail: { user: u1, words: x } }
    expect: { matches: true }
  - name: does not match
    event: { source: other.app }
    expect: { matches: false }
";

#[test]
fn free_text_arrives_as_it_is() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let mut stack = Stack::new(&WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml"), &account.env(&emulator.url));
    stack.write("mine.yaml", CARD);
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    let hostile = "a \"quote\", a \\ and a\nline; <!channel> *bold* \u{202e}right to left\u{1f514}";
    let detail = json!({ "user": "u1", "words": hostile }).to_string();
    let entry = json!({ "Source": "my.app", "DetailType": "order", "Detail": detail });
    let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)));
    let body = parsed(&sink.wait_for(1, PATIENCE)[0].body);
    assert_eq!(trailbell::slack::read(&body).map(|message| message.blocks.len()), Ok(3), "{body}");
    let element = json!({ "type": "text", "text": hostile });
    assert!(body["blocks"][1].to_string().contains(&element.to_string()), "{body}");
}
