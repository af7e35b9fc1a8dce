//! The provider a command works on: AWS, or the sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::Global;
use super::node::{self, NotRun, Walls};
use crate::cloudtrail::trail::Trail;
use crate::compile::alerts::Deployed;
use crate::live::{Live, Obstacle};
use crate::name::{DestinationId, Scope};
use crate::provider::aws::{Aws, Settings};
use crate::provider::run_log::{Creation, FoundStacks, LogEntry, RunLog, RunStream, SeenStream, Side};
use crate::provider::sandbox::Sandbox;
use crate::provider::{
    AccountRule, Context, ErrorKind, Identity, Invoked, Letters, Provider, ProviderError, Search, Sums, TakenLetter,
};
use crate::resource::{Resource, Series};
use crate::secret::{Secret, StoredSecret};

/// AWS or the sandbox, chosen at run time.
pub(super) enum Cloud {
    Aws(Box<Aws>),
    /// The sandbox, and the functions it runs under the Node of this machine.
    Sandbox(Box<Sandbox>, Vec<Deployed>),
}

impl Cloud {
    /// Opens what the command line names. Nothing is sent yet.
    pub(super) async fn open(global: &Global, region: &str) -> Result<Self, ProviderError> {
        if let Some(file) = &global.sandbox {
            return Ok(Self::Sandbox(Box::new(Sandbox::open(file)?), Vec::new()));
        }
        let settings = Settings {
            profile: global.profile.clone(),
            region: Some(region.to_owned()),
            endpoint_url: global.endpoint_url.clone(),
            call_rate: global.call_rate,
            throttle_limit: Some(Duration::from_secs(global.throttle_limit)),
        };
        Ok(Self::Aws(Box::new(Aws::new(&settings).await)))
    }

    /// Gives the sandbox the functions it may be asked to run.
    pub(super) fn learn(&mut self, functions: impl FnOnce() -> Vec<Deployed>) {
        if let Self::Sandbox(_, known) = self {
            *known = functions();
        }
    }
}

/// Runs a function under Node and puts what it sends onto the sandbox's buses.
fn offline(
    sandbox: &Sandbox,
    functions: &[Deployed],
    scope: &Scope,
    function: &str,
    input: &Value,
) -> Result<Invoked, ProviderError> {
    let failed = |why: NotRun| ProviderError::new("lambda:InvokeFunction", ErrorKind::Other, why.to_string());
    let ran = node::run_named(functions, function, Walls::System, scope, input).map_err(failed)?;
    for put in ran.events(scope) {
        sandbox.put(scope.region(), &put)?;
    }
    Ok(Invoked { result: ran.result, error: ran.error })
}

macro_rules! either {
    ($cloud:expr, $one:ident => $call:expr) => {
        match $cloud {
            Cloud::Aws($one) => Box::pin($call).await,
            Cloud::Sandbox($one, _) => $call.await,
        }
    };
}

