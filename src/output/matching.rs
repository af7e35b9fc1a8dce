//! What `trailbell match` prints: one line per matching event, one per event that cannot be judged, and the totals.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Format;

/// One line of the output.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "a line of trailbell match --output json")]
#[serde(untagged)]
pub enum MatchLine<'a> {
    /// An event that matches.
    Matched(MatchedEvent<'a>),
    /// Something that cannot be judged.
    NotJudged(NotJudged<'a>),
    /// The last line.
    Totals(MatchTotals),
}

/// An event that matches; with `--invert`, one that matches nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MatchedEvent<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: InputPlace<'a>,
    /// The names of the patterns that match.
    pub patterns: Vec<&'a str>,
    /// The event, or the log line as a string. Printed byte for byte as it is in the input.
    pub event: Value,
}

/// Something in the input that cannot be judged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotJudged<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: InputPlace<'a>,
    /// Why.
    pub not_judged: &'a str,
}

/// Where something is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct InputPlace<'a> {
    /// The file, or `-` for standard input.
    pub input: &'a str,
    /// The line it begins on, counted from 1; nothing when it is about the whole input.
    pub line: Option<u64>,
    /// Its number among the records of a CloudTrail file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
}

/// How many there were.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MatchTotals {
    /// Events that were judged.
    pub events: u64,
    /// Those that match; with `--invert`, those that match nothing.
    pub matched: u64,
    /// Those that could not be judged.
    pub not_judged: u64,
    /// Those with text after them, which was ignored.
    pub text_after: u64,
    /// How many each pattern matches, by name; not with `--invert`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_pattern: Option<BTreeMap<String, u64>>,
    /// The exit code of the command.
    pub exit_code: u8,
}

impl Format for MatchLine<'_> {
    const VERSION: u32 = 1;
}
