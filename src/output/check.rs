//! What `trailbell check` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Format, ReportedFindings};
use crate::diagnostic::Finding;

/// Everything that was found in stack and blueprint files.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell check --output json")]
pub struct Checked {
    /// The findings.
    #[serde(flatten)]
    findings: ReportedFindings,
    /// The exit code of the command.
    exit_code: u8,
}

impl Format for Checked {
    const VERSION: u32 = 1;
}

impl Checked {
    /// These findings.
    #[must_use]
    pub fn new(findings: &[Finding], exit_code: u8) -> Self {
        Self { findings: findings.into(), exit_code }
    }
}
