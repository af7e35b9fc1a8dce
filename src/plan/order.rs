//! Changes → steps: each step after those it waits for. Who waits for whom, `waits` says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

use super::transition::{self, Transition};
use super::waits::waits;
use super::{Change, PlanStep, Reason};
use crate::live::Live;
use crate::name::Scope;

/// Changes that wait for each other; the dependencies of our kinds cannot do that, so it is a bug.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, JsonSchema)]
#[error("the changes of {} wait for each other: this is a bug in trailbell", .0.join(", "))]
pub struct Cycle(pub Vec<String>);

/// Orders the changes; `first` is done before all of them, and what closes after those that rely on it.
pub(super) fn order(
    scope: &Scope,
    live: &Live,
    first: Vec<(Change, Reason)>,
    transition: Transition,
) -> Result<Vec<PlanStep>, Cycle> {
    let Transition { changes, closings } = transition;
    let step = |(change, reason), waits_for, pause| PlanStep { change, reason, waits_for, pause };
    let mut steps: Vec<PlanStep> = first.into_iter().map(|one| step(one, Vec::new(), None)).collect();
    let leading: Vec<usize> = (0..steps.len()).collect();
    let waits = waits(scope, live, &changes);
    let mut pending: Vec<Option<(Change, Reason)>> = changes.into_iter().map(Some).collect();
    let mut placed: BTreeMap<usize, usize> = BTreeMap::new();
    while placed.len() < pending.len() {
        let ready = (0..pending.len())
            .find(|at| pending[*at].is_some() && waits[*at].iter().all(|other| placed.contains_key(other)));
        let Some(at) = ready else {
            return Err(Cycle(pending.iter().flatten().map(|(change, _)| change.address().to_string()).collect()));
        };
        if let Some(one) = pending[at].take() {
            let mut waits_for: Vec<usize> = waits[at].iter().map(|other| placed[other]).collect();
            let done: Vec<&PlanStep> = waits_for.iter().map(|other| &steps[*other]).collect();
            let pause = transition::before(scope, &one.0, &done);
            waits_for.extend(&leading);
            waits_for.sort_unstable();
            placed.insert(at, steps.len());
            steps.push(step(one, waits_for, pause));
        }
    }
    for one in closings {
        let relies = |step: &PlanStep| {
            let address = one.0.address();
            let states = [step.change.before(), step.change.after()];
            let mut ends = states.into_iter().flatten().flat_map(|resource| resource.parts(scope));
            step.change.address() == address || ends.any(|(_, end)| end == *address)
        };
        let waits_for = (0..steps.len()).filter(|at| leading.contains(at) || relies(&steps[*at])).collect();
        let pause = transition::before_closing(scope, live, &one.0);
        steps.push(step(one, waits_for, pause));
    }
    Ok(steps)
}
