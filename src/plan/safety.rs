//! What a plan must not do: touch what is foreign, or tear down what somebody else attached something to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Change, Purpose, Reason};
use crate::live::{Holder, Live};
use crate::resource::{Address, MAX_FILTERS, ResourceSet};

/// Something that is not done, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What is in the way.
    pub what: String,
    /// What a person can do about it.
    pub way_out: String,
}

/// Everything that forbids the changes.
pub(super) fn check(changes: &[(Change, Reason)], desired: &ResourceSet, live: &Live) -> Vec<Refusal> {
    let foreign = live.foreign.iter().filter(|one| desired.contains_key(&one.address)).map(|one| Refusal {
        what: format!("the {} `{}` exists and does not belong to this stack", one.address.kind.title(), one.name),
        way_out: "nothing was changed: remove or rename it if nobody needs it, or give the stack another name"
            .to_owned(),
    });
    let attached = live.obstacles.iter().filter(|one| removes(changes, &one.address)).map(|one| Refusal {
        what: format!("{} is attached to {} and is not trailbell's", one.what, one.address.short()),
        way_out: "nothing was changed: detach it if nobody needs it, then run this again".to_owned(),
    });
    foreign.chain(attached).chain(crowded(changes, live)).collect()
}

/// New filters on log groups that do not exist, or have no place left.
fn crowded(changes: &[(Change, Reason)], live: &Live) -> Vec<Refusal> {
    let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
    let created = changes.iter().filter_map(|(change, _)| match change {
        Change::Create { after } => after.place(),
        Change::Update { .. } | Change::Replace { .. } | Change::Delete { .. } => None,
    });
    created.for_each(|group| *wanted.entry(group).or_default() += 1);
    let refusal = |(&group, &new): (&&str, &usize)| {
        let Some(holders) = live.places.get(group)? else { return Some(no_group(group)) };
        let leaving = |holder: &&Holder| {
            let leaves = |change: &Change| match change {
                Change::Delete { before } => before.place() == Some(group) && before.name() == holder.name,
                _ => false,
            };
            changes.iter().any(|(change, _)| leaves(change))
        };
        let staying: Vec<&Holder> = holders.iter().filter(|one| !leaving(one)).collect();
        (staying.len() + new > MAX_FILTERS).then(|| full(group, new, &staying))
    };
    wanted.iter().filter_map(refusal).collect()
}

fn no_group(group: &str) -> Refusal {
    Refusal {
        what: format!("there is no log group `{group}` in this account and region"),
        way_out: "nothing was changed: correct its name in the stack file, or create it first".to_owned(),
    }
}

fn full(group: &str, new: usize, staying: &[&Holder]) -> Refusal {
    let held: Vec<String> = staying.iter().map(|one| format!("`{}` → {}", one.name, one.leads_to)).collect();
    let held = if held.is_empty() { "none is taken".to_owned() } else { format!("taken by {}", held.join(", ")) };
    Refusal {
        what: format!(
            "the log group `{group}` has {MAX_FILTERS} places for subscription filters, {held}; {new} more would be needed"
        ),
        way_out: "nothing was changed: remove a filter that nobody needs, or put fewer alerts on this log group"
            .to_owned(),
    }
}

fn removes(changes: &[(Change, Reason)], address: &Address) -> bool {
    changes.iter().any(|(change, _)| {
        change.address() == address && matches!(change, Change::Delete { .. } | Change::Replace { .. })
    })
}

/// What is worth knowing although it forbids nothing.
pub(super) fn notes(live: &Live, purpose: Purpose) -> Vec<String> {
    let attached = live
        .obstacles
        .iter()
        .map(|one| format!("{}: {} is not trailbell's and is left alone", one.address.short(), one.what));
    let foreign = live
        .foreign
        .iter()
        .filter(|_| purpose == Purpose::Destroy)
        .map(|one| format!("the {} `{}` is not trailbell's and is left alone", one.address.kind.title(), one.name));
    attached.chain(foreign).collect()
}
