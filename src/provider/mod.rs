//! The only door to the cloud.
//!
//! Two implementations: `aws` (the SDK) and `sandbox` (embedded, in memory, optionally kept in a file). One suite of
//! contract tests runs on both, and on two emulators that others wrote. Anyone who implements [`Provider`] observes
//! and acts; what is ours is decided in `live`, what to do in `plan`.

pub mod aws;
mod given;
mod letters;
pub mod run_log;
pub mod sandbox;
mod sums;

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::cloudtrail::trail::Trail;
use crate::live::{Live, Obstacle};
use crate::name::{DestinationId, Scope};
use crate::resource::about::When;
use crate::resource::{Arn, Arns, Kind, Resource, ResourceSet, Series};
use crate::secret::{Secret, StoredSecret};

pub use given::{AccountRule, AccountTarget};
pub use letters::{DeadLetter, Letters, TakenLetter};
pub use sums::Sums;

/// Who the credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Identity {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// Twelve digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

/// Something the provider waits for; shown to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Wait {
    /// What must come, as a clause: "until EventBridge may take on the new role".
    pub reason: String,
    /// After how many seconds it is given up.
    pub limit_seconds: u64,
}

/// How far a long search has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchProgress {
    /// What is done and why, as a clause: "looking for filters on every log group, because …".
    pub what: String,
    /// How many it has looked at.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// What helps a provider to find everything, and who is told when that takes long.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// What the stack should have: what others made under these names is looked for, too, and the log groups that its
    /// filters are on.
    pub desired: &'a ResourceSet,
    /// Told about a long search, again and again.
    pub progress: &'a dyn Fn(SearchProgress),
    /// Whether the stack is to be removed: what nothing leads to any more is looked for, too, as far as a list of all of its kind
    /// shows it.
    pub is_thorough: bool,
}

static NOTHING: ResourceSet = ResourceSet::new();

impl Search<'static> {
    /// Without a stack file, to remove everything, and no one is told.
    #[must_use]
    pub fn alone() -> Self {
        Self { desired: &NOTHING, progress: &|_| (), is_thorough: true }
    }
}

impl<'a> Search<'a> {
    /// With a stack file, and no one is told.
    #[must_use]
    pub fn of(desired: &'a ResourceSet) -> Self {
        Self { desired, progress: &|_| (), is_thorough: false }
    }

    /// Whether there is no stack file that would say what there should be.
    pub(crate) fn is_alone(self) -> bool {
        self.desired.is_empty()
    }

    /// The log groups that the desired filters of a kind are on.
    pub(crate) fn log_groups(self, kind: Kind) -> impl Iterator<Item = &'a str> {
        self.desired.values().filter_map(Resource::place).filter(move |one| one.kind == kind).map(|one| one.log_group)
    }
}

/// What a provider needs to carry out a change.
pub struct Context<'a> {
    /// The ARNs of what exists by now.
    pub arns: &'a Arns,
    /// Told about every wait, when it begins.
    pub waiting: &'a dyn Fn(Wait),
}

impl Context<'_> {
    /// The ARN itself, for a call that needs it.
    pub(crate) fn resolve(&self, arn: &Arn, action: &str) -> Result<String, ProviderError> {
        match arn {
            Arn::Known(arn) => Ok(arn.clone()),
            Arn::Of(address) => self.arns.get(address).cloned().ok_or_else(|| {
                ProviderError::new(action, ErrorKind::Absent, format!("{} does not exist", address.short()))
            }),
        }
    }
}

/// What came of calling a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invoked {
    /// What it gave back; null when it failed.
    pub result: Value,
    /// What it failed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A cloud that holds stacks. All methods can be called again after a failure: creating what exists and is ours,
/// deleting what is gone, are successes.
#[expect(async_fn_in_trait, reason = "used with static dispatch only, on one thread")]
pub trait Provider {
    /// Who the credentials belong to.
    async fn identity(&self) -> Result<Identity, ProviderError>;

