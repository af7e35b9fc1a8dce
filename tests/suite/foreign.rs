//! What is not ours stays untouched: things whose names begin like ours, things under our very names, and things that
//! others attached to ours.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::letter;
use super::support::proxy::{Proxy, Script};
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::survey::survey;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const READS: [&str; 6] = ["Get", "List", "Describe", "Test", "Receive", "GET "];

pub fn events(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("events", &format!("AWSEvents.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

pub fn connection(account: &Account, name: &str) -> Value {
    let key = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "X-Key", "ApiKeyValue": "v" } });
    let body = json!({ "Name": name, "AuthorizationType": "API_KEY", "AuthParameters": key, "Description": "theirs" });
    events(account, "CreateConnection", &body)["ConnectionArn"].clone()
}

pub fn destination(account: &Account, name: &str, connection: &Value) {
    let body = json!({ "Name": name, "ConnectionArn": connection, "InvocationEndpoint": "https://example.com/theirs",
        "HttpMethod": "POST", "Description": "theirs" });
    events(account, "CreateApiDestination", &body);
}

pub fn rule(account: &Account, name: &str) {
    events(
        account,
        "PutRule",
        &json!({ "Name": name, "EventPattern": r#"{"source":["theirs"]}"#, "Description": "theirs" }),
    );
    let target = json!({ "Id": "slack", "Arn": "arn:aws:sqs:us-east-1:123456789012:theirs" });
    events(account, "PutTargets", &json!({ "Rule": name, "Targets": [target] }));
}

pub fn role(account: &Account, name: &str, path: &str) {
    let form = [("RoleName", name), ("Path", path), ("AssumeRolePolicyDocument", TRUST), ("Description", "theirs")];
    let (status, xml) = account.query("iam", "CreateRole", &form);
    assert_eq!(status, 200, "{xml}");
}

pub fn queue(account: &Account, name: &str) {
    let (status, answer) =
        account.json("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": name, "tags": { "owner": "them" } }));
    assert_eq!(status, 200, "{answer}");
}

fn neighbours(account: &Account) {
    let theirs = connection(account, "trailbell-sec-other_slack_connection");
    connection(account, "trailbell-sec_theirs");
    connection(account, "trailbell-sec_theirs_connection");
    destination(account, "trailbell-sec-other_slack_destination", &theirs);
    destination(account, "trailbell-sec_theirs_destination", &theirs);
    rule(account, "trailbell-sec-other_relay_rule");
    rule(account, "trailbell-sec_theirs_rule");
    rule(account, "trailbell-secret");
    rule(account, "trailbell-sec_relay_rule-old");
    events(account, "CreateEventBus", &json!({ "Name": "trailbell-sec-other_relay_bus" }));
    events(account, "CreateEventBus", &json!({ "Name": "trailbell-sec_theirs_bus" }));
    role(account, "trailbell-sec_slack-us-east-1", "/trailbell/sec/");
    role(account, "trailbell-sec_slack-eu-west-1_role", "/trailbell/sec/");
    queue(account, "trailbell-sec_slack_dead-letter-queue-old");
    queue(account, "trailbell-sec-other_slack_dead-letter-queue");
}

fn neighbours_stay(emulator: &Emulator) {
    let account = Account::new(emulator);
    neighbours(&account);
    let before = survey(&account);
    let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
    // One of them looks like the stack's role for another region.
    stack.run(&["apply", "--yes", "--allow", "another-region"]).expect(0);
    stack.assert_unchanged();
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(survey(&account), before, "{}", emulator.name);
}

#[test]
fn things_whose_names_begin_like_ours_stay_on_ministack() {
    neighbours_stay(ministack());
}

#[test]
fn things_whose_names_begin_like_ours_stay_on_moto() {
    neighbours_stay(moto());
}

/// Runs a command that must be refused: the refusal names the thing and a fix, and no call changed anything.
fn refused(account: &Account, emulator: &Emulator, arguments: &[&str], named: &str) -> Run {
    let proxy = Proxy::start(&emulator.url, Script::new());
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let before = survey(account);
    let run = stack.run(arguments).expect(5);
    assert!(run.err.contains(named) && run.err.contains("nothing was changed"), "{run:?}");
    let changing: Vec<String> =
        proxy.operations().into_iter().filter(|one| !READS.iter().any(|read| one.starts_with(read))).collect();
    assert!(changing.is_empty(), "{changing:?}");
    assert_eq!(survey(account), before);
    run
}

#[test]
fn a_stranger_under_a_name_of_ours_is_refused() {
    type Make = fn(&Account);
    let strangers: &[(&str, Make)] = &[
        ("trailbell-sec_slack_connection", |account| drop(connection(account, "trailbell-sec_slack_connection"))),
        ("trailbell-sec_slack_destination", |account| {
            let theirs = connection(account, "theirs");
            destination(account, "trailbell-sec_slack_destination", &theirs);
        }),
        ("trailbell-sec_slack-us-east-1_role", |account| role(account, "trailbell-sec_slack-us-east-1_role", "/")),
        ("trailbell-sec_slack-us-east-1_role", |account| {
            role(account, "trailbell-sec_slack-us-east-1_role", "/trailbell/sec/")
        }),
        ("trailbell-sec_slack_dead-letter-queue", |account| queue(account, "trailbell-sec_slack_dead-letter-queue")),
        ("trailbell-sec_cloudtrail-stop-logging_rule", |account| {
            rule(account, "trailbell-sec_cloudtrail-stop-logging_rule")
        }),
        ("trailbell-sec_relay_bus", |account| {
            events(account, "CreateEventBus", &json!({ "Name": "trailbell-sec_relay_bus" }));
        }),
    ];
    for emulator in [ministack(), moto()] {
        for (name, make) in strangers {
            let account = Account::new(emulator);
            make(&account);
            refused(&account, emulator, &["plan"], name);
            refused(&account, emulator, &["apply", "--yes"], name);
        }
    }
}

