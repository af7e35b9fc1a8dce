//! EventBridge target: what a rule sends where, as whom, and what happens when it fails.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Address, Arn, Describe, Field};
use crate::message::transformer::InputTransformer;

/// The id of our target within its rule. A rule of ours has exactly one of ours.
pub const TARGET_ID: &str = "slack";

/// A target of an EventBridge rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its identity.
    pub address: Address,
    /// The name of its rule in AWS.
    pub rule: String,
    /// What is called: the API destination.
    pub arn: Arn,
    /// The role EventBridge takes on for it.
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
