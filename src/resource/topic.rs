//! SNS topic of the stack: a destination that is not Slack. Who receives its messages, its subscriptions say.
//!
//! Its policy lets EventBridge publish, without a condition: "You can't use of Condition blocks in Amazon SNS topic policies for
//! EventBridge" (EventBridge user guide, "Amazon SNS permissions",
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions>). A statement with one
//! allows nothing, and every message becomes a dead letter. For the same reason a target has no role for a topic.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, KEY, NeededBy, TOPIC, When};
use super::edge::{Edge, Relation};
use super::{About, Address, Describe, Field, Id, Kind, OnRemoval, Policy, edge};
use crate::name::Scope;

/// What its calls are made on.
pub(super) const TOPICS: &[&str] = &["arn:aws:sns:REGION:ACCOUNT:trailbell-STACK_*"];

/// An SNS topic with its policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// The name of the sender in emails.
    pub display_name: String,
    /// A customer's key: that of the stack file, or one with which EventBridge may not be able to publish.
    pub kms_key: Option<String>,
    /// Who may publish; absent on a live topic that lost its policy.
    pub policy: Option<Policy>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Topic {
    /// The address of a topic in a region.
    #[must_use]
    pub fn address_in(region: &str, id: &str) -> Address {
        Address::new(region, Id::Topic(id.to_owned()))
    }

    /// The address of the topic of this name, if it is one of the stack.
    #[must_use]
    pub fn address_of_name(scope: &Scope, name: &str) -> Option<Address> {
        let (id, _) = scope.parse(name).filter(|(_, suffix)| *suffix == Kind::Topic.suffix())?;
        Some(Self::address_in(scope.region(), id))
    }
}

impl Describe for Topic {
    const ABOUT: About = About {
        name: "topic",
        suffix: "topic",
        title: "SNS topic",
        found: "by way of the targets that send to it, its dead-letter queue, and the stack file; by destroy also in the list of all \
            topics, if it is allowed to list them; its mark is in tags",
        quota: "one per entry of `sns` without `topic`; 100,000 per account and region",
        calls: &[
            Calls::new(When::Plan, &["sns:GetTopicAttributes", "sns:ListTagsForResource"], TOPICS),
            Calls::new(When::Plan, &["kms:DescribeKey", "kms:GetKeyPolicy"], KEY).needed(NeededBy::Key),
            Calls::new(When::Verify, &["sns:Publish"], TOPICS),
            Calls::new(When::Plan, &["sns:GetTopicAttributes"], TOPIC).needed(NeededBy::Topic),
            Calls::new(When::Verify, &["sns:Publish"], TOPIC).needed(NeededBy::Topic),
            Calls::new(When::Apply, &["sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource"], TOPICS),
            Calls::new(When::Adopt, &["sns:TagResource"], TOPICS),
            Calls::new(When::Destroy, &["sns:ListTopics"], ANY),
            Calls::new(When::Destroy, &["sns:DeleteTopic"], TOPICS),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    // Where no target leads to it, the queue of the destination does.
    fn edges(&self, _scope: &Scope) -> Vec<Edge> {
        let queue = Address::new(&self.address.region, Id::Queue(self.address.id.base().to_owned()));
        vec![Edge::to(Relation::FoundBy, queue)]
    }

    fn vouches(&self) -> bool {
        true
    }

    // "Deletes a topic and all its subscriptions" (docs of aws-sdk-sns 1.121.0, `DeleteTopic`).
    fn removal(&self, relation: edge::Relation) -> OnRemoval {
        if relation == Relation::PartOf { OnRemoval::GoesAlong } else { OnRemoval::Stays }
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        Self::address_of_name(scope, arn.strip_prefix(&scope.topic_arn(""))?)
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.topic_arn(&self.name))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("display_name", self.display_name.as_str()),
            Field::plain("kms_master_key_id", self.kms_key.as_deref().map_or(Value::Null, Value::from)),
            Field::policy("policy", self.policy.as_ref()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
