//! From the queue of a digest on: whether the rule may send there, and whether a schedule calls a function that may empty it.

use serde_json::{Value, json};

use super::Stop;
use super::send::{all, allowed, context, found_role, policy, refused, runs, sibling};
use super::way::HopVerdict;
use crate::graph::{Graph, Part};
use crate::resource::allow::{Access, allows};
use crate::resource::{
    DigestQueue, ENABLED, EVENTS, Function, INVOKE, Resource, SCHEDULE_GROUP, SCHEDULING_SERVICE, Schedule,
};

/// What a function must be allowed to do with the queue.
const TAKING: [&str; 2] = ["sqs:ReceiveMessage", "sqs:DeleteMessage"];

/// What the schedule of a queue calls, and with what in place of the events in the queue.
pub(super) struct Collecting<'g> {
    pub(super) verdict: HopVerdict,
    pub(super) function: Option<&'g Function>,
    pub(super) input: Value,
}

/// Whether a rule may send to the queue.
pub(super) fn sent(graph: &Graph, queue: &DigestQueue, arn: &str, rule_arn: &str) -> HopVerdict {
    if queue.kms_key.is_some() {
        return HopVerdict::not_known("it is not known whether EventBridge may use the key of the digest's queue");
    }
    let context = context(graph, rule_arn);
    let send = Access { service: Some(EVENTS), action: "sqs:SendMessage", resource: Some(arn), context: &context };
    let answer = queue.policy.as_ref().map_or(Some(false), |policy| allows(policy, send));
    let extra = queue.extra.as_ref().map(|extra| format!("the digest's queue has settings of others: {extra}"));
    all([
        allowed(answer, "NO_PERMISSIONS", "the policy of the digest's queue", "let the rule send to it"),
        extra.map_or(HopVerdict::Yes, HopVerdict::not_known),
    ])
}

/// What becomes of an event in the queue when its schedule is due.
pub(super) fn collecting<'g>(graph: &'g Graph, queue: &DigestQueue, queue_arn: &str, event: &Value) -> Collecting<'g> {
    let none = |why: &str| Collecting {
        verdict: HopVerdict::no(Stop::NotCollected { why: why.to_owned() }),
        function: None,
        input: Value::Null,
    };
    let is_enabled = |(schedule, _): &&(&Schedule, Value)| schedule.state == ENABLED;
    let schedules: Vec<(&Schedule, Value)> = graph.schedules().filter_map(|one| calls_for(one, queue)).collect();
    let Some((schedule, mut input)) = schedules.iter().find(is_enabled).cloned() else {
        let why =
            if schedules.is_empty() { "no schedule empties the digest's queue" } else { "the schedule is not enabled" };
        return none(why);
    };
    let Some(Part { resource: Resource::Function(function), arn }) = graph.find(&schedule.arn) else {
        return none("the schedule does not call a function of the stack");
    };
    input["events"] = json!([event]);
    let arn = arn.as_deref().unwrap_or_default();
    // Such as an end: past it, a schedule is still enabled and does not call.
    let extra = schedule.extra.as_ref().map(|extra| format!("the schedule has settings of others: {extra}"));
    let verdict = all([
        called(graph, schedule, arn),
        runs(graph, function),
        takes(graph, function, queue_arn),
        extra.map_or(HopVerdict::Yes, HopVerdict::not_known),
    ]);
    Collecting { verdict, function: Some(function), input }
}

/// The input of a schedule that is about this queue.
fn calls_for<'g>(schedule: &'g Schedule, queue: &DigestQueue) -> Option<(&'g Schedule, Value)> {
    let input: Value = serde_json::from_str(schedule.input.as_deref()?).ok()?;
    (input["trailbell"]["queue"] == queue.name.as_str()).then_some((schedule, input))
}

/// Whether the schedule may call the function.
fn called(graph: &Graph, schedule: &Schedule, function: &str) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let Some(role) = found_role(graph, &schedule.role_arn) else {
        return refused(code, "the role of the schedule does not exist, or is not part of the stack");
    };
    let group = sibling(function, "scheduler", &format!("schedule-group/{SCHEDULE_GROUP}"));
    let context = context(graph, &group);
    let assume =
        Access { service: Some(SCHEDULING_SERVICE), action: "sts:AssumeRole", resource: None, context: &context };
    let invoke = Access { service: None, action: INVOKE, resource: Some(function), context: &[] };
    all([
        allowed(allows(&role.trust, assume), code, "the role of the schedule", "let EventBridge Scheduler assume it"),
        allowed(policy(role, invoke), code, "the role of the schedule", "allow calling the function"),
    ])
}

