//! The snapshot: every service is asked at once, every list to its end, nothing twice.
//!
//! Functions are found by the log groups that are made before them and removed after them, by the rules that call them,
//! and by the stack file; a role without its function makes us list all functions. Filters are found by the functions'
//! policies, which name every log group that may call; a function without a policy makes us search all log groups.
//! Schedules and the queues of digests are found by name, if the stack file has one or their role exists.
//! Metric filters are found by the metrics that alarms watch; an alarm without its filter makes us list all of them. The resource
//! policy of CloudWatch Logs is looked for where there are log groups with collected events, or should be.
//!
//! A stack that is to be removed is looked for more thoroughly, because what led to a part may be gone: all functions and all
//! metric filters are listed, and without a stack file all log groups are searched when there is a notifier. The record of runs
//! notes the log groups of filters, for the case that nothing else leads there.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join_all, try_join3};

use super::{
    Aws, alarm, count, digest_queue, extra, filter, function, key, log_group, log_policy, metric_filter, permission,
    qualified, schedule, sqs, topic,
};
use crate::live::{FilterPlaces, Live, Observed, Obstacle, leave_to_others, sort};
use crate::name::{DIGEST, NOTIFIER, Scope};
use crate::provider::run_log::RunLog as _;
use crate::provider::{ProviderError, Search};
use crate::resource::{Address, Arn, FunctionNames, Id, Kind, Resource, SchedulerNames, Target};
use metric_filter::Metrics;
use permission::PolicyRead;

/// What was found.
#[derive(Default)]
pub(super) struct Observations {
    pub(super) observed: Vec<Observed>,
    pub(super) obstacles: Vec<Obstacle>,
}

impl Observations {
    pub(super) fn and(mut self, more: Self) -> Self {
        self.observed.extend(more.observed);
        self.obstacles.extend(more.obstacles);
        self
    }
}

impl From<Vec<Observed>> for Observations {
    fn from(observed: Vec<Observed>) -> Self {
        Self { observed, ..Self::default() }
    }
}

impl From<(Vec<Observed>, Vec<Obstacle>)> for Observations {
    fn from((observed, obstacles): (Vec<Observed>, Vec<Obstacle>)) -> Self {
        Self { observed, obstacles }
    }
}

/// Everything under the names of a stack.
pub(super) async fn read(aws: &Aws, scope: &Scope, search: Search<'_>) -> Result<Live, ProviderError> {
    let (named, metrics) = tokio::try_join!(super::found_by_name(aws, scope, search), metrics(aws, scope, search))?;
    let Observations { mut observed, mut obstacles } = named;
    observed.extend(metrics.observed);
    let (of_digests, waiting) = digests(aws, scope, search, &observed).await?;
    observed.extend(of_digests);
    let topics = topic::observe_all(aws, scope, search, &observed).await?;
    observed.extend(topics.observed);
    obstacles.extend(topics.obstacles);
    let queues = sqs::observe_others(aws, scope, search, &observed).await?;
    observed.extend(queues);
    let collecting = log_group::observe_collecting(aws, scope, search, &observed).await?;
    let has_collected = collecting.iter().any(|one| one.is_marked);
    observed.extend(collecting);
    observed.extend(log_policy::observe_all(aws, scope, search, has_collected).await?);
    let found = functions(aws, scope, search, &observed).await?;
    observed.extend(found.observed);
    obstacles.extend(found.obstacles);
    let (filters, mut places) = filters(aws, scope, search, &observed, found.lacks_index).await?;
    observed.extend(filters);
    places.extend(metrics.places);
    if search.is_thorough && !metrics.is_complete {
        let seen: BTreeSet<Address> = observed.iter().map(|one| one.resource.address().clone()).collect();
        let all = metric_filter::search_all(aws, scope, search).await?;
        observed.extend(all.into_iter().filter(|one| !seen.contains(one.resource.address())));
    }
    obstacles.extend(leave_to_others(&mut observed, search.desired));
    let mut live = Live { places, waiting, policy_lengths: found.policy_lengths, ..sort(scope, observed, obstacles) };
    if live.lacks_concurrency(search.desired) > 0 {
        live.concurrency = Some(function::concurrency(aws).await?);
    }
    live.key = key::look(aws, search).await?;
    live.topics = topic::of_others(aws, search).await?;
    live.counts = count::all(aws, live.lacks_of_region(search.desired)).await?;
    Ok(live)
}

