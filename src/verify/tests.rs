//! Drift by hand: whatever is changed on an alert's way, `verify` does not say yes.

mod destinations;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::alert::{Home, Installation};
use crate::apply::{StopRequest, apply};
use crate::check;
use crate::compile::compile;
use crate::document::Document;
use crate::name::{NOTIFIER, Scope};
use crate::plan;
use crate::provider::Search;
use crate::provider::sandbox::Sandbox;
use crate::resource::{FunctionNames, Kind, Permission, PermissionSource, Policy, Queue, Resource};
use crate::secret::Secret;

const WEBHOOK: &str = "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n";
const SECRET: &str = "https://hooks.slack.com/services/T00000000/B00000000/000000000000000000000000";

fn now<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

struct Site {
    installation: Installation,
    scope: Scope,
    desired: ResourceSet,
    sandbox: Sandbox,
}

impl Site {
    fn new(text: &str) -> Self {
        let document = Document::parse("t.yaml", text).expect("YAML");
        let installation = check::stack(document, PathBuf::new()).expect("no findings");
        let sandbox = Sandbox::new();
        let identity = now(sandbox.identity()).expect("the sandbox knows itself");
        let scope = Scope::new(&identity.partition, &identity.account, &installation.region, &installation.name)
            .expect("a scope");
        let desired = compile(&installation, &scope, Some(&Secret::new(SECRET)));
        let plan = plan::plan(&scope, &desired, &Live::default()).expect("a plan");
        assert!(now(apply(&plan, &sandbox, &StopRequest::default(), &|_| ())).is_complete());
        Self { installation, scope, desired, sandbox }
    }

    fn home(&self) -> Home {
        self.installation.home_in(self.scope.account())
    }

    /// What `verify` says when the queue has been watched and no one was asked; `None` when the plan itself is
    /// refused.
    fn proof(&self) -> Option<Proof> {
        let live = now(self.sandbox.read(&self.scope, Search::of(&self.desired))).expect("it reads");
        let plan = plan::plan(&self.scope, &self.desired, &live).ok()?;
        let trails = now(self.sandbox.trails(&self.scope));
        let home = &self.home();
        let known = Known { desired: &self.desired, live: &live, plan: &plan, trails: &trails, run: "run", home };
        let verified = now(verify(&self.installation.alerts[0], known, &self.sandbox)).expect("no call fails");
        let mut results = vec![verified];
        let ids = [results[0].test_id.clone()];
        let watched =
            now(watch(&ids, &self.scope, &self.installation.queues(), &self.sandbox, std::time::Duration::ZERO))
                .expect("no call fails");
        returned(&mut results, &watched);
        uncompared(&mut results);
        results.pop().map(|one| one.proof)
    }
}

impl Site {
    /// What the trace says alone, with nothing compared with the file.
    fn traced(&self) -> Proof {
        let live = now(self.sandbox.read(&self.scope, Search::of(&self.desired))).expect("it reads");
        let site = sending::Site { scope: &self.scope, desired: &self.desired, live: &live, home: &self.home() };
        let alert = &self.installation.alerts[0];
        let case = cases::matching(&alert.blueprint).expect("a case that fires");
        let input = sending::TriedInput { event: alert.sent(case, site.home), lines: case.logged() };
        now(sending::send(alert, &input, "0123456789abcdef", &site, &self.sandbox)).expect("no call fails")
    }

    /// What comes of asking for the remediation of the first alert.
    fn remedied(&self) -> Result<Repair, ProviderError> {
        let live = now(self.sandbox.read(&self.scope, Search::of(&self.desired))).expect("it reads");
        let plan = plan::plan(&self.scope, &self.desired, &live).expect("a plan");
        let trails = now(self.sandbox.trails(&self.scope));
        let home = &self.home();
        let known = Known { desired: &self.desired, live: &live, plan: &plan, trails: &trails, run: "run", home };
        let alert = &self.installation.alerts[0];
        let event = alert.sent(cases::matching(&alert.blueprint).expect("a case that matches"), &self.home());
        now(remedy(alert, &event, known, &self.sandbox))
    }

    /// Changes a value of one resource by hand.
    fn edit(&self, key: &str, path: &str, value: Value) {
        self.sandbox.by_hand(|world| {
            let (_, object) = world.objects.iter_mut().find(|(one, _)| one.contains(key)).expect("it is there");
            let mut text = serde_json::to_value(&object.resource).expect("JSON");
            *text.pointer_mut(path).unwrap_or_else(|| panic!("{key} has {path}")) = value;
            object.resource = serde_json::from_value(text).expect("still a resource");
        });
    }
}

