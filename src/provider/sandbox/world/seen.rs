//! What the account of the sandbox tells who looks: what is under the names of a stack, who takes the room around it, and what
//! its trails record.

use std::collections::{BTreeMap, BTreeSet};

use super::{StoredObject, World, observe, uuid};
use crate::cloudtrail::trail::{Trail, TrailSelector};
use crate::live::{
    Concurrency, Count, FilterPlaces, Holder, Live, Observed, Obstacle, in_the_way, leave_to_others, sort,
};
use crate::name::{DEFAULT_BUS, Scope};
use crate::provider::{AccountRule, AccountTarget, ErrorKind, ProviderError, Search, Sums};
use crate::resource::{
    Address, Arn, Describe as _, Kind, POLICY_FRAME, Resource, Series, Target, TargetInput, Topic, Within, limit,
};

/// The trail that an account of the sandbox has from the start.
pub(super) fn trails() -> Vec<Trail> {
    let selector = TrailSelector::Basic {
        reads: true,
        writes: true,
        management: true,
        excluded_sources: Vec::new(),
        data_types: Vec::new(),
        partial_data_types: Vec::new(),
    };
    vec![Trail {
        arn: format!("arn:aws:cloudtrail:us-east-1:{}:trail/sandbox", super::super::ACCOUNT),
        home_region: "us-east-1".to_owned(),
        is_multi_region: true,
        has_global_services: true,
        log_group_arn: None,
        is_logging: Some(true),
        selectors: Some(vec![selector]),
    }]
}

pub(super) fn is_untouched(all: &[Trail]) -> bool {
    all == trails()
}

/// A target of others that sends to an API destination of ours.
fn sends_to_ours(one: &Resource, live: &Live) -> Option<Obstacle> {
    let Resource::Target(Target { arn: Arn::Known(arn), rule, bus, .. }) = one else { return None };
    let (address, _) = live.arns.iter().find(|(_, known)| *known == arn)?;
    let named = if bus == DEFAULT_BUS { rule.clone() } else { format!("{bus}/{rule}") };
    (address.kind() == Kind::ApiDestination).then(|| Obstacle::sending_rule(address, &named))
}

/// A target as anyone sees it.
fn given(target: &Target) -> AccountTarget {
    let arn = match &target.arn {
        Arn::Known(arn) => arn.clone(),
        Arn::Of(address) => address.short(),
    };
    let transformer = match &target.input {
        TargetInput::Transformer(transformer) => Some(transformer.clone()),
        TargetInput::Path(_) | TargetInput::Constant(_) | TargetInput::Event => None,
    };
    AccountTarget { arn, transformer }
}

impl World {
    /// Publishes a message to a topic. Who gets it the sandbox does not tell, as SNS does not; topics of others are not in it.
    pub(in crate::provider::sandbox) fn publish(
        &self,
        scope: &Scope,
        topic: &str,
        message: &str,
    ) -> Result<String, ProviderError> {
        let is_there = self.objects.values().any(|one| one.arn.as_deref() == Some(topic));
        if !is_there && Topic::address_of_arn(scope, topic).is_some() {
            let absent = format!("the topic `{topic}` does not exist");
            return Err(ProviderError::new("sns:Publish", ErrorKind::Absent, absent));
        }
        Ok(uuid(message))
    }

    /// What a metric adds up to, where someone said so.
    pub(in crate::provider::sandbox) fn sums(&self, series: &Series) -> Result<Option<Sums>, ProviderError> {
        self.answers("cloudwatch:GetMetricStatistics")?;
        let Series { metric, dimensions } = series;
        let values = dimensions.values().map(String::as_str).collect::<Vec<_>>().join(" ");
        let found = self.metrics.get(&format!("{} {} {values}", metric.namespace, metric.name));
        Ok(found.map(|one| Sums { day: one.day, month: one.month, last_ms: one.last_ms }))
    }

    /// A rule on an event bus, whoever made it.
    pub(in crate::provider::sandbox) fn rule(&self, region: &str, bus: &str, name: &str) -> Option<AccountRule> {
        let here = || self.objects.values().map(|one| &one.resource).filter(|one| one.address().region == region);
        let found = here().find_map(|one| match one {
            Resource::Rule(rule) if rule.bus == bus && rule.name == name => Some(rule),
            _ => None,
        })?;
        let targets = here().filter_map(|one| match one {
            Resource::Target(target) if target.bus == bus && target.rule == name => Some(given(target)),
            _ => None,
        });
        Some(AccountRule {
            description: Some(found.description.clone()),
            pattern: (!found.pattern.is_null()).then(|| found.pattern.to_string()),
            has_schedule: found.schedule.is_some(),
            state: found.state.clone(),
            targets: targets.collect(),
        })
    }

