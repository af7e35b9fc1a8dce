//! The JSON of a message, and when it is not known what AWS would read.
//!
//! Neighbors: `object` reads its messages with it, `selector` walks them; `crate::json` does the reading and keeps the
//! spelling of numbers and doubled keys, on both of which hangs whether AWS's answer is known.

use crate::json::{self, Json, Mistake};

/// Why a message cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not a JSON object.
    NotAnObject,
    /// Readers of JSON differ about it.
    Disputed(&'static str),
}

const TOO_DEEP: Unreadable = Unreadable::Disputed("how deeply nested a JSON message may be is not documented");
const TRAILING: Unreadable = Unreadable::Disputed("whether text after the JSON object is ignored is not documented");
const HALF_PAIR: Unreadable =
    Unreadable::Disputed("what becomes of half a surrogate pair (`\\ud800`) is not documented");

/// A scalar as text: what a string says, or the spelling of another one.
pub(super) fn spelled(value: &Json) -> Option<&str> {
    match value {
        Json::Null => Some("null"),
        Json::Bool(true) => Some("true"),
        Json::Bool(false) => Some("false"),
        Json::Number(text) | Json::String(text) => Some(text),
        Json::Array(_) | Json::Object(_) | Json::Broken(_) => None,
    }
}

/// Reads a message that is a JSON object.
pub(super) fn read(message: &str) -> Result<Json, Unreadable> {
    if !message.trim_ascii_start().starts_with('{') {
        return Err(Unreadable::NotAnObject);
    }
    match json::read(message) {
        Err(error) if error.trouble == Mistake::TooDeep => Err(TOO_DEEP),
        Err(_) => Err(Unreadable::NotAnObject),
        Ok(document) if document.has_half_pairs => Err(HALF_PAIR),
        Ok(document) if message[document.end..].trim_ascii().is_empty() => Ok(document.json),
        Ok(_) => Err(TRAILING),
    }
}
