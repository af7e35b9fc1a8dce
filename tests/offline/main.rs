//! The documents about the offline engines, executed: every `example` block in them must be true. (The examples of
//! `docs/filter-patterns.md` are run by the tests of `filter`.)

#![expect(unreachable_pub, reason = "in a test binary nothing is reachable, and `pub` marks what the tests may use")]

mod features;
mod messages;
#[cfg(unix)]
mod named;
mod pages;
mod records;

use std::fmt::Write as _;

use serde_json::Value;
use trailbell::json::Json;
use trailbell::message::transformer::{Delivery, InputTransformer, Reserved, TransformError};
use trailbell::pattern::{Matcher, Pattern, Verdict, read_event};

fn examples(name: &str) -> Vec<String> {
    let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the document is there");
    let blocks = text.split("```example\n").skip(1);
    blocks.map(|rest| rest.split("```").next().expect("an end").to_owned()).collect()
}

/// A line of a block: what is judged, and after two spaces or more the answer.
fn line_and_answer(line: &str) -> (&str, &str) {
    let answers = ["does not match", "matches", "refused"];
    let answer = answers.into_iter().find(|answer| line.ends_with(&format!("  {answer}"))).expect("an answer");
    (line[..line.len() - answer.len()].trim_end(), answer)
}

/// Compares every line of the block with the engine, given as a function from a line to an answer.
fn check(block: &str, refusal: Option<&str>, answer: impl Fn(&str) -> String) -> usize {
    let lines: Vec<&str> = block.lines().skip(1).collect();
    assert!(!lines.is_empty(), "{block}");
    for line in &lines {
        if let Some(words) = line.strip_prefix("refused   ") {
            assert_eq!(refusal, Some(words), "{block}");
        } else {
            let (judged, expected) = line_and_answer(line);
            assert_eq!(refusal, None, "{block}");
            assert_eq!(answer(judged), expected, "{block}\n{judged}");
        }
    }
    lines.len()
}

#[test]
fn event_patterns() {
    let mut lines = 0;
    for block in examples("event-patterns.md") {
        let text = block.lines().next().and_then(|line| line.strip_prefix("pattern: ")).expect("a pattern");
        let pattern = Pattern::read(text);
        let refusal = pattern.as_ref().err().map(ToString::to_string);
        lines += check(&block, refusal.as_deref(), |event| {
            let pattern = pattern.as_ref().expect("valid");
            let slow = read_event(event).and_then(|(event, _)| pattern.matches(&event));
            let matcher = Matcher::new(vec![pattern.clone()]);
            let fast = matcher.matches(event, &mut matcher.scratch()).map(|found| found.patterns.len());
            match (slow, fast) {
                (Ok(Verdict::Matches), Ok(1)) => "matches".to_owned(),
                (Ok(Verdict::DoesNot(_)), Ok(0)) => "does not match".to_owned(),
                (Err(_), Err(_)) => "refused".to_owned(),
                both => format!("{both:?}"),
            }
        });
    }
    assert!(lines > 50, "{lines} lines");
}

#[test]
fn input_transformers() {
    let [about, lost] = ["input-transformer.md", "messages.md"].map(examples);
    assert!(about.len() > 8 && lost.len() == 3);
    for block in about.into_iter().chain(lost) {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_else(|| panic!("{name} in {block}"))
        };
        let json = |name: &str| serde_json::from_str::<Value>(field(name)).expect("JSON");
        let input_paths = serde_json::from_value(json("paths")).expect("names and paths");
        let transformer = InputTransformer { input_paths, template: field("template").to_owned() };
        let mut delivered = String::new();
        match transformer.render(&Json::from(&json("event")), &Reserved::default()) {
            Ok(Delivery::Body(body)) => delivered = body,
            Ok(Delivery::NotDelivered { .. }) => delivered.push_str("nothing"),
            Err(TransformError::Unknown { .. }) => delivered.push_str("not known"),
            Err(TransformError::Invalid(error)) => write!(delivered, "refused: {error}").expect("a string"),
        }
        assert_eq!(delivered, field("delivered"), "{block}");
    }
}
