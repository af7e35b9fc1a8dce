//! Adopting what others made under names of the stack: only marks are written, the next apply does the rest, and what is not
//! known or has changed since it was shown is refused.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::foreign::{connection, destination, events, queue, role, rule};
use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK};
use super::support::survey::survey;
use super::support::terminal::typing;

const QUEUE: &str = "trailbell-sec_slack_dead-letter-queue";
/// What `theirs` makes, as addresses.
pub const ALL: [&str; 6] = [
    "connection.slack",
    "api_destination.slack",
    "role.slack",
    "queue.slack",
    "event_bus.relay",
    "rule.cloudtrail-stop-logging",
];
/// What writes marks, and what makes a run.
const WRITES: [&str; 9] = [
    "UpdateConnection",
    "UpdateApiDestination",
    "TagRole",
    "TagQueue",
    "TagResource",
    "CreateLogGroup",
    "PutRetentionPolicy",
    "CreateLogStream",
    "PutLogEvents",
];

/// Someone else's connection, API destination, role, queue, event bus, and rule under names of the stack.
pub fn theirs(account: &Account) {
    let made = connection(account, "trailbell-sec_slack_connection");
    destination(account, "trailbell-sec_slack_destination", &made);
    role(account, "trailbell-sec_slack-us-east-1_role", "/trailbell/sec/");
    queue(account, QUEUE);
    events(account, "CreateEventBus", &json!({ "Name": "trailbell-sec_relay_bus" }));
    rule(account, "trailbell-sec_cloudtrail-stop-logging_rule");
}

/// Everything but marks and times.
fn without_marks(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let tag = "<Tags><member><Key>trailbell:stack</Key><Value>sec</Value></member></Tags>";
            json!(text.split(" [tb1;").next().map(|text| text.replace(tag, "")))
        }
        Value::Array(all) => all.iter().filter(|one| one["Key"] != "trailbell:stack").map(without_marks).collect(),
        Value::Object(all) => {
            let kept = all
                .iter()
                .filter(|(key, _)| *key != "trailbell:stack" && !key.contains("Modified") && !key.ends_with("Time"));
            Value::Object(kept.map(|(key, value)| (key.clone(), without_marks(value))).collect())
        }
        other => other.clone(),
    }
}

fn adopts_everything(emulator: &Emulator) {
    let account = Account::new(emulator);
    theirs(&account);
    let before = survey(&account);
    let proxy = Proxy::start(&emulator.url, Script::new());
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let told = stack.run(&["plan"]).expect(5);
    assert!(ALL.iter().all(|one| told.err.contains(&format!("trailbell adopt {one}"))), "{told:?}");
    let told = stack.run(&[&["adopt", "--yes"], &ALL[..]].concat()).expect(0);
    assert!(told.out.contains("Done: 6 adopted.") && told.out.contains("description: theirs → "), "{told:?}");
    let is_write = |one: &String| !["Get", "List", "Describe"].iter().any(|read| one.starts_with(read));
    let other: Vec<String> =
        proxy.operations().into_iter().filter(is_write).filter(|one| !WRITES.contains(&one.as_str())).collect();
    assert_eq!(other, [""; 0], "{}", emulator.name);
    let keys = |operation: &str| {
        let calls = proxy.calls();
        let call = calls.iter().find(|one| one.operation == operation).expect("it was called");
        let body: Value = serde_json::from_str(&call.body).expect("JSON");
        body.as_object().expect("an object").keys().cloned().collect::<Vec<_>>()
    };
    for operation in ["UpdateConnection", "UpdateApiDestination"] {
        assert_eq!(keys(operation), ["Name", "Description"], "{}", emulator.name);
    }
    assert_eq!(without_marks(&survey(&account)), without_marks(&before), "{}", emulator.name);
    let again = stack.run(&[&["adopt", "--yes"], &ALL[..]].concat()).expect(5);
    assert!(again.err.contains("queue.slack is managed by the stack already"), "{again:?}");
    assert!(told.out.contains("~ target.cloudtrail-stop-logging"), "it comes with its rule: {told:?}");
    stack.apply();
    stack.assert_unchanged();
    let history = stack.run(&["history", "--output", "json"]).expect(0).json();
    assert_eq!(history["runs"][1]["begun"]["command"], "adopt", "{history:#}");
    assert_eq!(history["runs"][1]["ended"]["changes"]["adopted"], 6, "{history:#}");
    stack.run(&["destroy", "--yes"]).expect(0);
}

