//! An alert with a threshold: a metric filter counts, an alarm judges the sum, and the alarm's rule sends the one message.
//!
//! The metric is the alert's own, also where its blueprint has one: others may count into that. What the stack suppresses is
//! not counted. Neighbors: `alarm` (the alarm and its rule), `message::alarm` (the message).

use std::collections::BTreeMap;

use serde_json::Value;

use super::alarm::{self, AlarmSpec, alarm};
use super::alerts;
use crate::alert::{Addressee, Alert, Threshold, WrittenBy};
use crate::blueprint::Blueprint;
use crate::message::{self, alarm::AlarmMessage};
use crate::name::{DestinationId, Scope};
use crate::resource::{Alarm, LogGroup, Metric, MetricFilter, Resource, Series};

/// Where the metrics of all stacks are; the stack and the alert tell them apart.
const NAMESPACE: &str = "trailbell";

/// Where an alert's events or lines are counted, and which of them.
pub(super) struct CountedAlert<'a> {
    pub(super) log_group: &'a str,
    pub(super) pattern: &'a str,
}

/// The alarm of an alert's threshold.
#[must_use]
pub fn alarm_of(alert: &Alert, threshold: Threshold, scope: &Scope) -> Alarm {
    let address = Alarm::of_threshold(scope, &alert.id);
    let metric = Metric { namespace: format!("{NAMESPACE}/{}", scope.stack()), name: alert.id.clone() };
    let words = format!("{}: {}", alert.blueprint.title, threshold.words());
    let spec = AlarmSpec {
        period_seconds: threshold.seconds(),
        threshold: f64::from(threshold.count),
        ..AlarmSpec::counting(address, &words, metric)
    };
    alarm(scope, spec)
}

/// The message about an alarm, as a blueprint.
#[must_use]
pub fn message_of(alert: &Alert, threshold: Threshold, scope: &Scope) -> Blueprint {
    let alarm = alarm_of(alert, threshold, scope);
    let collecting = || LogGroup::collecting(scope, &alert.id).name;
    let log_group = alert.lines().map_or_else(collecting, |lines| lines.log_group.clone());
    let message = AlarmMessage {
        about: &alert.blueprint,
        counted: threshold.words(),
        links: message::alarm::of_log_group(scope, &log_group).into_iter().collect(),
        facts: vec![("Log group", log_group)],
    };
    message.blueprint(scope, &alarm.name, alarm::pattern(scope, &alarm))
}

/// Where CloudWatch counts what a staged alert matches, and the log group that it is in.
#[must_use]
pub fn series_of(alert: &Alert, scope: &Scope) -> (Series, String) {
    if let Some(lines) = alert.lines() {
        let metric = alarm_of(alert, Threshold::ANY, scope).metric;
        return (Series { metric, dimensions: BTreeMap::new() }, lines.log_group.clone());
    }
    let group = LogGroup::collecting(scope, &alert.id);
    (Series::incoming(&group.name), group.name)
}

/// The event that sends the message of an alert's threshold; nothing where it has none.
#[must_use]
pub fn sample(alert: &Alert, scope: &Scope) -> Option<Value> {
    Some(alarm::event(scope, &alarm_of(alert, alert.threshold?, scope)))
}

