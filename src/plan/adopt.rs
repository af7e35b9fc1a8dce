//! Desired × live × addresses → a plan that gives the stack's mark to what a person names, and changes nothing else.
//!
//! Managed is also what something managed leads to (`live`), so what would come along without being named is refused: exactly what
//! is named is taken over. The rest of the difference is what the next apply changes.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{Change, FORMAT, Plan, PlanError, PlanStep, Purpose, Reason, Refusal, diff, extra};
use crate::live::{Live, MANAGING_SERVICE, Observed, sort};
use crate::name::Scope;
use crate::resource::edge::Relation;
use crate::resource::{Address, Resource, ResourceSet};

/// Plans to take over what is at these addresses. What is managed already is a note, so that the same command goes on after an
/// interruption.
///
/// # Errors
/// Everything that cannot be taken over, and why; also when all of it is managed already.
pub fn adopt(
    scope: &Scope,
    desired: &ResourceSet,
    live: &Live,
    addresses: &BTreeSet<Address>,
) -> Result<Plan, PlanError> {
    let (done, open): (Vec<&Address>, Vec<&Address>) =
        addresses.iter().partition(|address| live.managed.contains_key(address));
    let (mut adopted, mut refusals) = (Vec::new(), Vec::new());
    for address in open.iter().copied() {
        match taken(scope, desired, live, address) {
            Ok(one) => adopted.push(one),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if open.is_empty() {
        refusals.extend(done.iter().map(|address| managed_already(address)));
    }
    let after = adopting(scope, live, &adopted);
    let named: BTreeSet<Address> = adopted.iter().map(|(_, marked)| marked.resource.address().clone()).collect();
    refusals.extend(brought(scope, live, &after, &named));
    if !refusals.is_empty() {
        return Err(PlanError::Refused(refusals));
    }
    // With what is a part of what is adopted.
    let is_new = |address: &Address| after.managed.contains_key(address) && !live.managed.contains_key(address);
    let next = diff::diff(desired, &after, Purpose::Apply).changes.into_iter().map(|(change, _)| change);
    let steps = adopted.into_iter().map(|(before, marked)| step(before, marked.resource)).collect();
    Ok(Plan {
        format: FORMAT,
        scope: scope.clone(),
        purpose: Purpose::Adopt,
        steps,
        unchanged: Vec::new(),
        notes: done.iter().map(|address| format!("{} is managed by the stack already", address.short())).collect(),
        extras: extra::all(&after, Purpose::Apply).into_iter().filter(|one| is_new(&one.found.address)).collect(),
        next: next.filter(|change| is_new(change.address())).collect(),
        arns: after.arns,
    })
}

fn step(before: Resource, after: Resource) -> PlanStep {
    let mut fields = diff::fields(&before, &after, &mut Vec::new());
    // A mark says something of a secret, and changes none.
    fields.retain(|field| matches!(field.path.as_str(), "tags" | "description"));
    let change = Change::Update { before, after, fields };
    PlanStep { change, reason: Reason::Adopted, waits_for: Vec::new(), pause: None }
}

/// What is at an address, as it is and with the mark.
fn taken(
    scope: &Scope,
    desired: &ResourceSet,
    live: &Live,
    address: &Address,
) -> Result<(Resource, Observed), Refusal> {
    let name = address.short();
    let Some(wanted) = desired.get(address) else {
        return Err(refusal(
            format!("the stack file does not describe {name}"),
            &format!("nothing was changed: {}", candidates(scope, desired, live)),
        ));
    };
    let mut whole = wanted.parts(scope).filter(|(relation, _)| *relation == Relation::PartOf);
    if let Some((_, whole)) = whole.next() {
        return Err(refusal(
            format!("{name} has no mark of its own: it is managed together with {}", whole.short()),
            &format!("nothing was changed: adopt {}, which it is a part of", whole.short()),
        ));
    }
    let Some(found) = live.others.iter().find(|one| one.resource.address() == address) else {
        return Err(refusal(
            format!("{name} does not exist in the account"),
            "nothing was changed: `trailbell apply` creates it",
        ));
    };
    if let Some(stack) = found.resource.marked_stack().filter(|stack| stack != scope.stack()) {
        return Err(refusal(
            format!("{name} (`{}`) has the mark of another stack, `{stack}`", found.resource.name()),
            "nothing was changed: if it does not belong there, remove that mark first",
        ));
    }
    let mut managers = live.attached_to_others.iter().filter(|one| one.address == *address);
    if let Some(manager) = managers.find(|one| one.parts().0 == MANAGING_SERVICE) {
        return Err(refusal(
            format!("{name} is managed by the AWS service `{}`", manager.parts().1),
            "nothing was changed: choose another name for the stack",
        ));
    }
    let mut marked = Observed { is_marked: true, ..found.clone() };
    match marked.resource.adopt(scope) {
        Ok(()) => Ok((found.resource.clone(), marked)),
        Err(why) => Err(refusal(
            format!("{name} (`{}`) cannot be adopted: it {why}", found.resource.name()),
            "nothing was changed: if it is not needed, remove it, and `trailbell apply` creates the stack's own",
        )),
    }
}

fn refusal(what: String, fix: &str) -> Refusal {
    Refusal { what, fix: fix.to_owned() }
}

fn managed_already(address: &Address) -> Refusal {
    refusal(
        format!("{} is managed by the stack already", address.short()),
        "nothing was changed: `trailbell plan` shows whether it is as described in the stack file",
    )
}

/// What could be named.
fn candidates(scope: &Scope, desired: &ResourceSet, live: &Live) -> String {
    let all: Vec<String> = live.others.iter().filter_map(|one| candidate(scope, desired, &one.resource)).collect();
    if all.is_empty() {
        "nothing in the account has a name of the stack and is not managed".to_owned()
    } else {
        format!("what can be adopted is {}", all.join(", "))
    }
}

/// What a person calls something that can be adopted.
pub(super) fn candidate(scope: &Scope, desired: &ResourceSet, other: &Resource) -> Option<String> {
    let is_free = other.marked_stack().is_none_or(|stack| stack == scope.stack());
    let is_possible = is_free && desired.contains_key(other.address()) && other.clone().adopt(scope).is_ok();
    is_possible.then(|| other.address().short())
}

/// What the account would be seen to hold with these marks.
fn adopting(scope: &Scope, live: &Live, adopted: &[(Resource, Observed)]) -> Live {
    let managed = live.managed.iter().map(|(address, resource)| Observed {
        resource: resource.clone(),
        arn: live.arns.get(address).cloned(),
        is_marked: !live.unmarked.contains(address) && !resource.is_part(scope),
    });
    let marked = |one: &Observed| {
        let new = adopted.iter().map(|(_, marked)| marked);
        new.into_iter().find(|new| new.resource.address() == one.resource.address()).unwrap_or(one).clone()
    };
    let observed = managed.chain(live.others.iter().map(marked)).collect();
    let obstacles = live.obstacles.iter().chain(&live.attached_to_others).cloned().collect();
    sort(scope, observed, obstacles)
}

/// What would become managed without being named, because what is named leads to it.
fn brought(scope: &Scope, live: &Live, after: &Live, named: &BTreeSet<Address>) -> Option<Refusal> {
    let is_brought = |(address, resource): &(&Address, &Resource)| {
        !live.managed.contains_key(*address) && !named.contains(*address) && !resource.is_part(scope)
    };
    let all: Vec<String> = after.managed.iter().filter(is_brought).map(|(address, _)| address.short()).collect();
    (!all.is_empty()).then(|| {
        refusal(
            format!("{} would become managed, too: what is adopted leads there", all.join(", ")),
            "nothing was changed: name all of it in the same command",
        )
    })
}
