//! Functions, permissions, log groups and filters on both emulators: what the tests have in common.
//!
//! `lifecycle`: made, changed in place, found again without state, removed without a trace. `drift`: changed by hand and
//! repaired. `foreign`: refused where others are in the way, `late` where they came after the plan. `bad_world`: waits, lost answers, ends in between.

mod bad_world;
mod drift;
mod foreign;
mod late;
mod lifecycle;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trailbell::archive::zip;
use trailbell::compile::{DestinationNames, function};
use trailbell::name::Scope;
use trailbell::resource::mark::{description, tags};
use trailbell::resource::{
    Address, ENABLED, FunctionNames, Id, Kind, PackedCode, Permission, Policy, Queue, RETENTION_SECONDS, Resource,
    ResourceSet, Rule, RuleId, TargetInput, set,
};

use super::support::inside::Inside;

const FUNCTION: &str = "trailbell-sec_slack_function";
const GROUP: &str = "/aws/lambda/trailbell-sec_slack_function";
const THEIRS: &str = "/theirs/trail";

/// The log groups of others that filters are put on.
fn groups(world: &Inside, names: &[&str]) {
    for name in names {
        logs(world, "CreateLogGroup", &json!({ "logGroupName": name }));
    }
}

fn logs(world: &Inside, operation: &str, body: &Value) -> Value {
    let (status, answer) = world.account.json("logs", &format!("Logs_20140328.{operation}"), body);
    assert_eq!(status, 200, "{operation} {body}: {answer}");
    answer
}

fn lambda(world: &Inside, method: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = world.account.rest("lambda", method, path, body);
    assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    answer
}

fn code(text: &str) -> PackedCode {
    let source = format!("export const handler = async (event) => {text};\n");
    PackedCode::new(zip(&BTreeMap::from([("index.mjs".to_owned(), source.into_bytes())])).expect("a good name"))
}

fn spec(code: PackedCode) -> function::FunctionSpec<'static> {
    function::FunctionSpec {
        id: "slack",
        words: "Posts to Slack.",
        runtime: "nodejs22.x",
        handler: "index.handler",
        timeout_seconds: 30,
        memory_megabytes: 128,
        reserved_concurrency: None,
        code,
        grants: vec![json!({ "Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": "*" })],
        queue: trailbell::name::DestinationId::slack(),
        posts_to: Vec::new(),
    }
}

fn desired(world: &Inside, code: PackedCode, filtered: &[&str]) -> ResourceSet {
    wanted(&world.scope, code, filtered)
}

/// A rule that calls the function, a filter on each log group, and the queue.
fn wanted(scope: &Scope, code: PackedCode, filtered: &[&str]) -> ResourceSet {
    let names = FunctionNames::new(scope, "slack");
    let rule = Rule {
        address: Address::new(scope.region(), Id::Rule(RuleId::of("root-login"))),
        name: scope.name("root-login", "rule"),
        bus: "default".to_owned(),
        description: description("Root logs in", scope, Kind::Rule),
        pattern: json!({ "source": ["my.app"] }),
        schedule: None,
        state: ENABLED.to_owned(),
        tags: tags(scope),
    };
    let (address, name) = DestinationNames::of(scope, &trailbell::name::DestinationId::slack()).queue;
    let send = json!({ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": scope.queue_arn(&name) });
    let queue = Queue {
        address,
        name,
        retention_seconds: RETENTION_SECONDS,
        kms_key: None,
        max_message_bytes: None,
        redrive_policy: None,
        policy: Some(Policy::of(&send)),
        tags: tags(scope),
    };
    let mut all = function::function(scope, spec(code)).to_vec();
    let permission = Permission::for_rules(scope, &names);
    all.push(Resource::Target(function::target(
        scope,
        &rule,
        &names,
        TargetInput::Event,
        &trailbell::name::DestinationId::slack(),
    )));
    all.push(Resource::Permission(permission));
    all.extend([Resource::Rule(rule), Resource::Queue(queue)]);
    for group in filtered {
        all.extend(function::filter(scope, "root-login", group, "{ $.user = \"root\" }", &names));
    }
    set(all)
}

fn filter_of(world: &Inside) -> Value {
    logs(world, "DescribeSubscriptionFilters", &json!({ "logGroupName": THEIRS }))["subscriptionFilters"][0].clone()
}

fn remove_permission(world: &Inside, sid: &str) {
    lambda(world, "DELETE", &format!("/2015-03-31/functions/{FUNCTION}/policy/{sid}"), &Value::Null);
}

fn add_permission(world: &Inside, sid: &str, principal: &str) {
    let body = json!({ "StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal });
    lambda(world, "POST", &format!("/2015-03-31/functions/{FUNCTION}/policy"), &body);
}
