//! What `trailbell history` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::name::Scope;
use crate::runs::PastRun;

/// Who changed a stack.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell history --output json")]
pub struct HistoryResult {
    /// Which stack.
    pub scope: Scope,
    /// Its runs, newest first.
    pub runs: Vec<PastRun>,
}

impl Format for HistoryResult {
    const VERSION: u32 = 1;
}