/// Schedules, and the queues of digests, if anything says that there are some: the stack file, or the role that they act as, which is made before them
/// and removed after them. A stack that is to be removed is looked at in any case.
async fn digests(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    observed: &[Observed],
) -> Result<(Vec<Observed>, BTreeMap<Address, u64>), ProviderError> {
    let role = SchedulerNames::new(scope).role.0;
    let is_wanted = || search.desired.keys().any(|address| address.kind() == Kind::Schedule);
    let has_role = || observed.iter().any(|one| *one.resource.address() == role);
    if !(search.is_thorough || is_wanted() || has_role()) {
        return Ok((Vec::new(), BTreeMap::new()));
    }
    let (schedules, queues) =
        tokio::try_join!(schedule::observe_all(aws, scope), digest_queue::observe_all(aws, scope))?;
    let waiting = queues.iter().filter(|(_, events)| *events > 0);
    let waiting = waiting.map(|(queue, events)| (queue.resource.address().clone(), *events)).collect();
    Ok((schedules.into_iter().chain(queues.into_iter().map(|(queue, _)| queue)).collect(), waiting))
}

/// Alarms, and the metric filters that they and the stack file lead to.
async fn metrics(aws: &Aws, scope: &Scope, search: Search<'_>) -> Result<Metrics, ProviderError> {
    let alarms = alarm::observe_all(aws, scope).await?;
    let mut metrics = metric_filter::observe_all(aws, scope, search, &alarms).await?;
    metrics.observed.extend(alarms);
    Ok(metrics)
}

/// Functions with their policies.
#[derive(Default)]
struct Functions {
    observed: Vec<Observed>,
    obstacles: Vec<Obstacle>,
    /// How long their policies are; 0 without one.
    policy_lengths: BTreeMap<Address, usize>,
    /// There is, or was, a function, and no policy says, or not reliably, which log groups it had filters on.
    lacks_index: bool,
}

async fn functions(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    observed: &[Observed],
) -> Result<Functions, ProviderError> {
    let mut all = known_functions(scope, search, observed);
    if search.is_thorough || has_orphan(scope, observed, &all) {
        let listed = function::list(aws, scope).await?;
        let is_new = |one: &FunctionNames| !all.iter().any(|known| known.function == one.function);
        let new: Vec<FunctionNames> = listed.into_iter().filter(is_new).collect();
        all.extend(new);
    }
    // Still there: the function itself is gone.
    let mut found = Functions { lacks_index: has_orphan(scope, observed, &all), ..Functions::default() };
    let looks = all.iter().map(|names| look(aws, scope, names));
    let notifier = FunctionNames::new(scope, NOTIFIER).function.1;
    let digest = FunctionNames::new(scope, DIGEST).function.1;
    for (names, look) in all.iter().zip(try_join_all(looks).await?) {
        let left = [&names.role.0, &names.log_group.0];
        let is_left = |one: &Observed| one.is_marked && left.contains(&one.resource.address());
        let has_trace = look.function.as_ref().is_some_and(|one| one.is_marked) || observed.iter().any(is_left);
        // Without a file nothing says whether the policy names all log groups: a statement may have been removed by hand.
        let is_index = !search.is_alone() || names.function.1 != notifier;
        // Nothing but a schedule calls what writes digests, and that needs no statement in its policy.
        let has_trace = has_trace && names.function.1 != digest;
        found.lacks_index |= has_trace && (look.policy.is_none() || !is_index);
        found.observed.extend(look.function);
        let policy = look.policy.unwrap_or_default();
        found.lacks_index |= has_trace && policy.observed.iter().any(|one| misleads(one, scope));
        found.policy_lengths.insert(names.function.0.clone(), policy.length);
        found.observed.extend(policy.observed);
        found.obstacles.extend(policy.obstacles);
        found.obstacles.extend(look.extras);
    }
    Ok(found)
}

fn misleads(observed: &Observed, scope: &Scope) -> bool {
    matches!(&observed.resource, Resource::Permission(permission) if permission.misleads(scope))
}

/// A function as it is, with its policy.
struct FunctionRead {
    function: Option<Observed>,
    policy: Option<PolicyRead>,
    /// What others set on it.
    extras: Vec<Obstacle>,
}

