//! The two routes of one detection, judged on one set of records: what only one of them reports is declared here, and said in
//! the limits of the alert on the log route.
//!
//! The pairs are the metric filters of CIS AWS Foundations, published, corrected, and for Security Hub, and the alerts of the pack
//! `cis-aws-foundations` with the same control. The records are those of all tests of the catalog, and variants of each. A
//! difference that is not declared fails, and so does a declared one that no record shows.

mod declared;
mod records;

use std::collections::BTreeSet;

use trailbell::alert::Alert;
use trailbell::blueprint::{catalog, pack};
use trailbell::filter;
use trailbell::pattern::{Pattern, Verdict};

use super::detections::Reception;
use declared::{DECLARED, Declared, Only};
use records::Seen;

/// The pack of the event route.
const PACK: &str = "cis-aws-foundations";
/// The controls begin with this in a blueprint.
const CONTROL: &str = "CIS AWS Foundations 6.0.0 ";

fn alone(name: &str) -> Alert {
    Alert::alone(catalog::find(name).unwrap_or_else(|| panic!("no {name}")).load().expect("no findings"))
}

/// The alerts on the log route, each with the number of its control.
fn on_log_route() -> Vec<(Alert, String)> {
    let names = catalog::entries().into_iter().filter(|one| one.name().starts_with("cis-"));
    let mut all: Vec<(Alert, String)> = names.map(|one| (alone(one.name()), number(one.name()))).collect();
    all.push((alone("cloudtrail-access-denied-logs"), "5.1".to_owned()));
    all
}

/// `5.10` of `cis-5-10-security-group-changes-logs`.
fn number(name: &str) -> String {
    name.split('-').skip(1).take(2).collect::<Vec<_>>().join(".")
}

/// The alerts of the event route, with the numbers of their controls.
fn on_event_route() -> Vec<(Alert, Vec<String>)> {
    let pack = pack::find(PACK).expect("no findings").expect("a pack");
    let alert = |name: &String| {
        let alert = alone(name);
        let controls = alert.blueprint.controls.iter();
        let numbers = controls.filter_map(|one| one.strip_prefix(CONTROL)).map(ToOwned::to_owned).collect();
        (alert, numbers)
    };
    pack.blueprints.iter().map(alert).collect()
}

/// Whether one of these alerts receives the record by an event.
fn by_event(patterns: &[(Pattern, trailbell::blueprint::RuleState)], seen: &Seen) -> bool {
    patterns.iter().any(|(pattern, state)| {
        let verdict = pattern.matches(&seen.event).expect("a record that can be judged");
        verdict == Verdict::Matches && Reception::of(&seen.line).reaches(*state)
    })
}

#[test]
fn both_routes_report_the_same_records_or_the_difference_is_declared_and_said() {
    let (records, events) = (records::all(), on_event_route());
    let problems: Vec<String> =
        on_log_route().iter().flat_map(|(log, number)| compared(log, number, &events, &records)).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// What is wrong between an alert on the log route and those on events with its control.
fn compared(log: &Alert, number: &String, events: &[(Alert, Vec<String>)], records: &[Seen]) -> BTreeSet<String> {
    let name = &log.blueprint.blueprint;
    let of_control = events.iter().filter(|(_, numbers)| numbers.contains(number));
    let patterns: Vec<_> = of_control
        .map(|(alert, _)| alert.events().expect("an alert on events"))
        .map(|events| (events.judge().expect("a good pattern"), events.state))
        .collect();
    assert!(!patterns.is_empty(), "no alert on events has the control {number} of {name}");
    let filter = filter::parse(&log.lines().expect("an alert on lines").filter).expect("a good filter");
    let declared: Vec<&Declared> = DECLARED.iter().filter(|one| one.is_of(name)).collect();
    let (mut problems, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for seen in records {
        let in_log = filter.select(std::slice::from_ref(&seen.line)).map(|one| !one.passing.is_empty());
        let only = match (in_log, by_event(&patterns, seen)) {
            (Ok(true), false) => Only::Log,
            (Ok(false), true) => Only::Events,
            (Err(_), true) => Only::EventsForCertain,
            // Of what neither is sure to report there is nothing to say.
            (Ok(true), true) | (Ok(false) | Err(_), false) => continue,
        };
        let is_reason = |one: &&&Declared| one.only == only && (one.is)(&seen.record);
        match declared.iter().filter(is_reason).collect::<Vec<_>>().as_slice() {
            [] => drop(problems.insert(format!("{name}: only {only:?}: {}", seen.short()))),
            // A difference exists when nothing else explains some record.
            [reason] => drop(shown.insert((only, reason.said))),
            _ => {}
        }
    }
    let limits = log.blueprint.limits.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    for Declared { only, said, .. } in declared {
        if !limits.contains(said) {
            problems.insert(format!("{name}: its limits do not say: {said}"));
        }
        if !shown.contains(&(*only, *said)) {
            problems.insert(format!("{name}: no record shows: {said}"));
        }
    }
    problems
}
