//! `doctor --alert --event` in the sandbox: the first thing that stops an event is named, and nothing is said of what was not seen.

use serde_json::{Value, json};

use super::{LOG_ALERT, Patient, STACK, error, trail};

/// A stack in the account that is asked why an event of an alert did not arrive.
fn asked(stack: &str, alert: &str, record: &Value) -> Patient {
    let mut patient = Patient::applied(stack);
    std::fs::write(patient.folder.path().join("event.json"), record.to_string()).expect("written");
    patient.asked = ["--alert", alert, "--event", "event.json"].map(str::to_owned).to_vec();
    patient
}

fn stop_logging() -> Value {
    json!({
        "eventVersion": "1.08", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": "us-east-1",
        "eventType": "AwsApiCall", "readOnly": false, "managementEvent": true, "recipientAccountId": "123456789012",
        "eventID": "11111111-2222-4333-8444-555555555555", "userIdentity": { "userName": "deploy" },
    })
}

const RULE_KEY: &str = "/rule/trailbell-sec_cloudtrail-stop-logging_rule";

#[test]
fn an_event_whose_way_is_open_arrives() {
    let patient = asked(STACK, "cloudtrail-stop-logging", &stop_logging());
    for id in ["recorded", "received", "matches", "target", "rendered", "sent", "accepted", "dead-letters"] {
        patient.says(&format!("arrival/{id}"), "ok", &[]);
    }
    let (checks, code) = patient.doctor();
    assert!(code == 0 && checks.iter().all(|one| one["id"] != "drift"), "{checks:#?}");
}

#[test]
fn the_first_thing_that_stops_an_event_is_named() {
    let broken = |key: &str, change: fn(&mut Value)| {
        let patient = asked(STACK, "cloudtrail-stop-logging", &stop_logging());
        patient.resource(key, change);
        patient
    };
    let apply = "trailbell apply";
    broken(RULE_KEY, |one| one["state"] = json!("DISABLED")).says("arrival/received", "failed", &["DISABLED", apply]);
    let other = |one: &mut Value| one["pattern"] = json!({ "detail": { "eventName": ["StartLogging"] } });
    broken(RULE_KEY, other).says("arrival/matches", "failed", &["eventName", apply]);
    let connection = "/connection/trailbell-sec_slack_connection";
    broken(connection, |one| one["state"] = json!("DEAUTHORIZED")).says(
        "arrival/sent",
        "failed",
        &["DEAUTHORIZED", apply],
    );
    let destination = "/api_destination/trailbell-sec_slack_destination";
    broken(destination, |one| one["state"] = json!("INACTIVE")).says("arrival/sent", "failed", &["INACTIVE", apply]);
    let role = "/role/trailbell-sec_slack-us-east-1_role";
    broken(role, |one| one["policy"]["Statement"] = json!([])).says("arrival/sent", "failed", &[apply]);
    let target = "/target/trailbell-sec_cloudtrail-stop-logging_rule";
    broken(target, |one| one["input"]["transformer"]["template"] = json!("{\"text\":<user>")).says(
        "arrival/rendered",
        "not_known",
        &[apply],
    );
    let without = |key: &'static str| {
        let patient = asked(STACK, "cloudtrail-stop-logging", &stop_logging());
        patient
            .by_hand(|world| world["objects"].as_object_mut().expect("objects").retain(|name, _| !name.contains(key)));
        patient
    };
    without("/target/trailbell-sec_cloudtrail").says("arrival/target", "failed", &["no target"]);
    without("sec_cloudtrail-stop-logging").says("arrival/rule", "failed", &["does not have a rule", apply]);
    let silent = asked(STACK, "cloudtrail-stop-logging", &stop_logging());
    silent.by_hand(trail("is_logging", json!(false)));
    silent.says("arrival/recorded", "failed", &["no trail is logging", "start-logging"]);
    silent.by_hand(error("cloudtrail:DescribeTrails", "denied", "not you")).says(
        "arrival/recorded",
        "not_known",
        &["not you"],
    );
}

