//! Alarms and metric filters on both emulators: made, changed by hand and repaired, refused where others are in the way,
//! found again without state, removed without a trace.
//!
//! Known gaps of the emulators, each named where it matters: moto puts a changed metric filter beside the old one, takes
//! filters on log groups that do not exist, gives everything on one page and makes no alarms on alarms; ministack forgets
//! the expression of an alarm that computes, and lets everybody change alarms. Neither keeps `applyOnTransformedLogs`.

use std::cell::RefCell;

use serde_json::{Value, json};
use trailbell::apply::{Stop, apply};
use trailbell::compile::metric::{Spec, metric};
use trailbell::name::Scope;
use trailbell::plan::{self, PlanError};
use trailbell::provider::sandbox::{ACCOUNT, Sandbox};
use trailbell::provider::{Provider, Search};
use trailbell::resource::{Kind, ResourceSet, set};

use super::documents::{allowed, blocks, read};
use super::support::api::Account;
use super::support::emulator::{ministack, moto};
use super::support::inside::{Inside, as_user, on, on_both};
use super::support::proxy::{Action, Proxy, Script};

const ALARM: &str = "trailbell-sec_denied_alarm";
const FILTER: &str = "trailbell-sec_denied_metric-filter";
const THEIRS: &str = "/theirs/trail";
const OTHER: &str = "/theirs/other";
const PATTERN: &str = "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }";

fn call(account: &Account, service: &str, target: &str, body: &Value) -> Value {
    let (status, answer) = account.json(service, target, body);
    assert_eq!(status, 200, "{target} {body}: {answer}");
    answer
}

fn logs(world: &Inside, operation: &str, body: &Value) -> Value {
    call(&world.account, "logs", &format!("Logs_20140328.{operation}"), body)
}

fn cloudwatch(world: &Inside, operation: &str, body: &Value) -> Value {
    call(&world.account, "monitoring", &format!("GraniteServiceVersion20100801.{operation}"), body)
}

/// The log groups of others that filters are put on.
fn groups(world: &Inside) {
    for name in [THEIRS, OTHER] {
        logs(world, "CreateLogGroup", &json!({ "logGroupName": name }));
    }
}

fn spec() -> Spec<'static> {
    Spec {
        id: "denied",
        words: "Somebody is refused.",
        log_group: THEIRS,
        pattern: PATTERN,
        namespace: "CloudTrailMetrics",
        name: "AuthorizationFailureCount",
        topic: Some("arn:aws:sns:us-east-1:123456789012:theirs"),
    }
}

fn wanted(scope: &Scope) -> ResourceSet {
    set(metric(scope, &spec()))
}

/// What is wanted one after the other, and what the plan must say before each is applied. What moto cannot follow is left
/// out: a changed filter stays beside the new one.
fn story(scope: &Scope, is_moto: bool) -> Vec<(ResourceSet, Vec<&'static str>)> {
    let of = |spec: Spec<'_>| set(metric(scope, &spec));
    let moved = Spec { log_group: OTHER, topic: None, ..spec() };
    let mut story = vec![
        (of(spec()), vec!["create alarm.denied: ", "create metric_filter.denied@/theirs/trail: "]),
        (of(Spec { topic: None, ..spec() }), vec!["update alarm.denied: alarm_actions"]),
        // The old one is not in the stack file and is found by the metric of the alarm.
        (
            of(moved.clone()),
            vec!["create metric_filter.denied@/theirs/other: ", "delete metric_filter.denied@/theirs/trail: "],
        ),
    ];
    if !is_moto {
        let again = Spec { name: "Refused", ..moved };
        story.extend([
            (
                of(again.clone()),
                vec!["update alarm.denied: metric_name", "update metric_filter.denied@/theirs/other: metric_name"],
            ),
            // Where the alarm looks is where the old filter is found: it changes only when that is gone.
            (
                of(spec()),
                vec![
                    "create metric_filter.denied@/theirs/trail: ",
                    "delete metric_filter.denied@/theirs/other: ",
                    "update alarm.denied: metric_name, alarm_actions",
                ],
            ),
            (of(Spec { pattern: "root", ..spec() }), vec!["update metric_filter.denied@/theirs/trail: filter_pattern"]),
        ]);
    }
    // The alert leaves the file.
    let last = if is_moto {
        "delete metric_filter.denied@/theirs/other: "
    } else {
        "delete metric_filter.denied@/theirs/trail: "
    };
    story.push((ResourceSet::new(), vec!["delete alarm.denied: ", last]));
    story
}

