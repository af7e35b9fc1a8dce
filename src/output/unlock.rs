//! What `trailbell unlock` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;

/// A run that was ended from outside.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell unlock --output json")]
pub struct UnlockResult {
    /// The run's number.
    pub run: u32,
    /// Whether this command ended it; false when it ended itself in the meantime.
    pub is_ended_here: bool,
}

impl Format for UnlockResult {
    const VERSION: u32 = 1;
}
