//! Sending one request: when its turn comes, again while AWS throttles it, and with an error that says what to do.
//!
//! The SDK retries what passes by itself within seconds (a lost connection, HTTP status 500). Throttling is not left to it: its
//! retries share a budget that four pipelines in one account use up. Here the pace of the service slows down, everything
//! that waits for the same quota with it, and a throttled call is sent again until a limit of time.

use std::future::Future;
use std::time::Duration;

use aws_sdk_eventbridge::config::interceptors::InterceptorContext;
use aws_sdk_eventbridge::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::error::{THROTTLES, is_throttle, sorted};
use super::{Aws, notice};
use crate::provider::{ErrorKind, ProviderError, Wait};

/// How long a throttled call is sent again by default.
pub(super) const THROTTLED: Duration = Duration::from_mins(5);
/// From here on people are told.
const LONG: Duration = Duration::from_secs(5);
/// The longest pause before a throttled call is sent again.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The services, each with its own bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    CloudTrail,
    CloudWatch,
    Events,
    Iam,
    Kms,
    Lambda,
    Logs,
    Organizations,
    Scheduler,
    SecretsManager,
    Sns,
    Sqs,
    Ssm,
    Sts,
}

impl Service {
    /// What AWS calls it.
    const fn title(self) -> &'static str {
        match self {
            Self::CloudTrail => "CloudTrail",
            Self::CloudWatch => "CloudWatch",
            Self::Events => "EventBridge",
            Self::Iam => "IAM",
            Self::Kms => "KMS",
            Self::Lambda => "Lambda",
            Self::Logs => "CloudWatch Logs",
            Self::Organizations => "AWS Organizations",
            Self::Scheduler => "EventBridge Scheduler",
            Self::SecretsManager => "Secrets Manager",
            Self::Sns => "SNS",
            Self::Sqs => "SQS",
            Self::Ssm => "Systems Manager",
            Self::Sts => "STS",
        }
    }
}

/// How many requests are under way at once, per service; how many are sent in a second, `pace` says.
#[derive(Debug)]
pub(super) struct Gates {
    cloudtrail: Semaphore,
    cloudwatch: Semaphore,
    events: Semaphore,
    iam: Semaphore,
    kms: Semaphore,
    lambda: Semaphore,
    logs: Semaphore,
    organizations: Semaphore,
    scheduler: Semaphore,
    secretsmanager: Semaphore,
    sns: Semaphore,
    sqs: Semaphore,
    ssm: Semaphore,
    sts: Semaphore,
}

impl Default for Gates {
    fn default() -> Self {
        let gate = Semaphore::new;
        Self {
            cloudtrail: gate(2),
            cloudwatch: gate(3),
            events: gate(10),
            iam: gate(4),
            kms: gate(1),
            lambda: gate(4),
            logs: gate(4),
            organizations: gate(1),
            scheduler: gate(4),
            secretsmanager: gate(1),
            sns: gate(4),
            sqs: gate(8),
            ssm: gate(1),
            sts: gate(1),
        }
    }
}

impl Gates {
    fn of(&self, service: Service) -> &Semaphore {
        match service {
            Service::CloudTrail => &self.cloudtrail,
            Service::CloudWatch => &self.cloudwatch,
            Service::Events => &self.events,
            Service::Iam => &self.iam,
            Service::Kms => &self.kms,
            Service::Lambda => &self.lambda,
            Service::Logs => &self.logs,
            Service::Organizations => &self.organizations,
            Service::Scheduler => &self.scheduler,
            Service::SecretsManager => &self.secretsmanager,
            Service::Sns => &self.sns,
            Service::Sqs => &self.sqs,
            Service::Ssm => &self.ssm,
            Service::Sts => &self.sts,
        }
    }
}

impl Aws {
    /// Sends a request when its turn comes, and again for as long as it is throttled. `action` is the IAM action it needs.
    pub(super) async fn call<T, E, F>(
        &self,
        service: Service,
        action: &str,
        send: impl Fn() -> F,
    ) -> Result<T, ProviderError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let pace = self.paces.of(action);
        let mut throttled = Throttled::new(service, self.throttle_limit);
        loop {
            pace.turn(throttled.is_first()).await;
            let sent = {
                // The semaphores are never closed; should one be, the request simply goes unbounded.
                let _permit = self.gates.of(service).acquire().await.ok();
                // The SDK's futures are large; boxed, ours stay small.
                Box::pin(send()).await
            };
            match sent.map_err(|error| sorted(action, &error)) {
                Err(error) if error.kind == ErrorKind::Throttled => {
                    pace.slow_down();
                    throttled.again(error).await?;
                }
                result => return result,
            }
        }
    }
}

/// A call that AWS throttles.
struct Throttled {
    service: Service,
    limit: Duration,
    since: Option<Instant>,
    attempt: u32,
    is_told: bool,
}

impl Throttled {
    const fn new(service: Service, limit: Duration) -> Self {
        Self { service, limit, since: None, attempt: 0, is_told: false }
    }

    /// Whether it was not throttled yet.
    const fn is_first(&self) -> bool {
        self.since.is_none()
    }

    /// Waits until the call can be sent again; the error when that takes too long.
    async fn again(&mut self, error: ProviderError) -> Result<(), ProviderError> {
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        if waited >= self.limit {
            let message = format!("throttled for {} s: {}", waited.as_secs(), error.message);
            return Err(ProviderError { message, ..error });
        }
        if waited >= LONG && !self.is_told {
            self.is_told = true;
            let reason = format!("until {} accepts more calls from this account", self.service.title());
            notice::tell(Wait { reason, limit_seconds: self.limit.as_secs() });
        }
        sleep(pause(self.attempt).min(self.limit.saturating_sub(waited))).await;
        self.attempt += 1;
        Ok(())
    }
}

/// Any time up to one that doubles ("full jitter"): what was throttled together does not come back together.
fn pause(attempt: u32) -> Duration {
    let longest = Duration::from_millis(250 * 2_u64.pow(attempt.min(5))).min(LONGEST_PAUSE);
    longest.mul_f64(fastrand::f64())
}

/// What the SDK must not retry: throttling, which [`Aws::call`] does with more patience, and used-up quotas, which EventBridge
/// and CloudWatch Logs report with a code that the SDK takes for throttling and retries in vain.
#[derive(Debug)]
pub(super) struct LeaveToUs;

impl ClassifyRetry for LeaveToUs {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let response = context.response().filter(|response| !response.status().is_success());
        let Some(response) = response else { return RetryAction::NoActionIndicated };
        let body = response.body().bytes().unwrap_or_default();
        let has = |code: &str| body.windows(code.len()).any(|window| window == code.as_bytes());
        let named = response.headers().get("x-amzn-errortype").is_some_and(is_throttle);
        if named || has("LimitExceeded") || THROTTLES.iter().any(|code| has(code)) {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "leave throttling and quotas to trailbell"
    }
}
