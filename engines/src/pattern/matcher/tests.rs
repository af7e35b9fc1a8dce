//! The fast matcher against the slow engine: on the conformance data, alone and in company, and on generated texts.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::Matcher;
use crate::json::Json;
use crate::pattern::{Pattern, PatternError, Verdict, read_event};
use crate::record;

/// What the slow engine says of a text: the patterns that match, or the error; and the same of it as a record.
fn slow(patterns: &[Pattern], text: &str) -> [Result<Vec<usize>, PatternError>; 2] {
    let event = match read_event(text) {
        Ok((event, _)) => event,
        Err(error) => return [Err(error.clone()), Err(error)],
    };
    let found = matching(patterns, &event);
    let (event, was_record) = record::as_event(event);
    let of_record = if was_record { matching(patterns, &event) } else { found.clone() };
    [found, of_record]
}

fn matching(patterns: &[Pattern], event: &Json) -> Result<Vec<usize>, PatternError> {
    let mut found = Vec::new();
    for (number, pattern) in patterns.iter().enumerate() {
        if pattern.matches(event)? == Verdict::Matches {
            found.push(number);
        }
    }
    Ok(found)
}

fn agree(patterns: &[Pattern], texts: &[String]) {
    let matcher = Matcher::new(patterns.to_vec());
    let mut scratch = matcher.scratch();
    for text in texts {
        let [of_event, of_record] = slow(patterns, text);
        let fast = matcher.matches(text, &mut scratch).map(|found| found.patterns.to_vec());
        assert_eq!(fast, of_event, "{text}");
        let fast = matcher.matches_record(text, &mut scratch).map(|found| found.patterns.to_vec());
        assert_eq!(fast, of_record, "as a record: {text}");
    }
}

/// The patterns and events of the conformance data, side by side.
fn conformance() -> Vec<(String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/event-patterns.jsonl");
    let data = std::fs::read_to_string(path).unwrap();
    let case = |line: &str| {
        let case: Value = serde_json::from_str(line).unwrap();
        ["pattern", "event"].map(|key| case[key].as_str().unwrap().to_owned()).into()
    };
    data.lines().map(case).collect()
}

#[test]
fn agrees_on_the_conformance_data() {
    for (pattern, event) in conformance() {
        if let Ok(pattern) = Pattern::read(&pattern) {
            agree(&[pattern], &[event]);
        }
    }
}

#[test]
fn agrees_on_the_conformance_data_in_company() {
    for company in conformance().chunks(50) {
        let patterns: Vec<Pattern> = company.iter().filter_map(|(pattern, _)| Pattern::read(pattern).ok()).collect();
        let events: Vec<String> = company.iter().map(|(_, event)| event.clone()).collect();
        agree(&patterns, &events);
    }
}

/// A document as it may be written: spaces, escapes, equal names.
#[derive(Clone, Debug)]
enum Written {
    Text(String),
    List(Vec<Written>),
    Fields(Vec<(String, Written)>),
}

fn print(value: &Written, out: &mut String) {
    match value {
        Written::Text(text) => out.push_str(text),
        Written::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { " ," } else { "" });
                print(item, out);
            }
            out.push(']');
        }
        Written::Fields(fields) => {
            out.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                let _ = write!(out, "{}\"{name}\" : ", if at > 0 { ",\n" } else { "" });
                print(value, out);
            }
            out.push_str(" }");
        }
    }
}

/// Few names, so that patterns and events meet; some are odd on purpose.
fn name() -> impl Strategy<Value = String> {
    let names = [
        "a",
        "b",
        "c",
        "a.b",
        "",
        ".",
        "b.",
        "\\u0061",
        "é",
        "detail",
        "eventSource",
        "eventName",
        "eventVersion",
        "eventType",
        "source",
    ];
    prop::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = String> {
    let scalars = [
        "\"x\"",
        "\"y\"",
        "\"xyz\"",
        "\"\"",
        "\"\\u0078\"",
        "\"x\\n\"",
        "\"é\"",
        "\"10.0.0.1\"",
        "1",
        "1.0",
        "-0",
        "100000000",
        "true",
        "false",
        "null",
        "\"\\\"\"",
        "\"aws.x\"",
        "\"abcdefghijk\"",
    ];
    prop::sample::select(scalars.to_vec()).prop_map(str::to_owned)
}

fn event() -> impl Strategy<Value = Written> {
    let inner = scalar().prop_map(Written::Text).prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Written::List),
            prop::collection::vec((name(), inner), 0..4).prop_map(Written::Fields),
        ]
    });
    prop::collection::vec((name(), inner), 0..5).prop_map(Written::Fields)
}

fn test() -> impl Strategy<Value = String> {
    let tests = [
        r#"{"prefix":"x"}"#,
        r#"{"suffix":"z"}"#,
        r#"{"exists":true}"#,
        r#"{"exists":false}"#,
        r#"{"anything-but":"x"}"#,
        r#"{"anything-but":[1,2]}"#,
        r#"{"anything-but":{"prefix":"x"}}"#,
        r#"{"wildcard":"x*z"}"#,
        r#"{"equals-ignore-case":"X"}"#,
        r#"{"numeric":[">=",1]}"#,
        r#"{"cidr":"10.0.0.0/8"}"#,
    ];
    prop_oneof![2 => scalar(), 1 => prop::sample::select(tests.to_vec()).prop_map(str::to_owned)]
}

fn fields(inner: impl Strategy<Value = Written> + 'static) -> BoxedStrategy<Written> {
    prop::collection::vec((name(), inner), 1..4).prop_map(Written::Fields).boxed()
}

fn pattern() -> impl Strategy<Value = Written> {
    let leaf = prop::collection::vec(test().prop_map(Written::Text), 1..3).prop_map(Written::List).boxed();
    let tree = leaf.clone().prop_recursive(3, 20, 3, |inner| {
        let either = prop::collection::vec(fields(inner.clone()), 2..4)
            .prop_map(|branches| Written::Fields(vec![("$or".to_owned(), Written::List(branches))]));
        prop_oneof![3 => fields(inner), 1 => either]
    });
    prop_oneof![fields(leaf), fields(tree)]
}

fn printed(value: &Written) -> String {
    let mut out = String::new();
    print(value, &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn agrees_on_generated_events(patterns in prop::collection::vec(pattern(), 1..6), events in prop::collection::vec(event(), 1..6)) {
        let patterns: Vec<Pattern> = patterns.iter().filter_map(|one| Pattern::read(&printed(one)).ok()).collect();
        let events: Vec<String> = events.iter().map(printed).collect();
        agree(&patterns, &events);
    }

    /// A character taken out or put in somewhere: both engines refuse, or both do not.
    #[test]
    fn agrees_on_broken_events(event in event(), at in any::<prop::sample::Index>(), put in prop::option::of("[\\[\\]{}\",:\\\\u0-9 \u{1}é]")) {
        let mut text = printed(&event);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        match put {
            Some(put) => text.insert_str(at, &put),
            None => drop(text.remove(at)),
        }
        let patterns = [r#"{"a":["x"]}"#, r#"{"b":[{"exists":false}]}"#].map(|text| Pattern::read(text).unwrap());
        agree(&patterns, &[text]);
    }
}
