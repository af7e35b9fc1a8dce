//! The examples on the pages about findings raise what they represent.

use serde_json::{Map, Value};
use trailbell::check;
use trailbell::diagnostic::Code;
use trailbell::document::Document;

/// A blueprint without findings, of which an example changes a part.
const BLUEPRINT: &str = r"
blueprint: mine
title: Something happened
severity: low
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] }
  message: { text: something happened }
tests:
  - { name: matches, record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }, expect: { matches: true } }
  - { name: does not, record: { eventSource: cloudtrail.amazonaws.com, eventName: StartLogging }, expect: { matches: false } }
";

/// Keys whose value an example replaces as a whole.
const WHOLE: [&str; 4] = ["pattern", "message", "tests", "parameters"];

fn parsed(text: &str) -> Option<Value> {
    Document::parse("example.yaml", text).ok().map(|document| document.root.to_json())
}

fn merge(base: &mut Map<String, Value>, change: &Map<String, Value>) {
    for (key, value) in change {
        match (base.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(change)) if !WHOLE.contains(&key.as_str()) => {
                merge(below, change);
            }
            _ => drop(base.insert(key.clone(), value.clone())),
        }
    }
}

#[test]
fn every_example_of_a_blueprint_raises_its_code() {
    let mut shown = 0;
    // What is wrong with the text itself is lost when the example becomes part of another one.
    let codes = Code::ALL.iter().filter(|code| !code.page().example.is_empty() && !code.id().starts_with("TB01"));
    for code in codes {
        let example = code.page().example;
        let Some(Value::Object(change)) = parsed(example) else { continue };
        // Examples of stack files are a few lines of another document.
        if ["region", "alerts", "slack", "stack", "version", "account", "tags", "iam", "kms_key", "quotas", "sns"]
            .iter()
            .any(|key| change.contains_key(*key))
        {
            continue;
        }
        let Some(Value::Object(mut blueprint)) = parsed(BLUEPRINT) else { panic!("the blueprint is no mapping") };
        merge(&mut blueprint, &change);
        // JSON is YAML.
        let text = Value::Object(blueprint).to_string();
        let document = Document::parse("example.yaml", &text).expect("JSON");
        let found = check::blueprint(document).map_or_else(|found| found, |loaded| loaded.warnings);
        let codes: Vec<&str> = found.iter().map(|one| one.code.id()).collect();
        assert!(codes.contains(&code.id()), "{}: {codes:?}\n{example}", code.id());
        shown += 1;
    }
    assert!(shown > 20, "{shown} examples");
}