async fn look(aws: &Aws, scope: &Scope, names: &FunctionNames) -> Result<FunctionRead, ProviderError> {
    let (function, policy, mut extras) = try_join3(
        function::observe(aws, scope, names),
        permission::observe_all(aws, scope, names),
        extra::on_function(aws, names),
    )
    .await?;
    let (function, layers) = function.unzip();
    extras.extend(layers.into_iter().flatten());
    if function.is_some() {
        extras.extend(qualified::observe(aws, names).await?);
    }
    Ok(FunctionRead { policy: policy.filter(|_| function.is_some()), function, extras })
}

/// The functions that something leads to: log groups, rules, the stack file.
fn known_functions(scope: &Scope, search: Search<'_>, observed: &[Observed]) -> Vec<FunctionNames> {
    let led_to = observed.iter().filter_map(|one| match &one.resource {
        Resource::LogGroup(group) => FunctionNames::of_log_group(scope, &group.name),
        Resource::Target(Target { arn: Arn::Known(arn), .. }) => {
            FunctionNames::of_function(scope, scope.function_of(arn)?)
        }
        _ => None,
    });
    let desired = search.desired.values().filter_map(|one| match one {
        Resource::Function(function) => FunctionNames::of_function(scope, &function.name),
        _ => None,
    });
    let by_name: BTreeMap<String, FunctionNames> =
        led_to.chain(desired).map(|names| (names.function.1.clone(), names)).collect();
    by_name.into_values().collect()
}

/// Whether there is an execution role of ours whose function is not known. The name of a role may be shortened, so it
/// does not lead to the function, only the other way round.
fn has_orphan(scope: &Scope, observed: &[Observed], known: &[FunctionNames]) -> bool {
    let scheduler = SchedulerNames::new(scope).role.1;
    let is_other = |name: &str| name == scheduler || scope.destination_of_role(name).is_some();
    let mut roles = observed.iter().filter(|one| one.is_marked && one.resource.address().kind() == Kind::Role);
    roles.any(|one| {
        let name = one.resource.name();
        !is_other(name) && !known.iter().any(|names| names.role.1 == name)
    })
}

/// Filters on every log group that may call a function or that the stack file names, with who holds the places there;
/// without an index, on every log group. Of a stack that is to be removed also on those that its record of runs notes.
async fn filters(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    observed: &[Observed],
    lacks_index: bool,
) -> Result<(Vec<Observed>, FilterPlaces), ProviderError> {
    let indexed = observed.iter().filter_map(|one| match &one.resource {
        Resource::Permission(permission) => permission.log_group(scope),
        _ => None,
    });
    let groups: BTreeSet<&str> = indexed.chain(search.log_groups(Kind::SubscriptionFilter)).collect();
    let looks = groups.iter().map(|group| filter::observe(aws, scope, group));
    let (mut found, mut places) = (Vec::new(), FilterPlaces::new());
    for (group, (filters, holders)) in groups.iter().zip(try_join_all(looks).await?) {
        found.extend(filters);
        places.insert((Kind::SubscriptionFilter, (*group).to_owned()), holders);
    }
    if lacks_index {
        found.extend(filter::search_all(aws, scope, search, |group| groups.contains(group)).await?);
    } else if search.is_thorough {
        // What else led to a filter may be gone.
        let noted = aws.noted_log_groups(scope).await?;
        let more = noted.iter().filter(|group| !groups.contains(group.as_str()));
        let looks = try_join_all(more.map(|group| filter::observe(aws, scope, group))).await?;
        found.extend(looks.into_iter().flat_map(|(filters, _)| filters));
    }
    Ok((found, places))
}

/// Those of the listed names that are of this stack and kind, with their addresses. Not every implementation honors a
/// prefix, and a prefix is not proof of anything: each name is taken apart.
pub(super) fn addressed<'n>(
    scope: &'n Scope,
    id: fn(String) -> Id,
    names: &'n [String],
) -> impl Iterator<Item = (Address, &'n str)> {
    names.iter().filter_map(move |name| {
        let (found, suffix) = scope.parse(name)?;
        let address = Address::new(scope.region(), id(found.to_owned()));
        (suffix == address.kind().suffix()).then_some((address, name.as_str()))
    })
}
