//! Slack: its messages, as the engines read them, and the manifest of the app that posts them.

pub mod arguments;
pub mod label;
pub mod manifest;

use serde_json::Value;
use trailbell_engines::json::Json;
use trailbell_engines::slack;

pub use slack::{Block, Inline, Message, Problem, ProblemKind, Rich, Style, Text};

/// Reads a body that is a value already.
///
/// # Errors
/// As [`slack::read`].
pub fn read(body: &Value) -> Result<Message, Vec<Problem>> {
    slack::read(&Json::from(body))
}
