//! What `trailbell explain EVENT` prints.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Format;
use crate::explain::{ExplainInput, Explained};

/// What becomes of an event or a log line at every alert.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell explain --output json")]
pub struct ExplainResult {
    /// The event, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Value>,
    /// The log line, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    /// Each alert.
    alerts: Vec<Explained>,
    /// The exit code of the command.
    exit_code: u8,
}

impl ExplainResult {
    /// What became of this input.
    #[must_use]
    pub fn new(input: ExplainInput<'_>, alerts: Vec<Explained>, exit_code: u8) -> Self {
        let (event, line) = match input {
            ExplainInput::Event(event) => (Some(event.clone()), None),
            ExplainInput::Line(line) => (None, Some(line.to_owned())),
        };
        Self { event, line, alerts, exit_code }
    }
}

impl Format for ExplainResult {
    const VERSION: u32 = 1;
}
