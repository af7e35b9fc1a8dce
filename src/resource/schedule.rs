//! EventBridge Scheduler schedule: makes one call at regular times, as a role of the stack's own.
//!
//! Schedules have no tags, so the mark is in the description. All of them are in the group that every account has, and act as
//! one role, `SchedulerNames::role`: a schedule that does is the stack's even without a mark.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::Relation::{ActsAs, FallsTo, SendsTo};
use super::edge::{self, Edge, EdgeEnd};
use super::role::ROLES;
use super::{
    About, Account, Address, Arn, Describe, DigestQueue, Field, Function, Id, Kind, Queue, RetryPolicy, Role, mark,
};
use crate::name::{SCHEDULER, Scope};

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:scheduler:REGION:ACCOUNT:schedule/default/trailbell-STACK_*"];

/// The service that assumes the role of a schedule.
pub const SCHEDULING_SERVICE: &str = "scheduler.amazonaws.com";
/// The group of schedules that every account has in every region.
pub const SCHEDULE_GROUP: &str = "default";
/// The time zone of a schedule, which matters to `cron` alone.
pub const UTC: &str = "UTC";

/// An EventBridge Scheduler schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Words and marker.
    pub description: String,
    /// When it calls: `rate(5 minutes)`.
    pub expression: String,
    /// The time zone of the expression.
    pub timezone: String,
    /// Within how many minutes of its time it calls; absent when at its time.
    pub window_minutes: Option<u32>,
    /// `ENABLED`, or it does not call.
    pub state: String,
    /// What is called: a function, or a call of AWS's API (`arn:aws:scheduler:::aws-sdk:sqs:tagQueue`).
    pub arn: Arn,
    /// The role that EventBridge Scheduler assumes for it.
    pub role_arn: String,
    /// What is sent, as text.
    pub input: Option<String>,
    /// How long a call is tried.
    pub retry: RetryPolicy,
    /// Where a call goes that failed for good.
    pub dead_letter_arn: Option<String>,
    /// A customer's key that someone set; trailbell sets none, because what is sent holds no secret.
    pub kms_key: Option<String>,
    /// Choices that trailbell does not make: a beginning, an end, parameters of other kinds of targets.
    pub extra: Option<String>,
}

/// The address and the name of the role that all schedules of a stack act as.
#[derive(Clone, Debug)]
pub struct SchedulerNames {
    /// The role.
    pub role: (Address, String),
}

impl SchedulerNames {
    /// The names in a scope.
    #[must_use]
    pub fn new(scope: &Scope) -> Self {
        let name = scope.name(&scope.regional(SCHEDULER), Kind::Role.suffix());
        Self { role: (Address::new(scope.region(), Id::Role(SCHEDULER.to_owned())), name) }
    }
}

impl Schedule {
    /// The address of the schedule with this id, which is shortened where its name would be too long.
    #[must_use]
    pub fn address_of(scope: &Scope, id: &str) -> Address {
        Address::new(scope.region(), Id::Schedule(scope.fit(id, Kind::Schedule.suffix())))
    }

    fn acts_as_ours(&self, scope: &Scope) -> bool {
        Role::end(scope, &self.role_arn) == EdgeEnd::Part(SchedulerNames::new(scope).role.0)
    }
}

