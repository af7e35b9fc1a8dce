//! Waiting for AWS to become consistent: with a reason people see, a limit, and a diagnosis when it runs out.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::provider::{Context, ErrorKind, ProviderError, Wait, pause};

/// How long IAM and EventBridge may take to know a new role or rule, as Terraform allows.
pub(super) const PROPAGATION: Duration = Duration::from_mins(2);
/// How long a connection may take to be authorized or to go away.
pub(super) const CONNECTION: Duration = Duration::from_mins(2);
/// How long a function may take to become ready, as AWS's own waiters allow.
pub(super) const FUNCTION: Duration = Duration::from_mins(5);
/// How long CloudWatch may take to be able to call a function that it was just allowed to call, as Terraform gives it.
pub(super) const CALLABLE: Duration = Duration::from_mins(5);
/// How long another change of the same thing may take.
const CONFLICT: Duration = Duration::from_mins(1);

/// What a wait is about.
pub(super) struct Patience<'a> {
    /// As a clause: "until EventBridge may take on the new role".
    pub(super) reason: &'a str,
    /// When to give up.
    pub(super) limit: Duration,
    /// What is probably wrong when it did not come in time.
    pub(super) diagnosis: &'a str,
}

/// Repeats a call for as long as its error passes by itself.
pub(super) async fn until_accepted<T, F>(
    context: &Context<'_>,
    patience: &Patience<'_>,
    passes: impl Fn(&ProviderError) -> bool,
    mut call: impl FnMut() -> F,
) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    let mut waiting = Waiting::new(patience);
    loop {
        match call().await {
            Err(error) if passes(&error) => waiting.again(context, &error).await?,
            result => return result,
        }
    }
}

/// Looks again until `look` says that it has come: `Ok(None)` means not yet.
pub(super) async fn until_there<T, F>(
    context: &Context<'_>,
    patience: &Patience<'_>,
    action: &str,
    mut look: impl FnMut() -> F,
) -> Result<T, ProviderError>
where
    F: Future<Output = Result<Option<T>, ProviderError>>,
{
    let mut waiting = Waiting::new(patience);
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        waiting.again(context, &ProviderError::new(action, ErrorKind::TimedOut, "it did not appear")).await?;
    }
}

/// Repeats a call while someone else is changing the same thing.
pub(super) async fn unless_conflict<T, F>(context: &Context<'_>, call: impl FnMut() -> F) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    let patience = Patience {
        reason: "until another change of the same resource is finished",
        limit: CONFLICT,
        diagnosis: "something else keeps changing it; find out what, then run this command again",
    };
    until_accepted(context, &patience, |error| error.kind == ErrorKind::Conflict, call).await
}

/// Repeats a call while what was made just before it is not visible yet, or someone else is changing the same thing.
pub(super) async fn until_visible<T, F>(
    context: &Context<'_>,
    reason: &str,
    call: impl FnMut() -> F,
) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    let patience = Patience {
        reason,
        limit: PROPAGATION,
        diagnosis: "it may have been removed in the meantime: `trailbell plan` shows the current resources",
    };
    let passes = |error: &ProviderError| matches!(error.kind, ErrorKind::Conflict | ErrorKind::Absent);
    until_accepted(context, &patience, passes, call).await
}

/// That something is gone already is as good as deleting it.
pub(super) fn gone_is_fine<T>(result: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::Absent => Ok(None),
        Err(error) => Err(error),
    }
}

struct Waiting<'a> {
    patience: &'a Patience<'a>,
    started: Instant,
    attempt: u32,
}

impl<'a> Waiting<'a> {
    fn new(patience: &'a Patience<'a>) -> Self {
        Self { patience, started: Instant::now(), attempt: 0 }
    }

    async fn again(&mut self, context: &Context<'_>, last: &ProviderError) -> Result<(), ProviderError> {
        let limit = self.patience.limit;
        if self.started.elapsed() >= limit {
            let message = format!("waited {} s {}: {}", limit.as_secs(), self.patience.reason, last.message);
            let error = ProviderError {
                code: last.code.clone(),
                ..ProviderError::new(&last.action, ErrorKind::TimedOut, message)
            };
            return Err(error.hint(self.patience.diagnosis));
        }
        if self.attempt == 0 {
            (context.waiting)(Wait { reason: self.patience.reason.to_owned(), limit_seconds: limit.as_secs() });
        }
        sleep(pause(self.attempt)).await;
        self.attempt += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Arns;

    #[test]
    fn a_wait_that_runs_out_says_why_and_what_is_probably_wrong() {
        let patience = Patience {
            reason: "until CloudWatch Logs is allowed to invoke the function",
            limit: Duration::ZERO,
            diagnosis: "the permission must be in the function's policy",
        };
        let refused = || async {
            let message = "InvalidParameterException: Could not execute the lambda function.";
            Err::<(), _>(ProviderError::new("logs:PutSubscriptionFilter", ErrorKind::Other, message))
        };
        let context = Context { arns: &Arns::new(), waiting: &|_| () };
        let ended = futures_util::FutureExt::now_or_never(until_accepted(&context, &patience, |_| true, refused));
        let error = ended.expect("it does not wait").expect_err("it gives up");
        assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::TimedOut, Some(patience.diagnosis)));
        let expected = "waited 0 s until CloudWatch Logs is allowed to invoke the function: InvalidParameterException: Could not \
            execute";
        assert!(error.message.starts_with(expected), "{error}");
    }
}
