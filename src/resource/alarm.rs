//! CloudWatch alarm on one metric: fires when events are counted.
//!
//! It is also the index by which its metric filter is found again, so it is made before the filter and goes after it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::{Edge, EdgeEnd, Relation};
use super::{About, Address, Describe, Field, Id, Kind, Metric, mark};
use crate::name::Scope;

/// What the names of the alarm and the metric filter of a threshold end with, behind their kinds; in addresses it is behind the
/// alert's id. An alert can have a metric of its own beside them.
const COUNT: &str = "count";

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:cloudwatch:REGION:ACCOUNT:alarm:trailbell-STACK_*"];

/// What is made of the counted events of a period.
pub const SUM: &str = "Sum";
/// How the sum is compared with the threshold.
pub const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";
/// No events are good news.
pub const NOT_BREACHING: &str = "notBreaching";
/// How an alarm that reports something missing treats a period without values.
pub const BREACHING: &str = "breaching";
/// The comparison of an alarm that reports something missing.
pub const LESS_THAN: &str = "LessThanThreshold";
/// How long events are counted before the sum is judged, as in the alarms that AWS proposes for CloudTrail.
pub const PERIOD_SECONDS: u32 = 300;
/// One event matches.
pub const THRESHOLD: f64 = 1.0;

/// A CloudWatch alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Its identity; the id is that of its metric filter.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Words and, at the end, the mark.
    pub description: String,
    /// What it watches.
    pub metric: Metric,
    /// Which of the metric's values: names and values of dimensions. Metrics that trailbell makes have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    /// What is made of a period's events: `Sum`.
    pub statistic: String,
    /// How long a period is.
    pub period_seconds: u32,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// From where on it matches.
    pub threshold: f64,
    /// How it is compared with the threshold.
    pub comparison: String,
    /// What a period without any event means.
    pub missing_data: String,
    /// Who is told when it matches: ARNs.
    pub actions: Vec<String>,
    /// Whether they are told.
    pub is_enabled: bool,
    /// Further choices someone made; trailbell makes none.
    pub extra: Option<String>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Alarm {
    /// The address of an alert's alarm. Its id fits into the name of its metric filter, the longer of the two.
    #[must_use]
    pub fn address_of(scope: &Scope, id: &str) -> Address {
        Address::new(scope.region(), Id::Alarm(scope.fit(id, Kind::MetricFilter.suffix())))
    }

    /// The address of the alarm of an alert's threshold.
    #[must_use]
    pub fn of_threshold(scope: &Scope, id: &str) -> Address {
        let id = scope.fit(id, &format!("{}-{COUNT}", Kind::MetricFilter.suffix()));
        Address::new(scope.region(), Id::Alarm(format!("{id}/{COUNT}")))
    }

    /// The name in AWS of an alarm with this id.
    #[must_use]
    pub fn name_of(scope: &Scope, id: &str) -> String {
        named(scope, id, Kind::Alarm)
    }

    /// The id of an alarm in a name of this stack.
    #[must_use]
    pub fn id_of(scope: &Scope, name: &str) -> Option<String> {
        id_of(scope, name, Kind::Alarm)
    }

    /// Whether a metric filter of the stack can count into its metric: AWS's own metrics are counted by AWS.
    #[must_use]
    pub fn is_counted_into(&self) -> bool {
        self.dimensions.is_empty() && !self.metric.namespace.starts_with("AWS/")
    }
}

/// The name of an alarm or a metric filter: what is behind the alert's id comes last.
pub(super) fn named(scope: &Scope, id: &str, kind: Kind) -> String {
    match id.split_once('/') {
        None => scope.name(id, kind.suffix()),
        Some((id, end)) => scope.name(id, &format!("{}-{end}", kind.suffix())),
    }
}

/// Whether an alarm is that of a threshold.
pub(super) fn is_of_threshold(address: &Address) -> bool {
    address.id.to_string().split_once('/').is_some_and(|(_, end)| end == COUNT)
}

/// The id in such a name.
pub(super) fn id_of(scope: &Scope, name: &str, kind: Kind) -> Option<String> {
    let (id, suffix) = scope.parse(name)?;
    match suffix.strip_prefix(kind.suffix())? {
        "" => Some(id.to_owned()),
        end => (end.strip_prefix('-') == Some(COUNT)).then(|| format!("{id}/{COUNT}")),
    }
}

impl Describe for Alarm {
    const ABOUT: About = About {
        name: "alarm",
        suffix: "alarm",
        title: "alarm",
        found: "by name, in the list of alarms with this prefix; its mark is in tags and description",
        quota: "one per alert with a metric, one per alert with a threshold, and with `self_watch` one per dead-letter \
            queue",
        calls: &[
            Calls::new(When::Plan, &["cloudwatch:DescribeAlarms"], ANY).needed(NeededBy::Always),
            Calls::new(When::Plan, &["cloudwatch:ListTagsForResource"], ON),
            Calls::new(
                When::Apply,
                &["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:DeleteAlarms"],
                ON,
            ),
            Calls::new(When::Adopt, &["cloudwatch:TagResource"], ON),
            Calls::new(When::Destroy, &["cloudwatch:DeleteAlarms"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        Self::id_of(scope, &self.name).is_some()
    }

    fn edges(&self, _scope: &Scope) -> Vec<Edge> {
        self.actions.iter().map(|arn| Edge::new(Relation::SendsTo, EdgeEnd::Outside(arn.clone()))).collect()
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    // One on other alarms, or on what it computes, is not of the form that trailbell makes.
    fn adopt(&mut self, scope: &Scope) -> Result<(), &'static str> {
        if self.metric.name.is_empty() {
            return Err("is not an alarm on one metric");
        }
        self.tags.extend(mark::tags(scope));
        Ok(())
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        let id = Self::id_of(scope, arn.strip_prefix(&scope.alarm_arn(""))?)?;
        Some(Address::new(scope.region(), Id::Alarm(id)))
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.alarm_arn(&self.name))
    }

    fn fields(&self) -> Vec<Field> {
        // Who is told first means nothing.
        let mut actions = self.actions.clone();
        actions.sort_unstable();
        vec![
            Field::plain("description", self.description.as_str()),
            Field::plain("metric_namespace", self.metric.namespace.as_str()),
            Field::plain("metric_name", self.metric.name.as_str()),
            Field::plain("dimensions", if self.dimensions.is_empty() { Value::Null } else { json!(self.dimensions) }),
            Field::plain("statistic", self.statistic.as_str()),
            Field::plain("period", self.period_seconds),
            Field::plain("evaluation_periods", self.evaluation_periods),
            Field::plain("threshold", json!(self.threshold)),
            Field::plain("comparison_operator", self.comparison.as_str()),
            Field::plain("treat_missing_data", self.missing_data.as_str()),
            Field::plain("alarm_actions", actions),
            Field::plain("actions_enabled", self.is_enabled),
            Field::plain("further_settings", self.extra.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
