//! What `trailbell fire` prints.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Format;
use crate::provider::sandbox::Sent;

/// What became of every event that was sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell fire --output json")]
pub struct FireResult {
    /// Each event or batch of log lines.
    pub fired: Vec<Fired>,
}

/// One event or batch of log lines.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fired {
    /// What it is called.
    pub event: String,
    /// What each rule or filter did with it, and what followed from that.
    pub rules: Vec<FiredRule>,
}

/// What one rule or filter did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FiredRule {
    /// What it did.
    #[serde(flatten)]
    pub sent: Sent,
    /// What the function asked of AWS, wrote to its log, and returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ran: Option<Value>,
    /// Why the function was not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_run: Option<String>,
    /// What stops it after it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_delivered: Option<String>,
}

impl Format for FireResult {
    const VERSION: u32 = 1;
}
