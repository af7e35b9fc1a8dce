//! What `trailbell explain CODE` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Format, Weight};
use crate::diagnostic::{Code, Page, Severity};

/// What a code of a finding means.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell explain CODE --output json")]
pub struct CodeResult {
    /// The code, such as `TB0501`.
    code: &'static str,
    /// How bad such a finding is.
    severity: Weight,
    /// What it is, in a few words.
    title: &'static str,
    /// What it means and why it matters.
    means: &'static str,
    /// The fix.
    remedy: &'static str,
    /// The lines of a file that raise it; empty where no few lines could.
    example: &'static str,
}

impl CodeResult {
    /// The page of a code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let Page { means, remedy, example } = code.page();
        let severity = if code.severity() == Severity::Error { Weight::Error } else { Weight::Warning };
        Self { code: code.id(), severity, title: code.title(), means, remedy, example }
    }
}

impl Format for CodeResult {
    const VERSION: u32 = 1;
}
