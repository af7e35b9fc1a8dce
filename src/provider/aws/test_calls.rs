//! Asking AWS itself: whether lines pass a filter pattern, and what a function does. Changes nothing.

use std::time::Duration;

use aws_sdk_lambda::config::Config;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use serde_json::Value;

use super::Aws;
use super::call::Service;
use crate::provider::{ErrorKind, Invoked, ProviderError};
use crate::redact;

/// How many lines `TestMetricFilter` takes at once.
const MAX_LINES: usize = 50;

/// Which of the lines pass, by their place; `None` when this endpoint does not know the operation.
pub(super) async fn test_filter(
    aws: &Aws,
    pattern: &str,
    lines: &[String],
) -> Result<Option<Vec<usize>>, ProviderError> {
    let mut passing = Vec::new();
    for (page, lines) in lines.chunks(MAX_LINES).enumerate() {
        let request =
            aws.logs.test_metric_filter().filter_pattern(pattern).set_log_event_messages(Some(lines.to_vec()));
        let answer = match aws.call(Service::Logs, "logs:TestMetricFilter", || request.clone().send()).await {
            Err(error) if is_unknown(&error) => return Ok(None),
            answer => answer?,
        };
        // Numbers of events begin with 1.
        let numbers = answer.matches.unwrap_or_default().into_iter().map(|one| one.event_number);
        let places = numbers.filter_map(|number| usize::try_from(number).ok()?.checked_sub(1));
        passing.extend(places.map(|place| page * MAX_LINES + place));
    }
    Ok(Some(passing))
}

/// Whether the service does not have the operation, as emulators say it.
pub(super) fn is_unknown(error: &ProviderError) -> bool {
    let codes = ["UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented"];
    error.code.as_deref().is_some_and(|code| codes.contains(&code)) || error.message.contains("Unknown action")
}

/// Calls a function and waits for its result.
pub(super) async fn invoke(aws: &Aws, function: &str, input: &Value) -> Result<Invoked, ProviderError> {
    let action = "lambda:InvokeFunction";
    // As long as a function may take, and once: a handler changes things, and a lost answer is no reason to do so twice.
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(90)).build();
    let once = Config::builder().timeout_config(timeouts).retry_config(RetryConfig::disabled());
    let request = aws.lambda.invoke().function_name(function).payload(Blob::new(input.to_string()));
    let answer =
        aws.call(Service::Lambda, action, || request.clone().customize().config_override(once.clone()).send()).await?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    let result: Value = if payload.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&payload).map_err(|_| {
            ProviderError::new(action, ErrorKind::Other, format!("the response of {function} is not JSON"))
        })?
    };
    let Some(kind) = answer.function_error else { return Ok(Invoked { result, error: None }) };
    let words = result["errorMessage"].as_str().map_or(kind, str::to_owned);
    Ok(Invoked { result: Value::Null, error: Some(redact::message(&words)) })
}
