//! One condition of a suppression, written as an entry of an event pattern's list, and whether a value fulfills it.
//!
//! Only what can be denied exactly is read: EventBridge's `anything-but` takes texts, numbers, `prefix`, `suffix`, `wildcard`,
//! and `equals-ignore-case`; `block` does the same for `cidr`. Source:
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>.

use serde_json::{Value, json};

use super::block::AddressBlock;
use crate::pattern::{Pattern, Verdict};

/// What can be written.
const FORMS: &str = "text, a number, or one of `prefix`, `suffix`, `wildcard`, `equals-ignore-case`, and `cidr`";

/// One condition on a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The text, as it is spelled.
    Text(String),
    /// The number.
    Number(Value),
    /// A text that begins so.
    Prefix(String),
    /// A text that ends so.
    Suffix(String),
    /// A text with `*` for any characters.
    Wildcard(String),
    /// The text in any case.
    AnyCase(String),
    /// An IP address in a block.
    Within(AddressBlock),
}

impl Condition {
    /// Reads an entry of a list.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(entry: &Value) -> Result<Self, String> {
        let condition = match entry {
            Value::String(text) => Self::Text(text.clone()),
            Value::Number(_) => Self::Number(entry.clone()),
            Value::Object(fields) if fields.len() == 1 => {
                let (name, value) = fields.iter().next().ok_or(FORMS)?;
                let Value::String(text) = value else { return Err(format!("`{name}` needs a text")) };
                operator(name, text.clone())?
            }
            _ => return Err(format!("`{entry}` cannot be suppressed; expected {FORMS}")),
        };
        let text = condition.text();
        if text.is_some_and(|text| text.contains('"')) {
            return Err("a text with a quotation mark cannot be suppressed".to_owned());
        }
        // What EventBridge would reject is rejected in its words.
        let entry = condition.denial();
        Pattern::from_value(&json!({ "v": [entry] })).map_err(|error| error.to_string())?;
        Ok(condition)
    }

    /// What it compares a text with.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Prefix(text) | Self::Suffix(text) | Self::Wildcard(text) | Self::AnyCase(text) => {
                Some(text)
            }
            Self::Number(_) | Self::Within(_) => None,
        }
    }

    /// Whether a value, which is neither an object nor a list, fulfills it.
    #[must_use]
    pub fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(wanted), found) => found.as_str() == Some(wanted),
            (Self::Within(block), Value::String(text)) => block.holds(text),
            (Self::Within(_), _) => false,
            _ => {
                let denied = Pattern::from_value(&json!({ "v": [self.denial()] }));
                let verdict = denied.and_then(|pattern| pattern.matches_value(&json!({ "v": value })));
                matches!(verdict, Ok(Verdict::DoesNot(_)))
            }
        }
    }

    /// The entry that every value fulfills which does not fulfill this. Of a block: texts, for the reader alone.
    fn denial(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "anything-but": [text] }),
            Self::Number(number) => json!({ "anything-but": [number] }),
            Self::Prefix(text) => json!({ "anything-but": { "prefix": text } }),
            Self::Suffix(text) => json!({ "anything-but": { "suffix": text } }),
            Self::Wildcard(text) => json!({ "anything-but": { "wildcard": text } }),
            Self::AnyCase(text) => json!({ "anything-but": { "equals-ignore-case": text } }),
            Self::Within(_) => json!({ "exists": false }),
        }
    }

    /// The same as a wildcard, where it is about the spelling of a text.
    pub(super) fn as_wildcard(&self) -> Option<String> {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
        match self {
            Self::Text(text) => Some(escaped(text)),
            Self::Prefix(text) => Some(format!("{}*", escaped(text))),
            Self::Suffix(text) => Some(format!("*{}", escaped(text))),
            Self::Wildcard(text) => Some(text.clone()),
            Self::Number(_) | Self::AnyCase(_) | Self::Within(_) => None,
        }
    }
}

fn operator(name: &str, text: String) -> Result<Condition, String> {
    if text.is_empty() {
        return Err(format!("an empty `{name}` holds for any text"));
    }
    match name {
        "exactly" => Ok(Condition::Text(text)),
        "prefix" => Ok(Condition::Prefix(text)),
        "suffix" => Ok(Condition::Suffix(text)),
        "wildcard" => Ok(Condition::Wildcard(text)),
        "equals-ignore-case" => Ok(Condition::AnyCase(text)),
        "cidr" => match text.strip_suffix("/32") {
            // EventBridge has no block of one address.
            Some(one) if one.parse::<std::net::Ipv4Addr>().is_ok() => Ok(Condition::Text(one.to_owned())),
            _ => AddressBlock::read(&text).map(Condition::Within),
        },
        other => Err(format!("`{other}` cannot be suppressed; expected {FORMS}")),
    }
}
