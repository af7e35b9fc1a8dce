//! The AWS SDK behind [`Provider`]: clients, their settings, and the list of who manages which kind.
//!
//! The only place that names SDK crates. `call` sends requests and sorts errors, `answer` knows where an answer came from,
//! `wait` waits with a reason, `read` takes the snapshot, `second_look` keeps others' things from being overwritten; one file per service maps fields. To add a kind: `impl Manage` in
//! its service's file, and its line in `found_by_name`.

mod alarm;
mod answer;
mod call;
mod clock;
mod connection;
mod count;
mod dead_letters;
mod destination;
mod digest_queue;
mod error;
mod event_bus;
mod extra;
mod filter;
mod function;
mod iam;
mod json;
mod key;
mod log_group;
mod log_policy;
mod metric_filter;
mod notice;
mod organization;
mod pace;
mod permission;
mod qualified;
mod rate;
mod read;
mod rule;
mod run_log;
mod schedule;
mod second_look;
mod secrets;
mod sqs;
mod stacks;
mod subscription;
mod sums;
mod target;
mod test_calls;
mod topic;
mod trail;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use futures_util::future::{LocalBoxFuture, try_join_all};
use serde_json::Value;

use super::{
    AccountRule, Context, ErrorKind, Identity, Invoked, Letters, Provider, ProviderError, Search, SearchProgress, Sums,
    TakenLetter, Wait,
};
use crate::cloudtrail::trail::Trail;
use crate::live::{Live, Observed, Obstacle};
use crate::name::{DestinationId, Scope};
use crate::resource::{OfKind, Resource, Series, each};
use crate::secret::{Secret, StoredSecret};
use answer::NoteOrigin;
use call::{LeaveToUs, Service};
use clock::Clock;
use error::without_secret;
pub use pace::CallRate;
use pace::Paces;
use read::Observations;
use second_look::RecentLists;

/// What the command line says about the account; the rest comes from the environment and the AWS configuration files.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--profile`.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// `--endpoint-url`, for emulators.
    pub endpoint_url: Option<String>,
    /// How fast calls are sent.
    pub call_rate: CallRate,
    /// How long a throttled call is sent again; five minutes by default.
    pub throttle_limit: Option<Duration>,
}

/// An account reached through the SDK.
#[derive(Debug)]
pub struct Aws {
    cloudtrail: aws_sdk_cloudtrail::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    events: aws_sdk_eventbridge::Client,
    iam: aws_sdk_iam::Client,
    lambda: aws_sdk_lambda::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    scheduler: aws_sdk_scheduler::Client,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    sts: aws_sdk_sts::Client,
    clock: Clock,
    /// For the services that have no client.
    config: SdkConfig,
    gates: call::Gates,
    paces: Paces,
    throttle_limit: Duration,
    /// Queue addresses by name, so that reading once is enough.
    queue_urls: Mutex<BTreeMap<String, String>>,
    /// Whose turn it is to change a function: two changes of its policy at once lose one of them.
    turns: Mutex<BTreeMap<String, Turn>>,
    /// What was seen a moment ago, for second looks.
    recent: RecentLists,
    /// The rules that are made in this run, by bus and name: they have no targets of others.
    new_rules: Mutex<BTreeSet<(String, String)>>,
    /// When it was opened: by the calendar, and by a clock that no one sets.
    opened: (Duration, Instant),
}

/// What the user agent of every call says: `app/trailbell`. CloudTrail records it, and self-watch looks for it.
fn app_name() -> AppName {
    AppName::new("trailbell").expect("letters only")
}

/// Whose turn it is.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// A client of one service, with what all have in common.
macro_rules! client {
    ($service:ident, $config:expr) => {{
        let settings = $service::config::Builder::from($config).interceptor(NoteOrigin).retry_classifier(LeaveToUs);
        $service::Client::from_conf(settings.build())
    }};
}

