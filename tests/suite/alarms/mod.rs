//! Alarms and metric filters on both emulators: made, changed by hand and repaired, refused where others are in the way,
//! found again without state, removed without a trace.
//!
//! Known gaps of the emulators, each named where it matters: moto puts a changed metric filter next to the old one,
//! takes filters on log groups that do not exist, gives everything on one page and makes no alarms on alarms;
//! ministack forgets the expression of an alarm that computes, and lets everyone change alarms. Neither keeps
//! `applyOnTransformedLogs`.
mod drift;
mod foreign;
mod lifecycle;
mod permissions;

use serde_json::{Value, json};
use trailbell::compile::metric::{CountingSpec, metric};
use trailbell::name::Scope;
use trailbell::resource::{ResourceSet, set};

use super::support::api::Account;
use super::support::inside::Inside;

const ALARM: &str = "trailbell-sec_denied_alarm";
const FILTER: &str = "trailbell-sec_denied_metric-filter";
const THEIRS: &str = "/theirs/trail";
const OTHER: &str = "/theirs/other";
const PATTERN: &str = "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }";

fn call(account: &Account, service: &str, target: &str, body: &Value) -> Value {
    let (status, answer) = account.json(service, target, body);
    assert_eq!(status, 200, "{target} {body}: {answer}");
    answer
}

fn logs(world: &Inside, operation: &str, body: &Value) -> Value {
    call(&world.account, "logs", &format!("Logs_20140328.{operation}"), body)
}

fn cloudwatch(world: &Inside, operation: &str, body: &Value) -> Value {
    call(&world.account, "monitoring", &format!("GraniteServiceVersion20100801.{operation}"), body)
}

/// The log groups of others that filters are put on.
fn groups(world: &Inside) {
    for name in [THEIRS, OTHER] {
        logs(world, "CreateLogGroup", &json!({ "logGroupName": name }));
    }
}

fn spec() -> CountingSpec<'static> {
    CountingSpec {
        id: "denied",
        words: "Somebody is refused.",
        log_group: THEIRS,
        pattern: PATTERN,
        namespace: "CloudTrailMetrics",
        name: "AuthorizationFailureCount",
        topic: Some("arn:aws:sns:us-east-1:123456789012:theirs"),
    }
}

fn wanted(scope: &Scope) -> ResourceSet {
    set(metric(scope, &spec()))
}

/// What is wanted one after the other, and what the plan must say before each is applied. What moto cannot follow is
/// left out: a changed filter stays next to the new one.
fn story(scope: &Scope, is_moto: bool) -> Vec<(ResourceSet, Vec<&'static str>)> {
    let of = |spec: CountingSpec<'_>| set(metric(scope, &spec));
    let moved = CountingSpec { log_group: OTHER, topic: None, ..spec() };
    let mut story = vec![
        (of(spec()), vec!["create alarm.denied: ", "create metric_filter.denied@/theirs/trail: "]),
        (of(CountingSpec { topic: None, ..spec() }), vec!["update alarm.denied: alarm_actions"]),
        // The old one is not in the stack file and is found by the metric of the alarm.
        (
            of(moved.clone()),
            vec!["create metric_filter.denied@/theirs/other: ", "delete metric_filter.denied@/theirs/trail: "],
        ),
    ];
    if !is_moto {
        let again = CountingSpec { name: "Refused", ..moved };
        story.extend([
            (
                of(again.clone()),
                vec!["update alarm.denied: metric_name", "update metric_filter.denied@/theirs/other: metric_name"],
            ),
            // Where the alarm looks is where the old filter is found: it changes only when that is gone.
            (
                of(spec()),
                vec![
                    "create metric_filter.denied@/theirs/trail: ",
                    "delete metric_filter.denied@/theirs/other: ",
                    "update alarm.denied: metric_name, alarm_actions",
                ],
            ),
            (
                of(CountingSpec { pattern: "root", ..spec() }),
                vec!["update metric_filter.denied@/theirs/trail: filter_pattern"],
            ),
        ]);
    }
    // The alert leaves the file.
    let last = if is_moto {
        "delete metric_filter.denied@/theirs/other: "
    } else {
        "delete metric_filter.denied@/theirs/trail: "
    };
    story.push((ResourceSet::new(), vec!["delete alarm.denied: ", last]));
    story
}

/// A filter and alarms of others, under names like ours and on the same metric.
fn strangers(world: &Inside) {
    let to = json!([{ "metricNamespace": "CloudTrailMetrics", "metricName": "AuthorizationFailureCount", "metricValue": "1" }]);
    for name in ["theirs", "trailbell-other_denied_metric-filter"] {
        let body =
            json!({ "logGroupName": THEIRS, "filterName": name, "filterPattern": "", "metricTransformations": to });
        logs(world, "PutMetricFilter", &body);
    }
    for name in ["theirs", "trailbell-sec_theirs", "trailbell-other_denied_alarm"] {
        cloudwatch(world, "PutMetricAlarm", &alarm(name));
    }
}

fn alarm(name: &str) -> Value {
    json!({ "AlarmName": name, "Namespace": "CloudTrailMetrics", "MetricName": "AuthorizationFailureCount",
        "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "ActionsEnabled": true,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold" })
}

fn names_of(answer: &Value, list: &str, name: &str) -> Vec<String> {
    let all = answer[list].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = all.iter().filter_map(|one| one[name].as_str().map(str::to_owned)).collect();
    names.sort();
    names
}

/// Every filter and alarm of the account.
fn left(world: &Inside) -> [Vec<String>; 2] {
    [
        names_of(&logs(world, "DescribeMetricFilters", &json!({})), "metricFilters", "filterName"),
        names_of(&cloudwatch(world, "DescribeAlarms", &json!({})), "MetricAlarms", "AlarmName"),
    ]
}

/// A change made by hand, and the drift that a plan must show; the last says which emulator cannot show it.
type Line = (&'static str, fn(&Inside), &'static [&'static str], &'static str);

/// So many filters of others on the log group, on the alarm's metric.
fn fill(world: &Inside, number: usize) {
    for at in 0..number {
        let body = json!({ "logGroupName": THEIRS, "filterName": format!("theirs-{at:03}"), "filterPattern": "",
            "metricTransformations": [{ "metricNamespace": "CloudTrailMetrics",
                "metricName": "AuthorizationFailureCount", "metricValue": "1" }] });
        logs(world, "PutMetricFilter", &body);
    }
}
