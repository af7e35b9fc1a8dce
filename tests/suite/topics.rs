//! SNS topics and the addresses subscribed to them on ministack: made, changed by hand and repaired, removed without a trace.
//!
//! ministack confirms email subscriptions by itself; that one can be pending is tested in the sandbox.

use std::time::Duration;

use serde_json::{Value, json};
use trailbell::compile::topic::topic;
use trailbell::plan::{self, PlanError};
use trailbell::resource::{ResourceSet, set};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::inside::{Inside, on};
use super::support::sink::Sink;
use super::support::stack::{Stack, WEBHOOK};
use super::support::{survey, trail};

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

const CARD: &str = r"blueprint: mine
title: Something was ordered
severity: low
description: Somebody ordered something.
alert:
  pattern: { source: [my.app] }
  from_anyone: it is a test
  message:
    input_paths: { user: $.detail.user, words: $.detail.words }
    holds: { user: identifier, words: text }
    card: { facts: { User: <user>, Words: <words> } }
tests:
  - name: fires
    event: { source: my.app, account: '123456789012', region: us-east-1, detail: { user: u1, words: x } }
    expect: { matches: true }
  - name: does not match
    event: { source: other.app }
    expect: { matches: false }
";

/// A queue of others that is subscribed to a topic, to see what arrives there.
fn subscribed(account: &Account, topic: &str) -> String {
    let queue = format!("arn:aws:sqs:us-east-1:{}:seen", account.id);
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage", "Resource": queue,
    }] });
    let asked = json!({ "QueueName": "seen", "Attributes": { "Policy": policy.to_string() } });
    let (status, made) = account.json("sqs", "AmazonSQS.CreateQueue", &asked);
    assert_eq!(status, 200, "{made}");
    let form = [("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", queue.as_str())];
    let (status, xml) = account.query("sns", "Subscribe", &form);
    assert_eq!(status, 200, "{xml}");
    made["QueueUrl"].as_str().expect("a URL").to_owned()
}

/// The next message that arrived.
fn received(account: &Account, url: &str) -> String {
    for _ in 0..100 {
        let (_, answer) = account.json("sqs", "AmazonSQS.ReceiveMessage", &json!({ "QueueUrl": url }));
        if let Some(one) = answer["Messages"].get(0) {
            let gone = json!({ "QueueUrl": url, "ReceiptHandle": one["ReceiptHandle"] });
            assert_eq!(account.json("sqs", "AmazonSQS.DeleteMessage", &gone).0, 200);
            let envelope: Value = serde_json::from_str(one["Body"].as_str().expect("a body")).expect("JSON");
            return envelope["Message"].as_str().expect("a message").to_owned();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("nothing arrived");
}

fn put(account: &Account, words: &str) {
    let detail = json!({ "user": "u1", "words": words }).to_string();
    let entry = json!({ "Source": "my.app", "DetailType": "order", "Detail": detail });
    let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)));
}

