//! The heartbeat of a stack that watches itself: how it notices that it no longer receives events.
//!
//! A schedule makes a call that CloudTrail records and that changes nothing. A rule on the default event bus receives its event and
//! writes it to a log group, CloudWatch counts what comes in there, and an alarm reports when it is missing. This tries everything that
//! alerts depend on: a trail, the bus, a rule, a target. Neighbors: `watch` (the dead letters), `check::stack::watched` (the alert about the
//! alarm), `collected` (the resource policy that lets EventBridge write).

use serde_json::{Value, json};

use super::alarm::{AlarmSpec, alarm};
use super::collected;
use super::schedule::{ScheduleSpec, schedule};
use super::{DestinationNames, rule_of};
use crate::alert::Installation;
use crate::name::{DestinationId, Scope, WATCH};
use crate::resource::{
    Alarm, Arn, BREACHING, LESS_THAN, LogGroup, Resource, Rule, RuleId, Schedule, SchedulerNames, Series,
};
use crate::stack::SelfWatch;

/// How many calls in a row are missing before it is reported. One that is late is not.
const MISSING: u32 = 2;
/// The call, as a schedule names it: SQS records it as a management event
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html>).
const CALL: &str = "scheduler:::aws-sdk:sqs:tagQueue";
/// The tag that it sets, always to the same value. It is not the mark, so it makes nothing managed.
const TAG: (&str, &str) = ("trailbell:heartbeat", "on");

/// The id of the alert about the missing heartbeat, of its alarm, and of its schedule.
#[must_use]
pub fn id() -> String {
    format!("{WATCH}-heartbeat")
}

/// The id of the rule that receives the call, and of the log group that it is written into.
fn received_id() -> String {
    format!("{WATCH}-received")
}

/// What the heartbeat consists of; nothing of a stack that does not watch itself.
pub(super) fn heartbeat(installation: &Installation, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    let Some(watch) = &installation.self_watch else { return Vec::new() };
    let group = LogGroup::collecting(scope, &received_id());
    let rule = rule(main, scope);
    vec![
        Resource::Schedule(calling(watch, main, scope)),
        Resource::Target(collected::target(&rule, &group, main, scope)),
        Resource::Alarm(missing(watch, &group, scope)),
        Resource::LogPolicy(collected::policy(scope)),
        Resource::Rule(rule),
        Resource::LogGroup(group),
    ]
}

/// What lets the schedule make the call; nothing when there is none.
pub(super) fn grants(installation: &Installation, main: &DestinationId, scope: &Scope) -> Option<Value> {
    let queue = scope.queue_arn(&DestinationNames::of(scope, main).queue.1);
    installation.self_watch.as_ref()?;
    Some(json!({ "Effect": "Allow", "Action": "sqs:TagQueue", "Resource": queue }))
}

/// The schedule that makes the call.
fn calling(watch: &SelfWatch, main: &DestinationId, scope: &Scope) -> Schedule {
    let url = format!("{}{}", scope.queues_url(), DestinationNames::of(scope, main).queue.1);
    let spec = ScheduleSpec {
        id: &id(),
        words: "A call that changes nothing, to notice when calls are no longer received.",
        every_minutes: watch.heartbeat_minutes(),
        arn: Arn::Known(format!("arn:{}:{CALL}", scope.partition())),
        input: &json!({ "QueueUrl": url, "Tags": { TAG.0: TAG.1 } }),
        queue: main,
    };
    schedule(scope, &spec)
}

