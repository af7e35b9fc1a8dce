//! What someone changed by hand is shown and repaired, and what leads nowhere is still found.

use super::*;
use std::cell::RefCell;

use serde_json::{Value, json};
use trailbell::resource::{Kind, ResourceSet};

use crate::support::emulator::ministack;
use crate::support::inside::{Inside, on, on_both};

/// Puts the alarm anew with some settings changed: what is not given is reset.
fn edit(world: &Inside, change: &Value) {
    let answer = cloudwatch(world, "DescribeAlarms", &json!({ "AlarmNames": [ALARM] }));
    let found = answer["MetricAlarms"][0].as_object().expect("it is there").clone();
    let kept = ["AlarmDescription", "TreatMissingData", "AlarmActions"];
    let mut body = alarm(ALARM);
    for key in kept {
        body[key] = found[key].clone();
    }
    for (key, value) in change.as_object().expect("settings") {
        body[key] = value.clone();
    }
    cloudwatch(world, "PutMetricAlarm", &body);
}

/// Puts the filter anew with something of it, or of its metric, changed.
fn edit_filter(world: &Inside, change: &Value) {
    let mut body = json!({ "logGroupName": THEIRS, "filterName": FILTER, "filterPattern": PATTERN });
    let mut to = json!({ "metricNamespace": "CloudTrailMetrics", "metricName": "AuthorizationFailureCount", "metricValue": "1" });
    for (key, value) in change.as_object().expect("settings") {
        let part = if key.starts_with("filter") { &mut body } else { &mut to };
        part[key] = value.clone();
    }
    body["metricTransformations"] = json!([to]);
    logs(world, "PutMetricFilter", &body);
}

const LINES: &[Line] = &[
    ("nothing", |_| {}, &[], ""),
    ("alarm: put again as it is", |w| edit(w, &json!({})), &[], ""),
    (
        "alarm: description",
        |w| edit(w, &json!({ "AlarmDescription": "edited" })),
        &["update alarm.denied: description"],
        "",
    ),
    (
        "alarm: namespace",
        |w| edit(w, &json!({ "Namespace": "Theirs" })),
        &["update alarm.denied: metric_namespace"],
        "",
    ),
    ("alarm: metric", |w| edit(w, &json!({ "MetricName": "Theirs" })), &["update alarm.denied: metric_name"], ""),
    (
        "alarm: a metric that no filter can write to, and that is not asked for",
        |w| edit(w, &json!({ "MetricName": "a:b" })),
        &["update alarm.denied: metric_name"],
        "",
    ),
    ("alarm: statistic", |w| edit(w, &json!({ "Statistic": "Maximum" })), &["update alarm.denied: statistic"], ""),
    ("alarm: period", |w| edit(w, &json!({ "Period": 86400 })), &["update alarm.denied: period"], ""),
    (
        "alarm: evaluation periods",
        |w| edit(w, &json!({ "EvaluationPeriods": 5 })),
        &["update alarm.denied: evaluation_periods"],
        "",
    ),
    ("alarm: threshold", |w| edit(w, &json!({ "Threshold": 1000.0 })), &["update alarm.denied: threshold"], ""),
    (
        "alarm: comparison",
        |w| edit(w, &json!({ "ComparisonOperator": "LessThanThreshold" })),
        &["update alarm.denied: comparison_operator"],
        "",
    ),
    (
        "alarm: missing data",
        |w| edit(w, &json!({ "TreatMissingData": "ignore" })),
        &["update alarm.denied: treat_missing_data"],
        "",
    ),
    ("alarm: nobody is told", |w| edit(w, &json!({ "AlarmActions": [] })), &["update alarm.denied: alarm_actions"], ""),
    (
        "alarm: switched off",
        |w| drop(cloudwatch(w, "DisableAlarmActions", &json!({ "AlarmNames": [ALARM] }))),
        &["update alarm.denied: actions_enabled"],
        "",
    ),
    (
        "alarm: dimensions",
        |w| edit(w, &json!({ "Dimensions": [{ "Name": "a", "Value": "b" }] })),
        &["update alarm.denied: dimensions"],
        "",
    ),
    ("alarm: unit", |w| edit(w, &json!({ "Unit": "Percent" })), &["update alarm.denied: further_settings"], ""),
    (
        "alarm: told when it is over",
        |w| edit(w, &json!({ "OKActions": ["arn:aws:sns:us-east-1:123456789012:theirs"] })),
        &["update alarm.denied: further_settings"],
        "",
    ),
    (
        "alarm: tag",
        |w| {
            let body = json!({ "ResourceARN": w.scope.alarm_arn(ALARM), "TagKeys": ["trailbell:stack"] });
            cloudwatch(w, "UntagResource", &body);
        },
        &["update alarm.denied: tags"],
        "",
    ),
    (
        "alarm: deleted",
        |w| drop(cloudwatch(w, "DeleteAlarms", &json!({ "AlarmNames": [ALARM] }))),
        &["create alarm.denied: "],
        "",
    ),
    (
        "filter: removed",
        |w| drop(logs(w, "DeleteMetricFilter", &json!({ "logGroupName": THEIRS, "filterName": FILTER }))),
        &["create metric_filter.denied@/theirs/trail: "],
        "",
    ),
    (
        "filter: pattern",
        |w| edit_filter(w, &json!({ "filterPattern": "theirs" })),
        &["update metric_filter.denied@/theirs/trail: filter_pattern"],
        "moto",
    ),
    (
        "filter: namespace",
        |w| edit_filter(w, &json!({ "metricNamespace": "Theirs" })),
        &["update metric_filter.denied@/theirs/trail: metric_namespace"],
        "moto",
    ),
    (
        "filter: metric",
        |w| edit_filter(w, &json!({ "metricName": "Theirs" })),
        &["update metric_filter.denied@/theirs/trail: metric_name"],
        "moto",
    ),
    (
        "filter: value",
        |w| edit_filter(w, &json!({ "metricValue": "0" })),
        &["update metric_filter.denied@/theirs/trail: metric_value"],
        "moto",
    ),
    (
        "filter: default",
        |w| edit_filter(w, &json!({ "defaultValue": 0.5 })),
        &["update metric_filter.denied@/theirs/trail: default_value"],
        "moto",
    ),
    (
        "filter: dimensions and unit",
        |w| edit_filter(w, &json!({ "dimensions": { "a": "$.a" }, "unit": "Percent" })),
        &["update metric_filter.denied@/theirs/trail: dimensions_and_units"],
        "moto",
    ),
];

