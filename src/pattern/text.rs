//! The text comparisons that need more than `==`: letters of either case, and wildcards.
//!
//! AWS compares texts with their JSON quotes around them, so a prefix may end in the closing quote and a suffix begin
//! with the opening one. Neighbour: `test`, which holds these.

use super::PatternError;

/// A text whose letters may each be in lower or in upper case.
///
/// AWS maps every character of the pattern, never of the event: `ß` also stands for `SS`, but `SS` not for `ß`.
#[derive(Debug, Clone)]
pub(super) struct Folded(Vec<(String, String)>);

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().map(|c| (c.to_lowercase().collect(), c.to_uppercase().collect())).collect())
    }

    /// Whether it names a letter outside ASCII that has two cases.
    pub(super) fn is_uneven(&self) -> bool {
        self.0.iter().any(|(lower, upper)| lower != upper && !(lower.is_ascii() && upper.is_ascii()))
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

    fn is_quote(&self, at: usize) -> bool {
        self.0[at].0 == "\""
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
    pub(super) fn accepts(&self, found: &str) -> bool {
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
