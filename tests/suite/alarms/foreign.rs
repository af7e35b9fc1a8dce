//! What is in the way is refused: alarms of others, log groups that are missing or full.

use super::*;

use serde_json::json;
use trailbell::plan::PlanError;
use trailbell::provider::ErrorKind;
use trailbell::resource::ResourceSet;

use crate::support::emulator::ministack;
use crate::support::inside::{Inside, on, on_both};
use crate::support::proxy::{Action, Proxy, Script};

fn refused(world: &Inside, desired: &ResourceSet) -> String {
    match world.plan(desired) {
        Err(PlanError::Refused(refusals)) => {
            refusals.iter().flat_map(|one| [one.what.as_str(), " (", &one.fix, ")\n"]).collect()
        }
        other => panic!("must be refused: {other:?}"),
    }
}

/// Each is refused, left alone by a removal, and taken away by hand.
const ALARMS_OF_OTHERS: &[Line] = &[
    ("without a mark", |w| drop(cloudwatch(w, "PutMetricAlarm", &alarm(ALARM))), &["MetricAlarms"], ""),
    (
        "that computes, whatever its tags say",
        |w| {
            let metric = json!({ "Metric": { "Namespace": "Ns", "MetricName": "M" }, "Period": 300, "Stat": "Sum" });
            let body = json!({ "AlarmName": ALARM, "EvaluationPeriods": 1, "ThresholdMetricId": "band",
                "ComparisonOperator": "GreaterThanUpperThreshold", "ActionsEnabled": true,
                "Tags": [{ "Key": "trailbell:stack", "Value": "sec" }],
                "Metrics": [{ "Id": "m", "MetricStat": metric, "ReturnData": true },
                    { "Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m)", "ReturnData": true }] });
            cloudwatch(w, "PutMetricAlarm", &body);
        },
        &["MetricAlarms"],
        "",
    ),
    (
        "on other alarms",
        |w| drop(cloudwatch(w, "PutCompositeAlarm", &json!({ "AlarmName": ALARM, "AlarmRule": "FALSE" }))),
        &["CompositeAlarms"],
        "moto",
    ),
];

#[test]
fn an_alarm_under_our_name_that_is_not_ours_is_refused() {
    on_both("alarms::foreign::an_alarm_under_our_name_that_is_not_ours_is_refused", |world| {
        groups(world);
        let desired = wanted(&world.scope);
        for (what, make, list, lacking) in ALARMS_OF_OTHERS {
            if *lacking == world.emulator {
                continue;
            }
            make(world);
            let said = refused(world, &desired);
            assert!(said.contains(&format!("the alarm `{ALARM}` exists and is not managed")), "{what}: {said}");
            world.destroy();
            let types = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
            let answer = cloudwatch(world, "DescribeAlarms", &types);
            assert_eq!(names_of(&answer, list[0], "AlarmName"), [ALARM], "{what}: {answer}");
            cloudwatch(world, "DeleteAlarms", &json!({ "AlarmNames": [ALARM] }));
        }
    });
}

#[test]
fn a_log_group_that_is_missing_or_full_is_refused() {
    // moto takes filters on log groups that do not exist.
    on(&[ministack], "alarms::foreign::a_log_group_that_is_missing_or_full_is_refused", |world| {
        let desired = wanted(&world.scope);
        let said = refused(world, &desired);
        assert!(
            said.contains("the log group `/theirs/trail` does not exist") && said.contains("create it first"),
            "{said}"
        );
        groups(world);
        let plan = world.plan(&desired).expect("it is there");
        logs(world, "DeleteLogGroup", &json!({ "logGroupName": THEIRS }));
        let (report, _) = world.carry_out(&plan, &world.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(
            hint.contains("the log group `/theirs/trail` does not exist") && hint.contains("create it first"),
            "{hint}"
        );
        logs(world, "CreateLogGroup", &json!({ "logGroupName": THEIRS }));
        world.destroy();
        fill(world, 100);
        let said = refused(world, &desired);
        for part in ["`/theirs/trail` can have 100 metric filters", "`theirs-000` → CloudTrailMetrics/", "and 95 more"]
        {
            assert!(said.contains(part), "{said}");
        }
    });
}

#[test]
fn a_place_taken_after_the_plan_was_made_is_an_error_that_says_what_to_do() {
    let name = "alarms::foreign::a_place_taken_after_the_plan_was_made_is_an_error_that_says_what_to_do";
    // Neither emulator counts: the proxy refuses as AWS does.
    on(&[ministack], name, |world| {
        groups(world);
        let full = Action::error(400, "LimitExceededException", "Resource limit exceeded.");
        let proxy = Proxy::start(&world.url, Script::new().every("PutMetricFilter", full));
        let plan = world.plan(&wanted(&world.scope)).expect("nothing is in the way");
        let (report, _) = world.carry_out(&plan, &proxy.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(hint.contains("100 metric filters") && hint.contains("`/theirs/trail`"), "{hint}");
        let tried = proxy.operations().iter().filter(|one| *one == "PutMetricFilter").count();
        assert_eq!(tried, 1, "a quota does not grow by trying again");
        world.destroy();
    });
}

/// Something done by hand.
type Hand<'a> = &'a dyn Fn(&Inside);

#[test]
fn what_appears_under_our_name_after_the_plan_is_not_overwritten() {
    on_both("alarms::foreign::what_appears_under_our_name_after_the_plan_is_not_overwritten", |world| {
        groups(world);
        let desired = wanted(&world.scope);
        let to = json!([{ "metricNamespace": "Theirs", "metricName": "Theirs", "metricValue": "2" }]);
        let filter = json!({ "logGroupName": THEIRS, "filterName": FILTER, "filterPattern": "theirs", "metricTransformations": to });
        let late: [(_, Hand<'_>, Hand<'_>); 2] = [
            ("alarm.denied", &|w| drop(cloudwatch(w, "PutMetricAlarm", &alarm(ALARM))), &|w| {
                drop(cloudwatch(w, "DeleteAlarms", &json!({ "AlarmNames": [ALARM] })))
            }),
            ("metric_filter.denied@/theirs/trail", &|w| drop(logs(w, "PutMetricFilter", &filter)), &|w| {
                drop(logs(w, "DeleteMetricFilter", &json!({ "logGroupName": THEIRS, "filterName": FILTER })))
            }),
        ];
        let looks = |w: &Inside| {
            [logs(w, "DescribeMetricFilters", &json!({})), cloudwatch(w, "DescribeAlarms", &json!({}))]
                .map(|answer| answer.to_string())
        };
        for (at, (address, make, remove)) in late.iter().enumerate() {
            let plan = world.plan(&desired).expect("nothing is in the way");
            make(world);
            let before = looks(world);
            let (report, _) = world.carry_out(&plan, &world.url);
            let refused: Vec<_> = report.failures.iter().map(|one| (one.address.short(), one.error.kind)).collect();
            assert_eq!(refused, [((*address).to_owned(), ErrorKind::Exists)], "{report:#?}");
            // The other one may have been made.
            let which = 1 - at;
            assert_eq!(looks(world)[which], before[which], "{address}");
            remove(world);
            world.destroy();
        }
    });
}
