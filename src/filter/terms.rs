//! Patterns of terms: all must occur, `?` any of them, `-` must not; a term is a word, a quoted text or `%regex%`.

use super::cursor::{Cursor, error_at};
use super::regex::Regex;
use super::{Answer, FilterError};

/// The terms of a pattern.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    wanted: Wanted,
    /// As written, for reasons.
    text: String,
}

#[derive(Clone, Debug)]
enum Wanted {
    Text(String),
    Regex(Regex),
}

/// Reads the terms up to the end of the pattern.
pub(super) fn parse(cursor: &mut Cursor) -> Result<Terms, FilterError> {
    let mut terms = Terms::default();
    while let Some(first) = cursor.peek() {
        let group = match first {
            '?' => &mut terms.any,
            '-' => &mut terms.none,
            _ => &mut terms.all,
        };
        if matches!(first, '?' | '-') {
            cursor.take(&first.to_string());
        }
        group.push(term(cursor)?);
    }
    Ok(terms)
}

fn term(cursor: &mut Cursor) -> Result<Term, FilterError> {
    let begin = cursor.at();
    let wanted = match cursor.here() {
        Some('"') => Wanted::Text(cursor.quoted()?),
        Some('%') => Wanted::Regex(cursor.regex()?),
        _ => Wanted::Text(word(cursor)?),
    };
    if cursor.here().is_some_and(|c| !c.is_whitespace()) {
        return Err(cursor.error("the term goes on after its end", "a space between terms"));
    }
    Ok(Term { wanted, text: cursor.since(begin).to_owned() })
}

fn word(cursor: &mut Cursor) -> Result<String, FilterError> {
    let begin = cursor.at();
    let word = cursor.word(|c| !c.is_whitespace());
    let span = begin..cursor.at();
    if word.is_empty() {
        return Err(error_at(begin - 1..begin, "there is no term after this sign", "a term directly after it"));
    }
    if word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(word.to_owned());
    }
    let expected =
        format!("letters, digits and _ only, or the term in double quotes: \"{}\"", word.replace('"', "\\\""));
    Err(error_at(span, "this term has other characters than letters and digits", &expected))
}

impl Term {
    fn occurs(&self, line: &str) -> bool {
        match &self.wanted {
            // The guide gives `" "` as a pattern that matches everything.
            Wanted::Text(text) => text.trim().is_empty() || line.contains(text.as_str()),
            Wanted::Regex(regex) => regex.is_match(line),
        }
    }
}

impl Terms {
    pub(super) fn matches(&self, line: &str) -> Answer {
        let has_others = !self.all.is_empty() || !self.none.is_empty();
        if has_others && !self.any.is_empty() {
            return Answer::Unknown("what ? terms mean beside other terms is not documented".to_owned());
        }
        if let Some(term) = self.all.iter().find(|term| !term.occurs(line)) {
            return Answer::DoesNot(format!("{} does not occur", term.text));
        }
        if let Some(term) = self.none.iter().find(|term| term.occurs(line)) {
            return Answer::DoesNot(format!("{} occurs", term.text));
        }
        if !self.any.is_empty() && !self.any.iter().any(|term| term.occurs(line)) {
            let texts: Vec<&str> = self.any.iter().map(|term| term.text.as_str()).collect();
            return Answer::DoesNot(format!("none of {} occurs", texts.join(", ")));
        }
        Answer::Matches
    }
}
