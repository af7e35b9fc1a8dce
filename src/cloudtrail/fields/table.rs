//! The table of fields: what CloudTrail and services put where, each row with its source: `fields.tsv`, and behind it what
//! `parameters` reads.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Serialize;

use super::super::parameters;

const TABLE: &str = include_str!("../fields.tsv");

/// What a value can hold, from the safest to the most open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// A JSON number, written in digits.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Letters, digits, `.`, `_` and `-`: safe inside an address.
    Token,
    /// Printable ASCII without quotes, backslashes, angle brackets, ampersands and backticks.
    Identifier,
    /// Free text: anything at all.
    Text,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct FieldRow {
    /// The events it is about.
    pub scope: RowEvents,
    /// The dotted path from the top of the event.
    pub path: String,
    /// Whether it is in every event, and not empty.
    pub always: bool,
    /// What it holds; `None` for objects and lists.
    pub holds: Option<Holds>,
    /// Whether it is an object.
    pub is_object: bool,
    /// The most characters.
    pub longest: Option<usize>,
    /// Event sources whose events carry free text here all the same.
    pub free_when: Vec<&'static str>,
    /// Where this is from.
    pub source: &'static str,
    /// Whether only a successful call proves what it holds: a refused one carries what the caller wrote, or nothing.
    pub needs_success: bool,
}

/// The events a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowEvents {
    /// Any event on the bus.
    Event,
    /// Any event whose `detail` is a CloudTrail record.
    Record,
    /// Events of one event source, with one of these names; of any name when there are none.
    Calls {
        /// `detail.eventSource`.
        source: &'static str,
        /// `detail.eventName`.
        names: Vec<&'static str>,
    },
    /// Events that a service sends itself.
    Native {
        /// `source`.
        source: &'static str,
        /// `detail-type`.
        kind: &'static str,
    },
}

impl RowEvents {
    /// The event source whose calls it is about, if it is about those of one.
    fn source(&self) -> Option<&'static str> {
        match self {
            Self::Calls { source, .. } => Some(source),
            Self::Event | Self::Record | Self::Native { .. } => None,
        }
    }
}

/// Of several rows about one call the first counts: what was looked up by hand comes before what models say.
static ROWS: LazyLock<Vec<FieldRow>> =
    LazyLock::new(|| TABLE.lines().filter_map(row).chain(parameters::rows()).collect());

pub(super) static BY_PATH: LazyLock<HashMap<&'static str, Vec<&'static FieldRow>>> = LazyLock::new(|| {
    let mut paths: HashMap<_, Vec<_>> = HashMap::new();
    ROWS.iter().for_each(|row| paths.entry(row.path.as_str()).or_default().push(row));
    paths
});

/// The objects around fields that have a row.
static OBJECTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let around = |path: &'static str| path.match_indices('.').map(|(at, _)| &path[..at]);
    ROWS.iter().flat_map(|row| around(row.path.as_str())).collect()
});

static BY_SOURCE: LazyLock<HashMap<&'static str, Vec<&'static FieldRow>>> = LazyLock::new(|| {
    let mut sources: HashMap<_, Vec<_>> = HashMap::new();
    ROWS.iter().for_each(|row| sources.entry(row.scope.source().unwrap_or_default()).or_default().push(row));
    sources
});

/// Names of fields that services write, outside of lists, and whether each holds one value in every event that has it.
static NAMES: LazyLock<HashMap<&'static str, bool>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    let is_asked = |row: &&FieldRow| row.path.starts_with("detail.requestParameters.");
    for row in ROWS.iter().filter(|row| !row.path.contains('[') && !is_asked(row)) {
        let name = row.path.rsplit('.').next().unwrap_or(&row.path);
        *names.entry(name).or_insert(true) &= row.holds.is_some();
    }
    names
});

/// Whether the table has fields of this name, and all of them hold one value.
pub(super) fn is_single(name: &str) -> bool {
    NAMES.get(name).copied().unwrap_or_default()
}

/// Every row, in the table's order.
#[must_use]
pub fn rows() -> &'static [FieldRow] {
    &ROWS
}

/// The rows that can be about a call of this event source: its own, and those about any event, in the table's order.
pub fn rows_about(source: &str) -> impl Iterator<Item = &'static FieldRow> {
    let of = |source: &str| BY_SOURCE.get(source).into_iter().flatten().copied();
    of("").chain(of(source).filter(|row| row.scope.source().is_some()))
}

/// The named list of the table: event sources whose callers an identity provider may have named.
const IDENTITY_PROVIDERS: &str = "@identity-providers";

pub(super) static PROVIDERS: LazyLock<Vec<&'static str>> = LazyLock::new(|| list(IDENTITY_PROVIDERS));

/// Event sources whose callers an identity provider may have named, and whose refusals may lack an `errorCode`.
#[must_use]
pub fn identity_providers() -> &'static [&'static str] {
    &PROVIDERS
}

fn list(name: &str) -> Vec<&'static str> {
    let line = TABLE.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
    line.map(|sources| sources.split(',').collect()).unwrap_or_default()
}

