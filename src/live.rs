//! What an account holds, as one snapshot, sorted into ours and unmanaged. Pure: `provider` observes, this decides.
//!
//! Owned is what carries the stack's mark, or bears a derived name and is reached from a managed rule (rule → target →
//! destination → connection, role, queue, function) or function (function → role, log group, permissions): so an
//! edited description is drift to repair and not an unmanaged resource. Which edges reach so far, each kind says.
//! Anything else under our names is unmanaged. Unmanaged things are never changed.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::{DestinationId, Scope};
use crate::resource::edge::{EdgeEnd, Relation};
use crate::resource::mark::is_managed_tag;
use crate::resource::{Address, Arn, Arns, Id, Kind, OnRemoval, PERMISSIONS_BOUNDARY, Resource, ResourceSet, Within};
use crate::stack::Quotas;

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
pub struct Unmanaged {
    /// The address it would have.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
}

/// Something that others attached to a resource of ours: in the way of removing that, and not ours to remove unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Obstacle {
    /// The resource it is attached to.
    pub address: Address,
    /// What it is: its kind, then its name in backticks, such as "the inline policy `extra`".
    pub what: String,
}

/// The kind of a rule of others that sends to an API destination of ours.
pub const SENDING_RULE: &str = "sending rule";

impl Obstacle {
    /// A rule of others that sends to an API destination of ours.
    #[must_use]
    pub fn sending_rule(destination: &Address, rule: &str) -> Self {
        Self { address: destination.clone(), what: format!("the {SENDING_RULE} `{rule}`") }
    }
}

/// The kind of an AWS service that manages something, so that no one else can.
pub const MANAGING_SERVICE: &str = "managing service";

impl Obstacle {
    /// An AWS service that manages something under a name of the stack.
    #[must_use]
    pub fn managing_service(address: &Address, service: &str) -> Self {
        Self { address: address.clone(), what: format!("the {MANAGING_SERVICE} `{service}`") }
    }
}

/// What separates what is attached from the version or alias of the function that it is attached to.
pub const AT: char = '@';
/// The name of a statement that has no id.
pub const WITHOUT_ID: &str = "without an id";

impl Obstacle {
    /// Its kind, its name, and the version or alias of the function that it is for, if it is for one.
    #[must_use]
    pub fn qualified(&self) -> (&str, &str, Option<&str>) {
        let (kind, name) = self.parts();
        match name.rsplit_once(AT) {
            Some((name, qualifier)) if matches!(kind, "permission" | "function URL") => (kind, name, Some(qualifier)),
            _ => (kind, name, None),
        }
    }

    /// What a person has to do because AWS has no call that removes it alone; `None` when trailbell can remove it.
    ///
    /// `RemovePermission` takes the statement's id and `PutResourcePolicy` the whole policy, says Lambda's API in botocore 1.43.
    #[must_use]
    pub fn by_hand(&self) -> Option<&'static str> {
        let (kind, name, _) = self.qualified();
        if kind == SENDING_RULE {
            return Some(
                "what it sends would be lost: remove its target that sends to this API destination where that rule is managed, or \
                 send it elsewhere",
            );
        }
        (kind == "permission" && name == WITHOUT_ID).then_some(
            "Lambda removes a statement by its id, and this one has none: save the policy with `aws lambda get-resource-policy`, \
             remove the statement, and replace the policy with `aws lambda put-resource-policy`",
        )
    }

    /// Its kind and its name: `inline policy` and `extra`.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        let what = self.what.strip_prefix("the ").unwrap_or(&self.what);
        let (kind, name) = what.split_once(" `").unwrap_or((what, ""));
        (kind, name.trim_end_matches('`'))
    }

    /// Whether the resource cannot be removed while it is there.
    #[must_use]
    pub fn is_in_the_way(&self) -> bool {
        self.parts().0 != PERMISSIONS_BOUNDARY
    }

    /// What people call it: `role.slack/inline-policy.extra`.
    #[must_use]
    pub fn name(&self) -> String {
        let (kind, name) = self.parts();
        format!("{}/{}.{name}", self.address.short(), kind.to_lowercase().replace(' ', "-"))
    }
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
pub type FilterPlaces = BTreeMap<(Kind, String), Option<Vec<Holder>>>;

