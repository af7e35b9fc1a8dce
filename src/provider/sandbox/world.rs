//! What the sandbox's account holds, and the rules by which it changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::seen::observe;
use super::{functions, metrics};
use crate::cloudtrail::trail::{Selector, Trail};
use crate::compile::Names;
use crate::live::{Live, Obstacle, sort};
use crate::name::Scope;
use crate::provider::{DeadLetter, ErrorKind, ProviderError, Search};
use crate::resource::mark::with_fingerprint;
use crate::resource::{Address, Arn, Arns, Authorization, Code, Kind, Resource};
use crate::secret::{Sealed, hex};

const FORMAT: u32 = 2;
/// The format of when resources also listed what they require: in a file always nothing.
const WITH_REQUIREMENTS: u32 = 1;

/// Everything an account holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    format: u32,
    /// Objects by region, kind and name.
    pub objects: BTreeMap<String, Object>,
    /// What could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dead_letters: Vec<DeadLetter>,
    /// The account's trails: one that records everything, unless someone changed it.
    #[serde(default = "trails", skip_serializing_if = "is_untouched")]
    pub trails: Vec<Trail>,
    /// Counts creations, so that each gets another random-looking id.
    created: u64,
}

/// One thing in the account, as AWS would return it: descriptions carry the whole marker, ARNs are plain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// What it is.
    pub resource: Resource,
    /// Its ARN; a target has none.
    pub arn: Option<String>,
    /// What others attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
}

impl Default for World {
    fn default() -> Self {
        Self { format: FORMAT, objects: BTreeMap::new(), dead_letters: Vec::new(), trails: trails(), created: 0 }
    }
}

/// The trail that an account of the sandbox has from the start.
fn trails() -> Vec<Trail> {
    let selector = Selector::Basic {
        reads: true,
        writes: true,
        management: true,
        excluded_sources: Vec::new(),
        data_types: Vec::new(),
    };
    vec![Trail {
        arn: format!("arn:aws:cloudtrail:us-east-1:{}:trail/sandbox", super::ACCOUNT),
        home_region: "us-east-1".to_owned(),
        is_multi_region: true,
        has_global_services: true,
        log_group_arn: None,
        is_logging: Some(true),
        selectors: Some(vec![selector]),
    }]
}

fn is_untouched(all: &[Trail]) -> bool {
    all == trails()
}

/// Brings a world of the former format into today's.
fn forget_requirements(world: &mut Value) {
    for object in world["objects"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(resource) = object["resource"].as_object_mut() {
            resource.remove("requires");
        }
    }
    world["format"] = FORMAT.into();
}