/// Whether the function may take events from the queue.
fn takes(graph: &Graph, function: &Function, queue: &str) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let Some(role) = found_role(graph, &function.role_arn) else {
        return refused(code, "the role of the function does not exist, or is not part of the stack");
    };
    all(TAKING.map(|action| {
        let access = Access { service: None, action, resource: Some(queue), context: &[] };
        allowed(policy(role, access), code, "the role of the function", "allow taking events from the digest's queue")
    }))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::compile::compile;
    use crate::document::Document;
    use crate::name::Scope;
    use crate::resource::{Policy, ResourceSet};
    use crate::trace::{Answer, Ask, End, Input, Question, Way, answer, follow, relayed};

    const STACK: &str = "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: \
        cloudtrail-stop-logging, digest: 15m }\n";

    /// The way of the alert's own example, with the resources changed; what the function was given.
    fn way(change: impl Fn(&mut Resource)) -> (Way, Option<Value>) {
        let loaded =
            crate::check::stack(Document::parse("t.yaml", STACK).expect("YAML"), PathBuf::new()).expect("good");
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a scope");
        let mut desired: ResourceSet = compile(&loaded, &scope, None);
        desired.values_mut().for_each(change);
        let graph = Graph::compiled(&scope, &desired).receiving(crate::graph::Receiving::default());
        let event = crate::cases::matching(&loaded.alerts[0].blueprint).expect("a case").sent();
        let given = std::cell::RefCell::new(None);
        let judge = |question: &Question<'_>| match &question.ask {
            Ask::Run { input, .. } => {
                *given.borrow_mut() = Some(input.clone());
                Answer::Ran { error: None, events: vec![relayed(&scope, &json!({ "text": "1 event" }), None)] }
            }
            _ => answer(question),
        };
        let ways = follow(&graph, Input::Event(&event), judge);
        let way = ways.into_iter().find(|way| way.origin.id == "cloudtrail-stop-logging").expect("a way");
        (way, given.into_inner())
    }

    #[test]
    fn an_event_is_counted_by_the_function_that_the_schedule_calls() {
        let (way, given) = way(|_| ());
        assert_eq!(way.end(), End::Open, "{:?}", way.hops);
        assert_eq!(way.is_kept, HopVerdict::Yes);
        let given = given.expect("the function is asked about");
        assert_eq!(given["trailbell"]["queue"], "trailbell-sec_cloudtrail-stop-logging_digest-queue");
        assert_eq!(given["events"].as_array().map(Vec::len), Some(1));
        assert_eq!(way.bodies(), [r#"{"text":"1 event"}"#]);
    }

    type Line = (&'static str, fn(&mut Resource));

    #[test]
    fn whatever_keeps_a_digest_from_coming_is_named() {
        let lines: [Line; 9] = [
            ("the policy of the digest's queue does not let the rule send to it", |one| {
                if let Resource::DigestQueue(queue) = one {
                    queue.policy = None;
                }
            }),
            ("the digest's queue has settings of others: delay of 900 s", |one| {
                if let Resource::DigestQueue(queue) = one {
                    queue.extra = Some("delay of 900 s".to_owned());
                }
            }),
            ("the schedule is not enabled", |one| {
                if let Resource::Schedule(schedule) = one {
                    schedule.state = "DISABLED".to_owned();
                }
            }),
            ("the schedule has settings of others: ends at 2026-01-01T00:00:00Z", |one| {
                if let Resource::Schedule(schedule) = one {
                    schedule.extra = Some("ends at 2026-01-01T00:00:00Z".to_owned());
                }
            }),
            ("no schedule empties the digest's queue", |one| {
                if let Resource::Schedule(schedule) = one {
                    schedule.input = Some("{}".to_owned());
                }
            }),
            ("the schedule does not call a function of the stack", |one| {
                if let Resource::Schedule(schedule) = one {
                    schedule.arn =
                        crate::resource::Arn::Known("arn:aws:scheduler:::aws-sdk:sqs:deleteQueue".to_owned());
                }
            }),
            ("the role of the schedule does not let EventBridge Scheduler assume it", |one| {
                if let Resource::Role(role) = one
                    && role.name.contains("_scheduler-")
                {
                    role.trust = Policy::of(&json!({ "Effect": "Deny" }));
                }
            }),
            ("the reserved concurrency of the function trailbell-sec_digest_function is 0", |one| {
                if let Resource::Function(function) = one {
                    function.reserved_concurrency = Some(0);
                }
            }),
            ("the role of the function does not allow taking events from the digest's queue", |one| {
                if let Resource::Role(role) = one
                    && role.name.contains("_digest-function-")
                {
                    role.policy = None;
                }
            }),
        ];
        for (expected, change) in lines {
            let (way, given) = way(change);
            let told = match way.end() {
                End::Stopped { by, .. } => by.to_string(),
                End::NotKnown { why, .. } => why.to_owned(),
                other => panic!("{expected}: {other:?}"),
            };
            assert_eq!((told.as_str(), given), (expected, None));
        }
    }
}
