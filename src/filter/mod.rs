//! Offline evaluation of CloudWatch Logs filter patterns: which log lines a subscription or metric filter lets through.
//!
//! Facts are from the CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, filter
//! log events, and Live Tail". Where it says nothing, the answer is [`Answer::Unknown`], never a guess.
//! [`parse`] reads a pattern, [`Filter::matches`] judges a line. Neighbours: `cursor` walks a pattern's text, `terms`,
//! `object` and `fields` are the three forms of pattern, `compare` holds single comparisons, `regex` checks the subset of
//! regular expressions.

mod compare;
mod cursor;
mod fields;
mod object;
mod regex;
mod terms;

use std::fmt;
use std::ops::Range;

use cursor::Cursor;

/// Longest filter pattern, in characters: the service model of `PutSubscriptionFilter`.
pub const MAX_LENGTH: usize = 1_024;

/// Most regular expressions in one pattern: the user guide.
const MAX_REGEXES: usize = 2;

/// Why a filter pattern would be refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// What is wrong.
    pub message: String,
    /// The bytes of the pattern it is about; empty at its end.
    pub span: Range<usize>,
    /// What should stand there.
    pub expected: Option<String>,
}

impl FilterError {
    fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span, expected: None }
    }

    fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The line of the pattern with carets under the place.
    #[must_use]
    pub fn pointed(&self, pattern: &str) -> String {
        let begin = pattern[..self.span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = pattern[begin..].find('\n').map_or(pattern.len(), |at| begin + at);
        let before = pattern[begin..self.span.start].chars().count();
        let under = pattern[self.span.start..self.span.end.clamp(self.span.start, end)].chars().count().max(1);
        format!("{}\n{}{}", &pattern[begin..end], " ".repeat(before), "^".repeat(under))
    }
}

/// What the engine says of a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The filter lets it through.
    Matches,
    /// It does not, for this reason.
    DoesNot(String),
    /// Nothing documented decides it; the reason says what is open.
    Unknown(String),
}

impl Answer {
    /// Both must hold.
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Matches => other(),
            Self::DoesNot(_) => self,
            Self::Unknown(_) => match other() {
                other @ Self::DoesNot(_) => other,
                _ => self,
            },
        }
    }

    /// One must hold. Of two reasons the second is kept: it is the one that was tried last.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Matches => self,
            Self::DoesNot(_) => other(),
            Self::Unknown(_) => match other() {
                Self::Matches => Self::Matches,
                _ => self,
            },
        }
    }
}

/// The form of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Terms that occur in the line.
    Terms,
    /// `{ … }`: conditions on a JSON object.
    Json,
    /// `[ … ]`: conditions on fields between spaces.
    Fields,
}

/// A filter pattern that was read and found valid.
#[derive(Clone, Debug)]
pub struct Filter {
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Terms(terms::Terms),
    Json(object::Expression),
    Fields(fields::Fields),
}

/// Reads a filter pattern.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse(pattern: &str) -> Result<Filter, FilterError> {
    let length = pattern.chars().count();
    if length > MAX_LENGTH {
        let error = FilterError::new(format!("the pattern has {length} characters"), pattern.len()..pattern.len());
        return Err(error.expected(format!("at most {MAX_LENGTH}")));
    }
    let mut cursor = Cursor::new(pattern);
    let form = match cursor.peek() {
        Some('{') => object::parse(&mut cursor).map(Form::Json),
        Some('[') => fields::parse(&mut cursor).map(Form::Fields),
        _ => terms::parse(&mut cursor).map(Form::Terms),
    }?;
    Ok(Filter { form })
}

impl Filter {
    /// Whether the filter lets a log line through.
    #[must_use]
    pub fn matches(&self, line: &str) -> Answer {
        match &self.form {
            Form::Terms(terms) => terms.matches(line),
            Form::Json(expression) => expression.matches(line),
            Form::Fields(fields) => fields.matches(line),
        }
    }

    /// The form of the pattern.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.form {
            Form::Terms(_) => Kind::Terms,
            Form::Json(_) => Kind::Json,
            Form::Fields(_) => Kind::Fields,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terms => "terms",
            Self::Json => "JSON",
            Self::Fields => "space-delimited",
        })
    }
}

#[cfg(test)]
mod tests;
