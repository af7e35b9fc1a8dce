//! JSON as AWS's pattern engine reads it: every key, every digit, every pair of equal keys.
//!
//! A `serde_json::Value` keeps one of two equal keys and the nearest double of a long number; EventBridge looks at what
//! was written. [`Json`] keeps it. `read` makes one from text, `words` says what is wrong as the reader behind
//! EventBridge does; `number` is the arithmetic on written numbers. Users: `pattern`, and commands that read events.

pub mod number;
mod read;
mod words;

use std::fmt;

use serde_json::Value;

pub use read::{Document, read, read_broken, unescape};

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
    /// The same without what it quotes: for texts nobody wants in a log.
    pub unquoted: String,
    /// The byte of the text it was noticed at.
    pub at: usize,
    /// What kind of mistake it is.
    pub trouble: Trouble,
}

/// The mistakes that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
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
    #[error("the key {0:?} stands twice in one object")]
    Key(String),
    /// A `Value` keeps only the nearest double.
    #[error("the number {0} is more exact than a double")]
    Number(String),
}

impl Json {
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

/// The document without spaces between its parts.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => write!(f, "{}", quoted(text)),
            Self::Array(list) => {
                f.write_str("[")?;
                for (at, item) in list.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{value}", if at > 0 { "," } else { "" }, quoted(name))?;
                }
                f.write_str("}")
            }
            Self::Broken(error) => write!(f, "<{error}>"),
        }
    }
}

/// A text as a JSON string.
fn quoted(text: &str) -> Value {
    Value::from(text)
}

#[cfg(test)]
mod tests;
