//! Pauses: how long a change waits for what was changed before it, where AWS does not say when that holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pause and its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// How long.
    pub seconds: u64,
    /// Why, as a clause: "until calls of the old code are over".
    pub reason: String,
}

impl Pause {
    /// A pause.
    #[must_use]
    pub fn new(seconds: u64, reason: &str) -> Self {
        Self { seconds, reason: reason.to_owned() }
    }
}
