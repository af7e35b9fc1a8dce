//! What `trailbell status` prints.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::name::Scope;
use crate::plan::Extra;
use crate::provider::Sums;

/// What the stack has in the account, and whether it is as the file describes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell status --output json")]
pub struct StatusResult {
    /// The condition of the whole stack.
    pub verdict: StatusVerdict,
    /// Partition, account, region, and stack.
    pub scope: Scope,
    /// Every resource, sorted by address.
    pub resources: Vec<ResourceStatus>,
    /// How many messages are in the dead-letter queues; nothing when one does not exist.
    pub dead_letters: Option<u64>,
    /// The same by the name of the destination, where destinations have names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dead_letters_of: BTreeMap<String, Option<u64>>,
    /// The alerts that are staged, and how much they matched.
    pub staged: Vec<StagedStatus>,
    /// What others attached to the resources.
    pub extras: Vec<Extra>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// The exit code of the command.
    pub exit_code: u8,
}

/// The condition of the whole stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusVerdict {
    /// Everything is as the stack file describes or accepts, and nothing is undelivered.
    Ok,
    /// The account differs from the stack file, or has something unmanaged that the file does not accept.
    Differs,
    /// Messages are in the dead-letter queue.
    Undelivered,
}

/// A staged alert, and how much it matched.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StagedStatus {
    /// Its id.
    pub alert: String,
    /// The log group that what it matches is in.
    pub log_group: String,
    /// How many events or log lines it matched; nothing where that is not known.
    pub matched: Option<Sums>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_known: Option<String>,
}

/// One resource and its condition.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ResourceStatus {
    /// Its address.
    pub address: String,
    /// `ok`, `missing`, `differs`, or `not in the stack file`.
    pub condition: &'static str,
    /// The fields that differ.
    pub fields: Vec<String>,
}

impl Format for StatusResult {
    const VERSION: u32 = 1;
}
