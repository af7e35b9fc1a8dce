//! EventBridge target: what a rule sends where, as whom, and what happens when it fails.

use std::cmp::Ordering;
use std::fmt;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{Calls, When};
use super::address::{Identify, by_text};
use super::edge::Relation::{ActsAs, AllowedBy, FallsTo, PartOf, SendsTo};
use super::edge::{self, Edge, EdgeEnd};
use super::role::ROLES;
use super::rule::{SETTLING_SECONDS, default_bus, is_default_bus, on_bus};
use super::{
    About, Address, Arn, Describe, DigestQueue, Field, Function, Id, Kind, LogGroup, LogPolicy, Pause, Permission,
    PermissionSource, Queue, Role, Room, Rule, RuleId, Topic, Within, limit,
};
use crate::message::transformer::InputTransformer;
use crate::name::{DestinationId, Scope};

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:events:REGION:ACCOUNT:rule/trailbell-STACK_*"];

/// The id, within its rule, of the target that sends to Slack.
const TO_SLACK: &str = "slack";
/// What the id of a target that calls a function begins with; the function's id follows.
const TO_FUNCTION: &str = "function-";
/// What the id of a target that sends to a destination with a name begins with; its name follows.
const TO_DESTINATION: &str = "to-";

/// The id, within its rule, of the target that leads to the queue of a digest.
const TO_QUEUE: &str = "digest";

/// The id of a target that collects events in a log group.
const TO_LOG_GROUP: &str = "staged";

/// What tells a target from others: `a` is the target of the rule `a` that leads to Slack, `a/function-b` the one that leads
/// to the function `b`, `a/to-c` the one that leads to the destination `c`, `a/digest` the one that leads to the queue of its
/// digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetId {
    /// The id of its rule.
    pub rule: RuleId,
    /// Where it leads.
    pub leads: Leads,
}

/// Where a target leads. As text it is the target's id within its rule in AWS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Leads {
    /// To Slack, where the destination has no name.
    Slack,
    /// To the function of this id.
    Function(String),
    /// To the destination of this name.
    Destination(String),
    /// To the queue of the alert's digest.
    Queue,
    /// To the log group that collects the alert's events.
    LogGroup,
}

impl Leads {
    /// Reads the id of a target within one of our rules; `None` when it is not one of ours.
    #[must_use]
    pub fn read(id: &str) -> Option<Self> {
        if id == TO_LOG_GROUP {
            return Some(Self::LogGroup);
        }
        if id == TO_QUEUE {
            return Some(Self::Queue);
        }
        if let Some(function) = id.strip_prefix(TO_FUNCTION) {
            return Some(Self::Function(function.to_owned()));
        }
        if let Some(destination) = id.strip_prefix(TO_DESTINATION) {
            return Some(Self::Destination(destination.to_owned()));
        }
        (id == TO_SLACK).then_some(Self::Slack)
    }

    /// To a destination.
    #[must_use]
    pub fn to(destination: &DestinationId) -> Self {
        if destination.is_slack() { Self::Slack } else { Self::Destination(destination.to_string()) }
    }
}

impl fmt::Display for Leads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slack => f.write_str(TO_SLACK),
            Self::Function(function) => write!(f, "{TO_FUNCTION}{function}"),
            Self::Destination(destination) => write!(f, "{TO_DESTINATION}{destination}"),
            Self::Queue => f.write_str(TO_QUEUE),
            Self::LogGroup => f.write_str(TO_LOG_GROUP),
        }
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.leads {
            Leads::Slack => self.rule.fmt(f),
            leads => write!(f, "{}/{leads}", self.rule),
        }
    }
}

impl Identify for TargetId {
    fn base(&self) -> &str {
        self.rule.base()
    }

    fn read(text: &str) -> Option<Self> {
        let (rule, leads) = match text.split_once('/') {
            Some((rule, id)) => (rule, Leads::read(id).filter(|leads| *leads != Leads::Slack)?),
            None => (text, Leads::Slack),
        };
        Some(Self { rule: RuleId::read(rule)?, leads })
    }
}

impl Ord for TargetId {
    fn cmp(&self, other: &Self) -> Ordering {
        by_text(self, other)
    }
}