#[test]
fn the_trace_alone_says_no_where_delivery_changes() {
    let nobody = json!({ "Version": "2012-10-17", "Statement": [] });
    let other = "https://hooks.slack.com/services/T00000000/B00000000/111111111111111111111111";
    let cases: [(&str, &str, Value); 19] = [
        ("cloudtrail-stop-logging_rule", "/state", json!("DISABLED")),
        ("cloudtrail-stop-logging_rule", "/pattern", json!({ "source": ["aws.other"] })),
        ("relay_rule", "/state", json!("DISABLED")),
        ("relay_rule", "/pattern", json!({ "source": ["other"] })),
        (
            "/target/trailbell-sec_cloudtrail-stop-logging_rule",
            "/arn",
            json!({ "known": "arn:aws:events:us-east-1:123456789012:api-destination/theirs/1" }),
        ),
        (
            "/target/trailbell-sec_cloudtrail-stop-logging_rule",
            "/role_arn",
            json!("arn:aws:iam::123456789012:role/theirs"),
        ),
        ("/target/trailbell-sec_cloudtrail-stop-logging_rule", "/input", json!({ "constant": "no JSON" })),
        ("/target/trailbell-sec_relay_bus/trailbell-sec_relay_rule", "/input", json!({ "path": "$.detail" })),
        ("/target/trailbell-sec_relay_bus/trailbell-sec_relay_rule", "/role_arn", Value::Null),
        ("slack-us-east-1_role", "/trust", nobody.clone()),
        ("slack-us-east-1_role", "/policy", nobody.clone()),
        ("slack-us-east-1_role", "/policy", Value::Null),
        ("slack_destination", "/endpoint/fingerprint", json!("0000000000000000")),
        ("slack_destination", "/method", json!("GET")),
        ("slack_destination", "/state", json!("INACTIVE")),
        (
            "slack_destination",
            "/connection",
            json!({ "known": "arn:aws:events:us-east-1:123456789012:connection/theirs/1" }),
        ),
        ("slack_connection", "/state", json!("DEAUTHORIZED")),
        ("dead-letter-queue", "/policy", nobody),
        ("/target/trailbell-sec_cloudtrail-stop-logging_rule", "/dead_letter_arn", Value::Null),
    ];
    let site = Site::new(WEBHOOK);
    assert!(matches!(site.traced(), Proof::Accepted { .. }), "{:?}", site.traced());
    let objects = site.sandbox.by_hand(|world| world.objects.clone());
    for (key, path, value) in cases {
        site.sandbox.by_hand(|world| world.objects.clone_from(&objects));
        if path == "/endpoint/fingerprint" {
            // What an account keeps is the URL itself.
            site.sandbox.by_hand(|world| {
                for object in world.objects.values_mut() {
                    if let Some(sealed) = object.resource.sealed_mut() {
                        *sealed = crate::compile::seal_endpoint(Some(&Secret::new(other)), "");
                    }
                }
            });
        } else {
            site.edit(key, path, value.clone());
        }
        let proof = site.traced();
        assert!(matches!(proof, Proof::Failed { .. }), "{key}{path} = {value}: {proof:?}");
    }
}

/// Every way to change one value of a JSON document by hand, as its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, one)| leaves(one, &format!("{path}/{}", key.replace('/', "~1")), found));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, one)| leaves(one, &format!("{path}/{at}"), found));
        }
        _ => found.push(path.to_owned()),
    }
}

fn changed(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => vec![format!("{text}x").into()],
        Value::Number(number) => vec![(number.as_u64().unwrap_or_default() + 1).into()],
        Value::Bool(flag) => vec![(!flag).into()],
        Value::Null => vec!["x".into(), 7.into()],
        Value::Array(_) => vec![serde_json::json!(["x"])],
        Value::Object(_) => vec![serde_json::json!({ "x": "y" })],
    }
}

/// What identifies a thing is not changed: that would be another thing. What is shown of a URL follows from the URL.
fn is_identity(path: &str) -> bool {
    ["/kind", "/address", "/name", "/requires", "/function", "/rule", "/endpoint/shown"]
        .iter()
        .any(|one| path.starts_with(one))
}

