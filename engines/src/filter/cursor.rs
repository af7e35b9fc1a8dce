//! Walking the text of a pattern: spaces, operators, words, quoted texts, and errors that point at their place.
//!
//! Neighbors: `terms`, `object` and `fields` read their form with it, `literal` and `selector` parts of them.

use std::ops::Range;

use super::Doubt;
use super::error::FilterError;

/// A place in the text of a pattern, and what was gathered on the way there.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// How many parentheses are open.
    pub(super) depth: usize,
    /// How many regular expressions were read.
    pub(super) regexes: usize,
    /// How many selectors with a wildcard were read.
    pub(super) wildcards: usize,
    /// What AWS does not document of what was read.
    pub(super) doubts: Vec<Doubt>,
}

/// A text in quotation marks.
#[derive(Debug)]
pub(super) struct Quoted {
    /// What is between the marks, as it is written.
    pub(super) raw: String,
    /// The same with `\x` read as `x`, where there is a backslash.
    pub(super) unescaped: Option<String>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, regexes: 0, wildcards: 0, doubts: Vec::new() }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What has been read since `start`.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Goes back to a place that [`Self::at`] gave.
    pub(super) fn rewind(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(|c| c.is_ascii_whitespace());
    }

    /// Reads characters as long as they are `wanted`.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Reads `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    /// Reads `token`, which must come next; `expected` names whatever else may.
    pub(super) fn expect(&mut self, token: &str, message: &str, expected: &str) -> Result<(), FilterError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(message).expected(expected)) }
    }

    /// Nothing but space may follow.
    pub(super) fn finish(&mut self) -> Result<(), FilterError> {
        self.skip_space();
        match self.rest() {
            "" => Ok(()),
            rest => Err(FilterError::new("the pattern has ended", self.at..self.at + rest.trim_end().len())
                .expected("nothing more")),
        }
    }

    /// An error at the word that comes next.
    pub(super) fn error(&self, message: impl Into<String>) -> FilterError {
        FilterError::new(message, self.at..self.at + word_length(self.rest()))
    }

    /// An error at what has been read since `start`.
    pub(super) fn error_since(&self, start: usize, message: impl Into<String>) -> FilterError {
        FilterError::new(message, start..self.at)
    }

    pub(super) fn doubt(&mut self, span: Range<usize>, reason: impl Into<String>) {
        self.doubts.push(Doubt { reason: reason.into(), span });
    }

    /// Reads a text in quotation marks; the first mark comes next.
    pub(super) fn quoted(&mut self) -> Result<Quoted, FilterError> {
        let start = self.at;
        let raw = self.between('"', |bytes, at| bytes[at] == b'\\')?;
        let unescaped = raw.contains('\\').then(|| unescape(raw));
        if unescaped.is_some() {
            self.doubt(start..self.at, "whether `\\` in a quoted text escapes the next character or is literal");
        }
        Ok(Quoted { raw: raw.to_owned(), unescaped })
    }

    /// Reads what is between `mark` and the next one; `hides` says where a byte hides the one after it.
    pub(super) fn between(&mut self, mark: char, hides: fn(&[u8], usize) -> bool) -> Result<&'a str, FilterError> {
        let bytes = self.text.as_bytes();
        let start = self.at + mark.len_utf8();
        let mut end = start;
        while end < bytes.len() && bytes[end] != mark as u8 {
            end += if hides(bytes, end) { 2 } else { 1 };
        }
        if end >= bytes.len() {
            let message = format!("this `{mark}` is never closed");
            return Err(FilterError::new(message, self.at..start).expected(format!("another `{mark}`")));
        }
        self.at = end + mark.len_utf8();
        Ok(&self.text[start..end])
    }
}

/// The bytes of the run of letters and digits at the front, or of its first character.
fn word_length(text: &str) -> usize {
    let word = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    if word > 0 { word } else { text.chars().next().map_or(0, char::len_utf8) }
}

fn unescape(text: &str) -> String {
    let mut characters = text.chars();
    let mut unescaped = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        unescaped.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    unescaped
}