impl PartialOrd for TargetId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A target of an EventBridge rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its identity.
    pub address: Address,
    /// The name of its rule in AWS.
    pub rule: String,
    /// The name of its rule's bus.
    #[serde(default = "default_bus", skip_serializing_if = "is_default_bus")]
    pub bus: String,
    /// What is called: the API destination, a function, or a topic; or the log group that is written.
    pub arn: Arn,
    /// The role EventBridge takes on for it; none for a function, which has a permission instead.
    pub role_arn: Option<String>,
    /// What is sent.
    pub input: TargetInput,
    /// How long delivery is tried.
    pub retry: RetryPolicy,
    /// Where it goes when delivery failed for good.
    pub dead_letter_arn: Option<String>,
    /// Whether further headers or parameters are attached; trailbell attaches none.
    pub extra_parameters: bool,
}

/// The form of [`InputTransformer`], for JSON Schemas; the crate of the engines has none.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct TransformerForm {
    /// Names for values of the event, each with its JSON path.
    input_paths: BTreeMap<String, String>,
    /// The text in which `<name>` is replaced.
    template: String,
}

/// What a target sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetInput {
    /// The event, transformed.
    Transformer(#[schemars(with = "TransformerForm")] InputTransformer),
    /// The part of the event at a path.
    Path(String),
    /// A constant.
    Constant(String),
    /// The whole event.
    Event,
}

/// How long delivery is tried: until either bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryPolicy {
    /// 60 to 86,400 seconds.
    pub maximum_event_age_seconds: u32,
    /// 0 to 185.
    pub maximum_attempts: u32,
}

impl RetryPolicy {
    /// What AWS does when a target says nothing.
    pub const AWS_DEFAULT: Self = Self { maximum_event_age_seconds: 86_400, maximum_attempts: 185 };
}

impl Target {
    /// The address of a rule's target.
    #[must_use]
    pub fn address_of(rule: &Address, leads: Leads) -> Address {
        let rule_id = match &rule.id {
            Id::Rule(id) => id.clone(),
            other => RuleId::of(other.base()),
        };
        Address::new(&rule.region, Id::Target(TargetId { rule: rule_id, leads }))
    }

    /// The address of the target of a destination's relay rule in a region.
    #[must_use]
    pub fn relay_in(region: &str, to: &DestinationId) -> Address {
        Self::address_of(&Rule::relay_in(region, to), Leads::to(to))
    }

    /// The address of its rule.
    #[must_use]
    pub fn rule_address(&self) -> Address {
        Address::new(&self.address.region, Id::Rule(self.rule_id()))
    }

    fn rule_id(&self) -> RuleId {
        match &self.address.id {
            Id::Target(id) => id.rule.clone(),
            other => RuleId::of(other.base()),
        }
    }

    /// What lets its rule write into a log group, or call a function: a function that serves one alert has a permission for its rule, one that
    /// serves all of them one for all rules.
    fn permission(&self, scope: &Scope, function: &Address) -> Option<Address> {
        if function.kind() == Kind::LogGroup {
            return Some(LogPolicy::address_in(scope));
        }
        if function.kind() != Kind::Function {
            return None;
        }
        let served = scope.digest_of(function.id.base(), function.kind().suffix());
        let serves_it = self.rule_id().alert(scope) == served;
        Some(Permission::address_of(function, if serves_it { PermissionSource::Rule } else { PermissionSource::Rules }))
    }

    /// Where it leads, by its id within its rule.
    #[must_use]
    pub fn leads(&self) -> &Leads {
        match &self.address.id {
            Id::Target(id) => &id.leads,
            // A target has no other id.
            _ => &Leads::Slack,
        }
    }
}

