//! Desired × live → changes. It compares fields in normal form and knows nothing about kinds.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Change, FieldChange, Purpose, Reason};
use crate::live::Live;
use crate::name::Scope;
use crate::resource::mark::{self, description};
use crate::resource::{Address, Arn, Field, FieldValue, Resource, ResourceSet};

/// What was found.
pub(super) struct Differences {
    pub(super) changes: Vec<(Change, Reason)>,
    pub(super) unchanged: Vec<Address>,
    pub(super) notes: Vec<String>,
}

impl Differences {
    /// Whether anything goes away.
    pub(super) fn removes(&self) -> bool {
        self.changes.iter().any(|(change, _)| matches!(change, Change::Delete { .. }))
    }
}

/// Compares the two sets.
pub(super) fn diff(desired: &ResourceSet, live: &Live, purpose: Purpose) -> Differences {
    let mut found = Differences { changes: Vec::new(), unchanged: Vec::new(), notes: Vec::new() };
    let renewed = renewed(desired, live);
    for (address, after) in desired {
        match live.managed.get(address) {
            None => found.changes.push((Change::Create { after: after.clone() }, Reason::Absent)),
            Some(before) => compare(before, after, &renewed, &mut found),
        }
    }
    let gone = if purpose == Purpose::Destroy { Reason::Destroyed } else { Reason::NotInStack };
    for (_, before) in live.managed.iter().filter(|(address, _)| !desired.contains_key(*address)) {
        found.changes.push((Change::Delete { before: before.clone() }, gone.clone()));
    }
    found
}

/// Addresses that exist and will have another ARN afterwards.
fn renewed(desired: &ResourceSet, live: &Live) -> BTreeSet<Address> {
    let replaced = |(address, after): &(&Address, &Resource)| {
        let Some(before) = live.managed.get(*address) else { return false };
        fields(before, after, &mut Vec::new()).iter().any(|one| one.forces_replace)
    };
    desired.iter().filter(replaced).map(|(address, _)| address.clone()).collect()
}

fn compare(before: &Resource, after: &Resource, renewed: &BTreeSet<Address>, found: &mut Differences) {
    let mut fields = fields(before, after, &mut found.notes);
    let mut reason = Reason::Differs;
    if fields.is_empty()
        && let Some(address) = followed(after, renewed)
    {
        let label = Arn::Of(address.clone()).label();
        fields.push(FieldChange {
            path: "arn".to_owned(),
            before: label.into(),
            after: "(known after apply)".into(),
            forces_replace: false,
            users_first: false,
        });
        reason = Reason::Follows(address);
    }
    let (before, after) = (before.clone(), after.clone());
    if fields.is_empty() {
        found.unchanged.push(after.address().clone());
    } else if fields.iter().any(|one| one.forces_replace) {
        found.changes.push((Change::Replace { before, after, fields }, reason));
    } else {
        found.changes.push((Change::Update { before, after, fields }, reason));
    }
}

/// The renewed resource whose ARN this one holds.
fn followed(resource: &Resource, renewed: &BTreeSet<Address>) -> Option<Address> {
    let mut copy = resource.clone();
    copy.arns_mut().into_iter().find_map(|arn| match arn {
        Arn::Of(address) if renewed.contains(address) => Some(address.clone()),
        _ => None,
    })
}

/// How two states of a resource differ.
pub(super) fn fields(before: &Resource, after: &Resource, notes: &mut Vec<String>) -> Vec<FieldChange> {
    let pairs = before.fields().into_iter().zip(after.fields());
    pairs.filter_map(|(before, wanted)| changed(after.address(), &before, &wanted, notes)).collect()
}

fn changed(address: &Address, before: &Field, after: &Field, notes: &mut Vec<String>) -> Option<FieldChange> {
    let (mut shown_before, mut shown_after) = (before.shown(), after.shown());
    match (&before.value, &after.value) {
        (FieldValue::Sealed(old), FieldValue::Sealed(new)) => match new.same(old) {
            Some(true) => return None,
            Some(false) if shown_before == shown_after => {
                shown_before = "(secret)".into();
                shown_after = "(another secret)".into();
            }
            Some(false) => {}
            None => {
                notes.push(not_checked(address, after.path, new.value.is_some()));
                return None;
            }
        },
        (old, new) if old == new => return None,
        _ => {}
    }
    if matches!(after.value, FieldValue::Sealed(_)) && shown_before == Value::Null {
        shown_before = "(none)".into();
    }
    Some(FieldChange {
        path: after.path.to_owned(),
        before: shown_before,
        after: shown_after,
        forces_replace: after.forces_replace,
        users_first: after.users_first,
    })
}

fn not_checked(address: &Address, path: &str, at_hand: bool) -> String {
    let why = if at_hand { "the account has no fingerprint of it" } else { "the secret is not available" };
    format!("{}.{path}: rotation not checked, {why}", address.short())
}

/// Before anything is removed: the marks of what is ours only because a rule leads to it. Rules may go first, so
/// without its mark such a thing would be an unmanaged resource after an interruption.
pub(super) fn restore_marks(scope: &Scope, desired: &ResourceSet, live: &Live) -> Vec<(Change, Reason)> {
    let restore = |address: &Address| {
        let before = live.managed.get(address)?.clone();
        let after = marked(before.clone(), desired.get(address), scope);
        let fields = fields(&before, &after, &mut Vec::new());
        (!fields.is_empty()).then_some((Change::Update { before, after, fields }, Reason::MarkLost))
    };
    live.unmarked.iter().filter_map(restore).collect()
}

/// The live resource with the mark it should carry, and nothing else changed. Where tags carry it, they are enough.
fn marked(mut resource: Resource, desired: Option<&Resource>, scope: &Scope) -> Resource {
    let kind = resource.address().kind();
    if let Some(tags) = resource.tags_mut() {
        tags.extend(mark::tags(scope));
    } else if let Some(words) = resource.description_mut() {
        let wanted = desired.cloned().and_then(|mut wanted| wanted.description_mut().cloned());
        *words = wanted.unwrap_or_else(|| description("Being removed by trailbell.", scope, kind));
    }
    resource
}
