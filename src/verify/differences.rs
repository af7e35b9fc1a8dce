//! The way of an alert: everything its events pass through until they are in Slack, and how it differs from the stack file.
//!
//! What differs is not what the file describes, so nothing that was tried there proves anything about the alert.

use std::collections::BTreeSet;

use crate::alert::Alert;
use crate::live::{Live, Obstacle};
use crate::name::Scope;
use crate::plan::{Change, Plan};
use crate::resource::edge::Relation;
use crate::resource::{Address, FieldValue, Kind, Resource, ResourceSet};

/// The differences between file and account on the way of an alert, in words: `role.slack differs: inline_policy`.
#[must_use]
pub(super) fn differences(alert: &Alert, desired: &ResourceSet, live: &Live, plan: &Plan) -> Vec<String> {
    let way = addresses(alert, &plan.scope, [desired, &live.managed]);
    let on_way = plan.steps.iter().map(|step| &step.change).filter(|change| way.contains(change.address()));
    on_way.map(Change::difference).collect()
}

/// What could not be compared on the way of an alert: secrets that are not available here or have no fingerprint there, and
/// what others put on a role or under a function, which may forbid or change what its own does.
#[must_use]
pub(super) fn not_compared(alert: &Alert, desired: &ResourceSet, live: &Live, scope: &Scope) -> Vec<String> {
    let way = addresses(alert, scope, [desired, &live.managed]);
    let pairs = way.iter().filter_map(|address| Some((desired.get(address)?, live.managed.get(address)?)));
    let sealed = pairs.flat_map(|(wanted, found)| {
        let fields = wanted.fields().into_iter().zip(found.fields());
        let unknown = fields.filter(|(wanted, found)| match (&wanted.value, &found.value) {
            (FieldValue::Sealed(new), FieldValue::Sealed(old)) => new.same(old).is_none(),
            _ => false,
        });
        unknown.map(|(wanted, _)| format!("{}.{}", found.address().short(), wanted.path)).collect::<Vec<_>>()
    });
    let on_way = live.obstacles.iter().filter(|one| matters(one) && way.contains(&one.address));
    let attached = on_way.map(|one| format!("{} of {}", one.what, one.address.short()));
    // The stack file can ask for what others usually set: a boundary, whose policy is not read.
    let asked = way.iter().filter_map(|address| {
        let what = live.managed.get(address)?.clone().take_unasked(None)?;
        Some(format!("{what} of {}", address.short()))
    });
    sealed.chain(attached).chain(asked).collect()
}

/// Whether something that others attached can change what becomes of an alert: also when the stack file accepts it.
fn matters(attached: &Obstacle) -> bool {
    match attached.address.kind() {
        Kind::Role => true,
        // Other code before ours, another place for what failed, and a statement that may deny what ours allow.
        Kind::Function => matches!(attached.parts().0, "layer" | "event-invoke setting" | "permission"),
        _ => false,
    }
}

/// Everything that the alert's targets or filter depend on, the relays that carry its messages, and the statements that may
/// forbid a call on that way, in either set.
fn addresses(alert: &Alert, scope: &Scope, sets: [&ResourceSet; 2]) -> BTreeSet<Address> {
    let (wanted, to) = (Some(scope.digest_of_alert(&alert.id)), alert.destinations());
    let begins = |one: &&Resource| match one {
        Resource::Rule(_) | Resource::Target(_) | Resource::SubscriptionFilter(_) => match one.address().relays_to() {
            Some(relay) => to.contains(&relay),
            None => one.alert(scope) == wanted,
        },
        _ => false,
    };
    let mut way = BTreeSet::new();
    let all = || sets.iter().flat_map(|set| set.values());
    let mut pending: Vec<Address> = all().filter(begins).map(|one| one.address().clone()).collect();
    while let Some(address) = pending.pop() {
        for resource in sets.iter().filter_map(|set| set.get(&address)) {
            pending.extend(resource.parts(scope).map(|(_, part)| part).filter(|next| !way.contains(next)));
        }
        way.insert(address);
    }
    // An alarm on the way judges what its filter counts.
    let counts = |one: &&Resource| {
        one.parts(scope).any(|(relation, end)| relation == Relation::CountsInto && way.contains(&end))
    };
    let counting: Vec<Address> = all().filter(counts).map(|one| one.address().clone()).collect();
    way.extend(counting);
    let forbids = |one: &&Resource| may_forbid(one) && one.parts(scope).any(|(_, whole)| way.contains(&whole));
    let forbidding: Vec<Address> = all().filter(forbids).map(|one| one.address().clone()).collect();
    way.extend(forbidding);
    way
}

/// Whether it may take away what another statement allows. One that only allows cannot, whomever it is for.
fn may_forbid(resource: &Resource) -> bool {
    matches!(resource, Resource::Permission(permission) if permission.unlike.is_some())
}
