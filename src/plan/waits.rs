//! Who waits for whom. What AWS enforces comes first; each wish after it is kept unless it would close a circle, so that
//! no plan can end in changes that wait for each other.
//!
//! 1. What is made or changed waits for what it needs to be made; what is removed waits for its users to go or to let go.
//! 2. Where it says so itself, what is changed waits for its users: a message without a channel must not reach a bot.
//! 3. What takes one of few places waits for what gives one up, when there is none left.
//! 4. A way to Slack stays until the alert's new way is there: what happens in between would ring nobody.
//! 5. A queue closes to a rule, an alarm looks elsewhere, after those are gone that count on it.
//! 6. What is made or changed waits for changes of what it needs.
//! 7. Any other change waits for users that are removed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Reason, rooms};
use crate::live::Live;
use crate::name::Scope;
use crate::resource::{Address, Kind, Resource};

/// For each change the changes it waits for.
pub(super) fn waits(scope: &Scope, live: &Live, changes: &[(Change, Reason)]) -> Vec<Vec<usize>> {
    let changes: Vec<&Change> = changes.iter().map(|(change, _)| change).collect();
    let uses = uses(&changes);
    let mut graph = Graph { waits: vec![BTreeSet::new(); changes.len()] };
    for (waiting, other) in uses.enforced {
        graph.must(waiting, other);
    }
    let handover = handover(scope, &changes);
    let bound: BTreeSet<usize> = handover.iter().map(|(waiting, _)| *waiting).collect();
    for (waiting, other) in rooms::waits(live, &changes, &bound) {
        graph.must(waiting, other);
    }
    let wishes = [uses.ready_first, handover, uses.gone_first, uses.changed_first, uses.others];
    for (waiting, other) in wishes.into_iter().flatten() {
        graph.unless_circular(waiting, other);
    }
    graph.waits.into_iter().map(|waits| waits.into_iter().collect()).collect()
}

/// The first waits for the second.
pub(super) type Wait = (usize, usize);

struct Graph {
    waits: Vec<BTreeSet<usize>>,
}

impl Graph {
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
    enforced: Vec<Wait>,
    ready_first: Vec<Wait>,
    gone_first: Vec<Wait>,
    changed_first: Vec<Wait>,
    others: Vec<Wait>,
}

fn uses(changes: &[&Change]) -> Uses {
    let places: BTreeMap<&Address, usize> =
        changes.iter().enumerate().map(|(at, change)| (change.address(), at)).collect();
    let used = |resource: Option<&Resource>| -> Vec<usize> {
        let all = resource.map(Resource::depends_on).unwrap_or_default();
        all.iter().filter_map(|one| places.get(one).copied()).collect()
    };
    let mut uses = Uses::default();
    for (at, change) in changes.iter().enumerate() {
        for other in used(change.after()) {
            match changes[other] {
                Change::Delete { .. } => {}
                Change::Create { .. } | Change::Replace { .. } => uses.enforced.push((at, other)),
                needed if needed.lets_users_go_first() => uses.ready_first.push((other, at)),
                Change::Update { .. } => uses.changed_first.push((at, other)),
            }
        }
        for other in used(change.before()) {
            match changes[other] {
                Change::Delete { .. } => uses.enforced.push((other, at)),
                _ if change.after().is_some() => {}
                left if counts_on_it(left) => uses.gone_first.push((other, at)),
                _ => uses.others.push((other, at)),
            }
        }
    }
    uses
}

/// Whether a user that is being removed is harmed by the change while it is still there.
fn counts_on_it(used: &Change) -> bool {
    let is_open_to_users = matches!(used.address().kind(), Kind::Queue | Kind::Alarm);
    used.lets_users_go_first() || is_open_to_users && matches!(used, Change::Update { .. })
}

/// The ways of an alert that go wait for its ways that come.
fn handover(scope: &Scope, changes: &[&Change]) -> Vec<Wait> {
    let mut coming: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        if let Change::Create { after } = change
            && let Some(alert) = alert_of(scope, after.address())
            && after.address().kind() != Kind::Rule
        {
            coming.entry(alert).or_default().push(at);
        }
    }
    let going = |(at, change): (usize, &&Change)| match change {
        Change::Delete { before } => Some((at, coming.get(&alert_of(scope, before.address())?)?)),
        Change::Create { .. } | Change::Update { .. } | Change::Replace { .. } => None,
    };
    changes.iter().enumerate().filter_map(going).flat_map(|(at, others)| others.iter().map(move |&o| (at, o))).collect()
}

/// The alert that a rule, a target or a filter belongs to.
fn alert_of(scope: &Scope, address: &Address) -> Option<String> {
    let (id, kind) = match address.kind() {
        // Targets are called as their rules.
        Kind::Rule | Kind::Target => (address.id.base(), Kind::Rule),
        Kind::SubscriptionFilter => (address.id.base(), Kind::SubscriptionFilter),
        _ => return None,
    };
    Some(scope.digest_of(id, kind.suffix()))
}