/// A filter and alarms of others, under names like ours and on the same metric.
fn strangers(world: &Inside) {
    let to = json!([{ "metricNamespace": "CloudTrailMetrics", "metricName": "AuthorizationFailureCount", "metricValue": "1" }]);
    for name in ["theirs", "trailbell-other_denied_metric-filter"] {
        let body =
            json!({ "logGroupName": THEIRS, "filterName": name, "filterPattern": "", "metricTransformations": to });
        logs(world, "PutMetricFilter", &body);
    }
    for name in ["theirs", "trailbell-sec_theirs", "trailbell-other_denied_alarm"] {
        cloudwatch(world, "PutMetricAlarm", &alarm(name));
    }
}

fn alarm(name: &str) -> Value {
    json!({ "AlarmName": name, "Namespace": "CloudTrailMetrics", "MetricName": "AuthorizationFailureCount",
        "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "ActionsEnabled": true,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold" })
}

fn names_of(answer: &Value, list: &str, name: &str) -> Vec<String> {
    let all = answer[list].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = all.iter().filter_map(|one| one[name].as_str().map(str::to_owned)).collect();
    names.sort();
    names
}

/// Every filter and alarm of the account.
fn left(world: &Inside) -> [Vec<String>; 2] {
    [
        names_of(&logs(world, "DescribeMetricFilters", &json!({})), "metricFilters", "filterName"),
        names_of(&cloudwatch(world, "DescribeAlarms", &json!({})), "MetricAlarms", "AlarmName"),
    ]
}

