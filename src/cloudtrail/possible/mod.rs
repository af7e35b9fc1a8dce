//! Whether the events a pattern asks for exist: pairs that never meet, names no one knows, calls a rule never
//! receives.
//!
//! Works on what a pattern pins; what it leaves open is not judged. Each trouble names the field and, where one entry
//! of its list is to blame, that entry. `envelope` looks at what EventBridge puts around a record, `values` at what
//! fields can hold, `names` at services and calls, `native` at what services send themselves, `reading` at read-only calls, `callers` at those whom a negation leaves
//! out, `recorded` at events that no trail records by itself, `asked` at request parameters, `service` at service
//! events. Neighbors: `events` and `fields`
//! (what is known), `check` (who asks).

mod asked;
mod callers;
mod envelope;
mod names;
mod native;
mod reading;
mod recorded;
mod service;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashSet};

pub use reading::{ReadOnly, read_only};
pub use values::listed;

use super::events;
use crate::pattern::{Branch, Demand, Pattern};

/// Something about a pattern that keeps an alert from firing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// An entry or a branch that no event can match, next to others that events can match.
    DeadEntry,
    /// A negation on a field that some callers lack: those never match.
    LeftOut,
    /// Data events, which only a trail that selects them records.
    DataEvents,
    /// Events of partners, which the default event bus does not receive.
    PartnerEvents,
}

impl Impossibility {
    fn new(kind: ImpossibilityKind, field: &str, entry: Option<&str>, what: String) -> Self {
        Self { kind, field: field.to_owned(), entry: entry.map(str::to_owned), what, help: None }
    }

    /// The same as a warning, where it was an error.
    fn dead(mut self) -> Self {
        if self.kind == ImpossibilityKind::Never {
            self.kind = ImpossibilityKind::DeadEntry;
        }
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
        native::misspelled_sources,
        native::of_other_services,
        native::of_partners,
        values::kinds,
        values::spellings,
        values::closed_lists,
        values::places,
        names::sources,
        names::names,
        recorded::data_events,
        asked::request_parameters,
        service::events,
    ];
    let of_branch = |branch: Branch| {
        let found: Vec<Impossibility> = rules.iter().flat_map(|rule| rule(branch)).collect();
        let ends = ends(&found, branch);
        found.into_iter().map(|one| if ends.contains(&one.field) { one } else { one.dead() }).collect::<Vec<_>>()
    };
    let mut branches: Vec<Vec<Impossibility>> = pattern.branches().map(of_branch).collect();
    let is_alive = |found: &Vec<Impossibility>| !found.iter().any(|one| one.kind == ImpossibilityKind::Never);
    if branches.iter().any(is_alive) {
        // The alert fires all the same, for another branch of an `$or`.
        branches = branches.into_iter().map(|found| found.into_iter().map(Impossibility::dead).collect()).collect();
    }
    let mut found: Vec<Impossibility> = Vec::new();
    let mut known = HashSet::new();
    for trouble in branches.into_iter().flatten().chain(callers::left_out(pattern)) {
        if known.insert(trouble.clone()) {
            found.push(trouble);
        }
    }
    found
}

/// The fields for which no event matches a branch: what is wrong with them is wrong with every entry of their list.
fn ends(found: &[Impossibility], branch: Branch) -> BTreeSet<String> {
    let mut blamed: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
    for one in found.iter().filter(|one| one.kind == ImpossibilityKind::Never) {
        blamed.entry(&one.field).or_default().push(one.entry.as_deref());
    }
    let is_alive = |field: &str, entries: &[Option<&str>]| {
        let Some(dead) = entries.iter().copied().collect::<Option<HashSet<&str>>>() else { return false };
        let is_other =
            |demand: Demand| demand.entries().any(|entry| entry.text().is_none_or(|text| !dead.contains(text)));
        branch.demand(field).is_some_and(is_other)
    };
    blamed.into_iter().filter(|(field, entries)| !is_alive(field, entries)).map(|(field, _)| field.to_owned()).collect()
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
