//! SQS queues: the dead-letter queue of each destination with its policy, and how many messages it holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;

use super::call::Service;
use super::error::unmanaged;
use super::wait::{self, Patience, gone_is_fine, until_accepted};
use super::{Aws, Manage};
use crate::compile::DestinationNames;
use crate::live::Observed;
use crate::name::{DestinationId, Scope, is_destination};
use crate::provider::{Context, ErrorKind, ProviderError, Search};
use crate::resource::mark::is_tagged;
use crate::resource::{Address, Id, LONGEST_LETTER_BYTES, Policy, Queue, Resource};

const CREATE: &str = "sqs:CreateQueue";
/// What SQS keeps messages for when nothing is set: four days.
pub(super) const DEFAULT_RETENTION: u32 = 345_600;

const DELETED_RECENTLY: Patience<'_> = Patience {
    reason: "until a queue with the same name can be created again (60 s after it was deleted)",
    limit: wait::PROPAGATION,
    diagnosis: "a queue with this name was deleted less than a minute ago; run this command again",
};

impl Manage for Queue {
    // `CreateQueue` succeeds for a queue of others that has the same attributes.
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope, self.address.clone(), &self.name).await
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        match make(aws, &self.name, attributes(self), &self.tags, context).await {
            Err(error) if error.kind == ErrorKind::Exists => {
                match observe(aws, scope, self.address.clone(), &self.name).await? {
                    // An earlier attempt of ours whose answer was lost.
                    Some(Observed { resource: Resource::Queue(found), is_marked: true, .. }) => {
                        self.update(&found, aws, scope, context).await?;
                    }
                    _ => return Err(unmanaged(error)),
                }
            }
            made => made?,
        }
        Ok(None)
    }

    async fn update(
        &self,
        live: &Self,
        aws: &Aws,
        _scope: &Scope,
        _context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        let url = url(aws, &self.name).await?;
        let untagged = |queue: &Self| Self { tags: self.tags.clone(), ..queue.clone() };
        if untagged(live) != untagged(self) {
            let mut wanted = attributes(self);
            if live.kms_key != self.kms_key {
                wanted.insert(QueueAttributeName::KmsMasterKeyId, self.kms_key.clone().unwrap_or_default());
            }
            if live.max_message_bytes != self.max_message_bytes {
                let limit = self.max_message_bytes.unwrap_or(LONGEST_LETTER_BYTES);
                wanted.insert(QueueAttributeName::MaximumMessageSize, limit.to_string());
            }
            if live.redrive_policy != self.redrive_policy {
                // An empty one takes it away.
                let policy = self.redrive_policy.as_ref().map(Value::to_string).unwrap_or_default();
                wanted.insert(QueueAttributeName::RedrivePolicy, policy);
            }
            set(aws, &url, wanted).await?;
        }
        if live.tags != self.tags {
            tag(aws, &url, &self.tags).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, _context: &Context<'_>) -> Result<(), ProviderError> {
        delete(aws, &self.name).await
    }
}

/// Makes a queue, once SQS accepts its name again after a deletion.
pub(super) async fn make(
    aws: &Aws,
    name: &str,
    attributes: HashMap<QueueAttributeName, String>,
    tags: &BTreeMap<String, String>,
    context: &Context<'_>,
) -> Result<(), ProviderError> {
    let request = aws.sqs.create_queue().queue_name(name).set_attributes(Some(attributes));
    let request = request.set_tags(Some(tags.clone().into_iter().collect()));
    let send = || aws.call(Service::Sqs, CREATE, || request.clone().send());
    let is_passing = |error: &ProviderError| error.kind == ErrorKind::Conflict;
    if let Some(url) = until_accepted(context, &DELETED_RECENTLY, is_passing, send).await?.queue_url {
        remember(aws, name, url);
    }
    Ok(())
}

/// Sets attributes of a queue; those that are not named stay.
pub(super) async fn set(
    aws: &Aws,
    url: &str,
    wanted: HashMap<QueueAttributeName, String>,
) -> Result<(), ProviderError> {
    let request = aws.sqs.set_queue_attributes().queue_url(url).set_attributes(Some(wanted));
    aws.call(Service::Sqs, "sqs:SetQueueAttributes", || request.clone().send()).await.map(|_| ())
}

/// Adds tags to a queue.
pub(super) async fn tag(aws: &Aws, url: &str, tags: &BTreeMap<String, String>) -> Result<(), ProviderError> {
    let request = aws.sqs.tag_queue().queue_url(url).set_tags(Some(tags.clone().into_iter().collect()));
    aws.call(Service::Sqs, "sqs:TagQueue", || request.clone().send()).await.map(|_| ())
}

/// Deletes a queue with what is in it.
pub(super) async fn delete(aws: &Aws, name: &str) -> Result<(), ProviderError> {
    let Some(url) = gone_is_fine(url(aws, name).await)? else { return Ok(()) };
    let sent = aws.call(Service::Sqs, "sqs:DeleteQueue", || aws.sqs.delete_queue().queue_url(&url).send()).await;
    gone_is_fine(sent).map(|_| ())
}

fn attributes(queue: &Queue) -> HashMap<QueueAttributeName, String> {
    let key = queue.kms_key.clone().map(|key| (QueueAttributeName::KmsMasterKeyId, key));
    let all = [
        (QueueAttributeName::MessageRetentionPeriod, queue.retention_seconds.to_string()),
        (QueueAttributeName::Policy, queue.policy.as_ref().map(Policy::to_json).unwrap_or_default()),
    ];
    all.into_iter().chain(key).collect()
}

pub(super) fn remember(aws: &Aws, name: &str, url: String) {
    // A poisoned lock would only mean that the address is looked up again.
    if let Ok(mut known) = aws.queue_urls.lock() {
        known.insert(name.to_owned(), url);
    }
}

