//! Sending one request: bounded concurrency per service, and errors sorted by what a person can do about them.

use std::fmt;
use std::future::Future;

use aws_sdk_eventbridge::config::interceptors::InterceptorContext;
use aws_sdk_eventbridge::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_eventbridge::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use tokio::sync::Semaphore;

use super::Aws;
use super::answer::unreadable;
use crate::provider::{ErrorKind, ProviderError};
use crate::redact;

/// What Lambda says when a function's policy would become too long.
const POLICY_FULL: &str = "PolicyLengthExceededException";

/// The services, each with its own bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    CloudTrail,
    CloudWatch,
    Events,
    Iam,
    Lambda,
    Logs,
    Sqs,
    Sts,
}

/// How many requests are under way at once, per service. EventBridge's control plane was published at 50 calls a second;
/// IAM publishes nothing, and is slow to forgive. Lambda takes 15 a second of most calls together, CloudWatch Logs five of
/// each about filters and tags, CloudWatch nine lists and three removals of alarms.
#[derive(Debug)]
pub(super) struct Gates {
    cloudtrail: Semaphore,
    cloudwatch: Semaphore,
    events: Semaphore,
    iam: Semaphore,
    lambda: Semaphore,
    logs: Semaphore,
    sqs: Semaphore,
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
            lambda: gate(4),
            logs: gate(4),
            sqs: gate(8),
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
            Service::Lambda => &self.lambda,
            Service::Logs => &self.logs,
            Service::Sqs => &self.sqs,
            Service::Sts => &self.sts,
        }
    }
}

impl Aws {
    /// Sends a request when its turn comes. `action` is the IAM action it needs.
    pub(super) async fn call<T, E>(
        &self,
        service: Service,
        action: &str,
        request: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, ProviderError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        // The semaphores are never closed; should one be, the request simply goes unbounded.
        let _permit = self.gates.of(service).acquire().await.ok();
        // The SDK's futures are large; boxed, ours stay small.
        Box::pin(request).await.map_err(|error| sorted(action, &error))
    }
}

fn sorted<E>(action: &str, error: &SdkError<E>) -> ProviderError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let chain = redact::message(&DisplayErrorContext(error).to_string());
    match error {
        // An error of a service has a code or a message; without both it is not one.
        SdkError::ServiceError(service) if service.err().code().or(service.err().message()).is_none() => {
            unreadable(action, service.raw())
        }
        SdkError::ServiceError(service) => from_service(action, service.err(), service.raw().status().as_u16()),
        SdkError::ResponseError(response) => unreadable(action, response.raw()),
        _ if mentions_credentials(&chain) => credentials(action, None, &reason(error)),
        SdkError::ConstructionFailure(_) => ProviderError::new(action, ErrorKind::Other, reason(error)),
        _ => ProviderError::new(action, ErrorKind::Unreachable, format!("no response: {}", reason(error)))
            .hint("check the network, --region and --endpoint-url"),
    }
}

fn mentions_credentials(chain: &str) -> bool {
    let lower = chain.to_lowercase();
    ["credential", "identity", "sso", "token provider", "profile"].iter().any(|word| lower.contains(word))
}

