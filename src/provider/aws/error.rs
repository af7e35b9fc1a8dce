//! Errors of calls, sorted by what a person can do about them.

use std::fmt;

use aws_sdk_eventbridge::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use super::answer::unreadable;
use crate::provider::{ErrorKind, ProviderError};
use crate::redact;
use crate::resource::{Limit, Resource, limit};

/// What Lambda says when a function's policy would become too long.
const POLICY_FULL: &str = "PolicyLengthExceededException";
/// The codes with which services say that they get too many calls. (Source: aws-runtime 1.10.2, `retries/classifiers.rs`.)
pub(super) const THROTTLES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "SlowDown",
];

/// The error about a name that something has which is not managed by trailbell, with what can be done.
pub(super) fn unmanaged(error: ProviderError) -> ProviderError {
    error.hint("not managed by trailbell; not changed: remove or rename it, or choose another name for the stack")
}

/// Whether a code says that something is used up: `LimitExceeded`, `OverLimit`, `ServiceQuotaExceededException`, `TooManyEntries`,
/// whatever the HTTP status of it (SQS answers `OverLimit` with 403).
fn is_quota(code: &str) -> bool {
    ["LimitExceeded", "QuotaExceeded", "StorageExceeded", "OverLimit", "TooMany"].iter().any(|part| code.contains(part))
        || code == POLICY_FULL
}

/// Whether an error says that a permission is missing. HTTP status 403 alone does not: services use it for much else.
fn is_denial(code: &str, message: &str) -> bool {
    let codes = ["AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError", "Forbidden"];
    codes.iter().any(|part| code.contains(part)) || message.contains("not authorized to perform")
}

/// Whether a code, with or without what services put around it, says so.
pub(super) fn is_throttle(code: &str) -> bool {
    // `namespace#code:url`, as JSON services write it.
    let code = code.split(':').next().unwrap_or_default();
    THROTTLES.contains(&code.rsplit('#').next().unwrap_or_default())
}

/// The error that an error of the SDK is.
pub(super) fn sorted<E>(action: &str, error: &SdkError<E>) -> ProviderError
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
        ErrorKind::Throttled => sorted.hint(
            "something else in this account keeps using up AWS's rate of calls: run this command again later, or lower \
            `--call-rate` where several pipelines run at once",
        ),
        ErrorKind::Quota if code == POLICY_FULL => sorted.hint(
            "a function's policy can have at most 20 KB, and this quota cannot be raised: move some of the alerts on \
            log groups to another stack",
        ),
        ErrorKind::Quota => {
            let raise = limit::of_call(action).and_then(Limit::raise);
            let what = raise.unwrap_or_else(|| "request an increase in Service Quotas in the console".to_owned());
            sorted.hint(format!("a quota of the account is exhausted: {what}"))
        }
        _ => sorted,
    }
}

fn classify(code: &str, message: &str, status: u16) -> ErrorKind {
    match code {
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
        _ if is_throttle(code) => ErrorKind::Throttled,
        // Lambda has one code for both.
        "ResourceConflictException" if message.contains("already exist") => ErrorKind::Exists,
        "ConcurrentModificationException"
        | "ConcurrentModification"
        | "ResourceConflictException"
        | "ResourceConflict"
        | "ConflictException"
        | "ConcurrentAccess"
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
        | "NotFoundException"
        | "NotFound"
        | "ParameterNotFound"
        | "ParameterVersionNotFound"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => ErrorKind::Absent,
        "ValidationException" if message.contains("has targets") => ErrorKind::Conflict,
        _ if is_quota(code) => ErrorKind::Quota,
        _ if status == 429 => ErrorKind::Throttled,
        _ if is_denial(code, message) => ErrorKind::Denied,
        _ => ErrorKind::Other,
    }
}

/// AWS may quote what it refuses.
pub(super) fn without_secret(mut error: ProviderError, wanted: &Resource) -> ProviderError {
    if let Some(secret) = wanted.clone().sealed_mut().and_then(|sealed| sealed.value.take()) {
        error.message = error.message.replace(secret.expose(), "***");
    }
    error
}

/// The innermost cause: what surrounds it only says that a request failed.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    redact::message(&causes.last().map(ToString::to_string).unwrap_or_default())
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
            ("KMSAccessDeniedException", "", 400, ErrorKind::Denied),
            ("UnauthorizedOperation", "", 403, ErrorKind::Denied),
            ("", "User: u is not authorized to perform: events:PutRule", 403, ErrorKind::Denied),
            ("Weird", "", 403, ErrorKind::Other),
            ("OverLimit", "", 403, ErrorKind::Quota),
            ("ServiceQuotaExceededException", "", 402, ErrorKind::Quota),
            ("TooManyEntriesInBatchRequest", "", 400, ErrorKind::Quota),
            ("TooManyRequestsException", "", 429, ErrorKind::Throttled),
            ("RequestLimitExceeded", "", 503, ErrorKind::Throttled),
            ("", "slow down", 429, ErrorKind::Throttled),
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
