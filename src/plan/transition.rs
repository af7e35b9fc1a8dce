//! Changes in two steps, and pauses: what a function that runs now relies on is opened first, and closed when no call of
//! its old code can be under way anymore.
//!
//! The kind says what serves both what was and what will be (`bridge`), and how long a change of it takes to hold everywhere
//! (`settles`). Only what a live function writes for, or acts as, is bridged: nothing else is relied on while it changes.

use super::diff::fields;
use super::waits::repatterned;
use super::{Change, Pause, PlanStep, Reason};
use crate::live::Live;
use crate::name::Scope;
use crate::resource::edge::Relation;
use crate::resource::{Address, Resource};

/// Changes, those of them that only open something, and what is closed at the end.
pub(super) struct Transition {
    pub(super) changes: Vec<(Change, Reason)>,
    pub(super) closings: Vec<(Change, Reason)>,
}

/// Splits the changes that are better made in two steps.
pub(super) fn split(scope: &Scope, live: &Live, changes: Vec<(Change, Reason)>) -> Transition {
    let mut transition = Transition { changes: Vec::new(), closings: Vec::new() };
    for (change, reason) in changes {
        match bridged(scope, live, &change) {
            Some((opening, closing)) => {
                transition.changes.extend(opening.map(|change| (change, Reason::Opens)));
                transition.closings.push((closing, Reason::Closes));
            }
            None => transition.changes.push((change, reason)),
        }
    }
    transition
}

/// The two steps of a change, the first only where something must be opened.
fn bridged(scope: &Scope, live: &Live, change: &Change) -> Option<(Option<Change>, Change)> {
    let Change::Update { before, after, .. } = change else { return None };
    users(scope, live, before.address()).next()?;
    let both = after.bridge(before)?;
    let update = |before: &Resource, after: &Resource| {
        let fields = fields(before, after, &mut Vec::new());
        (!fields.is_empty()).then(|| Change::Update { before: before.clone(), after: after.clone(), fields })
    };
    let closing = update(&both, after)?;
    Some((update(before, &both), closing))
}

/// What lives and relies on the resource at an address, with how long a call of it can be under way.
fn users<'l>(scope: &Scope, live: &'l Live, address: &Address) -> impl Iterator<Item = Pause> + use<'l> {
    let (scope, address) = (scope.clone(), address.clone());
    live.managed.values().filter_map(move |one| {
        let relies = one.parts(&scope).any(|(role, end)| relies(role) && end == address);
        one.lasts().filter(|_| relies)
    })
}

fn relies(relation: Relation) -> bool {
    matches!(relation, Relation::WritesFor | Relation::ActsAs)
}

/// The pause before a closing: calls of those that relied on it may be under way.
pub(super) fn before_closing(scope: &Scope, live: &Live, closing: &Change) -> Option<Pause> {
    users(scope, live, closing.address()).max_by_key(|pause| pause.seconds)
}

/// The pause before a change that waits for others: until these hold, where a live resource begins to rely on them, or until
/// calls of old code are over, where something goes that these relied on, or until an alert's new way is in use, where its old
/// way goes.
pub(super) fn before(scope: &Scope, change: &Change, done: &[&PlanStep]) -> Option<Pause> {
    let old_calls = || {
        let changed = done.iter().filter(|step| matches!(step.change, Change::Update { .. }));
        changed.filter_map(|step| step.change.after()?.lasts()).collect::<Vec<_>>()
    };
    let pauses: Vec<Pause> = match change {
        Change::Update { after, .. } if after.lasts().is_some() => {
            let parts: Vec<Address> =
                after.parts(scope).filter(|(role, _)| relies(*role)).map(|(_, part)| part).collect();
            let is_new = |step: &&&PlanStep| {
                let begins = matches!(step.change, Change::Create { .. }) || step.reason == Reason::Opens;
                begins && parts.contains(step.change.address())
            };
            done.iter().filter(is_new).filter_map(|step| step.change.after()?.settles()).collect()
        }
        // The new rules have what this one leaves to them.
        change if repatterned(change).is_some() => {
            let (alert, rule) =
                (change.after().and_then(|one| one.alert(scope)), repatterned(change).map(|one| &one.name));
            let shares = |step: &&&PlanStep| match &step.change {
                Change::Create { after: Resource::Target(target) } => {
                    Some(&target.rule) != rule && step.change.after().and_then(|one| one.alert(scope)) == alert
                }
                _ => false,
            };
            done.iter().filter(shares).filter_map(|step| step.change.after()?.settles()).collect()
        }
        // A rule that goes with its target has waited with it.
        Change::Delete { before } if !done.iter().any(|step| step.pause.is_some() && step.change.after().is_none()) => {
            let alert = before.alert(scope);
            let gone = match before {
                Resource::Rule(rule) => Some(&rule.name),
                Resource::Target(target) => Some(&target.rule),
                _ => None,
            };
            let comes = |step: &&&PlanStep| match &step.change {
                Change::Create { after } => alert.is_some() && after.alert(scope) == alert,
                // What takes over the events of a rule that goes.
                Change::Update { after, .. } => {
                    let other = repatterned(&step.change).map(|rule| &rule.name);
                    other.is_some() && gone.is_some() && other != gone && after.alert(scope) == alert
                }
                Change::Replace { .. } | Change::Delete { .. } => false,
            };
            let new_ways = done.iter().filter(comes).filter_map(|step| step.change.after()?.settles());
            old_calls().into_iter().chain(new_ways).collect()
        }
        // What the old code writes would not do anymore: a message without a channel must not reach a bot.
        change if change.lets_users_go_first() => old_calls(),
        _ => Vec::new(),
    };
    pauses.into_iter().max_by_key(|pause| pause.seconds)
}
