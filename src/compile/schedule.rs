//! Schedules, and the one role that all schedules of a stack act as.
//!
//! What a schedule calls, its maker says, with the statement that allows the call: `role` has the statements of all.

use serde_json::{Value, json};

use super::{DestinationNames, RETRY};
use crate::name::{DestinationId, Scope};
use crate::resource::mark::{description, tags};
use crate::resource::{
    Arn, ENABLED, Kind, Policy, Role, SCHEDULE_GROUP, SCHEDULING_SERVICE, Schedule, SchedulerNames, UTC,
};

/// What is particular to one schedule.
#[derive(Clone, Debug)]
pub struct ScheduleSpec<'a> {
    /// Its id, from which its name is derived.
    pub id: &'a str,
    /// What it is for, for people.
    pub words: &'a str,
    /// How often it calls, in minutes; at least one.
    pub every_minutes: u32,
    /// What it calls: a function, or a call of AWS's API.
    pub arn: Arn,
    /// What it sends.
    pub input: &'a Value,
    /// The destination to whose dead-letter queue it gives what it cannot deliver.
    pub queue: &'a DestinationId,
}

/// A schedule. What it cannot deliver goes into the dead-letter queue.
#[must_use]
pub fn schedule(scope: &Scope, spec: &ScheduleSpec<'_>) -> Schedule {
    let address = Schedule::address_of(scope, spec.id);
    Schedule {
        name: scope.name(address.id.base(), Kind::Schedule.suffix()),
        address,
        description: description(spec.words, scope, Kind::Schedule),
        expression: rate(spec.every_minutes),
        timezone: UTC.to_owned(),
        window_minutes: None,
        state: ENABLED.to_owned(),
        arn: spec.arn.clone(),
        role_arn: scope.role_arn(&SchedulerNames::new(scope).role.1),
        input: Some(spec.input.to_string()),
        retry: RETRY,
        dead_letter_arn: Some(scope.queue_arn(&DestinationNames::of(scope, spec.queue).queue.1)),
        kms_key: None,
        extra: None,
    }
}

/// `rate(1 minute)`, and in the plural for other numbers (EventBridge Scheduler user guide, "Rate-based schedules").
fn rate(minutes: u32) -> String {
    let (number, unit) = match minutes {
        _ if minutes.is_multiple_of(1_440) => (minutes / 1_440, "day"),
        _ if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    format!("rate({number} {unit}{})", if number == 1 { "" } else { "s" })
}

/// The role of schedules; `queue` is the destination to whose queue they give what they cannot deliver, `grants` are the statements
/// that allow what they call.
///
/// Only schedules of this account and region's default group can make EventBridge Scheduler assume it. The source is a group
/// and cannot be one schedule:
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html>. What a schedule cannot
/// deliver, EventBridge Scheduler sends as this role:
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html>.
#[must_use]
pub fn role(scope: &Scope, queue: &DestinationId, grants: Vec<Value>) -> Role {
    let (address, name) = SchedulerNames::new(scope).role;
    let (partition, region, account) = (scope.partition(), scope.region(), scope.account());
    let trust = json!({
        "Effect": "Allow", "Principal": { "Service": SCHEDULING_SERVICE }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": {
            "aws:SourceAccount": account,
            "aws:SourceArn": format!("arn:{partition}:scheduler:{region}:{account}:schedule-group/{SCHEDULE_GROUP}"),
        } },
    });
    let lost = json!({
        "Effect": "Allow", "Action": "sqs:SendMessage",
        "Resource": scope.queue_arn(&DestinationNames::of(scope, queue).queue.1),
    });
    let statements: Vec<Value> = std::iter::once(lost).chain(grants).collect();
    Role {
        address,
        name,
        path: scope.role_path(),
        boundary: None,
        description: description(
            &format!("What schedules of the trailbell stack {} call in {region}.", scope.stack()),
            scope,
            Kind::Role,
        ),
        trust: Policy::of(&trust),
        policy: Some(Policy::all(&statements)),
        tags: tags(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Describe as _;

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    #[test]
    fn rates_are_written_as_aws_reads_them() {
        for (minutes, expected) in [
            (1, "rate(1 minute)"),
            (5, "rate(5 minutes)"),
            (60, "rate(1 hour)"),
            (90, "rate(90 minutes)"),
            (120, "rate(2 hours)"),
            (1_440, "rate(1 day)"),
            (2_880, "rate(2 days)"),
        ] {
            assert_eq!(rate(minutes), expected);
        }
    }

    #[test]
    fn only_schedules_of_this_account_and_region_make_the_role_act_and_only_as_granted() {
        let call =
            json!({ "Effect": "Allow", "Action": "sqs:TagQueue", "Resource": "arn:aws:sqs:us-east-1:123456789012:q" });
        let role = role(&scope(), &DestinationId::slack(), vec![call]);
        let expected = [
            "Allow sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue",
            "Allow sqs:TagQueue on arn:aws:sqs:us-east-1:123456789012:q",
        ];
        assert_eq!(role.policy.as_ref().expect("a policy").sentences(), expected);
        let trust = role.trust.sentences().join("");
        assert!(trust.contains("scheduler.amazonaws.com") && trust.contains("schedule-group/default"), "{trust}");
        assert_eq!(role.policy_name(), "run-schedules");
        assert!(role.is_ours_by_name(&scope()));
    }

    #[test]
    fn a_schedule_calls_as_the_role_and_loses_nothing() {
        let input = json!({ "a": 1 });
        let arn = Arn::Known("arn:aws:scheduler:::aws-sdk:sqs:tagQueue".to_owned());
        let spec = ScheduleSpec {
            id: "heartbeat",
            words: "Beats.",
            every_minutes: 15,
            arn,
            input: &input,
            queue: &DestinationId::slack(),
        };
        let one = schedule(&scope(), &spec);
        assert_eq!(one.name, "trailbell-sec_heartbeat_schedule");
        assert_eq!((one.expression.as_str(), one.input.as_deref()), ("rate(15 minutes)", Some(r#"{"a":1}"#)));
        assert_eq!(
            one.role_arn,
            role(&scope(), &DestinationId::slack(), Vec::new()).arn(&scope(), "").expect("an ARN")
        );
        assert_eq!(one.description, "Beats. [tb1;s=sec;k=schedule]");
        assert!(one.dead_letter_arn.is_some_and(|arn| arn.ends_with("_dead-letter-queue")));
    }
}
