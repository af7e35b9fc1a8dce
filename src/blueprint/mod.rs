//! A blueprint: one reusable alert as a person writes it, and the catalog of those built in.
//!
//! The types are the format: deserialiser, shape check and JSON Schema are derived from them. Neighbors: `document` (text
//! and places), `stack` (which uses blueprints), `message` (which compiles messages), `alert` (what a blueprint is once its
//! parameters have values), `check` (the rules, and how a blueprint file is loaded).

mod case;
pub mod catalog;
pub mod pack;
pub mod parameters;
pub mod remediation;
mod route;
pub mod search;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use case::{BadTest, Case, Expectation};
pub use remediation::{Allow, Handler, Remediation};
pub use route::{MetricAlarm, ReceivedLines, Via};

use crate::cloudtrail::possible::{ReadOnly, read_only};
use crate::diagnostic::Finding;
use crate::document::{Document, ReservedKey};
use crate::pattern::{Pattern, PatternError};

/// A reusable alert: what it matches, what it posts, and tests for both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// The version of this file's format: 1, which is also the default.
    #[serde(default = "version", skip_serializing_if = "is_default")]
    pub version: u32,
    /// The blueprint's name: lowercase letters, digits, and hyphens, at most 64 characters.
    pub blueprint: String,
    /// What happened, in a few words. Also the beginning of the rule's description in AWS.
    pub title: String,
    /// How urgent the alert is.
    pub severity: Urgency,
    /// What happened and why it matters, for the person who reads the alert.
    #[serde(default)]
    pub description: String,
    /// What to do when the alert fires, step by step: each step is one sentence that begins with a verb.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<String>,
    /// The URL of the page that says what to do. The card links to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// Who does this for good reasons, and how to keep that from firing the alert.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub false_positives: Vec<String>,
    /// What the pattern cannot express, so that the alert fires too often or misses something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// The techniques of MITRE ATT&CK that it detects: `T1562.008`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<String>,
    /// The controls of compliance standards that ask for it: `CIS AWS Foundations 6.0.0 5.5`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// URLs of the pages that explain the calls and the risk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// What an installation may choose, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Parameter>,
    /// What the alert matches and the message it posts.
    pub alert: AlertSection,
    /// What undoes the action, for alerts with an event pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// Cases that show when the alert fires and what it posts. They run offline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Case>,
}

/// The version of the formats of blueprints and stacks that this trailbell reads; a file without a version has it.
#[must_use]
pub const fn version() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_default(given: &u32) -> bool {
    *given == version()
}

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Requires attention now.
    Critical,
    /// Requires attention today.
    High,
    /// Requires attention at some point.
    Medium,
    /// For information only.
    Low,
    /// For the record.
    Info,
}

impl Urgency {
    /// The word for it, as in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// A value that an installation chooses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What kind of value it takes.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// The value when the installation gives none; without a default it must give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What the value is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What kind of value a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A list of strings, booleans and numbers.
    List,
}

/// The state of an EventBridge rule that receives events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleState {
    /// Receives everything except CloudTrail's read-only management events.
    Enabled,
    /// Also receives CloudTrail's read-only management events.
    #[serde(rename = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")]
    EnabledWithAllCloudtrailManagementEvents,
}

impl Blueprint {
    /// A blueprint that says no more than what it must: no guidance, parameters, remediation, or tests.
    #[must_use]
    pub fn bare(name: String, title: String, severity: Urgency, alert: AlertSection) -> Self {
        Self {
            version: version(),
            blueprint: name,
            title,
            severity,
            description: String::new(),
            response: Vec::new(),
            runbook: None,
            false_positives: Vec::new(),
            limits: Vec::new(),
            techniques: Vec::new(),
            controls: Vec::new(),
            references: Vec::new(),
            parameters: BTreeMap::new(),
            alert,
            remediation: None,
            tests: Vec::new(),
        }
    }

    /// What a message says last: where the steps are that the blueprint recommends, or only who posts.
    #[must_use]
    pub fn advice(&self) -> String {
        match (self.response.is_empty(), &self.runbook) {
            (false, None) => format!("what to do: trailbell catalog {}", self.blueprint),
            _ => "trailbell".to_owned(),
        }
    }

    /// The event pattern as JSON, with its parameters filled in; one without a value stays as written.
    #[must_use]
    pub fn filled_pattern(&self, values: &parameters::Values) -> Value {
        parameters::fill(&Value::Object(self.alert.pattern.clone()), values)
    }