impl Describe for Target {
    const ABOUT: About = About {
        name: "target",
        suffix: "target",
        title: "target",
        found: "with its rule",
        quota: "5 per rule",
        calls: &[
            Calls::new(When::Plan, &["events:ListTargetsByRule"], ON),
            Calls::new(When::Apply, &["events:PutTargets", "events:RemoveTargets"], ON),
            Calls::new(When::Apply, &["iam:PassRole"], ROLES).only("iam:PassedToService", &["events.amazonaws.com"]),
            Calls::new(When::Destroy, &["events:RemoveTargets"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.rule
    }

    fn unique_name(&self) -> String {
        let rule = on_bus(&self.bus, &self.rule);
        match self.leads() {
            Leads::Slack => rule,
            leads => format!("{rule}/{leads}"),
        }
    }

    // It is called as its rule.
    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        self.rule.starts_with(&scope.prefix())
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        let leads_to = EdgeEnd::of(&self.arn, |arn| {
            let topic = || Topic::address_of_arn(scope, arn);
            Function::address_of_arn(scope, arn)
                .or_else(topic)
                .or_else(|| DigestQueue::address_of_arn(scope, arn))
                .or_else(|| LogGroup::address_of_arn(scope, arn))
        });
        let allowed_by = match (&leads_to, &self.arn) {
            (EdgeEnd::Part(part), _) => self.permission(scope, part).map(EdgeEnd::Part),
            (_, Arn::Known(arn)) => arn.contains(":lambda:").then_some(EdgeEnd::Unknown),
            (_, Arn::Of(_)) => None,
        };
        let role = self.role_arn.as_ref().map(|arn| Role::end(scope, arn));
        let queue = self.dead_letter_arn.as_ref().map(|arn| EdgeEnd::known(Queue::address_of_arn(scope, arn), arn));
        // The id of a rule does not say whose it is, its name does.
        let is_ours = self.is_ours_by_name(scope);
        let all = [
            (PartOf, Some(EdgeEnd::known(is_ours.then(|| self.rule_address()), &self.rule))),
            (SendsTo, Some(leads_to)),
            (ActsAs, role),
            (AllowedBy, allowed_by),
            (FallsTo, queue),
        ];
        all.into_iter().filter_map(|(role, end)| Some(Edge::new(role, end?))).collect()
    }

    fn brings(&self, relation: edge::Relation) -> bool {
        matches!(relation, SendsTo | ActsAs | FallsTo)
    }

    fn room(&self) -> Option<Room<'_>> {
        Some(Room { kind: Kind::Target, within: Within::Part(self.rule_address()), most: limit::TARGETS.most })
    }

    // "Allow a short period of time for changes to take effect" (API reference, PutTargets).
    fn settles(&self) -> Option<Pause> {
        Some(Pause::new(SETTLING_SECONDS, "until EventBridge uses the new rule and its target"))
    }

    fn alert(&self, scope: &Scope) -> Option<String> {
        Some(self.rule_id().alert(scope))
    }

    fn arns_mut(&mut self) -> Vec<&mut Arn> {
        vec![&mut self.arn]
    }

    fn fields(&self) -> Vec<Field> {
        let (paths, template, path, constant) = match &self.input {
            TargetInput::Transformer(one) => (json!(one.input_paths), json!(one.template), Value::Null, Value::Null),
            TargetInput::Path(path) => (Value::Null, Value::Null, json!(path), Value::Null),
            TargetInput::Constant(text) => (Value::Null, Value::Null, Value::Null, json!(text)),
            TargetInput::Event => (Value::Null, Value::Null, Value::Null, Value::Null),
        };
        let extra = if self.extra_parameters { json!("(set by hand)") } else { json!(null) };
        vec![
            Field::arn("arn", &self.arn),
            Field::plain("role_arn", self.role_arn.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("input_paths_map", paths),
            Field::plain("input_template", template),
            Field::plain("input_path", path),
            Field::plain("input", constant),
            Field::plain("retry_maximum_event_age", self.retry.maximum_event_age_seconds),
            Field::plain("retry_maximum_attempts", self.retry.maximum_attempts),
            Field::plain("dead_letter_arn", self.dead_letter_arn.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("http_parameters", extra),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_may_have_several_targets_and_the_first_keeps_its_name() {
        let rule = Address::new("us-east-1", Id::Rule(RuleId::of("root-login")));
        let named = Leads::Destination("security".to_owned());
        let all = [Leads::Slack, Leads::Function("fix".to_owned()), named, Leads::LogGroup];
        let addresses = all.clone().map(|leads| Target::address_of(&rule, leads));
        let texts = addresses.clone().map(|one| one.to_string());
        let ends = ["", "/function-fix", "/to-security", "/staged"];
        assert_eq!(texts, ends.map(|end| format!("us-east-1/target.root-login{end}")));
        for (leads, id) in all.iter().zip(["slack", "function-fix", "to-security", "staged"]) {
            assert_eq!((leads.to_string().as_str(), Leads::read(id).as_ref()), (id, Some(leads)));
        }
        assert_eq!(Leads::read("theirs"), None);
    }
}
