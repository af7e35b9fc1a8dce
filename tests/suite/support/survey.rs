//! What an account holds, asked with raw calls and not through trailbell.

use serde_json::{Value, json};

use super::api::Account;

/// Everything in events, IAM and SQS, as the emulator describes it, by kind and name.
pub fn survey(account: &Account) -> Value {
    json!({
        "rules": rules(account, "default"), "buses": buses(account), "connections": connections(account), "destinations": destinations(account),
        "roles": roles(account), "queues": queues(account),
    })
}

/// The names of everything.
pub fn names(account: &Account) -> Vec<String> {
    let survey = survey(account);
    let kinds = survey.as_object().expect("an object");
    kinds.values().flat_map(|kind| kind.as_object().expect("an object").keys().cloned()).collect()
}

fn events(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("events", &format!("AWSEvents.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

fn listed(answer: &Value, list: &str) -> Vec<String> {
    let items = answer[list].as_array().cloned().unwrap_or_default();
    items.iter().map(|one| one["Name"].as_str().expect("a name").to_owned()).collect()
}

fn rules(account: &Account, bus: &str) -> Value {
    let names = listed(&events(account, "ListRules", &json!({ "EventBusName": bus })), "Rules");
    let all = names.into_iter().map(|name| {
        let rule = events(account, "DescribeRule", &json!({ "Name": name, "EventBusName": bus }));
        let asked = json!({ "Rule": name, "EventBusName": bus });
        let targets = events(account, "ListTargetsByRule", &asked)["Targets"].clone();
        let tags = events(account, "ListTagsForResource", &json!({ "ResourceARN": rule["Arn"] }))["Tags"].clone();
        (name, json!({ "rule": rule, "targets": targets, "tags": tags }))
    });
    Value::Object(all.collect())
}

/// The buses besides the default one, and each rule on them.
fn buses(account: &Account) -> Value {
    let names = listed(&events(account, "ListEventBuses", &json!({})), "EventBuses");
    let mut all = serde_json::Map::new();
    for name in names.into_iter().filter(|name| name != "default") {
        let bus = events(account, "DescribeEventBus", &json!({ "Name": name }));
        if let Value::Object(rules) = rules(account, &name) {
            all.extend(rules.into_iter().map(|(rule, found)| (format!("{name}/{rule}"), found)));
        }
        all.insert(name, bus);
    }
    Value::Object(all)
}

fn connections(account: &Account) -> Value {
    let names = listed(&events(account, "ListConnections", &json!({})), "Connections");
    let all = names.into_iter().map(|name| {
        let found = events(account, "DescribeConnection", &json!({ "Name": name }));
        (name, found)
    });
    Value::Object(all.collect())
}

fn destinations(account: &Account) -> Value {
    let names = listed(&events(account, "ListApiDestinations", &json!({})), "ApiDestinations");
    let all = names.into_iter().map(|name| {
        let found = events(account, "DescribeApiDestination", &json!({ "Name": name }));
        (name, found)
    });
    Value::Object(all.collect())
}

fn roles(account: &Account) -> Value {
    let (status, xml) = account.query("iam", "ListRoles", &[]);
    assert_eq!(status, 200, "{xml}");
    let names = xml.split("<RoleName>").skip(1).filter_map(|part| part.split_once("</RoleName>")).map(|(name, _)| name);
    let all = names.map(|name| {
        let (_, role) = account.query("iam", "GetRole", &[("RoleName", name)]);
        let (_, policies) = account.query("iam", "ListRolePolicies", &[("RoleName", name)]);
        (name.to_owned(), json!({ "role": without_request_id(&role), "policies": without_request_id(&policies) }))
    });
    Value::Object(all.collect())
}

/// The part of an answer that is about the thing asked for.
fn without_request_id(xml: &str) -> String {
    xml.split("<ResponseMetadata>").next().unwrap_or(xml).to_owned()
}

fn queues(account: &Account) -> Value {
    let (status, answer) = account.json("sqs", "AmazonSQS.ListQueues", &json!({}));
    assert_eq!(status, 200, "{answer}");
    let urls = answer["QueueUrls"].as_array().cloned().unwrap_or_default();
    let all = urls.iter().filter_map(Value::as_str).map(|url| {
        let (_, attributes) =
            account.json("sqs", "AmazonSQS.GetQueueAttributes", &json!({ "QueueUrl": url, "AttributeNames": ["All"] }));
        let (_, tags) = account.json("sqs", "AmazonSQS.ListQueueTags", &json!({ "QueueUrl": url }));
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        (name, json!({ "attributes": attributes["Attributes"], "tags": tags["Tags"] }))
    });
    Value::Object(all.collect())
}
