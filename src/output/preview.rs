//! What `trailbell preview` prints.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Format;

/// The messages that Slack would get.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell preview --output json")]
pub struct PreviewResult {
    /// Each message.
    pub messages: Vec<Previewed>,
}

/// One message.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Previewed {
    /// The alert it is of.
    pub alert: String,
    /// The sample it is made of.
    pub sample: String,
    /// The name of the destination, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The body that Slack gets.
    pub body: Value,
}

impl Format for PreviewResult {
    const VERSION: u32 = 1;
}
