//! What `trailbell test` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::cases::{CaseTotals, Tested};

/// How every test of every blueprint ended.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell test --output json")]
pub struct TestResult {
    /// Each blueprint.
    pub blueprints: Vec<Tested>,
    /// How many tests ended how.
    pub totals: CaseTotals,
    /// The exit code of the command.
    pub exit_code: u8,
}

impl Format for TestResult {
    const VERSION: u32 = 1;
}
