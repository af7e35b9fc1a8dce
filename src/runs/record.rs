//! What a run writes down: who began it and what came of it, each one line of JSON.
//!
//! Whoever may write to the log group can write anything there, so what is read is only shown, never followed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::apply::Report;

/// Longest text of an entry that is read: far more than any that trailbell writes.
const MAX_BYTES: usize = 16 << 10;

/// Who began a run, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Begun {
    /// `apply`, `destroy`, `redrive`, …
    pub command: String,
    /// The caller's ARN.
    pub caller: String,
    /// Where from: the URL of a pipeline's run, or user and host.
    pub from: String,
    /// The version of trailbell.
    pub version: String,
    /// The digest of the plan, or of the ids of the letters, that was agreed to.
    pub plan: String,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ended {
    /// How it ended.
    pub result: RunResult,
    /// Who ended it: its holder, or who broke the lock.
    pub by: String,
    /// How many resources were created, updated, replaced, and deleted.
    #[serde(default)]
    pub changes: RunChanges,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// Everything was done and seen.
    Complete,
    /// Something failed, or was not seen.
    Failed,
    /// A signal stopped it.
    Stopped,
    /// Nothing was changed: someone else had changed the stack in the meantime.
    NotStarted,
    /// Someone ended it from outside after it had shown no sign of life.
    Broken,
    /// Someone ended it from outside, and it may still be at work.
    Forced,
}

/// How many changes of each kind were made, and how many dead letters were sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunChanges {
    /// Created.
    pub created: usize,
    /// Updated.
    pub updated: usize,
    /// Replaced.
    pub replaced: usize,
    /// Deleted.
    pub deleted: usize,
    /// Dead letters that were sent again.
    #[serde(default)]
    pub sent: usize,
    /// Given the stack's mark.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adopted: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl From<&Report> for RunChanges {
    fn from(report: &Report) -> Self {
        let Report { created, updated, replaced, deleted, adopted, .. } = *report;
        Self { created, updated, replaced, deleted, sent: 0, adopted }
    }
}

impl RunResult {
    /// One or two words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::NotStarted => "not started",
            Self::Broken | Self::Forced => "ended from outside",
        }
    }
}

/// A record as it is written.
pub(super) fn written(record: &impl Serialize) -> String {
    // Texts and numbers only: this cannot fail.
    serde_json::to_string(record).unwrap_or_default()
}

/// A record; `None` for what is none.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > MAX_BYTES { None } else { serde_json::from_str(text).ok() }
}
