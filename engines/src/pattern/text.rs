//! The text comparisons that need more than `==`: letters of either case, wildcards, and where AWS mixes the two up.
//!
//! AWS compares texts with their JSON quotes around them, so a prefix may end in the closing quote and a suffix begin
//! with the opening one. Neighbor: `test`, which holds these.

use super::PatternError;
use crate::glob::Glob;

/// A text whose letters may each be in lower or in upper case.
///
/// AWS maps every character of the pattern, never of the event: `ß` also matches `SS`, but `SS` does not match `ß`.
#[derive(Debug, Clone)]
pub(super) struct Folded(Vec<(String, String)>);

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().map(|c| (c.to_lowercase().collect(), c.to_uppercase().collect())).collect())
    }

    pub(super) fn equals(&self, found: &str) -> bool {
        let rest = self.0.iter().try_fold(found, |rest, either| strip(rest, either));
        rest == Some("")
    }

    pub(super) fn is_prefix(&self, found: &str) -> bool {
        let mut rest = found;
        for (at, either) in self.0.iter().enumerate() {
            match strip(rest, either) {
                Some(after) => rest = after,
                None => return rest.is_empty() && self.is_quote(at) && at + 1 == self.0.len(),
            }
        }
        true
    }

    pub(super) fn is_suffix(&self, found: &str) -> bool {
        let mut rest = found;
        for (at, (lower, upper)) in self.0.iter().enumerate().rev() {
            match rest.strip_suffix(lower.as_str()).or_else(|| rest.strip_suffix(upper.as_str())) {
                Some(before) => rest = before,
                None => return rest.is_empty() && self.is_quote(at) && at == 0,
            }
        }
        true
    }

    /// What is before the text, if `found` ends in it.
    fn strip_end<'f>(&self, found: &'f str) -> Option<&'f str> {
        self.0.iter().rev().try_fold(found, |rest, (lower, upper)| {
            rest.strip_suffix(lower.as_str()).or_else(|| rest.strip_suffix(upper.as_str()))
        })
    }

    fn is_quote(&self, at: usize) -> bool {
        self.0[at].0 == "\""
    }
}

/// What an `equals-ignore-case` has become in a list in which a wildcard is before it.
///
/// Event Ruler keeps all entries of a field in one automaton. Where a wildcard has its first star and the other entry a
/// letter with two cases, the other goes on from the star's loop: instead of the letter it takes any characters, one at
/// least. (`ByteMachine.addMatchValue` shares states with an indeterminate prefix for all but single bytes; two cases of
/// the reference data show it.) So `ABC` after `*` is what begins with anything and ends in `bc`.
#[derive(Debug, Clone)]
pub(super) struct MixedUp {
    /// What is before the letter.
    before: String,
    /// What is after it.
    after: Folded,
}

impl MixedUp {
    /// The text, given in the order in which the automaton reads it, after the wildcard; `None` when they do not meet.
    fn new(letters: &[(String, String)], wildcard: &Glob) -> Option<Self> {
        let before = wildcard.before_star()?;
        let same = before.chars().count();
        let (head, rest) = letters.split_at_checked(same)?;
        let meets = head.iter().map(|(lower, _)| lower.as_str()).eq(before.chars().map(String::from));
        let is_fixed = head.iter().all(|(lower, upper)| lower == upper);
        let ((lower, upper), after) = rest.split_first()?;
        (meets && is_fixed && lower != upper).then(|| Self { before: before.to_owned(), after: Folded(after.to_vec()) })
    }

    /// For `equals-ignore-case`.
    pub(super) fn whole(text: &Folded, wildcard: &Glob) -> Option<Self> {
        Self::new(&text.0, wildcard)
    }

    /// For a prefix, whose last letter is never affected.
    pub(super) fn prefix(text: &Folded, wildcard: &Glob) -> Option<Self> {
        Self::new(&text.0, wildcard).filter(|one| !one.after.0.is_empty())
    }

    /// For a suffix, which the automaton reads from its end.
    pub(super) fn suffix(text: &Folded, wildcard: &Glob) -> Option<Self> {
        let backwards: Vec<_> = text.0.iter().rev().cloned().collect();
        let mut one = Self::new(&backwards, wildcard).filter(|one| !one.after.0.is_empty())?;
        one.after.0.reverse();
        Some(one)
    }

    pub(super) fn is_whole(&self, found: &str) -> bool {
        let rest = found.strip_prefix(self.before.as_str());
        rest.and_then(|rest| self.after.strip_end(rest)).is_some_and(|skipped| !skipped.is_empty())
    }

    pub(super) fn is_prefix(&self, found: &str) -> bool {
        let rest = found.strip_prefix(self.before.as_str()).unwrap_or_default();
        rest.char_indices().skip(1).any(|(at, _)| self.after.is_prefix(&rest[at..]))
    }

    pub(super) fn is_suffix(&self, found: &str) -> bool {
        let before: String = self.before.chars().rev().collect();
        let rest = found.strip_suffix(before.as_str()).unwrap_or_default();
        rest.char_indices().skip(1).any(|(at, _)| self.after.strip_end(&rest[..at]).is_some())
    }
}

/// What follows the character in either case. Its two cases never begin alike, so the first that fits is the only one.
fn strip<'f>(found: &'f str, (lower, upper): &(String, String)) -> Option<&'f str> {
    found.strip_prefix(lower.as_str()).or_else(|| found.strip_prefix(upper.as_str()))
}

/// Whether the text begins with `wanted`, the quote that closes it in JSON included.
pub(super) fn has_prefix(found: &str, wanted: &str) -> bool {
    found.starts_with(wanted) || wanted.strip_suffix('"') == Some(found)
}

/// Whether the text ends with `wanted`, the quote that opens it in JSON included.
pub(super) fn has_suffix(found: &str, wanted: &str) -> bool {
    found.ends_with(wanted) || wanted.strip_prefix('"') == Some(found)
}

/// Reads a wildcard, in which `*` represents any characters and a backslash hides a star or a backslash.
pub(super) fn read_wildcard(pattern: &str) -> Result<Glob, PatternError> {
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
    Ok(Glob::of(parts))
}

fn push(parts: &mut [String], c: char) {
    if let Some(part) = parts.last_mut() {
        part.push(c);
    }
}

fn bad_wildcard(message: &str, at: usize) -> PatternError {
    PatternError::invalid(format!("{message} at pos {}", at + 1))
}