/// A snapshot of what a stack has in an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    /// What is ours.
    pub managed: ResourceSet,
    /// The ARNs of what is ours.
    pub arns: Arns,
    /// Ours, but only by the rule it is reached from: the mark is gone.
    pub unmarked: BTreeSet<Address>,
    /// Under our names, not ours.
    pub unmanaged: Vec<Unmanaged>,
    /// Attached to ours by someone else.
    pub obstacles: Vec<Obstacle>,
    /// What is unmanaged, as it was seen.
    pub others: Vec<Observed>,
    /// Attached to what is unmanaged.
    pub attached_to_others: Vec<Obstacle>,
    /// The log groups that filters are, or are to be, put on.
    pub places: FilterPlaces,
    /// The account's concurrent executions; `None` when nothing more is to be reserved, so no one asked.
    pub concurrency: Option<Concurrency>,
    /// The key that the stack file names; `None` when it names none, or in the sandbox, which has no keys.
    pub key: Option<KeyState>,
    /// The topics of others that the stack file sends to, by their ARNs.
    pub topics: BTreeMap<String, TopicState>,
    /// How many there are of each kind of which more are to be created and a region has room for few.
    pub counts: BTreeMap<Kind, Count>,
    /// Quotas of the account that AWS raised, as a person says.
    pub quotas: Quotas,
    /// How many events wait in the queues of digests, where there are some.
    pub waiting: BTreeMap<Address, u64>,
    /// How many characters the policies of functions have, where that was seen.
    pub policy_lengths: BTreeMap<Address, usize>,
}

/// How many there are of a kind in an account and region, whoever they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// It was counted.
    Known {
        /// How many there are.
        number: usize,
        /// How many there may be, where the account tells.
        quota: Option<usize>,
    },
    /// The credentials are not allowed to ask: the action.
    Denied(&'static str),
}

/// What Lambda says about calls of functions that run at once, in an account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// It was told.
    Known {
        /// How many there may be.
        limit: u32,
        /// How many of them no function has reserved.
        unreserved: u32,
    },
    /// The credentials are not allowed to ask.
    Denied,
}

/// What SNS says about a topic of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicState {
    /// There is none.
    Absent,
    /// It is there.
    Found {
        /// Its policy, if it has one.
        policy: Option<String>,
        /// The key that encrypts it.
        key: Option<String>,
    },
    /// The credentials are not allowed to make this call.
    Denied(&'static str),
}

/// What KMS says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It cannot be used, and why.
    Unusable(String),
    /// It can be used by whom its policy allows to.
    Policy(String),
    /// The credentials are not allowed to make this call.
    Denied(&'static str),
}

impl Live {
    /// How many more calls the functions of a stack are to reserve. What another one gives back in the same run does not count:
    /// Lambda could get the reservation first.
    #[must_use]
    pub fn lacks_concurrency(&self, desired: &ResourceSet) -> u32 {
        let reserved = |one: &Resource| match one {
            Resource::Function(function) => function.reserved_concurrency.unwrap_or_default(),
            _ => 0,
        };
        let more = |(address, wanted): (&Address, &Resource)| {
            reserved(wanted).saturating_sub(self.managed.get(address).map_or(0, reserved))
        };
        desired.iter().map(more).fold(0, u32::saturating_add)
    }

    /// The kinds of which more are to be created, and a region has room for few.
    #[must_use]
    pub fn lacks_of_region(&self, desired: &ResourceSet) -> BTreeSet<Kind> {
        let is_new = |one: &&Resource| !self.managed.contains_key(one.address());
        let rooms = desired.values().filter(is_new).filter_map(Resource::room);
        rooms.filter(|room| room.within == Within::Region).map(|room| room.kind).collect()
    }
}

/// Takes out of what was seen what others set and the stack file does not ask for; what counts as attached by them.
pub fn leave_to_others(observed: &mut [Observed], desired: &ResourceSet) -> Vec<Obstacle> {
    let left = |one: &mut Observed| {
        let address = one.resource.address().clone();
        let wanted = desired.get(&address);
        if let Some(tags) = one.resource.tags_mut() {
            let wanted = wanted.cloned().and_then(|mut wanted| wanted.tags_mut().cloned());
            tags.retain(|key, _| is_managed_tag(key, wanted.as_ref()));
        }
        let what = one.resource.take_unasked(wanted)?;
        Some(Obstacle { address, what })
    };
    observed.iter_mut().filter_map(left).collect()
}

