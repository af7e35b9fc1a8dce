//! The promise of the notifier: for any event at all, and any log lines, Slack takes what it writes, and no one is
//! mentioned. Blueprints and events are those of the promise of `message`, and then events that obey nothing.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use trailbell::blueprint::{Via, parameters::samples};
use trailbell::json::Json;
use trailbell::message::transformer::{Delivery, Reserved};
use trailbell::message::{is_by_notifier, to_notifier};
use trailbell::slack;

use super::rng::Random;
use super::{blueprints, claims, fitting, judge, pattern, values};

const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions/tools");

/// What a tool prints, a JSON document a line.
fn node(tool: &str, arguments: &[&str], input: &str) -> Vec<Value> {
    let mut child = Command::new("node")
        .arg(format!("{TOOLS}/{tool}"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    // Both ways at once, or both would wait for room.
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("node ends");
    writing.join().expect("no panic").expect("written");
    assert!(output.status.success(), "{tool}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// An event that obeys nothing: any part of a good one may be missing, of another type, or far too long.
fn broken(event: &mut Value, random: &mut Random) {
    let long = || Value::from("<!channel> \"`*\u{202e}".repeat(6_000));
    match event {
        Value::Object(fields) => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            for key in keys {
                match random.below(12) {
                    0 => drop(fields.remove(&key)),
                    1 => drop(fields.insert(key, values::anything(3, random).unwrap_or(Value::Null))),
                    2 if random.once_in(8) => drop(fields.insert(key, long())),
                    _ => broken(&mut fields[&key], random),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| broken(item, random)),
        _ => {}
    }
}

/// Inputs of the notifier, each with what it was made from.
fn inputs(count: u64) -> Vec<(String, Value)> {
    let mut inputs = Vec::new();
    for seed in 0.. {
        if inputs.len() as u64 >= count {
            break;
        }
        let mut made = blueprints::made(&mut Random::new(seed));
        let message = &mut made.blueprint.alert.message;
        message.via = Some(Via::Lambda);
        if message.template.take().is_some() && random_form(seed) {
            message.text = Some("<first> did it".to_owned());
        }
        let values = samples(&made.blueprint);
        assert!(is_by_notifier(&made.blueprint, &values));
        let transformer = to_notifier(&made.blueprint, &values, &[]);
        assert_eq!(transformer.validate(), [], "{}", transformer.template);
        let Some(mut event) =
            fitting(&pattern(&made.blueprint), &std::collections::BTreeSet::default(), &claims(&made.blueprint), seed)
        else {
            continue;
        };
        for round in 0..3 {
            let rendered = transformer.render(&Json::from(&event), &Reserved::default()).expect("known");
            let Delivery::Body(body) = rendered else { panic!("{seed}: not delivered: {rendered:?}") };
            let input: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{seed}: {error}: {body}"));
            assert_eq!(input["event"], event, "{seed}: the event arrives as it is");
            inputs.push((format!("blueprint {seed}, round {round}"), input));
            broken(&mut event, &mut Random::new(seed * 10 + round));
        }
    }
    inputs
}

/// Some of the templates become a sentence, the others a message without any words of its author.
fn random_form(seed: u64) -> bool {
    seed.is_multiple_of(2)
}

#[test]
fn any_event_at_all_becomes_a_message_that_slack_takes() {
    let inputs = inputs(900);
    let lines: Vec<String> = inputs.iter().map(|(_, input)| input.to_string()).collect();
    let written = node("write.mjs", &[], &lines.join("\n"));
    assert_eq!(written.len(), inputs.len());
    for ((name, input), messages) in inputs.iter().zip(&written) {
        let [body] = messages.as_array().expect("a list").as_slice() else { panic!("{name}: {messages}") };
        if let Err(problems) = slack::read(body) {
            panic!("{name}: {problems:?}\n{body:#}\n{input:#}");
        }
    }
}

#[test]
fn whatever_the_notifier_writes_slack_takes() {
    let bodies = node("messages.mjs", &["7", "1000"], "");
    assert_eq!(bodies.len(), 1_000);
    for body in &bodies {
        if let Err(problems) = slack::read(body) {
            panic!("{problems:?}\n{body:#}");
        }
    }
    let lines: Vec<String> = bodies.iter().map(Value::to_string).collect();
    assert_eq!(judge(&lines.join("\n")), (Some(0), String::new()));
}

#[test]
fn the_seeds_message_is_taken_by_both_judges() {
    let snapshot = include_str!("../../functions/snapshots/seed.json");
    let body: Value = serde_json::from_str(snapshot).expect("JSON");
    let blocks = body.get("blocks").cloned().unwrap_or(body);
    let message = json!({ "text": "log events", "blocks": blocks });
    slack::read(&message).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(judge(&message.to_string()), (Some(0), String::new()));
}
