//! One comparison: a value of the event against an entry of a pattern's list.
//!
//! Strings, numbers, booleans and null are told apart first; only `anything-but` accepts a value of another kind.
//! Neighbours: `leaf` builds these, `matches` asks them, `number` and `address` compare their own kinds.

use serde_json::{Number, Value};

use super::PatternError;
use super::address::Cidr;
use super::number::{self, Range};

/// An entry of a field's list.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    /// A text that is an IP address, which also equals its other spellings.
    Address(String, Cidr),
    Prefix(String),
    Suffix(String),
    SameIgnoringCase(Folded),
    PrefixIgnoringCase(Folded),
    SuffixIgnoringCase(Folded),
    Wildcard(Wildcard),
    Range(Range),
    Cidr(Cidr),
    Exists(bool),
    AnythingBut(Vec<Test>),
}

impl Test {
    /// Whether a value that is there passes; absence is `matches`' business.
    pub(super) fn accepts(&self, value: &Value) -> Result<bool, PatternError> {
        match (self, value) {
            (Self::Exists(wanted), _) => Ok(*wanted),
            (Self::AnythingBut(tests), _) => none_accepts(tests, value),
            (Self::Address(wanted, _), Value::String(found)) if wanted == found => Ok(true),
            (Self::Cidr(block) | Self::Address(_, block), _) => accepts_address(block, value),
            (Self::Null, Value::Null) => Ok(true),
            (Self::Bool(wanted), Value::Bool(found)) => Ok(wanted == found),
            (Self::Number(wanted), Value::Number(found)) => Ok(number::same(wanted, found)),
            (Self::Range(range), Value::Number(found)) => Ok(range.contains(found)),
            (_, Value::String(found)) => Ok(self.accepts_text(found)),
            _ => Ok(false),
        }
    }

    /// Whether this is, or denies, a wildcard.
    pub(super) fn has_wildcard(&self) -> bool {
        match self {
            Self::Wildcard(_) => true,
            Self::AnythingBut(tests) => tests.iter().any(Self::has_wildcard),
            _ => false,
        }
    }

    /// Whether this ignores case and names a letter whose two cases AWS writes with different leading bytes or
    /// lengths.
    pub(super) fn has_uneven_case(&self) -> bool {
        match self {
            Self::SameIgnoringCase(text) | Self::PrefixIgnoringCase(text) | Self::SuffixIgnoringCase(text) => {
                text.is_uneven()
            }
            Self::AnythingBut(tests) => tests.iter().any(Self::has_uneven_case),
            _ => false,
        }
    }

    fn accepts_text(&self, found: &str) -> bool {
        match self {
            Self::Text(wanted) => wanted == found,
            Self::Prefix(wanted) => closed(found).starts_with(wanted.as_str()),
            Self::Suffix(wanted) => opened(found).ends_with(wanted.as_str()),
            Self::SameIgnoringCase(wanted) => wanted.strip_prefix(found) == Some(""),
            Self::PrefixIgnoringCase(wanted) => wanted.strip_prefix(&closed(found)).is_some(),
            Self::SuffixIgnoringCase(wanted) => wanted.is_suffix(&opened(found)),
            Self::Wildcard(wanted) => wanted.accepts(found),
            _ => false,
        }
    }
}

/// The text with the quote that closes it in JSON: AWS compares quoted texts, so a prefix may end in that quote.
fn closed(text: &str) -> String {
    format!("{text}\"")
}

/// The text with the quote that opens it, as a suffix may begin with that quote.
fn opened(text: &str) -> String {
    format!("\"{text}")
}

fn none_accepts(tests: &[Test], value: &Value) -> Result<bool, PatternError> {
    for test in tests {
        if test.accepts(value)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn accepts_address(block: &Cidr, value: &Value) -> Result<bool, PatternError> {
    match value {
        Value::String(text) => Ok(block.contains(text)),
        other if block.may_misread(&other.to_string()) => {
            Err(PatternError::unsupported(format!("cidr against the value {other}, which is no string")))
        }
        _ => Ok(false),
    }
}

/// A text whose letters may each be in lower or in upper case.
///
/// AWS maps every character of the pattern, never of the event: `ß` also stands for `SS`, but `SS` not for `ß`.
#[derive(Debug, Clone)]
pub(super) struct Folded(Vec<(String, String)>);

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().map(|c| (c.to_lowercase().collect(), c.to_uppercase().collect())).collect())
    }

    fn is_uneven(&self) -> bool {
        self.0.iter().any(|(lower, upper)| lower != upper && !(lower.is_ascii() && upper.is_ascii()))
    }

    /// What follows the text in `found`, if `found` begins with it. The two cases of a character never begin alike,
    /// so the first that fits is the only one.
    fn strip_prefix<'f>(&self, found: &'f str) -> Option<&'f str> {
        self.0.iter().try_fold(found, |rest, (lower, upper)| {
            rest.strip_prefix(lower.as_str()).or_else(|| rest.strip_prefix(upper.as_str()))
        })
    }

    fn is_suffix(&self, found: &str) -> bool {
        let rest = self.0.iter().rev().try_fold(found, |rest, (lower, upper)| {
            rest.strip_suffix(lower.as_str()).or_else(|| rest.strip_suffix(upper.as_str()))
        });
        rest.is_some()
    }
}

/// A text in which `*` stands for any characters; the parts between the stars, at least one.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    first: String,
    /// The parts after a star, the last of which ends the text.
    rest: Vec<String>,
}

impl Wildcard {
    pub(super) fn read(pattern: &str) -> Result<Self, PatternError> {
        let mut parts = vec![String::new()];
        let mut chars = pattern.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            match (c, chars.peek().map(|&(_, next)| next)) {
                // AWS counts from the opening quote.
                ('*', Some('*')) => return Err(bad_wildcard("Consecutive wildcard characters", at)),
                ('*', _) => parts.push(String::new()),
                ('\\', Some(escaped @ ('*' | '\\'))) => {
                    chars.next();
                    push(&mut parts, escaped);
                }
                ('\\', _) => return Err(bad_wildcard("Invalid escape character", at)),
                (c, _) => push(&mut parts, c),
            }
        }
        let rest = parts.split_off(1);
        Ok(Self { first: parts.concat(), rest })
    }

    /// Taking the earliest place for every part is always right, so the text is read once.
    fn accepts(&self, found: &str) -> bool {
        let Some((last, middle)) = self.rest.split_last() else { return found == self.first };
        let Some(text) = found.strip_prefix(self.first.as_str()) else { return false };
        let after =
            middle.iter().try_fold(text, |text, part| text.find(part.as_str()).map(|at| &text[at + part.len()..]));
        after.is_some_and(|text| text.ends_with(last.as_str()))
    }
}

fn push(parts: &mut [String], c: char) {
    if let Some(part) = parts.last_mut() {
        part.push(c);
    }
}

fn bad_wildcard(message: &str, at: usize) -> PatternError {
    PatternError::invalid(format!("{message} at pos {}", at + 1))
}
