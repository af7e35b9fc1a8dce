//! Subscription of an email address to the stack's SNS topic.
//!
//! The reader of the mail has to confirm it. Until then it is *pending*: it receives nothing, has no ARN, and no call can remove
//! it. SNS removes it after 48 hours
//! (<https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/>), and the next
//! apply asks again. Pending is neither a difference nor a failure: people are told whom it waits for.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::about::{ANY, Calls, When};
use super::address::{Identify, by_text};
use super::edge::{Edge, EdgeEnd, Relation};
use super::topic::TOPICS;
use super::{About, Address, Describe, Field, Id, Topic};
use crate::name::Scope;

/// The protocol of all subscriptions that trailbell makes.
pub const EMAIL: &str = "email";

/// What tells a subscription from others: `on-call/a@example.com` is that of the address to the topic `on-call`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionId {
    /// The id of its topic.
    pub topic: String,
    /// The email address.
    pub email: String,
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.email)
    }
}

impl Identify for SubscriptionId {
    fn base(&self) -> &str {
        &self.topic
    }

    fn read(text: &str) -> Option<Self> {
        let (topic, email) = text.split_once('/')?;
        Some(Self { topic: topic.to_owned(), email: email.to_owned() })
    }
}

impl Ord for SubscriptionId {
    fn cmp(&self, other: &Self) -> Ordering {
        by_text(self, other)
    }
}

impl PartialOrd for SubscriptionId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A subscription of an email address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Its identity.
    pub address: Address,
    /// The name of its topic in AWS.
    pub topic: String,
    /// The email address.
    pub email: String,
    /// A filter that someone set, which keeps messages from the address; trailbell sets none.
    pub filter_policy: Option<Value>,
    /// Whether someone has to confirm it before it receives anything, as for every new one. Not a property that is compared.
    #[serde(default)]
    pub is_pending: bool,
}

impl Subscription {
    /// The address of a subscription in a region.
    #[must_use]
    pub fn address_in(region: &str, topic: &str, email: &str) -> Address {
        Address::new(region, Id::Subscription(SubscriptionId { topic: topic.to_owned(), email: email.to_owned() }))
    }
}

impl Describe for Subscription {
    const ABOUT: About = About {
        name: "subscription",
        suffix: "subscription",
        title: "SNS subscription",
        found: "in the list of its topic's subscriptions",
        quota: "one per email address of an entry of `sns`",
        calls: &[
            Calls::new(When::Plan, &["sns:ListSubscriptionsByTopic"], TOPICS),
            Calls::new(When::Plan, &["sns:GetSubscriptionAttributes"], ANY),
            Calls::new(When::Apply, &["sns:Subscribe"], TOPICS),
            Calls::new(When::Apply, &["sns:SetSubscriptionAttributes", "sns:Unsubscribe"], ANY),
            Calls::new(When::Destroy, &["sns:Unsubscribe"], ANY),
        ],
        note: "IAM knows no resource for calls on one subscription (Service Authorization Reference, \"Amazon SNS\").",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.email
    }

    fn unique_name(&self) -> String {
        format!("{}/{}", self.topic, self.email)
    }

    // Its topic has the name that counts.
    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        Topic::address_of_name(scope, &self.topic).is_some()
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        let topic = Topic::address_of_name(scope, &self.topic)
            .map(|topic| Address { region: self.address.region.clone(), ..topic });
        vec![Edge::new(Relation::PartOf, EdgeEnd::known(topic, &self.topic))]
    }

    fn waits_for(&self) -> Option<String> {
        let waits = "receives nothing until then, and SNS removes a subscription that is not confirmed within 48 hours";
        self.is_pending.then(|| format!("waiting for {} to confirm the subscription ({waits})", self.email))
    }

    // One that is confirmed stays so.
    fn keep(&mut self, before: Option<&Self>) {
        self.is_pending = before.is_none_or(|before| before.is_pending);
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("protocol", EMAIL),
            Field::plain("endpoint", self.email.as_str()),
            Field::plain("filter_policy", self.filter_policy.clone().unwrap_or_default()),
        ]
    }
}