    /// Everything under the names of a stack, sorted into managed and unmanaged.
    async fn read(&self, scope: &Scope, search: Search<'_>) -> Result<Live, ProviderError>;

    /// Creates a resource; gives its ARN when it has one that cannot be computed.
    async fn create(
        &self,
        scope: &Scope,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<Option<String>, ProviderError>;

    /// Changes a resource in place.
    async fn update(
        &self,
        scope: &Scope,
        live: &Resource,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError>;

    /// Gives something of others the stack's mark, and changes nothing else of it.
    async fn mark(
        &self,
        scope: &Scope,
        found: &Resource,
        marked: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError>;

    /// Removes a resource. That it is gone already is a success.
    async fn delete(&self, scope: &Scope, live: &Resource, context: &Context<'_>) -> Result<(), ProviderError>;

    /// Lets time pass, where time matters.
    async fn rest(&self, time: Duration);

    /// Removes what others attached to the resource of this name. That it is gone already is a success.
    async fn remove_extra(&self, scope: &Scope, name: &str, found: &Obstacle) -> Result<(), ProviderError>;

    /// Whether the cloud itself thinks that the pattern matches the event.
    async fn test_pattern(&self, pattern: &Value, event: &Value) -> Result<bool, ProviderError>;

    /// Which of the lines the cloud itself lets through a filter pattern, by their place; `None` when it cannot be asked,
    /// as in emulators.
    async fn test_filter(&self, pattern: &str, lines: &[String]) -> Result<Option<Vec<usize>>, ProviderError>;

    /// Calls a function and waits for its result.
    async fn invoke(&self, scope: &Scope, function: &str, input: &Value) -> Result<Invoked, ProviderError>;

    /// Puts a message for the relay rule on the event bus; gives the event's id.
    async fn put_relay_event(&self, scope: &Scope, detail: &Value) -> Result<String, ProviderError>;

    /// Publishes a message to an SNS topic; gives the message's id.
    async fn publish(&self, scope: &Scope, topic: &str, message: &str) -> Result<String, ProviderError>;

    /// What a metric of the region adds up to; `None` where no one counts.
    async fn sums(&self, scope: &Scope, series: &Series) -> Result<Option<Sums>, ProviderError>;

    /// How many messages are in the dead-letter queue of a destination; `None` when there is no queue.
    async fn dead_letter_count(&self, scope: &Scope, queue: &DestinationId) -> Result<Option<u64>, ProviderError>;

    /// A look at up to `most` of them, without taking any away; `None` when there is no queue.
    async fn dead_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        most: usize,
    ) -> Result<Option<Letters>, ProviderError>;

    /// Takes a few letters, hidden from other readers while they are held; none when no letter is visible, and `None` when there is
    /// no queue. One letter may be taken twice: then its newest receipt counts.
    async fn take_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        hold: Duration,
    ) -> Result<Option<Vec<TakenLetter>>, ProviderError>;

    /// Holds letters from now on for this long; not at all when it is zero. Gives the receipts of those that cannot be held.
    async fn hold_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        receipts: &[String],
        hold: Duration,
    ) -> Result<Vec<String>, ProviderError>;

    /// Removes a letter for good, by its newest receipt.
    async fn remove_letter(&self, scope: &Scope, queue: &DestinationId, receipt: &str) -> Result<(), ProviderError>;

    /// The time since 1970, as the provider counts it; [`Self::rest`] lets it pass.
    fn now(&self) -> Duration;

    /// By how many seconds the clock of this machine is ahead of the provider's; nothing before an answer told.
    fn clock_ahead(&self) -> Option<i64>;

    /// The trails of CloudTrail that could record the events of the region.
    async fn trails(&self, scope: &Scope) -> Result<Vec<Trail>, ProviderError>;

    /// A rule on an event bus of the region, whoever made it; nothing if there is none.
    async fn rule(&self, region: &str, bus: &str, name: &str) -> Result<Option<AccountRule>, ProviderError>;

    /// The names of all accounts of the organization, by id.
    async fn account_names(&self) -> Result<BTreeMap<String, String>, ProviderError>;

    /// A secret that the cloud keeps in the account and region of the stack.
    async fn secret(&self, reference: &StoredSecret) -> Result<Secret, ProviderError>;
}

/// What went wrong, sorted by what a person can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The permission is missing.
    Denied,
    /// The credentials are missing, expired or not accepted.
    Credentials,
    /// No one answers.
    Unreachable,
    /// Too many calls, in spite of retries.
    Throttled,
    /// A quota of the account is used up; retrying does not help.
    Quota,
    /// Someone else is changing the same thing.
    Conflict,
    /// It exists already and is not ours.
    Exists,
    /// It does not exist.
    Absent,
    /// A wait ran out.
    TimedOut,
    /// A secret is needed and not available.
    Secret,
    /// Anything else; the message is the cloud's.
    Other,
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, JsonSchema)]
#[error("{action}: {message}")]
pub struct ProviderError {
    /// The IAM action of the call, such as `events:PutRule`.
    pub action: String,
    /// What a person can do about it.
    pub kind: ErrorKind,
    /// The cloud's code, when there is one.
    pub code: Option<String>,
    /// What happened; free of secrets.
    pub message: String,
    /// The fix.
    pub hint: Option<String>,
}

impl ProviderError {
    /// An error without a code of the cloud's.
    pub fn new(action: &str, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { action: action.to_owned(), kind, code: None, message: message.into(), hint: None }
    }

    /// Adds the fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The IAM action of the call that makes resources of a kind.
pub(crate) fn making(wanted: &Resource) -> &'static str {
    let about = wanted.address().kind().about();
    let mut applying = about.calls.iter().filter(|calls| calls.when == When::Apply).flat_map(|calls| calls.actions);
    applying.next().copied().unwrap_or("create")
}

/// The reply when something of others is under the name of what is to be made.
pub(crate) fn exists(wanted: &Resource) -> ProviderError {
    let what =
        format!("the {} `{}` exists and is not managed by trailbell", wanted.address().kind().title(), wanted.name());
    ProviderError::new(making(wanted), ErrorKind::Exists, what).hint(
        "it was made after the plan, and was not changed: remove or rename it, or plan again to see what would become of it",
    )
}

/// The reply when what is to be changed lost the stack's mark after the plan was made.
pub(crate) fn taken(wanted: &Resource) -> ProviderError {
    let kind = wanted.address().kind().title();
    let what = format!("the {kind} `{}` does not carry the stack's mark any more", wanted.name());
    ProviderError::new(making(wanted), ErrorKind::Exists, what).hint(
        "its mark was removed after the plan, so it was not changed: rename it, or plan again to see what would become of it",
    )
}

/// The reply to an endpoint or a token that is needed and not available.
pub(crate) fn secret_missing(action: &str, reference: Option<&str>) -> ProviderError {
    let what = reference.map_or_else(|| "the secret".to_owned(), |one| format!("the secret {one}"));
    ProviderError::new(action, ErrorKind::Secret, format!("{what} is required but not available"))
}

/// How long to wait between two looks: quickly at first, then every five seconds.
pub(crate) fn pause(attempt: u32) -> Duration {
    Duration::from_millis(250 * 2_u64.pow(attempt.min(5))).min(Duration::from_secs(5))
}