impl World {
    /// Reads a kept world.
    ///
    /// # Errors
    /// Why the text is not one.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let mut world: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if world["format"] == WITH_REQUIREMENTS {
            forget_requirements(&mut world);
        } else if world["format"] != FORMAT {
            return Err(format!("it has format {}, but this version of trailbell reads {FORMAT}", world["format"]));
        }
        serde_json::from_value(world).map_err(|error| error.to_string())
    }

    /// The world as it is kept. Secrets are not part of it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A world is maps with string keys and plain values; serializing it cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The object at an address.
    pub fn at(&mut self, address: &Address) -> Option<&mut Object> {
        self.objects.values_mut().find(|one| one.resource.address() == address)
    }

    /// Everything under the names of a stack.
    #[must_use]
    pub fn read(&self, scope: &Scope, search: Search<'_>) -> Live {
        let ours =
            |one: &&Object| one.resource.address().region == scope.region() && one.resource.is_ours_by_name(scope);
        let seen: Vec<&Object> = self.objects.values().filter(ours).collect();
        let obstacles = seen.iter().flat_map(|one| {
            let address = one.resource.address();
            one.attached.iter().map(|what| Obstacle { address: address.clone(), what: what.clone() })
        });
        let live = sort(scope, seen.iter().map(|one| observe(one, scope)).collect(), obstacles.collect());
        let mut places = functions::places(self, scope, search);
        places.extend(metrics::places(self, scope, search));
        Live { places, ..live }
    }

    /// The trails as the account tells of them. Log groups of others are not part of the sandbox: each that a filter is on
    /// gets what the trails record.
    pub(super) fn told_trails(&self, scope_of: impl Fn(&str) -> String) -> Vec<Trail> {
        let groups = self.objects.values().filter_map(|one| match &one.resource {
            Resource::SubscriptionFilter(filter) => Some(scope_of(&filter.log_group)),
            _ => None,
        });
        let groups: BTreeSet<String> = groups.collect();
        let delivering = |trail: &Trail| {
            let to = |group: &String| Trail { log_group_arn: Some(group.clone()), ..trail.clone() };
            groups.iter().map(to).collect::<Vec<_>>()
        };
        self.trails.iter().cloned().chain(self.trails.iter().flat_map(delivering)).collect()
    }

    /// Whether the stack's dead-letter queue exists.
    #[must_use]
    pub fn has_queue(&self, scope: &Scope) -> bool {
        self.objects.contains_key(&key(scope.region(), Kind::Queue, &Names::new(scope).queue.1))
    }

    pub(super) fn create(
        &mut self,
        scope: &Scope,
        wanted: &Resource,
        arns: &Arns,
    ) -> Result<Option<String>, ProviderError> {
        let key = key_of(wanted);
        if let Some(found) = self.objects.get(&key) {
            if !observe(found, scope).is_marked && !wanted.is_part(scope) {
                let message = format!("the {} `{}` exists", wanted.address().kind().title(), wanted.name());
                return Err(ProviderError::new("sandbox:create", ErrorKind::Exists, message));
            }
            let arn = found.arn.clone();
            return self.update(scope, wanted, arns).map(|_| arn);
        }
        let resource = self.stored(wanted, scope, arns)?;
        self.created += 1;
        let arn = self.arn(&resource, scope);
        self.objects.insert(key, Object { resource, arn: arn.clone(), attached: Vec::new() });
        Ok(arn)
    }

    pub(super) fn update(
        &mut self,
        scope: &Scope,
        wanted: &Resource,
        arns: &Arns,
    ) -> Result<Option<String>, ProviderError> {
        let resource = self.stored(wanted, scope, arns)?;
        let key = key_of(wanted);
        match self.objects.get_mut(&key) {
            Some(object) => {
                object.resource = merged(&object.resource, resource);
                Ok(None)
            }
            None => Err(absent("sandbox:update", wanted.address())),
        }
    }

    pub(super) fn delete(&mut self, live: &Resource) -> Result<Option<String>, ProviderError> {
        if let Resource::Rule(rule) = live {
            let uses = |one: &Object| matches!(&one.resource, Resource::Target(target) if target.rule == rule.name && target.address.region == rule.address.region);
            if self.objects.values().any(uses) {
                let message = "Rule can't be deleted since it has targets.";
                return Err(ProviderError::new("sandbox:delete", ErrorKind::Conflict, message));
            }
        }
        self.objects.remove(&key_of(live));
        if let Resource::Function(function) = live {
            // Its policy goes with it.
            let is_its = |one: &Object| matches!(&one.resource, Resource::Permission(other) if other.function == function.name && other.address.region == function.address.region);
            self.objects.retain(|_, one| !is_its(one));
        }
        Ok(None)
    }

    /// A resource as the account keeps it: references resolved, the connection's secret gone but for its fingerprint.
    fn stored(&self, wanted: &Resource, scope: &Scope, arns: &Arns) -> Result<Resource, ProviderError> {
        let mut resource = wanted.clone();
        for arn in resource.arns_mut() {
            if let Arn::Of(address) = arn {
                let known = arns.get(address).cloned();
                *arn = Arn::Known(known.ok_or_else(|| absent("sandbox:resolve", address))?);
            }
        }
        functions::check(self, &resource, scope)?;
        metrics::check(self, &resource, scope)?;
        match &mut resource {
            Resource::Connection(one) => {
                if let Authorization::Bearer(Sealed { value, fingerprint, reference, .. }) = &one.authorization {
                    // What was desired comes with its value; a mark that is put back does not.
                    if value.is_none() && reference.is_some() {
                        return Err(crate::provider::secret_missing("events:CreateConnection", reference.as_deref()));
                    }
                    one.description = with_fingerprint(&one.description, fingerprint.as_deref());
                }
                one.authorization = Authorization::Unknown;
            }
            Resource::ApiDestination(one) => {
                if one.endpoint.value.is_none() && one.endpoint.reference.is_some() {
                    return Err(crate::provider::secret_missing(
                        "events:CreateApiDestination",
                        one.endpoint.reference.as_deref(),
                    ));
                }
                one.endpoint.reference = None;
            }
            Resource::Target(one) => {
                let rule = one.rule_address();
                if !self.objects.values().any(|object| *object.resource.address() == rule) {
                    return Err(absent("events:PutTargets", &rule));
                }
            }
            Resource::Function(one) => one.code = Code::known(one.code.sha256.as_str()),
            _ => {}
        }
        Ok(resource)
    }

    /// Its ARN; that of some kinds of EventBridge ends in a random id.
    fn arn(&self, resource: &Resource, scope: &Scope) -> Option<String> {
        let digest = hex(&Sha256::digest(self.created.to_be_bytes())[..16]);
        let uuid = [&digest[..8], &digest[8..12], &digest[12..16], &digest[16..20], &digest[20..]].join("-");
        resource.arn(scope, &uuid)
    }
}

/// An update says nothing about what it does not carry: an unknown secret stays as it is.
fn merged(old: &Resource, mut new: Resource) -> Resource {
    if let (Resource::ApiDestination(old), Resource::ApiDestination(new)) = (old, &mut new)
        && new.endpoint == Sealed::default()
    {
        new.endpoint = old.endpoint.clone();
    }
    new
}

fn key(region: &str, kind: Kind, name: &str) -> String {
    format!("{region}/{}/{name}", kind.name())
}

pub(super) fn key_of(resource: &Resource) -> String {
    let address = resource.address();
    key(&address.region, address.kind(), &resource.unique_name())
}

pub(super) fn absent(action: &str, address: &Address) -> ProviderError {
    ProviderError::new(action, ErrorKind::Absent, format!("{} does not exist", address.short()))
}
