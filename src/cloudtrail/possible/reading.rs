//! Read-only calls, which a rule in the plain state never receives.

use super::super::{DETAIL_TYPES, wants_records};
use super::event_sources;
use crate::cloudtrail::events;
use crate::pattern::{Branch, Demand, Pattern};

/// What a pattern has to do with read-only calls, which a plain rule never receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// Nothing.
    None,
    /// It names some.
    Named(Vec<String>),
    /// It leaves open whether it means them.
    Open,
}

/// What a pattern has to do with read-only calls.
#[must_use]
pub fn read_only(pattern: &Pattern) -> ReadOnly {
    let mut named = Vec::new();
    let mut is_open = false;
    for branch in pattern.branches().filter(|branch| wants_records(*branch) && wants_calls(*branch)) {
        let flag = branch.demand("detail.readOnly");
        if flag.is_some_and(|demand| !demand.accepts_boolean(true)) {
            continue;
        }
        let is_reading = flag.is_some_and(|demand| !demand.accepts_boolean(false));
        match branch.demand("detail.eventName") {
            None if is_reading => named.push("Describe…".to_owned()),
            None => is_open = true,
            Some(demand) => {
                let sources = event_sources(branch);
                let (unreceived, is_all) = unreceived(&sources, demand);
                match demand.texts() {
                    Some(_) => named.extend(unreceived),
                    None if is_all => named.extend(unreceived.into_iter().take(1)),
                    None => is_open |= !unreceived.is_empty(),
                }
            }
        }
    }
    named.dedup();
    match (named.is_empty(), is_open) {
        (false, _) => ReadOnly::Named(named),
        (true, true) => ReadOnly::Open,
        (true, false) => ReadOnly::None,
    }
}

/// The calls a demand fits that a plain rule never receives, and whether it fits no others, as far as is known.
fn unreceived(sources: &[&str], demand: Demand) -> (Vec<String>, bool) {
    let sources: Vec<&str> = if sources.is_empty() { events::sources().collect() } else { sources.to_vec() };
    let is_unreceived = |name: &str| sources.iter().any(|source| events::is_unreceived(source, name));
    if let Some(names) = demand.texts() {
        let unreceived: Vec<String> =
            names.iter().filter(|name| is_unreceived(name)).map(|name| (*name).to_owned()).collect();
        let is_all = unreceived.len() == names.len();
        return (unreceived, is_all);
    }
    let fitting = sources.iter().flat_map(|source| events::names(source)).filter(|one| demand.accepts_text(one.name));
    let (unreceived, received): (Vec<events::EventName>, Vec<events::EventName>) =
        fitting.partition(|one| one.is_unreceived);
    (unreceived.into_iter().map(|one| one.name.to_owned()).collect(), received.is_empty())
}

/// Whether events of this branch can be API calls.
fn wants_calls(branch: Branch) -> bool {
    branch.demand("detail-type").is_none_or(|demand| demand.accepts_text(DETAIL_TYPES[0]))
}