fn credentials(action: &str, code: Option<&str>, message: &str) -> ProviderError {
    let mut error = ProviderError::new(action, ErrorKind::Credentials, message);
    error.code = code.map(str::to_owned);
    error.hint("sign in (`aws sso login`, `aws configure`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
}

fn from_service(action: &str, error: &(impl ProvideErrorMetadata + fmt::Display), status: u16) -> ProviderError {
    let code = error.code().unwrap_or_default();
    // Some services prefix the code with their namespace.
    let code = code.rsplit('#').next().unwrap_or_default();
    let message = redact::message(error.message().unwrap_or("the service did not give a reason"));
    let kind = classify(code, &message, status);
    let text = if code.is_empty() { format!("HTTP status {status}: {message}") } else { format!("{code}: {message}") };
    if kind == ErrorKind::Credentials {
        return credentials(action, Some(code), &text);
    }
    let sorted = ProviderError { code: Some(code.to_owned()), ..ProviderError::new(action, kind, text) };
    match kind {
        ErrorKind::Denied => {
            sorted.hint(format!("grant `{action}` to the credentials in use, or use other credentials"))
        }
        ErrorKind::Throttled => sorted.hint("AWS limits the rate of calls; try again in a minute"),
        ErrorKind::Quota if code == POLICY_FULL => sorted.hint(
            "a function's policy can have at most 20 KB, and this quota cannot be raised: move some of the alerts on \
            log groups to another stack",
        ),
        ErrorKind::Quota => {
            sorted.hint("a quota of the account is exhausted: request an increase in Service Quotas in the console")
        }
        _ => sorted,
    }
}

fn classify(code: &str, message: &str, status: u16) -> ErrorKind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "NotAuthorizedException" => ErrorKind::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "InvalidAccessKeyId"
        | "IncompleteSignature"
        | "RequestExpired"
        | "OptInRequired" => ErrorKind::Credentials,
        "LimitExceededException"
        | "LimitExceeded"
        | "LimitExceededFault"
        | "CodeStorageExceededException"
        | POLICY_FULL => ErrorKind::Quota,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "RequestThrottledException" => ErrorKind::Throttled,
        // Lambda has one code for both.
        "ResourceConflictException" if message.contains("already exist") => ErrorKind::Exists,
        "ConcurrentModificationException"
        | "ConcurrentModification"
        | "ResourceConflictException"
        | "ResourceConflict"
        | "ConflictException"
        | "OperationAbortedException"
        | "DeleteConflict"
        | "QueueDeletedRecently"
        | "AWS.SimpleQueueService.QueueDeletedRecently" => ErrorKind::Conflict,
        "ResourceAlreadyExistsException" | "EntityAlreadyExists" | "QueueNameExists" | "QueueAlreadyExists" => {
            ErrorKind::Exists
        }
        "ResourceNotFoundException"
        | "ResourceNotFound"
        | "NoSuchEntity"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => ErrorKind::Absent,
        "ValidationException" if message.contains("has targets") => ErrorKind::Conflict,
        _ if status == 403 => ErrorKind::Denied,
        _ => ErrorKind::Other,
    }
}

/// The innermost cause: what surrounds it only says that a request failed.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    redact::message(&causes.last().map(ToString::to_string).unwrap_or_default())
}

/// EventBridge and CloudWatch Logs report used-up quotas with a code that the SDK takes for throttling and retries in vain.
#[derive(Debug)]
pub(super) struct NeverRetryQuotas;

impl ClassifyRetry for NeverRetryQuotas {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let body = context.response().and_then(|response| response.body().bytes()).unwrap_or_default();
        let is_quota = body.windows(22).any(|window| window == b"LimitExceededException");
        if is_quota { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "never retry quotas"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_is_full_is_not_a_quota_that_can_be_raised() {
        let full = aws_sdk_lambda::error::ErrorMetadata::builder().code("PolicyLengthExceededException").build();
        let hint = from_service("lambda:AddPermission", &Named(full), 400).hint.expect("a way out");
        assert!(hint.contains("another stack") && !hint.contains("Service Quotas"), "{hint}");
        let other = aws_sdk_lambda::error::ErrorMetadata::builder().code("LimitExceededException").build();
        let hint = from_service("events:PutRule", &Named(other), 400).hint.expect("a way out");
        assert!(hint.contains("Service Quotas"), "{hint}");
    }

    #[derive(Debug)]
    struct Named(aws_sdk_lambda::error::ErrorMetadata);

    impl ProvideErrorMetadata for Named {
        fn meta(&self) -> &aws_sdk_lambda::error::ErrorMetadata {
            &self.0
        }
    }

    impl fmt::Display for Named {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    #[test]
    fn errors_are_sorted_by_what_a_person_can_do() {
        let cases = [
            ("AccessDeniedException", "", 400, ErrorKind::Denied),
            ("Weird", "", 403, ErrorKind::Denied),
            ("ExpiredTokenException", "", 400, ErrorKind::Credentials),
            (
                "LimitExceededException",
                "The requested resource exceeds the maximum number allowed.",
                400,
                ErrorKind::Quota,
            ),
            ("Throttling", "Rate exceeded", 400, ErrorKind::Throttled),
            ("ValidationException", "Rule can't be deleted since it has targets.", 400, ErrorKind::Conflict),
            ("ValidationException", "something else", 400, ErrorKind::Other),
            ("NoSuchEntity", "", 404, ErrorKind::Absent),
            ("ResourceConflictException", "Function already exist: f", 409, ErrorKind::Exists),
            (
                "ResourceConflictException",
                "The operation cannot be performed at this time. An update is in progress for resource: f",
                409,
                ErrorKind::Conflict,
            ),
            ("OperationAbortedException", "Please try again", 400, ErrorKind::Conflict),
            ("PolicyLengthExceededException", "", 400, ErrorKind::Quota),
            ("ResourceNotFound", "", 404, ErrorKind::Absent),
            ("LimitExceededFault", "", 400, ErrorKind::Quota),
        ];
        for (code, message, status, kind) in cases {
            assert_eq!(classify(code, message, status), kind, "{code}");
        }
    }
}