/// What counts, and what sends the message, which nothing does while the alert is staged: then the alarm's history shows when
/// there would have been one.
pub(super) fn threshold(
    alert: &Alert,
    threshold: Threshold,
    counted: &CountedAlert<'_>,
    main: &DestinationId,
    scope: &Scope,
) -> Vec<Resource> {
    let alarm = alarm_of(alert, threshold, scope);
    let filter = MetricFilter::new(scope, &alarm.address, counted.log_group, counted.pattern, alarm.metric.clone());
    if alert.is_staged {
        return vec![Resource::Alarm(alarm), Resource::MetricFilter(filter)];
    }
    let blueprint = message_of(alert, threshold, scope);
    let rule = alarm::rule(scope, &alert.id, &blueprint.title, &alarm);
    let target = |to: &Addressee| {
        let transformer = message::compile(&blueprint, &message::no_values(), &to.posting);
        alerts::told(&rule, &WrittenBy::Transformer(transformer), to, main, scope)
    };
    let targets: Vec<Resource> = alert.to.iter().flat_map(target).collect();
    let mut all = vec![Resource::Alarm(alarm), Resource::MetricFilter(filter), Resource::Rule(rule)];
    all.extend(targets);
    all
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::alert::Installation;
    use crate::compile::compile;
    use crate::document::Document;
    use crate::graph::Graph;
    use crate::message::Posting;
    use crate::trace::{self, End, Input, Recipient, Step};

    fn installation(alert: &str) -> Installation {
        let text = format!(
            "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - blueprint: cloudtrail-access-denied-logs\n    id: denied\n{alert}"
        );
        let document = Document::parse("t.yaml", &text).expect("YAML");
        crate::check::stack(document, PathBuf::new()).unwrap_or_else(|found| panic!("{found:?}"))
    }

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    const COUNTED: &str = "    with: { log_group: trail }\n    threshold: { count: 5, within: 10m }\n";

    #[test]
    fn a_threshold_needs_no_notifier_and_no_place_of_a_subscription_filter() {
        let of = |alert: &str| {
            let desired = compile(&installation(alert), &scope(), None);
            let own = desired
                .values()
                .filter(|one| one.address().id.base() == "denied" || one.address().id.base() == "notifier");
            own.map(|one| (one.address().short(), one.name().to_owned())).collect::<Vec<_>>()
        };
        let text = |(address, name): (&str, &str)| (address.to_owned(), name.to_owned());
        let counted = [
            ("rule.denied:alarm", "trailbell-sec_denied_rule-alarm"),
            ("target.denied:alarm", "trailbell-sec_denied_rule-alarm"),
            ("alarm.denied/count", "trailbell-sec_denied_alarm-count"),
            ("metric_filter.denied/count@trail", "trailbell-sec_denied_metric-filter-count"),
        ];
        assert_eq!(of(COUNTED), counted.map(text));
        // What a benchmark asks for stays as it is.
        let both = of(&COUNTED.replace("trail }", "trail, metric_alarm: true }"));
        for address in ["alarm.denied", "alarm.denied/count", "metric_filter.denied@trail"] {
            assert!(both.iter().any(|(one, _)| one == address), "{both:?}");
        }
    }

    #[test]
    fn lines_are_counted_and_the_alarm_sends_the_message() {
        let installation = installation(COUNTED);
        let desired = compile(
            &installation,
            &scope(),
            Some(&crate::secret::Secret::new("https://hooks.slack.com/services/T/B/x")),
        );
        let graph = Graph::compiled(&scope(), &desired);
        let line =
            r#"{"eventSource":"s3.amazonaws.com","eventName":"GetObject","errorCode":"AccessDenied"}"#.to_owned();
        let lines = [line];
        let ways = trace::follow(&graph, Input::Lines { log_group: "trail", lines: &lines }, trace::answer);
        let [way] = &ways[..] else { panic!("{ways:?}") };
        assert!(matches!(way.end(), End::NotKnown { at: Step::Counted, .. }), "{way:?}");
        assert_eq!(way.destination, Some(Recipient::Alarm("trailbell-sec_denied_alarm-count".to_owned())));

        let event = sample(&installation.alerts[0], &scope()).expect("it has a threshold");
        let sent = |event: &Value| {
            let ways = trace::follow(&graph, Input::Event(event), trace::answer);
            ways.iter().flat_map(trace::Way::bodies).map(str::to_owned).collect::<Vec<_>>()
        };
        let [body] = &sent(&event)[..] else { panic!("one message") };
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["text"], "Calls were refused: 5 or more within 10 minutes in account 123456789012, us-east-1");
        for part in [
            "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/trailbell-sec_denied_alarm-count",
            "#logsV2:log-groups/log-group/trail",
        ] {
            assert!(body.to_string().contains(part), "{part}: {body}");
        }
        // Another state, another alarm, or someone else's word for it sends nothing.
        for (pointer, value) in [
            ("/detail/state/value", json!("OK")),
            ("/resources/0", json!("arn:aws:cloudwatch:us-east-1:123456789012:alarm:theirs")),
            ("/source", json!("my.app")),
            ("/detail-type", json!("CloudWatch Alarm Configuration Change")),
        ] {
            let mut other = event.clone();
            *other.pointer_mut(pointer).expect("a field") = value;
            assert!(sent(&other).is_empty(), "{other}");
        }
    }

    #[test]
    fn the_message_of_every_built_in_blueprint_is_safe() {
        let threshold = Threshold { count: u32::MAX, minutes: 1439 };
        let scope = Scope::new("aws", "123456789012", "ap-northeast-1", "a-stack-of-19-lettr").expect("it fits");
        for entry in crate::blueprint::catalog::entries() {
            let alert = Alert::alone(entry.load().expect("a built-in blueprint has no findings"));
            let message = message_of(&alert, threshold, &scope);
            let flaws = message::flaws(&message, &message::no_values(), &Posting::longest());
            assert!(flaws.is_empty(), "{}: {flaws:?}", entry.path);
            let transformer = message::compile(&message, &message::no_values(), &Posting::longest());
            assert!(transformer.template.len() <= message::transformer::MAX_TEMPLATE, "{}", entry.path);
        }
    }
}
