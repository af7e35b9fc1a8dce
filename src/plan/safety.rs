//! What a plan must not do: touch what is unmanaged, or tear down what someone else attached something to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adopt::candidate;
use super::{Change, Purpose, Reason, concurrency, quota};
use crate::live::{Holder, Live, Obstacle};
use crate::name::Scope;
use crate::resource::{Address, LogGroup, LogGroupRoom, Resource, ResourceSet};
use crate::words::shortened;

/// So many holders of places are named; a log group has a hundred places for metric filters.
const NAMED: usize = 5;

/// Something that is not done, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// What is in the way.
    pub what: String,
    /// What a person can do about it.
    pub fix: String,
}

/// Everything that forbids the changes, except for what a person asks to remove before.
pub(super) fn check(
    scope: &Scope,
    changes: &[(Change, Reason)],
    desired: &ResourceSet,
    live: &Live,
    removing: &[String],
) -> Vec<Refusal> {
    let in_the_way = live.others.iter().map(|one| &one.resource).filter(|one| desired.contains_key(one.address()));
    let unmanaged = in_the_way.map(|one| {
        let adopt = candidate(scope, desired, one)
            .map_or_else(String::new, |address| format!(", or take it over with `trailbell adopt {address}`"));
        Refusal {
            what: format!("the {} `{}` exists and is not managed by this stack", one.address().kind().title(), one.name()),
            fix: format!(
                "nothing was changed: remove or rename it if it is not needed, or choose another name for the stack{adopt}"
            ),
        }
    });
    let stays =
        |one: &&Obstacle| one.is_in_the_way() && removes(changes, &one.address) && !removing.contains(&one.name());
    let attached = live.obstacles.iter().filter(stays).map(|one| Refusal {
        what: format!("{} is attached to {} and is not managed by trailbell", one.what, one.address.short()),
        fix: one.by_hand().map_or_else(
            || {
                format!(
                    "nothing was changed: if it is not needed, detach it, or run `trailbell apply --remove-unmanaged '{}'`; \
                     then run this command again",
                    one.name()
                )
            },
            |fix| format!("nothing was changed: {fix}; then run this command again"),
        ),
    });
    let limits = crowded(changes, live).into_iter().chain(concurrency::refusal(desired, live));
    unmanaged.chain(attached).chain(limits).chain(quota::refusals(scope, changes, live)).collect()
}

/// New filters on log groups that do not exist, or have no place left.
fn crowded(changes: &[(Change, Reason)], live: &Live) -> Vec<Refusal> {
    let mut wanted: BTreeMap<LogGroupRoom<'_>, usize> = BTreeMap::new();
    let created = changes.iter().filter_map(|(change, _)| match change {
        Change::Create { after } => after.place(),
        Change::Update { .. } | Change::Replace { .. } | Change::Delete { .. } => None,
    });
    created.for_each(|place| *wanted.entry(place).or_default() += 1);
    let is_made = |group: &str| {
        let made =
            |change: &Change| matches!(change, Change::Create { after: Resource::LogGroup(one) } if one.name == group);
        changes.iter().any(|(change, _)| made(change))
    };
    let refusal = |(&place, &new): (&LogGroupRoom<'_>, &usize)| {
        let known = live.places.get(&(place.kind, place.log_group.to_owned()))?;
        let holders = match known {
            Some(holders) => holders.as_slice(),
            None if is_made(place.log_group) => &[],
            None => return Some(no_group(place.log_group)),
        };
        let leaving = |holder: &&Holder| {
            let leaves = |change: &Change| match change {
                Change::Delete { before } => before.place() == Some(place) && before.name() == holder.name,
                _ => false,
            };
            changes.iter().any(|(change, _)| leaves(change))
        };
        let staying: Vec<&Holder> = holders.iter().filter(|one| !leaving(one)).collect();
        (staying.len() + new > place.most).then(|| full(place, new, &staying))
    };
    let mut refusals: Vec<Refusal> = Vec::new();
    for one in wanted.iter().filter_map(refusal) {
        // A log group that does not exist is missing for filters of both kinds.
        if !refusals.contains(&one) {
            refusals.push(one);
        }
    }
    refusals
}

fn no_group(group: &str) -> Refusal {
    Refusal {
        what: format!("the log group `{group}` does not exist in this account and region"),
        fix: "nothing was changed: correct its name in the stack file, or create it first".to_owned(),
    }
}

fn full(place: LogGroupRoom<'_>, new: usize, staying: &[&Holder]) -> Refusal {
    let held = staying.iter().map(|one| format!("`{}` → {}", one.name, one.leads_to)).collect();
    let held = shortened(held, NAMED);
    let held = if held.is_empty() { "none is in use".to_owned() } else { format!("used by {}", held.join(", ")) };
    let (group, most, kind) = (place.log_group, place.most, place.kind.title());
    Refusal {
        what: format!("the log group `{group}` can have {most} {kind}s, {held}; {new} more are required"),
        fix: "nothing was changed: remove a filter that is not needed, or use fewer alerts on this log group"
            .to_owned(),
    }
}

fn removes(changes: &[(Change, Reason)], address: &Address) -> bool {
    changes.iter().any(|(change, _)| {
        change.address() == address && matches!(change, Change::Delete { .. } | Change::Replace { .. })
    })
}

/// What is lost with the queues of digests that go.
pub(super) fn lost(changes: &[(Change, Reason)], live: &Live) -> Vec<String> {
    let gone = changes.iter().map(|(change, _)| change).filter(|change| matches!(change, Change::Delete { .. }));
    let note = |change: &Change| {
        let events = live.waiting.get(change.address())?;
        let what = if *events == 1 { "1 event" } else { &format!("{events} events") };
        Some(format!("{} is deleted with about {what} that no digest has counted", change.address().short()))
    };
    gone.filter_map(note).collect()
}

/// What is worth knowing although it forbids nothing.
pub(super) fn notes(scope: &Scope, changes: &[(Change, Reason)], live: &Live, purpose: Purpose) -> Vec<String> {
    let collecting = LogGroup::collected_prefix(scope);
    let collected = changes.iter().filter_map(|(change, _)| match change {
        Change::Delete { before } => Some(before.name()).filter(|name| name.starts_with(&collecting)),
        _ => None,
    });
    let collected =
        collected.map(|name| format!("this deletes the log group {name} with the events that were collected in it"));
    let unmanaged = live.unmanaged.iter().filter(|_| purpose == Purpose::Destroy).map(|one| {
        format!("the {} `{}` is not managed by trailbell; not changed", one.address.kind().title(), one.name)
    });
    collected.chain(unmanaged).collect()
}
