//! What a previous version of trailbell wrote: sandbox files in `tests/fixtures/previous`, each made by `trailbell
//! apply --sandbox` on the stack file next to it. Such a stack is brought to today's form without a gap, and it can be removed.

use std::path::Path;

use serde_json::json;

use super::handover::walk;
use super::{Event, StopRequest, apply, carry_out, carry_out_step, wait};
use crate::compile::compile;
use crate::document::Reach;
use crate::graph::Receiving;
use crate::name::{DEFAULT_BUS, NOTIFIER, Scope};
use crate::plan::{self, Change, Plan, PlanStep};
use crate::provider::sandbox::{Sandbox, World};
use crate::provider::{Provider, Search};
use crate::resource::{Address, Id, Resource, ResourceSet};
use crate::secret::Secret;
use crate::trace::{self, Answer, Ask, End, Input, Put, Question};

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "previous").expect("a good scope")
}

/// The sandbox as it was written, and what the stack file asks for.
fn written(name: &str, secret: &Secret) -> (Sandbox, ResourceSet) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/previous");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("readable");
    let world = World::from_json(&text).expect("what was written is read");
    let lines = |text: &str| text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect::<Vec<_>>();
    let mut kept = lines(&text.replace("\"format\": 1", "\"format\": 2"));
    kept.retain(|line| line.trim() != "\"requires\": []");
    assert_eq!(lines(&world.to_json()), kept, "addresses and fields are written as they were");
    let installation = crate::check::stack_file(&folder.join(format!("{name}.yaml")), Reach::Own).expect("no findings");
    let mut desired = compile(&installation, &scope(), Some(secret));
    for (address, resource) in &mut desired {
        let before = world.objects.values().find(|one| one.resource.address() == address).map(|one| &one.resource);
        // The code of handlers may differ from version to version, and is uploaded again then.
        if let (Resource::Function(wanted), Some(Resource::Function(before))) = (resource, before)
            && wanted.address.id.base() != NOTIFIER
        {
            wanted.code = before.code.clone();
        }
    }
    let sandbox = Sandbox::new();
    sandbox.by_hand(|kept| *kept = world);
    (sandbox, desired)
}

fn stacks() -> [(&'static str, Secret); 2] {
    let random = "a".repeat(24);
    [
        ("webhook", Secret::new(format!("https://hooks.slack.com/services/T/B/{random}"))),
        ("bot", Secret::new(format!("xox{}-1-{random}", 'b'))),
    ]
}

fn planned(sandbox: &Sandbox, desired: &ResourceSet) -> Plan {
    let live = wait(sandbox.read(&scope(), Search::of(desired))).expect("reading cannot fail");
    plan::plan(&scope(), desired, &live).expect("nothing is in the way")
}

/// The relay moves to the stack's own bus, the queue takes what any rule of the stack cannot deliver, the trust of the role
/// names the rules, and the rules of alerts with a remediation take the events of their own account alone.
const MIGRATION: [&str; 12] = [
    "create event_bus.relay",
    "create rule.relay@relay",
    "create target.relay@relay",
    "delete rule.relay",
    "delete target.relay",
    "update function.notifier code_sha256",
    "update queue.slack policy",
    "update role.notifier-function inline_policy",
    "update role.notifier-function inline_policy",
    "update role.slack assume_role_policy",
    "update rule.an-alert-whose-id-does-not-fit--28fd1b65 event_pattern",
    "update rule.noticed event_pattern",
];

fn written_out(step: &PlanStep) -> String {
    let fields = match &step.change {
        Change::Update { fields, .. } => fields.iter().map(|field| field.path.as_str()).collect(),
        _ => Vec::new(),
    };
    let words = format!("{} {} {}", step.change.action(), step.change.address().short(), fields.join(" "));
    words.trim_end().to_owned()
}

#[test]
fn what_a_previous_version_applied_changes_once_and_can_be_removed() {
    for (name, secret) in stacks() {
        let (sandbox, desired) = written(name, &secret);
        let plan = planned(&sandbox, &desired);
        let mut steps: Vec<String> = plan.steps.iter().map(written_out).collect();
        steps.sort();
        assert_eq!(steps, MIGRATION, "{name}");
        let report = carry_out(&sandbox, &plan);
        assert!(report.is_complete(), "{name}: {report:?}");
        let again = planned(&sandbox, &desired);
        assert!(again.is_empty(), "{name}: {:#?}", again.steps);
        remove(name, &sandbox);
        // A version that has not been migrated can be removed, too.
        remove(name, &written(name, &secret).0);
    }
}

fn remove(name: &str, sandbox: &Sandbox) {
    let alone = wait(sandbox.read(&scope(), Search::alone())).expect("reading cannot fail");
    let removal = plan::destroy(&scope(), &alone).expect("nothing is attached");
    let report = carry_out(sandbox, &removal);
    assert!(report.is_complete(), "{name}: {report:?}");
    assert!(sandbox.by_hand(|world| world.objects.is_empty()), "{name}");
}

/// What the notifier's code puts where: the previous version's on the default bus.
fn put(name: &str, is_new: bool) -> Put {
    let message = if name == "bot" { json!({ "channel": "C0123456789", "text": "a" }) } else { json!({ "text": "a" }) };
    let put = trace::relayed(&scope(), &message, None);
    if is_new { put } else { Put { bus: DEFAULT_BUS.to_owned(), ..put } }
}

/// Whether a log line reaches Slack when this code runs.
fn arrives(sandbox: &Sandbox, name: &str, is_new: bool) -> bool {
    let lines = ["{\"errorCode\":\"AccessDenied\"}".to_owned()];
    let input = Input::Lines { log_group: "my-trail", lines: &lines };
    let answer = |question: &Question<'_>| match &question.ask {
        Ask::Run { .. } => Answer::Ran { error: None, events: vec![put(name, is_new)] },
        _ => trace::answer(question),
    };
    let ways = sandbox.walk("us-east-1", Receiving::of("us-east-1"), input, answer).expect("the sandbox has no file");
    ways.iter().any(|way| way.end() == End::Open)
}