/// The rule that receives the call, made by the role of the stack's schedules and by no one else.
fn rule(main: &DestinationId, scope: &Scope) -> Rule {
    let queue = DestinationNames::of(scope, main).queue.1;
    let pattern = json!({
        "source": ["aws.sqs"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "account": [scope.account()],
        "detail": {
            "eventSource": ["sqs.amazonaws.com"],
            "eventName": ["TagQueue"],
            "requestParameters": { "queueUrl": [{ "suffix": format!("/{queue}") }] },
            "userIdentity": { "sessionContext": { "sessionIssuer": {
                "userName": [SchedulerNames::new(scope).role.1],
            } } },
            "errorCode": [{ "exists": false }],
        },
    });
    rule_of(RuleId::of_alert(scope, &received_id(), None), "Receives the heartbeat of the stack.", pattern, scope)
}

/// The alarm. CloudWatch has no value for a period in which no event came in, so a period without a value is one without a call.
fn missing(watch: &SelfWatch, group: &LogGroup, scope: &Scope) -> Alarm {
    let Series { metric, dimensions } = Series::incoming(&group.name);
    let spec = AlarmSpec {
        dimensions,
        period_seconds: watch.heartbeat_minutes() * 60,
        ..AlarmSpec::counting(Alarm::address_of(scope, &id()), "The heartbeat of the stack is missing.", metric)
    };
    Alarm {
        evaluation_periods: MISSING,
        comparison: LESS_THAN.to_owned(),
        missing_data: BREACHING.to_owned(),
        ..alarm(scope, spec)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::compile::compile;
    use crate::document::Document;
    use crate::graph::Graph;
    use crate::resource::{Kind, Policy, ResourceSet};
    use crate::trace::{self, Input, Recipient, Way};

    const GROUP: &str = "/aws/events/trailbell/sec/staged/watch-received";

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn compiled(more: &str) -> ResourceSet {
        let text = format!(
            "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\n{more}\n\
            alerts: [{{ blueprint: cloudtrail-stop-logging }}]\n"
        );
        let document = Document::parse("t.yaml", &text).expect("YAML");
        let installation = crate::check::stack(document, PathBuf::new()).unwrap_or_else(|found| panic!("{found:?}"));
        compile(&installation, &scope(), None)
    }

    fn one(all: &ResourceSet, kind: Kind, id: &str) -> Resource {
        let found = all.values().find(|one| one.address().kind() == kind && one.address().id.base() == id);
        found.unwrap_or_else(|| panic!("no {} {id}", kind.name())).clone()
    }

    /// The call that a schedule makes, as EventBridge delivers it.
    fn event(all: &ResourceSet) -> Value {
        let Resource::Schedule(schedule) = one(all, Kind::Schedule, "watch-heartbeat") else { panic!("a schedule") };
        let input: Value = serde_json::from_str(schedule.input.as_deref().expect("an input")).expect("JSON");
        let role = schedule.role_arn.rsplit('/').next().expect("a name");
        let record = json!({
            "eventVersion": "1.11", "eventTime": "2026-06-04T16:24:22Z", "eventType": "AwsApiCall", "awsRegion": "us-east-1",
            "eventSource": "sqs.amazonaws.com", "eventName": "TagQueue", "eventCategory": "Management",
            "readOnly": false, "managementEvent": true, "recipientAccountId": scope().account(),
            "requestParameters": { "queueUrl": input["QueueUrl"], "tags": input["Tags"] }, "responseElements": null,
            "userIdentity": {
                "type": "AssumedRole", "accountId": scope().account(),
                "sessionContext": { "sessionIssuer": { "type": "Role", "userName": role } },
            },
        });
        crate::record::event(record.as_object().expect("an object"))
    }

    fn ways(all: &ResourceSet, event: &Value) -> Vec<Way> {
        let graph = Graph::compiled(&scope(), all);
        trace::follow(&graph, Input::Event(event), trace::answer).into_iter().filter(Way::matches).collect()
    }

    #[test]
    fn the_call_of_the_schedule_is_received_and_its_absence_reported() {
        let all = compiled("self_watch: { heartbeat: 1h }");
        let found = ways(&all, &event(&all));
        let [way] = &found[..] else { panic!("the call reaches its log group and no alert: {found:?}") };
        assert_eq!(way.destination, Some(Recipient::LogGroup(GROUP.to_owned())));
        let Resource::Alarm(alarm) = one(&all, Kind::Alarm, "watch-heartbeat") else { panic!("an alarm") };
        assert_eq!(alarm.dimensions, [("LogGroupName".to_owned(), GROUP.to_owned())].into());
        assert_eq!((alarm.period_seconds, alarm.evaluation_periods), (3_600, 2));
        assert_eq!((alarm.comparison.as_str(), alarm.threshold), ("LessThanThreshold", 1.0));
        assert_eq!(alarm.missing_data, "breaching");
        let Resource::Schedule(schedule) = one(&all, Kind::Schedule, "watch-heartbeat") else { panic!("a schedule") };
        assert_eq!(schedule.expression, "rate(1 hour)");
        assert_eq!(schedule.arn, Arn::Known("arn:aws:scheduler:::aws-sdk:sqs:tagQueue".to_owned()));
        let Resource::Role(role) = one(&all, Kind::Role, "scheduler") else { panic!("a role") };
        let allowed = role.policy.as_ref().map(Policy::sentences).expect("a policy");
        let tag = "Allow sqs:TagQueue on arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue";
        assert!(allowed.iter().any(|one| one == tag), "{allowed:?}");
    }

    #[test]
    fn what_others_do_to_the_queue_is_no_heartbeat_and_is_reported() {
        let all = compiled("self_watch: {}");
        let name = "/detail/userIdentity/sessionContext/sessionIssuer/userName";
        let mut by_others = event(&all);
        *by_others.pointer_mut(name).expect("a name") = json!("NetworkAdmin");
        let found = ways(&all, &by_others);
        assert!(!found.is_empty() && found.iter().all(|way| way.destination == Some(Recipient::Slack)), "{found:?}");
        let mut refused = event(&all);
        refused["detail"]["errorCode"] = json!("AccessDenied");
        assert!(ways(&all, &refused).is_empty());
    }

    #[test]
    fn a_stack_that_does_not_watch_itself_has_none() {
        assert!(compiled("").keys().all(|address| !matches!(address.kind(), Kind::Schedule | Kind::LogPolicy)));
    }
}