/// The address of a queue in SQS, asked once.
pub(super) async fn url(aws: &Aws, name: &str) -> Result<String, ProviderError> {
    let known = aws.queue_urls.lock().ok().and_then(|known| known.get(name).cloned());
    match known {
        Some(url) => Ok(url),
        None => look_up(aws, name).await,
    }
}

async fn look_up(aws: &Aws, name: &str) -> Result<String, ProviderError> {
    let action = "sqs:GetQueueUrl";
    let found = aws.call(Service::Sqs, action, || aws.sqs.get_queue_url().queue_name(name).send()).await?;
    let url = found.queue_url.ok_or_else(|| ProviderError::new(action, ErrorKind::Other, "the queue has no URL"))?;
    remember(aws, name, url.clone());
    Ok(url)
}

/// The queues of destinations that are wanted, and of the one without a name. Their names are known, so each is looked up by
/// name.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope, search: Search<'_>) -> Result<Vec<Observed>, ProviderError> {
    observe_each(aws, scope, wanted(search)).await
}

/// The queues of other destinations that something leads to: what they have besides is found in lists.
pub(super) async fn observe_others(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    observed: &[Observed],
) -> Result<Vec<Observed>, ProviderError> {
    let led_to = observed.iter().flat_map(|one| {
        let parts = one.resource.parts(scope).map(|(_, part)| part);
        parts.chain([one.resource.address().clone()]).filter_map(|part| destination_of(&part)).collect::<Vec<_>>()
    });
    let known = wanted(search);
    observe_each(aws, scope, led_to.filter(|id| !known.contains(id)).collect()).await
}

fn wanted(search: Search<'_>) -> BTreeSet<DestinationId> {
    search.desired.keys().filter_map(destination_of).chain([DestinationId::slack()]).collect()
}

async fn observe_each(aws: &Aws, scope: &Scope, ids: BTreeSet<DestinationId>) -> Result<Vec<Observed>, ProviderError> {
    let looks = ids.iter().map(|id| {
        let (address, name) = DestinationNames::of(scope, id).queue;
        async move { observe(aws, scope, address, &name).await }
    });
    Ok(futures_util::future::try_join_all(looks).await?.into_iter().flatten().collect())
}

/// The destination that something at an address belongs to.
fn destination_of(address: &Address) -> Option<DestinationId> {
    let (Id::Connection(id) | Id::ApiDestination(id) | Id::Role(id) | Id::Queue(id)) = &address.id else { return None };
    is_destination(id).then(|| DestinationId::new(id))
}

async fn observe(aws: &Aws, scope: &Scope, address: Address, name: &str) -> Result<Option<Observed>, ProviderError> {
    let Some(url) = gone_is_fine(look_up(aws, name).await)? else { return Ok(None) };
    let seen = futures_util::future::try_join(all_attributes(aws, &url), tags(aws, &url)).await;
    let Some((attributes, tags)) = gone_is_fine(seen)? else { return Ok(None) };
    let text = |key: &QueueAttributeName| attributes.get(key).filter(|text| !text.is_empty());
    let number = |key: &QueueAttributeName| text(key).and_then(|text| text.parse().ok());
    let queue = Queue {
        address,
        retention_seconds: number(&QueueAttributeName::MessageRetentionPeriod).unwrap_or(DEFAULT_RETENTION),
        kms_key: text(&QueueAttributeName::KmsMasterKeyId).cloned(),
        max_message_bytes: number(&QueueAttributeName::MaximumMessageSize)
            .filter(|limit| *limit < LONGEST_LETTER_BYTES),
        redrive_policy: text(&QueueAttributeName::RedrivePolicy).map(|text| json_or_text(text)),
        policy: text(&QueueAttributeName::Policy).map(|text| Policy::parse(text)),
        tags,
        name: name.to_owned(),
    };
    let arn = text(&QueueAttributeName::QueueArn).cloned().unwrap_or_else(|| scope.queue_arn(&queue.name));
    let is_marked = is_tagged(&queue.tags, scope);
    Ok(Some(Observed { resource: Resource::Queue(queue), arn: Some(arn), is_marked }))
}

fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

pub(super) type Attributes = HashMap<QueueAttributeName, String>;

pub(super) async fn all_attributes(aws: &Aws, url: &str) -> Result<Attributes, ProviderError> {
    let request = aws.sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    Ok(aws
        .call(Service::Sqs, "sqs:GetQueueAttributes", move || request.clone().send())
        .await?
        .attributes
        .unwrap_or_default())
}

pub(super) async fn tags(aws: &Aws, url: &str) -> Result<BTreeMap<String, String>, ProviderError> {
    let request = aws.sqs.list_queue_tags().queue_url(url);
    let answer = aws.call(Service::Sqs, "sqs:ListQueueTags", move || request.clone().send()).await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}

/// How many messages are in the dead-letter queue of a destination, including those that someone is looking at and those that are
/// delayed.
pub(super) async fn message_count(
    aws: &Aws,
    scope: &Scope,
    queue: &DestinationId,
) -> Result<Option<u64>, ProviderError> {
    let (_, name) = DestinationNames::of(scope, queue).queue;
    let Some(url) = gone_is_fine(url(aws, &name).await)? else { return Ok(None) };
    let Some(attributes) = gone_is_fine(all_attributes(aws, &url).await)? else { return Ok(None) };
    Ok(Some(messages(&attributes)))
}

/// How many messages are in a queue, whoever looks at them.
pub(super) fn messages(attributes: &Attributes) -> u64 {
    let keys = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    keys.iter().filter_map(|key| attributes.get(key)?.parse::<u64>().ok()).sum()
}
