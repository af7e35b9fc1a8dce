//! A topic of the stack with the email addresses that are subscribed to it.

use serde_json::json;

use crate::name::Scope;
use crate::resource::mark::tags;
use crate::resource::{EVENTS, Kind, Policy, Resource, Subscription, Topic};

/// The statement that lets EventBridge publish to a topic, whoever made it. It has no condition: see [`Topic`].
#[must_use]
pub fn publish(arn: &str) -> Policy {
    Policy::of(&json!({
        "Effect": "Allow", "Principal": { "Service": EVENTS }, "Action": "sns:Publish", "Resource": arn,
    }))
}

/// The topic of a destination, and a subscription for each address.
#[must_use]
pub fn topic(scope: &Scope, id: &str, emails: &[String]) -> Vec<Resource> {
    let name = scope.name(id, Kind::Topic.suffix());
    let subscription = |email: &String| {
        Resource::Subscription(Subscription {
            address: Subscription::address_in(scope.region(), id, email),
            topic: name.clone(),
            email: email.clone(),
            filter_policy: None,
            is_pending: true,
        })
    };
    let subscriptions: Vec<Resource> = emails.iter().map(subscription).collect();
    let topic = Topic {
        address: Topic::address_in(scope.region(), id),
        display_name: format!("trailbell {}", scope.stack()),
        kms_key: None,
        policy: Some(publish(&scope.topic_arn(&name))),
        tags: tags(scope),
        name,
    };
    std::iter::once(Resource::Topic(topic)).chain(subscriptions).collect()
}
