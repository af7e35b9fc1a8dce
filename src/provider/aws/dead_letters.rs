//! A dead-letter queue: a look at everything in it without taking any away, and taking, holding, and removing letters.
//!
//! SQS shows a message again only when it is visible again, so each is hidden for a moment while the rest is read, and made
//! visible again at the end. Long polling asks all of the queue's servers (SQS developer guide, "short and long polling").

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName};

use super::Aws;
use super::call::Service;
use super::sqs::{message_count, url};
use super::wait::gone_is_fine;
use crate::compile::DestinationNames;
use crate::name::{DestinationId, Scope};
use crate::provider::{DeadLetter, ErrorKind, Letters, ProviderError, TakenLetter};

/// The most messages that SQS gives, or changes, in one call.
const BATCH: u8 = 10;
/// How long a message stays hidden if it cannot be made visible again.
const HIDDEN: Duration = Duration::from_secs(30);

/// Up to `most` letters; none is read when there are more.
pub(super) async fn look(
    aws: &Aws,
    scope: &Scope,
    queue: &DestinationId,
    most: usize,
) -> Result<Option<Letters>, ProviderError> {
    let Some(url) = gone_is_fine(url_of(aws, scope, queue).await)? else { return Ok(None) };
    let Some(count) = message_count(aws, scope, queue).await? else { return Ok(None) };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > most {
        return Ok(Some(Letters::default()));
    }
    let mut found = BTreeMap::new();
    let received = receive_all(aws, &url, most, &mut found).await;
    let receipts: Vec<String> = found.values().map(|one| one.receipt.clone()).collect();
    // What could not be made visible becomes so by itself.
    hold(aws, &url, &receipts, Duration::ZERO).await?;
    received?;
    let is_complete = found.len() >= count && found.len() <= most;
    Ok(Some(Letters { seen: found.into_values().map(|one| one.letter).collect(), is_complete }))
}

async fn receive_all(
    aws: &Aws,
    url: &str,
    most: usize,
    found: &mut BTreeMap<String, TakenLetter>,
) -> Result<(), ProviderError> {
    while found.len() <= most {
        let before = found.len();
        found.extend(receive(aws, url, HIDDEN).await?.into_iter().map(|one| (one.letter.id.clone(), one)));
        if found.len() == before {
            break;
        }
    }
    Ok(())
}

/// A few letters, hidden for some time.
pub(super) async fn take(
    aws: &Aws,
    scope: &Scope,
    queue: &DestinationId,
    hold: Duration,
) -> Result<Option<Vec<TakenLetter>>, ProviderError> {
    let Some(url) = gone_is_fine(url_of(aws, scope, queue).await)? else { return Ok(None) };
    gone_is_fine(receive(aws, &url, hold).await)
}

async fn receive(aws: &Aws, url: &str, hold: Duration) -> Result<Vec<TakenLetter>, ProviderError> {
    let request = aws
        .sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(BATCH.into())
        .visibility_timeout(seconds(hold))
        .wait_time_seconds(1)
        .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
        .message_attribute_names("All");
    let messages =
        aws.call(Service::Sqs, "sqs:ReceiveMessage", || request.clone().send()).await?.messages.unwrap_or_default();
    Ok(messages.into_iter().filter_map(taken).collect())
}

async fn url_of(aws: &Aws, scope: &Scope, queue: &DestinationId) -> Result<String, ProviderError> {
    url(aws, &DestinationNames::of(scope, queue).queue.1).await
}

/// Holds letters of a queue; gives the receipts of those that cannot be held.
pub(super) async fn hold_all(
    aws: &Aws,
    scope: &Scope,
    queue: &DestinationId,
    receipts: &[String],
    time: Duration,
) -> Result<Vec<String>, ProviderError> {
    hold(aws, &url_of(aws, scope, queue).await?, receipts, time).await
}

/// Hides messages from now on for this long.
async fn hold(aws: &Aws, url: &str, receipts: &[String], time: Duration) -> Result<Vec<String>, ProviderError> {
    let action = "sqs:ChangeMessageVisibility";
    let mut lost = Vec::new();
    for chunk in receipts.chunks(BATCH.into()) {
        let entry = |(at, handle): (usize, &String)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(at.to_string())
                .receipt_handle(handle.as_str())
                .visibility_timeout(seconds(time))
                .build()
        };
        let entries: Result<Vec<_>, _> = chunk.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))?;
        let request = aws.sqs.change_message_visibility_batch().queue_url(url).set_entries(Some(entries));
        let answer = aws.call(Service::Sqs, action, || request.clone().send()).await?;
        lost.extend(answer.failed.iter().filter_map(|one| chunk.get(one.id.parse::<usize>().ok()?).cloned()));
    }
    Ok(lost)
}

/// Removes a letter.
pub(super) async fn remove(
    aws: &Aws,
    scope: &Scope,
    queue: &DestinationId,
    receipt: &str,
) -> Result<(), ProviderError> {
    let request = aws.sqs.delete_message().queue_url(url_of(aws, scope, queue).await?).receipt_handle(receipt);
    aws.call(Service::Sqs, "sqs:DeleteMessage", || request.clone().send()).await.map(|_| ())
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_secs()).unwrap_or(i32::MAX)
}

/// A message that has an id and a receipt, as every received one has.
fn taken(message: Message) -> Option<TakenLetter> {
    let sent = message.attributes.as_ref().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
    let sent_ms = sent.and_then(|text| text.parse().ok()).unwrap_or_default();
    let attributes = message.message_attributes.unwrap_or_default();
    // EventBridge's attributes are in capitals; those of Lambda are `ErrorCode` and `ErrorMessage` (Lambda developer guide,
    // "Dead-letter queues").
    let text = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| attributes.get(*key)?.string_value.clone());
        found.unwrap_or_default()
    };
    let letter = DeadLetter {
        id: message.message_id?,
        sent_ms,
        rule_arn: text(&["RULE_ARN"]),
        target_arn: text(&["TARGET_ARN"]),
        code: text(&["ERROR_CODE", "ErrorCode"]),
        message: text(&["ERROR_MESSAGE", "ErrorMessage"]),
        body: message.body.unwrap_or_default(),
        queue_arn: String::new(),
    };
    Some(TakenLetter { receipt: message.receipt_handle?, letter })
}
