//! EventBridge event bus of the stack's own: the one way by which messages that trailbell itself writes reach Slack.
//!
//! No service of AWS puts events there, and no one else may, unless their policy allows `events:PutEvents` on it. It has no
//! policy of its own, which would let other accounts in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, When};
use super::{About, Address, Describe, Field, Id, Kind, OnRemoval, Policy, Room, Within, edge, limit};
use crate::name::{RELAY, Scope};

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:events:REGION:ACCOUNT:event-bus/trailbell-STACK_*"];

/// An EventBridge event bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventBus {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Who else may put events on it; trailbell lets no one.
    pub policy: Option<Policy>,
    /// A customer's key that someone set; trailbell sets none.
    pub kms_key: Option<String>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl EventBus {
    /// The address of a bus in a region.
    #[must_use]
    pub fn address_in(region: &str, id: &str) -> Address {
        Address::new(region, Id::EventBus(id.to_owned()))
    }

    /// The address of the bus of this name, if it is one of the stack.
    #[must_use]
    pub fn address_of_name(scope: &Scope, name: &str) -> Option<Address> {
        let (id, _) = scope.parse(name).filter(|(_, suffix)| *suffix == Kind::EventBus.suffix())?;
        Some(Self::address_in(scope.region(), id))
    }
}

impl Describe for EventBus {
    const ABOUT: About = About {
        name: "event_bus",
        suffix: "bus",
        title: "event bus",
        found: "by name; its mark is in tags",
        quota: "one per stack; 100 per account and region",
        calls: &[
            Calls::new(When::Plan, &["events:ListEventBuses"], ANY),
            Calls::new(When::Plan, &["events:DescribeEventBus", "events:ListTagsForResource"], ON),
            Calls::new(When::Verify, &["events:PutEvents"], ON).only("events:source", &["trailbell.STACK"]),
            Calls::new(When::Redrive, &["events:PutEvents"], ON).only("events:source", &["trailbell.STACK"]),
            Calls::new(
                When::Apply,
                &[
                    "events:CreateEventBus",
                    "events:UpdateEventBus",
                    "events:RemovePermission",
                    "events:TagResource",
                    "events:DeleteEventBus",
                ],
                ON,
            ),
            Calls::new(When::Adopt, &["events:TagResource"], ON),
            Calls::new(When::Destroy, &["events:DeleteEventBus"], ON),
        ],
        note: "`events:PutEvents` on the stack's own event bus lets its holder write to the Slack channel; on `*` it includes \
            that bus.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        scope.parse(&self.name) == Some((RELAY, Self::ABOUT.suffix))
    }

    fn room(&self) -> Option<Room<'_>> {
        Some(Room { kind: Kind::EventBus, within: Within::Region, most: limit::EVENT_BUSES.most })
    }

    // The rules on it, those of others included. The API reference says that they "need to be deleted" before, the console deletes
    // them; in neither case may one of someone else be there.
    fn removal(&self, relation: edge::Relation) -> OnRemoval {
        if relation == edge::Relation::ReadsFrom { OnRemoval::GoesAlong } else { OnRemoval::Stays }
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        Self::address_of_name(scope, arn.strip_prefix(&scope.events_arn("event-bus/"))?)
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.events_arn(&format!("event-bus/{}", self.name)))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::policy("policy", self.policy.as_ref()),
            Field::plain("kms_key_identifier", self.kms_key.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