/// A line of the table. A test makes sure that only comments are none.
fn row(line: &'static str) -> Option<FieldRow> {
    let mut cells = line.split('\t');
    let mut next = || cells.next();
    let (scope, path, presence, holds, longest) = (next()?, next()?, next()?, next()?, next()?);
    let (free_when, source, needs_success) = (next()?, next()?, next()?);
    Some(FieldRow {
        scope: match scope.split_once('/') {
            None if scope == "event" => RowEvents::Event,
            None if scope.contains('@') => {
                let (source, kind) = scope.split_once('@')?;
                RowEvents::Native { source, kind }
            }
            None => RowEvents::Record,
            Some((source, "*")) => RowEvents::Calls { source, names: Vec::new() },
            Some((source, names)) => RowEvents::Calls { source, names: names.split(',').collect() },
        },
        path: path.to_owned(),
        always: presence == "always",
        holds: match holds {
            "number" => Some(Holds::Number),
            "boolean" => Some(Holds::Boolean),
            "token" => Some(Holds::Token),
            "identifier" => Some(Holds::Identifier),
            "text" => Some(Holds::Text),
            _ => None,
        },
        is_object: holds == "object",
        longest: longest.parse().ok(),
        free_when: if free_when == IDENTITY_PROVIDERS { list(IDENTITY_PROVIDERS) } else { Vec::new() },
        source,
        needs_success: needs_success == "yes",
    })
}

/// The row of a field that any event has, or, where `detail` is a record, any record.
#[must_use]
pub fn general(path: &str, is_record: bool) -> Option<&'static FieldRow> {
    let applies = |row: &&&FieldRow| row.scope == RowEvents::Event || is_record && row.scope == RowEvents::Record;
    BY_PATH.get(path)?.iter().find(applies).copied()
}

/// Whether the table has a field with this path that any record can have.
#[must_use]
pub fn is_of_records(path: &str) -> bool {
    BY_PATH.get(path).is_some_and(|rows| rows.iter().any(|row| row.scope == RowEvents::Record))
}

/// Whether a path is that of an object: a row says so, or there are rows of its fields.
#[must_use]
pub fn is_object(path: &str) -> bool {
    OBJECTS.contains(path) || BY_PATH.get(path).is_some_and(|rows| rows.iter().any(|row| row.is_object))
}

/// Whether a path is that of a list in some event.
#[must_use]
pub fn is_list(path: &str) -> bool {
    BY_PATH.get(path).is_some_and(|rows| rows.iter().any(|row| row.holds.is_none() && !row.is_object))
}

/// Whether a path is that of one value in every event that has it.
#[must_use]
pub fn is_value(path: &str) -> bool {
    BY_PATH.get(path).is_some_and(|rows| rows.iter().all(|row| row.holds.is_some()))
}

/// Whether a path is that of a text in every event that has it.
#[must_use]
pub fn is_text(path: &str) -> bool {
    let is_text = |row: &&FieldRow| matches!(row.holds, Some(Holds::Token | Holds::Identifier | Holds::Text));
    BY_PATH.get(path).is_some_and(|rows| rows.iter().all(is_text))
}

/// The field of any record that a path with wrong capitals was probably meant to be.
#[must_use]
pub fn spelled(path: &str) -> Option<&'static str> {
    if BY_PATH.contains_key(path) {
        return None;
    }
    BY_PATH.keys().copied().filter(|known| is_of_records(known) && known.eq_ignore_ascii_case(path)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row_a_list_or_a_comment() {
        let other = |line: &&str| line.is_empty() || line.starts_with('#') || line.starts_with('@');
        let by_hand = TABLE.lines().filter(|line| !other(line)).count();
        assert_eq!(rows().len(), by_hand + parameters::rows().count());
        assert!(list(IDENTITY_PROVIDERS).contains(&"sts.amazonaws.com"));
        for line in TABLE.lines().filter(|line| !other(line)) {
            let cells: Vec<&str> = line.split('\t').collect();
            let one_of = |at: usize, words: &[&str]| assert!(words.contains(&cells[at]), "{line}");
            assert_eq!(cells.len(), 8, "{line}");
            one_of(2, &["always", "maybe"]);
            one_of(3, &["token", "identifier", "text", "number", "boolean", "object", "list"]);
            assert!(cells[4] == "-" || cells[4].parse::<usize>().is_ok(), "{line}");
            one_of(5, &["-", IDENTITY_PROVIDERS]);
            assert!(cells[6].len() > 10, "no source: {line}");
            one_of(7, &["yes", "no"]);
        }
        // What is safe in quotes must have a length, or nothing could be proven of a message with it.
        let safe = |row: &&FieldRow| row.holds.is_some_and(|holds| holds < Holds::Text);
        assert!(rows().iter().filter(safe).all(|row| row.longest.is_some()));
        let names_its_event = |row: &&FieldRow| match &row.scope {
            RowEvents::Native { source, kind } => source.starts_with("aws.") && !kind.is_empty(),
            _ => true,
        };
        assert!(rows().iter().all(|row| names_its_event(&row)));
        let is_request = |row: &&FieldRow| row.path.starts_with("detail.requestParameters.");
        assert!(rows().iter().filter(is_request).filter(safe).all(|row| row.needs_success));
    }
}
