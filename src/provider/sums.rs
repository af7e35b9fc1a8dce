//! What a metric added up to: how `status` knows how often a staged alert would have fired, and `doctor` when a rule matched last.

use schemars::JsonSchema;
use serde::Serialize;

/// What the values of a series add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sums {
    /// Within the last 24 hours.
    pub day: u64,
    /// Within the last 30 days.
    pub month: u64,
    /// When the last hour began in which there was something, in milliseconds since 1970.
    #[serde(skip)]
    pub last_ms: Option<i64>,
}
