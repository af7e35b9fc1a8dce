//! What the sandbox's account holds, and the rules by which it changes. `seen` is what it tells who looks.

mod seen;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::cloudtrail::trail::Trail;
use crate::compile::DestinationNames;
use crate::live::{Observed, Obstacle};
use crate::name::Scope;
use crate::provider::{DeadLetter, ErrorKind, ProviderError, exists, making, secret_missing, taken};
use crate::resource::{Account, Address, Arn, Arns, OnRemoval, Present, Rejection, Resource};
use crate::secret::hex;

use super::ACCOUNT;
use super::run_log::RunGroup;
use seen::{is_untouched, trails};

const FORMAT: u32 = 2;
/// The format of when resources also listed what they require: in a file always nothing.
const WITH_REQUIREMENTS: u32 = 1;

/// The default quota, Lambda developer guide, "Lambda quotas".
const CONCURRENCY: u32 = 1_000;

/// Everything an account holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    format: u32,
    /// Objects by region, kind and name.
    pub objects: BTreeMap<String, StoredObject>,
    /// What could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dead_letters: Vec<DeadLetter>,
    /// Counts dead letters, so that each gets another id.
    #[serde(default, skip_serializing_if = "is_zero")]
    letters: u64,
    /// The account's trails: one that records everything, unless someone changed it.
    #[serde(default = "trails", skip_serializing_if = "is_untouched")]
    pub trails: Vec<Trail>,
    /// The records of runs, by region and log group.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub run_logs: BTreeMap<String, RunGroup>,
    /// When the last stream of a run was created, in milliseconds since 1970: no two are created at once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) last_stream: i64,
    /// How many calls of functions may run at once in each region.
    #[serde(default = "concurrency", skip_serializing_if = "is_usual")]
    pub concurrency: u32,
    /// The accounts of the organization, by id: its own alone, unless someone changed it.
    #[serde(default = "organization", skip_serializing_if = "is_alone")]
    pub account_names: BTreeMap<String, String>,
    /// The calls that it answers with an error, by IAM action: `sts:GetCallerIdentity`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, AnsweredError>,
    /// By how many seconds the clock of this machine is ahead.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clock_ahead: i64,
    /// What metrics add up to, by namespace, name, and dimensions: `AWS/Events FailedInvocations NAME`. The sandbox counts nothing
    /// itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, StoredSums>,
    /// Counts creations, so that each gets another random-looking id.
    created: u64,
}

/// One thing in the account, as AWS would return it: descriptions carry the whole marker, ARNs are plain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredObject {
    /// What it is.
    pub resource: Resource,
    /// Its ARN; a target has none.
    pub arn: Option<String>,
    /// What others attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
}

/// An error that a call is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnsweredError {
    /// What a person can do about it.
    pub kind: ErrorKind,
    /// AWS's code, if it has one.
    #[serde(default)]
    pub code: Option<String>,
    /// What AWS would say.
    pub message: String,
}

/// What a metric adds up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSums {
    day: u64,
    month: u64,
    #[serde(default)]
    last_ms: Option<i64>,
}

impl StoredObject {
    fn present(&self) -> Present<'_> {
        Present { resource: &self.resource, arn: self.arn.as_deref(), attached: self.attached.len() }
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            format: FORMAT,
            objects: BTreeMap::new(),
            dead_letters: Vec::new(),
            letters: 0,
            trails: trails(),
            run_logs: BTreeMap::new(),
            last_stream: 0,
            concurrency: CONCURRENCY,
            account_names: organization(),
            errors: BTreeMap::new(),
            metrics: BTreeMap::new(),
            clock_ahead: 0,
            created: 0,
        }
    }
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

fn organization() -> BTreeMap<String, String> {
    BTreeMap::from([(ACCOUNT.to_owned(), "sandbox".to_owned())])
}

fn is_alone(names: &BTreeMap<String, String>) -> bool {
    *names == organization()
}

