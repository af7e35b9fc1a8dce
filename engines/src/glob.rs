//! Text with `*` for any characters, none included: what the wildcards of event patterns and filter patterns come to.
//!
//! Parts are looked for from the left, each at its first place after the one before; that is always right, and no input
//! makes it slow. Users: `pattern`, `filter`.

/// More stars than these are many.
const MANY_STARS: usize = 4;
/// A character after this many stars is repeated often.
const REPEATED: usize = 3;

/// A text with `*` in it, or without.
#[derive(Clone, Debug)]
pub struct Glob {
    first: String,
    /// The parts after a star, the last of which ends the text.
    rest: Vec<String>,
}

impl Glob {
    /// Every `*` of the text is a wildcard.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::of(text.split('*').map(str::to_owned).collect())
    }

    /// The texts between the stars, in order.
    pub(crate) fn of(mut parts: Vec<String>) -> Self {
        let rest = if parts.is_empty() { Vec::new() } else { parts.split_off(1) };
        Self { first: parts.concat(), rest }
    }

    /// The text before the first star, if there is one.
    pub(crate) fn before_star(&self) -> Option<&str> {
        (!self.rest.is_empty()).then_some(&self.first)
    }

    /// Whether a matcher that follows every star at once has many places to look at: many stars, or the same character after
    /// several of them.
    pub(crate) fn is_complex(&self) -> bool {
        let first = |part: &String| part.chars().next();
        let repeats = |one: char| self.rest.iter().filter_map(first).filter(|other| *other == one).count();
        self.rest.len() > MANY_STARS || self.rest.iter().filter_map(first).any(|one| repeats(one) >= REPEATED)
    }

    /// Whether it fits the whole of `text`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let Some((last, middle)) = self.rest.split_last() else { return text == self.first };
        let Some(text) = text.strip_prefix(self.first.as_str()) else { return false };
        let after =
            middle.iter().try_fold(text, |text, part| text.find(part.as_str()).map(|at| &text[at + part.len()..]));
        after.is_some_and(|text| text.ends_with(last.as_str()))
    }
}
