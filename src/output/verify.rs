//! What `trailbell verify` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::provider::DeadLetter;
use crate::verify::{ProofVerdict, Verified};

/// What is known of every alert.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell verify --output json")]
pub struct VerifyResult {
    /// The least of what is known of each alert.
    pub verdict: ProofVerdict,
    /// Each alert.
    pub alerts: Vec<Verified>,
    /// The dead letters of this run.
    pub came_back: Vec<DeadLetter>,
    /// Why the dead-letter queue could not be watched, if it could not.
    pub not_watched: Option<String>,
    /// How long it was watched.
    pub watched_seconds: u64,
    /// The exit code of the command.
    pub exit_code: u8,
}

impl Format for VerifyResult {
    const VERSION: u32 = 1;
}
