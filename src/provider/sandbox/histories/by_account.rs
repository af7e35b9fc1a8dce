//! Destinations by account: each event goes to exactly those of its account, and while accounts change groups none is lost, in whatever
//! order a plan's graph is walked.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::handover::walk;
use super::versions::scope;
use super::{Sandbox, carry_out, carry_out_step, wait};
use crate::alert::Installation;
use crate::cases;
use crate::compile::compile;
use crate::document::Document;
use crate::plan::{self, Plan};
use crate::provider::sandbox::{DeliveryOutcome, Sent};
use crate::provider::{Provider, Search};
use crate::secret::Secret;

const ACCOUNTS: [&str; 4] = ["123456789012", "111111111111", "222222222222", "333333333333"];

/// The stack in which messages of these accounts go to these destinations.
fn installation(routes: &[(&[&str], &str)]) -> Installation {
    let items: Vec<String> =
        routes.iter().map(|(accounts, to)| format!("{{ accounts: {}, to: {to} }}", json!(accounts))).collect();
    let text = format!(
        "stack: {}\nregion: us-east-1\naccount: \"{}\"\nforwarded: {{ accounts: {} }}\nslack: {{ a: {{ webhook: \"${{env:A}}\" }}, b: {{ webhook: \"${{env:B}}\" }}, c: {{ webhook: \"${{env:C}}\" }} }}\n\
         to: {{ default: a, accounts: [{}] }}\nalerts:\n  - blueprint: cloudtrail-stop-logging\n",
        scope().stack(),
        ACCOUNTS[0],
        json!(&ACCOUNTS[1..]),
        items.join(", ")
    );
    let document = Document::parse("s.yaml", &text).expect("YAML");
    crate::check::stack(document, PathBuf::new()).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn planned(sandbox: &Sandbox, installation: &Installation) -> Plan {
    let hook = |id: &str| Secret::new(format!("https://hooks.slack.com/services/T/B/{}", id.repeat(24)));
    let mut secrets = crate::stack::Secrets::default();
    for one in &installation.destinations {
        secrets.insert(one.id.clone(), hook(one.id.as_str()));
    }
    let desired = compile(installation, &scope(), &secrets);
    let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
    plan::plan(&scope(), &desired, &live).expect("nothing is in the way")
}

/// The destinations that an event of an account goes to.
fn reached(sandbox: &Sandbox, installation: &Installation, account: &str) -> Vec<String> {
    let alert = &installation.alerts[0];
    let case = cases::matching(&alert.blueprint).expect("a case that matches");
    let home = installation.home_in(scope().account());
    let event: Value = alert.sent_from(case, &home, Some(account));
    let sent = sandbox.put_event("us-east-1", &event).expect("the sandbox has no file");
    // Names are `trailbell-STACK_DESTINATION_KIND`.
    let destination = |one: &Sent| one.target_arn.split('_').nth(1).unwrap_or_default().to_owned();
    let requests = sent.iter().filter(|one| matches!(one.outcome, DeliveryOutcome::Request(_)));
    let mut all: Vec<String> = requests.map(destination).collect();
    all.sort();
    all
}

type Routes = &'static [(&'static [&'static str], &'static str)];

const VERSIONS: [(Routes, [&str; 4]); 6] = [
    (&[], ["a", "a", "a", "a"]),
    (&[(&["111111111111"], "b")], ["a", "b", "a", "a"]),
    (&[(&["111111111111", "222222222222"], "b")], ["a", "b", "b", "a"]),
    (&[(&["111111111111"], "b"), (&["222222222222", "333333333333"], "c")], ["a", "b", "c", "c"]),
    (&[(&["222222222222"], "c"), (&["111111111111"], "c")], ["a", "c", "c", "a"]),
    (&[(&["123456789012"], "b"), (&["333333333333"], "c")], ["b", "a", "a", "c"]),
];

#[test]
fn events_go_to_the_destinations_of_their_account_and_none_is_lost_when_these_change() {
    for (at, (before, _)) in VERSIONS.iter().enumerate() {
        for (other, (after, to)) in VERSIONS.iter().enumerate().filter(|(other, _)| *other != at) {
            for seed in 0..4 {
                let (old, new) = (installation(before), installation(after));
                let sandbox = Sandbox::new();
                assert!(carry_out(&sandbox, &planned(&sandbox, &old)).is_complete());
                assert!(planned(&sandbox, &old).is_empty());
                let plan = planned(&sandbox, &new);
                let mut arns = plan.arns.clone();
                for step in walk(&plan, seed) {
                    carry_out_step(&sandbox, &scope(), step, &mut arns);
                    for account in ACCOUNTS {
                        let reached = reached(&sandbox, &new, account);
                        assert!(!reached.is_empty(), "{at} to {other}, {account}, {:?}: {plan:#?}", step.change);
                    }
                }
                assert!(planned(&sandbox, &new).is_empty());
                for (account, to) in ACCOUNTS.iter().zip(to) {
                    assert_eq!(reached(&sandbox, &new, account), [*to], "{at} to {other}, {account}");
                }
            }
        }
    }
}
