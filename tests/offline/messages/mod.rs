//! The promise of `message`: for any event that matches the alert's pattern and obeys the table of fields, the body is
//! JSON, Slack takes it, and it mentions no one; a message of which this cannot be shown has flaws.
//!
//! Events and blueprints are made by chance, as hostile as the table allows; a failure names its seed.

mod assembly;
mod blueprints;
mod corners;
mod events;
mod notifier;
mod plain;
mod rng;
mod templates;
mod typical;
mod values;

#[path = "../../suite/support/install.rs"]
mod install;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use trailbell::blueprint::parameters::samples;
use trailbell::blueprint::{Blueprint, Claim, catalog, parameters};
use trailbell::json::Json;
use trailbell::message::transformer::{Delivery, InputTransformer, Reserved, TransformError, parse_path};
use trailbell::message::{self, Form, Posting};
use trailbell::pattern::{Pattern, Verdict};
use trailbell::slack;

use events::Claims;
use rng::Random;

/// How many events and blueprints: 1 takes some seconds in a debug build, `TRAILBELL_SCALE=2` makes more than 18,000 bodies.
fn scale() -> usize {
    std::env::var("TRAILBELL_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

fn postings() -> Vec<Posting> {
    let bot = Form::Bot { channel: "C0123456789".to_owned() };
    let of = |partition: &&str| {
        [(&Form::Webhook, None), (&bot, Some("payments (production)"))].map(|(form, name)| Posting {
            form: form.clone(),
            partition: (*partition).to_owned(),
            account_name: name.map(str::to_owned),
            to: Vec::new(),
        })
    };
    ["aws", "aws-cn", "aws-us-gov"].iter().flat_map(of).collect()
}

fn pattern(blueprint: &Blueprint) -> Pattern {
    let filled = parameters::fill(&Value::Object(blueprint.alert.pattern.clone()), &samples(blueprint));
    Pattern::from_value(&filled).expect("a pattern")
}

/// The dotted paths that are rendered.
fn shown(transformer: &InputTransformer) -> BTreeSet<String> {
    transformer.input_paths.values().filter_map(|path| Some(path.strip_prefix("$.")?.to_owned())).collect()
}

/// An event that fits the pattern; `None` where this seed gives none.
fn fitting(pattern: &Pattern, shown: &BTreeSet<String>, claims: &Claims, seed: u64) -> Option<Value> {
    let mut random = Random::new(seed);
    let branches = pattern.branches().collect::<Vec<_>>();
    let event = events::event(*random.one(&branches), shown, claims, &mut random)?;
    let verdict = pattern.matches_value(&event).expect("an event the engine can judge");
    (verdict == Verdict::Matches).then_some(event)
}

/// The body that Slack gets, and everything that is wrong with it.
fn delivered(transformer: &InputTransformer, event: &Value) -> Result<Value, String> {
    let reserved = Reserved {
        rule_arn: format!("arn:aws:events:us-east-1:123456789012:rule/{}", "r".repeat(64)),
        rule_name: "r".repeat(64),
        ingestion_time: "2026-02-03T08:15:00Z".to_owned(),
    };
    let text = match transformer.render(&Json::from(event), &reserved) {
        Ok(Delivery::Body(text)) => text,
        Ok(Delivery::NotDelivered { why }) => return Err(format!("not delivered: {why}")),
        Err(TransformError::Unknown { why }) => return Err(format!("nobody knows what is delivered: {why}")),
        Err(error) => return Err(format!("refused by EventBridge: {error}")),
    };
    let body: Value = serde_json::from_str(&text).map_err(|error| format!("no JSON: {error}: {text}"))?;
    slack::read(&body).map_err(|problems| format!("refused by Slack: {problems:?}"))?;
    Ok(body)
}

/// What begins a line for one program or another.
const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// What no event may change: all of a body but its texts, how many lines these have outside of code blocks and quotes, and
/// where its links lead.
fn shape(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            if matches!(kind, Some("rich_text_preformatted" | "rich_text_quote")) {
                return kind.into();
            }
            let of = |(key, value): (&String, &Value)| match (key.as_str(), value) {
                ("text", Value::String(text)) => (key.clone(), text.matches(BREAKS).count().into()),
                ("url", Value::String(url)) => (key.clone(), home(url)),
                _ => (key.clone(), shape(value)),
            };
            fields.iter().map(of).collect()
        }
        other => other.clone(),
    }
}

/// The domain an address leads to, and the characters that part it.
fn home(url: &str) -> Value {
    let authority = url.split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let domain: Vec<&str> = authority.rsplit('.').take(2).collect();
    let parts: String = url.chars().filter(|c| ":/?#@&%\\".contains(*c)).collect();
    json!([domain, parts])
}

/// Feeds `count` events to a message without flaws, in every way of posting by turns; how many of them fitted.
fn survives(
    name: &str,
    blueprint: &Blueprint,
    claims: &Claims,
    seeds: std::ops::Range<u64>,
) -> Result<Vec<Value>, String> {
    let pattern = pattern(blueprint);
    let transformers: Vec<_> =
        postings().iter().map(|posting| message::compile(blueprint, &samples(blueprint), posting)).collect();
    let shown = shown(&transformers[0]);
    let mut shapes: BTreeMap<usize, Value> = BTreeMap::new();
    let mut bodies = Vec::new();
    for seed in seeds {
        let Some(event) = fitting(&pattern, &shown, claims, seed) else { continue };
        let which = bodies.len() % transformers.len();
        let body = delivered(&transformers[which], &event)
            .map_err(|why| format!("{name}, seed {seed}: {why}\n{}\n{event:#}", transformers[which].template))?;
        let shape = shape(&body);
        if *shapes.entry(which).or_insert_with(|| shape.clone()) != shape {
            return Err(format!("{name}, seed {seed}: the event changed {shape}\n{event:#}"));
        }
        bodies.push(body);
    }
    Ok(bodies)
}

