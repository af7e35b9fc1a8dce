//! Subscriptions of the stack's SNS topics: those of email addresses, and what others subscribed.

use futures_util::future::try_join_all;
use serde_json::Value;

use super::call::Service;
use super::read::Observations;
use super::wait::gone_is_fine;
use super::{Aws, Manage};
use crate::live::{Observed, Obstacle};
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, Search};
use crate::resource::{EMAIL, Resource, Subscription, Topic};

const SUBSCRIBE: &str = "sns:Subscribe";
const SET: &str = "sns:SetSubscriptionAttributes";
const FILTER_POLICY: &str = "FilterPolicy";
/// What SNS gives instead of the ARN of one that is gone and still listed.
const DELETED: &str = "Deleted";

impl Manage for Subscription {
    // `Subscribe` succeeds for one that exists.
    async fn create(&self, aws: &Aws, scope: &Scope, _context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let request = aws.sns.subscribe().topic_arn(scope.topic_arn(&self.topic)).protocol(EMAIL).endpoint(&self.email);
        let made = aws.call(Service::Sns, SUBSCRIBE, || request.clone().send()).await?;
        Ok(made.subscription_arn.filter(|arn| is_arn(arn)))
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        if live.filter_policy == self.filter_policy {
            return Ok(());
        }
        let Some(arn) = arn(self, aws, scope, context).await? else {
            return Err(ProviderError::new(SET, ErrorKind::Absent, "the subscription is gone or not confirmed yet"));
        };
        // An empty one removes it.
        let filter = self.filter_policy.as_ref().map_or_else(|| "{}".to_owned(), Value::to_string);
        let request = aws
            .sns
            .set_subscription_attributes()
            .subscription_arn(arn)
            .attribute_name(FILTER_POLICY)
            .attribute_value(filter);
        aws.call(Service::Sns, SET, || request.clone().send()).await.map(|_| ())
    }

    // No call removes one that is pending; it goes with the topic, or after 48 hours.
    async fn delete(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        match arn(self, aws, scope, context).await? {
            Some(arn) => unsubscribe(aws, &arn).await,
            None => Ok(()),
        }
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

/// Its ARN; none while it is pending.
async fn arn(
    one: &Subscription,
    aws: &Aws,
    scope: &Scope,
    context: &Context<'_>,
) -> Result<Option<String>, ProviderError> {
    if let Some(arn) = context.arns.get(&one.address) {
        return Ok(Some(arn.clone()));
    }
    let all = list(aws, &scope.topic_arn(&one.topic)).await?;
    let is_it = |found: &ListedSubscription| found.protocol == EMAIL && found.endpoint == one.email;
    Ok(all.into_iter().find(is_it).and_then(|found| found.arn))
}

async fn unsubscribe(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    let request = aws.sns.unsubscribe().subscription_arn(arn);
    gone_is_fine(aws.call(Service::Sns, "sns:Unsubscribe", || request.clone().send()).await).map(|_| ())
}

/// A subscription in the list of its topic.
struct ListedSubscription {
    protocol: String,
    endpoint: String,
    /// None while it is pending.
    arn: Option<String>,
}

async fn list(aws: &Aws, topic: &str) -> Result<Vec<ListedSubscription>, ProviderError> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let request = aws.sns.list_subscriptions_by_topic().topic_arn(topic).set_next_token(token);
        let sent = aws.call(Service::Sns, "sns:ListSubscriptionsByTopic", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { return Ok(all) };
        let found = page.subscriptions.unwrap_or_default().into_iter();
        all.extend(found.filter(|one| one.subscription_arn.as_deref() != Some(DELETED)).map(|one| {
            ListedSubscription {
                protocol: one.protocol.unwrap_or_default(),
                endpoint: one.endpoint.unwrap_or_default(),
                arn: one.subscription_arn.filter(|arn| is_arn(arn)),
            }
        }));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// The subscriptions of a topic of the stack. One that is pending and that the file does not ask for receives nothing, and cannot
/// be removed: it counts as gone.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    topic: &str,
) -> Result<Observations, ProviderError> {
    let Some(of) = Topic::address_of_name(scope, topic) else { return Ok(Observations::default()) };
    let (emails, others): (Vec<ListedSubscription>, Vec<ListedSubscription>) =
        list(aws, &scope.topic_arn(topic)).await?.into_iter().partition(|one| one.protocol == EMAIL);
    let address = |one: &ListedSubscription| Subscription::address_in(scope.region(), of.id.base(), &one.endpoint);
    let counts = |one: &ListedSubscription| one.arn.is_some() || search.desired.contains_key(&address(one));
    let looks = emails.into_iter().filter(counts).map(|one| async {
        let subscription = Subscription {
            address: address(&one),
            topic: topic.to_owned(),
            filter_policy: match &one.arn {
                Some(arn) => filter_policy(aws, arn).await?,
                None => None,
            },
            is_pending: one.arn.is_none(),
            email: one.endpoint,
        };
        Ok(Observed { resource: Resource::Subscription(subscription), arn: one.arn, is_marked: false })
    });
    let observed = try_join_all(looks).await?;
    let obstacle = |one: ListedSubscription| Obstacle {
        address: of.clone(),
        what: format!("the subscription `{}/{}`", one.protocol, one.endpoint),
    };
    Ok(Observations { observed, obstacles: others.into_iter().map(obstacle).collect() })
}

/// The filter that keeps messages from a subscriber.
async fn filter_policy(aws: &Aws, arn: &str) -> Result<Option<Value>, ProviderError> {
    let request = aws.sns.get_subscription_attributes().subscription_arn(arn);
    let sent = aws.call(Service::Sns, "sns:GetSubscriptionAttributes", || request.clone().send()).await;
    let attributes = gone_is_fine(sent)?.and_then(|found| found.attributes).unwrap_or_default();
    let text = attributes.get(FILTER_POLICY).filter(|text| !text.is_empty() && text.as_str() != "{}");
    Ok(text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())))
}

/// Removes what others subscribed to a topic of ours.
pub(super) async fn remove_theirs(aws: &Aws, scope: &Scope, topic: &str, name: &str) -> Result<(), ProviderError> {
    for one in list(aws, &scope.topic_arn(topic)).await? {
        if format!("{}/{}", one.protocol, one.endpoint) == name
            && let Some(arn) = one.arn
        {
            unsubscribe(aws, &arn).await?;
        }
    }
    Ok(())
}
