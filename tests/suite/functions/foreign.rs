//! What others have: it is refused before anything is changed, named with the fix, and never removed.

use serde_json::{Value, json};
use trailbell::plan::{self, PlanError};
use trailbell::resource::ResourceSet;

use super::{
    FUNCTION, GROUP, THEIRS, add_permission, code, desired, filter_of, groups, lambda, logs, remove_permission,
};
use crate::support::emulator::moto;
use crate::support::inside::{Inside, on, on_both};
use crate::support::proxy::{Proxy, Script};

fn refused(world: &Inside, desired: &ResourceSet) -> String {
    match world.plan(desired) {
        Err(PlanError::Refused(refusals)) => {
            refusals.iter().flat_map(|one| [one.what.as_str(), " (", &one.fix, ")\n"]).collect()
        }
        other => panic!("must be refused: {other:?}"),
    }
}

pub(super) fn their_filter(world: &Inside, name: &str) {
    let arn = world.scope.function_arn("theirs");
    let body = json!({ "logGroupName": THEIRS, "filterName": name, "filterPattern": "", "destinationArn": arn });
    logs(world, "PutSubscriptionFilter", &body);
}

/// A function that is someone else's: moto wants to see what filters lead to.
pub(super) fn their_function(world: &Inside, name: &str) {
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
    on_both("functions::foreign::a_log_group_without_a_free_place_is_refused_and_the_holders_are_named", |world| {
        let wanted = desired(world, code("1"), &[THEIRS]);
        assert!(refused(world, &wanted).contains("the log group `/theirs/trail` does not exist"));
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
    let name = "functions::foreign::a_place_taken_after_the_plan_was_made_is_an_error_that_names_the_holders";
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

/// Each is made next to the ones before it, so every refusal names one more.
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
    on_both("functions::foreign::what_is_under_our_names_and_not_ours_is_refused", |world| {
        groups(world, &[THEIRS]);
        let wanted = desired(world, code("1"), &[THEIRS]);
        for (at, (_, make)) in STRANGERS.iter().enumerate() {
            make(world);
            let said = refused(world, &wanted);
            for (name, _) in &STRANGERS[..=at] {
                assert!(said.contains(&format!("`{name}` exists and is not managed")), "{name}: {said}");
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
    on_both("functions::foreign::a_permission_of_others_stops_the_removal", |world| {
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
