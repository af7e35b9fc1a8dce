//! What CloudWatch refuses: errors are understood, and the documented permissions are enough.

use super::*;

use serde_json::{Value, json};
use trailbell::compile::metric::{CountingSpec, metric};
use trailbell::plan::{self};
use trailbell::resource::{ResourceSet, set};

use crate::documents::{allowed, documented};
use crate::support::api::Account;
use crate::support::emulator::ministack;
use crate::support::inside::{Inside, as_user, on};
use crate::support::proxy::{Action, Proxy, Script};

#[test]
fn errors_of_cloudwatch_are_understood() {
    on(&[ministack], "alarms::permissions::errors_of_cloudwatch_are_understood", |world| {
        groups(world);
        let desired = wanted(&world.scope);
        let busy = Action::error(409, "ConflictException", "Another change is under way.");
        let script = Script::new().on("PutMetricAlarm", 1, busy).on("PutMetricFilter", 1, Action::throttle());
        let proxy = Proxy::start(&world.url, script);
        let (report, waits) = world.carry_out(&world.plan(&desired).expect("nothing is in the way"), &proxy.url);
        assert!(report.is_complete(), "{report:#?}");
        assert!(waits.iter().any(|one| one.contains("another change")), "{waits:?}");
        let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
        let gone = Action::error(404, "ResourceNotFound", "There is no such alarm.");
        let proxy = Proxy::start(&world.url, Script::new().every("DeleteAlarms", gone));
        let (report, _) = world.carry_out(&removal, &proxy.url);
        assert!(report.is_complete(), "gone already is as good: {report:#?}");
        let denied = Action::error(403, "AccessDenied", "not authorized to perform cloudwatch:PutMetricAlarm");
        let proxy = Proxy::start(&world.url, Script::new().every("PutMetricAlarm", denied));
        world.destroy();
        let (report, _) = world.carry_out(&world.plan(&desired).expect("nothing is in the way"), &proxy.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(hint.contains("grant `cloudwatch:PutMetricAlarm`"), "{failure:?}");
    });
}

/// The policies of the page on permissions for these commands.
fn policies(commands: &[&str]) -> Value {
    let all: Vec<String> = commands.iter().map(|command| documented(command)).collect();
    allowed(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

fn their_group(root: &Account) {
    call(root, "logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": THEIRS }));
}

/// Carries a plan out with the rights that the process has. ministack does not look at rights when it is spoken to in CBOR,
/// so what is asked of CloudWatch is compared with the policy here.
fn carried_out(world: &Inside, plan: &plan::Plan, policy: &Value) {
    let proxy = Proxy::start(&world.url, Script::new());
    let (report, _) = world.carry_out(plan, &proxy.url);
    assert!(report.is_complete(), "{report:#?}");
    let calls = proxy.calls();
    let asked = calls.iter().filter(|call| call.service == "monitoring");
    for action in asked.map(|call| format!("cloudwatch:{}", call.operation)) {
        assert!(policy.to_string().contains(&format!("\"{action}\"")), "{action} is not in the policy");
    }
}

#[test]
fn the_documented_permissions_are_enough_to_apply() {
    let name = "alarms::permissions::the_documented_permissions_are_enough_to_apply";
    as_user(name, &policies(&["plan", "apply"]), their_group, |world| {
        let untold = set(metric(&world.scope, &CountingSpec { topic: None, pattern: "root", ..spec() }));
        for desired in [wanted(&world.scope), untold, ResourceSet::new()] {
            carried_out(world, &world.plan(&desired).expect("nothing is in the way"), &policies(&["plan", "apply"]));
            assert_eq!(world.changes(&desired), Vec::<String>::new());
        }
    });
}

#[test]
fn the_documented_permissions_are_enough_to_destroy() {
    let name = "alarms::permissions::the_documented_permissions_are_enough_to_destroy";
    let arrange = |root: &Account| {
        their_group(root);
        let mut body = alarm(ALARM);
        body["Tags"] = json!([{ "Key": "trailbell:stack", "Value": "sec" }]);
        call(root, "monitoring", "GraniteServiceVersion20100801.PutMetricAlarm", &body);
        let to = json!([{ "metricNamespace": "CloudTrailMetrics", "metricName": "AuthorizationFailureCount",
            "metricValue": "1" }]);
        let body =
            json!({ "logGroupName": THEIRS, "filterName": FILTER, "filterPattern": "", "metricTransformations": to });
        call(root, "logs", "Logs_20140328.PutMetricFilter", &body);
    };
    as_user(name, &policies(&["plan", "destroy"]), arrange, |world| {
        let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
        assert_eq!(removal.steps.len(), 2);
        carried_out(world, &removal, &policies(&["plan", "destroy"]));
        assert!(world.live(&ResourceSet::new()).managed.is_empty());
    });
}

#[test]
fn less_than_the_documented_permissions_is_an_error_that_names_the_action() {
    let name = "alarms::permissions::less_than_the_documented_permissions_is_an_error_that_names_the_action";
    as_user(name, &policies(&["plan"]), their_group, |world| {
        let plan = world.plan(&wanted(&world.scope)).expect("a plan is allowed");
        let (report, _) = world.carry_out(&plan, &world.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(hint.contains("grant `logs:PutMetricFilter`"), "{failure:?}");
    });
}
