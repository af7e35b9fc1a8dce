//! Offline evaluation of `EventBridge` event patterns.
//!
//! `parse` turns a pattern into a [`Pattern`], [`Pattern::matches`] says whether an event fits and, if not, why.
//! Neighbours: `parse` reads the structure (fields, `$or`), `leaf` the match expressions, `test` compares one value,
//! `matches` walks the event and keeps array elements apart, `number` and `address` hold the two odd value kinds,
//! `text` reads JSON text and refuses what a `serde_json::Value` cannot hold.
//! What this version cannot evaluate is [`PatternError::Unsupported`], never a guess.

mod address;
mod leaf;
mod matches;
mod number;
mod parse;
mod test;
mod text;

use std::fmt;

use serde_json::Value;

pub use parse::parse;
pub use text::read;

use test::Test;

/// How deep a pattern or an event may be nested; bounds every recursion of the engine.
const MAX_DEPTH: usize = 128;

/// Why a pattern or an event could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// AWS refuses this pattern; where AWS's wording is known it is the message.
    #[error("{}{message}", place(path.as_deref()))]
    Invalid {
        /// What is wrong.
        message: String,
        /// The field at fault, dotted, where there is one.
        path: Option<String>,
    },
    /// AWS may accept this, but the engine cannot evaluate it yet.
    #[error("{}not supported yet: {message}", place(path.as_deref()))]
    Unsupported {
        /// What is missing.
        message: String,
        /// The field at fault, dotted, where there is one.
        path: Option<String>,
    },
    /// The event is not one: AWS takes only a JSON object.
    #[error("event: {message}")]
    Event {
        /// What is wrong.
        message: String,
    },
}

impl PatternError {
    fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), path: None }
    }

    fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported { message: message.into(), path: None }
    }

    /// The same error, naming the field; a field already named is kept, being the more exact one.
    fn at(mut self, field: &str) -> Self {
        if let Self::Invalid { path, .. } | Self::Unsupported { path, .. } = &mut self {
            path.get_or_insert_with(|| field.to_owned());
        }
        self
    }
}

fn place(path: Option<&str>) -> String {
    path.map(|path| format!("{path}: ")).unwrap_or_default()
}

/// A pattern that was read and found valid.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Every field the pattern names, in reading order.
    leaves: Vec<Leaf>,
    /// One list of leaf numbers for each way through the `$or`s; the pattern matches when one list does.
    /// Sorted by path as AWS sorts it, because `exists: false` looks at what was bound before it.
    rules: Vec<Vec<usize>>,
}

/// One field of a pattern and what may stand there.
#[derive(Debug, Clone)]
struct Leaf {
    path: String,
    tests: Vec<Test>,
    /// The JSON text of the list, for messages.
    wanted: String,
}

impl Pattern {
    /// Whether `event` fits the pattern.
    ///
    /// # Errors
    /// [`PatternError::Event`] when the event is no object, [`PatternError::Unsupported`] when this version cannot
    /// tell.
    pub fn matches(&self, event: &Value) -> Result<Verdict, PatternError> {
        matches::run(self, event)
    }
}

/// The answer of [`Pattern::matches`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The event fits.
    Matches,
    /// It does not, and this is the first reason on the way that came furthest.
    DoesNot(Mismatch),
}

/// Why an event does not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The dotted field, e.g. `detail.eventName`.
    pub field: String,
    /// The JSON text of what the pattern lists there.
    pub wanted: String,
    /// The JSON text of what the event holds there; a list when arrays give several values; `None` when there is no
    /// value to compare (absent, or an empty or non-empty object).
    pub found: Option<String>,
    /// The value itself would do, but it stands in another array element than the fields before it.
    pub other_element: bool,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, wanted, found, other_element } = self;
        match found {
            None => write!(f, "{field}: wanted {wanted}, found no value")?,
            Some(found) => write!(f, "{field}: wanted {wanted}, found {found}")?,
        }
        if *other_element {
            write!(f, " (in another array element than the other fields)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
