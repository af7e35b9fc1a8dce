//! What every command prints with `--output json` is what `trailbell schema` says it is: real output, line by line.

use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use serde_json::{Map, Value};
use tempfile::TempDir;
use trailbell::cli::Cli;

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

const RECORD: &str = r#"{"eventVersion":"1.08","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","eventType":"AwsApiCall","awsRegion":"us-east-1"}"#;

/// One of someone who may do it.
const EXPECTED: &str = r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","awsRegion":"us-east-1","userIdentity":{"userName":"deploy"}}"#;

/// A pattern that only an event matches, not a record.
const PATTERN: &str = r#"{"detail":{"eventName":["StopLogging"]}}"#;

/// A sandbox with a queue of someone else under a name of the stack.
const THEIRS: &str = r#"{"format":2,"created":1,"objects":{"us-east-1/queue/trailbell-sec_slack_dead-letter-queue":{"arn":
"arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue","resource":{"kind":"queue","address":
"us-east-1/queue.slack","name":"trailbell-sec_slack_dead-letter-queue","retention_seconds":60,"policy":null,"tags":{}}}}}"#;
/// A rule that can be imported.
const RULE: &str = "title: T
logsource: { product: aws, service: cloudtrail }
detection: { selection: { eventSource: iam.amazonaws.com, eventName: CreateUser }, condition: selection }
";

/// A schema's name, and the command whose output it describes.
const RUNS: [(&str, &[&str]); 30] = [
    ("check", &["check", "stack.yaml"]),
    ("check", &["check", "broken.yaml"]),
    ("catalog", &["catalog"]),
    ("catalog-copy", &["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]),
    ("test", &["test", "cloudtrail-stop-logging"]),
    ("import", &["import", "sigma", "rule.yml", "broken.yaml", "--to", "imported"]),
    ("explain", &["explain", "event.json", "stack.yaml"]),
    ("explain-code", &["explain", "TB0501"]),
    ("preview", &["preview", "cloudtrail-stop-logging"]),
    ("plan", &["plan", "--sandbox=world.json", "stack.yaml"]),
    ("apply", &["apply", "--sandbox=world.json", "--yes", "stack.yaml"]),
    ("apply", &["apply", "--sandbox=world.json", "--yes", "stack.yaml"]),
    ("adopt", &["adopt", "--sandbox=theirs.json", "--yes", "--stack", "stack.yaml", "queue.slack"]),
    ("list", &["list", "--sandbox=world.json", "--region", "us-east-1"]),
    ("reap", &["reap", "--sandbox=world.json", "--region", "us-east-1"]),
    ("history", &["history", "--sandbox=world.json", "stack.yaml"]),
    ("graph", &["graph", "stack.yaml"]),
    ("graph", &["graph", "--live", "--sandbox=world.json", "stack.yaml"]),
    ("status", &["status", "--sandbox=world.json", "stack.yaml"]),
    ("doctor", &["doctor", "--sandbox=world.json", "stack.yaml"]),
    ("suppress", &["suppress", "expected.json", "--stack", "stack.yaml"]),
    ("fire", &["fire", "stack.yaml", "--event", "event.json"]),
    ("verify", &["verify", "--sandbox=world.json", "--accept-unconfirmed", "stack.yaml"]),
    ("redrive", &["redrive", "--sandbox=world.json", "--dry-run", "stack.yaml"]),
    ("destroy", &["destroy", "--sandbox=world.json", "--yes", "stack.yaml"]),
    ("match", &["match", "--pattern", PATTERN, "event.json", "bad.json"]),
    ("demo", &["demo"]),
    ("failure", &["plan", "missing.yaml"]),
    ("failure", &["plan", "--no-such-option"]),
    ("failure", &["plan", "--sandbox=world.json", "broken.yaml"]),
];

/// Commands whose output has no schema of its own: text of theirs, or a document in someone else's format.
const OTHERS: [&str; 7] = ["help", "reference", "schema", "policy", "slack-manifest", "completions", "man"];

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(["--output", "json"])
        .args(arguments)
        .current_dir(folder)
        .env("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa")
        .output()
        .expect("the program runs");
    String::from_utf8(output.stdout).expect("text")
}

/// The documents in a text, one after the other.
fn documents(text: &str) -> Vec<Value> {
    serde_json::Deserializer::from_str(text).into_iter().collect::<Result<_, _>>().expect("JSON")
}

/// Why a value does not fit a schema; the part of JSON Schema that our types produce, and a panic at anything else.
pub(super) fn misfit(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    let schema = match schema {
        Value::Bool(true) => return None,
        schema => schema.as_object().expect("a schema"),
    };
    schema.iter().find_map(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" | "format" | "default" | "pattern" => None,
        "$ref" => {
            let pointer = rule.as_str().and_then(|one| one.strip_prefix('#')).expect("a pointer");
            misfit(value, root.pointer(pointer).expect("a definition"), root)
        }
        "type" => (!is_of(value, rule)).then(|| format!("{value} is not of type {rule}")),
        "const" => (value != rule).then(|| format!("{value} is not {rule}")),
        "enum" => (!list(rule).contains(value)).then(|| format!("{value} is not in {rule}")),
        "minimum" | "maximum" => {
            let (number, bound) = (value.as_f64()?, rule.as_f64().expect("a number"));
            let is_beyond = if keyword == "minimum" { number < bound } else { number > bound };
            is_beyond.then(|| format!("{value} is beyond {bound}"))
        }
        "required" => list(rule)
            .iter()
            .find(|key| value.is_object() && value.get(key.as_str().expect("a key")).is_none())
            .map(|key| format!("{key} is missing in {value}")),
        "properties" => {
            let parts = rule.as_object().expect("properties");
            parts.iter().find_map(|(key, part)| misfit(value.get(key)?, part, root))
        }
        // The keys of our maps have one form, so the values are compared and the keys are not.
        "patternProperties" => {
            let rules = rule.as_object().expect("patterns");
            rules.values().find_map(|rule| extra(value, rule, root, |_| true))
        }
        "additionalProperties" if schema.contains_key("patternProperties") => None,
        "additionalProperties" => {
            let known = schema.get("properties").and_then(Value::as_object);
            let more = |key: &str| !known.is_some_and(|known| known.contains_key(key));
            extra(value, rule, root, more)
        }
        "items" => value.as_array()?.iter().find_map(|item| misfit(item, rule, root)),
        "oneOf" | "anyOf" => {
            let misfits: Vec<_> = list(rule).iter().map(|one| misfit(value, one, root)).collect();
            let all = || misfits.iter().flatten().cloned().collect::<Vec<_>>().join("; or ");
            misfits.iter().all(Option::is_some).then(all)
        }
        "allOf" => list(rule).iter().find_map(|one| misfit(value, one, root)),
        other => panic!("the keyword {other} is not known here"),
    })
}

