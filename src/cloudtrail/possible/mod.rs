//! Whether the events a pattern asks for exist: pairs that never meet, names no one knows, calls a rule never
//! receives.
//!
//! Works on what a pattern pins; what it leaves open is not judged. Each trouble names the field and, where one entry
//! of its list is to blame, that entry. `envelope` looks at what EventBridge puts around a record, `values` at what
//! fields can hold, `names` at services and calls, `native` at what services send themselves, `reading` at read-only calls, `callers` at those whom a negation leaves
//! out, `recorded` at events that no trail records by itself. Neighbors: `events` and `fields`
//! (what is known), `check` (who asks).

mod callers;
mod envelope;
mod names;
mod native;
mod reading;
mod recorded;
mod values;

pub use reading::{ReadOnly, read_only};

use super::events;
use crate::pattern::{Branch, Demand, Pattern};

/// Something about a pattern that keeps an alert from firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossibility {
    /// What kind.
    pub kind: ImpossibilityKind,
    /// The field, dotted.
    pub field: String,
    /// The entry of the field's list, when one is to blame.
    pub entry: Option<String>,
    /// What is wrong.
    pub what: String,
    /// The fix.
    pub help: Option<String>,
}

/// What keeps an alert from firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImpossibilityKind {
    /// No event can match.
    Never,
    /// An event source or service no one knows.
    UnknownSource,
    /// An event name no one knows.
    UnknownEvent,
    /// A value that a field with few values is not known to have.
    UnknownValue,
    /// The sign-in detail type in one of its two spellings.
    SignInSpelling,
    /// An entry that no event can match, in a list with others that events can match.
    DeadEntry,
    /// A negation on a field that some callers lack: those never match.
    LeftOut,
    /// Data events, which only a trail that selects them records.
    DataEvents,
}

impl Impossibility {
    fn new(kind: ImpossibilityKind, field: &str, entry: Option<&str>, what: String) -> Self {
        Self { kind, field: field.to_owned(), entry: entry.map(str::to_owned), what, help: None }
    }

    fn dead(mut self) -> Self {
        self.kind = ImpossibilityKind::DeadEntry;
        self
    }

    fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }
}

fn did_you_mean(near: Option<&str>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?"))
}

/// Everything that is wrong with what a pattern asks for, each thing once.
#[must_use]
pub fn troubles(pattern: &Pattern) -> Vec<Impossibility> {
    let rules = [
        envelope::fields,
        envelope::source_pairs,
        envelope::twins,
        envelope::detail_types,
        envelope::other_records,
        envelope::sign_in_spelling,
        native::misspelled,
        values::kinds,
        values::spellings,
        values::closed_lists,
        values::places,
        names::sources,
        names::names,
        recorded::data_events,
    ];
    let of_branch = |branch: Branch| {
        let found: Vec<Impossibility> = rules.iter().flat_map(|rule| rule(branch)).collect();
        let is_dead = |one: &Impossibility| is_one_of_several(one, &found, branch);
        found.iter().map(|one| if is_dead(one) { one.clone().dead() } else { one.clone() }).collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for trouble in pattern.branches().flat_map(of_branch).chain(callers::left_out(pattern)) {
        if !found.contains(&trouble) {
            found.push(trouble);
        }
    }
    found
}

/// Whether the alert fires all the same, for other entries of the same list.
fn is_one_of_several(one: &Impossibility, all: &[Impossibility], branch: Branch) -> bool {
    let is_never = |other: &&Impossibility| other.kind == ImpossibilityKind::Never && other.field == one.field;
    let blamed = |text: &str| all.iter().filter(is_never).any(|other| other.entry.as_deref() == Some(text));
    let is_whole = all.iter().filter(is_never).any(|other| other.entry.is_none());
    let alive = |demand: Demand| demand.entries().any(|entry| entry.text().is_none_or(|text| !blamed(text)));
    one.kind == ImpossibilityKind::Never
        && one.entry.is_some()
        && !is_whole
        && branch.demand(&one.field).is_some_and(alive)
}

/// The texts a field is pinned to.
fn texts<'p>(branch: Branch<'p>, field: &str) -> Option<Vec<&'p str>> {
    branch.demand(field).and_then(Demand::texts)
}

/// `aws.` and the first label of the event source.
fn service(event_source: &str) -> String {
    format!("aws.{}", event_source.split('.').next().unwrap_or_default())
}

/// More sources than these are not meant one by one.
const FEW: usize = 8;

/// The event sources the events of a branch can have, where the pattern means few.
pub(super) fn event_sources(branch: Branch<'_>) -> Vec<&str> {
    let (source, event_source) = (branch.demand("source"), branch.demand("detail.eventSource"));
    if let Some(sources) = event_source.and_then(Demand::texts) {
        return sources;
    }
    if source.is_none() && event_source.is_none() {
        return Vec::new();
    }
    let fits = |known: &&'static str| {
        event_source.is_none_or(|demand| demand.accepts_text(known))
            && source.is_none_or(|demand| demand.accepts_text(&service(known)))
    };
    let fitting: Vec<&str> = events::sources().filter(fits).collect();
    if fitting.len() > FEW { Vec::new() } else { fitting }
}

#[cfg(test)]
mod tests;
