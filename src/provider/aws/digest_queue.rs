//! The SQS queues of digests. Calls and tags are those of `sqs`; which queues there are, the list by prefix says.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Attribute;

use super::call::Service;
use super::error::unmanaged;
use super::read::addressed;
use super::sqs::{
    Attributes, DEFAULT_RETENTION, all_attributes, delete, make, messages, remember, set, tag, tags, url,
};
use super::wait::gone_is_fine;
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError};
use crate::resource::mark::is_tagged;
use crate::resource::{Address, DigestQueue, Id, Kind, LONGEST_LETTER_BYTES, Policy, Resource};

/// As many as SQS lists at once.
const PAGE: i32 = 1_000;

impl Manage for DigestQueue {
    // `CreateQueue` succeeds for a queue of others that has the same attributes.
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope, self.address.clone(), &self.name).await
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        match make(aws, &self.name, attributes(self), &self.tags, context).await {
            Err(error) if error.kind == ErrorKind::Exists => {
                match observe(aws, scope, self.address.clone(), &self.name).await? {
                    // An earlier attempt of ours whose answer was lost.
                    Some(Observed { resource: Resource::DigestQueue(found), is_marked: true, .. }) => {
                        self.update(&found, aws, scope, context).await?;
                    }
                    _ => return Err(unmanaged(error)),
                }
            }
            made => made?,
        }
        Ok(Some(scope.queue_arn(&self.name)))
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
            wanted.insert(Attribute::KmsMasterKeyId, self.kms_key.clone().unwrap_or_default());
            if live.extra != self.extra {
                wanted.extend(usual());
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

fn attributes(queue: &DigestQueue) -> HashMap<Attribute, String> {
    let key = queue.kms_key.clone().map(|key| (Attribute::KmsMasterKeyId, key));
    let all = [
        (Attribute::MessageRetentionPeriod, queue.retention_seconds.to_string()),
        (Attribute::Policy, queue.policy.as_ref().map(Policy::to_json).unwrap_or_default()),
    ];
    all.into_iter().chain(key).collect()
}

/// What makes `extra` absent.
fn usual() -> [(Attribute, String); 3] {
    [
        (Attribute::MaximumMessageSize, LONGEST_LETTER_BYTES.to_string()),
        (Attribute::DelaySeconds, "0".to_owned()),
        (Attribute::RedrivePolicy, String::new()),
    ]
}

/// Settings that trailbell does not make: an event is rejected, comes later, or is moved to another queue.
fn extra(attributes: &Attributes) -> Option<String> {
    let text = |key| attributes.get(key).filter(|text: &&String| !text.is_empty());
    let number = |key| text(key).and_then(|text| text.parse::<u32>().ok());
    let size = number(&Attribute::MaximumMessageSize).filter(|most| *most < LONGEST_LETTER_BYTES);
    let delay = number(&Attribute::DelaySeconds).filter(|seconds| *seconds > 0);
    let all = [
        size.map(|most| format!("maximum message size {most}")),
        delay.map(|seconds| format!("delay of {seconds} s")),
        text(&Attribute::RedrivePolicy).map(|policy| format!("redrive policy {policy}")),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Every queue of a digest under the names of a stack.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<Vec<SeenQueue>, ProviderError> {
    let names = names(aws, &scope.prefix()).await?;
    let looks = addressed(scope, Id::DigestQueue, &names).map(|(address, name)| look(aws, scope, address, name));
    Ok(futures_util::future::try_join_all(looks).await?.into_iter().flatten().collect())
}

/// A queue, and how many events wait in it.
pub(super) type SeenQueue = (Observed, u64);

/// The names of the queues with a prefix; a URL ends in the name.
async fn names(aws: &Aws, prefix: &str) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request = aws.sqs.list_queues().queue_name_prefix(prefix).max_results(PAGE).set_next_token(token);
        let page = aws.call(Service::Sqs, "sqs:ListQueues", || request.clone().send()).await?;
        for url in page.queue_urls.unwrap_or_default() {
            let name = url.rsplit('/').next().unwrap_or_default().to_owned();
            if name.ends_with(Kind::DigestQueue.suffix()) {
                remember(aws, &name, url);
                names.push(name);
            }
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

async fn observe(aws: &Aws, scope: &Scope, address: Address, name: &str) -> Result<Option<Observed>, ProviderError> {
    Ok(look(aws, scope, address, name).await?.map(|(observed, _)| observed))
}

async fn look(aws: &Aws, scope: &Scope, address: Address, name: &str) -> Result<Option<SeenQueue>, ProviderError> {
    let Some(url) = gone_is_fine(url(aws, name).await)? else { return Ok(None) };
    let seen = futures_util::future::try_join(all_attributes(aws, &url), tags(aws, &url)).await;
    let Some((attributes, tags)) = gone_is_fine(seen)? else { return Ok(None) };
    let text = |key| attributes.get(key).filter(|text: &&String| !text.is_empty());
    let queue = DigestQueue {
        address,
        name: name.to_owned(),
        retention_seconds: text(&Attribute::MessageRetentionPeriod)
            .and_then(|text| text.parse().ok())
            .unwrap_or(DEFAULT_RETENTION),
        kms_key: text(&Attribute::KmsMasterKeyId).cloned(),
        extra: extra(&attributes),
        policy: text(&Attribute::Policy).map(|text| Policy::parse(text)),
        tags,
    };
    let arn = text(&Attribute::QueueArn).cloned().unwrap_or_else(|| scope.queue_arn(name));
    let is_marked = is_tagged(&queue.tags, scope);
    let observed = Observed { resource: Resource::DigestQueue(queue), arn: Some(arn), is_marked };
    Ok(Some((observed, messages(&attributes))))
}
