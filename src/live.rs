//! What an account holds, as one snapshot, sorted into ours and foreign. Pure: `provider` observes, this decides.
//!
//! Owned is what carries the stack's mark, or bears a derived name and is reached from an owned rule (rule → target →
//! destination → connection, role, queue, function) or function (function → role, log group, permissions): so an edited
//! description is drift to repair and not a stranger. Anything else under our names is foreign. Foreign things are never
//! changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::name::NOTIFIER;
use crate::resource::{Address, Arn, Arns, Function, Kind, Resource, ResourceSet, Target};

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

/// Who has a place for a filter on a log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The filter's name.
    pub name: String,
    /// Where it leads to: the ARN of a function or a stream, or a metric.
    pub leads_to: String,
}

/// The log groups that were looked at for filters of a kind, with who holds their places; `None` when there is no such
/// log group.
pub type Places = BTreeMap<(Kind, String), Option<Vec<Holder>>>;

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
    /// The log groups that filters are, or are to be, put on.
    pub places: Places,
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
        if !one.is_marked && !matches!(address.kind(), Kind::Target | Kind::Permission) {
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
    for target in observed.iter().filter_map(|one| match &one.resource {
        Resource::Target(target) => Some(target),
        _ => None,
    }) {
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
    let functions = observed.iter().filter_map(|one| match &one.resource {
        Resource::Function(function) if owned.contains(&function.address) => Some(function),
        _ => None,
    });
    let with_functions: Vec<Address> = functions
        .flat_map(|function| belonging(function, observed).map(|one| one.resource.address().clone()))
        .collect();
    owned.extend(with_functions);
    owned
}

/// What a function of ours brings with it: its role, its log group, and the statements of its policy.
fn belonging<'o>(function: &Function, observed: &'o [Observed]) -> impl Iterator<Item = &'o Observed> {
    observed.iter().filter(move |one| match &one.resource {
        Resource::Role(_) => one.arn.as_ref() == Some(&function.role_arn),
        Resource::LogGroup(group) => group.address.id.base() == function.address.id.base(),
        Resource::Permission(permission) => permission.function == function.name,
        _ => false,
    })
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

/// What is live requires what it uses, so that it is removed before it.
fn require(live: &mut Live) {
    let owned: Vec<Address> = live.owned.keys().cloned().collect();
    let of = |kinds: &[Kind]| owned.iter().filter(|one| kinds.contains(&one.kind())).cloned().collect::<Vec<_>>();
    for resource in live.owned.values_mut() {
        match resource {
            Resource::Target(target) => {
                let used = of(&[
                    Kind::Connection,
                    Kind::ApiDestination,
                    Kind::Role,
                    Kind::Queue,
                    Kind::LogGroup,
                    Kind::Function,
                    Kind::Permission,
                ]);
                target.requires = std::iter::once(target.rule_address()).chain(used).collect();
            }
            Resource::Function(function) => {
                let is_other =
                    |one: &Address| one.kind() == Kind::LogGroup && one.id.base() != function.address.id.base();
                function.requires = of(&[Kind::Role, Kind::LogGroup, Kind::Queue]);
                function.requires.retain(|one| !is_other(one));
                if function.address.id.base() == NOTIFIER {
                    function.requires.extend(of(&[Kind::ApiDestination]));
                }
            }
            Resource::Permission(permission) => {
                permission.requires = of(&[Kind::Function]);
                permission.requires.retain(|one| permission.address.id.base() == one.id.base());
            }
            Resource::SubscriptionFilter(filter) => filter.requires = of(&[Kind::Function, Kind::Permission]),
            Resource::MetricFilter(filter) => {
                let alarms = of(&[Kind::Alarm]);
                filter.requires = alarms.into_iter().filter(|alarm| filter.is_of(alarm)).collect();
            }
            _ => {}
        }
    }
}
