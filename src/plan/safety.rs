//! What a plan must not do: touch what is foreign, or tear down what somebody else attached something to.

use serde::{Deserialize, Serialize};

use super::{Change, Purpose, Reason};
use crate::live::Live;
use crate::resource::{Address, ResourceSet};

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
    foreign.chain(attached).collect()
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
