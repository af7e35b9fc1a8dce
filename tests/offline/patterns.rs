//! No false errors on public rules: patterns of AWS's documentation, with and without the notifier, have exactly the findings that
//! are written next to them.

use std::path::Path;

use serde_json::Value;
use trailbell::check;
use trailbell::diagnostic::Code;
use trailbell::document::Document;

fn texts(value: &Value) -> Option<Vec<String>> {
    Some(value.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The codes of a stack in us-east-1 with an alert on this pattern.
fn codes(folder: &Path, pattern: &Value, message: &str) -> Vec<String> {
    // JSON is YAML.
    let blueprint = format!(
        "blueprint: mine\ntitle: Something happened\nseverity: low\nalert:\n  pattern: {pattern}\n  message: {message}\n"
    );
    std::fs::write(folder.join("mine.yaml"), blueprint).expect("written");
    let stack =
        "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - blueprint: ./mine.yaml\n";
    let document = Document::parse("trailbell.yaml", stack).expect("YAML");
    let found = check::stack(document, folder.to_owned()).map_or_else(|found| found, |one| one.warnings);
    let is_meant = |code: Code| ![Code::MissingCase, Code::BlueprintInvalid].contains(&code);
    found.iter().filter(|one| is_meant(one.code)).map(|one| one.code.id().to_owned()).collect()
}

#[test]
fn public_rules_have_the_findings_that_they_should_have() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/offline/patterns.yaml");
    let text = std::fs::read_to_string(path).expect("readable");
    let all = Document::parse("patterns.yaml", &text).expect("YAML").root.to_json();
    let rows = all["patterns"].as_array().expect("a list");
    assert!(rows.len() >= 60, "{}", rows.len());
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    for row in rows {
        let pattern = &row["pattern"];
        assert!(row["page"].as_str().is_some_and(|page| page.contains(".html")), "no page: {pattern}");
        let expected = texts(&row["codes"]).unwrap_or_default();
        // What the transformer writes and what the notifier writes.
        let notified = texts(&row["lambda"]).unwrap_or_else(|| expected.clone());
        for (message, expected) in [
            ("{ text: something happened }", expected),
            ("{ via: lambda, card: { text: something happened } }", notified),
        ] {
            let found = codes(folder.path(), pattern, message);
            if found != expected {
                wrong.push(format!("{pattern} {message}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
