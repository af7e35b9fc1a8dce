//! Several destinations: each event goes to exactly those of its alert, one that is broken keeps its letters for itself, and
//! what a stack had is found and removed after its file has changed.

use std::path::PathBuf;

use serde_json::Value;

use super::handover::{at, waits};
use super::versions::scope;
use super::{Sandbox, carry_out, wait};
use crate::alert::Installation;
use crate::cases;
use crate::compile::compile;
use crate::document::Document;
use crate::name::DestinationId;
use crate::plan::{self, Plan};
use crate::provider::sandbox::DeliveryOutcome;
use crate::provider::{Provider, Search};
use crate::resource::Resource;
use crate::secret::Secret;

const BOTH: &str = "{ security: { webhook: \"${env:A}\" }, operations: { webhook: \"${env:B}\" } }";

fn installation(slack: &str, to: &str) -> Installation {
    let text = format!(
        "stack: {}\nregion: us-east-1\nslack: {slack}\nalerts:\n  - {{ blueprint: cloudtrail-stop-logging{to} }}\n",
        scope().stack()
    );
    let document = Document::parse("s.yaml", &text).expect("YAML");
    crate::check::stack(document, PathBuf::new()).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn planned(sandbox: &Sandbox, installation: &Installation) -> Plan {
    let hook = Secret::new(format!("https://hooks.slack.com/services/T/B/{}", "a".repeat(24)));
    let desired = compile(installation, &scope(), Some(&hook));
    let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
    plan::plan(&scope(), &desired, &live).expect("nothing is in the way")
}

/// Applies; the plan after it is empty.
fn apply(sandbox: &Sandbox, installation: &Installation) -> Plan {
    let plan = planned(sandbox, installation);
    let report = carry_out(sandbox, &plan);
    assert!(report.is_complete(), "{report:?}");
    let again = planned(sandbox, installation);
    assert!(again.is_empty(), "{:#?}", again.steps);
    plan
}

fn event(installation: &Installation) -> Value {
    let alert = &installation.alerts[0];
    let case = cases::matching(&alert.blueprint).expect("a case that matches");
    alert.sent(case, &installation.home_in(scope().account()))
}

/// How many requests an event becomes, and how many letters each queue holds then.
fn delivered(sandbox: &Sandbox, installation: &Installation) -> (usize, Vec<Option<u64>>) {
    let sent = sandbox.put_event("us-east-1", &event(installation)).expect("the sandbox has no file");
    let requests = sent.iter().filter(|one| matches!(one.outcome, DeliveryOutcome::Request(_))).count();
    let letters = ["security", "operations"]
        .map(|id| wait(sandbox.dead_letter_count(&scope(), &DestinationId::new(id))).expect("the sandbox has no file"));
    (requests, letters.to_vec())
}

#[test]
fn an_event_goes_to_the_destinations_of_its_alert_and_a_broken_one_keeps_its_letters() {
    let both = installation(BOTH, ", to: [security, operations]");
    let sandbox = Sandbox::new();
    apply(&sandbox, &both);
    assert_eq!(delivered(&sandbox, &both), (2, vec![Some(0), Some(0)]));
    sandbox.by_hand(|world| {
        for object in world.objects.values_mut() {
            if let Resource::Role(role) = &mut object.resource
                && role.address.id.base() == "operations"
            {
                role.policy = None;
            }
        }
    });
    assert_eq!(delivered(&sandbox, &both), (1, vec![Some(0), Some(1)]));
    let one = installation(BOTH, ", to: security");
    apply(&sandbox, &one);
    assert_eq!(delivered(&sandbox, &one).0, 1);
}

#[test]
fn an_alert_that_goes_elsewhere_has_its_new_way_before_the_old_one_is_gone() {
    for (before, after, new, old) in [
        ((BOTH, ", to: security"), (BOTH, ", to: operations"), "to-operations", "to-security"),
        (("{ webhook: \"${env:A}\" }", ""), (BOTH, ", to: security"), "to-security", ""),
        ((BOTH, ", to: security"), ("{ webhook: \"${env:A}\" }", ""), "", "to-security"),
    ] {
        let sandbox = Sandbox::new();
        apply(&sandbox, &installation(before.0, before.1));
        let plan = apply(&sandbox, &installation(after.0, after.1));
        let address = |leads: &str| {
            let end = if leads.is_empty() { String::new() } else { format!("/{leads}") };
            format!("target.cloudtrail-stop-logging{end}")
        };
        let (comes, goes) = (at(&plan, "create", &address(new)), at(&plan, "delete", &address(old)));
        assert!(waits(&plan, goes, comes), "{:#?}", plan.steps);
    }
}

#[test]
fn what_a_file_does_not_have_any_more_is_found_and_removed() {
    let sandbox = Sandbox::new();
    apply(&sandbox, &installation(BOTH, ", to: [security, operations]"));
    apply(&sandbox, &installation("{ security: { webhook: \"${env:A}\" } }", ""));
    let left: Vec<String> =
        sandbox.by_hand(|world| world.objects.values().map(|one| one.resource.address().short()).collect());
    assert!(left.iter().all(|address| !address.contains("operations")), "{left:?}");
    apply(&sandbox, &installation(BOTH, ", to: [security, operations]"));
    let alone = wait(sandbox.read(&scope(), Search::alone())).expect("reading cannot fail");
    let removal = plan::destroy(&scope(), &alone).expect("nothing is attached");
    assert!(carry_out(&sandbox, &removal).is_complete());
    assert!(sandbox.by_hand(|world| world.objects.is_empty()));
}