#[test]
fn an_alert_goes_to_slack_and_to_a_topic_at_once() {
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    let text = WEBHOOK
        .replace("alerts:\n", "sns:\n  on-call: { email: [a@example.com] }\nalerts:\n")
        .replace("cloudtrail-stop-logging", "./mine.yaml\n    to: [slack, on-call]");
    let mut stack = Stack::new(&text, &account.env(&emulator.url));
    stack.write("mine.yaml", CARD);
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    let fired = stack.run(&["fire"]).expect(0).out;
    assert!(fired.contains("publishes to the SNS topic") && fired.contains("[low] Something was ordered"), "{fired}");
    stack.apply();
    stack.assert_unchanged();
    let topic = format!("arn:aws:sns:us-east-1:{}:trailbell-sec_on-call_topic", account.id);
    let seen = subscribed(&account, &topic);
    put(&account, "a \"quote\"");
    let message = received(&account, &seen);
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines[..4],
        [r#""[low] Something was ordered""#, r#""Somebody ordered something.""#, r#""User: u1""#, r#""Words: …""#]
    );
    assert_eq!(sink.wait_for(1, Duration::from_secs(20)).len(), 1, "and in Slack");
    trail::logging(&account, "main");
    let verified = stack.run(&["verify", "--wait", "0", "--output", "json"]).json();
    assert_eq!(verified["alerts"][0]["result"], "accepted", "{verified}");
    assert!(received(&account, &seen).starts_with("\"[TEST] This is a test by trailbell verify"));
    let refused = stack.run(&["destroy", "--yes"]);
    assert_ne!(refused.code, 0, "the queue's subscription is theirs: {refused:#?}");
    let (_, xml) = account.query("sns", "ListSubscriptionsByTopic", &[("TopicArn", &topic)]);
    for one in xml.split("<member>").filter(|one| one.contains("<Protocol>sqs<")) {
        let arn = one.split("<SubscriptionArn>").nth(1).and_then(|rest| rest.split('<').next()).expect("an ARN");
        assert_eq!(account.query("sns", "Unsubscribe", &[("SubscriptionArn", arn)]).0, 200);
    }
    stack.run(&["destroy", "--yes"]).expect(0);
    let (_, left) = account.query("sns", "ListTopics", &[]);
    assert!(!left.contains("trailbell-sec_"), "{left}");
    assert!(
        !survey::names(&account).iter().any(|name| name.starts_with("trailbell-sec_")),
        "{:?}",
        survey::names(&account)
    );
}

#[test]
fn the_policy_of_a_topic_of_others_is_read_and_never_written() {
    let emulator = ministack();
    let account = Account::new(emulator);
    let topic = format!("arn:aws:sns:us-east-1:{}:theirs", account.id);
    let sns = |action: &str, form: &[(&str, &str)]| {
        let (status, xml) = account.query("sns", action, form);
        assert_eq!(status, 200, "{xml}");
    };
    let text = WEBHOOK
        .replace("alerts:\n", &format!("sns:\n  chat: {{ topic: \"{topic}\", format: amazon-q }}\nalerts:\n"))
        .replace("cloudtrail-stop-logging", "./mine.yaml\n    to: chat");
    let stack = Stack::new(&text, &account.env(&emulator.url));
    stack.write("mine.yaml", CARD);
    let notes = || stack.plan().1["notes"].to_string();
    assert!(notes().contains("does not exist"), "{}", notes());
    sns("CreateTopic", &[("Name", "theirs")]);
    let set = |statements: &Value| {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let form = [("TopicArn", topic.as_str()), ("AttributeName", "Policy"), ("AttributeValue", policy.as_str())];
        sns("SetTopicAttributes", &form);
    };
    set(&json!([]));
    assert!(notes().contains("add this statement to its policy"), "{}", notes());
    let attributes = || {
        let (_, xml) = account.query("sns", "GetTopicAttributes", &[("TopicArn", topic.as_str())]);
        let found = xml.split("<Attributes>").nth(1).and_then(|rest| rest.split("</Attributes>").next());
        found.expect("attributes").to_owned()
    };
    let before = attributes();
    stack.apply();
    assert_eq!(attributes(), before, "it is the topic of others");
    let open = json!([{ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sns:Publish", "Resource": topic }]);
    set(&open);
    assert!(!notes().contains("policy"), "{}", notes());
    stack.assert_unchanged();
    let seen = subscribed(&account, &topic);
    put(&account, "a \"quote\" and a \n line");
    let message: Value = serde_json::from_str(&received(&account, &seen)).expect("JSON");
    assert_eq!(message["version"], "1.0");
    assert_eq!(message["content"]["textType"], "client-markdown");
    assert_eq!(message["metadata"]["additionalContext"]["words"], "a \"quote\" and a \n line");
    stack.run(&["destroy", "--yes"]).expect(0);
    let (_, left) = account.query("sns", "ListTopics", &[]);
    assert!(left.contains(":theirs<"), "{left}");
}