fn code(sandbox: &Sandbox) -> String {
    sandbox.by_hand(|world| {
        let notifier = Address::new("us-east-1", Id::Function(NOTIFIER.to_owned()));
        match world.at(&notifier).map(|one| &one.resource) {
            Some(Resource::Function(function)) => function.code.sha256.clone(),
            _ => panic!("there is a notifier"),
        }
    })
}

#[test]
fn on_the_way_to_the_own_bus_no_alert_is_without_a_way_to_slack() {
    for (name, secret) in stacks() {
        for seed in 0..40 {
            let (sandbox, desired) = written(name, &secret);
            let plan = planned(&sandbox, &desired);
            let old = code(&sandbox);
            let mut arns = plan.arns.clone();
            // Calls of the old code can be under way until a step has waited for their end.
            let mut has_old_calls = true;
            for step in walk(&plan, seed) {
                let is_switch = step.change.address().short() == "function.notifier";
                if code(&sandbox) != old && step.pause.is_some() {
                    has_old_calls = false;
                }
                assert!(!is_switch || step.pause.is_some(), "EventBridge and IAM take their time: {step:?}");
                carry_out_step(&sandbox, &scope(), step, &mut arns);
                assert!(arrives(&sandbox, name, code(&sandbox) != old), "{name}, after {}", written_out(step));
                assert!(!has_old_calls || arrives(&sandbox, name, false), "{name}, after {}", written_out(step));
            }
            assert!(!has_old_calls && !arrives(&sandbox, name, false), "{name}: the old way is closed");
        }
    }
}

#[test]
fn who_stops_it_in_a_pause_leaves_a_stack_that_works_and_goes_on_later() {
    for (name, secret) in stacks() {
        let (sandbox, desired) = written(name, &secret);
        let plan = planned(&sandbox, &desired);
        let old = code(&sandbox);
        let stop = StopRequest::default();
        let stop_waiting = |event: Event| {
            if matches!(event, Event::Waiting { .. }) {
                stop.ask();
            }
        };
        let report = wait(apply(&plan, &sandbox, &stop, &stop_waiting));
        assert!(report.stopped && report.failures.is_empty(), "{report:?}");
        assert!(report.skipped.iter().any(|one| one.short() == "function.notifier"), "{report:?}");
        assert!(code(&sandbox) == old && arrives(&sandbox, name, false), "{name}");
        let rest = planned(&sandbox, &desired);
        assert!(carry_out(&sandbox, &rest).is_complete());
        assert!(arrives(&sandbox, name, true) && planned(&sandbox, &desired).is_empty(), "{name}");
    }
}
