//! What `trailbell doctor` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::doctor::{CheckVerdict, HealthCheck};

/// Everything that was checked.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell doctor --output json")]
pub struct DoctorResult {
    /// The worst verdict of all checks.
    pub verdict: CheckVerdict,
    /// Each check.
    pub checks: Vec<HealthCheck>,
    /// The exit code of the command.
    pub exit_code: u8,
}

impl Format for DoctorResult {
    const VERSION: u32 = 1;
}