const fn concurrency() -> u32 {
    CONCURRENCY
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_usual(limit: &u32) -> bool {
    *limit == CONCURRENCY
}

/// Brings a world of the former format into today's.
fn forget_requirements(world: &mut Value) {
    for object in world["objects"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(resource) = object.get_mut("resource").and_then(Value::as_object_mut) {
            resource.remove("requires");
        }
    }
    world["format"] = FORMAT.into();
}

impl World {
    /// Whether a call is answered at all.
    ///
    /// # Errors
    /// The error that someone set.
    pub(super) fn answers(&self, action: &str) -> Result<(), ProviderError> {
        let Some(one) = self.errors.get(action) else { return Ok(()) };
        Err(ProviderError { code: one.code.clone(), ..ProviderError::new(action, one.kind, &one.message) })
    }

    /// Reads a kept world.
    ///
    /// # Errors
    /// Why the text is not one.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let mut world: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if world["format"] == WITH_REQUIREMENTS {
            forget_requirements(&mut world);
        } else if world["format"].is_null() {
            return Err("it is not a sandbox: it has no `format`".to_owned());
        } else if world["format"] != FORMAT {
            return Err(format!("it has format {}, but this version of trailbell reads {FORMAT}", world["format"]));
        }
        let mut world: Self = serde_json::from_value(world).map_err(|error| error.to_string())?;
        world.name_letters();
        // Ids follow from the number, so it must not run over.
        if world.created > u64::MAX / 2 || world.letters > u64::MAX / 2 {
            let (created, letters) = (world.created, world.letters);
            return Err(format!(
                "`created` is {created} and `letters` {letters}, more than any sandbox can have created"
            ));
        }
        Ok(world)
    }

    /// The world as it is kept. Secrets are not part of it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A world is maps with string keys and plain values; serializing it cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Puts a letter into the queue, at a time since 1970.
    pub(super) fn keep_letter(&mut self, letter: Option<DeadLetter>, at: Duration) {
        let Some(letter) = letter else { return };
        let sent_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        self.dead_letters.push(DeadLetter { sent_ms, ..letter });
        self.name_letters();
    }

    /// Gives an id to letters without one: new ones, those that a version before ids has kept, and those of a test.
    pub fn name_letters(&mut self) {
        for letter in self.dead_letters.iter_mut().filter(|one| one.id.is_empty()) {
            self.letters = self.letters.saturating_add(1);
            letter.id = uuid(format!("letter {}", self.letters));
        }
    }

    /// The object at an address.
    pub fn at(&mut self, address: &Address) -> Option<&mut StoredObject> {
        self.objects.values_mut().find(|one| one.resource.address() == address)
    }

    /// Whether the dead-letter queue of a destination exists.
    #[must_use]
    pub fn has_queue(&self, names: &DestinationNames) -> bool {
        self.objects.values().any(|one| *one.resource.address() == names.queue.0)
    }

    pub(super) fn create(
        &mut self,
        scope: &Scope,
        wanted: &Resource,
        arns: &Arns,
    ) -> Result<Option<String>, ProviderError> {
        let key = key_of(wanted);
        if let Some(found) = self.objects.get(&key) {
            let found_now = observe(found, scope);
            if !resolved(wanted, arns)?.may_replace(&found_now.resource, found_now.is_marked) {
                return Err(exists(wanted));
            }
            let arn = found.arn.clone();
            return self.update(scope, wanted, arns).map(|_| arn);
        }
        let resource = self.stored(wanted, scope, arns)?;
        self.created += 1;
        let arn = self.arn(&resource, scope);
        self.objects.insert(key, StoredObject { resource, arn: arn.clone(), attached: Vec::new() });
        Ok(arn)
    }

    /// Refuses what carried the stack's mark when the plan was made and does not any more.
    pub(super) fn is_still_ours(&self, scope: &Scope, live: &Resource) -> Result<(), ProviderError> {
        let found = self.objects.get(&key_of(live)).filter(|_| live.is_marked(scope));
        if found.is_none_or(|one| observe(one, scope).is_marked) { Ok(()) } else { Err(taken(live)) }
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
                object.resource = resource;
                Ok(None)
            }
            None => Err(absent("sandbox:update", wanted.address())),
        }
    }

    /// Gives something the tags or the description that carry its mark, and changes nothing else.
    pub(super) fn mark(&mut self, marked: &Resource) -> Result<Option<String>, ProviderError> {
        let Some(object) = self.objects.get_mut(&key_of(marked)) else {
            return Err(absent("sandbox:mark", marked.address()));
        };
        let mut marked = marked.clone();
        marked.keep(Some(&object.resource));
        if let (Some(tags), Some(new)) = (object.resource.tags_mut(), marked.tags_mut()) {
            tags.append(new);
        } else if let (Some(text), Some(new)) = (object.resource.description_mut(), marked.description_mut()) {
            text.clone_from(new);
        }
        Ok(None)
    }

    pub(super) fn delete(&mut self, scope: &Scope, live: &Resource) -> Result<Option<String>, ProviderError> {
        let removal = |one: &StoredObject| one.resource.on_removal_of(scope, live);
        if let Some(user) = self.objects.values().find(|one| removal(one) == OnRemoval::Forbids) {
            let kind = |one: &Resource| one.address().kind().title();
            let message = format!("the {} cannot be deleted while it has a {}", kind(live), kind(&user.resource));
            return Err(ProviderError::new("sandbox:delete", ErrorKind::Conflict, message));
        }
        let mut going = vec![live.clone()];
        while let Some(one) = going.pop() {
            self.objects.remove(&key_of(&one));
            // What goes along takes along what it has, and no one asks.
            let along =
                self.objects.values().filter(|other| other.resource.on_removal_of(scope, &one) != OnRemoval::Stays);
            going.extend(along.map(|other| other.resource.clone()));
        }
        Ok(None)
    }

    /// Removes what others attached to a resource: a note of it, or a resource of theirs such as a rule on the stack's bus.
    pub(super) fn remove_extra(&mut self, scope: &Scope, found: &Obstacle) -> Result<Option<String>, ProviderError> {
        let Some(on) = self.at(&found.address) else { return Ok(None) };
        on.attached.retain(|what| *what != found.what);
        let mut bare = on.resource.clone();
        if bare.take_unasked(None).as_ref() == Some(&found.what) {
            on.resource = bare;
        }
        let on = on.resource.clone();
        let is_it = |one: &Resource| {
            let (kind, name) = found.parts();
            one.address().region == scope.region()
                && (one.address().kind().title(), one.name()) == (kind, name)
                && one.on_removal_of(scope, &on) != OnRemoval::Stays
        };
        let theirs: Vec<Resource> =
            self.objects.values().map(|one| &one.resource).filter(|one| is_it(one)).cloned().collect();
        theirs.iter().try_for_each(|one| self.delete(scope, one).map(|_| ()))?;
        Ok(None)
    }

    /// A resource as the account keeps it, its references resolved.
    fn stored(&self, wanted: &Resource, scope: &Scope, arns: &Arns) -> Result<Resource, ProviderError> {
        let mut resource = resolved(wanted, arns)?;
        if let Some(rejection) = resource.rejected(&self.account(scope)) {
            return Err(rejected(&resource, rejection));
        }
        let before = self.objects.get(&key_of(wanted)).map(|one| &one.resource);
        resource.keep(before);
        // Tags are set one by one: those of others stay.
        if let (Some(tags), Some(mut before)) = (resource.tags_mut(), before.cloned()) {
            let kept = before.tags_mut().map(std::mem::take).unwrap_or_default();
            for (key, value) in kept {
                tags.entry(key).or_insert(value);
            }
        }
        Ok(resource)
    }

    /// What the account holds in the region of a stack.
    fn account<'a>(&'a self, scope: &'a Scope) -> Account<'a> {
        let here = self.objects.values().filter(|one| one.resource.address().region == scope.region());
        Account::new(scope, here.map(StoredObject::present).collect(), self.concurrency)
    }

    /// Its ARN; that of some kinds of EventBridge ends in a random id.
    fn arn(&self, resource: &Resource, scope: &Scope) -> Option<String> {
        resource.arn(scope, &uuid(self.created.to_be_bytes()))
    }
}

