//! A topic of the stack with the email addresses that are subscribed to it.

use serde_json::json;

use super::DestinationNames;
use crate::alert::Addressee;
use crate::name::Scope;
use crate::resource::mark::tags;
use crate::resource::{Arn, EVENTS, Kind, Policy, Resource, Rule, Subscription, Target, TargetInput, Topic};
use crate::stack::NamedTopic;

/// The statement that lets EventBridge publish to a topic, of the stack or of others. It has no condition: see [`Topic`].
#[must_use]
pub fn publish(arn: &str) -> Policy {
    Policy::of(&json!({
        "Effect": "Allow", "Principal": { "Service": EVENTS }, "Action": "sns:Publish", "Resource": arn,
    }))
}

/// Everything that a topic has as a destination: a queue for what EventBridge cannot publish, and, unless others manage it, itself.
#[must_use]
pub fn destination(one: &NamedTopic, scope: &Scope) -> Vec<Resource> {
    let queue = super::destination::queue(scope, &DestinationNames::of(scope, &one.id));
    let own = if one.arn.is_none() { topic(scope, one.id.as_str(), &one.emails) } else { Vec::new() };
    std::iter::once(Resource::Queue(queue)).chain(own).collect()
}

/// The target of a rule that publishes to a topic. It has no role: see [`Topic`].
pub(super) fn target(rule: &Rule, input: TargetInput, to: &Addressee, scope: &Scope) -> Target {
    let own = || Arn::Of(Topic::address_in(scope.region(), to.id.as_str()));
    let arn = to.topic.clone().map_or_else(own, Arn::Known);
    Target { arn, role_arn: None, ..super::target(rule, input, &to.id, scope) }
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
