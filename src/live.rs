//! What an account holds, as one snapshot, sorted into ours and foreign. Pure: `provider` observes, this decides.
//!
//! Owned is what carries the stack's mark, or bears a derived name and is reached from an owned rule (rule → target →
//! destination → connection, role, queue): so an edited description is drift to repair and not a stranger. Anything else
//! under our names is foreign. Foreign things are never changed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::resource::{Address, Arn, Arns, Kind, Resource, ResourceSet, Target};

/// One thing seen in the account under a name of the stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// What it is; ARNs in it are as AWS gives them.
    pub resource: Resource,
    /// Its own ARN; a target has none.
    pub arn: Option<String>,
    /// Whether it carries the stack's mark.
    pub is_marked: bool,
}

/// Something under a name of ours that is not ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// The address it would have.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
}

/// Something that stands in the way of removing a resource of ours, and that is not ours to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// The resource it is attached to.
    pub address: Address,
    /// What it is, such as "the inline policy `extra`".
    pub what: String,
}

/// A snapshot of what a stack has in an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    /// What is ours.
    pub owned: ResourceSet,
    /// The ARNs of what is ours.
    pub arns: Arns,
    /// Ours, but only by the rule it is reached from: the mark is gone.
    pub unmarked: BTreeSet<Address>,
    /// Under our names, not ours.
    pub foreign: Vec<Foreign>,
    /// Attached to ours by somebody else.
    pub obstacles: Vec<Obstacle>,
}

/// Sorts what was seen.
#[must_use]
pub fn sort(mut observed: Vec<Observed>, obstacles: Vec<Obstacle>) -> Live {
    let owned = owned_addresses(&observed);
    let arns: Arns = observed
        .iter()
        .filter(|one| owned.contains(one.resource.address()))
        .filter_map(|one| Some((one.resource.address().clone(), one.arn.clone()?)))
        .collect();
    for one in &mut observed {
        one.resource.arns_mut().into_iter().for_each(|arn| name_arn(arn, &arns));
    }
    let mut live = Live { arns, ..Live::default() };
    for one in observed {
        let address = one.resource.address().clone();
        if !owned.contains(&address) {
            live.foreign.push(Foreign { name: one.resource.name().to_owned(), address });
            continue;
        }
        if !one.is_marked && address.kind != Kind::Target {
            live.unmarked.insert(address.clone());
        }
        live.owned.insert(address, one.resource);
    }
    live.obstacles = obstacles.into_iter().filter(|one| live.owned.contains_key(&one.address)).collect();
    require(&mut live);
    live
}

fn owned_addresses(observed: &[Observed]) -> BTreeSet<Address> {
    let mut owned: BTreeSet<Address> =
        observed.iter().filter(|one| one.is_marked).map(|one| one.resource.address().clone()).collect();
    let owned_rules: BTreeSet<&str> = observed
        .iter()
        .filter(|one| one.is_marked && matches!(one.resource, Resource::Rule(_)))
        .map(|one| one.resource.name())
        .collect();
    let by_arn = |arn: &str| observed.iter().find(|one| one.arn.as_deref() == Some(arn)).map(|one| &one.resource);
    for one in observed {
        let Resource::Target(target) = &one.resource else { continue };
        if !owned_rules.contains(target.rule.as_str()) {
            continue;
        }
        owned.insert(target.address.clone());
        for reached in reached_from(target).filter_map(by_arn) {
            owned.insert(reached.address().clone());
            if let Resource::ApiDestination(destination) = reached
                && let Arn::Known(arn) = &destination.connection
                && let Some(connection) = by_arn(arn)
            {
                owned.insert(connection.address().clone());
            }
        }
    }
    owned
}

fn reached_from(target: &Target) -> impl Iterator<Item = &str> {
    let arn = match &target.arn {
        Arn::Known(arn) => Some(arn.as_str()),
        Arn::Of(_) => None,
    };
    arn.into_iter().chain(target.role_arn.as_deref()).chain(target.dead_letter_arn.as_deref())
}

/// Turns the ARN of something of ours into a reference to it, so that desired and live compare equal.
fn name_arn(arn: &mut Arn, arns: &Arns) {
    if let Arn::Known(known) = arn
        && let Some((address, _)) = arns.iter().find(|(_, one)| *one == known)
    {
        *arn = Arn::Of(address.clone());
    }
}

/// A live target requires what it uses, so that it is removed before all of it.
fn require(live: &mut Live) {
    let users: Vec<Address> =
        live.owned.keys().filter(|one| !matches!(one.kind, Kind::Target | Kind::Rule)).cloned().collect();
    for (address, resource) in &mut live.owned {
        if let Resource::Target(target) = resource {
            let rule = Address::new(&address.region, Kind::Rule, address.id.clone());
            target.requires = std::iter::once(rule).chain(users.iter().cloned()).collect();
        }
    }
}