fn built_in(count: u64) -> Vec<Value> {
    let mut bodies = Vec::new();
    for entry in catalog::entries() {
        let blueprint = entry.load().expect("a built-in blueprint has no findings").blueprint;
        let values = samples(&blueprint);
        // What the notifier writes has a test of its own.
        if message::is_by_notifier(&blueprint, &values) {
            continue;
        }
        let claims = claims(&blueprint);
        let groups = message::groups(&blueprint, &values).unwrap_or_default();
        let each: Vec<&Blueprint> = groups.iter().map(|group| &group.blueprint).collect();
        for one in if each.is_empty() { vec![&blueprint] } else { each } {
            let survived = survives(entry.path, one, &claims, 0..count).unwrap_or_else(|why| panic!("{why}"));
            assert!(survived.len() as u64 > count / 4, "{}: {} of {count} events fit", entry.path, survived.len());
            bodies.extend(survived);
        }
    }
    bodies
}

fn claims(blueprint: &Blueprint) -> Claims {
    let message = &blueprint.alert.message;
    let claim =
        |(name, claim): (&String, &Claim)| Some((parse_path(message.input_paths.get(name)?).ok()?.dotted()?, *claim));
    message.holds.iter().filter_map(claim).collect()
}

/// What came of a generated blueprint.
struct Trial {
    form: &'static str,
    /// How many events fitted; `None` when the message has flaws.
    bodies: Option<Vec<Value>>,
}

fn generated(seed: u64, count: u64) -> Result<Trial, String> {
    let made = blueprints::made(&mut Random::new(seed));
    let values = samples(&made.blueprint);
    // As `check` asks: with the longest channel there is.
    let posting = Posting { form: Form::Bot { channel: "C".repeat(80) }, ..Posting::sample() };
    let is_whole = message::compile(&made.blueprint, &values, &posting).validate().is_empty();
    let is_safe = is_whole && message::flaws(&made.blueprint, &values, &posting).is_empty();
    let name = format!("blueprint {seed}: {}", serde_json::to_string(&made.blueprint.alert).expect("JSON"));
    let bodies = is_safe.then(|| survives(&name, &made.blueprint, &made.claims, seed * 1_000..seed * 1_000 + count));
    Ok(Trial { form: made.form, bodies: bodies.transpose()? })
}

/// Bodies as Slack would get them, for judges outside of this program.
pub fn bodies(count: usize) -> Vec<Value> {
    let mut bodies = built_in((count / catalog::entries().len()).max(20) as u64);
    let mut seed = 0;
    bodies.truncate(count / 2);
    while bodies.len() < count {
        bodies.extend(generated(seed, 10).ok().and_then(|trial| trial.bodies).unwrap_or_default());
        seed += 1;
    }
    bodies.truncate(count);
    bodies
}

#[test]
fn every_built_in_blueprint_survives_hostile_events() {
    let entries = catalog::entries().len();
    let count = (4_000 * scale() / entries).max(60) as u64;
    assert!(!built_in(count).is_empty());
}

#[test]
fn generated_blueprints_are_safe_or_refused() {
    let count = 2_400 * scale() as u64;
    let mut accepted: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut fitted, mut refused) = (0, 0);
    let mut failures = Vec::new();
    for seed in 0..count {
        match generated(seed, 8) {
            Err(why) => failures.push(why),
            Ok(Trial { bodies: None, .. }) => refused += 1,
            Ok(Trial { form, bodies: Some(bodies) }) => {
                *accepted.entry(form).or_default() += 1;
                fitted += bodies.len();
            }
        }
    }
    let total: usize = accepted.values().sum();
    assert!(failures.is_empty(), "{} of {total}: {}", failures.len(), failures[0]);
    assert!(total as u64 > count / 4 && refused > count / 4, "{accepted:?} accepted, {refused} refused of {count}");
    assert!(["text", "card", "template"].iter().all(|form| accepted[form] as u64 > count / 20), "{accepted:?}");
    assert!(fitted > total * 4, "{fitted} events fit {total} blueprints");
}

/// Slack's official Python SDK has models of blocks; what they check is said at the head of `accepts.py`.
fn judge(lines: &str) -> (Option<i32>, String) {
    let python = install::python().unwrap_or_else(|why| panic!("{why}"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/offline/messages/accepts.py");
    let mut child =
        Command::new(&python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("python ends");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_models_of_slacks_sdk_accept_the_bodies() {
    let lines: Vec<String> = bodies(1_000).iter().map(Value::to_string).collect();
    assert_eq!(judge(&lines.join("\n")), (Some(0), String::new()));
    // The judge is awake.
    let refused =
        json!({"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x".repeat(151)}}]});
    assert_eq!(judge(&refused.to_string()).0, Some(1));
}
