//! Functions, permissions, log groups and filters on both emulators: made, changed by hand and repaired, refused where
//! others are in the way, found again without state, removed without a trace.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trailbell::apply::{Stop, apply};
use trailbell::archive::zip;
use trailbell::compile::{Names, function};
use trailbell::name::Scope;
use trailbell::plan::{self, PlanError};
use trailbell::provider::sandbox::{ACCOUNT, Outcome, Sandbox};
use trailbell::provider::{Provider, Search};
use trailbell::resource::mark::{description, tags};
use trailbell::resource::{
    Address, Code, ENABLED, FunctionNames, Input, Kind, Permission, Policy, Queue, RETENTION_SECONDS, Resource,
    ResourceSet, Rule, set,
};

use super::support::emulator::{ministack, moto};
use super::support::inside::{Inside, on, on_both};
use super::support::proxy::{Action, Proxy, Script};

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

fn code(text: &str) -> Code {
    let source = format!("export const handler = async (event) => {text};\n");
    Code::new(zip(&BTreeMap::from([("index.mjs".to_owned(), source.into_bytes())])).expect("a good name"))
}

fn spec(code: Code) -> function::Spec<'static> {
    function::Spec {
        id: "slack",
        words: "Posts to Slack.",
        runtime: "nodejs22.x",
        handler: "index.handler",
        timeout_seconds: 30,
        memory_megabytes: 128,
        environment: BTreeMap::from([("STACK".to_owned(), "sec".to_owned())]),
        code,
        grants: vec![json!({ "Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": "*" })],
    }
}

fn desired(world: &Inside, code: Code, filtered: &[&str]) -> ResourceSet {
    let mut all = wanted(&world.scope, code, filtered);
    if world.is_moto()
        && let Some(Resource::Function(function)) = all.get_mut(&FunctionNames::new(&world.scope, "slack").function.0)
    {
        // moto does not keep a function's dead-letter queue.
        function.dead_letter_arn = None;
    }
    all
}

