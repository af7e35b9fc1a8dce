//! The same promise for messages that go to an SNS topic: whatever the event is, an email has the lines that its author wrote, and
//! a notification of Amazon Q Developer is JSON of its schema.

use std::collections::BTreeMap;

use serde_json::Value;
use trailbell::blueprint::parameters::samples;
use trailbell::blueprint::{Blueprint, catalog};
use trailbell::json::Json;
use trailbell::message::transformer::{Delivery, InputTransformer, Reserved};
use trailbell::message::{self, Form, Posting};

use super::blueprints;
use super::events::Claims;
use super::rng::Random;
use super::{BREAKS, claims, fitting, pattern, scale, shown};

/// The longest message that SNS takes.
const MAX_BYTES: usize = 262_144;

fn postings() -> [Posting; 3] {
    let email = Posting { form: Form::Email, ..Posting::sample() };
    let named = Posting { account_name: Some("payments (production)".to_owned()), ..email.clone() };
    [email, named, Posting { form: Form::AmazonQ, ..Posting::sample() }]
}

fn delivered(transformer: &InputTransformer, event: &Value) -> Result<String, String> {
    let reserved = Reserved { rule_name: "r".repeat(64), ..Reserved::default() };
    match transformer.render(&Json::from(event), &reserved) {
        Ok(Delivery::Body(text)) if text.len() <= MAX_BYTES => Ok(text),
        Ok(Delivery::Body(text)) => Err(format!("{} bytes", text.len())),
        Ok(Delivery::NotDelivered { why }) => Err(format!("not delivered: {why}")),
        Err(error) => Err(error.to_string()),
    }
}

/// What no event may change of an email: how many lines it has, each in quotes, with the words that it begins with.
fn email(text: &str, template: &str) -> Result<usize, String> {
    let (lines, written): (Vec<&str>, Vec<&str>) = (text.split('\n').collect(), template.lines().collect());
    for (line, written) in lines.iter().zip(&written) {
        let words = written.split('<').next().unwrap_or_default();
        let Some(inside) = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')) else {
            return Err(format!("a line is not quoted: {line}"));
        };
        if inside.contains('"') || inside.contains(BREAKS) || !line.starts_with(words) {
            return Err(format!("a line is not as written: {line}"));
        }
    }
    if lines.len() == written.len() { Ok(lines.len()) } else { Err(format!("{} lines: {text}", lines.len())) }
}

/// What no event may change of a notification: its keys, and how many lines its texts have.
fn notification(text: &str) -> Result<Value, String> {
    let body: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}: {text}"))?;
    let is = |pointer: &str, expected: &str| match body.pointer(pointer) {
        Some(Value::String(found)) if found == expected || expected.is_empty() && !found.is_empty() => Ok(()),
        found => Err(format!("{pointer} is {found:?}")),
    };
    is("/version", "1.0")?;
    is("/source", "custom")?;
    is("/content/textType", "client-markdown")?;
    ["/content/title", "/content/description", "/metadata/summary", "/metadata/eventType"]
        .iter()
        .try_for_each(|pointer| is(pointer, ""))?;
    // Free text is in `additionalContext`, which no chat shows.
    let shown = format!("{}{}", body["content"], body["metadata"]["summary"]);
    if shown.contains("<!") || shown.contains("<@") {
        return Err(format!("it mentions someone: {shown}"));
    }
    let lines = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(|text| text.matches(BREAKS).count());
    let keys = body["metadata"]["additionalContext"].as_object().map(|free| free.keys().cloned().collect::<Vec<_>>());
    Ok(serde_json::json!([lines("/content/title"), lines("/content/description"), lines("/metadata/summary"), keys]))
}

fn shape(form: &Form, text: &str, template: &str) -> Result<Value, String> {
    if *form == Form::Email { email(text, template).map(Value::from) } else { notification(text) }
}

/// Feeds events to the plain messages of a blueprint; how many fitted.
fn survives(name: &str, blueprint: &Blueprint, claims: &Claims, seeds: std::ops::Range<u64>) -> Result<usize, String> {
    let (pattern, values, postings) = (pattern(blueprint), samples(blueprint), postings());
    let mut transformers = Vec::new();
    for posting in &postings {
        let flaws = message::flaws(blueprint, &values, posting);
        let transformer = message::compile(blueprint, &values, posting);
        if !flaws.is_empty() || !transformer.validate().is_empty() {
            return Err(format!("{name}: {flaws:?} {:?}\n{}", transformer.validate(), transformer.template));
        }
        transformers.push(transformer);
    }
    let paths = shown(&transformers[0]);
    let (mut shapes, mut fitted): (BTreeMap<usize, Value>, usize) = (BTreeMap::new(), 0);
    for seed in seeds {
        let Some(event) = fitting(&pattern, &paths, claims, seed) else { continue };
        let which = fitted % transformers.len();
        let (form, template) = (&postings[which].form, &transformers[which].template);
        let found = delivered(&transformers[which], &event).and_then(|text| shape(form, &text, template));
        let found = found.map_err(|why| format!("{name}, seed {seed}: {why}\n{template}\n{event:#}"))?;
        if *shapes.entry(which).or_insert_with(|| found.clone()) != found {
            return Err(format!("{name}, seed {seed}: the event changed {found}\n{template}\n{event:#}"));
        }
        fitted += 1;
    }
    Ok(fitted)
}

#[test]
fn every_built_in_blueprint_has_an_email_and_a_notification_that_survive_hostile_events() {
    let count = (2_000 * scale() / catalog::entries().len()).max(30) as u64;
    let mut fitted = 0;
    for entry in catalog::entries() {
        let blueprint = entry.load().expect("a built-in blueprint has no findings").blueprint;
        let values = samples(&blueprint);
        if message::is_by_notifier(&blueprint, &values) {
            continue;
        }
        let groups = message::groups(&blueprint, &values).unwrap_or_default();
        let each: Vec<&Blueprint> = groups.iter().map(|group| &group.blueprint).collect();
        for one in if each.is_empty() { vec![&blueprint] } else { each } {
            fitted += survives(entry.path, one, &claims(&blueprint), 0..count).unwrap_or_else(|why| panic!("{why}"));
        }
    }
    assert!(fitted > 100, "{fitted}");
}

#[test]
fn what_is_safe_in_slack_is_safe_in_a_topic() {
    let (mut fitted, mut refused) = (0, 0);
    for seed in 0..800 * scale() as u64 {
        let made = blueprints::made(&mut Random::new(seed));
        let values = samples(&made.blueprint);
        let is_safe = message::flaws(&made.blueprint, &values, &Posting::longest()).is_empty()
            && message::compile(&made.blueprint, &values, &Posting::longest()).validate().is_empty();
        if !is_safe {
            refused += 1;
            continue;
        }
        let name = format!("blueprint {seed}: {}", serde_json::to_string(&made.blueprint.alert).expect("JSON"));
        fitted += survives(&name, &made.blueprint, &made.claims, seed * 1_000..seed * 1_000 + 6)
            .unwrap_or_else(|why| panic!("{why}"));
    }
    assert!(fitted > 300 && refused > 100, "{fitted} fitted, {refused} refused");
}