impl Provider for Cloud {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        either!(self, one => one.identity())
    }

    async fn read(&self, scope: &Scope, search: Search<'_>) -> Result<Live, ProviderError> {
        either!(self, one => one.read(scope, search))
    }

    async fn create(
        &self,
        scope: &Scope,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<Option<String>, ProviderError> {
        either!(self, one => one.create(scope, wanted, context))
    }

    async fn update(
        &self,
        scope: &Scope,
        live: &Resource,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        either!(self, one => one.update(scope, live, wanted, context))
    }

    async fn mark(
        &self,
        scope: &Scope,
        found: &Resource,
        marked: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        either!(self, one => one.mark(scope, found, marked, context))
    }

    async fn delete(&self, scope: &Scope, live: &Resource, context: &Context<'_>) -> Result<(), ProviderError> {
        either!(self, one => one.delete(scope, live, context))
    }

    async fn rest(&self, time: Duration) {
        either!(self, one => one.rest(time));
    }

    async fn remove_extra(&self, scope: &Scope, name: &str, found: &Obstacle) -> Result<(), ProviderError> {
        either!(self, one => one.remove_extra(scope, name, found))
    }

    async fn test_pattern(&self, pattern: &Value, event: &Value) -> Result<bool, ProviderError> {
        either!(self, one => one.test_pattern(pattern, event))
    }

    async fn test_filter(&self, pattern: &str, lines: &[String]) -> Result<Option<Vec<usize>>, ProviderError> {
        either!(self, one => one.test_filter(pattern, lines))
    }

    async fn invoke(&self, scope: &Scope, function: &str, input: &Value) -> Result<Invoked, ProviderError> {
        match self {
            Self::Aws(one) => Box::pin(one.invoke(scope, function, input)).await,
            Self::Sandbox(sandbox, functions) => offline(sandbox, functions, scope, function, input),
        }
    }

    async fn put_relay_event(&self, scope: &Scope, detail: &Value) -> Result<String, ProviderError> {
        either!(self, one => one.put_relay_event(scope, detail))
    }

    async fn publish(&self, scope: &Scope, topic: &str, message: &str) -> Result<String, ProviderError> {
        either!(self, one => one.publish(scope, topic, message))
    }

    async fn sums(&self, scope: &Scope, series: &Series) -> Result<Option<Sums>, ProviderError> {
        either!(self, one => one.sums(scope, series))
    }

    async fn dead_letter_count(&self, scope: &Scope, queue: &DestinationId) -> Result<Option<u64>, ProviderError> {
        either!(self, one => one.dead_letter_count(scope, queue))
    }

    async fn dead_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        most: usize,
    ) -> Result<Option<Letters>, ProviderError> {
        either!(self, one => one.dead_letters(scope, queue, most))
    }

    async fn take_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        hold: Duration,
    ) -> Result<Option<Vec<TakenLetter>>, ProviderError> {
        either!(self, one => one.take_letters(scope, queue, hold))
    }

    async fn hold_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        receipts: &[String],
        hold: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        either!(self, one => one.hold_letters(scope, queue, receipts, hold))
    }

    async fn remove_letter(&self, scope: &Scope, queue: &DestinationId, receipt: &str) -> Result<(), ProviderError> {
        either!(self, one => one.remove_letter(scope, queue, receipt))
    }

    fn now(&self) -> Duration {
        match self {
            Self::Aws(one) => one.now(),
            Self::Sandbox(one, _) => one.now(),
        }
    }

    fn clock_ahead(&self) -> Option<i64> {
        match self {
            Self::Aws(one) => one.clock_ahead(),
            Self::Sandbox(one, _) => one.clock_ahead(),
        }
    }

    async fn rule(&self, region: &str, bus: &str, name: &str) -> Result<Option<AccountRule>, ProviderError> {
        either!(self, one => one.rule(region, bus, name))
    }

    async fn trails(&self, scope: &Scope) -> Result<Vec<Trail>, ProviderError> {
        either!(self, one => one.trails(scope))
    }

    async fn account_names(&self) -> Result<BTreeMap<String, String>, ProviderError> {
        either!(self, one => one.account_names())
    }

    async fn secret(&self, reference: &StoredSecret) -> Result<Secret, ProviderError> {
        either!(self, one => one.secret(reference))
    }
}

impl RunLog for Cloud {
    async fn streams(
        &self,
        scope: &Scope,
        only: Option<u32>,
        most: usize,
    ) -> Result<Option<Vec<SeenStream>>, ProviderError> {
        either!(self, one => one.streams(scope, only, most))
    }

    async fn create_log(&self, scope: &Scope) -> Result<(), ProviderError> {
        either!(self, one => one.create_log(scope))
    }

    async fn log_tags(&self, scope: &Scope) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
        either!(self, one => one.log_tags(scope))
    }

    async fn tag_log(
        &self,
        scope: &Scope,
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<(), ProviderError> {
        either!(self, one => one.tag_log(scope, set, remove))
    }

    async fn stacks(&self, region: &str) -> Result<FoundStacks, ProviderError> {
        either!(self, one => one.stacks(region))
    }

    async fn regions_of(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError> {
        either!(self, one => one.regions_of(scope))
    }

    async fn create_stream(&self, scope: &Scope, stream: RunStream) -> Result<Creation, ProviderError> {
        either!(self, one => one.create_stream(scope, stream))
    }

    async fn noted_log_groups(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError> {
        either!(self, one => one.noted_log_groups(scope))
    }

    async fn note_log_group(&self, scope: &Scope, log_group: &str) -> Result<(), ProviderError> {
        either!(self, one => one.note_log_group(scope, log_group))
    }

    async fn append(&self, scope: &Scope, stream: RunStream, text: &str) -> Result<(), ProviderError> {
        either!(self, one => one.append(scope, stream, text))
    }

    async fn entry(&self, scope: &Scope, stream: RunStream, side: Side) -> Result<Option<LogEntry>, ProviderError> {
        either!(self, one => one.entry(scope, stream, side))
    }

    async fn delete_log(&self, scope: &Scope) -> Result<(), ProviderError> {
        either!(self, one => one.delete_log(scope))
    }
}