/// A rule that calls the function, a filter on each log group, and the queue.
fn wanted(scope: &Scope, code: Code, filtered: &[&str]) -> ResourceSet {
    let names = FunctionNames::new(scope, "slack");
    let rule = Rule {
        address: Address::new(&scope.region, Kind::Rule, "root-login"),
        name: scope.name("root-login", "rule"),
        description: description("Root logs in", scope, Kind::Rule),
        pattern: json!({ "source": ["my.app"] }),
        schedule: None,
        state: ENABLED.to_owned(),
        tags: tags(scope),
    };
    let (address, name) = Names::new(scope).queue;
    let send = json!({ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": scope.queue_arn(&name) });
    let queue = Queue {
        address,
        name,
        retention_seconds: RETENTION_SECONDS,
        kms_key: None,
        policy: Some(Policy::of(&send)),
        tags: tags(scope),
    };
    let mut all = function::function(scope, spec(code)).to_vec();
    let permission = Permission::for_rules(scope, &names);
    all.push(Resource::Target(function::target(scope, &rule, &names, &permission, Input::Event)));
    all.push(Resource::Permission(permission));
    all.extend([Resource::Rule(rule), Resource::Queue(queue)]);
    for group in filtered {
        all.extend(function::filter(scope, "root-login", group, "{ $.user = \"root\" }", &names));
    }
    set(all)
}

/// What is wanted one after the other, and what the plan must say before each is applied.
fn story(wanted: impl Fn(Code, &[&str]) -> ResourceSet) -> Vec<(ResourceSet, Vec<&'static str>)> {
    vec![
        (
            wanted(code("1"), &[THEIRS]),
            vec![
                "create function.slack: ",
                "create log_group.slack: ",
                "create permission.slack/logs-2d6b6dd362fe: ",
                "create permission.slack/rules: ",
                "create queue.slack: ",
                "create role.slack-function: ",
                "create rule.root-login: ",
                "create subscription_filter.root-login@/theirs/trail: ",
                "create target.root-login/function-slack: ",
            ],
        ),
        (wanted(code("2"), &[THEIRS]), vec!["update function.slack: code_sha256"]),
        // An alert moves to another log group: the old one is not in the stack file and is found by the policy.
        (
            wanted(code("2"), &["/theirs/other"]),
            vec![
                "create permission.slack/logs-f142a06523a2: ",
                "create subscription_filter.root-login@/theirs/other: ",
                "delete permission.slack/logs-2d6b6dd362fe: ",
                "delete subscription_filter.root-login@/theirs/trail: ",
            ],
        ),
    ]
}

#[test]
fn a_function_comes_changes_in_place_and_goes() {
    on_both("functions::a_function_comes_changes_in_place_and_goes", |world| {
        groups(world, &[THEIRS, "/theirs/other"]);
        for (wanted, expected) in story(|code, groups| desired(world, code, groups)) {
            assert_eq!(world.changes(&wanted), expected);
            world.apply(&wanted);
        }
        world.destroy();
        let left = logs(world, "DescribeLogGroups", &json!({}));
        let left = left["logGroups"].as_array().expect("a list").clone();
        let names: Vec<&str> = left.iter().filter_map(|one| one["logGroupName"].as_str()).collect();
        assert_eq!(names, ["/theirs/other", THEIRS]);
        for group in names {
            let filters = logs(world, "DescribeSubscriptionFilters", &json!({ "logGroupName": group }));
            assert_eq!(filters["subscriptionFilters"], json!([]));
        }
        let functions = lambda(world, "GET", "/2015-03-31/functions/", &Value::Null);
        assert_eq!(functions["Functions"], json!([]));
        let (_, roles) = world.account.query("iam", "ListRoles", &[]);
        assert!(!roles.contains("trailbell"), "{roles}");
    });
}

/// The sandbox never waits.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(work).expect("it does not wait")
}

#[test]
fn the_sandbox_tells_the_same_story() {
    let text = str::to_owned;
    let scope = Scope { partition: text("aws"), account: text(ACCOUNT), region: text("us-east-1"), stack: text("sec") };
    let sandbox = Sandbox::new();
    let planned = |desired: &ResourceSet| {
        let live = at_once(sandbox.read(&scope, Search::of(desired))).expect("it is read");
        plan::plan(&scope, desired, &live).expect("nothing is in the way")
    };
    let changes = |desired: &ResourceSet| {
        super::support::stack::changes(&serde_json::to_value(planned(desired)).expect("a plan is JSON"))
    };
    for (wanted, expected) in story(|code, groups| wanted(&scope, code, groups)) {
        assert_eq!(changes(&wanted), expected);
        let report = at_once(apply(&planned(&wanted), &sandbox, &Stop::default(), &|_| ()));
        assert!(report.is_complete(), "{report:#?}");
        assert_eq!(changes(&wanted), Vec::<String>::new());
    }
    let event = json!({ "source": "my.app", "detail-type": "x", "detail": {} });
    let sent = sandbox.put_event("us-east-1", &event).expect("it is decided");
    let called = Outcome::Invocation { function: FUNCTION.to_owned(), body: event.to_string() };
    assert_eq!(sent[0].outcome, called);
    let live = at_once(sandbox.read(&scope, Search::alone())).expect("it is read");
    let removal = plan::destroy(&scope, &live).expect("nothing is attached");
    let order: Vec<String> = removal.steps.iter().map(|step| step.change.address().short()).collect();
    let at = |start: &str| order.iter().position(|one| one.starts_with(start)).expect("it is removed");
    for pair in ["subscription_filter", "permission.slack/logs", "function", "log_group"].windows(2) {
        assert!(at(pair[0]) < at(pair[1]), "{order:?}");
    }
    assert!(at("target") < at("permission.slack/rules") && at("function") < at("role"), "{order:?}");
    assert!(at_once(apply(&removal, &sandbox, &Stop::default(), &|_| ())).is_complete());
    assert!(sandbox.by_hand(|world| world.objects.is_empty()));
}

/// A change made by hand, and the drift that a plan must show; the last says which emulator cannot show it.
type Line = (&'static str, fn(&Inside), &'static [&'static str], &'static str);

fn configure(world: &Inside, body: &Value) {
    lambda(world, "PUT", &format!("/2015-03-31/functions/{FUNCTION}/configuration"), body);
}

fn filter_of(world: &Inside) -> Value {
    logs(world, "DescribeSubscriptionFilters", &json!({ "logGroupName": THEIRS }))["subscriptionFilters"][0].clone()
}

fn sid_for_logs(world: &Inside) -> String {
    let names = FunctionNames::new(&world.scope, "slack");
    Permission::for_log_group(&world.scope, &names, THEIRS).name
}

fn remove_permission(world: &Inside, sid: &str) {
    lambda(world, "DELETE", &format!("/2015-03-31/functions/{FUNCTION}/policy/{sid}"), &Value::Null);
}

fn add_permission(world: &Inside, sid: &str, principal: &str) {
    let body = json!({ "StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal });
    lambda(world, "POST", &format!("/2015-03-31/functions/{FUNCTION}/policy"), &body);
}

const LINES: &[Line] = &[
    ("nothing", |_| {}, &[], ""),
    (
        "function: description",
        |w| configure(w, &json!({ "Description": "edited" })),
        &["update function.slack: description"],
        "",
    ),
    ("function: timeout", |w| configure(w, &json!({ "Timeout": 3 })), &["update function.slack: timeout"], ""),
    ("function: memory", |w| configure(w, &json!({ "MemorySize": 512 })), &["update function.slack: memory_size"], ""),
    (
        "function: handler",
        |w| configure(w, &json!({ "Handler": "theirs.run" })),
        &["update function.slack: handler"],
        "",
    ),
    (
        "function: runtime",
        |w| configure(w, &json!({ "Runtime": "nodejs20.x" })),
        &["update function.slack: runtime"],
        "",
    ),
    (
        "function: environment",
        |w| configure(w, &json!({ "Environment": { "Variables": { "STACK": "theirs" } } })),
        &["update function.slack: environment"],
        "",
    ),
    (
        "function: role",
        |w| configure(w, &json!({ "Role": format!("arn:aws:iam::{}:role/theirs", w.account.id) })),
        &["update function.slack: role"],
        "",
    ),
    (
        "function: code",
        |w| {
            let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
            lambda(w, "PUT", &format!("/2015-03-31/functions/{FUNCTION}/code"), &json!({ "ZipFile": zip }));
        },
        &["update function.slack: code_sha256"],
        "",
    ),
    (
        "function: silenced",
        |w| {
            let path = format!("/2017-10-31/functions/{FUNCTION}/concurrency");
            lambda(w, "PUT", &path, &json!({ "ReservedConcurrentExecutions": 0 }));
        },
        &["update function.slack: reserved_concurrency"],
        // moto does not show a zero.
        "moto",
    ),
    (
        "function: tag",
        |w| {
            let arn = w.scope.function_arn(FUNCTION);
            lambda(w, "DELETE", &format!("/2017-03-31/tags/{arn}?tagKeys=trailbell:stack"), &Value::Null);
        },
        &["update function.slack: tags"],
        "",
    ),
    (
        "function: deleted",
        |w| drop(lambda(w, "DELETE", &format!("/2015-03-31/functions/{FUNCTION}"), &Value::Null)),
        &[
            "create function.slack: ",
            "create permission.slack/logs-2d6b6dd362fe: ",
            "create permission.slack/rules: ",
            "update subscription_filter.root-login@/theirs/trail: destination_arn",
            "update target.root-login/function-slack: arn",
        ],
        "",
    ),
    (
        "permission: removed",
        |w| remove_permission(w, &sid_for_logs(w)),
        &["create permission.slack/logs-2d6b6dd362fe: "],
        "",
    ),
    (
        "permission: for everybody",
        |w| {
            remove_permission(w, &sid_for_logs(w));
            add_permission(w, &sid_for_logs(w), "logs.amazonaws.com");
        },
        &["replace permission.slack/logs-2d6b6dd362fe: source_arn, source_account"],
        "",
    ),
    (
        "log group: retention",
        |w| drop(logs(w, "PutRetentionPolicy", &json!({ "logGroupName": GROUP, "retentionInDays": 1 }))),
        &["update log_group.slack: retention_in_days"],
        "",
    ),
    (
        "log group: kept for ever",
        |w| drop(logs(w, "DeleteRetentionPolicy", &json!({ "logGroupName": GROUP }))),
        &["update log_group.slack: retention_in_days"],
        "",
    ),
    (
        "log group: tag",
        |w| {
            let body = json!({ "resourceArn": w.scope.log_group_arn(GROUP), "tagKeys": ["trailbell:stack"] });
            logs(w, "UntagResource", &body);
        },
        &["update log_group.slack: tags"],
        "",
    ),
    (
        "log group: deleted",
        |w| drop(logs(w, "DeleteLogGroup", &json!({ "logGroupName": GROUP }))),
        &["create log_group.slack: "],
        "",
    ),
    (
        "filter: pattern",
        |w| {
            let mut filter = filter_of(w);
            let body = json!({ "logGroupName": THEIRS, "filterName": filter["filterName"].take(), "filterPattern": "theirs",
                "destinationArn": filter["destinationArn"].take() });
            logs(w, "PutSubscriptionFilter", &body);
        },
        &["update subscription_filter.root-login@/theirs/trail: filter_pattern"],
        "",
    ),
    (
        "filter: removed",
        |w| {
            let name = filter_of(w)["filterName"].clone();
            logs(w, "DeleteSubscriptionFilter", &json!({ "logGroupName": THEIRS, "filterName": name }));
        },
        &["create subscription_filter.root-login@/theirs/trail: "],
        "",
    ),
    (
        "role: policy",
        |w| {
            let role = "trailbell-sec_slack-function-us-east-1_role";
            let form = [("RoleName", role), ("PolicyName", "run-function")];
            assert_eq!(w.account.query("iam", "DeleteRolePolicy", &form).0, 200);
        },
        &["update role.slack-function: inline_policy"],
        "",
    ),
    (
        "target: removed",
        |w| {
            let body = json!({ "Rule": "trailbell-sec_root-login_rule", "Ids": ["function-slack"] });
            assert_eq!(w.account.json("events", "AWSEvents.RemoveTargets", &body).0, 200);
        },
        &["create target.root-login/function-slack: "],
        "",
    ),
];

#[test]
fn every_change_by_hand_is_shown_and_repaired() {
    on_both("functions::every_change_by_hand_is_shown_and_repaired", |world| {
        groups(world, &[THEIRS]);
        let desired = desired(world, code("1"), &[THEIRS]);
        world.apply(&desired);
        let mut wrong = Vec::new();
        for (what, change, expected, lacking) in LINES {
            if *lacking == world.emulator {
                continue;
            }
            change(world);
            let changes = world.changes(&desired);
            if changes != *expected {
                wrong.push(format!("{what}: {changes:?}"));
            }
            world.apply(&desired);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        world.destroy();
    });
}

fn refused(world: &Inside, desired: &ResourceSet) -> String {
    match world.plan(desired) {
        Err(PlanError::Refused(refusals)) => {
            refusals.iter().flat_map(|one| [one.what.as_str(), " (", &one.way_out, ")\n"]).collect()
        }
        other => panic!("must be refused: {other:?}"),
    }
}

fn their_filter(world: &Inside, name: &str) {
    let arn = world.scope.function_arn("theirs");
    let body = json!({ "logGroupName": THEIRS, "filterName": name, "filterPattern": "", "destinationArn": arn });
    logs(world, "PutSubscriptionFilter", &body);
}

/// A function that is somebody else's: moto wants to see what filters lead to.
fn their_function(world: &Inside, name: &str) {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let role = format!("theirs-{name}");
    let form = [("RoleName", role.as_str()), ("AssumeRolePolicyDocument", &trust.to_string())];
    assert_eq!(world.account.query("iam", "CreateRole", &form).0, 200);
    let body = json!({ "FunctionName": name, "Runtime": "nodejs22.x", "Handler": "index.handler",
        "Role": format!("arn:aws:iam::{}:role/{role}", world.account.id),
        "Code": { "ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" } });
    lambda(world, "POST", "/2015-03-31/functions", &body);
}

#[test]
fn a_log_group_without_a_free_place_is_refused_and_the_holders_are_named() {
    on_both("functions::a_log_group_without_a_free_place_is_refused_and_the_holders_are_named", |world| {
        let wanted = desired(world, code("1"), &[THEIRS]);
        assert!(refused(world, &wanted).contains("there is no log group `/theirs/trail`"));
        groups(world, &[THEIRS]);
        their_function(world, "theirs");
        their_filter(world, "one");
        world.apply(&wanted);
        // Ours is there: full, and fine.
        a_full_group_takes_our_own_changes(world);
        world.destroy();
        their_filter(world, "two");
        let said = refused(world, &wanted);
        let arn = world.scope.function_arn("theirs");
        for part in [format!("`one` → {arn}"), format!("`two` → {arn}"), "nothing was changed".to_owned()] {
            assert!(said.contains(&part), "{said}");
        }
    });
}

#[test]
fn a_place_taken_after_the_plan_was_made_is_an_error_that_names_the_holders() {
    let name = "functions::a_place_taken_after_the_plan_was_made_is_an_error_that_names_the_holders";
    // ministack takes a third filter.
    on(&[moto], name, |world| {
        groups(world, &[THEIRS]);
        their_function(world, "theirs");
        their_filter(world, "one");
        let wanted = desired(world, code("1"), &[THEIRS]);
        let plan = world.plan(&wanted).expect("there is a place");
        their_filter(world, "two");
        let proxy = Proxy::start(&world.url, Script::new());
        let (report, _) = world.carry_out(&plan, &proxy.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(hint.contains("`one` → ") && hint.contains("`two` → "), "{failure:?}");
        let tried = proxy.operations().iter().filter(|one| *one == "PutSubscriptionFilter").count();
        assert_eq!(tried, 1, "a quota does not grow by trying again");
        world.destroy();
    });
}

/// A log group of which we have the second place takes our own changes.
fn a_full_group_takes_our_own_changes(world: &Inside) {
    if world.is_moto() {
        // moto counts the filter that is replaced.
        return;
    }
    let mut filter = filter_of(world);
    let body = json!({ "logGroupName": THEIRS, "filterName": filter["filterName"].take(), "filterPattern": "edited",
        "destinationArn": filter["destinationArn"].take() });
    logs(world, "PutSubscriptionFilter", &body);
    world.apply(&desired(world, code("1"), &[THEIRS]));
}

type Make = fn(&Inside);

/// Each is made beside the ones before it, so every refusal names one more.
const STRANGERS: &[(&str, Make)] = &[
    (FUNCTION, |w| their_function(w, FUNCTION)),
    (GROUP, |w| groups(w, &[GROUP])),
    ("trailbell-sec_root-login_filter", |w| {
        their_function(w, "theirs");
        their_filter(w, "trailbell-sec_root-login_filter");
    }),
    ("trailbell-sec_slack-function-us-east-1_role", |w| {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let role = "trailbell-sec_slack-function-us-east-1_role";
        let form = [("RoleName", role), ("AssumeRolePolicyDocument", trust)];
        assert_eq!(w.account.query("iam", "CreateRole", &form).0, 200);
    }),
];

#[test]
fn what_is_under_our_names_and_not_ours_is_refused() {
    on_both("functions::what_is_under_our_names_and_not_ours_is_refused", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        for (at, (_, make)) in STRANGERS.iter().enumerate() {
            make(world);
            let said = refused(world, &wanted);
            for (name, _) in &STRANGERS[..=at] {
                assert!(said.contains(&format!("`{name}` exists and does not belong")), "{name}: {said}");
            }
        }
        // Nothing of it is ours to remove.
        world.destroy();
        assert!(lambda(world, "GET", &format!("/2015-03-31/functions/{FUNCTION}"), &Value::Null).is_object());
        assert_eq!(filter_of(world)["filterName"], json!("trailbell-sec_root-login_filter"));
    });
}

#[test]
fn a_permission_of_others_stops_the_removal() {
    on_both("functions::a_permission_of_others_stops_the_removal", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        world.apply(&wanted);
        add_permission(world, "theirs", "s3.amazonaws.com");
        assert_eq!(world.changes(&wanted), Vec::<String>::new());
        let live = world.live(&ResourceSet::new());
        match plan::destroy(&world.scope, &live) {
            Err(PlanError::Refused(refusals)) => {
                assert!(refusals[0].what.contains("the permission `theirs`"), "{refusals:?}")
            }
            other => panic!("must be refused: {other:?}"),
        }
        remove_permission(world, "theirs");
        world.destroy();
    });
}

#[test]
fn filters_are_found_without_the_policy_and_the_search_is_not_silent() {
    on_both("functions::filters_are_found_without_the_policy_and_the_search_is_not_silent", |world| {
        groups(world, &[THEIRS, "/theirs/a", "/theirs/b"]);
        world.apply(&desired(world, code("1"), &[THEIRS, "/theirs/b"]));
        let searched = |world: &Inside| {
            let said = std::cell::RefCell::new(Vec::new());
            let live = world.read(&ResourceSet::new(), &|one| said.borrow_mut().push(one)).expect("it is read");
            let filters = live.owned.keys().filter(|one| one.kind == Kind::SubscriptionFilter).count();
            (filters, said.into_inner())
        };
        assert_eq!(searched(world), (2, Vec::new()), "the policy names both log groups");
        lambda(world, "DELETE", &format!("/2015-03-31/functions/{FUNCTION}"), &Value::Null);
        let (filters, said) = searched(world);
        assert_eq!(filters, 2);
        let last = said.last().expect("it tells how far it is");
        assert!(last.what.contains("looking for filters on every log group") && last.done == last.total, "{last:?}");
        assert!(said.iter().any(|one| one.done > 0 && one.done < one.total), "{said:?}");
        world.destroy();
        for group in [THEIRS, "/theirs/b"] {
            let left = logs(world, "DescribeSubscriptionFilters", &json!({ "logGroupName": group }));
            assert_eq!(left["subscriptionFilters"], json!([]));
        }
    });
}

#[test]
fn a_function_whose_log_group_is_gone_is_found_by_its_role() {
    on_both("functions::a_function_whose_log_group_is_gone_is_found_by_its_role", |world| {
        let mut wanted = desired(world, code("1"), &[]);
        wanted.retain(|address, _| !matches!(address.kind, Kind::Target | Kind::Rule));
        world.apply(&wanted);
        logs(world, "DeleteLogGroup", &json!({ "logGroupName": GROUP }));
        let live = world.live(&ResourceSet::new());
        assert!(live.owned.keys().any(|one| one.kind == Kind::Function), "{:?}", live.owned.keys());
        world.destroy();
    });
}

#[test]
fn waits_say_what_they_wait_for() {
    on(&[ministack], "functions::waits_say_what_they_wait_for", |world| {
        groups(world, &[THEIRS]);
        let create = "POST /2015-03-31/functions";
        let role = "The role defined for the function cannot be assumed by Lambda.";
        let refused = "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.";
        let script = Script::new()
            .on(create, 1, Action::error(400, "InvalidParameterValueException", role))
            .on("PutSubscriptionFilter", 1, Action::error(400, "InvalidParameterException", refused))
            .on("PutRetentionPolicy", 1, Action::error(400, "ResourceNotFoundException", "There is no such log group."))
            .with(first_answers());
        let proxy = Proxy::start(&world.url, script);
        let wanted = desired(world, code("1"), &[THEIRS]);
        let (report, waits) = world.carry_out(&world.plan(&wanted).expect("nothing is in the way"), &proxy.url);
        assert!(report.is_complete(), "{report:#?}");
        for expected in [
            "until Lambda may take on the function's role",
            "until Lambda has made the function ready",
            "until Lambda knows the new function",
            "until the permission is in the function's policy",
            "until CloudWatch may call the function",
            "until CloudWatch knows the new log group",
        ] {
            assert!(waits.iter().any(|one| one == expected), "{expected}: {waits:?}");
        }
        assert_eq!(world.changes(&wanted), Vec::<String>::new());
        let again = desired(world, code("2"), &[THEIRS]);
        let busy = "The operation cannot be performed at this time. An update is in progress for resource: f";
        let path = "PUT /2015-03-31/functions/trailbell-sec_slack_function/code";
        let script = Script::new().on(path, 1, Action::error(409, "ResourceConflictException", busy));
        let proxy = Proxy::start(&world.url, script);
        let (report, waits) = world.carry_out(&world.plan(&again).expect("nothing is in the way"), &proxy.url);
        assert!(report.is_complete(), "{report:#?}");
        assert!(waits.iter().any(|one| one.contains("another change")), "{waits:?}");
        world.destroy();
    });
}

/// The first look at the function finds it pending, the first at its policy finds none; the first permission comes too early.
fn first_answers() -> impl FnMut(&super::support::script::Call) -> Option<Action> + Send {
    move |call| {
        let is_first = |start: &str, end: &str| {
            call.nth == 1 && call.operation.starts_with(start) && call.operation.trim_end_matches('/').ends_with(end)
        };
        if is_first("GET", FUNCTION) {
            return Some(Action::rewrite(|body| body.replace(r#""State": "Active""#, r#""State": "Pending""#)));
        }
        if is_first("POST", "/policy") {
            return Some(Action::error(404, "ResourceNotFoundException", "Function not found"));
        }
        is_first("GET", "/policy")
            .then(|| Action::error(404, "ResourceNotFoundException", "The resource you requested does not exist."))
    }
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    on(&[ministack], "functions::a_lost_answer_makes_no_duplicate", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        let lost = [
            "CreateLogGroup",
            "PutRetentionPolicy",
            "POST /2015-03-31/functions",
            "POST /2015-03-31/functions/trailbell-sec_slack_function/policy",
            "PutSubscriptionFilter",
        ];
        for operation in lost {
            let proxy = Proxy::start(&world.url, Script::new().on(operation, 1, Action::LoseResponse));
            world.carry_out(&world.plan(&wanted).expect("nothing is in the way"), &proxy.url);
            assert!(proxy.operations().iter().any(|one| one == operation), "{operation}: {:?}", proxy.operations());
            world.apply(&wanted);
            world.destroy();
        }
        let lost =
            ["DeleteSubscriptionFilter", "DeleteLogGroup", "DELETE /2015-03-31/functions/trailbell-sec_slack_function"];
        for operation in lost {
            world.apply(&wanted);
            let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
            let proxy = Proxy::start(&world.url, Script::new().on(operation, 1, Action::LoseResponse));
            world.carry_out(&removal, &proxy.url);
            assert!(proxy.operations().iter().any(|one| one == operation), "{operation}: {:?}", proxy.operations());
            world.destroy();
        }
    });
}

#[test]
fn an_apply_and_a_removal_killed_anywhere_converge() {
    on(&[ministack], "functions::an_apply_and_a_removal_killed_anywhere_converge", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        for kill in [2, 6, 10, 14] {
            let plan = world.plan(&wanted).expect("nothing is in the way");
            let proxy = Proxy::start(&world.url, Script::new().kill_from(kill));
            assert!(!world.carry_out(&plan, &proxy.url).0.is_complete(), "{kill}");
            world.apply(&wanted);
            let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
            let proxy = Proxy::start(&world.url, Script::new().kill_from(kill));
            world.carry_out(&removal, &proxy.url);
            world.destroy();
        }
    });
}