fn extra(value: &Value, rule: &Value, root: &Value, more: impl Fn(&str) -> bool) -> Option<String> {
    let object: &Map<String, Value> = value.as_object()?;
    object.iter().filter(|(key, _)| more(key)).find_map(|(key, part)| match rule {
        Value::Bool(false) => Some(format!("{key} is not in the schema")),
        rule => misfit(part, rule, root),
    })
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn is_of(value: &Value, rule: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called {other}"),
    };
    rule.as_str().map_or_else(|| list(rule).iter().any(|one| is(one.as_str().expect("a type"))), is)
}

#[test]
fn what_is_printed_fits_its_schema() {
    let folder = TempDir::new().expect("a folder");
    let broken = STACK.replace("us-east-1", "nowhere");
    for (name, text) in [
        ("stack.yaml", STACK),
        ("broken.yaml", &broken),
        ("event.json", &event()),
        ("theirs.json", THEIRS),
        ("rule.yml", RULE),
        ("expected.json", EXPECTED),
        ("bad.json", r#"{"a": tru}"#),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    for (name, arguments) in RUNS {
        let schema: Value = serde_json::from_str(&run(folder.path(), &["schema", name])).expect("a schema");
        let printed = documents(&run(folder.path(), arguments));
        assert!(!printed.is_empty(), "{arguments:?} prints nothing");
        for document in printed {
            assert_eq!(document["version"], 1, "{arguments:?}: {document}");
            assert_eq!(misfit(&document, &schema, &schema), None, "{arguments:?} does not fit the schema {name}");
        }
    }
}

fn event() -> String {
    format!(
        r#"{{"version":"0","id":"1","source":"aws.cloudtrail","account":"123456789012","region":"us-east-1","time":"2026-01-01T00:00:00Z","resources":[],"detail-type":"AWS API Call via CloudTrail","detail":{RECORD}}}"#
    )
}

#[test]
fn every_command_has_a_schema_that_was_tried() {
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        // `init` prints the lines of `apply`, and needs answers; `unlock` needs a run that was killed. The suite runs both.
        let is_tried = RUNS.iter().any(|(_, arguments)| arguments[0] == name) || ["init", "unlock"].contains(&name);
        assert!(is_tried || OTHERS.contains(&name), "`trailbell {name} --output json` is not compared with a schema");
    }
}

#[test]
fn a_misfit_is_seen() {
    let schema =
        serde_json::json!({ "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"] });
    for wrong in ["{}", r#"{"a": "x"}"#, "[]"] {
        let value = serde_json::from_str(wrong).expect("JSON");
        assert!(misfit(&value, &schema, &schema).is_some(), "{wrong}");
    }
}
