//! Alarms and metric filters come, change in place and go, in the account and in the sandbox, whatever interrupts.

use super::*;

use serde_json::json;
use trailbell::apply::{StopRequest, apply};
use trailbell::name::Scope;
use trailbell::plan::{self};
use trailbell::provider::sandbox::Sandbox;
use trailbell::provider::{Provider, Search};
use trailbell::resource::{Kind, ResourceSet};

use crate::support::emulator::{ministack, moto};
use crate::support::inside::{on, on_both};
use crate::support::proxy::{Action, Proxy, Script};

#[test]
fn an_alarm_comes_changes_in_place_and_goes_and_what_others_have_stays() {
    on_both("alarms::lifecycle::an_alarm_comes_changes_in_place_and_goes_and_what_others_have_stays", |world| {
        groups(world);
        strangers(world);
        let before = left(world);
        for (wanted, expected) in story(&world.scope, world.is_moto()) {
            assert_eq!(world.changes(&wanted), expected);
            world.apply(&wanted);
        }
        assert_eq!(left(world), before);
        world.apply(&wanted(&world.scope));
        world.destroy();
        assert_eq!(left(world), before);
        let groups = names_of(&logs(world, "DescribeLogGroups", &json!({})), "logGroups", "logGroupName");
        assert_eq!(groups, [OTHER, THEIRS]);
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
    for (wanted, expected) in story(&scope, false) {
        assert_eq!(changes(&wanted), expected);
        // Deleted filters first, then the alarm, then new filters.
        let plan = planned(&wanted);
        let steps: Vec<(&str, Kind)> =
            plan.steps.iter().map(|step| (step.change.action(), step.change.address().kind())).collect();
        let alarm = steps.iter().position(|(_, kind)| *kind == Kind::Alarm);
        for (at, (action, kind)) in steps.iter().enumerate().filter(|(_, (_, kind))| *kind == Kind::MetricFilter) {
            let is_before = alarm.is_some_and(|alarm| at < alarm);
            assert!(alarm.is_none() || is_before == (*action == "delete"), "{kind:?}: {steps:?}");
        }
        let report = at_once(apply(&plan, &sandbox, &StopRequest::default(), &|_| ()));
        assert!(report.is_complete(), "{report:#?}");
        assert_eq!(changes(&wanted), Vec::<String>::new());
    }
    assert!(sandbox.by_hand(|world| world.objects.is_empty()));
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    on(&[ministack], "alarms::lifecycle::a_lost_answer_makes_no_duplicate", |world| {
        groups(world);
        let desired = wanted(&world.scope);
        for operation in ["PutMetricAlarm", "PutMetricFilter", "DeleteMetricFilter", "DeleteAlarms"] {
            let proxy = Proxy::start(&world.url, Script::new().on(operation, 1, Action::LoseResponse));
            world.carry_out(&world.plan(&desired).expect("nothing is in the way"), &proxy.url);
            world.apply(&desired);
            let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
            world.carry_out(&removal, &proxy.url);
            assert!(proxy.operations().iter().any(|one| one == operation), "{operation}: {:?}", proxy.operations());
            world.destroy();
            assert_eq!(left(world), [Vec::<String>::new(), Vec::new()], "{operation}");
        }
    });
}

#[test]
fn an_apply_and_a_removal_killed_anywhere_converge() {
    on(&[ministack, moto], "alarms::lifecycle::an_apply_and_a_removal_killed_anywhere_converge", |world| {
        groups(world);
        let desired = wanted(&world.scope);
        for kill in [1, 2] {
            let plan = world.plan(&desired).expect("nothing is in the way");
            let proxy = Proxy::start(&world.url, Script::new().kill_from(kill));
            assert!(!world.carry_out(&plan, &proxy.url).0.is_complete(), "{kill}");
            world.apply(&desired);
            let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
            let proxy = Proxy::start(&world.url, Script::new().kill_from(kill));
            assert!(!world.carry_out(&removal, &proxy.url).0.is_complete(), "{kill}");
            world.destroy();
            assert_eq!(left(world), [Vec::<String>::new(), Vec::new()], "{kill}");
        }
    });
}