#[test]
fn an_event_that_the_stack_file_leaves_out_is_said_to_be() {
    let explain = "trailbell explain";
    let mut other = stop_logging();
    other["eventName"] = json!("StartLogging");
    asked(STACK, "cloudtrail-stop-logging", &other).says("arrival/matches", "failed", &["StartLogging", explain]);
    let mut elsewhere = stop_logging();
    elsewhere["awsRegion"] = json!("eu-west-1");
    asked(STACK, "cloudtrail-stop-logging", &elsewhere).says("arrival/received", "failed", &["eu-west-1", "forwarded"]);
    let of = "    suppress: [{ when: { userIdentity.userName: [deploy] }, reason: planned, owner: ops }]\n";
    let suppressed = asked(&format!("{STACK}{of}"), "cloudtrail-stop-logging", &stop_logging());
    suppressed.says("arrival/expected", "failed", &["planned", "ops"]);
    let mut unknown = suppressed;
    unknown.asked[1] = "nothing".to_owned();
    let asked: Vec<&str> = unknown.asked.iter().map(String::as_str).collect();
    assert_eq!(unknown.run(&[&["doctor"][..], &asked].concat()).1, 2);
}

#[test]
fn a_dead_letter_of_the_rule_is_named() {
    let patient = asked(STACK, "cloudtrail-stop-logging", &stop_logging());
    let letter = |body: &str| {
        json!([{ "id": "1", "sent_ms": 1, "target_arn": "t", "code": "SDK_CLIENT_ERROR", "message": "404 no_service",
            "rule_arn": "arn:aws:events:us-east-1:123456789012:rule/trailbell-sec_cloudtrail-stop-logging_rule",
            "body": body, "queue_arn": "arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue" }])
    };
    patient.by_hand(|world| world["dead_letters"] = letter("{}"));
    patient.says("arrival/dead-letters", "failed", &["1 of this rule", "404 no_service", "redrive --dry-run"]);
    let event = r#"{"id":"11111111-2222-4333-8444-555555555555"}"#;
    patient.by_hand(|world| world["dead_letters"] = letter(event));
    patient.says("arrival/dead-letters", "failed", &["this message is in the dead-letter queue"]);
    patient.by_hand(error("sqs:ReceiveMessage", "denied", "not you"));
    patient.says("arrival/dead-letters", "not_known", &["not you"]);
}

#[test]
fn a_log_line_is_followed_to_the_notifier() {
    let line = json!({ "eventVersion": "1.08", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
        "awsRegion": "us-east-1", "errorCode": "AccessDenied", "eventType": "AwsApiCall" });
    let stack = format!("{STACK}{LOG_ALERT}");
    let patient = asked(&stack, "cloudtrail-access-denied-logs", &line);
    patient.says("arrival/matches", "ok", &[]);
    patient.resource("/function/trailbell-sec_notifier_function", |one| one["state"] = json!("Failed"));
    patient.says("arrival/sent", "failed", &["Failed"]);
    let mut other = line.clone();
    other["errorCode"] = json!("Throttling");
    asked(&stack, "cloudtrail-access-denied-logs", &other).says("arrival/matches", "failed", &["trailbell explain"]);
}

#[test]
fn letters_that_were_not_seen_are_not_none() {
    let patient = asked(STACK, "cloudtrail-stop-logging", &stop_logging());
    let letter = |number: usize| {
        json!({ "id": number.to_string(), "sent_ms": 1, "target_arn": "t", "code": "SDK_CLIENT_ERROR", "message": "404",
            "rule_arn": "arn:aws:events:us-east-1:123456789012:rule/trailbell-sec_other_rule", "body": "{}",
            "queue_arn": "arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue" })
    };
    patient.by_hand(|world| world["dead_letters"] = (0..100).map(letter).collect());
    patient.says("arrival/dead-letters", "ok", &["none of this rule"]);
    patient.by_hand(|world| world["dead_letters"] = (0..101).map(letter).collect());
    patient.says("arrival/dead-letters", "not_known", &["there are more", "redrive --dry-run"]);
    patient.by_hand(|world| {
        world["dead_letters"] = json!([]);
        let objects = world["objects"].as_object_mut().expect("objects");
        objects.retain(|key, _| !key.contains("dead-letter-queue"));
    });
    patient.says("arrival/dead-letters", "not_known", &["does not exist"]);
}
