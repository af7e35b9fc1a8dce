//! Up to three resources of a stack with nearly every kind are removed by hand, chosen at random; then the stack is removed without its
//! file, and nothing of it is left. The sandbox tries every choice (`cargo test --lib leftovers`); here are some on an emulator.
//!
//! `TRAILBELL_SEED=N cargo test --test suite leftovers::` repeats the choice of a seed.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailbell::resource::{Address, Kind, Resource, ResourceSet};

use super::logs;
use super::support::api::{Account, REGION};
use super::support::emulator::ministack;
use super::support::inside::{Inside, on};
use super::support::runs::LOG;
use super::support::stack::{Stack, WEBHOOK};
use super::support::survey;

/// How many choices.
const CHOICES: u64 = 25;

/// Kinds that this stack does not have: `digests::`, `topics::`, and `staged::` have them, and the sandbox tries every choice with them.
const ELSEWHERE: &[Kind] = &[Kind::Schedule, Kind::Topic, Kind::Subscription, Kind::DigestQueue, Kind::LogPolicy];

/// Both routes, a remediation, and an alarm.
fn text() -> String {
    let blueprint = "  - blueprint: cloudtrail-stop-logging\n";
    let counting = "{ log_group: my-trail, metric_alarm: true }";
    WEBHOOK.replace(
        blueprint,
        &format!(
            "  - {{ blueprint: cloudtrail-stop-logging, with: {{ restart_logging: true }} }}\n  - {{ blueprint: \
             cloudtrail-access-denied-logs, with: {counting} }}\n"
        ),
    )
}

/// The log group that records the runs is one of a stack's resources, too.
#[derive(Debug)]
enum Gone<'a> {
    Resource(&'a Resource),
    RunLog,
}

/// One to three different ones: numbers that follow from the seed. (Source of the constants: Steele and others, "Fast splittable
/// pseudorandom number generators", `SplitMix64`.)
fn choice(seed: u64, all: &ResourceSet) -> Vec<Gone<'_>> {
    let mut state = seed;
    let mut next = |below: usize| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).expect("small")
    };
    let number = 1 + next(3);
    let mut places = BTreeSet::new();
    while places.len() < number {
        places.insert(next(all.len() + 1));
    }
    places.into_iter().map(|at| all.values().nth(at).map_or(Gone::RunLog, Gone::Resource)).collect()
}

/// What is left in the account that has a name of ours, asked with raw calls.
pub fn left(account: &Account) -> Vec<String> {
    let mut names = survey::names(account);
    let listed = |answer: &Value, list: &str, name: &str| -> Vec<String> {
        let all = answer[list].as_array().cloned().unwrap_or_default().into_iter();
        all.map(|one| one[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    let functions = account.rest("lambda", "GET", "/2015-03-31/functions", &Value::Null).1;
    names.extend(listed(&functions, "Functions", "FunctionName"));
    let alarms = account.json("monitoring", "GraniteServiceVersion20100801.DescribeAlarms", &json!({})).1;
    names.extend(listed(&alarms, "MetricAlarms", "AlarmName"));
    let on_group = json!({ "logGroupName": "my-trail" });
    for (operation, body, list, name) in [
        ("DescribeLogGroups", &json!({}), "logGroups", "logGroupName"),
        ("DescribeSubscriptionFilters", &on_group, "subscriptionFilters", "filterName"),
        ("DescribeMetricFilters", &on_group, "metricFilters", "filterName"),
    ] {
        let answer = super::support::runs::logs(account, operation, body);
        names.extend(listed(&answer, list, name));
    }
    names.retain(|name| name != "my-trail");
    names
}

#[test]
fn whatever_is_removed_by_hand_a_removed_stack_leaves_nothing() {
    let name = "leftovers::whatever_is_removed_by_hand_a_removed_stack_leaves_nothing";
    on(&[ministack], name, |world| {
        logs::group(&world.account);
        let asked = std::env::var("TRAILBELL_SEED").ok().map(|seed| seed.parse().expect("a number"));
        let seeds: Vec<u64> = asked.map_or_else(|| (0..CHOICES).collect(), |seed| vec![seed]);
        seeds.iter().for_each(|seed| removed(world, *seed));
        println!("{} choices of up to three resources, 0 left something", seeds.len());
    });
}

fn removed(world: &Inside, seed: u64) {
    let stack = Stack::new(&text(), &world.account.env(&world.url));
    stack.apply();
    let live = world.live(&ResourceSet::new());
    let kinds: BTreeSet<Kind> = live.managed.keys().map(Address::kind).collect();
    let missing: Vec<&Kind> = Kind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert_eq!(missing, ELSEWHERE.iter().collect::<Vec<_>>(), "the stack has every other kind");
    let gone = choice(seed, &live.managed);
    let what = format!("TRAILBELL_SEED={seed}, without {:?}", gone.iter().map(short).collect::<Vec<_>>());
    for one in gone {
        match one {
            Gone::Resource(resource) => world.remove(&live, resource),
            Gone::RunLog => {
                drop(super::support::runs::logs(&world.account, "DeleteLogGroup", &json!({ "logGroupName": LOG })))
            }
        }
    }
    let told = stack.run(&["destroy", "--yes", "--stack", "sec", "--region", REGION]);
    assert_eq!((told.code, left(&world.account)), (0, Vec::new()), "{what}: {told:#?}");
    println!("{what}: nothing is left");
}

fn short(gone: &Gone<'_>) -> String {
    match gone {
        Gone::Resource(resource) => resource.address().short(),
        Gone::RunLog => LOG.to_owned(),
    }
}
