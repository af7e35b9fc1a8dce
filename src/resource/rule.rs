//! EventBridge rule on the default bus: which events ring.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, When};
use super::edge::{Edge, End, Role};
use super::{About, Address, Describe, Field, Kind, OnRemoval};
use crate::name::Scope;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:events:REGION:ACCOUNT:rule/trailbell-STACK_*"];
/// The bus that its events come on.
const BUS: &[&str] = &["arn:aws:events:REGION:ACCOUNT:event-bus/default"];

/// The state of a rule that listens.
pub const ENABLED: &str = "ENABLED";
/// The state of a rule that also receives read-only management events of CloudTrail.
pub const ENABLED_WITH_ALL: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/// An EventBridge rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Words and marker.
    pub description: String,
    /// The event pattern as JSON; null on a live rule that has none.
    pub pattern: Value,
    /// A schedule someone added; trailbell sets none.
    pub schedule: Option<String>,
    /// [`ENABLED`] or [`ENABLED_WITH_ALL`] when it listens.
    pub state: String,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Rule {
    /// Whether it receives events at all.
    #[must_use]
    pub fn listens(&self) -> bool {
        [ENABLED, ENABLED_WITH_ALL].contains(&self.state.as_str())
    }
}

impl Describe for Rule {
    const ABOUT: About = About {
        name: "rule",
        suffix: "rule",
        title: "rule",
        found: "by name, in the list of rules with this prefix; its mark is in tags and description",
        quota: "300 per event bus",
        calls: &[
            Calls::new(When::Plan, &["events:ListRules"], ANY),
            Calls::new(When::Plan, &["events:ListTagsForResource"], ON),
            Calls::new(When::Verify, &["events:TestEventPattern"], ANY),
            Calls::new(When::Verify, &["events:PutEvents"], BUS).only("events:source", &["trailbell.STACK"]),
            Calls::new(When::Apply, &["events:PutRule", "events:DeleteRule", "events:TagResource"], ON),
            Calls::new(When::Destroy, &["events:DeleteRule"], ON),
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
        vec![Edge::new(Role::ReadsFrom, End::Outside(scope.events_arn("event-bus/default")))]
    }

    fn vouches(&self) -> bool {
        true
    }

    // "Rule can't be deleted since it has targets."
    fn removal(&self, role: Role) -> OnRemoval {
        if role == Role::PartOf { OnRemoval::Forbids } else { OnRemoval::Stays }
    }

    fn alert(&self, scope: &Scope) -> Option<String> {
        Some(scope.digest_of(self.address.id.base(), Kind::Rule.suffix()))
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.events_arn(&format!("rule/{}", self.name)))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("description", self.description.as_str()),
            Field::plain("event_pattern", self.pattern.clone()),
            Field::plain("schedule_expression", self.schedule.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("state", self.state.as_str()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
