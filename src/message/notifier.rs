//! What a rule sends to the notifier: the constants of the alert, with the author's words in parts, and the whole event.
//!
//! The notifier puts the values in itself, so nothing of the event meets a template. Neighbors: `sentence` takes the
//! author's words apart; `src/lambda/card.mjs` puts them together again.

use serde_json::Value;

use super::part::{Piece, TemplatePart};
use super::sentence::pieces;
use super::transformer::{InputTransformer, PathStep, is_reserved, parse_path};
use crate::blueprint::parameters::Values;
use crate::blueprint::{Blueprint, WrittenMessage};
use crate::name::DestinationId;

/// The placeholders that represent the whole event.
const WHOLE: [&str; 2] = ["aws.events.event", "aws.events.event.json"];

/// The input of the notifier for the events of an alert; `to` says where it posts, where destinations have names.
#[must_use]
pub fn to_notifier(blueprint: &Blueprint, values: &Values, to: &[DestinationId]) -> InputTransformer {
    let mut constants = vec![
        ("title", TemplatePart::fixed(&blueprint.title)),
        ("severity", TemplatePart::fixed(blueprint.severity.word())),
        ("blueprint", TemplatePart::fixed(&blueprint.blueprint)),
        ("description", TemplatePart::fixed(blueprint.description.trim())),
        ("message", message(&blueprint.alert.message, values)),
    ];
    if !blueprint.response.is_empty() {
        constants.push(("advice", TemplatePart::fixed(blueprint.advice())));
    }
    constants.extend(blueprint.runbook.iter().map(|page| ("runbook", TemplatePart::fixed(page))));
    if !to.is_empty() {
        let ids = to.iter().map(|id| TemplatePart::fixed(id.as_str())).collect();
        constants.push(("to", TemplatePart::List(ids)));
    }
    let whole = TemplatePart::Object(vec![
        ("trailbell", TemplatePart::Object(constants)),
        ("event", TemplatePart::Bare(WHOLE[1].to_owned())),
    ]);
    InputTransformer { input_paths: std::collections::BTreeMap::new(), template: whole.write() }
}

fn message(message: &WrittenMessage, values: &Values) -> TemplatePart {
    let parts = |text: &str| parts(text, message, values);
    if let Some(text) = &message.text {
        return TemplatePart::Object(vec![("sentence", parts(text))]);
    }
    let Some(card) = &message.card else { return TemplatePart::Object(Vec::new()) };
    let facts = card.facts.iter().filter_map(|(label, words)| {
        Some(TemplatePart::List(vec![TemplatePart::fixed(label), parts(words.as_str()?)]))
    });
    let mut fields = vec![("facts", TemplatePart::List(facts.collect()))];
    if let Some(text) = &card.text {
        fields.insert(0, ("text", parts(text)));
    }
    TemplatePart::Object(fields)
}

/// The author's words as the notifier reads them: texts, and the keys that lead to a value.
fn parts(text: &str, message: &WrittenMessage, values: &Values) -> TemplatePart {
    let part = |piece: Piece| match piece {
        Piece::Words(words) => TemplatePart::fixed(words),
        // What EventBridge knows of the rule is a plain name or time.
        Piece::Value(name) if is_reserved(&name) && !WHOLE.contains(&name.as_str()) => {
            TemplatePart::Text(vec![Piece::value(name)])
        }
        Piece::Value(name) => {
            let path = message.input_paths.get(&name).map_or("$", String::as_str);
            // A path that cannot be read is a finding of its own.
            let step = |step: &PathStep| match step {
                PathStep::Key(key) => Value::from(key.as_str()),
                PathStep::Index(index) => Value::from(*index),
            };
            let steps: Vec<Value> =
                parse_path(path).map(|path| path.steps().iter().map(step).collect()).unwrap_or_default();
            TemplatePart::Object(vec![("value", TemplatePart::Fixed(steps.into()))])
        }
    };
    TemplatePart::List(pieces(text, message, values).into_iter().map(part).collect())
}
