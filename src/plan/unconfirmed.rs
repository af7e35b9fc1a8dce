//! What works only after a person did something elsewhere: a subscription that has to be confirmed. It is as the stack file
//! describes, so it is not a difference; that it receives nothing yet is worth a note.

use super::{Change, Reason};
use crate::live::Live;
use crate::resource::{Resource, ResourceSet};

/// A note for everything that waits for a person, or will after these changes.
pub(super) fn notes(changes: &[(Change, Reason)], desired: &ResourceSet, live: &Live) -> Vec<String> {
    let stays = live.managed.iter().filter(|(address, _)| desired.contains_key(*address)).map(|(_, one)| one);
    let made = changes.iter().filter(|(change, _)| matches!(change, Change::Create { .. } | Change::Replace { .. }));
    let note = |one: &Resource| {
        let what = one.waits_for()?;
        Some(format!("{}: {what}", one.address().short()))
    };
    stays.chain(made.filter_map(|(change, _)| change.after())).filter_map(note).collect()
}
