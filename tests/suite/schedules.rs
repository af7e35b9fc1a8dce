//! Schedules of EventBridge Scheduler and their role, on both emulators: made, changed by hand and repaired, found again without
//! state, removed without a trace. Neither emulator makes a schedule call anything.

use serde_json::{Value, json};
use trailbell::compile::schedule::{ScheduleSpec, role, schedule};
use trailbell::name::Scope;
use trailbell::resource::mark::tags;
use trailbell::resource::{Address, Arn, Id, Queue, Resource, ResourceSet, set};

use super::support::emulator::ministack;
use super::support::inside::{Inside, on, on_both};
use super::support::proxy::{Action, Proxy, Script};

const NAME: &str = "trailbell-sec_heartbeat_schedule";

/// A schedule that makes a call of AWS's API, and the role that it acts as.
fn wanted(scope: &Scope, every_minutes: u32) -> ResourceSet {
    let queue = scope.queue_arn("theirs");
    let grant = json!({ "Effect": "Allow", "Action": "sqs:TagQueue", "Resource": queue });
    let input =
        json!({ "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/theirs", "Tags": { "beat": "1" } });
    let spec = ScheduleSpec {
        id: "heartbeat",
        words: "Makes a call that is recorded.",
        every_minutes,
        arn: Arn::Known("arn:aws:scheduler:::aws-sdk:sqs:tagQueue".to_owned()),
        input: &input,
        queue: &trailbell::name::DestinationId::slack(),
    };
    set([
        Resource::Role(role(scope, &trailbell::name::DestinationId::slack(), vec![grant])),
        Resource::Schedule(schedule(scope, &spec)),
    ])
}

fn call(world: &Inside, method: &str, body: &Value) -> Value {
    let (status, answer) = world.account.rest("scheduler", method, &format!("/schedules/{NAME}"), body);
    assert!((200..300).contains(&status), "{method} {body}: {status} {answer}");
    answer
}

