//! What `trailbell suppress` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::propose::Proposal;

/// Suppressions for one event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell suppress --output json")]
pub struct SuppressResult {
    /// The suppressions, each with the alerts that it is for.
    pub proposals: Vec<Proposed>,
    /// Alerts that fire for the event and for which there is no suppression.
    pub refused: Vec<NotProposed>,
    /// The exit code of the command.
    pub exit_code: u8,
}

/// A suppression and the alerts that it is for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proposed {
    /// The ids of the alerts.
    pub alerts: Vec<String>,
    /// The suppression.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// The item of `suppress`, with `reason`, `owner`, and `until` to be filled in.
    pub yaml: String,
}

/// An alert for which there is no suppression.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotProposed {
    /// Its id.
    pub alert: String,
    /// Why not.
    pub why: String,
}

impl Format for SuppressResult {
    const VERSION: u32 = 1;
}