#[test]
fn a_connection_made_anew_by_hand_is_a_stranger_where_arns_are_unique() {
    let emulator = moto();
    let account = Account::new(emulator);
    Stack::new(WEBHOOK, &account.env(&emulator.url)).apply();
    events(&account, "DeleteConnection", &json!({ "Name": "trailbell-sec_slack_connection" }));
    connection(&account, "trailbell-sec_slack_connection");
    refused(&account, emulator, &["apply", "--yes"], "trailbell-sec_slack_connection");
}

#[test]
fn what_others_attached_to_ours_stops_the_removal() {
    type Attach = fn(&Account);
    let attached: &[(&str, Attach)] = &[
        ("the inline policy `theirs`", |account| {
            let policy = TRUST.replace(r#""Principal":{"Service":"lambda.amazonaws.com"},"#, r#""Resource":"*","#);
            let form = [
                ("RoleName", "trailbell-sec_slack-us-east-1_role"),
                ("PolicyName", "theirs"),
                ("PolicyDocument", policy.as_str()),
            ];
            assert_eq!(account.query("iam", "PutRolePolicy", &form).0, 200);
        }),
        ("the rule `theirs`", |account| {
            let pattern = r#"{"source":["theirs"]}"#;
            let body = json!({ "Name": "theirs", "EventBusName": "trailbell-sec_relay_bus", "EventPattern": pattern });
            events(account, "PutRule", &body);
        }),
        ("the target `theirs`", |account| {
            let target = json!({ "Id": "theirs", "Arn": "arn:aws:sqs:us-east-1:123456789012:theirs" });
            events(
                account,
                "PutTargets",
                &json!({ "Rule": "trailbell-sec_cloudtrail-stop-logging_rule", "Targets": [target] }),
            );
        }),
    ];
    for emulator in [ministack(), moto()] {
        for (what, attach) in attached {
            let account = Account::new(emulator);
            let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
            stack.apply();
            attach(&account);
            refused(&account, emulator, &["destroy", "--yes"], what);
            let (code, plan) = stack.plan();
            assert_eq!((code, plan["steps"].as_array().map(Vec::len)), (3, Some(0)), "{plan}");
            assert!(plan["extras"].to_string().contains(what), "{plan}");
        }
    }
}

/// What is changed by hand before the plan, and how its mark is removed after it.
struct Taken {
    address: &'static str,
    drift: fn(&Account),
    take: fn(&Account),
}

fn called(account: &Account, service: &str, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json(service, operation, body);
    assert_eq!(status, 200, "{operation} {body}: {answer}");
    answer
}

const TAKEN: &[Taken] = &[
    Taken {
        address: "rule.cloudtrail-stop-logging",
        drift: |account| {
            let rule = json!({ "Name": "trailbell-sec_cloudtrail-stop-logging_rule" });
            called(account, "events", "AWSEvents.DisableRule", &rule);
        },
        take: |account| {
            let name = "trailbell-sec_cloudtrail-stop-logging_rule";
            let arn = format!("arn:aws:events:us-east-1:{}:rule/{name}", account.id);
            let untagged = json!({ "ResourceARN": arn, "TagKeys": ["trailbell:stack"] });
            called(account, "events", "AWSEvents.UntagResource", &untagged);
            let pattern = r#"{"source":["theirs"]}"#;
            let rule = json!({ "Name": name, "Description": "theirs", "EventPattern": pattern, "State": "DISABLED" });
            called(account, "events", "AWSEvents.PutRule", &rule);
        },
    },
    Taken {
        address: "queue.slack",
        drift: |account| letter::set(account, &json!({ "MessageRetentionPeriod": "60" })),
        take: |account| {
            let untagged = json!({ "QueueUrl": letter::queue(account), "TagKeys": ["trailbell:stack"] });
            called(account, "sqs", "AmazonSQS.UntagQueue", &untagged);
        },
    },
    Taken {
        address: "api_destination.slack",
        drift: |account| {
            let slow = json!({ "Name": "trailbell-sec_slack_destination", "InvocationRateLimitPerSecond": 7 });
            called(account, "events", "AWSEvents.UpdateApiDestination", &slow);
        },
        take: |account| {
            let theirs = json!({ "Name": "trailbell-sec_slack_destination", "Description": "theirs" });
            called(account, "events", "AWSEvents.UpdateApiDestination", &theirs);
        },
    },
];

#[test]
fn what_loses_its_mark_after_the_plan_is_not_changed() {
    for taken in TAKEN {
        let account = Account::new(ministack());
        Stack::new(WEBHOOK, &account.env(&ministack().url)).apply();
        (taken.drift)(&account);
        let (hand, owner, seen) = (taken.take, account.clone(), Arc::new(Mutex::new(None)));
        let as_taken = Arc::clone(&seen);
        // The lock is taken after the plan was made.
        let script = Script::new().with(move |call| {
            let mut seen = as_taken.lock().expect("no test failed here");
            if call.operation == "CreateLogStream" && seen.is_none() {
                hand(&owner);
                *seen = Some(survey(&owner));
            }
            None
        });
        let proxy = Proxy::start(&ministack().url, script);
        let told = Stack::new(WEBHOOK, &account.env(&proxy.url)).run(&["apply", "--yes"]).expect(1);
        let all = format!("{}{}", told.out, told.err);
        assert!(all.contains(taken.address) && all.contains("does not carry the stack's mark any more"), "{told:?}");
        let seen = seen.lock().expect("no test failed here").take().expect("it was taken");
        assert_eq!(survey(&account), seen, "{}", taken.address);
    }
}
