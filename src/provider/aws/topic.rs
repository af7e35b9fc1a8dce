//! SNS topics of the stack, found by what leads to them: targets, their dead-letter queues, the stack file. The list of all
//! topics of the account, which may be long, is asked for only when a stack is to be removed.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sns::types::Tag;
use futures_util::future::{try_join, try_join_all};

use super::call::Service;
use super::read::Observations;
use super::wait::{gone_is_fine, unless_conflict};
use super::{Aws, Manage};
use super::{subscription, test_calls};
use crate::live::{Observed, TopicState};
use crate::name::{SLACK, Scope};
use crate::provider::{Context, ErrorKind, ProviderError, Search};
use crate::resource::mark::is_tagged;
use crate::resource::{Arn, Kind, Policy, Resource, Topic};

const GET: &str = "sns:GetTopicAttributes";
const CREATE: &str = "sns:CreateTopic";
const SET: &str = "sns:SetTopicAttributes";
const TAG: &str = "sns:TagResource";

const DISPLAY_NAME: &str = "DisplayName";
const KEY: &str = "KmsMasterKeyId";
const POLICY: &str = "Policy";

impl Manage for Topic {
    // `CreateTopic` succeeds for a topic of others.
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope, &self.name).await
    }

    async fn create(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let tags = sdk_tags(&self.tags, CREATE)?;
        let key = self.kms_key.clone().map(|key| (KEY.to_owned(), key));
        let policy = self.policy.as_ref().map(|policy| (POLICY.to_owned(), policy.to_json()));
        let attributes = [(DISPLAY_NAME.to_owned(), self.display_name.clone())].into_iter().chain(key).chain(policy);
        let attributes: std::collections::HashMap<_, _> = attributes.collect();
        let send = || {
            let request = aws
                .sns
                .create_topic()
                .name(&self.name)
                .set_attributes(Some(attributes.clone()))
                .set_tags(Some(tags.clone()));
            aws.call(Service::Sns, CREATE, move || request.clone().send())
        };
        Ok(unless_conflict(context, send).await?.topic_arn)
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let arn = scope.topic_arn(&self.name);
        if live.display_name != self.display_name {
            set(aws, &arn, DISPLAY_NAME, &self.display_name, context).await?;
        }
        if live.kms_key != self.kms_key {
            // An empty text removes the key.
            set(aws, &arn, KEY, self.kms_key.as_deref().unwrap_or_default(), context).await?;
        }
        if live.policy != self.policy {
            let policy = self.policy.as_ref().map(Policy::to_json).unwrap_or_default();
            set(aws, &arn, POLICY, &policy, context).await?;
        }
        if live.tags != self.tags {
            let tags = sdk_tags(&self.tags, TAG)?;
            let request = || aws.sns.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone()));
            unless_conflict(context, || aws.call(Service::Sns, TAG, || request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.sns.delete_topic().topic_arn(scope.topic_arn(&self.name));
        let sent = unless_conflict(context, || aws.call(Service::Sns, "sns:DeleteTopic", || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

async fn set(aws: &Aws, topic: &str, attribute: &str, value: &str, context: &Context<'_>) -> Result<(), ProviderError> {
    let request = || aws.sns.set_topic_attributes().topic_arn(topic).attribute_name(attribute).attribute_value(value);
    unless_conflict(context, || aws.call(Service::Sns, SET, || request().send())).await.map(|_| ())
}

fn sdk_tags(tags: &BTreeMap<String, String>, action: &str) -> Result<Vec<Tag>, ProviderError> {
    let other = |error: aws_sdk_sns::error::BuildError| ProviderError::new(action, ErrorKind::Other, error.to_string());
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(other)).collect()
}

/// Publishes a message.
pub(super) async fn publish(aws: &Aws, topic: &str, message: &str) -> Result<String, ProviderError> {
    let request = aws.sns.publish().topic_arn(topic).message(message);
    let sent = aws.call(Service::Sns, "sns:Publish", || request.clone().send()).await?;
    Ok(sent.message_id.unwrap_or_default())
}

/// The attributes of a topic, of the stack or of others; `None` when there is none.
async fn attributes(aws: &Aws, arn: &str) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
    let request = aws.sns.get_topic_attributes().topic_arn(arn);
    let found = gone_is_fine(aws.call(Service::Sns, GET, || request.clone().send()).await)?;
    Ok(found.map(|found| found.attributes.unwrap_or_default().into_iter().collect()))
}

/// What is known of the topics of others that targets are to send to.
pub(super) async fn of_others(aws: &Aws, search: Search<'_>) -> Result<BTreeMap<String, TopicState>, ProviderError> {
    let arns: BTreeSet<&str> = search.desired.values().filter_map(Resource::topic_of_others).collect();
    let looks = arns.into_iter().map(|arn| async move {
        let state = match attributes(aws, arn).await {
            Err(error) if error.kind == ErrorKind::Denied => TopicState::Denied(GET),
            found => match found? {
                None => TopicState::Absent,
                Some(found) => {
                    TopicState::Found { policy: policy(&found).map(str::to_owned), key: key(&found).map(str::to_owned) }
                }
            },
        };
        Ok((arn.to_owned(), state))
    });
    Ok(try_join_all(looks).await?.into_iter().collect())
}

/// The policy that a topic's attributes tell.
fn policy(attributes: &BTreeMap<String, String>) -> Option<&str> {
    attributes.get(POLICY).map(String::as_str).filter(|text| !text.is_empty())
}

/// The key that encrypts it.
fn key(attributes: &BTreeMap<String, String>) -> Option<&str> {
    attributes.get(KEY).map(String::as_str).filter(|text| !text.is_empty())
}

/// The stack's topic of this name as it is.
async fn observe(aws: &Aws, scope: &Scope, name: &str) -> Result<Option<Observed>, ProviderError> {
    let Some(address) = Topic::address_of_name(scope, name) else { return Ok(None) };
    let arn = scope.topic_arn(name);
    let Some((attributes, tags)) = gone_is_fine(try_join(attributes(aws, &arn), tags(aws, &arn)).await)? else {
        return Ok(None);
    };
    let Some(attributes) = attributes else { return Ok(None) };
    let topic = Topic {
        address,
        name: name.to_owned(),
        display_name: attributes.get(DISPLAY_NAME).cloned().unwrap_or_default(),
        kms_key: key(&attributes).map(str::to_owned),
        policy: policy(&attributes).map(Policy::parse),
        tags,
    };
    let is_marked = is_tagged(&topic.tags, scope);
    Ok(Some(Observed { resource: Resource::Topic(topic), arn: Some(arn), is_marked }))
}

async fn tags(aws: &Aws, arn: &str) -> Result<BTreeMap<String, String>, ProviderError> {
    let request = aws.sns.list_tags_for_resource().resource_arn(arn);
    let found = aws.call(Service::Sns, "sns:ListTagsForResource", || request.clone().send()).await?;
    Ok(found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// The topics that something leads to, with their subscriptions.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    observed: &[Observed],
) -> Result<Observations, ProviderError> {
    let mut names = names(scope, search, observed);
    if search.is_thorough {
        names.extend(listed(aws, scope).await?);
    }
    let looks = names.iter().map(|name| async {
        let Some(topic) = observe(aws, scope, name).await? else { return Ok(Observations::default()) };
        let subscriptions = subscription::observe_all(aws, scope, search, name).await?;
        Ok(Observations::from(vec![topic]).and(subscriptions))
    });
    Ok(try_join_all(looks).await?.into_iter().fold(Observations::default(), Observations::and))
}

/// The names of the stack's topics in the list of all topics; none when the credentials are not allowed to list topics.
async fn listed(aws: &Aws, scope: &Scope) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request = aws.sns.list_topics().set_next_token(token);
        let page = match aws.call(Service::Sns, "sns:ListTopics", || request.clone().send()).await {
            Err(error) if error.kind == ErrorKind::Denied || test_calls::is_unknown(&error) => return Ok(names),
            page => page?,
        };
        let arns = page.topics.unwrap_or_default().into_iter().filter_map(|topic| topic.topic_arn);
        names.extend(arns.filter_map(|arn| Some(arn.strip_prefix(&scope.topic_arn(""))?.to_owned())));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            names.retain(|name| Topic::address_of_name(scope, name).is_some());
            return Ok(names);
        }
    }
}

/// The names of the topics that something leads to.
fn names(scope: &Scope, search: Search<'_>, observed: &[Observed]) -> BTreeSet<String> {
    let topics = scope.topic_arn("");
    let is_slack = |id: &str| {
        let is_way = |one: &Observed| matches!(&one.resource, Resource::Connection(_) | Resource::ApiDestination(_));
        observed.iter().any(|one| is_way(one) && one.resource.address().id.base() == id)
    };
    let led_to = observed.iter().filter_map(|one| match &one.resource {
        Resource::Target(target) => match &target.arn {
            Arn::Known(arn) => arn.strip_prefix(&topics).map(str::to_owned),
            Arn::Of(_) => None,
        },
        // The queue of a Slack destination has a connection beside it, and there is no topic to ask for.
        Resource::Queue(queue) => {
            let id = queue.address.id.base();
            (id != SLACK && !is_slack(id)).then(|| scope.name(id, Kind::Topic.suffix()))
        }
        _ => None,
    });
    let desired =
        search.desired.values().filter(|one| one.address().kind() == Kind::Topic).map(|one| one.name().to_owned());
    led_to.chain(desired).filter(|name| Topic::address_of_name(scope, name).is_some()).collect()
}
