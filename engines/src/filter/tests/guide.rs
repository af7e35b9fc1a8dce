//! Every example of the user's document, run.

use super::ask;

#[test]
fn every_example_of_the_document_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/filter-patterns.md");
    let document = std::fs::read_to_string(path).expect(path);
    let blocks: Vec<&str> = document.split("```filter\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
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

/// The document's words for the answers.
fn in_words(answer: &'static str) -> &'static str {
    match answer {
        "true" => "matches",
        "false" => "does not",
        other => other,
    }
}
