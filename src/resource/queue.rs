//! SQS queue for what could not be delivered: nothing is lost without a trace.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{Calls, KEY, NeededBy, When};
use super::edge::{Edge, Relation};
use super::{About, Address, Describe, Field, Id, Policy};
use crate::name::{SLACK, Scope, is_destination};

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:sqs:REGION:ACCOUNT:trailbell-STACK_*"];

/// How long an undelivered alert stays: the longest SQS allows, 14 days.
pub const RETENTION_SECONDS: u32 = 1_209_600;

/// What whoever puts a message into an encrypted queue must be allowed on its key (SQS developer guide, "Key management").
pub const KEY_ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// The longest dead letter: an event, which EventBridge limits to 256 KiB (EventBridge API reference, `PutEvents`). No queue
/// could have a higher limit until August 2025; since then 1 MiB is allowed and the default (docs of aws-sdk-sqs 1.119.0,
/// `SetQueueAttributes`). A queue that takes this much takes every letter.
pub const LONGEST_LETTER_BYTES: u32 = 262_144;

/// An SQS queue with its policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// How long a message stays, in seconds.
    pub retention_seconds: u32,
    /// A customer's key: that of the stack file, or one with which EventBridge may not be able to write.
    pub kms_key: Option<String>,
    /// A limit on the size of a message that rejects the longest letters; absent when every letter fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_message_bytes: Option<u32>,
    /// Another queue, to which SQS moves a letter that was received too often; trailbell sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redrive_policy: Option<Value>,
    /// Who may send to it; absent on a live queue that lost its policy.
    pub policy: Option<Policy>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Describe for Queue {
    const ABOUT: About = About {
        name: "queue",
        suffix: "dead-letter-queue",
        title: "SQS queue",
        found: "by name, where a connection, an API destination, a role, or a target leads to one; its mark is in tags",
        quota: "one per destination",
        calls: &[
            Calls::new(When::Plan, &["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:ListQueueTags"], ON),
            Calls::new(When::Plan, &["kms:DescribeKey", "kms:GetKeyPolicy"], KEY).needed(NeededBy::Key),
            Calls::new(When::Verify, &["kms:Decrypt"], KEY).needed(NeededBy::Key),
            Calls::new(When::Verify, &["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"], ON),
            Calls::new(When::Doctor, &["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"], ON),
            Calls::new(When::Redrive, &["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"], ON),
            Calls::new(When::Apply, &["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:TagQueue"], ON),
            Calls::new(When::Adopt, &["sqs:TagQueue"], ON),
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

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        scope.parse(&self.name).is_some_and(|(id, suffix)| suffix == Self::ABOUT.suffix && is_destination(id))
    }

    // That of a destination without a name is looked for in any case.
    fn edges(&self, _scope: &Scope) -> Vec<Edge> {
        let id = self.address.id.base();
        let connection = Address::new(&self.address.region, Id::Connection(id.to_owned()));
        (id != SLACK).then(|| Edge::to(Relation::FoundBy, connection)).into_iter().collect()
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        let name = arn.strip_prefix(&scope.queue_arn(""))?;
        let (id, _) = scope.parse(name).filter(|(_, suffix)| *suffix == Self::ABOUT.suffix)?;
        Some(Address::new(scope.region(), Id::Queue(id.to_owned())))
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.queue_arn(&self.name))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("message_retention_period", self.retention_seconds),
            Field::plain("kms_master_key_id", self.kms_key.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("maximum_message_size", self.max_message_bytes),
            Field::plain("redrive_policy", self.redrive_policy.clone().unwrap_or_default()),
            Field::policy("policy", self.policy.as_ref()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
