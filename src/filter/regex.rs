//! The regular expressions filter patterns may use, a subset the user guide lists.
//!
//! Letters, digits and a few signs stand for themselves, `^ $ ? [ ] { } | \ * + .` are operators; parentheses and
//! characters outside ASCII are not allowed. What passes is run by the `regex` crate, in time linear in the text.

use regex::{Regex as Compiled, RegexBuilder};

use super::FilterError;

/// Signs that stand for themselves.
const SIGNS: &str = "_#=@/;,-:";
const OPERATORS: &str = "^$?[]{}|\\*+.";
/// Letters that mean a class of characters after a backslash.
const CLASSES: &str = "dDsSwW";
/// Bounds what `{m,n}` can grow to.
const MAX_SIZE: usize = 1 << 20;

/// A regular expression that was checked.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    compiled: Compiled,
}

impl Regex {
    /// Reads an expression that stands at `offset` in the pattern, without its percent signs.
    pub(super) fn read(text: &str, offset: usize) -> Result<Self, FilterError> {
        let whole = offset..offset + text.len();
        if text.is_empty() {
            let span = offset - 1..offset + 1;
            return Err(FilterError::new("this regular expression is empty", span).expected("an expression"));
        }
        let mut chars = text.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                let escaped = chars.next().map(|(_, c)| c);
                check_escape(escaped, &mut chars, offset + at)?;
            } else if !(c.is_ascii_alphanumeric() || SIGNS.contains(c) || OPERATORS.contains(c)) {
                return Err(not_allowed(c, offset + at));
            }
        }
        let compiled = RegexBuilder::new(text).size_limit(MAX_SIZE).build();
        compiled.map(|compiled| Self { compiled }).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            FilterError::new(format!("this is no regular expression: {reason}"), whole)
        })
    }

    /// Whether it matches somewhere in the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

fn check_escape(escaped: Option<char>, rest: &mut std::str::CharIndices<'_>, at: usize) -> Result<(), FilterError> {
    match escaped {
        Some('x') => {
            let digits: Vec<char> = rest.take(2).map(|(_, c)| c).collect();
            let is_hex = digits.len() == 2 && digits.iter().all(char::is_ascii_hexdigit);
            let length = 2 + digits.iter().map(|c| c.len_utf8()).sum::<usize>();
            let error = || FilterError::new("this escape is not complete", at..at + length).expected("two hex digits");
            if is_hex { Ok(()) } else { Err(error()) }
        }
        Some(c) if CLASSES.contains(c) || c.is_ascii_punctuation() => Ok(()),
        Some(c) => Err(FilterError::new("this escape is not supported", at..at + 1 + c.len_utf8())
            .expected("an operator, or one of \\d \\D \\s \\S \\w \\W \\xhh")),
        None => Err(FilterError::new("a backslash at the end", at..at + 1).expected("the character it stands before")),
    }
}

fn not_allowed(c: char, at: usize) -> FilterError {
    let message = match c {
        '(' | ')' => "regular expressions of filter patterns have no groups".to_owned(),
        c if !c.is_ascii() => format!("`{c}` is not an ASCII character"),
        c => format!("`{c}` is not allowed here"),
    };
    let expected = format!("letters, digits, {SIGNS} and the operators {OPERATORS}; any other sign after a backslash");
    FilterError::new(message, at..at + c.len_utf8()).expected(expected)
}