    /// Everything under the names of a stack.
    #[must_use]
    pub fn read(&self, scope: &Scope, search: Search<'_>) -> Live {
        let ours = |one: &&StoredObject| {
            one.resource.address().region == scope.region() && one.resource.is_ours_by_name(scope)
        };
        // What waits for a person and is not wanted counts as gone, as in AWS.
        let counts = |one: &&StoredObject| {
            one.resource.waits_for().is_none() || search.desired.contains_key(one.resource.address())
        };
        let seen: Vec<&StoredObject> = self.objects.values().filter(ours).filter(counts).collect();
        let obstacles = seen.iter().flat_map(|one| {
            let address = one.resource.address();
            one.attached.iter().map(|what| Obstacle { address: address.clone(), what: what.clone() })
        });
        let is_theirs = |one: &&StoredObject| one.resource.address().region == scope.region() && !ours(one);
        let theirs: Vec<Resource> = self.objects.values().filter(is_theirs).map(|one| one.resource.clone()).collect();
        let mut observed: Vec<Observed> = seen.iter().map(|one| observe(one, scope)).collect();
        let obstacles = obstacles.chain(leave_to_others(&mut observed, search.desired)).collect();
        let mut live = sort(scope, observed, obstacles);
        live.obstacles.extend(in_the_way(scope, &theirs, &live.managed));
        if search.is_thorough {
            let sending = theirs.iter().filter_map(|one| sends_to_ours(one, &live));
            live.obstacles.extend(sending.collect::<Vec<_>>());
        }
        if live.lacks_concurrency(search.desired) > 0 {
            live.concurrency = Some(self.concurrency_in(scope.region()));
        }
        live.policy_lengths = self.policy_lengths(scope);
        let lacking = live.lacks_of_region(search.desired);
        live.counts = lacking.into_iter().map(|kind| (kind, self.count(scope, kind))).collect();
        Live { places: self.places(scope, search), ..live }
    }

    /// How long the policies of the stack's functions are.
    fn policy_lengths(&self, scope: &Scope) -> BTreeMap<Address, usize> {
        let mut lengths = BTreeMap::new();
        for one in self.objects.values() {
            if let Resource::Permission(permission) = &one.resource
                && permission.address.region == scope.region()
                && one.resource.is_ours_by_name(scope)
            {
                *lengths.entry(permission.function_address()).or_insert(POLICY_FRAME.len()) += permission.length(scope);
            }
        }
        lengths
    }

    /// How many there are of a kind in a region. The sandbox has AWS's default quotas.
    fn count(&self, scope: &Scope, kind: Kind) -> Count {
        let takes_place = |one: &Resource| {
            one.address().region == scope.region()
                && one.room().is_some_and(|room| room.kind == kind && room.within == Within::Region)
        };
        let number = self.objects.values().filter(|one| takes_place(&one.resource)).count();
        Count::Known { number, quota: limit::of_kind(kind).map(|limit| limit.in_region(scope.region())) }
    }

    fn concurrency_in(&self, region: &str) -> Concurrency {
        let reserved = |one: &StoredObject| match &one.resource {
            Resource::Function(function) if function.address.region == region => function.reserved_concurrency,
            _ => None,
        };
        let reserved: u32 = self.objects.values().filter_map(reserved).sum();
        Concurrency::Known { limit: self.concurrency, unreserved: self.concurrency.saturating_sub(reserved) }
    }

    /// Who takes the places of the log groups that filters are to be put on.
    fn places(&self, scope: &Scope, search: Search<'_>) -> FilterPlaces {
        let here =
            || self.objects.values().map(|one| &one.resource).filter(|one| one.address().region == scope.region());
        let holder = |one: &Resource| Holder { name: one.name().to_owned(), leads_to: one.leads_to() };
        let held = |place| here().filter(|one| one.place() == Some(place)).map(holder).collect();
        let wanted = search.desired.values().filter_map(Resource::place);
        wanted.map(|place| ((place.kind, place.log_group.to_owned()), Some(held(place)))).collect()
    }

    /// The trails as the account tells of them. Log groups of others are not part of the sandbox: each that a filter is on
    /// gets what the trails record.
    pub(in crate::provider::sandbox) fn told_trails(&self, scope_of: impl Fn(&str) -> String) -> Vec<Trail> {
        let places = self.objects.values().filter_map(|one| one.resource.place());
        let groups: BTreeSet<String> = places.map(|place| scope_of(place.log_group)).collect();
        let delivering = |trail: &Trail| {
            let to = |group: &String| Trail { log_group_arn: Some(group.clone()), ..trail.clone() };
            groups.iter().map(to).collect::<Vec<_>>()
        };
        self.trails.iter().cloned().chain(self.trails.iter().flat_map(delivering)).collect()
    }
}
