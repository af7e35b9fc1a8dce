//! One comparison: a value of the event against an entry of a pattern's list.
//!
//! Strings, numbers, booleans and null are told apart first; only `anything-but` accepts a value of another kind.
//! Neighbors: `leaf` builds these, `matches` and `matcher` ask them, `text`, `number` and `address` compare their own
//! kinds.

use super::address::Cidr;
use super::number::{Numeral, Range};
use super::text::{Folded, MixedUp, has_prefix, has_suffix};
use crate::glob::Glob;
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
    Wildcard(Glob),
    MixedUpSame(MixedUp),
    MixedUpPrefix(MixedUp),
    MixedUpSuffix(MixedUp),
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

    /// The wildcards this is, or denies.
    fn wildcards(&self) -> Vec<&Glob> {
        match self {
            Self::Wildcard(wildcard) => vec![wildcard],
            Self::AnythingBut(tests) => tests.iter().flat_map(Self::wildcards).collect(),
            _ => Vec::new(),
        }
    }

    /// This entry as AWS understands it after a wildcard in the same list.
    fn after(&self, wildcard: &Glob) -> Self {
        let mixed_up = match self {
            Self::SameIgnoringCase(text) => MixedUp::whole(text, wildcard).map(Self::MixedUpSame),
            Self::PrefixIgnoringCase(text) => MixedUp::prefix(text, wildcard).map(Self::MixedUpPrefix),
            Self::SuffixIgnoringCase(text) => MixedUp::suffix(text, wildcard).map(Self::MixedUpSuffix),
            Self::AnythingBut(tests) => {
                Some(Self::AnythingBut(tests.iter().map(|test| test.after(wildcard)).collect()))
            }
            _ => None,
        };
        mixed_up.unwrap_or_else(|| self.clone())
    }

    /// Whether AWS understands this in another way than it says.
    pub(super) fn is_mixed_up(&self) -> bool {
        match self {
            Self::MixedUpSame(_) | Self::MixedUpPrefix(_) | Self::MixedUpSuffix(_) => true,
            Self::AnythingBut(tests) => tests.iter().any(Self::is_mixed_up),
            _ => false,
        }
    }

    /// Whether a wildcard in it may be too complex for AWS.
    pub(super) fn is_complex(&self) -> bool {
        self.wildcards().into_iter().any(Glob::is_complex)
    }

    fn accepts_text(&self, found: &str) -> bool {
        match self {
            Self::Text(wanted) => wanted == found,
            Self::Prefix(wanted) => has_prefix(found, wanted),
            Self::Suffix(wanted) => has_suffix(found, wanted),
            Self::SameIgnoringCase(wanted) => wanted.equals(found),
            Self::PrefixIgnoringCase(wanted) => wanted.is_prefix(found),
            Self::SuffixIgnoringCase(wanted) => wanted.is_suffix(found),
            Self::Wildcard(wanted) => wanted.matches(found),
            Self::MixedUpSame(wanted) => wanted.is_whole(found),
            Self::MixedUpPrefix(wanted) => wanted.is_prefix(found),
            Self::MixedUpSuffix(wanted) => wanted.is_suffix(found),
            _ => false,
        }
    }
}

/// Whether one of the tests passes.
pub(super) fn any_accepts(tests: &[Test], value: Scalar) -> bool {
    tests.iter().any(|test| test.accepts(value))
}

/// The entries of a list as AWS understands them side by side.
pub(super) fn side_by_side(mut tests: Vec<Test>) -> Vec<Test> {
    for at in 1..tests.len() {
        let (before, rest) = tests.split_at_mut(at);
        for wildcard in before.iter().flat_map(Test::wildcards) {
            rest[0] = rest[0].after(wildcard);
        }
    }
    tests
}
