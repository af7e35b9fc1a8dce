//! What a region holds, or should hold, as one graph: parts with their ARNs, found by address or by ARN.
//!
//! The same graph is made of what was compiled, of what was read from an account, and of a region of the sandbox with all
//! its stacks. `trace` walks it; nothing here decides what becomes of an event.

use std::collections::{BTreeMap, HashMap};

use crate::live::Live;
use crate::name::{DEFAULT_BUS, Scope};
use crate::resource::{
    Address, Alarm, ApiDestination, Arn, MetricFilter, Permission, Policy, Resource, ResourceSet, Rule, Schedule,
    SubscriptionFilter, Target,
};
use crate::secret::Sealed;
use crate::stack::Forwarded;

/// One part of a graph.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it is.
    pub resource: Resource,
    /// Its ARN; a target, a permission, and a filter have none.
    pub arn: Option<String>,
}

/// Whose events reach the buses. What is not said is not judged: an example may have happened anywhere.
#[derive(Clone, Debug, Default)]
pub struct Receiving {
    /// The region.
    pub region: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// Other accounts and regions whose events are forwarded there.
    pub forwarded: Forwarded,
}

impl Receiving {
    /// The events of a region, of any account.
    #[must_use]
    pub fn of(region: &str) -> Self {
        Self { region: Some(region.to_owned()), ..Self::default() }
    }
}

/// The parts of a region.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The region that the parts are in.
    pub region: String,
    /// The account that the parts are in, as their ARNs say.
    pub account: String,
    /// Whose events are received here.
    pub receives: Receiving,
    parts: Vec<Part>,
    arns: HashMap<String, usize>,
    addresses: BTreeMap<Address, usize>,
    /// The targets of each rule, by the names of its bus and its own.
    targets: HashMap<(String, String), Vec<usize>>,
    /// The URLs that API destinations should have, where someone knows them.
    expected: BTreeMap<Address, Sealed>,
}

impl Graph {
    /// A graph of these parts, which receives the events of its region.
    #[must_use]
    pub fn new(region: &str, parts: Vec<Part>) -> Self {
        let arns = parts.iter().enumerate().filter_map(|(at, part)| Some((part.arn.clone()?, at))).collect();
        let addresses = parts.iter().enumerate().map(|(at, part)| (part.resource.address().clone(), at)).collect();
        let mut targets: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (at, part) in parts.iter().enumerate() {
            if let Resource::Target(target) = &part.resource {
                targets.entry((target.bus.clone(), target.rule.clone())).or_default().push(at);
            }
        }
        let named = |part: &Part| part.arn.as_deref()?.split(':').nth(4).filter(|id| !id.is_empty()).map(str::to_owned);
        let account = parts.iter().find_map(named).unwrap_or_default();
        let receives = Receiving { region: Some(region.to_owned()), account: None, forwarded: Forwarded::default() };
        Self {
            region: region.to_owned(),
            account,
            receives,
            parts,
            arns,
            addresses,
            targets,
            expected: BTreeMap::new(),
        }
    }

    /// The same graph without the parts that are not wanted.
    #[must_use]
    pub fn keeping(self, is_wanted: impl Fn(&Resource) -> bool) -> Self {
        let Self { region, receives, expected, parts, .. } = self;
        let kept = parts.into_iter().filter(|part| is_wanted(&part.resource)).collect();
        Self { receives, expected, ..Self::new(&region, kept) }
    }

    /// The same graph, which receives other events.
    #[must_use]
    pub fn receiving(self, receives: Receiving) -> Self {
        Self { receives, ..self }
    }

    /// What a stack should have. ARNs that AWS completes with a random id end in words that no ARN has.
    #[must_use]
    pub fn compiled(scope: &Scope, desired: &ResourceSet) -> Self {
        let part =
            |resource: &Resource| Part { arn: resource.arn(scope, "known-after-apply"), resource: resource.clone() };
        Self::new(scope.region(), desired.values().map(part).collect()).of_account(scope)
    }

    /// What a stack has in an account.
    #[must_use]
    pub fn live(scope: &Scope, live: &Live) -> Self {
        let part = |(address, resource): (&Address, &Resource)| Part {
            arn: live.arns.get(address).cloned().or_else(|| resource.arn(scope, "")),
            resource: resource.clone(),
        };
        Self::new(scope.region(), live.managed.iter().map(part).collect()).of_account(scope)
    }

    fn of_account(self, scope: &Scope) -> Self {
        let (region, account) = (Some(scope.region().to_owned()), Some(scope.account().to_owned()));
        self.receiving(Receiving { region, account, forwarded: Forwarded::default() })
    }

