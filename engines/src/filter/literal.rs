//! What a condition compares with: a number, a text with wildcards, a regular expression.
//!
//! Neighbors: `object` and `fields` read literals, `compare` applies them.

use super::cursor::{Cursor, Quoted};
use super::error::FilterError;
use super::number::Number;
use super::regex::Regex;
use super::truth::Truth;
use crate::glob::Glob;

/// A value of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    Number(Number),
    Text(LiteralText),
    Regex(Regex),
}

/// A text, `*` standing for anything.
#[derive(Clone, Debug)]
pub(super) struct LiteralText {
    shown: String,
    glob: Glob,
    /// The other reading, where a backslash leaves two.
    unescaped: Option<Glob>,
    /// Unquoted and without letters, such as `4*`: a number with wildcards or an IP address.
    pub(super) numeric: bool,
}

impl LiteralText {
    fn quoted(quoted: &Quoted) -> Self {
        let shown = format!("\"{}\"", quoted.raw);
        let unescaped = quoted.unescaped.as_deref().map(Glob::new);
        Self { shown, glob: Glob::new(&quoted.raw), unescaped, numeric: false }
    }

    fn bare(word: &str, numeric: bool) -> Self {
        let shown = if numeric { word.to_owned() } else { format!("\"{word}\"") };
        Self { shown, glob: Glob::new(word), unescaped: None, numeric }
    }

    /// Whether it fits the whole of `value`.
    pub(super) fn matches(&self, value: &str) -> Truth {
        let raw = Truth::from(self.glob.matches(value));
        let Some(unescaped) = &self.unescaped else { return raw };
        Truth::agreed(raw, unescaped.matches(value).into(), "what `\\` in a quoted text means is not documented")
    }
}

impl Literal {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterError> {
        match cursor.peek() {
            Some('"') => Ok(Self::Text(LiteralText::quoted(&cursor.quoted()?))),
            Some('%') => Ok(Self::Regex(Regex::parse(cursor)?)),
            Some('\'') => Err(cursor.error("a text must be in double quotation marks").expected("`\"`")),
            _ => bare(cursor),
        }
    }

    /// As messages show it.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Number(number) => number.text(),
            Self::Text(text) => &text.shown,
            Self::Regex(regex) => regex.shown(),
        }
    }
}

/// A word without quotation marks.
///
/// The guide wants marks around anything but letters, digits and `_`; its own `123.123.*` and the published CIS
/// patterns (`kms.amazonaws.com`) have dots, which are taken too. A sign is for a number only.
fn bare(cursor: &mut Cursor<'_>) -> Result<Literal, FilterError> {
    let start = cursor.at();
    let word = cursor.take_while(|c| !c.is_ascii_whitespace() && !"{}[](),&|\"".contains(c));
    if word.is_empty() {
        return Err(cursor.error("a value is missing").expected("a text, a number or a `%regular expression%`"));
    }
    if let Some(number) = Number::parse(word) {
        return Ok(Literal::Number(number));
    }
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let numeric = unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'*'));
    if numeric && !word.contains('*') && word.matches('.').count() < 2 {
        return Err(cursor.error_since(start, "this is not a number").expected("digits, as in `-0.5` or `1e+3`"));
    }
    let text = if numeric { unsigned } else { word };
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'*')) {
        let between_slashes = word.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        if let Some(regex) = between_slashes.filter(|inside| !inside.is_empty() && !inside.contains('/')) {
            let error = cursor.error_since(start, "a regular expression is between `%`, not between `/`");
            return Err(error.expected(format!("`%{regex}%`")));
        }
        let message = "a text with anything but letters, digits, `_`, `.` and `*` must be in quotation marks";
        return Err(cursor.error_since(start, message).expected(format!("\"{word}\"")));
    }
    Ok(Literal::Text(LiteralText::bare(word, numeric)))
}
