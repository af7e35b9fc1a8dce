//! What `trailbell demo` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::apply::Report;
use crate::plan::Summary;
use crate::trace::Request;

/// What came of each command of the demonstration.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell demo --output json")]
pub struct DemoResult {
    /// The first plan.
    pub plan: Summary,
    /// What was created.
    pub apply: Report,
    /// The requests to Slack.
    pub fire: Vec<Request>,
    /// The plan after that, which has no changes.
    pub second_plan: Summary,
    /// What was removed.
    pub destroy: Report,
    /// How many resources are left.
    pub resources_left: usize,
}

impl Format for DemoResult {
    const VERSION: u32 = 1;
}
