//! A function's life: it comes, changes in place, is found again without state, and goes without a trace; on the emulators
//! and on the sandbox.

use serde_json::{Value, json};
use trailbell::apply::{StopRequest, apply};
use trailbell::name::Scope;
use trailbell::plan;
use trailbell::provider::sandbox::{DeliveryOutcome, Sandbox};
use trailbell::provider::{Provider, Search, SearchProgress};
use trailbell::resource::{Kind, PackedCode, ResourceSet};

use super::{FUNCTION, GROUP, THEIRS, code, desired, groups, lambda, logs, wanted};
use crate::support::inside::{Inside, on_both};

/// What is wanted one after the other, and what the plan must say before each is applied.
fn story(wanted: impl Fn(PackedCode, &[&str]) -> ResourceSet) -> Vec<(ResourceSet, Vec<&'static str>)> {
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
    on_both("functions::lifecycle::a_function_comes_changes_in_place_and_goes", |world| {
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
    let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
    let sandbox = Sandbox::new();
    let planned = |desired: &ResourceSet| {
        let live = at_once(sandbox.read(&scope, Search::of(desired))).expect("it is read");
        plan::plan(&scope, desired, &live).expect("nothing is in the way")
    };
    let changes = |desired: &ResourceSet| {
        crate::support::stack::changes(&serde_json::to_value(planned(desired)).expect("a plan is JSON"))
    };
    for (wanted, expected) in story(|code, groups| wanted(&scope, code, groups)) {
        assert_eq!(changes(&wanted), expected);
        let report = at_once(apply(&planned(&wanted), &sandbox, &StopRequest::default(), &|_| ()));
        assert!(report.is_complete(), "{report:#?}");
        assert_eq!(changes(&wanted), Vec::<String>::new());
    }
    let event = json!({ "source": "my.app", "detail-type": "x", "detail": {} });
    let sent = sandbox.put_event("us-east-1", &event).expect("it is decided");
    let called = DeliveryOutcome::Invocation { function: FUNCTION.to_owned(), body: event.to_string() };
    assert_eq!(sent[0].outcome, called);
    let live = at_once(sandbox.read(&scope, Search::alone())).expect("it is read");
    let removal = plan::destroy(&scope, &live).expect("nothing is attached");
    let order: Vec<String> = removal.steps.iter().map(|step| step.change.address().short()).collect();
    let at = |start: &str| order.iter().position(|one| one.starts_with(start)).expect("it is removed");
    for pair in ["subscription_filter", "permission.slack/logs", "function", "log_group"].windows(2) {
        assert!(at(pair[0]) < at(pair[1]), "{order:?}");
    }
    assert!(at("target") < at("permission.slack/rules") && at("function") < at("role"), "{order:?}");
    assert!(at_once(apply(&removal, &sandbox, &StopRequest::default(), &|_| ())).is_complete());
    assert!(sandbox.by_hand(|world| world.objects.is_empty()));
}

#[test]
fn filters_are_found_without_the_policy_and_the_search_is_not_silent() {
    on_both("functions::lifecycle::filters_are_found_without_the_policy_and_the_search_is_not_silent", |world| {
        groups(world, &[THEIRS, "/theirs/a", "/theirs/b"]);
        world.apply(&desired(world, code("1"), &[THEIRS, "/theirs/b"]));
        let searched = |world: &Inside| {
            let said = std::cell::RefCell::new(Vec::new());
            let live = world.read(&ResourceSet::new(), &|one| said.borrow_mut().push(one)).expect("it is read");
            let filters = live.managed.keys().filter(|one| one.kind() == Kind::SubscriptionFilter).count();
            // That the metric filters are listed is another search.
            let is_search = |one: &SearchProgress| one.what.contains("on every log group");
            (filters, said.into_inner().into_iter().filter(is_search).collect::<Vec<_>>())
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
    on_both("functions::lifecycle::a_function_whose_log_group_is_gone_is_found_by_its_role", |world| {
        let mut wanted = desired(world, code("1"), &[]);
        wanted.retain(|address, _| !matches!(address.kind(), Kind::Target | Kind::Rule));
        world.apply(&wanted);
        logs(world, "DeleteLogGroup", &json!({ "logGroupName": GROUP }));
        let live = world.live(&ResourceSet::new());
        assert!(live.managed.keys().any(|one| one.kind() == Kind::Function), "{:?}", live.managed.keys());
        world.destroy();
    });
}
