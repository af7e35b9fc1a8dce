//! Every example of the reference, run.

use super::super::REFERENCE;
use super::ask;

#[test]
fn every_example_of_the_reference_is_true() {
    let blocks: Vec<&str> =
        REFERENCE.split("```filter\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 30, "{} blocks", blocks.len());
    for block in blocks {
        let (mut pattern, mut message) = ("", "");
        for line in block.lines() {
            let (key, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            match key {
                "pattern" => pattern = value,
                "message" => message = value,
                "answer" => assert_eq!(in_words(ask(pattern, message)), value, "{block}"),
                _ => panic!("{line}"),
            }
        }
        assert!(block.contains("answer: "), "{block}");
    }
}

/// The reference's words for the answers.
fn in_words(answer: &'static str) -> &'static str {
    match answer {
        "true" => "matches",
        "false" => "does not",
        other => other,
    }
}