/// An id that looks random and follows from what it is made of.
fn uuid(of: impl AsRef<[u8]>) -> String {
    let digest = hex(&Sha256::digest(of)[..16]);
    [&digest[..8], &digest[8..12], &digest[12..16], &digest[16..20], &digest[20..]].join("-")
}

fn key_of(resource: &Resource) -> String {
    let address = resource.address();
    format!("{}/{}/{}", address.region, address.kind().name(), resource.unique_name())
}

fn absent(action: &str, address: &Address) -> ProviderError {
    ProviderError::new(action, ErrorKind::Absent, format!("{} does not exist", address.short()))
}

/// A resource with its references resolved.
fn resolved(wanted: &Resource, arns: &Arns) -> Result<Resource, ProviderError> {
    let mut resource = wanted.clone();
    for arn in resource.arns_mut() {
        if let Arn::Of(address) = arn {
            let known = arns.get(address).cloned();
            *arn = Arn::Known(known.ok_or_else(|| absent("sandbox:resolve", address))?);
        }
    }
    Ok(resource)
}

/// The object as AWS returns it.
fn observe(object: &StoredObject, scope: &Scope) -> Observed {
    let mut resource = object.resource.clone();
    resource.tell(scope);
    Observed { is_marked: resource.is_marked(scope), arn: object.arn.clone(), resource }
}

/// A rejection as an error of the call that makes resources of the kind.
fn rejected(wanted: &Resource, why: Rejection) -> ProviderError {
    let action = making(wanted);
    match why {
        Rejection::Absent(address) => absent(action, &address),
        Rejection::Full { holders } => {
            let message = format!("Resource limit exceeded: {} are there", holders.join(", "));
            ProviderError::new(action, ErrorKind::Quota, message)
        }
        Rejection::Secret(reference) => secret_missing(action, reference.as_deref()),
        Rejection::Other(message) => ProviderError::new(action, ErrorKind::Other, message),
    }
}