#[test]
fn every_change_by_hand_is_shown_and_repaired() {
    on_both("alarms::drift::every_change_by_hand_is_shown_and_repaired", |world| {
        groups(world);
        let desired = wanted(&world.scope);
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
        assert_eq!(left(world), [Vec::<String>::new(), Vec::new()]);
    });
}

#[test]
fn a_filter_is_found_although_it_and_its_alarm_disagree() {
    // moto puts a changed filter next to the old one.
    on(&[ministack], "alarms::drift::a_filter_is_found_although_it_and_its_alarm_disagree", |world| {
        groups(world);
        let searched = || {
            let said = RefCell::new(Vec::new());
            let live = world.read(&ResourceSet::new(), &|one| said.borrow_mut().push(one.what)).expect("it is read");
            (live.managed.keys().filter(|one| one.kind() == Kind::MetricFilter).count(), said.into_inner())
        };
        let changes: [fn(&Inside); 3] = [
            |_| {},
            |w| edit_filter(w, &json!({ "metricName": "Theirs" })),
            |w| edit(w, &json!({ "MetricName": "Theirs" })),
        ];
        for change in changes {
            world.apply(&wanted(&world.scope));
            strangers(world);
            change(world);
            let (filters, said) = searched();
            // For a removal they are listed in any case.
            assert!(filters == 1 && !said.is_empty(), "{said:?}");
            assert!(said.iter().all(|one| one.contains("reading all metric filters")), "{said:?}");
            world.destroy();
            assert!(!left(world).concat().iter().any(|one| one == ALARM || one == FILTER));
        }
    });
}

#[test]
fn what_does_not_fit_on_a_page_is_found() {
    // moto gives everything on one page.
    on(&[ministack], "alarms::drift::what_does_not_fit_on_a_page_is_found", |world| {
        groups(world);
        world.apply(&wanted(&world.scope));
        for at in 0..101 {
            cloudwatch(world, "PutMetricAlarm", &alarm(&format!("trailbell-sec_a-{at}")));
        }
        fill(world, 51);
        assert_eq!(world.changes(&wanted(&world.scope)), Vec::<String>::new());
        let expected = ["delete alarm.denied: ", "delete metric_filter.denied@/theirs/trail: "];
        assert_eq!(world.changes(&ResourceSet::new()), expected);
        world.destroy();
    });
}
