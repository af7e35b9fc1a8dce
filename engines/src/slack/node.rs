//! JSON values that know where they are, and the questions readers ask of them.
//!
//! Every question either answers or leaves a problem, so readers go on where they can and everything is reported at
//! once. Users: `read`, `rich`, `text`.

use std::collections::HashSet;

use super::problem::{Problem, ProblemKind};
use crate::json::Json;

/// The problems found so far.
pub(super) type Problems = Vec<Problem>;

/// The most characters of a found text that are repeated in a problem.
const SHOWN: usize = 40;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct PlacedValue<'j> {
    at: String,
    value: &'j Json,
}

impl<'j> PlacedValue<'j> {
    /// The whole document.
    pub(super) fn root(value: &'j Json) -> Self {
        Self { at: String::new(), value }
    }

    /// The value below this one; the step is escaped as RFC 6901 says.
    fn below(&self, step: &str, value: &'j Json) -> Self {
        Self { at: format!("{}/{}", self.at, step.replace('~', "~0").replace('/', "~1")), value }
    }

    /// Leaves a problem with this value.
    pub(super) fn report(&self, found: &mut Problems, kind: ProblemKind, what: impl Into<String>) {
        found.push(Problem { at: self.at.clone(), kind, what: what.into() });
    }

    /// Leaves the problem that this value is not of the expected type.
    fn mismatch(&self, found: &mut Problems, expected: &str) {
        self.report(found, ProblemKind::Shape, format!("expected {expected}, found {}", described(self.value)));
    }

    /// The value itself, for fields with several allowed types.
    pub(super) fn value(&self) -> &'j Json {
        self.value
    }

    /// The object this must be.
    pub(super) fn object(&self, found: &mut Problems) -> Option<PlacedObject<'j>> {
        let Json::Object(fields) = self.value else {
            self.mismatch(found, "an object");
            return None;
        };
        let mut known = HashSet::new();
        for (key, _) in fields.iter().filter(|(key, _)| !known.insert(key.as_str())) {
            self.report(found, ProblemKind::Shape, format!("the key {} occurs twice", quoted(key)));
        }
        Some(PlacedObject { node: self.clone(), fields })
    }

    /// The entries of the list this must be: at least one, and at most `most` where there is a limit.
    pub(super) fn entries(&self, most: Option<usize>, found: &mut Problems) -> Vec<Self> {
        let Json::Array(list) = self.value else {
            self.mismatch(found, "a list");
            return Vec::new();
        };
        if list.is_empty() {
            self.report(found, ProblemKind::Empty, "an empty list, at least one entry is needed");
        }
        if let Some(most) = most.filter(|&most| list.len() > most) {
            self.report(found, ProblemKind::TooMany, format!("{} entries, at most {most} are allowed", list.len()));
        }
        list.iter().enumerate().map(|(index, value)| self.below(&index.to_string(), value)).collect()
    }

    /// The text this must be.
    pub(super) fn string(&self, found: &mut Problems) -> Option<&'j str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.mismatch(found, "a string");
        }
        text
    }

    /// The text this must be, with at least one character.
    pub(super) fn filled(&self, found: &mut Problems) -> Option<&'j str> {
        let text = self.string(found)?;
        if text.is_empty() {
            self.report(found, ProblemKind::Empty, "an empty text, at least one character is needed");
        }
        Some(text)
    }

    /// The text this must be, with something to see in it.
    pub(super) fn words(&self, found: &mut Problems) -> Option<&'j str> {
        let text = self.filled(found)?;
        if !text.is_empty() && text.trim().is_empty() {
            self.report(found, ProblemKind::Empty, "a text of white space only, something to see is needed");
        }
        Some(text)
    }

    /// Leaves a problem when `text`, which is here, has more than `most` characters.
    pub(super) fn at_most(&self, most: usize, text: &str, found: &mut Problems) {
        let length = text.chars().count();
        if length > most {
            self.report(found, ProblemKind::TooLong, format!("{length} characters, at most {most} are allowed"));
        }
    }

    /// The truth value this must be.
    pub(super) fn flag(&self, found: &mut Problems) -> Option<bool> {
        if let Json::Bool(flag) = self.value {
            return Some(*flag);
        }
        self.mismatch(found, "true or false");
        None
    }
}

/// An object and its place.
#[derive(Clone, Debug)]
pub(super) struct PlacedObject<'j> {
    node: PlacedValue<'j>,
    fields: &'j [(String, Json)],
}

impl<'j> PlacedObject<'j> {
    /// The object as a value.
    pub(super) fn node(&self) -> &PlacedValue<'j> {
        &self.node
    }

    /// The field, if there is one.
    pub(super) fn get(&self, key: &str) -> Option<PlacedValue<'j>> {
        self.node.value.get(key).map(|value| self.node.below(key, value))
    }

    /// The field, which must be there.
    pub(super) fn need(&self, key: &str, found: &mut Problems) -> Option<PlacedValue<'j>> {
        let field = self.get(key);
        if field.is_none() {
            self.node.report(found, ProblemKind::Shape, format!("`{key}` is missing"));
        }
        field
    }

    /// The text of `type`, which must be there.
    pub(super) fn tag(&self, found: &mut Problems) -> Option<&'j str> {
        self.need("type", found)?.string(found)
    }

    /// The truth value of an optional field.
    pub(super) fn flag(&self, key: &str, found: &mut Problems) -> Option<bool> {
        self.get(key)?.flag(found)
    }

    /// Leaves a problem for every field that is not among `known`; those among `unmodelled` are real fields of Slack's
    /// that the model has no place for.
    pub(super) fn only(&self, known: &[&str], unmodelled: &[&str], found: &mut Problems) {
        for (key, value) in self.fields.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let node = self.node.below(key, value);
            if unmodelled.contains(&key.as_str()) {
                node.report(found, ProblemKind::Unsupported, format!("trailbell does not use `{key}` here"));
            } else {
                node.report(found, ProblemKind::Shape, format!("unknown field {}", quoted(key)));
            }
        }
    }
}

/// A value in a few words.
pub(super) fn described(value: &Json) -> String {
    match value {
        Json::Array(_) => "a list".into(),
        Json::Object(_) => "an object".into(),
        Json::String(text) => quoted(text),
        Json::Number(text) => text.chars().take(SHOWN).collect(),
        Json::Null | Json::Bool(_) | Json::Broken(_) => value.to_string(),
    }
}

/// The beginning of a text in quotes, on one line whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}
