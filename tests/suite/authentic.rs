//! Someone who may put events on the default event bus, on an emulator: the channel stays silent, the handler does not run.
//! The sandbox tries ten thousand (`provider/sandbox/forged.rs`), and so does this with `TRAILBELL_EVENTS=10000`.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::sink::Sink;
use super::support::stack::{Stack, WEBHOOK};
use super::support::trail;

/// How many events are put, unless `TRAILBELL_EVENTS` says otherwise.
const EVENTS: usize = 300;
/// As many as one `PutEvents` takes.
const BATCH: usize = 10;
const PATIENCE: Duration = Duration::from_secs(30);

fn forged(at: usize, record: &Value) -> Value {
    let sources = ["trailbell.sec", "trailbell", "aws-cloudtrail", "AWS.cloudtrail", "my.app"];
    let message = json!({ "text": format!("all is well {at}"), "channel": "C9", "username": "security" });
    let mut detail = record.clone();
    detail["message"] = message;
    let kinds = ["trailbell message", "AWS API Call via CloudTrail"];
    json!({ "Source": sources[at % sources.len()], "DetailType": kinds[at % 2], "Detail": detail.to_string() })
}

#[test]
fn events_on_the_default_bus_reach_neither_channel_nor_handler() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let text = format!("{WEBHOOK}    with: {{ restart_logging: true }}\n");
    let mut stack = Stack::new(&text, &account.env(&emulator.url));
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    let arn = trail::logging(&account, "main");
    trail::call(&account, "StopLogging", &json!({ "Name": arn }));
    let record = json!({ "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": "us-east-1",
        "requestParameters": { "name": arn }, "recipientAccountId": account.id, "eventTime": "2026-01-02T03:04:05Z" });
    let events = std::env::var("TRAILBELL_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(EVENTS);
    let mut accepted = 0;
    for first in (0..events).step_by(BATCH) {
        let entries: Vec<Value> = (first..events.min(first + BATCH)).map(|at| forged(at, &record)).collect();
        let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": entries }));
        assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)), "{answer}");
        accepted +=
            answer["Entries"].as_array().map_or(0, |all| all.iter().filter(|one| one["EventId"].is_string()).count());
    }
    assert_eq!(accepted, events);
    // A message on the own bus passes, so those before it would have come by now.
    let put = |bus: &str, message: &Value| {
        let detail = json!({ "message": message }).to_string();
        let entry = json!({ "EventBusName": bus, "Source": "trailbell.sec", "DetailType": "trailbell message", "Detail": detail });
        let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
        assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)), "{answer}");
    };
    let own = "trailbell-sec_relay_bus";
    put(own, &json!({ "text": "another channel", "channel": "C9" }));
    put(own, &json!({ "text": "another name", "username": "security" }));
    put(own, &json!({ "text": "more", "attachments": [{ "text": "x" }] }));
    put(own, &json!({ "text": "the real one" }));
    let arrived = sink.wait_for(1, PATIENCE);
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    assert_eq!(serde_json::from_str::<Value>(&arrived[0].body).ok(), Some(json!({ "text": "the real one" })));
    assert!(!trail::is_logging(&account, &arn), "the handler did not run");
    println!(
        "{accepted} events accepted on the default bus, {} messages from there, 0 handlers run",
        arrived.len() - 1
    );
}
