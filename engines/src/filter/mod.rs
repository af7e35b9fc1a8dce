//! Offline evaluation of `CloudWatch` Logs filter patterns: which log lines a metric or subscription filter lets
//! through.
//!
//! Facts are from the `CloudWatch` Logs user guide, "Filter pattern syntax for metric filters, subscription filters,
//! filter log events, and Live Tail". Where it says nothing, the answer is [`Judgment::Unknown`], never a guess.
//! [`parse`] reads a pattern, [`Filter::matches`] judges a log line. Neighbors: `cursor` walks the text of a pattern;
//! `terms`, `object` and `fields` are the three forms of pattern, with `selector`, `document` and `split` for what
//! they look at; `expression` joins conditions, `compare` is one of them, `literal`, `number` and `regex` what it
//! compares with; `truth` counts with what is unknown; `error` is what `parse` refuses.

mod compare;
mod cursor;
mod document;
mod error;
mod expression;
mod fields;
mod literal;
mod number;
mod object;
mod regex;
mod selector;
mod slips;
mod split;
mod terms;
mod truth;

use std::fmt;
use std::ops::Range;

use cursor::Cursor;
pub use error::FilterError;
use fields::Fields;
use object::Object;
use terms::Terms;

/// What filter patterns mean, in Markdown, with examples that the tests run.
pub const REFERENCE: &str = include_str!("../../docs/filter-patterns.md");

/// Longest pattern, in characters: the API model of `PutMetricFilter` and `PutSubscriptionFilter`.
pub const MAX_LENGTH: usize = 1_024;

/// A filter pattern that was read and found valid.
#[derive(Clone, Debug)]
pub struct Filter {
    form: FilterForm,
    doubts: Vec<Doubt>,
}

#[derive(Clone, Debug)]
enum FilterForm {
    Terms(Terms),
    Object(Object),
    Fields(Fields),
}

/// The form of a pattern, which decides what it looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Terms that occur anywhere in the message, or a regular expression.
    Unstructured,
    /// `{ … }`: conditions on the fields of a JSON object.
    Json,
    /// `[ … ]`: conditions on the words of a line, by position.
    SpaceDelimited,
}

/// What the engine says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgment {
    /// The filter lets the message through.
    Matches,
    /// It does not, and this is the first condition that stops it.
    DoesNot(Why),
    /// It hinges on something that AWS does not document.
    Unknown(Doubt),
}

/// Why a message does not match, e.g. `$.eventName: expected = "StopLogging", found "StartLogging"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why(String);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that AWS does not document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// A sentence: what is not documented.
    pub reason: String,
    /// The bytes of the pattern it is about.
    pub span: Range<usize>,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Judgment {
    fn does_not(why: impl Into<String>) -> Self {
        Self::DoesNot(Why(why.into()))
    }

    fn unknown(reason: impl Into<String>, span: &Range<usize>) -> Self {
        Self::Unknown(Doubt { reason: reason.into(), span: span.clone() })
    }
}

/// Reads a pattern.
///
/// # Errors
/// [`FilterError`] when AWS refuses the pattern, or when it holds a construct that the user guide does not have.
pub fn parse(pattern: &str) -> Result<Filter, FilterError> {
    read(pattern).map_err(|error| slips::explain(pattern, error, |fixed| read(fixed).is_ok()))
}

fn read(pattern: &str) -> Result<Filter, FilterError> {
    if let Some((end, _)) = pattern.char_indices().nth(MAX_LENGTH) {
        let message = format!("the pattern has {} characters", pattern.chars().count());
        return Err(FilterError::new(message, end..pattern.len()).expected(format!("at most {MAX_LENGTH} characters")));
    }
    let mut cursor = Cursor::new(pattern);
    cursor.skip_space();
    let form = match cursor.peek() {
        Some('{') => FilterForm::Object(object::parse(&mut cursor)?),
        Some('[') => FilterForm::Fields(fields::parse(&mut cursor)?),
        _ => FilterForm::Terms(terms::parse(&mut cursor)?),
    };
    cursor.finish()?;
    Ok(Filter { form, doubts: cursor.doubts })
}

/// What the filter lets through of several messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The places of those that pass.
    pub passing: Vec<usize>,
    /// Why the first of the others does not.
    pub why: Option<Why>,
}

impl Filter {
    /// Which of the messages the filter lets through.
    ///
    /// # Errors
    /// One of them hinges on something that AWS does not document.
    pub fn select(&self, messages: &[String]) -> Result<Selection, Doubt> {
        let mut selection = Selection { passing: Vec::new(), why: None };
        for (place, message) in messages.iter().enumerate() {
            match self.matches(message) {
                Judgment::Matches => selection.passing.push(place),
                Judgment::DoesNot(why) => drop(selection.why.get_or_insert(why)),
                Judgment::Unknown(doubt) => return Err(doubt),
            }
        }
        Ok(selection)
    }

    /// Whether the filter lets `message` through.
    #[must_use]
    pub fn matches(&self, message: &str) -> Judgment {
        match &self.form {
            FilterForm::Terms(terms) => terms.matches(message),
            FilterForm::Object(object) => object.matches(message),
            FilterForm::Fields(fields) => fields.matches(message),
        }
    }

    /// The form of the pattern.
    #[must_use]
    pub fn kind(&self) -> Syntax {
        match &self.form {
            FilterForm::Terms(_) => Syntax::Unstructured,
            FilterForm::Object(_) => Syntax::Json,
            FilterForm::Fields(_) => Syntax::SpaceDelimited,
        }
    }

    /// The parts of the pattern for which AWS documents nothing, whatever the message; in order of the pattern.
    #[must_use]
    pub fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = self.doubts.clone();
        doubts.sort_by_key(|doubt| doubt.span.start);
        doubts
    }
}

#[cfg(test)]
mod tests;
