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
    summary: Counts,
    /// The plan. Its own `format` says how it is written.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    plan: Plan,
}

/// How many changes of each kind.
#[derive(Debug, Serialize, JsonSchema)]
struct Counts {
    /// To create.
    create: usize,
    /// To update.
    update: usize,
    /// To replace: delete, and create again.
    replace: usize,
    /// To delete.
    delete: usize,
    /// As they should be.
    unchanged: usize,
}

impl Format for Planned {
    const VERSION: u32 = 1;
}

impl From<Plan> for Planned {
    fn from(plan: Plan) -> Self {
        let Summary { create, update, replace, delete, unchanged } = plan.summary();
        Self { summary: Counts { create, update, replace, delete, unchanged }, plan }
    }
}