#[test]
fn a_test_event_of_an_example_account_and_region_counts_as_one_of_here() {
    // The sandbox's account is that of the examples; a real one is not.
    let mut site = Site::new(WEBHOOK);
    let cases = &mut std::sync::Arc::make_mut(&mut site.installation.alerts[0].blueprint).tests;
    for case in cases {
        if let Some(record) = &mut case.record {
            record.insert("recipientAccountId".to_owned(), json!("999999999999"));
            record.insert("awsRegion".to_owned(), json!("eu-west-1"));
        }
    }
    assert!(matches!(site.proof(), Some(Proof::Accepted { .. })), "{:?}", site.proof());
}

#[test]
fn an_event_that_happens_in_another_region_only_is_not_accepted() {
    let mut site = Site::new(&WEBHOOK.replace("us-east-1", "eu-west-1"));
    assert!(matches!(site.proof(), Some(Proof::Accepted { .. })), "{:?}", site.proof());
    // Any service's call of that name, so that `check` does not see where it happens.
    let widen = |resource: &mut Resource| {
        if let Resource::Rule(rule) = resource
            && rule.name.contains("stop-logging")
        {
            rule.pattern = json!({ "detail": { "eventName": ["StopLogging"] } });
        }
    };
    site.desired.values_mut().for_each(widen);
    site.sandbox.by_hand(|world| world.objects.values_mut().for_each(|one| widen(&mut one.resource)));
    assert!(matches!(site.proof(), Some(Proof::Accepted { .. })), "{:?}", site.proof());
    for case in &mut std::sync::Arc::make_mut(&mut site.installation.alerts[0].blueprint).tests {
        if let Some(record) = &mut case.record {
            record.insert("eventSource".to_owned(), json!("iam.amazonaws.com"));
        }
    }
    let proof = site.proof();
    let why = "it happened in us-east-1, but the stack receives events of eu-west-1";
    assert!(
        matches!(&proof, Some(Proof::Failed { why: told, hint }) if told.contains(why) && hint.contains("forward")),
        "{proof:?}"
    );
}

#[test]
fn what_is_as_the_file_says_is_accepted() {
    assert!(matches!(Site::new(WEBHOOK).proof(), Some(Proof::Accepted { .. })));
}

#[test]
fn no_value_changed_by_hand_on_the_way_is_accepted() {
    let site = Site::new(WEBHOOK);
    let objects = site.sandbox.by_hand(|world| world.objects.clone());
    let (mut tried, mut wrong) = (0, Vec::new());
    for (key, object) in &objects {
        let text = serde_json::to_value(&object.resource).expect("JSON");
        let mut paths = Vec::new();
        leaves(&text, "", &mut paths);
        for path in paths.iter().filter(|path| !is_identity(path)) {
            for value in changed(text.pointer(path).expect("its own path")) {
                let mut edited = text.clone();
                *edited.pointer_mut(path).expect("its own path") = value.clone();
                let Ok(resource) = serde_json::from_value(edited) else { continue };
                site.sandbox.by_hand(|world| {
                    world.objects.get_mut(key).expect("it is there").resource = resource;
                });
                tried += 1;
                if matches!(site.proof(), Some(Proof::Accepted { .. } | Proof::Proven { .. })) {
                    wrong.push(format!("{key}{path} = {value}"));
                }
                site.sandbox.by_hand(|world| {
                    world.objects = objects.clone();
                    world.dead_letters.clear();
                });
            }
        }
        site.sandbox.by_hand(|world| drop(world.objects.remove(key)));
        tried += 1;
        assert!(!matches!(site.proof(), Some(Proof::Accepted { .. })), "{key} is gone");
        site.sandbox.by_hand(|world| world.objects = objects.clone());
    }
    println!("by hand, in the sandbox: {tried} changes, {} taken for good", wrong.len());
    assert!(tried > 80, "{tried}");
    assert!(wrong.is_empty(), "{} of {tried} are accepted: {wrong:#?}", wrong.len());
}

const LOGS: &str = "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }\n";

/// Adds a statement that denies every call to the notifier's policy, under an id of the stack's form.
fn deny(site: &Site) {
    site.sandbox.by_hand(|world| {
        let allowed = world.objects.values().find_map(|one| match &one.resource {
            Resource::Permission(permission) => Some((one.clone(), permission.clone())),
            _ => None,
        });
        let (mut object, mut denied) = allowed.expect("the stack has a permission");
        let names = FunctionNames::new(&site.scope, NOTIFIER);
        denied.address = Permission::address_of(&names.function.0, PermissionSource::Other("deny".to_owned()));
        denied.name = site.scope.name("deny", Kind::Permission.suffix());
        denied.unlike = Some(Policy::of(&json!({
            "Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*",
        })));
        object.resource = Resource::Permission(denied);
        world.objects.insert("permission/denied".to_owned(), object);
    });
}