#[test]
fn an_alarm_comes_changes_in_place_and_goes_and_what_others_have_stays() {
    on_both("alarms::an_alarm_comes_changes_in_place_and_goes_and_what_others_have_stays", |world| {
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
    for (wanted, expected) in story(&scope, false) {
        assert_eq!(changes(&wanted), expected);
        // Deleted filters first, then the alarm, then new filters.
        let plan = planned(&wanted);
        let steps: Vec<(&str, Kind)> =
            plan.steps.iter().map(|step| (step.change.action(), step.change.address().kind)).collect();
        let alarm = steps.iter().position(|(_, kind)| *kind == Kind::Alarm);
        for (at, (action, kind)) in steps.iter().enumerate().filter(|(_, (_, kind))| *kind == Kind::MetricFilter) {
            let is_before = alarm.is_some_and(|alarm| at < alarm);
            assert!(alarm.is_none() || is_before == (*action == "delete"), "{kind:?}: {steps:?}");
        }
        let report = at_once(apply(&plan, &sandbox, &Stop::default(), &|_| ()));
        assert!(report.is_complete(), "{report:#?}");
        assert_eq!(changes(&wanted), Vec::<String>::new());
    }
    assert!(sandbox.by_hand(|world| world.objects.is_empty()));
}

/// A change made by hand, and the drift that a plan must show; the last says which emulator cannot show it.
type Line = (&'static str, fn(&Inside), &'static [&'static str], &'static str);

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
        &["update alarm.denied: further_settings"],
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
    on_both("alarms::every_change_by_hand_is_shown_and_repaired", |world| {
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

fn refused(world: &Inside, desired: &ResourceSet) -> String {
    match world.plan(desired) {
        Err(PlanError::Refused(refusals)) => {
            refusals.iter().flat_map(|one| [one.what.as_str(), " (", &one.way_out, ")\n"]).collect()
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
    on_both("alarms::an_alarm_under_our_name_that_is_not_ours_is_refused", |world| {
        groups(world);
        let desired = wanted(&world.scope);
        for (what, make, list, lacking) in ALARMS_OF_OTHERS {
            if *lacking == world.emulator {
                continue;
            }
            make(world);
            let said = refused(world, &desired);
            assert!(said.contains(&format!("the alarm `{ALARM}` exists and does not belong")), "{what}: {said}");
            world.destroy();
            let types = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
            let answer = cloudwatch(world, "DescribeAlarms", &types);
            assert_eq!(names_of(&answer, list[0], "AlarmName"), [ALARM], "{what}: {answer}");
            cloudwatch(world, "DeleteAlarms", &json!({ "AlarmNames": [ALARM] }));
        }
    });
}

#[test]
fn a_filter_is_found_although_it_and_its_alarm_disagree() {
    // moto puts a changed filter beside the old one.
    on(&[ministack], "alarms::a_filter_is_found_although_it_and_its_alarm_disagree", |world| {
        groups(world);
        let searched = || {
            let said = RefCell::new(Vec::new());
            let live = world.read(&ResourceSet::new(), &|one| said.borrow_mut().push(one.what)).expect("it is read");
            (live.owned.keys().filter(|one| one.kind == Kind::MetricFilter).count(), said.into_inner())
        };
        let changes: [fn(&Inside); 3] = [
            |_| {},
            |w| edit_filter(w, &json!({ "metricName": "Theirs" })),
            |w| edit(w, &json!({ "MetricName": "Theirs" })),
        ];
        for (at, change) in changes.iter().enumerate() {
            world.apply(&wanted(&world.scope));
            strangers(world);
            change(world);
            let (filters, said) = searched();
            assert_eq!((filters, said.is_empty()), (1, at == 0), "{at}: {said:?}");
            assert!(said.iter().all(|one| one.contains("looking at every metric filter")), "{said:?}");
            world.destroy();
            assert!(!left(world).concat().iter().any(|one| one == ALARM || one == FILTER));
        }
    });
}

#[test]
fn what_does_not_fit_on_a_page_is_found() {
    // moto gives everything on one page.
    on(&[ministack], "alarms::what_does_not_fit_on_a_page_is_found", |world| {
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

/// So many filters of others on the log group, on the alarm's metric.
fn fill(world: &Inside, number: usize) {
    for at in 0..number {
        let body = json!({ "logGroupName": THEIRS, "filterName": format!("theirs-{at:03}"), "filterPattern": "",
            "metricTransformations": [{ "metricNamespace": "CloudTrailMetrics",
                "metricName": "AuthorizationFailureCount", "metricValue": "1" }] });
        logs(world, "PutMetricFilter", &body);
    }
}

#[test]
fn a_log_group_that_is_missing_or_full_is_refused() {
    // moto takes filters on log groups that do not exist.
    on(&[ministack], "alarms::a_log_group_that_is_missing_or_full_is_refused", |world| {
        let desired = wanted(&world.scope);
        let said = refused(world, &desired);
        assert!(said.contains("there is no log group `/theirs/trail`") && said.contains("create it first"), "{said}");
        groups(world);
        let plan = world.plan(&desired).expect("it is there");
        logs(world, "DeleteLogGroup", &json!({ "logGroupName": THEIRS }));
        let (report, _) = world.carry_out(&plan, &world.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(hint.contains("there is no log group `/theirs/trail`") && hint.contains("create it first"), "{hint}");
        logs(world, "CreateLogGroup", &json!({ "logGroupName": THEIRS }));
        world.destroy();
        fill(world, 100);
        let said = refused(world, &desired);
        for part in
            ["`/theirs/trail` has 100 places for metric filters", "`theirs-000` → CloudTrailMetrics/", "and 95 more"]
        {
            assert!(said.contains(part), "{said}");
        }
    });
}

#[test]
fn a_place_taken_after_the_plan_was_made_is_an_error_that_says_what_to_do() {
    let name = "alarms::a_place_taken_after_the_plan_was_made_is_an_error_that_says_what_to_do";
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

#[test]
fn errors_of_cloudwatch_are_understood() {
    on(&[ministack], "alarms::errors_of_cloudwatch_are_understood", |world| {
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
        assert!(hint.contains("allow `cloudwatch:PutMetricAlarm`"), "{failure:?}");
    });
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    on(&[ministack], "alarms::a_lost_answer_makes_no_duplicate", |world| {
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
    on(&[ministack, moto], "alarms::an_apply_and_a_removal_killed_anywhere_converge", |world| {
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

/// The policies of the page on permissions with these numbers: plan, verify, apply, destroy.
fn policies(numbers: &[usize]) -> Value {
    let blocks = blocks(&read("docs/permissions.md"), "json");
    allowed(&numbers.iter().map(|at| blocks[*at].as_str()).collect::<Vec<_>>())
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
    let name = "alarms::the_documented_permissions_are_enough_to_apply";
    as_user(name, &policies(&[0, 2]), their_group, |world| {
        let untold = set(metric(&world.scope, &Spec { topic: None, pattern: "root", ..spec() }));
        for desired in [wanted(&world.scope), untold, ResourceSet::new()] {
            carried_out(world, &world.plan(&desired).expect("nothing is in the way"), &policies(&[0, 2]));
            assert_eq!(world.changes(&desired), Vec::<String>::new());
        }
    });
}

#[test]
fn the_documented_permissions_are_enough_to_destroy() {
    let name = "alarms::the_documented_permissions_are_enough_to_destroy";
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
    as_user(name, &policies(&[0, 3]), arrange, |world| {
        let removal = plan::destroy(&world.scope, &world.live(&ResourceSet::new())).expect("nothing is attached");
        assert_eq!(removal.steps.len(), 2);
        carried_out(world, &removal, &policies(&[0, 3]));
        assert!(world.live(&ResourceSet::new()).owned.is_empty());
    });
}

#[test]
fn less_than_the_documented_permissions_is_an_error_that_names_the_action() {
    let name = "alarms::less_than_the_documented_permissions_is_an_error_that_names_the_action";
    as_user(name, &policies(&[0]), their_group, |world| {
        let plan = world.plan(&wanted(&world.scope)).expect("a plan is allowed");
        let (report, _) = world.carry_out(&plan, &world.url);
        let [failure] = &report.failures[..] else { panic!("{report:#?}") };
        let hint = failure.error.hint.clone().unwrap_or_default();
        assert!(hint.contains("allow `logs:PutMetricFilter`"), "{failure:?}");
    });
}
