//! What is wrong with a pattern, and a picture of where.
//!
//! Neighbors: every parser of this module makes these, mostly through `cursor`.

use std::ops::Range;

/// Why a filter pattern would be refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// What is wrong.
    pub message: String,
    /// The bytes of the pattern it is about: on character boundaries, empty at the end of the text.
    pub span: Range<usize>,
    /// What should stand there.
    pub expected: Option<String>,
}

impl FilterError {
    pub(super) fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span, expected: None }
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The line of the pattern, and under it a line with carets below the place. Columns are characters.
    #[must_use]
    pub fn pointed(&self, pattern: &str) -> String {
        let start = boundary(pattern, self.span.start);
        let begin = pattern[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = pattern[start..].find('\n').map_or(pattern.len(), |at| start + at);
        let stop = boundary(pattern, self.span.end).clamp(start, end);
        let before = pattern[begin..start].chars().count();
        let under = pattern[start..stop].chars().count().max(1);
        let line = pattern[begin..end].trim_end_matches('\r');
        format!("{line}\n{}{}", " ".repeat(before), "^".repeat(under))
    }
}

/// The character boundary at or before `at`, so that another pattern than the one parsed cannot cause a panic.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
