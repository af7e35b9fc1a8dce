//! Text with `*` for any characters, none included.
//!
//! Parts are looked for from the left, each at its first place after the one before, so no input makes it slow.
//! Neighbours: `literal` makes these.

/// A text with `*` in it, or without.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    /// The text between the stars, in order; there is always a first part.
    parts: Vec<String>,
}

impl Glob {
    /// Every `*` of the text is a wildcard.
    pub(super) fn new(text: &str) -> Self {
        Self { parts: text.split('*').map(str::to_owned).collect() }
    }

    /// Whether it fits the whole of `value`.
    pub(super) fn matches(&self, value: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == value);
        };
        let Some(mut rest) = value.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}
