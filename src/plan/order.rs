//! Changes → steps: who waits for whom, each step after those it waits for.
//!
//! What is made waits for what it needs. What is removed waits for its users to be removed or to let go of it. What is
//! changed waits for users that are removed, so that, for one, a queue is not closed to a rule that still exists; and
//! for users that are changed, where it says so itself: a message without a channel must not reach a bot's method. What
//! takes one of few places waits for what gives one up.

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;

use super::{Change, Reason, Step};
use crate::resource::{Address, Resource};

/// Changes that wait for each other; the dependencies of our kinds cannot do that, so it is a bug.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("the changes of {} wait for each other; this is a bug in trailbell", .0.join(", "))]
pub struct Cycle(pub Vec<String>);

/// Orders the changes; `first` is done before all of them.
pub(super) fn order(first: Vec<(Change, Reason)>, changes: Vec<(Change, Reason)>) -> Result<Vec<Step>, Cycle> {
    let mut steps: Vec<Step> =
        first.into_iter().map(|(change, reason)| Step { change, reason, waits_for: Vec::new() }).collect();
    let leading: Vec<usize> = (0..steps.len()).collect();
    let waits = waits(&changes);
    let mut pending: Vec<Option<(Change, Reason)>> = changes.into_iter().map(Some).collect();
    let mut placed: BTreeMap<usize, usize> = BTreeMap::new();
    while placed.len() < pending.len() {
        let ready = (0..pending.len())
            .find(|at| pending[*at].is_some() && waits[*at].iter().all(|other| placed.contains_key(other)));
        let Some(at) = ready else {
            return Err(Cycle(pending.iter().flatten().map(|(change, _)| change.address().to_string()).collect()));
        };
        if let Some((change, reason)) = pending[at].take() {
            let mut waits_for: Vec<usize> = waits[at].iter().map(|other| placed[other]).collect();
            waits_for.extend(&leading);
            waits_for.sort_unstable();
            placed.insert(at, steps.len());
            steps.push(Step { change, reason, waits_for });
        }
    }
    Ok(steps)
}

/// For each change the changes it waits for.
fn waits(changes: &[(Change, Reason)]) -> Vec<Vec<usize>> {
    let places: BTreeMap<&Address, usize> =
        changes.iter().enumerate().map(|(at, (change, _))| (change.address(), at)).collect();
    let mut waits = vec![Vec::new(); changes.len()];
    for (at, (change, _)) in changes.iter().enumerate() {
        for needed in change.after().map(Resource::depends_on).unwrap_or_default() {
            let Some(&other) = places.get(&needed).filter(|&&other| changes[other].0.after().is_some()) else {
                continue;
            };
            if changes[other].0.lets_users_go_first() && change.before().is_some() {
                waits[other].push(at);
            } else {
                // What is made or changed waits for what it needs to be made or changed.
                waits[at].push(other);
            }
        }
        let place = change.after().filter(|_| change.before().is_none()).and_then(Resource::place);
        let gives_up = |(other, _): &(Change, Reason)| matches!(other, Change::Delete { before } if place.is_some() && before.place() == place);
        waits[at].extend(changes.iter().enumerate().filter(|(_, other)| gives_up(other)).map(|(other, _)| other));
        for used in change.before().map(Resource::depends_on).unwrap_or_default() {
            // What was used waits for its former user: to go, or, when it goes itself, to let go.
            if let Some(&other) =
                places.get(&used).filter(|&&other| change.after().is_none() || changes[other].0.after().is_none())
            {
                waits[other].push(at);
            }
        }
    }
    waits
}