    /// The same graph, whose API destinations should have the URLs that they have in this set.
    #[must_use]
    pub fn expecting(self, desired: &ResourceSet) -> Self {
        let url = |resource: &Resource| match resource {
            Resource::ApiDestination(one) => Some((one.address.clone(), one.endpoint.clone())),
            _ => None,
        };
        Self { expected: desired.values().filter_map(url).collect(), ..self }
    }

    /// Whether the URL of an API destination is certainly not the one that is expected.
    pub(crate) fn is_redirected(&self, destination: &ApiDestination) -> bool {
        let expected = self.expected.get(&destination.address);
        expected.is_some_and(|expected| expected.same(&destination.endpoint) == Some(false))
    }

    /// The rules on a bus, each with its place in the graph and its ARN.
    pub(crate) fn rules<'g>(&'g self, bus: &str) -> impl Iterator<Item = (usize, &'g Rule, &'g str)> {
        self.parts.iter().enumerate().filter_map(move |(at, part)| match &part.resource {
            Resource::Rule(rule) if rule.bus == bus => Some((at, rule, part.arn.as_deref().unwrap_or_default())),
            _ => None,
        })
    }

    /// The targets of a rule, each with its place in the graph.
    pub(crate) fn targets(&self, rule: &Rule) -> impl Iterator<Item = (usize, &Target)> {
        let places = self.targets.get(&(rule.bus.clone(), rule.name.clone())).into_iter().flatten();
        places.filter_map(|at| match &self.parts[*at].resource {
            Resource::Target(target) => Some((*at, target)),
            _ => None,
        })
    }

    /// The filters on a log group, each with its place in the graph.
    pub(crate) fn filters(&self, log_group: &str) -> Vec<(usize, &SubscriptionFilter)> {
        let filter = |(at, part)| -> Option<(usize, &SubscriptionFilter)> {
            let part: &Part = part;
            match &part.resource {
                Resource::SubscriptionFilter(filter) if filter.log_group == log_group => Some((at, filter)),
                _ => None,
            }
        };
        self.parts.iter().enumerate().filter_map(filter).collect()
    }

    /// The filters on a log group that count for a threshold, each with its place in the graph and the alarm.
    pub(crate) fn counting(&self, log_group: &str) -> Vec<(usize, &MetricFilter, &Alarm)> {
        let mut all = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            if let Resource::MetricFilter(filter) = &part.resource
                && filter.log_group == log_group
                && filter.is_of_threshold()
                && let Some(alarm) = self.alarm(&filter.alarm())
            {
                all.push((at, filter, alarm));
            }
        }
        all
    }

    fn alarm(&self, address: &Address) -> Option<&Alarm> {
        match &self.at(address)?.resource {
            Resource::Alarm(alarm) => Some(alarm),
            _ => None,
        }
    }

    /// The schedules.
    pub(crate) fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.parts.iter().filter_map(|part| match &part.resource {
            Resource::Schedule(schedule) => Some(schedule),
            _ => None,
        })
    }

    /// Whether a rule sends a message about an alarm.
    pub(crate) fn is_told(&self, alarm: &Alarm) -> bool {
        let Some(arn) = self.at(&alarm.address).and_then(|part| part.arn.as_deref()) else { return false };
        self.rules(DEFAULT_BUS).any(|(_, rule, _)| rule.alarm_arn() == Some(arn))
    }

    /// The resource policy of CloudWatch Logs.
    pub(crate) fn log_policy(&self) -> Option<&Policy> {
        self.parts.iter().find_map(|part| match &part.resource {
            Resource::LogPolicy(one) => Some(&one.policy),
            _ => None,
        })
    }

    /// The statements of a function's policy.
    pub(crate) fn permissions<'g>(&'g self, function: &'g str) -> impl Iterator<Item = &'g Permission> {
        self.parts.iter().filter_map(move |part| match &part.resource {
            Resource::Permission(permission) if permission.function == function => Some(permission),
            _ => None,
        })
    }

    /// The part that an ARN names, if it is one.
    #[must_use]
    pub fn find(&self, arn: &Arn) -> Option<&Part> {
        match arn {
            Arn::Of(address) => self.at(address),
            Arn::Known(arn) => self.by_arn(arn),
        }
    }

    /// The part with this ARN.
    #[must_use]
    pub fn by_arn(&self, arn: &str) -> Option<&Part> {
        Some(&self.parts[*self.arns.get(arn)?])
    }

    /// The part at an address.
    #[must_use]
    pub fn at(&self, address: &Address) -> Option<&Part> {
        Some(&self.parts[*self.addresses.get(address)?])
    }
}
