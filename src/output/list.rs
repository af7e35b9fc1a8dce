//! What `trailbell list` and `trailbell reap` print.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::provider::run_log::FoundStack;
use crate::runs::{Expiry, Label};

/// The stacks of an account in a region.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell list --output json")]
pub struct ListResult {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The stacks, by name.
    pub stacks: Vec<ListedStack>,
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedStack {
    /// Its name.
    pub stack: String,
    /// When its record of runs was created, in milliseconds since 1970; `null` when it has none, so that it was found by the
    /// name of something else.
    pub created_at: Option<i64>,
    /// When it expires, in milliseconds since 1970; `null` for never.
    pub expires_at: Option<i64>,
    /// Whether it has expired.
    pub is_expired: bool,
    /// What the tag with its expiry says, if that is no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable_expiry: Option<String>,
    /// The ARN of who applied it last.
    pub owner: Option<String>,
    /// The version of trailbell that applied it last.
    pub version: Option<String>,
}

impl ListedStack {
    /// What is told of a stack.
    #[must_use]
    pub fn new(name: &str, found: &FoundStack, now: Timestamp) -> Self {
        let label = Label::read(&found.tags);
        let is_expired = label.is_expired(now);
        let (expires_at, unreadable_expiry) = match label.expires {
            Some(Expiry::At(at)) => (Some(at.as_millisecond()), None),
            Some(Expiry::Unreadable(text)) => (None, Some(text)),
            None => (None, None),
        };
        Self {
            stack: name.to_owned(),
            created_at: found.created,
            expires_at,
            is_expired,
            unreadable_expiry,
            owner: label.owner,
            version: label.version,
        }
    }
}

impl Format for ListResult {
    const VERSION: u32 = 1;
}

/// What was done with the stacks that have expired.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "the last line of trailbell reap --output json")]
pub struct ReapResult {
    /// Whether they were only listed.
    pub is_dry_run: bool,
    /// The stacks that have expired, with what was done.
    pub reaped: Vec<ReapedStack>,
}

/// A stack that has expired.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReapedStack {
    /// The stack.
    #[serde(flatten)]
    pub stack: ListedStack,
    /// What was done.
    pub outcome: ReapOutcome,
}

/// What was done with a stack that has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReapOutcome {
    /// It is gone.
    Removed,
    /// It was not removed: someone applied it in the meantime, or a run is in progress.
    Kept,
    /// It could not be removed.
    Failed,
    /// It would be removed.
    Listed,
}

impl Format for ReapResult {
    const VERSION: u32 = 1;
}
