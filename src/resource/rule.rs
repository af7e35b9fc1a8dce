//! EventBridge rule on the default bus: which events ring.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{About, Address, Describe, Field};

/// The state of a rule that listens.
pub const ENABLED: &str = "ENABLED";
/// The state of a rule that also hears read-only management events of CloudTrail.
pub const ENABLED_WITH_ALL: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/// An EventBridge rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// A schedule somebody added; trailbell sets none.
    pub schedule: Option<String>,
    /// [`ENABLED`] or [`ENABLED_WITH_ALL`] when it listens.
    pub state: String,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Rule {
    /// Whether it hears events at all.
    #[must_use]
    pub fn listens(&self) -> bool {
        [ENABLED, ENABLED_WITH_ALL].contains(&self.state.as_str())
    }
}

impl Describe for Rule {
    const ABOUT: About = About { name: "rule", suffix: "rule", title: "rule" };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
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
