//! Up to three resources of a stack with every kind are removed by hand, every choice of them; then the stack is removed without
//! its file, and nothing of it is left.

use std::path::PathBuf;

use super::meddling::remove;
use super::versions::scope;
use super::{Sandbox, carry_out, live};
use crate::check;
use crate::compile::compile;
use crate::document::Document;
use crate::live::Live;
use crate::plan;
use crate::provider::sandbox::World;
use crate::resource::Kind;
use crate::secret::Secret;

/// Both routes, a remediation, an alarm, collected events, and a bot.
const STACK: &str = "\
version: 1
stack: sec
region: us-east-1
slack: { token: \"${env:TOKEN}\", channel: C0123456789 }
sns: { on-call: { email: [a@example.com] } }
alerts:
  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true }, to: [slack, on-call] }
  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: /trail, metric_alarm: true }, to: slack }
  - { blueprint: iam-user-created, digest: 15m, to: slack }
  - { blueprint: guardduty-detector-off, state: staged, to: slack }
";

fn applied() -> World {
    let document = Document::parse("t.yaml", STACK).expect("YAML");
    let installation = check::stack(document, PathBuf::new()).unwrap_or_else(|all| panic!("{all:?}"));
    let token = format!("xox{}-000000000000-000000000000-{}", 'b', "0".repeat(24));
    let desired = compile(&installation, &scope(), Some(&Secret::new(token)));
    let sandbox = Sandbox::new();
    let plan = plan::plan(&scope(), &desired, &Live::default()).expect("a plan");
    assert!(carry_out(&sandbox, &plan).is_complete());
    sandbox.by_hand(|world| world.clone())
}

/// What is left after these were removed by hand, and then the stack.
fn left(full: &World, gone: &[&String]) -> Vec<String> {
    let sandbox = Sandbox::new();
    sandbox.by_hand(|world| {
        *world = full.clone();
        for key in gone {
            remove(world, key);
        }
    });
    let plan = plan::destroy(&scope(), &live(&sandbox)).unwrap_or_else(|error| panic!("{gone:?}: {error:?}"));
    let report = carry_out(&sandbox, &plan);
    assert!(report.is_complete(), "{gone:?}: {report:?}");
    sandbox.by_hand(|world| world.objects.keys().cloned().collect())
}

#[test]
fn whatever_is_removed_by_hand_a_removed_stack_leaves_nothing() {
    let full = applied();
    let is_absent = |kind: &&Kind| full.objects.values().all(|one| one.resource.address().kind() != **kind);
    let kinds = Kind::ALL.iter().filter(is_absent);
    assert_eq!(kinds.collect::<Vec<_>>(), Vec::<&Kind>::new(), "the stack has every kind");
    let keys: Vec<&String> = full.objects.keys().collect();
    let (mut choices, mut leaving) = (0, Vec::new());
    let mut remove = |gone: &[&String]| {
        choices += 1;
        let left = left(&full, gone);
        if !left.is_empty() {
            leaving.push(format!("without {gone:?}: {left:?}"));
        }
    };
    remove(&[]);
    for (at, first) in keys.iter().enumerate() {
        remove(&[first]);
        for (next, second) in keys.iter().enumerate().skip(at + 1) {
            remove(&[first, second]);
            for third in &keys[next + 1..] {
                remove(&[first, second, third]);
            }
        }
    }
    assert_eq!(leaving.len(), 0, "{} of {choices}: {:#?}", leaving.len(), &leaving[..leaving.len().min(20)]);
    println!("{} resources, {choices} choices of up to three, 0 left something", keys.len());
}