#[test]
fn a_statement_that_denies_is_a_difference_and_stops_the_trace() {
    let site = Site::new(LOGS);
    deny(&site);
    let proof = site.proof();
    assert!(matches!(&proof, Some(Proof::Failed { why, .. }) if why.contains("notifier/deny")), "{proof:?}");
    let proof = site.traced();
    assert!(matches!(&proof, Proof::Failed { why, .. } if why.contains("policy")), "{proof:?}");
}

#[test]
fn a_statement_of_someone_else_is_not_compared() {
    let site = Site::new(LOGS);
    site.sandbox.by_hand(|world| {
        let function = world.objects.values_mut().find(|one| matches!(one.resource, Resource::Function(_)));
        function.expect("the notifier").attached.push("the permission `theirs`".to_owned());
    });
    let live = now(site.sandbox.read(&site.scope, Search::of(&site.desired))).expect("it reads");
    let left = differences::not_compared(&site.installation.alerts[0], &site.desired, &live, &site.scope);
    assert_eq!(left, ["the permission `theirs` of function.notifier"]);
}

#[test]
fn a_permissions_boundary_is_not_compared_and_not_in_the_way_of_a_removal() {
    let site = Site::new(WEBHOOK);
    site.sandbox.by_hand(|world| {
        let role = world.objects.values_mut().find(|one| one.resource.name().contains("_slack-"));
        role.expect("the role").attached.push("the permissions boundary `arn:aws:iam::1:policy/p`".to_owned());
    });
    let live = now(site.sandbox.read(&site.scope, Search::of(&site.desired))).expect("it reads");
    let left = differences::not_compared(&site.installation.alerts[0], &site.desired, &live, &site.scope);
    assert_eq!(left, ["the permissions boundary `arn:aws:iam::1:policy/p` of role.slack"]);
    assert!(!plan::plan(&site.scope, &site.desired, &live).expect("a plan").is_settled());
    assert!(plan::destroy(&site.scope, &live).is_ok());
}

#[test]
fn a_boundary_that_the_stack_file_asks_for_may_forbid_as_well() {
    let text = "iam: { boundary: \"arn:aws:iam::123456789012:policy/p\" }\n";
    let site = Site::new(&format!("{WEBHOOK}{text}"));
    let live = now(site.sandbox.read(&site.scope, Search::of(&site.desired))).expect("it reads");
    let left = differences::not_compared(&site.installation.alerts[0], &site.desired, &live, &site.scope);
    let expected = "the permissions boundary `arn:aws:iam::123456789012:policy/p` of role.slack";
    assert!(left.contains(&expected.to_owned()), "{left:?}");
    assert!(plan::plan(&site.scope, &site.desired, &live).expect("a plan").is_settled());
}

#[test]
fn a_queue_that_loses_letters_is_a_difference_and_the_trace_does_not_say_yes() {
    let changes: [fn(&mut Queue); 2] = [
        |queue| queue.max_message_bytes = Some(1024),
        |queue| queue.redrive_policy = Some(json!({ "maxReceiveCount": 1 })),
    ];
    for change in changes {
        let site = Site::new(WEBHOOK);
        site.sandbox.by_hand(|world| {
            for object in world.objects.values_mut() {
                if let Resource::Queue(queue) = &mut object.resource {
                    change(queue);
                }
            }
        });
        let proof = site.proof();
        assert!(matches!(&proof, Some(Proof::Failed { why, .. }) if why.contains("queue.slack differs")), "{proof:?}");
        assert!(matches!(site.traced(), Proof::Unknown { .. }), "{:?}", site.traced());
    }
}

#[test]
fn a_handler_that_is_not_the_stacks_is_not_called() {
    let site = Site::new(WEBHOOK);
    // The sandbox runs no functions: that it was to be called is seen from its refusal.
    assert_eq!(site.remedied().expect_err("it is called").action, "lambda:InvokeFunction");
    site.sandbox.by_hand(|world| {
        for object in world.objects.values_mut() {
            if let Resource::Function(function) = &mut object.resource {
                function.memory_megabytes += 1;
            }
        }
    });
    assert!(matches!(site.remedied(), Ok(Repair::Broken(Proof::Failed { .. }))), "{:?}", site.remedied());
    let site = Site::new(WEBHOOK);
    site.sandbox.by_hand(|world| world.trails.clear());
    assert!(matches!(site.remedied(), Ok(Repair::Broken(Proof::Failed { .. }))), "{:?}", site.remedied());
}