/// Sorts what was seen.
#[must_use]
pub fn sort(scope: &Scope, mut observed: Vec<Observed>, obstacles: Vec<Obstacle>) -> Live {
    let managed = managed_addresses(scope, &observed);
    let arns: Arns = observed
        .iter()
        .filter(|one| managed.contains(one.resource.address()))
        .filter_map(|one| Some((one.resource.address().clone(), one.arn.clone()?)))
        .collect();
    for one in &mut observed {
        one.resource.arns_mut().into_iter().for_each(|arn| name_arn(arn, &arns));
    }
    let mut live = Live { arns, ..Live::default() };
    for one in observed {
        let address = one.resource.address().clone();
        if !managed.contains(&address) {
            live.unmanaged.push(Unmanaged { name: one.resource.name().to_owned(), address });
            live.others.push(one);
            continue;
        }
        if !one.is_marked && !one.resource.is_part(scope) {
            live.unmarked.insert(address.clone());
        }
        live.managed.insert(address, one.resource);
    }
    let destinations: BTreeSet<DestinationId> = live.managed.keys().filter_map(posts_to).collect();
    for resource in live.managed.values_mut() {
        if let Resource::Function(function) = resource {
            function.posts_to.clone_from(&destinations);
        }
    }
    let others: Vec<Resource> = live.others.iter().map(|one| one.resource.clone()).collect();
    let obstacles = obstacles.into_iter().chain(in_the_way(scope, &others, &live.managed));
    (live.obstacles, live.attached_to_others) = obstacles.partition(|one| live.managed.contains_key(&one.address));
    live
}

/// The destination that a relay rule, or an API destination, posts to.
fn posts_to(address: &Address) -> Option<DestinationId> {
    match &address.id {
        Id::ApiDestination(id) => Some(DestinationId::new(id)),
        _ => address.relays_to(),
    }
}

/// Resources of others that would be lost with one of ours, or that keep AWS from removing it.
#[must_use]
pub fn in_the_way(scope: &Scope, others: &[Resource], managed: &ResourceSet) -> Vec<Obstacle> {
    let obstacle = |other: &Resource| {
        let ours = managed.values().find(|ours| other.on_removal_of(scope, ours) != OnRemoval::Stays)?;
        let what = format!("the {} `{}`", other.address().kind().title(), other.name());
        Some(Obstacle { address: ours.address().clone(), what })
    };
    others.iter().filter_map(obstacle).collect()
}

/// What carries the mark, and what is reached from there: the parts of what vouches for them, and what a resource that
/// was reached, or vouches, brings with it.
fn managed_addresses(scope: &Scope, observed: &[Observed]) -> BTreeSet<Address> {
    let marked = || observed.iter().filter(|one| one.is_marked);
    let mut managed: BTreeSet<Address> = marked().map(|one| one.resource.address().clone()).collect();
    let mut pending: Vec<&Resource> = marked().map(|one| &one.resource).filter(|one| one.vouches()).collect();
    let mut reached: BTreeSet<&Address> = pending.iter().map(|one| one.address()).collect();
    while let Some(from) = pending.pop() {
        let edges = from.edges(scope);
        let is_brought =
            |one: &Observed| edges.iter().any(|edge| from.brings(edge.relation) && is_end(scope, one, &edge.end));
        let is_its_part = |one: &Observed| {
            let mut parts = one.resource.parts(scope);
            from.vouches() && parts.any(|(relation, whole)| relation == Relation::PartOf && whole == *from.address())
        };
        for one in observed.iter().filter(|one| is_brought(one) || is_its_part(one)) {
            let address = one.resource.address();
            if reached.insert(address) {
                managed.insert(address.clone());
                pending.push(&one.resource);
            }
        }
    }
    managed
}

/// Whether something seen is what an edge leads to: under another ARN it is another thing, whatever its name is.
fn is_end(scope: &Scope, one: &Observed, end: &EdgeEnd) -> bool {
    match end {
        EdgeEnd::Part(address) => {
            let is_it = |arn: &String| one.resource.is_named_by(scope, arn);
            address == one.resource.address() && one.arn.as_ref().is_none_or(is_it)
        }
        EdgeEnd::Outside(arn) => one.arn.as_ref() == Some(arn),
        EdgeEnd::Unknown => false,
    }
}

/// Turns the ARN of something of ours into a reference to it, so that desired and live compare equal.
fn name_arn(arn: &mut Arn, arns: &Arns) {
    if let Arn::Known(known) = arn
        && let Some((address, _)) = arns.iter().find(|(_, one)| *one == known)
    {
        *arn = Arn::Of(address.clone());
    }
}
