//! SNS topics and the addresses subscribed to them on ministack: made, changed by hand and repaired, removed without a trace.
//!
//! ministack confirms email subscriptions by itself; that one can be pending is tested in the sandbox.

use serde_json::json;
use trailbell::compile::topic::topic;
use trailbell::plan::{self, PlanError};
use trailbell::resource::{ResourceSet, set};

use super::support::emulator::ministack;
use super::support::inside::{Inside, on};

fn wanted(world: &Inside, emails: &[&str]) -> ResourceSet {
    let emails: Vec<String> = emails.iter().map(|one| (*one).to_owned()).collect();
    set(topic(&world.scope, "on-call", &emails))
}

fn sns(world: &Inside, action: &str, form: &[(&str, &str)]) -> String {
    let (status, xml) = world.account.query("sns", action, form);
    assert_eq!(status, 200, "{action}: {xml}");
    xml
}

fn arn(world: &Inside) -> String {
    world.scope.topic_arn("trailbell-sec_on-call_topic")
}

#[test]
fn a_topic_comes_changes_and_goes_with_its_subscriptions() {
    on(&[ministack], "topics::a_topic_comes_changes_and_goes_with_its_subscriptions", |world| {
        sns(world, "CreateTopic", &[("Name", "trailbell-other_on-call_topic")]);
        let both = wanted(world, &["a@example.com", "b@example.com"]);
        let created = ["subscription.on-call/a@example.com", "subscription.on-call/b@example.com", "topic.on-call"];
        assert_eq!(world.changes(&both), created.map(|one| format!("create {one}: ")));
        world.apply(&both);
        let xml = sns(world, "ListSubscriptionsByTopic", &[("TopicArn", &arn(world))]);
        assert_eq!(xml.matches("<Protocol>email</Protocol>").count(), 2, "{xml}");
        let one = wanted(world, &["a@example.com"]);
        assert_eq!(world.changes(&one), ["delete subscription.on-call/b@example.com: "]);
        world.apply(&one);
        world.destroy();
        let left = sns(world, "ListTopics", &[]);
        assert!(!left.contains("trailbell-sec_") && left.contains("trailbell-other_"), "{left}");
        sns(world, "DeleteTopic", &[("TopicArn", &world.scope.topic_arn("trailbell-other_on-call_topic"))]);
    });
}

#[test]
fn what_a_hand_changes_is_put_back() {
    on(&[ministack], "topics::what_a_hand_changes_is_put_back", |world| {
        let wanted = wanted(world, &["a@example.com"]);
        world.apply(&wanted);
        let topic = arn(world);
        let set = |name: &str, value: &str| {
            sns(
                world,
                "SetTopicAttributes",
                &[("TopicArn", &topic), ("AttributeName", name), ("AttributeValue", value)],
            );
        };
        set("DisplayName", "theirs");
        assert_eq!(world.changes(&wanted), ["update topic.on-call: display_name"]);
        world.apply(&wanted);
        set("Policy", &json!({ "Version": "2012-10-17", "Statement": [] }).to_string());
        assert_eq!(world.changes(&wanted), ["update topic.on-call: policy"]);
        world.apply(&wanted);
        let xml = sns(world, "ListSubscriptionsByTopic", &[("TopicArn", &topic)]);
        let of = xml.split("<SubscriptionArn>").nth(1).and_then(|rest| rest.split('<').next()).expect("an ARN");
        let filter = [("SubscriptionArn", of), ("AttributeName", "FilterPolicy"), ("AttributeValue", r#"{"a":["b"]}"#)];
        sns(world, "SetSubscriptionAttributes", &filter);
        assert_eq!(world.changes(&wanted), ["update subscription.on-call/a@example.com: filter_policy"]);
        world.apply(&wanted);
        sns(world, "Unsubscribe", &[("SubscriptionArn", of)]);
        assert_eq!(world.changes(&wanted), ["create subscription.on-call/a@example.com: "]);
        world.apply(&wanted);
        world.destroy();
    });
}

#[test]
fn a_topic_of_others_under_its_name_is_left_alone_and_so_are_their_subscriptions() {
    let name = "topics::a_topic_of_others_under_its_name_is_left_alone_and_so_are_their_subscriptions";
    on(&[ministack], name, |world| {
        sns(world, "CreateTopic", &[("Name", "trailbell-sec_on-call_topic")]);
        let desired = wanted(world, &["a@example.com"]);
        assert!(matches!(world.plan(&desired), Err(PlanError::Refused(_))), "it is unmanaged");
        sns(world, "DeleteTopic", &[("TopicArn", &arn(world))]);
        world.apply(&desired);
        let queue = format!("arn:aws:sqs:us-east-1:{}:theirs", world.account.id);
        let (status, answer) = world.account.json("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": "theirs" }));
        assert_eq!(status, 200, "{answer}");
        sns(world, "Subscribe", &[("TopicArn", &arn(world)), ("Protocol", "sqs"), ("Endpoint", &queue)]);
        assert_eq!(world.changes(&desired), Vec::<String>::new());
        let extras = world.plan(&desired).expect("a plan").extras;
        assert!(
            matches!(&extras[..], [one] if one.address.starts_with("topic.on-call/subscription.sqs/")),
            "{extras:?}"
        );
        let destroyed = plan::destroy(&world.scope, &world.live(&ResourceSet::new()));
        assert!(matches!(destroyed, Err(PlanError::Refused(_))), "it would take their subscription along");
    });
}
