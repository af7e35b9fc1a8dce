//! Who waits for whom. What AWS enforces comes first; each wish after it is kept unless it would close a circle, so that
//! no plan can end in changes that wait for each other. Who uses whom, the edges of resources say, and their roles what that
//! means.
//!
//! 1. What is made or changed waits for what it needs to be made; what is removed waits for its users to go or to let go.
//! 2. Where it says so itself, what is changed waits for its users: a message without a channel must not reach a bot.
//! 3. What takes one of few places waits for what gives one up, when there is none left.
//! 4. A way to Slack stays until the alert's new way is there: what happens in between would notify no one.
//! 5. Rules that share out an alert's events change so that each event has one: what is left to another rule is left when that is there.
//! 6. What others count on changes after those are gone: a queue closes to a rule, an alarm looks elsewhere.
//! 7. What is made or changed waits for changes of what it needs.
//! 8. Any other change waits for users that are removed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Reason, capacity};
use crate::live::Live;
use crate::name::Scope;
use crate::resource::edge::{Order, Relation};
use crate::resource::{Address, Resource, Rule};

/// For each change the changes it waits for.
pub(super) fn waits(scope: &Scope, live: &Live, changes: &[(Change, Reason)]) -> Vec<Vec<usize>> {
    let changes: Vec<&Change> = changes.iter().map(|(change, _)| change).collect();
    let uses = uses(scope, &changes);
    let mut graph = WaitGraph { waits: vec![BTreeSet::new(); changes.len()] };
    for (waiting, other) in uses.enforced {
        graph.must(waiting, other);
    }
    let handover = handover(scope, &changes);
    let bound: BTreeSet<usize> = handover.iter().map(|(waiting, _)| *waiting).collect();
    for (waiting, other) in capacity::waits(live, &changes, &bound) {
        graph.must(waiting, other);
    }
    let narrowing = narrowing(scope, &changes);
    let wishes = [uses.ready_first, handover, narrowing, uses.gone_first, uses.changed_first, uses.others];
    for (waiting, other) in wishes.into_iter().flatten() {
        graph.unless_circular(waiting, other);
    }
    graph.waits.into_iter().map(|waits| waits.into_iter().collect()).collect()
}

/// The first waits for the second.
pub(super) type WaitPair = (usize, usize);

struct WaitGraph {
    waits: Vec<BTreeSet<usize>>,
}

impl WaitGraph {
    fn must(&mut self, waiting: usize, other: usize) {
        self.waits[waiting].insert(other);
    }

    fn unless_circular(&mut self, waiting: usize, other: usize) {
        if !self.reaches(other, waiting) {
            self.must(waiting, other);
        }
    }

    /// Whether the first waits for the second, itself or by way of others.
    fn reaches(&self, from: usize, to: usize) -> bool {
        let (mut seen, mut pending) = (BTreeSet::new(), vec![from]);
        while let Some(at) = pending.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                pending.extend(&self.waits[at]);
            }
        }
        false
    }
}

/// What follows from who uses whom, by how much it weighs.
#[derive(Default)]
struct Uses {
    enforced: Vec<WaitPair>,
    ready_first: Vec<WaitPair>,
    gone_first: Vec<WaitPair>,
    changed_first: Vec<WaitPair>,
    others: Vec<WaitPair>,
}

fn uses(scope: &Scope, changes: &[&Change]) -> Uses {
    let places: BTreeMap<&Address, usize> =
        changes.iter().enumerate().map(|(at, change)| (change.address(), at)).collect();
    let used = |resource: Option<&Resource>| -> Vec<(Order, usize)> {
        let parts = resource.into_iter().flat_map(|one| one.parts(scope));
        let ordered = parts.map(|(role, part)| (role.order(), part)).filter(|(order, _)| order.end_first);
        ordered.filter_map(|(order, part)| Some((order, *places.get(&part)?))).collect()
    };
    let mut uses = Uses::default();
    for (at, change) in changes.iter().enumerate() {
        for (_, other) in used(change.after()) {
            match changes[other] {
                Change::Delete { .. } => {}
                Change::Create { .. } | Change::Replace { .. } => uses.enforced.push((at, other)),
                needed if needed.lets_users_go_first() => uses.ready_first.push((other, at)),
                Change::Update { .. } => uses.changed_first.push((at, other)),
            }
        }
        for (order, other) in used(change.before()) {
            match changes[other] {
                Change::Delete { .. } => uses.enforced.push((other, at)),
                _ if change.after().is_some() => {}
                left if left.lets_users_go_first() => uses.gone_first.push((other, at)),
                Change::Update { .. } if order.counts_on_it => uses.gone_first.push((other, at)),
                _ => uses.others.push((other, at)),
            }
        }
    }
    uses
}

/// The ways of an alert that go wait for its ways that come.
fn handover(scope: &Scope, changes: &[&Change]) -> Vec<WaitPair> {
    let leads_on = |resource: &Resource| resource.edges(scope).iter().any(|edge| edge.relation == Relation::SendsTo);
    let mut coming: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        let comes = match change {
            Change::Create { after } => leads_on(after).then_some(after),
            // What is written for one way is, from then on, written for another.
            Change::Update { after, .. } => after.lasts().is_some().then_some(after),
            Change::Replace { .. } | Change::Delete { .. } => None,
        };
        if let Some(alert) = comes.and_then(|after| after.alert(scope)) {
            coming.entry(alert).or_default().push(at);
        }
    }
    let going = |(at, change): (usize, &&Change)| match change {
        Change::Delete { before } => Some((at, coming.get(&before.alert(scope)?)?)),
        Change::Create { .. } | Change::Update { .. } | Change::Replace { .. } => None,
    };
    changes.iter().enumerate().filter_map(going).flat_map(|(at, others)| others.iter().map(move |&o| (at, o))).collect()
}

/// Rules of an alert that share out its events: what one of them leaves to another it leaves when that is there, and one that goes
/// waits until the others have taken over.
fn narrowing(scope: &Scope, changes: &[&Change]) -> Vec<WaitPair> {
    let alert = |change: &Change| change.after().or(change.before()).and_then(|one| one.alert(scope));
    let mut pairs = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let Some(rule) = repatterned(change) else { continue };
        let is_of_other = |name: &String| *name != rule.name;
        for (other, share) in changes.iter().enumerate().filter(|(_, share)| alert(share) == alert(change)) {
            match share {
                Change::Create { after: Resource::Target(target) } if is_of_other(&target.rule) => {
                    pairs.push((at, other));
                }
                Change::Delete { before: Resource::Rule(gone) } if is_of_other(&gone.name) => pairs.push((other, at)),
                Change::Delete { before: Resource::Target(gone) } if is_of_other(&gone.rule) => pairs.push((other, at)),
                _ => {}
            }
        }
    }
    pairs
}

/// The rule of an alert whose pattern changes.
pub(super) fn repatterned(change: &Change) -> Option<&Rule> {
    match change {
        Change::Update { before: Resource::Rule(before), after: Resource::Rule(after), .. } => {
            (before.pattern != after.pattern && after.address.relays_to().is_none()).then_some(after)
        }
        _ => None,
    }
}
