//! Self-watch end to end on ministack: each resource is deleted by hand with a raw call, and the message about it arrives by the
//! path that is left.
//!
//! No emulator makes CloudTrail's events of the calls that it gets, so the test puts the event of each call on the bus, in the form
//! of `tests/fixtures/self-watch`. As in AWS no one can put events of AWS's sources, so the watching rules are given another source
//! by hand before; nothing else of their patterns changes.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::sink::Sink;
use super::support::stack::Stack;
use super::support::survey::names;

const PATIENCE: Duration = Duration::from_secs(20);
const MAIN: &str = "/services/main";
const SECOND: &str = "/services/second";

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack:
  security: { webhook: "${env:SECURITY}" }
  operations: { webhook: "${env:OPERATIONS}" }
self_watch: { to: operations }
to: { default: security }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

/// Someone's call: of which service, with what, and the event that CloudTrail makes of it.
struct Call {
    service: &'static str,
    operation: &'static str,
    event: &'static str,
    body: Value,
    parameters: Value,
    /// Which path is left.
    path: &'static str,
}

fn events(operation: &'static str, body: Value, parameters: Value, path: &'static str) -> Call {
    Call { service: "events", operation, event: operation, body, parameters, path }
}

fn calls(account: &Account) -> Vec<Call> {
    let rule = "trailbell-sec_cloudtrail-stop-logging_rule";
    let second_rule = "trailbell-sec_watch-delivery_rule";
    let url = format!("https://sqs.us-east-1.amazonaws.com/{}/trailbell-sec_security_dead-letter-queue", account.id);
    let name = |name: &str| (json!({ "Name": name }), json!({ "name": name }));
    let targets = |rule: &str, id: &str| (json!({ "Rule": rule, "Ids": [id] }), json!({ "rule": rule, "ids": [id] }));
    let of_events = |operation, (body, parameters): (Value, Value), path| events(operation, body, parameters, path);
    vec![
        of_events("RemoveTargets", targets(rule, "to-security"), SECOND),
        of_events("DeleteRule", name(rule), SECOND),
        of_events("DeleteApiDestination", name("trailbell-sec_security_destination"), SECOND),
        of_events("DeleteConnection", name("trailbell-sec_security_connection"), SECOND),
        Call {
            service: "sqs",
            operation: "DeleteQueue",
            event: "DeleteQueue",
            body: json!({ "QueueUrl": url }),
            parameters: json!({ "queueUrl": url }),
            path: SECOND,
        },
        of_events("RemoveTargets", targets(second_rule, "to-operations"), MAIN),
        of_events("DeleteRule", name(second_rule), MAIN),
        of_events("DeleteApiDestination", name("trailbell-sec_operations_destination"), MAIN),
        of_events("DeleteConnection", name("trailbell-sec_operations_connection"), MAIN),
    ]
}

/// Lets the watching rules receive events of `test.events` in the place of `aws.events`, and so on.
fn listen(account: &Account) {
    let events = |operation: &str, body: &Value| {
        let (status, answer) = account.json("events", &format!("AWSEvents.{operation}"), body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    };
    let listed = events("ListRules", &json!({ "NamePrefix": "trailbell-sec_watch-" }));
    for rule in listed["Rules"].as_array().expect("a list") {
        let pattern = rule["EventPattern"].as_str().expect("a pattern").replace("\"aws.", "\"test.");
        events("PutRule", &json!({ "Name": rule["Name"], "EventPattern": pattern, "State": "ENABLED" }));
    }
}

/// The event that CloudTrail would make of a call.
fn put(account: &Account, call: &Call) {
    let detail = json!({
        "eventVersion": "1.11", "eventTime": "2026-06-04T16:24:22Z", "eventType": "AwsApiCall", "eventCategory": "Management",
        "eventSource": format!("{}.amazonaws.com", call.service), "eventName": call.event, "requestParameters": call.parameters,
        "responseElements": null, "readOnly": false, "managementEvent": true, "awsRegion": "us-east-1",
        "userAgent": "aws-cli/2.31.3", "recipientAccountId": account.id, "sourceIPAddress": "192.0.2.77",
        "eventID": "5b1f0a52-7c11-4c38-9d1c-6a7c2e4f8a01",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLEID12345678", "accountId": account.id, "userName": "dave",
            "arn": format!("arn:aws:iam::{}:user/dave", account.id),
        },
    });
    let entry = json!({
        "Source": format!("test.{}", call.service), "DetailType": "AWS API Call via CloudTrail", "Detail": detail.to_string(),
    });
    let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)), "{answer}");
}

#[test]
fn what_is_deleted_by_hand_is_reported_by_the_path_that_is_left() {
    let (account, sink) = (Account::new(ministack()), Sink::start());
    let mut stack = Stack::new(STACK, &account.env(&ministack().url));
    stack.set("SECURITY", &sink.url(MAIN));
    stack.set("OPERATIONS", &sink.url(SECOND));
    stack.apply();
    stack.assert_unchanged();
    for call in calls(&account) {
        listen(&account);
        let before = sink.received().len();
        let target = if call.service == "events" { "AWSEvents" } else { "AmazonSQS" };
        let (status, answer) = account.json(call.service, &format!("{target}.{}", call.operation), &call.body);
        assert_eq!(status, 200, "{}: {answer}", call.operation);
        put(&account, &call);
        let got = sink.wait_for(before + 1, PATIENCE);
        let told = got[before..].iter().find(|one| one.path == call.path);
        let told = told.unwrap_or_else(|| panic!("{}: {got:#?}", call.operation));
        assert!(told.body.contains(call.event) && told.body.contains("trailbell delivery was changed"), "{told:#?}");
        // Someone deletes the targets of a rule before the rule.
        if call.operation != "RemoveTargets" {
            stack.apply();
            stack.assert_unchanged();
        }
    }
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
}

#[test]
fn without_another_destination_the_stack_has_a_second_path_of_its_own() {
    let (account, sink) = (Account::new(ministack()), Sink::start());
    let text = "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:SLACK_WEBHOOK_URL}\" }\nself_watch: {}\n\
        alerts:\n  - blueprint: cloudtrail-stop-logging\n";
    let mut stack = Stack::new(text, &account.env(&ministack().url));
    stack.set("SLACK_WEBHOOK_URL", &sink.url(MAIN));
    stack.apply();
    stack.assert_unchanged();
    let found = names(&account);
    for name in ["connection", "destination", "dead-letter-queue"] {
        for id in ["slack", "watch"] {
            assert!(found.contains(&format!("trailbell-sec_{id}_{name}")), "{found:?}");
        }
    }
    listen(&account);
    let (status, answer) =
        account.json("events", "AWSEvents.DeleteConnection", &json!({ "Name": "trailbell-sec_slack_connection" }));
    assert_eq!(status, 200, "{answer}");
    put(&account, &events("DeleteConnection", json!({}), json!({ "name": "trailbell-sec_slack_connection" }), MAIN));
    assert!(sink.wait_for(1, PATIENCE)[0].body.contains("DeleteConnection"));
    // Without `self_watch` the second path goes.
    let without = text.replace("self_watch: {}\n", "");
    stack.write("trailbell.yaml", &without);
    stack.run(&["apply", "--yes", "--allow", "deletions"]).expect(0);
    stack.assert_unchanged();
    assert!(names(&account).iter().all(|name| !name.contains("_watch")), "{:?}", names(&account));
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
}
