//! JSON as AWS's pattern engine reads it: every key, every digit, every pair of equal keys.
//!
//! A `serde_json::Value` keeps one of two equal keys and the nearest double of a long number; EventBridge looks at what
//! was written. [`Json`] keeps it. `read` makes one from text, `words` says what is wrong as the reader behind
//! EventBridge does, `write` makes text again; `number` is the arithmetic on written numbers.
//!
//! Everything that ends up as bytes goes through [`Json`], so it is the same with whatever features `serde_json` is built.
//! Users: all engines, and programs that read events.

pub mod number;
mod read;
mod words;
mod write;

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;

pub use read::{JsonDocument, read, read_broken, unescape};

/// How deep a document may be nested; the reader behind EventBridge allows as much.
pub const MAX_DEPTH: usize = 1_000;

/// A JSON value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, in its own spelling.
    Number(String),
    /// A string without its escapes. Half of a surrogate pair has become `?`, as in Java's UTF-8.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// An object: its fields in reading order, equal names included.
    Object(Vec<(String, Json)>),
    /// Here the text stops being JSON. Only [`read_broken`] makes it, as the last thing of all that was open.
    Broken(SyntaxError),
}

/// Where and why a text is not JSON, in the words of the reader behind EventBridge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong; it may quote the text.
    pub message: String,
    /// The same without what it quotes: for texts no one wants in a log.
    pub unquoted: String,
    /// The byte of the text it was noticed at.
    pub at: usize,
    /// What kind of mistake it is.
    pub trouble: Mistake,
}

/// The mistakes that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// There is no document at all.
    Empty,
    /// The document is JSON as far as it was read, only nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Anything else.
    Broken,
}

impl SyntaxError {
    /// What is wrong and where, quoting nothing of the text.
    #[must_use]
    pub fn brief(&self) -> String {
        format!("{} (at byte {})", self.unquoted, self.at)
    }
}

/// Why a document does not fit into a `serde_json::Value`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// A `Value` keeps only one of them.
    #[error("duplicate key {0:?} in an object")]
    Key(String),
    /// A `Value` keeps only the nearest double.
    #[error("the number {0} is more exact than a double")]
    Number(String),
}

impl Json {
    /// The field of an object; of several with that name the last, as readers do that keep only one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// A key that occurs twice in one object, anywhere in the document: readers disagree about which of the two counts.
    #[must_use]
    pub fn repeated_key(&self) -> Option<&str> {
        match self {
            Self::Array(items) => items.iter().find_map(Self::repeated_key),
            Self::Object(fields) => {
                let mut known = HashSet::new();
                fields.iter().find_map(|(key, value)| if known.insert(key) { value.repeated_key() } else { Some(key) })
            }
            _ => None,
        }
    }

    /// The same as a `serde_json::Value`.
    ///
    /// # Errors
    /// When that would be another document.
    pub fn to_value(&self) -> Result<Value, Loss> {
        Ok(match self {
            Self::Null | Self::Broken(_) => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Number(text) => Value::Number(number::exact(text).ok_or_else(|| Loss::Number(text.clone()))?),
            Self::String(text) => Value::String(text.clone()),
            Self::Array(list) => Value::Array(list.iter().map(Self::to_value).collect::<Result<_, _>>()?),
            Self::Object(fields) => {
                let mut map = serde_json::Map::new();
                for (name, value) in fields {
                    if map.insert(name.clone(), value.to_value()?).is_some() {
                        return Err(Loss::Key(name.clone()));
                    }
                }
                Value::Object(map)
            }
        })
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(list) => Self::Array(list.iter().map(Self::from).collect()),
            Value::Object(map) => {
                Self::Object(map.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

/// The document as text, without spaces between its parts.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::document(self, f)
    }
}

#[cfg(test)]
mod tests;
