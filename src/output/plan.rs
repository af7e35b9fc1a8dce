//! What `trailbell plan` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::plan::{Plan, Summary};

/// What apply would change.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell plan --output json")]
pub struct Planned {
    /// How many changes of each kind.
    summary: Summary,
    /// The plan. Its own `format` says how it is written.
    plan: Plan,
}

impl Format for Planned {
    const VERSION: u32 = 1;
}

impl From<Plan> for Planned {
    fn from(plan: Plan) -> Self {
        Self { summary: plan.summary(), plan }
    }
}
