//! One comparison: a value of the event against an entry of a pattern's list.
//!
//! Strings, numbers, booleans and null are told apart first; only `anything-but` accepts a value of another kind.
//! Neighbours: `leaf` builds these, `matches` and `matcher` ask them, `text`, `number` and `address` compare their own
//! kinds.

use super::address::Cidr;
use super::number::{Numeral, Range};
use super::text::{Folded, Wildcard, has_prefix, has_suffix};
use crate::json::Json;
use crate::json::number::comparable;

/// A value an event can hold at a field, as far as tests look at it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scalar<'v> {
    Null,
    Bool(bool),
    /// A number in its own spelling, and as a double if AWS can compare it.
    Number(&'v str, Option<f64>),
    Text(&'v str),
}

impl<'v> Scalar<'v> {
    /// A number; what it is worth is worked out once, however many tests look at it.
    pub(super) fn number(text: &'v str) -> Self {
        Self::Number(text, comparable(text))
    }

    /// Arrays and objects are not compared themselves.
    pub(super) fn of(value: &'v Json) -> Option<Self> {
        match value {
            Json::Null => Some(Self::Null),
            Json::Bool(flag) => Some(Self::Bool(*flag)),
            Json::Number(text) => Some(Self::number(text)),
            Json::String(text) => Some(Self::Text(text)),
            Json::Array(_) | Json::Object(_) | Json::Broken(_) => None,
        }
    }
}

/// An entry of a field's list.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Null,
    Bool(bool),
    Number(Numeral),
    Text(String),
    /// A text that is an IP address, which also equals its other spellings.
    Address(String, Cidr),
    Prefix(String),
    Suffix(String),
    SameIgnoringCase(Folded),
    PrefixIgnoringCase(Folded),
    SuffixIgnoringCase(Folded),
    Wildcard(Wildcard),
    Range(Range),
    Cidr(Cidr),
    Exists(bool),
    AnythingBut(Vec<Test>),
}

impl Test {
    /// Whether a value that is there passes; absence is `matches`' business.
    pub(super) fn accepts(&self, value: Scalar) -> bool {
        match (self, value) {
            (Self::Exists(wanted), _) => *wanted,
            (Self::AnythingBut(tests), _) => !any_accepts(tests, value),
            (Self::Address(wanted, block), Scalar::Text(found)) => wanted == found || block.contains(found),
            (Self::Cidr(block), Scalar::Text(found)) => block.contains(found),
            // Only a number can begin with what AWS takes for the digits of an address.
            (Self::Cidr(block) | Self::Address(_, block), Scalar::Number(found, _)) => block.contains_digits(found),
            (Self::Null, Scalar::Null) => true,
            (Self::Bool(wanted), Scalar::Bool(found)) => *wanted == found,
            (Self::Number(wanted), Scalar::Number(found, double)) => wanted.equals(found, double),
            (Self::Range(range), Scalar::Number(_, double)) => double.is_some_and(|double| range.contains(double)),
            (_, Scalar::Text(found)) => self.accepts_text(found),
            _ => false,
        }
    }

    /// Whether this is, or denies, a wildcard.
    pub(super) fn has_wildcard(&self) -> bool {
        match self {
            Self::Wildcard(_) => true,
            Self::AnythingBut(tests) => tests.iter().any(Self::has_wildcard),
            _ => false,
        }
    }

    /// Whether this ignores the case of a letter outside ASCII.
    pub(super) fn has_uneven_case(&self) -> bool {
        match self {
            Self::SameIgnoringCase(text) | Self::PrefixIgnoringCase(text) | Self::SuffixIgnoringCase(text) => {
                text.is_uneven()
            }
            Self::AnythingBut(tests) => tests.iter().any(Self::has_uneven_case),
            _ => false,
        }
    }

    fn accepts_text(&self, found: &str) -> bool {
        match self {
            Self::Text(wanted) => wanted == found,
            Self::Prefix(wanted) => has_prefix(found, wanted),
            Self::Suffix(wanted) => has_suffix(found, wanted),
            Self::SameIgnoringCase(wanted) => wanted.equals(found),
            Self::PrefixIgnoringCase(wanted) => wanted.is_prefix(found),
            Self::SuffixIgnoringCase(wanted) => wanted.is_suffix(found),
            Self::Wildcard(wanted) => wanted.accepts(found),
            _ => false,
        }
    }
}

/// Whether one of the tests passes.
pub(super) fn any_accepts(tests: &[Test], value: Scalar) -> bool {
    tests.iter().any(|test| test.accepts(value))
}