/// Puts the schedule anew with some settings changed, as a hand does.
fn edit(world: &Inside, change: impl Fn(&mut Value)) {
    let found = call(world, "GET", &Value::Null);
    let kept =
        ["Description", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone", "State", "Target"];
    let mut body = json!({ "GroupName": "default" });
    for key in kept {
        body[key] = found[key].clone();
    }
    change(&mut body);
    call(world, "PUT", &body);
}

type Line = (&'static str, fn(&Inside), &'static [&'static str]);

const LINES: &[Line] = &[
    ("nothing", |_| {}, &[]),
    ("put again as it is", |w| edit(w, |_| {}), &[]),
    (
        "description",
        |w| edit(w, |one| one["Description"] = "edited".into()),
        &["update schedule.heartbeat: description"],
    ),
    (
        "expression",
        |w| edit(w, |one| one["ScheduleExpression"] = "rate(1 day)".into()),
        &["update schedule.heartbeat: schedule_expression"],
    ),
    (
        "time zone",
        |w| edit(w, |one| one["ScheduleExpressionTimezone"] = "Europe/Berlin".into()),
        &["update schedule.heartbeat: schedule_expression_timezone"],
    ),
    (
        "window",
        |w| edit(w, |one| one["FlexibleTimeWindow"] = json!({ "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30 })),
        &["update schedule.heartbeat: flexible_time_window"],
    ),
    ("switched off", |w| edit(w, |one| one["State"] = "DISABLED".into()), &["update schedule.heartbeat: state"]),
    (
        "another call",
        |w| edit(w, |one| one["Target"]["Arn"] = "arn:aws:scheduler:::aws-sdk:sqs:deleteQueue".into()),
        &["update schedule.heartbeat: target_arn"],
    ),
    ("another input", |w| edit(w, |one| one["Target"]["Input"] = "{}".into()), &["update schedule.heartbeat: input"]),
    (
        "another role",
        |w| edit(w, |one| one["Target"]["RoleArn"] = "arn:aws:iam::123456789012:role/theirs".into()),
        &["update schedule.heartbeat: role_arn"],
    ),
    (
        "fewer tries",
        |w| {
            edit(w, |one| {
                one["Target"]["RetryPolicy"] = json!({ "MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0 });
            });
        },
        &["update schedule.heartbeat: retry_maximum_event_age, retry_maximum_attempts"],
    ),
    (
        "no dead letters",
        |w| {
            edit(w, |one| drop(one["Target"].as_object_mut().expect("an object").remove("DeadLetterConfig")));
        },
        &["update schedule.heartbeat: dead_letter_arn"],
    ),
    ("deleted", |w| drop(call(w, "DELETE", &Value::Null)), &["create schedule.heartbeat: "]),
];

#[test]
fn what_a_hand_changes_is_shown_and_repaired() {
    on_both("schedules::what_a_hand_changes_is_shown_and_repaired", |world| {
        let desired = wanted(&world.scope, 15);
        world.apply(&desired);
        for (what, change, expected) in LINES {
            change(world);
            assert_eq!(world.changes(&desired), *expected, "{what} on {}", world.emulator);
            world.apply(&desired);
        }
        assert_eq!(world.changes(&wanted(&world.scope, 30)), ["update schedule.heartbeat: schedule_expression"]);
        world.apply(&wanted(&world.scope, 30));
        // What left the file is found by its role, and goes before it.
        let removed = world.changes(&set([]));
        assert_eq!(removed, ["delete role.scheduler: ", "delete schedule.heartbeat: "]);
        world.destroy();
        assert!(world.live(&ResourceSet::new()).managed.is_empty());
    });
}

#[test]
fn a_schedule_of_others_is_not_touched() {
    on_both("schedules::a_schedule_of_others_is_not_touched", |world| {
        let theirs = json!({
            "FlexibleTimeWindow": { "Mode": "OFF" }, "ScheduleExpression": "rate(1 day)", "Description": "theirs",
            "Target": { "Arn": world.scope.queue_arn("theirs"), "RoleArn": "arn:aws:iam::123456789012:role/theirs" },
        });
        call(world, "POST", &theirs);
        let desired = wanted(&world.scope, 15);
        let refused = world.plan(&desired).expect_err("it is in the way");
        assert!(refused.to_string().contains(NAME), "{refused}");
        let live = world.live(&ResourceSet::new());
        assert!(live.managed.is_empty() && live.unmanaged.len() == 1, "{live:?}");
        assert_eq!(call(world, "GET", &Value::Null)["Description"], "theirs");
    });
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    on(&[ministack], "schedules::a_lost_answer_makes_no_duplicate", |world| {
        let desired = wanted(&world.scope, 15);
        let create = "POST /schedules/trailbell-sec_heartbeat_schedule";
        let proxy = Proxy::start(&world.url, Script::new().on(create, 1, Action::LoseResponse));
        world.carry_out(&world.plan(&desired).expect("nothing is in the way"), &proxy.url);
        assert!(proxy.operations().iter().any(|one| one == create), "{:?}", proxy.operations());
        world.apply(&desired);
        world.destroy();
        assert!(world.live(&ResourceSet::new()).managed.is_empty());
    });
}

#[test]
fn only_what_leads_to_a_schedule_makes_a_plan_ask_for_them() {
    on(&[ministack], "schedules::only_what_leads_to_a_schedule_makes_a_plan_ask_for_them", |world| {
        let other: ResourceSet = set([Resource::Queue(Queue {
            address: Address::new("us-east-1", Id::Queue("slack".to_owned())),
            name: "trailbell-sec_slack_dead-letter-queue".to_owned(),
            retention_seconds: 60,
            kms_key: None,
            max_message_bytes: None,
            redrive_policy: None,
            policy: None,
            tags: tags(&world.scope),
        })]);
        let asks = |desired: &ResourceSet| {
            let proxy = Proxy::start(&world.url, Script::new());
            let (emulator, account) = (world.emulator.clone(), world.account.clone());
            Inside { emulator, account, scope: world.scope.clone(), url: proxy.url.clone() }.live(desired);
            proxy.operations().iter().any(|one| one.starts_with("GET /schedules?"))
        };
        assert!(!asks(&other));
        assert!(asks(&wanted(&world.scope, 15)));
        assert!(asks(&ResourceSet::new()), "a stack that is to be removed");
        world.apply(&wanted(&world.scope, 15));
        assert!(asks(&other), "the role is there");
    });
}
