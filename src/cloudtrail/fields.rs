//! What is known of each field of a CloudTrail event: whether it is always there, which characters it can hold, how
//! long it can be.
//!
//! The table is data, `fields.tsv`, each row with its source. A pattern can make more certain than the table says: a
//! value it pins, a prefix, a successful call. Where several rows could apply the weakest counts.
//! Neighbours: `possible` asks which events a pattern can match, `message` lays values out by what is known of them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::is_record;
use crate::pattern::{Demand, Pattern, Way};

const TABLE: &str = include_str!("fields.tsv");

/// Longest spelling of an IP address: IPv6 with an IPv4 tail and a zone.
const LONGEST_ADDRESS: usize = 64;

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

/// What is certain about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Whether it is in every event, and not empty.
    pub always: bool,
    /// What it can hold.
    pub holds: Holds,
    /// The most characters it can have, where that is known.
    pub longest: Option<usize>,
}

/// Why nothing is certain about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The table has no such field for the events the pattern matches.
    Unknown,
    /// It is an object or a list.
    Composite,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The events it is about.
    pub scope: Scope,
    /// The dotted path from the top of the event.
    pub path: &'static str,
    /// Whether it is in every event, and not empty.
    pub always: bool,
    /// What it holds; `None` for objects and lists.
    pub holds: Option<Holds>,
    /// The most characters.
    pub longest: Option<usize>,
    /// Event sources whose events carry free text here all the same.
    pub free_when: Vec<&'static str>,
    /// Whether only a successful call proves what it holds: a refused one carries what the caller wrote.
    pub needs_success: bool,
    /// Where this is from.
    pub source: &'static str,
}

/// The events a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
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
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

static BY_PATH: LazyLock<HashMap<&'static str, Vec<&'static Row>>> = LazyLock::new(|| {
    let mut paths: HashMap<_, Vec<_>> = HashMap::new();
    ROWS.iter().for_each(|row| paths.entry(row.path).or_default().push(row));
    paths
});

/// Every row, in the table's order.
#[must_use]
pub fn rows() -> &'static [Row] {
    &ROWS
}

/// A line of the table. A test makes sure that only comments are none.
fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split('\t');
    let mut next = || cells.next();
    let (scope, path, presence, holds, longest) = (next()?, next()?, next()?, next()?, next()?);
    let (free_when, needs_success, source) = (next()?, next()?, next()?);
    Some(Row {
        scope: match scope.split_once('/') {
            None if scope == "event" => Scope::Event,
            None => Scope::Record,
            Some((source, "*")) => Scope::Calls { source, names: Vec::new() },
            Some((source, names)) => Scope::Calls { source, names: names.split(',').collect() },
        },
        path,
        always: presence == "always",
        holds: match holds {
            "number" => Some(Holds::Number),
            "boolean" => Some(Holds::Boolean),
            "token" => Some(Holds::Token),
            "identifier" => Some(Holds::Identifier),
            "text" => Some(Holds::Text),
            _ => None,
        },
        longest: longest.parse().ok(),
        free_when: free_when.split(',').filter(|source| *source != "-").collect(),
        needs_success: needs_success == "yes",
        source,
    })
}

/// What is certain about the value at a dotted path in every event the pattern matches.
///
/// # Errors
/// When nothing is.
pub fn standing(pattern: &Pattern, path: &str) -> Result<Standing, Unfit> {
    let mut weakest: Option<Standing> = None;
    for way in pattern.ways() {
        let here = on_way(way, path)?;
        weakest = Some(weakest.map_or(here, |other| weaker(other, here)));
    }
    weakest.ok_or(Unfit::Unknown)
}

fn weaker(a: Standing, b: Standing) -> Standing {
    Standing {
        always: a.always && b.always,
        holds: a.holds.max(b.holds),
        longest: a.longest.zip(b.longest).map(|(a, b)| a.max(b)),
    }
}

