//! A metric filter with its alarm: counts what a log group's pattern lets pass, and fires when anything was counted.

use super::alarm::{self, alarm};
use crate::name::Scope;
use crate::resource::{Alarm, Metric, MetricFilter, Resource};

/// What is particular to one alarm.
#[derive(Clone, Debug)]
pub struct CountingSpec<'a> {
    /// The alert's id; names are derived from it.
    pub id: &'a str,
    /// What it is for, for people.
    pub words: &'a str,
    /// The log group whose events are counted; not managed by trailbell.
    pub log_group: &'a str,
    /// Which events are counted: a filter pattern.
    pub pattern: &'a str,
    /// The metric's namespace.
    pub namespace: &'a str,
    /// The metric's name.
    pub name: &'a str,
    /// The SNS topic that is notified, if any; not managed by trailbell.
    pub topic: Option<&'a str>,
}

/// An alarm and the metric filter that it is made before.
#[must_use]
pub fn metric(scope: &Scope, spec: &CountingSpec<'_>) -> [Resource; 2] {
    let metric = Metric { namespace: spec.namespace.to_owned(), name: spec.name.to_owned() };
    let address = Alarm::address_of(scope, spec.id);
    let filter = MetricFilter::new(scope, &address, spec.log_group, spec.pattern, metric.clone());
    let counting = alarm::AlarmSpec { topic: spec.topic, ..alarm::AlarmSpec::counting(address, spec.words, metric) };
    [Resource::Alarm(alarm(scope, counting)), Resource::MetricFilter(filter)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::edge::Relation;
    use crate::resource::set;

    #[test]
    fn the_filter_counts_where_the_alarm_looks_and_comes_after_it() {
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let spec = CountingSpec {
            id: "denied",
            words: "Somebody is refused.",
            log_group: "/theirs/trail",
            pattern: "{ $.errorCode = \"AccessDenied*\" }",
            namespace: "CloudTrailMetrics",
            name: "AuthorizationFailureCount",
            topic: Some("arn:aws:sns:us-east-1:123456789012:theirs"),
        };
        let all = set(metric(&scope, &spec));
        let found: Vec<_> = all
            .values()
            .map(|one| (one.address().short(), one.name(), one.parts(&scope).collect::<Vec<_>>()))
            .collect();
        let [(first, alarm_name, nothing), (second, filter_name, needed)] = &found[..] else { panic!("{found:?}") };
        assert_eq!((first.as_str(), *alarm_name), ("alarm.denied", "trailbell-sec_denied_alarm"));
        let expected = ("metric_filter.denied@/theirs/trail", "trailbell-sec_denied_metric-filter");
        assert_eq!((second.as_str(), *filter_name), expected);
        assert!(nothing.is_empty() && *needed == [(Relation::CountsInto, Alarm::address_of(&scope, "denied"))]);
        let Some(Resource::Alarm(alarm)) = all.values().next() else { panic!("an alarm") };
        assert_eq!(alarm.description, "Somebody is refused. [tb1;s=sec;k=alarm]");
    }
}
