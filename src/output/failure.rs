//! What any command prints last when it did not do what it should.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Format, ReportedFindings};
use crate::plan::Refusal;
use crate::provider::{ErrorKind, ProviderError};

/// Why a command failed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "a failed trailbell command with --output json")]
pub struct FailureResult {
    /// What is wrong.
    #[serde(flatten)]
    pub reason: FailureReason,
    /// The exit code of the command.
    pub exit_code: u8,
}

/// What is wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FailureReason {
    /// Files have findings.
    Findings(ReportedFindings),
    /// It must not be done.
    Refused {
        /// What must not be done.
        refusals: Vec<Refusal>,
    },
    /// Anything else.
    Error {
        /// The error.
        error: ErrorResult,
    },
}

/// An error.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorResult {
    /// What kind of error.
    pub kind: ErrorName,
    /// The IAM action of a failed call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// AWS's code of a failed call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What happened.
    pub message: String,
    /// The fix.
    pub hint: Option<String>,
}

/// What kind of error.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ErrorName {
    /// Of the program.
    Own(OwnError),
    /// Of a call to AWS.
    Call(ErrorKind),
}

/// An error that is not a failed call.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnError {
    /// The command line or a file cannot be used.
    Usage,
    /// It was tried, and failed.
    Failed,
    /// It is not done here on purpose.
    Refused,
    /// You declined.
    Declined,
    /// Not all changes were made.
    Incomplete,
}

impl ErrorResult {
    /// An error that is not a failed call; without a fix, the hint is empty.
    #[must_use]
    pub fn own(kind: OwnError, message: &str, hint: &str) -> Self {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        Self { kind: ErrorName::Own(kind), action: None, code: None, message: message.to_owned(), hint }
    }
}

impl From<&ProviderError> for ErrorResult {
    fn from(error: &ProviderError) -> Self {
        let ProviderError { action, kind, code, message, hint } = error.clone();
        Self { kind: ErrorName::Call(kind), action: Some(action), code, message, hint }
    }
}

impl Format for FailureResult {
    const VERSION: u32 = 1;
}
