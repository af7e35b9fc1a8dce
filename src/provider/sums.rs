//! What a metric added up to: how `status` knows how often a staged alert would have fired.

use schemars::JsonSchema;
use serde::Serialize;

/// What the values of a series add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sums {
    /// Within the last 24 hours.
    pub day: u64,
    /// Within the last 30 days.
    pub month: u64,
}
