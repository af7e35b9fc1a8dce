//! EventBridge target: what a rule sends where, as whom, and what happens when it fails.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Address, Arn, Describe, Field, Kind};
use crate::message::transformer::InputTransformer;

/// The id, within its rule, of the target that sends to Slack.
pub const TARGET_ID: &str = "slack";
/// What the id of a target that calls a function begins with; the function's id follows.
const FUNCTION: &str = "function-";

/// A target of an EventBridge rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its identity.
    pub address: Address,
    /// The name of its rule in AWS.
    pub rule: String,
    /// What is called: the API destination, or a function.
    pub arn: Arn,
    /// The role EventBridge takes on for it; none for a function, which has a permission instead.
    pub role_arn: Option<String>,
    /// What is sent.
    pub input: Input,
    /// How long delivery is tried.
    pub retry: RetryPolicy,
    /// Where it goes when delivery failed for good.
    pub dead_letter_arn: Option<String>,
    /// Whether further headers or parameters are attached; trailbell attaches none.
    pub extra_parameters: bool,
    /// What must exist before it.
    pub requires: Vec<Address>,
}

/// What a target sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The event, transformed.
    Transformer(InputTransformer),
    /// The part of the event at a path.
    Path(String),
    /// A constant.
    Constant(String),
    /// The whole event.
    Event,
}

/// How long delivery is tried: until either bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The id of the target that calls a function.
    #[must_use]
    pub fn function_id(function: &Address) -> String {
        format!("{FUNCTION}{}", function.id)
    }

    /// Whether a target of one of our rules is ours, by its id within the rule.
    #[must_use]
    pub fn is_our_id(id: &str) -> bool {
        id == TARGET_ID || id.starts_with(FUNCTION)
    }

    /// The address of a rule's target: the one that sends to Slack is called as its rule.
    #[must_use]
    pub fn address_of(rule: &Address, id: &str) -> Address {
        let id = if id == TARGET_ID { rule.id.clone() } else { format!("{}/{id}", rule.id) };
        Address::new(&rule.region, Kind::Target, id)
    }

    /// The address of its rule.
    #[must_use]
    pub fn rule_address(&self) -> Address {
        Address::new(&self.address.region, Kind::Rule, self.parts().0)
    }

    /// Its id within its rule.
    #[must_use]
    pub fn id(&self) -> &str {
        self.parts().1
    }

    /// Ids of rules have no slash.
    fn parts(&self) -> (&str, &str) {
        self.address.id.split_once('/').unwrap_or((&self.address.id, TARGET_ID))
    }
}

impl Describe for Target {
    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.rule
    }

    fn depends_on(&self) -> Vec<Address> {
        self.requires.clone()
    }

    fn fields(&self) -> Vec<Field> {
        let (paths, template, path, constant) = match &self.input {
            Input::Transformer(one) => (json!(one.input_paths), json!(one.template), Value::Null, Value::Null),
            Input::Path(path) => (Value::Null, Value::Null, json!(path), Value::Null),
            Input::Constant(text) => (Value::Null, Value::Null, Value::Null, json!(text)),
            Input::Event => (Value::Null, Value::Null, Value::Null, Value::Null),
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
        let rule = Address::new("us-east-1", Kind::Rule, "root-login");
        let function = Address::new("us-east-1", Kind::Function, "fix");
        let ids = [TARGET_ID.to_owned(), Target::function_id(&function)];
        let addresses = ids.clone().map(|id| Target::address_of(&rule, &id));
        let texts = addresses.clone().map(|one| one.to_string());
        assert_eq!(texts, ["us-east-1/target.root-login", "us-east-1/target.root-login/function-fix"]);
        for (id, address) in ids.iter().zip(addresses) {
            assert_eq!(address.to_string().parse(), Ok(address.clone()));
            let target = Target {
                address,
                rule: String::new(),
                arn: Arn::Of(function.clone()),
                role_arn: None,
                input: Input::Event,
                retry: RetryPolicy::AWS_DEFAULT,
                dead_letter_arn: None,
                extra_parameters: false,
                requires: Vec::new(),
            };
            assert_eq!((target.rule_address(), target.id()), (rule.clone(), id.as_str()));
            assert!(Target::is_our_id(id));
        }
        assert!(!Target::is_our_id("theirs"));
    }
}