impl Aws {
    /// Builds the clients. Nothing is sent yet.
    pub async fn new(settings: &Settings) -> Self {
        // Pinned, so that a new SDK does not silently behave differently.
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .app_name(app_name())
            .retry_config(RetryConfig::standard().with_max_attempts(6).with_initial_backoff(Duration::from_millis(300)))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(30))
                    .build(),
            );
        if let Some(profile) = &settings.profile {
            // Without a provider of its own, keys in the environment would win over the profile.
            let region = settings.region.clone().map(Region::new);
            let config = ProviderConfig::without_region().with_region(region);
            let credentials = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile);
            loader = loader.profile_name(profile).credentials_provider(credentials.build());
        }
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &settings.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        let (config, clock) = (loader.load().await, Clock::default());
        Self {
            cloudtrail: client!(aws_sdk_cloudtrail, &config),
            cloudwatch: client!(aws_sdk_cloudwatch, &config),
            events: client!(aws_sdk_eventbridge, &config),
            iam: client!(aws_sdk_iam, &config),
            lambda: client!(aws_sdk_lambda, &config),
            logs: client!(aws_sdk_cloudwatchlogs, &config),
            scheduler: client!(aws_sdk_scheduler, &config),
            sns: client!(aws_sdk_sns, &config),
            sqs: client!(aws_sdk_sqs, &config),
            sts: clock.sts(&config),
            clock,
            config,
            gates: call::Gates::default(),
            paces: Paces::new(settings.call_rate),
            throttle_limit: settings.throttle_limit.unwrap_or(call::THROTTLED),
            queue_urls: Mutex::default(),
            turns: Mutex::default(),
            recent: RecentLists::default(),
            new_rules: Mutex::default(),
            opened: (SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(), Instant::now()),
        }
    }

    /// That a rule is made in this run.
    fn note_new_rule(&self, bus: &str, name: &str) {
        // A poisoned lock would only mean that its targets are looked at.
        if let Ok(mut rules) = self.new_rules.lock() {
            rules.insert((bus.to_owned(), name.to_owned()));
        }
    }

    /// Whether a rule was made in this run.
    fn is_new_rule(&self, bus: &str, name: &str) -> bool {
        self.new_rules.lock().is_ok_and(|rules| rules.contains(&(bus.to_owned(), name.to_owned())))
    }

    /// Waits for the turn to change a function.
    async fn turn(&self, function: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = self.turns.lock().map(|mut turns| Arc::clone(turns.entry(function.to_owned()).or_default()));
        // A poisoned lock would only mean that there is no one to wait for.
        turn.unwrap_or_default().lock_owned().await
    }
}

/// What is found by its name or its mark, kind by kind, all at once. What is found by way of others, `read` says.
async fn found_by_name(aws: &Aws, scope: &Scope, search: Search<'_>) -> Result<Observations, ProviderError> {
    let all = [
        found(event_bus::observe_all(aws, scope)),
        found(rule::observe_all(aws, scope)),
        found(connection::observe_all(aws, scope)),
        found(destination::observe_all(aws, scope, search)),
        found(iam::observe_all(aws, scope, search)),
        found(sqs::observe_all(aws, scope, search)),
        found(log_group::observe_all(aws, scope, search)),
    ];
    Ok(try_join_all(all).await?.into_iter().fold(Observations::default(), Observations::and))
}

/// A look at one kind; boxed, so that looks at several have one type.
fn found<'a, T: Into<Observations>>(
    look: impl Future<Output = Result<T, ProviderError>> + 'a,
) -> LocalBoxFuture<'a, Result<Observations, ProviderError>> {
    Box::pin(async { look.await.map(Into::into) })
}

/// What AWS needs to know about one kind.
trait Manage {
    /// What is under its name now, where creating it would take the place of that.
    async fn present(&self, _aws: &Aws, _scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        Ok(None)
    }
    /// What is under its name now, as far as it takes to see whether it still carries the mark.
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        self.present(aws, scope).await
    }
    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError>;
    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError>;
    /// Writes the mark, which is all that differs, and nothing else. Where tags carry it, that is what an update does.
    async fn mark(&self, found: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        self.update(found, aws, scope, context).await
    }
    async fn delete(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError>;
}

