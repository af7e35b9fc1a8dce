//! Events as the tests of a blueprint: the first one whole, each other by what differs from it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::blueprint::parameters::in_words;
use crate::blueprint::{Case, Expectation};
use crate::sample;

/// Longest name of a test, in characters.
const MAX_NAME: usize = 100;

/// The tests that these events are, each with whether it matches; the first is the one that the others are like.
pub(super) fn cases(events: &[(Value, bool)]) -> Vec<Case> {
    let Some(((first, _), others)) = events.split_first() else { return Vec::new() };
    let base = whole("it matches".to_owned(), first, true);
    let mut names = BTreeSet::from([base.name.clone()]);
    let mut cases = vec![base.clone()];
    for (event, matches) in others {
        let mut case = differing(&base, event, *matches).unwrap_or_else(|| {
            let what = if *matches { "another event that matches" } else { "another event" };
            whole(what.to_owned(), event, *matches)
        });
        case.name = unique(&case.name, &mut names);
        cases.push(case);
    }
    gathered(cases)
}

/// Tests one after the other that give the same field another value become one, with `each`.
fn gathered(cases: Vec<Case>) -> Vec<Case> {
    let mut kept: Vec<Case> = Vec::new();
    for case in cases {
        let Some((path, value)) = only_change(&case) else {
            kept.push(case);
            continue;
        };
        let last = kept.last_mut().filter(|last| last.expect == case.expect && last.like == case.like);
        let Some(last) =
            last.filter(|last| last.each.contains_key(&path) || only_change(last).is_some_and(|(one, _)| one == path))
        else {
            kept.push(case);
            continue;
        };
        let first = last.set.shift_remove(&path).into_iter().collect();
        if let Value::Array(values) = last.each.entry(path.clone()).or_insert(Value::Array(first)) {
            values.push(value);
        }
        let verb = if case.expect.matches { "match" } else { "do not match" };
        last.name = format!("values of {} that {verb}", path.trim_start_matches("$."));
    }
    let mut names = BTreeSet::new();
    for case in &mut kept {
        case.name = unique(&case.name, &mut names);
    }
    kept
}

/// The field and its value, where a test changes nothing else.
fn only_change(case: &Case) -> Option<(String, Value)> {
    let (path, value) = case.set.iter().next().filter(|_| case.set.len() == 1 && case.unset.is_empty())?;
    case.like.is_some().then(|| (path.clone(), value.clone()))
}

fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let short: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let numbered = (2..).map(|number| format!("{short} ({number})"));
    let name = std::iter::once(short.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(short);
    taken.insert(name.clone());
    name
}

fn empty(name: String, matches: bool) -> Case {
    let expect = Expectation { matches, lines: None, text: None, body: None };
    Case {
        name,
        like: None,
        record: None,
        event: None,
        lines: Vec::new(),
        set: Map::new(),
        unset: Vec::new(),
        each: Map::new(),
        with: Map::new(),
        expect,
        at: 0,
        envelope: Vec::new(),
    }
}

/// A test with the whole event; a record where EventBridge makes the very event of it.
fn whole(name: String, event: &Value, matches: bool) -> Case {
    let mut case = empty(name, matches);
    let record = event.get("detail").and_then(Value::as_object);
    case.record = record.filter(|record| sample::of_record(record) == *event).cloned();
    if case.record.is_none() {
        case.event = event.as_object().cloned();
    }
    case
}

/// A test that is like the first one but for some fields; nothing if it cannot be written so.
fn differing(base: &Case, event: &Value, matches: bool) -> Option<Case> {
    let mut case = empty(String::new(), matches);
    case.like = Some(base.name.clone());
    let mut found = Vec::new();
    let (from, to, is_record) = match &base.record {
        Some(record) => (record, event.get("detail")?.as_object()?, true),
        None => (base.event.as_ref()?, event.as_object()?, false),
    };
    differences(from, to, "", &mut found);
    if is_record {
        let mut derived = sample::of_record(to);
        let derived = derived.as_object_mut()?;
        let around = event.as_object()?;
        let mut outer = Vec::new();
        differences(derived, around, "", &mut outer);
        found.extend(outer.into_iter().map(|(path, value)| (format!("$.{path}"), value)));
    }
    case.name = named(&found, matches);
    for (path, value) in found {
        match value {
            Some(value) => {
                case.set.insert(path, value);
            }
            None => case.unset.push(path),
        }
    }
    // Keys with periods, or lists on the way, cannot be reached by a path.
    is_right(base, &case, event).then_some(case)
}

/// Whether the short form stands for this very event.
fn is_right(base: &Case, case: &Case, event: &Value) -> bool {
    let text = serde_json::json!({
        "blueprint": "b", "title": "T", "severity": "low", "alert": { "pattern": { "source": ["x"] } }, "tests": [base, case],
    });
    let read = serde_json::from_value::<crate::blueprint::Blueprint>(text);
    read.is_ok_and(|mut blueprint| {
        blueprint.expand_tests().is_ok() && blueprint.tests.last().is_some_and(|case| case.sent() == *event)
    })
}

/// What differs: the path, and the new value or that there is none.
fn differences(
    from: &Map<String, Value>,
    to: &Map<String, Value>,
    path: &str,
    found: &mut Vec<(String, Option<Value>)>,
) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in to {
        match (from.get(key), value) {
            (Some(old), new) if old == new => {}
            (Some(Value::Object(old)), Value::Object(new)) if !new.is_empty() => {
                differences(old, new, &below(key), found);
            }
            _ => found.push((below(key), Some(value.clone()))),
        }
    }
    found.extend(from.keys().filter(|key| !to.contains_key(*key)).map(|key| (below(key), None)));
}

/// What a test shows, in words.
fn named(found: &[(String, Option<Value>)], matches: bool) -> String {
    let verb = if matches { "matches" } else { "does not match" };
    let inner: Vec<_> = found.iter().filter(|(path, _)| !path.starts_with("$.")).collect();
    let main = if inner.is_empty() { found.first() } else { inner.first().copied() };
    match main {
        Some((path, Some(Value::Object(fields)))) if fields.is_empty() => format!("with an empty {path} it {verb}"),
        Some((path, Some(value))) => {
            let words: String = in_words(value).chars().take(50).collect();
            format!("{} {words} {verb}", path.trim_start_matches("$."))
        }
        Some((path, None)) => format!("without {} it {verb}", path.trim_start_matches("$.")),
        None => format!("it {verb}"),
    }
}
