//! CloudWatch Logs metric filter: which log events of a log group are counted in a metric.
//!
//! It carries no mark, so its derived name is what makes it ours. It cannot be listed by name either: its alarm, which
//! exists whenever it does, names its metric, and by the metric it is found again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{Calls, NeededBy, When};
use super::edge::{Edge, Relation};
use super::{About, Address, Describe, Field, FilterId, Id, Kind, LogGroup, Room, Within, alarm, limit};
use crate::name::Scope;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:logs:REGION:ACCOUNT:log-group:LOG_GROUP"];
/// A metric filter is also looked for by its metric, on whichever log group it is.
const EVERYWHERE: &[&str] = &["arn:aws:logs:REGION:ACCOUNT:log-group:*"];

/// How many metric filters a log group may have.
/// Source: CloudWatch Logs user guide, "CloudWatch Logs quotas".
pub const MAX_METRIC_FILTERS: usize = limit::METRIC_FILTERS.most;

/// What each counted event adds.
const ONE: &str = "1";

/// A metric: a namespace and a name in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Such as `CloudTrailMetrics`.
    pub namespace: String,
    /// Such as `AuthorizationFailureCount`.
    pub name: String,
}

/// One series of values of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The metric.
    pub metric: Metric,
    /// Its dimensions.
    pub dimensions: BTreeMap<String, String>,
}

impl Series {
    /// What CloudWatch Logs itself counts of a log group: the log events that come in (CloudWatch Logs user guide, "Monitoring with
    /// CloudWatch metrics").
    #[must_use]
    pub fn incoming(log_group: &str) -> Self {
        Self::of("AWS/Logs", "IncomingLogEvents", ("LogGroupName", log_group))
    }

    /// What EventBridge counts of a rule on the default event bus, where the name of the rule is the only dimension.
    #[must_use]
    pub fn of_rule(metric: &str, rule: &str) -> Self {
        Self::of("AWS/Events", metric, ("RuleName", rule))
    }

    fn of(namespace: &str, name: &str, dimension: (&str, &str)) -> Self {
        let metric = Metric { namespace: namespace.to_owned(), name: name.to_owned() };
        Self { metric, dimensions: BTreeMap::from([(dimension.0.to_owned(), dimension.1.to_owned())]) }
    }
}

/// A CloudWatch Logs metric filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricFilter {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS, unique in its log group.
    pub name: String,
    /// The log group it is on; not ours.
    pub log_group: String,
    /// Which events are counted; empty for all.
    pub pattern: String,
    /// Where they are counted.
    pub metric: Metric,
    /// What each of them adds.
    pub value: String,
    /// What is written when no event comes; trailbell writes nothing.
    pub default_value: Option<f64>,
    /// Whether it looks at transformed events; trailbell's does not.
    pub on_transformed: bool,
    /// Further choices someone made; trailbell makes none.
    pub extra: Option<String>,
}

impl MetricFilter {
    /// The filter on a log group that counts for an alarm, under the same id as the alarm, by which it is found.
    #[must_use]
    pub fn new(scope: &Scope, alarm: &Address, log_group: &str, pattern: &str, metric: Metric) -> Self {
        let id = alarm.id.to_string();
        Self {
            address: Self::address_of(scope, &id, log_group),
            name: alarm::named(scope, &id, Kind::MetricFilter),
            log_group: log_group.to_owned(),
            pattern: pattern.to_owned(),
            metric,
            value: ONE.to_owned(),
            default_value: None,
            on_transformed: false,
            extra: None,
        }
    }

    /// The address of a filter on a log group.
    #[must_use]
    pub fn address_of(scope: &Scope, id: &str, log_group: &str) -> Address {
        let id = FilterId { alert: id.to_owned(), log_group: log_group.to_owned() };
        Address::new(scope.region(), Id::MetricFilter(id))
    }

    /// The id of a filter in a name of this stack.
    #[must_use]
    pub fn id_of(scope: &Scope, name: &str) -> Option<String> {
        alarm::id_of(scope, name, Kind::MetricFilter)
    }

    /// Whether the alarm at that address is the one it is found by.
    #[must_use]
    pub fn is_of(&self, alarm: &Address) -> bool {
        *alarm == self.alarm()
    }

    /// Whether it counts for the threshold of an alert.
    #[must_use]
    pub fn is_of_threshold(&self) -> bool {
        alarm::is_of_threshold(&self.alarm())
    }