impl Provider for Aws {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        let caller = self.call(Service::Sts, "sts:GetCallerIdentity", || self.sts.get_caller_identity().send()).await?;
        let arn = caller.arn.unwrap_or_default();
        let partition = arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned();
        Ok(Identity { partition, account: caller.account.unwrap_or_default(), arn })
    }

    async fn read(&self, scope: &Scope, search: Search<'_>) -> Result<Live, ProviderError> {
        let told = |wait: Wait| {
            let what = format!("waiting {} (up to {} s)", wait.reason, wait.limit_seconds);
            (search.progress)(SearchProgress { what, done: 0, total: 0 });
        };
        notice::passing_on(&told, read::read(self, scope, search)).await
    }

    async fn create(
        &self,
        scope: &Scope,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<Option<String>, ProviderError> {
        let work = async {
            if let Some(found) = each!(wanted, one => one.present(self, scope).await)? {
                second_look::is_free(wanted, &found, context)?;
            }
            each!(wanted, one => one.create(self, scope, context).await)
        };
        notice::passing_on(context.waiting, work).await.map_err(|error| without_secret(error, wanted))
    }

    async fn update(
        &self,
        scope: &Scope,
        live: &Resource,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        let work = async {
            if live.is_marked(scope) {
                let found = each!(wanted, one => one.current(self, scope).await)?;
                second_look::is_still_ours(wanted, found.as_ref())?;
            }
            each!(wanted, one => match OfKind::of(live) {
                Some(live) => one.update(live, self, scope, context).await,
                None => Err(ProviderError::new("update", ErrorKind::Other, "a resource cannot change its kind")),
            })
        };
        notice::passing_on(context.waiting, work).await.map_err(|error| without_secret(error, wanted))
    }

    async fn mark(
        &self,
        scope: &Scope,
        found: &Resource,
        marked: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        let work = async {
            each!(marked, one => match OfKind::of(found) {
                Some(found) => one.mark(found, self, scope, context).await,
                None => Err(ProviderError::new("mark", ErrorKind::Other, "a resource cannot change its kind")),
            })
        };
        notice::passing_on(context.waiting, work).await
    }

    async fn delete(&self, scope: &Scope, live: &Resource, context: &Context<'_>) -> Result<(), ProviderError> {
        let work = async { each!(live, one => one.delete(self, scope, context).await) };
        notice::passing_on(context.waiting, work).await
    }

    async fn rest(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn remove_extra(&self, scope: &Scope, name: &str, found: &Obstacle) -> Result<(), ProviderError> {
        extra::remove(self, scope, name, found).await
    }

    async fn test_pattern(&self, pattern: &Value, event: &Value) -> Result<bool, ProviderError> {
        let request = self.events.test_event_pattern().event_pattern(pattern.to_string()).event(event.to_string());
        Ok(self.call(Service::Events, "events:TestEventPattern", || request.clone().send()).await?.result)
    }

    async fn test_filter(&self, pattern: &str, lines: &[String]) -> Result<Option<Vec<usize>>, ProviderError> {
        test_calls::test_filter(self, pattern, lines).await
    }

    async fn invoke(&self, _scope: &Scope, function: &str, input: &Value) -> Result<Invoked, ProviderError> {
        test_calls::invoke(self, function, input).await
    }

    async fn put_relay_event(&self, scope: &Scope, detail: &Value) -> Result<String, ProviderError> {
        rule::put_relay_event(self, scope, detail).await
    }

    async fn publish(&self, _scope: &Scope, topic: &str, message: &str) -> Result<String, ProviderError> {
        topic::publish(self, topic, message).await
    }

    async fn sums(&self, _scope: &Scope, series: &Series) -> Result<Option<Sums>, ProviderError> {
        sums::sums(self, series).await.map(Some)
    }

    async fn dead_letter_count(&self, scope: &Scope, queue: &DestinationId) -> Result<Option<u64>, ProviderError> {
        sqs::message_count(self, scope, queue).await
    }

    async fn dead_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        most: usize,
    ) -> Result<Option<Letters>, ProviderError> {
        dead_letters::look(self, scope, queue, most).await
    }

    async fn take_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        hold: Duration,
    ) -> Result<Option<Vec<TakenLetter>>, ProviderError> {
        dead_letters::take(self, scope, queue, hold).await
    }

    async fn hold_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        receipts: &[String],
        hold: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        dead_letters::hold_all(self, scope, queue, receipts, hold).await
    }

    async fn remove_letter(&self, scope: &Scope, queue: &DestinationId, receipt: &str) -> Result<(), ProviderError> {
        dead_letters::remove(self, scope, queue, receipt).await
    }

    fn now(&self) -> Duration {
        self.opened.0 + self.opened.1.elapsed()
    }

    fn clock_ahead(&self) -> Option<i64> {
        self.clock.ahead()
    }

    async fn trails(&self, _scope: &Scope) -> Result<Vec<Trail>, ProviderError> {
        trail::all(self).await
    }

    async fn account_names(&self) -> Result<BTreeMap<String, String>, ProviderError> {
        organization::account_names(self).await
    }

    async fn rule(&self, _region: &str, bus: &str, name: &str) -> Result<Option<AccountRule>, ProviderError> {
        rule::named(self, bus, name).await
    }

    async fn secret(&self, reference: &StoredSecret) -> Result<Secret, ProviderError> {
        secrets::read(self, reference).await
    }
}
