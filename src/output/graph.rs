//! What `trailbell graph` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::diagram::Diagram;

/// The stack as boxes and links.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell graph --output json")]
pub struct GraphResult {
    /// The picture.
    #[serde(flatten)]
    pub diagram: Diagram,
    /// Whether the account was looked at, so that boxes have conditions.
    pub is_live: bool,
}

impl Format for GraphResult {
    const VERSION: u32 = 1;
}
