//! Staged alerts and thresholds by the program itself: applied, planned empty, events collected, counted by `status`, destroyed to
//! nothing.
//!
//! ministack delivers no events of a bus into log groups and counts no log events, so what EventBridge would write and what CloudWatch Logs
//! would count is put by hand.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::stack::{Stack, WEBHOOK};
use super::support::survey::names;

const GROUP: &str = "/aws/events/trailbell/sec/staged/cloudtrail-stop-logging";
const TRAIL: &str = "my-trail";

fn text(stop_logging: &str) -> String {
    let more = "  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail }, threshold: { count: 5, within: 10m } }\n\
         \x20 - { blueprint: guardduty-detector-off, threshold: { count: 2, within: 1h } }\n";
    WEBHOOK.replace(
        "  - blueprint: cloudtrail-stop-logging\n",
        &format!("  - {{ blueprint: cloudtrail-stop-logging{stop_logging} }}\n{more}"),
    )
}

fn call(account: &Account, service: &str, target: &str, body: &Value) -> Value {
    let (status, answer) = account.json(service, target, body);
    assert_eq!(status, 200, "{target} {body}: {answer}");
    answer
}

fn logs(account: &Account, operation: &str, body: &Value) -> Value {
    call(account, "logs", &format!("Logs_20140328.{operation}"), body)
}

fn merged(one: &Value, other: &Value) -> Value {
    let fields = [one, other].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(fields.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// What is left of a stack in CloudWatch and CloudWatch Logs.
fn left(account: &Account) -> Vec<String> {
    let texts = |answer: &Value, list: &str, key: &str| {
        let all = answer[list].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|one| one[key].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let groups = logs(account, "DescribeLogGroups", &json!({}));
    let policies = logs(account, "DescribeResourcePolicies", &json!({}));
    let filters = logs(account, "DescribeMetricFilters", &json!({ "logGroupName": TRAIL }));
    let alarms = call(account, "monitoring", "GraniteServiceVersion20100801.DescribeAlarms", &json!({}));
    let mut all = texts(&groups, "logGroups", "logGroupName");
    // The trail's is someone else's, and the record of runs stays.
    all.retain(|name| name != TRAIL && !name.ends_with("/runs"));
    all.extend(texts(&policies, "resourcePolicies", "policyName"));
    all.extend(texts(&filters, "metricFilters", "filterName"));
    all.extend(texts(&alarms, "MetricAlarms", "AlarmName"));
    all.sort();
    all
}

#[test]
fn what_is_staged_is_collected_and_counted_and_leaves_nothing() {
    let account = Account::new(ministack());
    logs(&account, "CreateLogGroup", &json!({ "logGroupName": TRAIL }));
    let stack = Stack::new(&text(", state: staged"), &account.env(&ministack().url));
    stack.apply();
    stack.assert_unchanged();
    let made = left(&account);
    for name in [
        GROUP,
        "/aws/events/trailbell/sec/staged/guardduty-detector-off",
        "trailbell-sec_cloudtrail-access-denied-logs_alarm-count",
        "trailbell-sec_cloudtrail-access-denied-logs_metric-filter-count",
        "trailbell-sec_guardduty-detector-off_alarm-count",
        "trailbell-sec_staged_log-policy",
    ] {
        assert!(made.iter().any(|one| one == name), "{name}: {made:?}");
    }

    // What EventBridge would write, and what CloudWatch Logs would count.
    let event = json!({ "source": "aws.cloudtrail", "detail": { "eventName": "StopLogging" } }).to_string();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let stream = json!({ "logGroupName": GROUP, "logStreamName": "s" });
    logs(&account, "CreateLogStream", &stream);
    let put = json!({ "logEvents": [{ "timestamp": now * 1_000, "message": event }] });
    logs(&account, "PutLogEvents", &merged(&stream, &put));
    let count = |hours_ago: u64, value: u64| {
        let dimension = json!({ "Name": "LogGroupName", "Value": GROUP });
        let time = now - hours_ago * 3_600;
        let datum = json!({
            "MetricName": "IncomingLogEvents", "Dimensions": [dimension], "Timestamp": time, "Value": value,
        });
        let body = json!({ "Namespace": "AWS/Logs", "MetricData": [datum] });
        call(&account, "monitoring", "GraniteServiceVersion20100801.PutMetricData", &body);
    };
    count(1, 2);
    count(100, 5);

    let status = stack.run(&["status", "--output", "json"]).expect(0).json();
    let [staged] = &status["staged"].as_array().expect("a list")[..] else { panic!("{status}") };
    assert_eq!((&staged["alert"], &staged["log_group"]), (&json!("cloudtrail-stop-logging"), &json!(GROUP)));
    assert_eq!(staged["matched"], json!({ "day": 2, "month": 7 }), "{staged}");
    let shown = stack.run(&["status"]).expect(0);
    assert!(shown.out.contains("staged cloudtrail-stop-logging: 2 in 24 hours, 7 in 30 days"), "{shown:?}");

    // Its end is that it sends messages, and what it collected goes.
    stack.write("trailbell.yaml", &text(""));
    let plan = stack.run(&["plan"]).expect(0);
    let told = format!("deletes the log group {GROUP} with the events that were collected in it");
    assert!(format!("{}{}", plan.out, plan.err).contains(&told), "{plan:?}");
    stack.apply();
    stack.assert_unchanged();
    assert!(!left(&account).iter().any(|one| one == GROUP));

    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!((names(&account), left(&account)), (Vec::new(), Vec::new()));
}
