//! Walking the text of a pattern: spaces, words, quoted texts, regular expressions, and errors that point at a place.
//!
//! Used by the readers of all three forms.

use std::ops::Range;

use super::regex::Regex;
use super::{FilterError, MAX_REGEXES};

/// A place in a pattern.
pub(super) struct Cursor<'p> {
    text: &'p str,
    at: usize,
    regexes: usize,
}

impl<'p> Cursor<'p> {
    pub(super) fn new(text: &'p str) -> Self {
        Self { text, at: 0, regexes: 0 }
    }

    /// The byte it stands at.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The first character that is no space, without taking it.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.here()
    }

    /// The next character, even a space.
    pub(super) fn here(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes this text if it comes next, spaces before it ignored.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// Takes the characters that belong to a word; may be none.
    pub(super) fn word(&mut self, belongs: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// Takes a text in double quotes; a backslash makes the next character an ordinary one.
    pub(super) fn quoted(&mut self) -> Result<String, FilterError> {
        let begin = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(out);
                }
                '\\' => out.extend(chars.next().map(|(_, escaped)| escaped)),
                c => out.push(c),
            }
        }
        let end = self.text.len();
        Err(FilterError::new("this text has no closing quote", begin..end).expected("a double quote at its end"))
    }

    /// Takes a regular expression between percent signs.
    pub(super) fn regex(&mut self) -> Result<Regex, FilterError> {
        let begin = self.at;
        let inside = begin + 1;
        let mut escaped = false;
        let end = self.text[inside..].find(|c| {
            let closes = c == '%' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let Some(length) = end else {
            let error = FilterError::new("this regular expression has no end", begin..self.text.len());
            return Err(error.expected("a percent sign at its end"));
        };
        self.at = inside + length + 1;
        self.regexes += 1;
        if self.regexes > MAX_REGEXES {
            let error = FilterError::new("one regular expression too many", begin..self.at);
            return Err(error.expected(format!("at most {MAX_REGEXES} in a pattern")));
        }
        Regex::read(&self.text[inside..inside + length], inside)
    }

    /// An error about what comes next.
    pub(super) fn error(&mut self, message: &str, expected: &str) -> FilterError {
        self.skip_space();
        let length = self.here().map_or(0, char::len_utf8);
        error_at(self.at..self.at + length, message, expected)
    }

    /// The text of a part of the pattern.
    pub(super) fn since(&self, begin: usize) -> &'p str {
        &self.text[begin..self.at]
    }
}

/// An error about a part of the pattern.
pub(super) fn error_at(span: Range<usize>, message: &str, expected: &str) -> FilterError {
    let message = if span.is_empty() { format!("{message}: the pattern ends here") } else { message.to_owned() };
    FilterError::new(message, span).expected(expected)
}
