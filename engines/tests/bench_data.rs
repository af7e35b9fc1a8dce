//! The data the benchmark of patterns measures with, and our matcher against an engine others wrote.

#[path = "../benches/support/engines.rs"]
mod engines;
#[path = "../benches/support/mod.rs"]
mod support;

use engines::{Engine, QuaminaEngine, TrailbellEngine};
use quamina::{MatcherBuildMode, Quamina};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;
use support::catalogue::SERVICES;
use support::generator::Generator;
use support::rules;
use trailbell_engines::json;
use trailbell_engines::pattern::{Matcher, Pattern};

const SAMPLE: usize = 20_000;
const SEED: u64 = 20_260_105;

fn events() -> &'static [String] {
    static EVENTS: LazyLock<Vec<String>> = LazyLock::new(|| Generator::new(SEED).take(SAMPLE).collect());
    &EVENTS
}

#[test]
fn events_are_about_as_long_as_real_ones() {
    let mean = events().iter().map(String::len).sum::<usize>() / SAMPLE;
    assert!((1200..=1400).contains(&mean), "the mean length is {mean} bytes");
}

#[test]
fn events_are_minified_json_on_one_line() {
    for event in events() {
        assert!(!event.contains('\n'));
        let document = json::read(event).expect("an event is valid JSON");
        // Writing normalizes escapes, hence only a text without any has to come back as it was.
        if !event.contains("\\u") {
            assert_eq!(document.json.to_string(), *event);
        }
    }
}

#[test]
fn the_seed_determines_the_events() {
    assert!(Generator::new(SEED).take(SAMPLE).eq(events().iter().cloned()));
    assert_ne!(Generator::new(1).next(), Generator::new(2).next());
}

#[test]
fn every_call_occurs_and_reading_ones_dominate() {
    let mut calls: HashMap<String, usize> = HashMap::new();
    let mut reading = 0;
    for event in events() {
        let event: Value = serde_json::from_str(event).expect("an event is valid JSON");
        *calls.entry(format!("{} {}", event["source"], event["detail"]["eventName"])).or_default() += 1;
        reading += usize::from(event["detail"]["readOnly"] == true);
    }
    assert_eq!(calls.len(), SERVICES.iter().map(|service| service.events.len()).sum::<usize>());
    assert!((60..90).contains(&(reading * 100 / SAMPLE)), "{reading} of {SAMPLE} calls only read");
}

#[test]
fn some_calls_fail() {
    let failed = events().iter().filter(|event| event.contains(r#""errorCode":"#)).count();
    assert!((6..=10).contains(&(failed * 100 / SAMPLE)), "{failed} of {SAMPLE} calls fail");
}

#[test]
fn rule_sets_have_their_size() {
    for set in [rules::one(), rules::one_plain()] {
        assert_eq!(set.len(), 1);
    }
    for set in [rules::fifteen(), rules::fifteen_plain()] {
        assert_eq!(set.len(), 15);
    }
    for set in [rules::thousand(SEED), rules::thousand_plain(SEED)] {
        assert_eq!(set.len(), rules::THOUSAND);
    }
}

#[test]
fn every_alert_matches_an_event() {
    for rule in rules::fifteen().into_iter().chain(rules::fifteen_plain()) {
        let mut engine = TrailbellEngine::new(std::slice::from_ref(&rule)).expect("the rule is valid JSON");
        assert!(events().iter().any(|event| engine.count(event.as_bytes()) > 0), "never matched: {rule}");
    }
}

#[test]
fn quamina_accepts_the_plain_sets() {
    for set in [rules::one_plain(), rules::fifteen_plain(), rules::thousand_plain(SEED)] {
        let engine = QuaminaEngine::new(&set, MatcherBuildMode::BuiltForComfort).expect("the set is plain");
        assert_eq!(engine.name(), "quamina (comfort)");
    }
}

#[test]
fn quamina_agrees_except_about_short_ipv6_addresses() {
    // An engine others wrote, on the patterns it can read: it does not know shortened IPv6 addresses in `cidr`.
    let set = rules::fifteen_plain();
    let mut quamina = QuaminaEngine::new(&set, MatcherBuildMode::BuiltForSpeed).expect("the set is plain");
    let mut ours = TrailbellEngine::new(&set).expect("the set is valid JSON");
    for event in events().iter().filter(|event| !event.contains(r#""sourceIPAddress":"2001:"#)) {
        assert_eq!(quamina.count(event.as_bytes()), ours.count(event.as_bytes()), "{event}");
    }
}

#[test]
fn quamina_refuses_some_rules_of_the_full_sets() {
    let refused = |rule: &&String| Quamina::new().add_pattern(0, rule).is_err();
    assert_eq!(rules::fifteen().iter().filter(refused).count(), 6);
    assert!(rules::thousand(SEED).iter().filter(refused).count() > 50);
}

#[test]
fn judging_an_event_allocates_nothing() {
    for set in [rules::one(), rules::fifteen(), rules::thousand(SEED)] {
        let patterns = set.iter().map(|rule| Pattern::read(rule).expect("a valid pattern")).collect();
        let matcher = Matcher::new(patterns);
        let mut scratch = matcher.scratch();
        // Escaped names and elements of lists are off the hot path.
        let plain: Vec<&String> = events().iter().filter(|event| !event.contains(":[{")).take(2_000).collect();
        let mut judge = || {
            for event in &plain {
                matcher.matches(event, &mut scratch).expect("an event");
            }
        };
        // The buffers grow to the largest event first.
        judge();
        let counted = allocation_counter::measure(judge);
        assert_eq!(counted.count_total, 0, "{} patterns", set.len());
    }
}