    /// The event pattern, with its parameters filled in.
    ///
    /// # Errors
    /// When EventBridge would refuse it, or only AWS can judge it.
    pub fn pattern(&self, values: &parameters::Values) -> Result<Pattern, PatternError> {
        Pattern::from_value(&self.filled_pattern(values))
    }

    /// The state of the rule: as written, or the one that receives the calls the pattern names.
    #[must_use]
    pub fn rule_state(&self, values: &parameters::Values) -> RuleState {
        let needs_all = || self.pattern(values).is_ok_and(|pattern| matches!(read_only(&pattern), ReadOnly::Named(_)));
        match self.alert.rule_state {
            Some(state) => state,
            None if needs_all() => RuleState::EnabledWithAllCloudtrailManagementEvents,
            None => RuleState::Enabled,
        }
    }
}

impl RuleState {
    /// What AWS calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::EnabledWithAllCloudtrailManagementEvents => "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        }
    }
}

/// What the alert matches and the message it posts: events that match `pattern`, or lines of a log group that match
/// `filter`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Alert")]
pub struct AlertSection {
    /// The EventBridge event pattern. `{ param: name }` is replaced by a parameter's value.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub pattern: Map<String, Value>,
    /// The CloudWatch Logs filter pattern, instead of `pattern`: the lines that match are shown in Slack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The name of the log group that `filter` looks at, often `${param:log_group}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
    /// A CloudWatch metric and its alarm, next to the message of a `filter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricAlarm>,
    /// The state of the rule. `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` also receives read-only calls; it is the
    /// default where the pattern names such calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_state: Option<RuleState>,
    /// Why it does no harm that anyone who is allowed to put events on the event bus can trigger the alert, where the pattern is
    /// about events of your own: then there is no warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_anyone: Option<String>,
    /// The message. A `filter` has none: the notifier shows the log lines.
    #[serde(default, skip_serializing_if = "WrittenMessage::is_empty")]
    pub message: WrittenMessage,
}

/// The message: `card` for a heading, facts, and a link, `text` for a sentence, or `template` for the raw JSON body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrittenMessage {
    /// Who writes it: the rule's input `transformer`, which is the default, the notifier (`lambda`), or `auto`: the
    /// transformer where that is safe for every event that matches, else the notifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// Names for values of the event: `user: $.detail.userIdentity.principalId`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input_paths: BTreeMap<String, String>,
    /// The content of fields that trailbell does not know, declared by the author, by input path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub holds: BTreeMap<String, Claim>,
    /// A heading, what happened, the facts, and a link to the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The sentence, with `<name>` for a value and `${param:name}` for a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The JSON body of the request, with `<name>` for a value and `${param:name}` for a parameter inside a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

impl AlertSection {
    /// An alert on events with this pattern.
    #[must_use]
    pub fn of_events(pattern: Map<String, Value>, rule_state: Option<RuleState>, message: WrittenMessage) -> Self {
        Self { pattern, filter: None, log_group: None, metric: None, rule_state, from_anyone: None, message }
    }
}

impl WrittenMessage {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The content of a value, declared by the author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// Printable ASCII without quotes, backslashes, angle brackets, ampersands and backticks, at most 250 characters; it
    /// may be missing.
    Identifier,
    /// Any text of 1 to 1,000 characters; it is never missing.
    Text,
}

/// A message as a card: the blueprint's title as heading, what happened, the facts, and a link to the event. Who did it,
/// from where, in which account and when is shown by itself for events of CloudTrail.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What happened, with `<name>` and `${param:name}`. Default: the blueprint's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// More facts, in this order: `Trail: <trail>`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub facts: Map<String, Value>,
    /// Links that trailbell adds to messages of its own.
    #[serde(skip)]
    pub links: Vec<Link>,
}

/// A link of a card, besides that to the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// What is shown.
    pub text: &'static str,
}

/// Keys that later versions of the format use.
pub const RESERVED: &[ReservedKey] = &[ReservedKey {
    within: "**",
    key: "when",
    instead: "it belongs to `remediation` and `alert.metric`; leave it out",
}];

/// A blueprint with its handler and its text.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The blueprint.
    pub blueprint: Blueprint,
    /// The file of its remediation's handler.
    pub handler: Option<Handler>,
    /// The text it is part of.
    pub document: Document,
    /// Warnings about it; errors would have prevented loading.
    pub warnings: Vec<Finding>,
}
