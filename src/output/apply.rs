//! What `trailbell apply`, `destroy`, and `init` print: one line per event, as it happens.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use super::plan::Planned;
use crate::apply::Event;

/// One line of the output.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "a line of trailbell apply, destroy, or init --output json")]
#[serde(untagged)]
pub enum ApplyLine {
    /// What comes before the changes.
    Before(Before),
    /// A change, or the report at the end.
    Event(Box<Event>),
}

/// What comes before the changes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Before {
    /// `init` has written the stack file.
    Written {
        /// The stack file.
        file: PathBuf,
    },
    /// What will be changed, if it is confirmed.
    Planned(Box<Planned>),
}

impl Format for ApplyLine {
    const VERSION: u32 = 1;
}
