//! Offline evaluation of `EventBridge` event patterns.
//!
//! [`Pattern::read`] turns text into a [`Pattern`], [`Pattern::matches`] says whether an event fits and, if not, why;
//! [`Matcher`] says which of many patterns fit, fast. Neighbors: `parse` reads the structure (fields, `$or`), `leaf`
//! the match expressions, `test` compares one value, `text` and `number` and `address` hold its kinds, `paths` the
//! fields, `matches` walks an event and keeps array elements apart, `matcher` is the fast way, `demand` tells what a
//! pattern asks of a field. Where the engine cannot tell, the answer is [`PatternError::Unsupported`], never a guess.

mod address;
mod demand;
mod leaf;
mod matcher;
mod matches;
mod number;
mod parse;
mod paths;
mod test;
mod text;

use std::fmt;

use serde_json::Value;

pub use demand::{Branch, Demand, Requirement};
pub use matcher::{Found, Matcher, Scratch};

use crate::json::{self, Json};
use paths::Paths;
use test::Test;

/// What event patterns mean, in Markdown, with examples that the tests run.
pub const REFERENCE: &str = include_str!("../../docs/event-patterns.md");

/// Default quota of EventBridge for the length of an event pattern, in characters of minified JSON.
pub const DEFAULT_QUOTA: usize = 2_048;

/// The most characters that `PutRule` takes, whatever the quota. Source: botocore 1.44.5, events, `EventPattern`.
pub const LONGEST: usize = 4_096;

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
    /// AWS may accept this, but the engine cannot evaluate it.
    #[error("{}not supported: {message}", place(path.as_deref()))]
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

    fn event(message: impl Into<String>) -> Self {
        Self::Event { message: message.into() }
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
    path.filter(|path| !path.is_empty()).map(|path| format!("{path}: ")).unwrap_or_default()
}

/// A pattern that was read and found valid.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Every field the pattern names, in reading order; two may share a path on different branches of `$or`.
    leaves: Vec<Leaf>,
    /// One list of leaf numbers for each branch of the `$or`s; the pattern matches when one list does.
    /// Sorted by path as AWS sorts it, because `exists: false` looks at what was bound before it.
    branches: Vec<Vec<usize>>,
    /// The dotted paths of the objects that have an `$or`.
    alternatives: Vec<String>,
    paths: Paths,
}

/// One field of a pattern and what is allowed there.
#[derive(Debug, Clone)]
struct Leaf {
    path: String,
    /// The path's number among the pattern's paths.
    field: usize,
    tests: Vec<Test>,
    /// The JSON text of the list, for messages and to know equal leaves.
    wanted: String,
}

impl Leaf {
    /// Whether the field may also be missing.
    fn accepts_absence(&self) -> bool {
        self.tests.iter().any(|test| matches!(test, Test::Exists(false)))
    }
}

impl Pattern {
    /// Reads the JSON text of a pattern. What follows the document is ignored, as AWS ignores it.
    ///
    /// # Errors
    /// [`PatternError::Invalid`] when AWS refuses the pattern, [`PatternError::Unsupported`] when this engine cannot
    /// evaluate it.
    pub fn read(text: &str) -> Result<Self, PatternError> {
        parse::parse(&json::read_broken(text))
    }

    /// Reads a pattern that is a value already.
    ///
    /// # Errors
    /// As [`Pattern::read`].
    pub fn from_value(value: &Value) -> Result<Self, PatternError> {
        parse::parse(&Json::from(value))
    }

    /// Where EventBridge does not do with this pattern what it says, if so; the engine does as EventBridge. Or what only
    /// EventBridge can tell.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let first = |is_one: fn(&Test) -> bool| self.leaves.iter().find(|leaf| leaf.tests.iter().any(is_one));
        if let Some(leaf) = first(Test::is_mixed_up) {
            let field = &leaf.path;
            return Some(format!(
                "{field}: EventBridge mixes up a `wildcard` and an `equals-ignore-case` after it in one list, which then \
                matches far more; put the `wildcard` last, or use two alerts"
            ));
        }
        // Recorded of `*:*:*:*:*:event-bus/*`: "Rule is too complex - try using fewer wildcard characters or fewer repeating
        // character sequences after a wildcard" (LocalStack, tests/aws/services/events, snapshot of AWS). The limit is not
        // documented.
        let leaf = first(Test::is_complex)?;
        let field = &leaf.path;
        Some(format!(
            "{field}: EventBridge rejects a rule whose wildcards are too complex, and only AWS can tell whether this one is; \
            use fewer `*`, and fewer of them before the same character"
        ))
    }

    /// Whether `event` fits the pattern.
    ///
    /// # Errors
    /// [`PatternError::Event`] when the event is not an object, [`PatternError::Unsupported`] when the engine cannot
    /// tell.
    pub fn matches(&self, event: &Json) -> Result<Verdict, PatternError> {
        matches::run(self, event)
    }

    /// Whether an event that is a value already fits the pattern.
    ///
    /// # Errors
    /// As [`Pattern::matches`].
    pub fn matches_value(&self, event: &Value) -> Result<Verdict, PatternError> {
        self.matches(&Json::from(event))
    }
}

/// Reads the JSON text of an event, and gives the byte after it. What follows is ignored, as AWS ignores it.
///
/// # Errors
/// [`PatternError::Event`] when it is not a JSON object.
pub fn read_event(text: &str) -> Result<(Json, usize), PatternError> {
    let document = json::read(text).map_err(|error| PatternError::event(error.brief()))?;
    match document.json {
        event @ Json::Object(_) => Ok((event, document.end)),
        _ => Err(PatternError::event("Event must be a JSON object")),
    }
}

/// The answer of [`Pattern::matches`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The event fits.
    Matches,
    /// It does not, and this is the first reason on the branch that came furthest.
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
    /// The value itself would do, but it is in another array element than the fields before it.
    pub other_element: bool,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, wanted, found, other_element } = self;
        match found {
            None => write!(f, "{field}: expected {wanted}, found no value")?,
            Some(found) => write!(f, "{field}: expected {wanted}, found {found}")?,
        }
        if *other_element {
            write!(f, " (in another array element than the other fields)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
