//! A world that is not ready, loses answers or ends in between: waits are told, nothing is made twice, and the next run
//! brings everything to its end.

use trailbell::plan;
use trailbell::resource::ResourceSet;

use super::{FUNCTION, THEIRS, code, desired, groups};
use crate::support::emulator::ministack;
use crate::support::inside::on;
use crate::support::proxy::{Action, Proxy, Script};
use crate::support::script::Call;

#[test]
fn waits_say_what_they_wait_for() {
    on(&[ministack], "functions::bad_world::waits_say_what_they_wait_for", |world| {
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
            "until Lambda can assume the function's role",
            "until the function is ready",
            "until Lambda knows the new function",
            "until the permission is in the function's policy",
            "until CloudWatch Logs is allowed to invoke the function",
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

#[test]
fn a_function_that_is_still_being_deleted_is_waited_for() {
    on(&[ministack], "functions::bad_world::a_function_that_is_still_being_deleted_is_waited_for", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        let plan = world.plan(&wanted).expect("nothing is in the way");
        let exists = format!("Function already exist: {FUNCTION}");
        let script =
            Script::new().on("POST /2015-03-31/functions", 1, Action::error(409, "ResourceConflictException", &exists));
        let proxy = Proxy::start(&world.url, script);
        let (report, waits) = world.carry_out(&plan, &proxy.url);
        assert!(report.is_complete(), "{report:#?}");
        assert!(waits.iter().any(|one| one == "until the previous function with this name is deleted"), "{waits:?}");
        assert_eq!(world.changes(&wanted), Vec::<String>::new());
        world.destroy();
    });
}

/// The first look at the function finds it pending, the first at its policy finds none; the first permission comes too early.
fn first_answers() -> impl FnMut(&Call) -> Option<Action> + Send {
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
    on(&[ministack], "functions::bad_world::a_lost_answer_makes_no_duplicate", |world| {
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
    on(&[ministack], "functions::bad_world::an_apply_and_a_removal_killed_anywhere_converge", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        // Up to the last call. Refused and not dropped, which the SDK would try again: what is done is the same.
        for kill in (2..).step_by(2) {
            let plan = world.plan(&wanted).expect("nothing is in the way");
            let proxy = Proxy::start(&world.url, Script::new().refuse_from(kill));
            let is_applied = world.carry_out(&plan, &proxy.url).0.is_complete();
            world.apply(&wanted);
            let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
            let proxy = Proxy::start(&world.url, Script::new().refuse_from(kill));
            let is_removed = world.carry_out(&removal, &proxy.url).0.is_complete();
            world.destroy();
            if is_applied && is_removed {
                assert!(kill > 14, "{kill} calls are not all");
                break;
            }
        }
    });
}