#[test]
fn what_others_made_is_adopted_by_its_marks_alone_on_ministack() {
    adopts_everything(ministack());
}

#[test]
fn what_others_made_is_adopted_by_its_marks_alone_on_moto() {
    adopts_everything(moto());
}

#[test]
fn what_cannot_be_read_is_not_known_and_not_adopted() {
    let account = Account::new(ministack());
    theirs(&account);
    let denied = Action::error(400, "AccessDeniedException", "User is not authorized");
    let proxy = Proxy::start(&ministack().url, Script::new().every("ListQueueTags", denied));
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let told = stack.run(&["adopt", "--yes", "queue.slack"]).expect(5);
    for part in ["what exists at queue.slack is not known", "sqs:ListQueueTags", "nothing was changed"] {
        assert!(told.err.contains(part), "{part}: {told:?}");
    }
    assert!(!proxy.operations().iter().any(|one| one.starts_with("Tag") || one.starts_with("Create")), "{told:?}");
}

/// Between the question and the lock, someone changes the queue, or removes it.
#[test]
fn what_changed_since_it_was_shown_is_not_adopted() {
    type Change = fn(&Account);
    let changes: [Change; 2] = [
        |account| {
            let url =
                account.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": QUEUE })).1["QueueUrl"].clone();
            let body = json!({ "QueueUrl": url, "Attributes": { "MessageRetentionPeriod": "77" } });
            assert_eq!(account.json("sqs", "AmazonSQS.SetQueueAttributes", &body).0, 200);
        },
        |account| {
            let url =
                account.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": QUEUE })).1["QueueUrl"].clone();
            assert_eq!(account.json("sqs", "AmazonSQS.DeleteQueue", &json!({ "QueueUrl": url })).0, 200);
        },
    ];
    for change in changes {
        let account = Account::new(ministack());
        theirs(&account);
        let (owner, is_done) = (account.clone(), AtomicBool::new(false));
        let script = Script::new().with(move |call| {
            if call.operation == "CreateLogStream" && !is_done.swap(true, Ordering::SeqCst) {
                change(&owner);
            }
            None
        });
        let proxy = Proxy::start(&ministack().url, script);
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        let told = stack.run(&["adopt", "--yes", "queue.slack"]).expect(5);
        assert!(told.err.contains("nothing was changed"), "{told:?}");
        assert!(!proxy.operations().iter().any(|one| one == "TagQueue"), "{told:?}");
        let history = stack.run(&["history", "--output", "json"]).expect(0).json();
        assert_eq!(history["runs"][0]["ended"]["result"], "not_started", "{history:#}");
    }
}

#[test]
fn keys_typed_before_the_question_do_not_adopt() {
    let stack = Stack::new(WEBHOOK, &[]);
    stack.run(&["apply", "--yes", "--sandbox=box.json"]).expect(0);
    let text = std::fs::read_to_string(stack.path("box.json")).expect("the sandbox");
    let mut world: Value = serde_json::from_str(&text).expect("JSON");
    let queue = format!("us-east-1/queue/{QUEUE}");
    let rules = ["trailbell-sec_cloudtrail-stop-logging_rule", "trailbell-sec_relay_rule"];
    let objects = world["objects"].as_object_mut().expect("objects");
    // Without the rules nothing leads to the queue.
    objects.retain(|_, one| !rules.contains(&one["resource"]["name"].as_str().unwrap_or_default()));
    objects[&queue]["resource"]["tags"] = json!({});
    stack.write("box.json", &world.to_string());
    let adopt = ["adopt", "queue.slack", "--sandbox=box.json"];
    let told = typing(&stack, &adopt, &[("TEST_AHEAD", "yes\r"), ("TEST_ANSWER", "\r")]).expect(5);
    assert!(told.out.contains("Nothing was changed."), "{told:#?}");
    typing(&stack, &adopt, &[("TEST_ANSWER", "yes\r")]).expect(0);
}
