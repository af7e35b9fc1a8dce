//! SQS queue that keeps the events of an alert until its next digest.
//!
//! It differs from the dead-letter queue in what it is for: what is in it is not lost, and the digest function empties it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::{Edge, Relation};
use super::{About, Address, Describe, Field, Id, Kind, Policy};
use crate::name::Scope;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:sqs:REGION:ACCOUNT:trailbell-STACK_*"];

/// How long an event waits for its digest at most: four days, and a digest is made at least every day.
pub const DIGEST_RETENTION_SECONDS: u32 = 345_600;

/// An SQS queue of events, with its policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestQueue {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// How long an event stays, in seconds.
    pub retention_seconds: u32,
    /// The key of the stack file, or one that someone set.
    pub kms_key: Option<String>,
    /// Settings that trailbell does not make and that would lose or delay events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// Who may send to it; absent on a live queue that lost its policy.
    pub policy: Option<Policy>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl DigestQueue {
    /// The address of the queue of an alert. Its id fits into the name of its schedule, too, so that it leads there.
    #[must_use]
    pub fn address_of(scope: &Scope, alert: &str) -> Address {
        Address::new(scope.region(), Id::DigestQueue(scope.fit(alert, Kind::DigestQueue.suffix())))
    }
}

impl Describe for DigestQueue {
    const ABOUT: About = About {
        name: "digest_queue",
        suffix: "digest-queue",
        title: "SQS queue of a digest",
        found: "by name, in the list of the queues with this prefix, if the stack file has one or the role of schedules exists; its \
            mark is in tags",
        quota: "one per alert with a digest",
        calls: &[
            Calls::new(When::Plan, &["sqs:ListQueues"], ANY),
            Calls::new(When::Plan, &["sqs:GetQueueAttributes", "sqs:ListQueueTags"], ON),
            Calls::new(
                When::Apply,
                &["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:DeleteQueue"],
                ON,
            ),
            Calls::new(When::Adopt, &["sqs:TagQueue"], ON),
            Calls::new(When::Destroy, &["sqs:ListQueues"], ANY).needed(NeededBy::Always),
            Calls::new(When::Destroy, &["sqs:DeleteQueue"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    // The schedule is removed after it, so what is in it is counted for as long as it is there.
    fn edges(&self, _scope: &Scope) -> Vec<Edge> {
        let schedule = Address::new(&self.address.region, Id::Schedule(self.address.id.base().to_owned()));
        vec![Edge::to(Relation::EmptiedBy, schedule)]
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        let name = arn.strip_prefix(&scope.queue_arn(""))?;
        let (id, _) = scope.parse(name).filter(|(_, suffix)| *suffix == Self::ABOUT.suffix)?;
        Some(Address::new(scope.region(), Id::DigestQueue(id.to_owned())))
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.queue_arn(&self.name))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("message_retention_period", self.retention_seconds),
            Field::plain("kms_master_key_id", self.kms_key.as_deref()),
            Field::plain("further_settings", self.extra.as_deref()),
            Field::policy("policy", self.policy.as_ref()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
