//! A look at everything in the dead-letter queue, without taking any of it away.
//!
//! SQS shows a message again only when it is visible again, so each is hidden for a moment while the rest is read, and made
//! visible again at the end. Long polling asks all of the queue's servers (SQS developer guide, "short and long polling").

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, Message};

use super::Aws;
use super::call::Service;
use super::sqs::{message_count, url};
use super::wait::gone_is_fine;
use crate::compile::SharedNames;
use crate::name::Scope;
use crate::provider::{DeadLetter, ErrorKind, Letters, ProviderError};

/// The most messages that SQS gives, or changes, in one call.
const BATCH: u8 = 10;
/// How long a message stays hidden if it cannot be made visible again, in seconds.
const HIDDEN: i32 = 30;

/// Up to `most` letters; none is read when there are more.
pub(super) async fn look(aws: &Aws, scope: &Scope, most: usize) -> Result<Option<Letters>, ProviderError> {
    let (_, name) = SharedNames::new(scope).queue;
    let Some(url) = gone_is_fine(url(aws, &name).await)? else { return Ok(None) };
    let Some(count) = message_count(aws, scope).await? else { return Ok(None) };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > most {
        return Ok(Some(Letters::default()));
    }
    let mut found = BTreeMap::new();
    let received = receive_all(aws, &url, most, &mut found).await;
    release(aws, &url, found.values()).await?;
    received?;
    let is_complete = found.len() >= count && found.len() <= most;
    Ok(Some(Letters { seen: found.into_values().map(letter).collect(), is_complete }))
}

async fn receive_all(
    aws: &Aws,
    url: &str,
    most: usize,
    found: &mut BTreeMap<String, Message>,
) -> Result<(), ProviderError> {
    while found.len() <= most {
        let request = aws
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(BATCH.into())
            .visibility_timeout(HIDDEN)
            .wait_time_seconds(1)
            .message_attribute_names("All");
        let messages =
            aws.call(Service::Sqs, "sqs:ReceiveMessage", || request.clone().send()).await?.messages.unwrap_or_default();
        let before = found.len();
        found.extend(messages.into_iter().filter_map(|one| Some((one.message_id.clone()?, one))));
        if found.len() == before {
            break;
        }
    }
    Ok(())
}

/// Makes messages visible to others again.
async fn release(aws: &Aws, url: &str, messages: impl Iterator<Item = &Message>) -> Result<(), ProviderError> {
    let action = "sqs:ChangeMessageVisibility";
    let handles: Vec<&String> = messages.filter_map(|one| one.receipt_handle.as_ref()).collect();
    for chunk in handles.chunks(BATCH.into()) {
        let entry = |(at, handle): (usize, &&String)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(at.to_string())
                .receipt_handle(handle.as_str())
                .visibility_timeout(0)
                .build()
        };
        let entries: Result<Vec<_>, _> = chunk.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))?;
        let request = aws.sqs.change_message_visibility_batch().queue_url(url).set_entries(Some(entries));
        // What could not be made visible becomes so by itself.
        aws.call(Service::Sqs, action, || request.clone().send()).await?;
    }
    Ok(())
}

fn letter(message: Message) -> DeadLetter {
    let attributes = message.message_attributes.unwrap_or_default();
    let text = |key: &str| attributes.get(key).and_then(|one| one.string_value.clone()).unwrap_or_default();
    DeadLetter {
        rule_arn: text("RULE_ARN"),
        code: text("ERROR_CODE"),
        message: text("ERROR_MESSAGE"),
        body: message.body.unwrap_or_default(),
    }
}