impl Describe for Schedule {
    const ABOUT: About = About {
        name: "schedule",
        suffix: "schedule",
        title: "schedule",
        found: "by name, in the list of the schedules with this prefix, if the stack file has one or the role of schedules \
            exists; its mark is in the description",
        quota: "one per alert with a digest",
        calls: &[
            Calls::new(When::Plan, &["scheduler:ListSchedules"], ANY),
            Calls::new(When::Plan, &["scheduler:GetSchedule"], ON),
            Calls::new(
                When::Apply,
                &["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"],
                ON,
            ),
            Calls::new(When::Apply, &["iam:PassRole"], ROLES).only("iam:PassedToService", &[SCHEDULING_SERVICE]),
            Calls::new(When::Adopt, &["scheduler:UpdateSchedule"], ON),
            Calls::new(When::Adopt, &["iam:PassRole"], ROLES).only("iam:PassedToService", &[SCHEDULING_SERVICE]),
            // What led to one may be gone.
            Calls::new(When::Destroy, &["scheduler:ListSchedules"], ANY).needed(NeededBy::Always),
            Calls::new(When::Destroy, &["scheduler:DeleteSchedule"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        let called = EdgeEnd::of(&self.arn, |arn| {
            Function::address_of_arn(scope, arn).or_else(|| DigestQueue::address_of_arn(scope, arn))
        });
        let queue = self.dead_letter_arn.as_ref().map(|arn| EdgeEnd::known(Queue::address_of_arn(scope, arn), arn));
        let all = [(SendsTo, Some(called)), (ActsAs, Some(Role::end(scope, &self.role_arn))), (FallsTo, queue)];
        all.into_iter().filter_map(|(relation, end)| Some(Edge::new(relation, end?))).collect()
    }

    fn is_marked(&self, scope: &Scope) -> bool {
        mark::is_marked(&self.description, scope) || self.acts_as_ours(scope)
    }

    fn vouches(&self) -> bool {
        true
    }

    fn brings(&self, relation: edge::Relation) -> bool {
        relation == ActsAs
    }

    fn special_rejection(&self, _scope: &Scope, account: &Account<'_>) -> Option<String> {
        (!account.has(&self.role_arn)).then(|| {
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.".to_owned()
        })
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        let name = arn.strip_prefix(&scope.schedule_arn(""))?;
        let (id, _) = scope.parse(name).filter(|(_, suffix)| *suffix == Self::ABOUT.suffix)?;
        Some(Address::new(scope.region(), Id::Schedule(id.to_owned())))
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.schedule_arn(&self.name))
    }

    fn arns_mut(&mut self) -> Vec<&mut Arn> {
        vec![&mut self.arn]
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("description", self.description.as_str()),
            Field::plain("schedule_expression", self.expression.as_str()),
            Field::plain("schedule_expression_timezone", self.timezone.as_str()),
            Field::plain("flexible_time_window", self.window_minutes),
            Field::plain("state", self.state.as_str()),
            Field::arn("target_arn", &self.arn),
            Field::plain("role_arn", self.role_arn.as_str()),
            Field::plain("input", self.input.as_deref()),
            Field::plain("retry_maximum_event_age", self.retry.maximum_event_age_seconds),
            Field::plain("retry_maximum_attempts", self.retry.maximum_attempts),
            Field::plain("dead_letter_arn", self.dead_letter_arn.as_deref()),
            Field::plain("kms_key_arn", self.kms_key.as_deref()),
            Field::plain("further_settings", self.extra.as_deref()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resource::{ENABLED, mark::description};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn schedule(role_arn: &str, words: &str) -> Schedule {
        Schedule {
            address: Schedule::address_of(&scope(), "a"),
            name: "trailbell-sec_a_schedule".to_owned(),
            description: words.to_owned(),
            expression: "rate(5 minutes)".to_owned(),
            timezone: UTC.to_owned(),
            window_minutes: None,
            state: ENABLED.to_owned(),
            arn: Arn::Known(scope().function_arn("trailbell-sec_digest_function")),
            role_arn: role_arn.to_owned(),
            input: None,
            retry: RetryPolicy::AWS_DEFAULT,
            dead_letter_arn: Some(scope().queue_arn("trailbell-sec_slack_dead-letter-queue")),
            kms_key: None,
            extra: None,
        }
    }

    #[test]
    fn a_schedule_is_ours_by_its_mark_or_by_the_role_it_acts_as() {
        let scope = scope();
        let ours = scope.role_arn(&SchedulerNames::new(&scope).role.1);
        assert_eq!(ours, "arn:aws:iam::123456789012:role/trailbell/sec/trailbell-sec_scheduler-us-east-1_role");
        let theirs = "arn:aws:iam::123456789012:role/theirs";
        let marked = description("x", &scope, Kind::Schedule);
        let elsewhere = scope.role_arn_at("/a/", &SchedulerNames::new(&scope).role.1);
        for (role, words, is_ours) in [
            (ours.as_str(), "edited", true),
            (elsewhere.as_str(), "edited", true),
            (theirs, marked.as_str(), true),
            (theirs, "edited", false),
        ] {
            assert_eq!(schedule(role, words).is_marked(&scope), is_ours, "{role} {words}");
        }
    }

    #[test]
    fn its_edges_lead_to_what_it_calls_acts_as_and_falls_to() {
        let scope = scope();
        let ours = scope.role_arn(&SchedulerNames::new(&scope).role.1);
        let edges = |one: &Schedule| -> Vec<String> {
            let end = |end: EdgeEnd| match end {
                EdgeEnd::Part(address) => address.short(),
                EdgeEnd::Outside(text) => text,
                EdgeEnd::Unknown => "unknown".to_owned(),
            };
            one.edges(&scope).into_iter().map(|edge| format!("{:?} {}", edge.relation, end(edge.end))).collect()
        };
        let mut one = schedule(&ours, "x");
        assert_eq!(edges(&one), ["SendsTo function.digest", "ActsAs role.scheduler", "FallsTo queue.slack"]);
        one.arn = Arn::Known("arn:aws:scheduler:::aws-sdk:sqs:tagQueue".to_owned());
        assert_eq!(edges(&one)[0], "SendsTo arn:aws:scheduler:::aws-sdk:sqs:tagQueue");
    }

    proptest! {
        #[test]
        fn names_fit_and_come_apart_again(stack in "[a-z0-9-]{1,20}", id in "[a-z0-9-]{1,64}") {
            let scope = Scope::offline(None, "ap-northeast-1", &stack).expect("a good scope");
            let address = Schedule::address_of(&scope, &id);
            let name = scope.name(address.id.base(), Kind::Schedule.suffix());
            prop_assert!(name.len() <= 64, "{name}");
            prop_assert_eq!(Schedule::address_of_arn(&scope, &scope.schedule_arn(&name)), Some(address));
            let names = SchedulerNames::new(&scope);
            prop_assert_eq!(scope.role_of(&names.role.1), Some(SCHEDULER));
        }
    }
}
