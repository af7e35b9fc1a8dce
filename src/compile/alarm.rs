//! An alarm of the stack, and the rule on the default event bus whose message says that it is in alarm.
//!
//! CloudWatch sends an event whenever an alarm changes its state, and guarantees the delivery (CloudWatch user guide, "Alarm
//! events and EventBridge"). So a message needs no topic and no function: the rule receives the changes of exactly one alarm to
//! the state ALARM. Neighbors: `message::alarm` (the message), `threshold` and `metric` (who has alarms).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::rule_of;
use crate::name::Scope;
use crate::resource::mark::{description, tags};
use crate::resource::{
    AT_LEAST, Address, Alarm, Kind, Metric, NOT_BREACHING, PERIOD_SECONDS, Rule, RuleId, SUM, THRESHOLD,
};

/// The source of the events about alarms.
const SOURCE: &str = "aws.cloudwatch";
/// Their detail type.
const STATE_CHANGE: &str = "CloudWatch Alarm State Change";
/// The state of an alarm whose threshold is reached.
const IN_ALARM: &str = "ALARM";

/// What is particular to one alarm, which is in alarm when the sum of a metric over one period reaches a threshold.
#[derive(Clone, Debug)]
pub struct AlarmSpec<'a> {
    /// Its address.
    pub address: Address,
    /// What it is for, for people.
    pub words: &'a str,
    /// What it watches.
    pub metric: Metric,
    /// Which of the metric's values.
    pub dimensions: BTreeMap<String, String>,
    /// How long values are summed before the sum is judged.
    pub period_seconds: u32,
    /// The least sum for which it is in alarm.
    pub threshold: f64,
    /// The SNS topic that is notified, if any; not managed by trailbell.
    pub topic: Option<&'a str>,
}

impl<'a> AlarmSpec<'a> {
    /// An alarm that is in alarm when anything was counted within five minutes.
    #[must_use]
    pub fn counting(address: Address, words: &'a str, metric: Metric) -> Self {
        Self {
            address,
            words,
            metric,
            dimensions: BTreeMap::new(),
            period_seconds: PERIOD_SECONDS,
            threshold: THRESHOLD,
            topic: None,
        }
    }
}

/// The alarm.
#[must_use]
pub fn alarm(scope: &Scope, spec: AlarmSpec<'_>) -> Alarm {
    Alarm {
        name: Alarm::name_of(scope, &spec.address.id.to_string()),
        address: spec.address,
        description: description(spec.words, scope, Kind::Alarm),
        metric: spec.metric,
        dimensions: spec.dimensions,
        statistic: SUM.to_owned(),
        period_seconds: spec.period_seconds,
        evaluation_periods: 1,
        threshold: spec.threshold,
        comparison: AT_LEAST.to_owned(),
        missing_data: NOT_BREACHING.to_owned(),
        actions: spec.topic.into_iter().map(str::to_owned).collect(),
        is_enabled: true,
        extra: None,
        tags: tags(scope),
    }
}

/// The rule whose message says that an alarm is in alarm; `id` is that of the alert.
#[must_use]
pub fn rule(scope: &Scope, id: &str, words: &str, alarm: &Alarm) -> Rule {
    rule_of(RuleId::of_alarm(scope, id), words, Value::Object(pattern(scope, alarm)), scope)
}

/// Which events the rule receives.
#[must_use]
pub fn pattern(scope: &Scope, alarm: &Alarm) -> Map<String, Value> {
    let pattern = json!({
        "source": [SOURCE],
        "detail-type": [STATE_CHANGE],
        "account": [scope.account()],
        "resources": [scope.alarm_arn(&alarm.name)],
        "detail": { "state": { "value": [IN_ALARM] } },
    });
    match pattern {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Whether an event is about an alarm.
#[must_use]
pub fn is_of_alarm(event: &Value) -> bool {
    event["source"] == SOURCE && event["detail-type"] == STATE_CHANGE
}

/// The event that CloudWatch sends when the alarm goes into the state ALARM, with the fields that trailbell reads.
#[must_use]
pub fn event(scope: &Scope, alarm: &Alarm) -> Value {
    let time = "2026-01-01T00:00:00Z";
    json!({
        "version": "0", "id": "00000000-0000-4000-8000-000000000000", "detail-type": STATE_CHANGE, "source": SOURCE,
        "account": scope.account(), "region": scope.region(), "time": time, "resources": [scope.alarm_arn(&alarm.name)],
        "detail": {
            "alarmName": alarm.name, "previousState": { "value": "OK", "timestamp": time },
            "state": { "value": IN_ALARM, "timestamp": time, "reason": "Threshold Crossed" },
        },
    })
}
