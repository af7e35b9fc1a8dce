//! The references of event patterns and of the input transformer, executed: every `example` block must be true. (The
//! examples about filter patterns are run by the tests of `filter`.)

mod deliveries;

use trailbell_engines::pattern::{self, Matcher, Pattern, Verdict, read_event};
use trailbell_engines::{filter, transformer};

fn examples(reference: &str) -> impl Iterator<Item = &str> {
    reference.split("```example\n").skip(1).map(|rest| rest.split("```").next().expect("an end"))
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
    for block in examples(pattern::REFERENCE) {
        let text = block.lines().next().and_then(|line| line.strip_prefix("pattern: ")).expect("a pattern");
        let pattern = Pattern::read(text);
        let refusal = pattern.as_ref().err().map(ToString::to_string);
        lines += check(block, refusal.as_deref(), |event| {
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
    let blocks: Vec<&str> = examples(transformer::REFERENCE).collect();
    assert!(blocks.len() > 8);
    blocks.into_iter().for_each(deliveries::check);
}

#[test]
fn references_name_no_file_that_a_user_does_not_have() {
    for reference in [pattern::REFERENCE, filter::REFERENCE, transformer::REFERENCE] {
        assert!(!reference.contains("docs/") && !reference.contains("tests/"));
    }
}