fn on_way(way: Way, path: &str) -> Result<Standing, Unfit> {
    let rows = applying(way, path)?;
    let mut weakest: Option<Standing> = None;
    for row in rows {
        let here = of_row(way, row).ok_or(Unfit::Composite)?;
        weakest = Some(weakest.map_or(here, |other| weaker(other, here)));
    }
    let known = weakest.ok_or(Unfit::Unknown)?;
    Ok(way.demand(path).map_or(known, |demand| proven(known, demand)))
}

/// The rows that are about the events of this way, so many that each event has one.
fn applying(way: Way, path: &str) -> Result<Vec<&'static Row>, Unfit> {
    let rows = BY_PATH.get(path).ok_or(Unfit::Unknown)?;
    let general = rows.iter().filter(|row| row.scope == Scope::Event || row.scope == Scope::Record && is_record(way));
    if let Some(row) = general.copied().next() {
        return Ok(vec![row]);
    }
    if !is_record(way) {
        return Err(Unfit::Unknown);
    }
    let texts = |path| way.demand(path).and_then(Demand::texts).ok_or(Unfit::Unknown);
    let names = texts("detail.eventName").unwrap_or_default();
    let mut found = Vec::new();
    for source in texts("detail.eventSource")? {
        found.extend(of_calls(rows, source, &names).ok_or(Unfit::Unknown)?);
    }
    Ok(found)
}

/// The rows about calls of this source; `None` when one of the calls has none.
fn of_calls(rows: &[&'static Row], source: &str, names: &[&str]) -> Option<Vec<&'static Row>> {
    let about = |row: &Row, name: Option<&&str>| match &row.scope {
        Scope::Calls { source: of, names } if *of == source => {
            names.is_empty() || name.is_some_and(|name| names.contains(name))
        }
        _ => false,
    };
    let find = |name: Option<&&str>| rows.iter().find(|row| about(row, name)).copied();
    if names.is_empty() { find(None).map(|row| vec![row]) } else { names.iter().map(|name| find(Some(name))).collect() }
}

fn of_row(way: Way, row: &Row) -> Option<Standing> {
    let (mut holds, mut longest) = (row.holds?, row.longest);
    let may_be_from = |source: &&str| way.demand("detail.eventSource").is_none_or(|demand| demand.accepts_text(source));
    let is_free = row.free_when.iter().any(may_be_from);
    let may_have_failed = way.demand("detail.errorCode").is_none_or(|demand| demand.can_be_text());
    if is_free || row.needs_success && may_have_failed {
        (holds, longest) = (Holds::Text, None);
    }
    Some(Standing { always: row.always, holds, longest })
}

/// What a demand adds to what is known.
fn proven(known: Standing, demand: Demand) -> Standing {
    if matches!(known.holds, Holds::Number | Holds::Boolean) {
        return Standing { always: known.always || !demand.accepts_absence(), ..known };
    }
    let always = known.always || !demand.accepts_absence() && !demand.accepts_text("");
    let pinned = match demand.texts() {
        Some(texts) => Some((
            texts.iter().map(|text| alphabet(text)).max().unwrap_or(Holds::Text),
            texts.iter().map(|text| text.chars().count()).max().unwrap_or_default(),
        )),
        None if demand.is_address() => Some((Holds::Identifier, LONGEST_ADDRESS)),
        None => None,
    };
    let Some((holds, longest)) = pinned else { return Standing { always, ..known } };
    Standing {
        always,
        holds: known.holds.min(holds),
        longest: Some(known.longest.map_or(longest, |old| old.min(longest))),
    }
}

/// The safest kind a text is of.
#[must_use]
pub fn alphabet(text: &str) -> Holds {
    let in_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let in_identifier = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '<' | '>' | '&' | '`');
    if text.chars().all(in_token) {
        Holds::Token
    } else if text.chars().all(in_identifier) {
        Holds::Identifier
    } else {
        Holds::Text
    }
}