    /// The address of the alarm it is found by.
    #[must_use]
    pub fn alarm(&self) -> Address {
        let id = match &self.address.id {
            Id::MetricFilter(id) => id.alert.clone(),
            // A metric filter has no other id.
            other => other.base().to_owned(),
        };
        Address::new(&self.address.region, Id::Alarm(id))
    }
}

impl Describe for MetricFilter {
    const ABOUT: About = About {
        name: "metric_filter",
        suffix: "metric-filter",
        title: "metric filter",
        found: "by the metric that an alarm of the stack watches, and on the log groups of the stack file; an alarm without its filter makes trailbell list all; its name is its mark",
        quota: "100 per log group",
        calls: &[
            Calls::new(When::Plan, &["logs:DescribeMetricFilters"], EVERYWHERE),
            Calls::new(When::Apply, &["logs:PutMetricFilter", "logs:DeleteMetricFilter"], ON),
            Calls::new(When::Destroy, &["logs:DescribeMetricFilters"], EVERYWHERE).needed(NeededBy::Always),
            Calls::new(When::Destroy, &["logs:DeleteMetricFilter"], ON),
        ],
        note: "Only `logs:DescribeMetricFilters` needs every log group, because metric filters are also looked for by their metric.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn unique_name(&self) -> String {
        format!("{}/{}", self.log_group, self.name)
    }

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        Self::id_of(scope, &self.name).is_some()
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        vec![
            Edge::new(Relation::ReadsFrom, LogGroup::end(scope, &self.log_group)),
            // It watches the filter's metric, and by it the filter is found.
            Edge::to(Relation::CountsInto, self.alarm()),
        ]
    }

    // The name is its mark, and things of other names are not seen.
    fn is_marked(&self, _scope: &Scope) -> bool {
        true
    }

    fn room(&self) -> Option<Room<'_>> {
        let within = Within::LogGroup(&self.log_group);
        Some(Room { kind: Kind::MetricFilter, within, most: MAX_METRIC_FILTERS })
    }

    fn leads_to(&self) -> String {
        format!("{}/{}", self.metric.namespace, self.metric.name)
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("log_group", self.log_group.as_str()).fixed(),
            Field::plain("filter_pattern", self.pattern.as_str()),
            Field::plain("metric_namespace", self.metric.namespace.as_str()),
            Field::plain("metric_name", self.metric.name.as_str()),
            Field::plain("metric_value", self.value.as_str()),
            Field::plain("default_value", self.default_value.map_or(Value::Null, |value| json!(value))),
            Field::plain("apply_on_transformed_logs", json!(self.on_transformed)),
            Field::plain("dimensions_and_units", self.extra.as_deref().map_or(Value::Null, Value::from)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Alarm;

    #[test]
    fn a_filter_and_its_alarm_have_the_same_id_however_long_it_is() {
        let text = str::to_owned;
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        for id in ["denied", "a-very-long-alert-id-that-does-not-fit-into-a-name-of-64-characters"] {
            let metric = Metric { namespace: text("CloudTrailMetrics"), name: text("Denied") };
            let both = [Alarm::address_of(&scope, id), Alarm::of_threshold(&scope, id)];
            for (alarm, other) in [(&both[0], &both[1]), (&both[1], &both[0])] {
                let filter = MetricFilter::new(&scope, alarm, "/aws/a.b", "", metric.clone());
                assert!(filter.is_of(alarm) && !filter.is_of(other), "{filter:?}");
                assert!(filter.name.len() <= 64, "{}", filter.name);
                assert_eq!(filter.address.to_string().parse(), Ok(filter.address.clone()));
                let known = MetricFilter::id_of(&scope, &filter.name).expect("a name of this stack");
                assert_eq!(MetricFilter::address_of(&scope, &known, "/aws/a.b"), filter.address);
                let name = Alarm::name_of(&scope, &alarm.id.to_string());
                assert_eq!(Alarm::address_of_arn(&scope, &scope.alarm_arn(&name)).as_ref(), Some(alarm));
            }
        }
        let name = Alarm::name_of(&scope, &Alarm::of_threshold(&scope, "denied").id.to_string());
        assert_eq!(name, "trailbell-sec_denied_alarm-count");
        for name in ["theirs", "trailbell-sec_a_filter", "trailbell-other_a_metric-filter"] {
            assert_eq!(MetricFilter::id_of(&scope, name), None, "{name}");
        }
    }
}
