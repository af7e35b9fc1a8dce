//! What happens while a plan is carried out, and the report at its end.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::ADOPT;
use crate::provider::{ProviderError, Wait};
use crate::resource::Address;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A change begins.
    Started {
        /// What is changed.
        address: Address,
        /// How.
        action: &'static str,
    },
    /// A change waits for AWS.
    Waiting {
        /// What is changed.
        address: Address,
        /// What is waited for.
        wait: Wait,
    },
    /// A change is done.
    Done {
        /// What was changed.
        address: Address,
        /// How.
        action: &'static str,
    },
    /// A change failed.
    Failed {
        /// What was to be changed.
        address: Address,
        /// How.
        action: &'static str,
        /// Why not.
        error: ProviderError,
    },
    /// Nothing more will happen.
    Finished {
        /// What came of it.
        report: Report,
    },
}

/// What came of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// How many were created.
    pub created: usize,
    /// How many were updated.
    pub updated: usize,
    /// How many were given the stack's mark.
    #[serde(skip_serializing_if = "is_zero")]
    pub adopted: usize,
    /// How many were replaced.
    pub replaced: usize,
    /// How many were deleted.
    pub deleted: usize,
    /// How many things were removed that others attached.
    pub removed: usize,
    /// What failed.
    pub failures: Vec<FailedChange>,
    /// What was not begun, because something before it failed or someone stopped the run.
    pub skipped: Vec<Address>,
    /// What was under way when the run was stopped and did not end in time: it may or may not have been made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unfinished: Vec<Address>,
    /// Whether someone stopped the run.
    pub stopped: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A change that failed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FailedChange {
    /// What was to be changed.
    pub address: Address,
    /// Why not.
    pub error: ProviderError,
}

impl Report {
    pub(super) fn new(
        done: &[&'static str],
        failures: Vec<FailedChange>,
        skipped: Vec<Address>,
        stopped: bool,
    ) -> Self {
        let count = |action: &str| done.iter().filter(|one| **one == action).count();
        Self {
            created: count("create"),
            updated: count("update"),
            adopted: count(ADOPT),
            replaced: count("replace"),
            deleted: count("delete"),
            removed: 0,
            failures,
            skipped,
            unfinished: Vec::new(),
            stopped,
        }
    }

    /// Whether everything was done.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty() && self.unfinished.is_empty()
    }
}
