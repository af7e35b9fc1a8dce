//! What someone else makes under a name of the stack after the plan was made: the change is refused, and it stays as it is.

use serde_json::{Value, json};
use trailbell::provider::ErrorKind;
use trailbell::resource::{Resource, ResourceSet};

use super::{FUNCTION, THEIRS, add_permission, code, desired, groups, lambda, logs, remove_permission};
use crate::support::api::Account;
use crate::support::inside::{Inside, on_both};

const RULE: &str = "trailbell-sec_root-login_rule";
const QUEUE: &str = "trailbell-sec_slack_dead-letter-queue";
const FILTER: &str = "trailbell-sec_root-login_filter";
const PERMISSION: &str = "trailbell-sec_rules_permission";
const ROLE: (&str, &str) = ("RoleName", "trailbell-sec_slack-function-us-east-1_role");

fn events(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("events", &format!("AWSEvents.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

fn sqs(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("sqs", &format!("AmazonSQS.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// A resource under a name of the stack.
struct Late {
    address: &'static str,
    /// Removes ours by hand, if it must be there for others to have one.
    clear: fn(&Inside),
    /// Makes one that is someone else's.
    make: fn(&Inside, &ResourceSet),
    /// What it is.
    look: fn(&Inside) -> Value,
    /// Removes it.
    remove: fn(&Inside),
}

/// Those that are made before anything of the stack exists.
const NEW: [Late; 3] = [
    Late {
        address: "rule.root-login",
        clear: |_| (),
        make: |world, _| {
            let body = json!({ "Name": RULE, "EventPattern": r#"{"source":["theirs"]}"#, "Description": "theirs" });
            events(&world.account, "PutRule", &body);
        },
        look: |world| events(&world.account, "DescribeRule", &json!({ "Name": RULE })),
        remove: |world| drop(events(&world.account, "DeleteRule", &json!({ "Name": RULE }))),
    },
    Late {
        address: "queue.slack",
        clear: |_| (),
        // The same attributes: `CreateQueue` would take it for what it makes.
        make: |world, desired| {
            let queue = desired.values().find_map(|one| match one {
                Resource::Queue(queue) => Some(queue),
                _ => None,
            });
            let queue = queue.expect("a queue");
            let policy = queue.policy.as_ref().expect("a policy").to_json();
            let attributes = json!({ "MessageRetentionPeriod": queue.retention_seconds.to_string(), "Policy": policy });
            sqs(&world.account, "CreateQueue", &json!({ "QueueName": QUEUE, "Attributes": attributes }));
        },
        look: |world| {
            let url = queue_url(world);
            json!([
                sqs(&world.account, "GetQueueAttributes", &json!({ "QueueUrl": url, "AttributeNames": ["All"] })),
                sqs(&world.account, "ListQueueTags", &json!({ "QueueUrl": url })),
            ])
        },
        remove: |world| drop(sqs(&world.account, "DeleteQueue", &json!({ "QueueUrl": queue_url(world) }))),
    },
    Late {
        address: "subscription_filter.root-login@/theirs/trail",
        clear: |_| (),
        make: |world, _| {
            super::foreign::their_function(world, "theirs");
            super::foreign::their_filter(world, FILTER);
        },
        look: |world| logs(world, "DescribeSubscriptionFilters", &json!({ "logGroupName": THEIRS })),
        remove: |world| {
            logs(world, "DeleteSubscriptionFilter", &json!({ "logGroupName": THEIRS, "filterName": FILTER }));
        },
    },
];

fn queue_url(world: &Inside) -> Value {
    sqs(&world.account, "GetQueueUrl", &json!({ "QueueName": QUEUE }))["QueueUrl"].clone()
}

/// Those that are parts of something of ours.
const PARTS: [Late; 3] = [
    Late {
        address: "target.root-login/function-slack",
        clear: |world| remove_target(world),
        make: |world, _| {
            let target = json!({ "Id": "function-slack", "Arn": "arn:aws:sqs:us-east-1:123456789012:theirs" });
            events(&world.account, "PutTargets", &json!({ "Rule": RULE, "Targets": [target] }));
        },
        look: |world| events(&world.account, "ListTargetsByRule", &json!({ "Rule": RULE })),
        remove: |world| remove_target(world),
    },
    Late {
        address: "permission.slack/rules",
        clear: |world| remove_permission(world, PERMISSION),
        make: |world, _| add_permission(world, PERMISSION, "s3.amazonaws.com"),
        look: |world| {
            lambda(world, "GET", &format!("/2015-03-31/functions/{FUNCTION}/policy"), &Value::Null)["Policy"].clone()
        },
        remove: |world| remove_permission(world, PERMISSION),
    },
    Late {
        address: "role.slack-function",
        clear: |world| inline_policy(world, "DeleteRolePolicy", None),
        make: |world, _| {
            let policy =
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
            inline_policy(world, "PutRolePolicy", Some(policy));
        },
        look: |world| {
            let form = [ROLE, ("PolicyName", "run-function")];
            let (status, xml) = world.account.query("iam", "GetRolePolicy", &form);
            assert_eq!(status, 200, "{xml}");
            xml.split("<ResponseMetadata>").next().unwrap_or_default().into()
        },
        remove: |world| inline_policy(world, "DeleteRolePolicy", None),
    },
];

fn remove_target(world: &Inside) {
    events(&world.account, "RemoveTargets", &json!({ "Rule": RULE, "Ids": ["function-slack"] }));
}

fn inline_policy(world: &Inside, operation: &str, document: Option<&str>) {
    let named = [ROLE, ("PolicyName", "run-function")];
    let form: Vec<_> = named.into_iter().chain(document.map(|text| ("PolicyDocument", text))).collect();
    let (status, xml) = world.account.query("iam", operation, &form);
    assert_eq!(status, 200, "{xml}");
}

/// Plans, lets someone else make one, and carries the plan out: only what is theirs is refused, and stays.
fn is_refused(late: &Late, world: &Inside, desired: &ResourceSet) {
    let plan = world.plan(desired).expect("nothing is in the way");
    let address = |one: &trailbell::resource::Address| one.short();
    assert!(plan.steps.iter().any(|step| address(step.change.address()) == late.address), "{}", late.address);
    (late.make)(world, desired);
    let before = (late.look)(world);
    let (report, _) = world.carry_out(&plan, &world.url);
    let refused: Vec<_> = report.failures.iter().map(|one| (address(&one.address), one.error.kind)).collect();
    assert_eq!(refused, [(late.address.to_owned(), ErrorKind::Exists)], "{report:#?}");
    assert!(report.failures[0].error.hint.is_some(), "{report:#?}");
    assert_eq!((late.look)(world), before, "{}", late.address);
    (late.remove)(world);
}

#[test]
fn what_appears_under_our_name_after_the_plan_is_not_overwritten() {
    on_both("functions::late::what_appears_under_our_name_after_the_plan_is_not_overwritten", |world| {
        groups(world, &[THEIRS]);
        let desired = desired(world, code("1"), &[THEIRS]);
        for late in &NEW {
            is_refused(late, world, &desired);
            world.destroy();
        }
    });
}

#[test]
fn a_part_that_appears_after_the_plan_is_not_overwritten() {
    on_both("functions::late::a_part_that_appears_after_the_plan_is_not_overwritten", |world| {
        groups(world, &[THEIRS]);
        let desired = desired(world, code("1"), &[THEIRS]);
        world.apply(&desired);
        // moto takes a second statement with the id of another, which Lambda refuses.
        let is_shown = |late: &&Late| !(world.is_moto() && late.address.starts_with("permission"));
        for late in PARTS.iter().filter(is_shown) {
            (late.clear)(world);
            is_refused(late, world, &desired);
            world.apply(&desired);
        }
    });
}
