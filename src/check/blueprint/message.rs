//! Findings about a blueprint's message: its form, its values, and whether it could be lost or abused.

use std::collections::BTreeSet;

use super::flaws::Words;
use crate::blueprint::{Blueprint, Via, parameters};
use crate::cloudtrail::fields::Certainty;
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::message::transformer::{self, InputTransformer, TransformerError, placeholders};
use crate::message::{self, Flaw, OWN, Posting};

const FORMS: &str = "exactly one of `card`, `text`, and `template`";

/// The longest label of a fact, in characters.
const MAX_LABEL: usize = 60;

/// The texts an author wrote, each with its place.
pub(super) fn texts(blueprint: &Blueprint) -> Vec<(String, &str)> {
    let message = &blueprint.alert.message;
    let mut texts = vec![
        ("/alert/message/text".to_owned(), message.text.as_deref()),
        ("/alert/message/template".to_owned(), message.template.as_deref()),
    ];
    if let Some(card) = &message.card {
        texts.push(("/alert/message/card/text".to_owned(), card.text.as_deref()));
        let facts = card.facts.iter();
        texts
            .extend(facts.map(|(label, words)| (format!("/alert/message/card/facts/{}", step(label)), words.as_str())));
    }
    texts.into_iter().filter_map(|(pointer, text)| Some((pointer, text?))).collect()
}

pub(super) fn form(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    if blueprint.is_log_route() || document.node("/alert/pattern").is_none() {
        // Whether the parts of an alert belong together is the business of `route`.
        return Vec::new();
    }
    let is_lambda = message.via == Some(Via::Lambda);
    let given = [message.card.is_some(), message.text.is_some(), message.template.is_some()];
    let found = match given.iter().filter(|is_given| **is_given).count() {
        0 if is_lambda => return Vec::new(),
        0 => "none of them",
        1 if message.text.as_deref().is_some_and(|text| text.trim().is_empty()) => {
            "an empty `text`, which Slack rejects"
        }
        1 => return Vec::new(),
        _ => "more than one of them",
    };
    let finding = document.finding("/alert/message", Code::MessageForm, format!("a message has {FORMS}"));
    let help = "`card` has a heading, facts, and a link; `text` is a sentence; `template` is the raw JSON body";
    vec![finding.found(found).help(help)]
}

/// A card's facts have a label and something to say.
pub(super) fn facts(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let Some(card) = &blueprint.alert.message.card else { return Vec::new() };
    let mut findings = Vec::new();
    for (label, words) in &card.facts {
        let pointer = format!("/alert/message/card/facts/{}", step(label));
        let length = label.chars().count();
        if label.trim().is_empty() || length > MAX_LABEL || label.chars().any(char::is_control) {
            let mut finding =
                document.finding(&pointer, Code::NotAllowed, "the label of a fact must be one short line");
            finding.span = document.key_span(&pointer);
            findings
                .push(finding.found(format!("{length} characters")).expected(format!("1 to {MAX_LABEL} characters")));
        }
        if words.as_str().is_none_or(|words| words.trim().is_empty()) {
            let finding = document.finding(&pointer, Code::NotAllowed, format!("the fact `{label}` is empty"));
            findings.push(finding.help("write a value, such as `<name>`, or remove it"));
        }
    }
    findings
}

pub(super) fn paths(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, path) in &blueprint.alert.message.input_paths {
        let pointer = format!("/alert/message/input_paths/{}", step(name));
        let own = name.starts_with(OWN).then(|| format!("names that begin with `{OWN}` are reserved for cards"));
        if let Some(error) = transformer::check_key(name).map(|error| error.to_string()).or(own) {
            let mut finding = document.finding(&pointer, Code::BadInputPath, error);
            finding.span = document.key_span(&pointer);
            findings.push(finding);
        }
        if let Some(error) = transformer::check_path(name, path) {
            let finding = document.finding(&pointer, Code::BadInputPath, error.to_string());
            findings.push(finding.expected("a path such as `$.detail.userIdentity.arn`"));
        }
    }
    findings
}

/// An author's word counts for input paths of the message, and only for fields trailbell does not know.
pub(super) fn claims(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let mut findings = Vec::new();
    for name in message.holds.keys() {
        let pointer = format!("/alert/message/holds/{}", step(name));
        let Some(path) = message.input_paths.get(name) else {
            let mut finding = document.finding(&pointer, Code::UndefinedPlaceholder, format!("no input path `{name}`"));
            finding.span = document.key_span(&pointer);
            findings.push(finding.suggest(name, message.input_paths.keys().map(String::as_str)));
            continue;
        };
        if let Some(certainty) = message::known(blueprint, &parameters::samples(blueprint), path) {
            let finding = document.finding(
                &pointer,
                Code::NotAllowed,
                format!(
                    "trailbell already knows the content \
                of `{path}`"
                ),
            );
            findings.push(finding.expected(in_words(certainty)).help(format!("remove `{name}` from `holds`")));
        }
    }
    findings
}

fn in_words(certainty: Certainty) -> String {
    let length =
        certainty.longest.map_or_else(|| "of unknown length".into(), |length| format!("up to {length} characters"));
    let presence = if certainty.always { "always present" } else { "sometimes missing" };
    format!("{}, {length}, {presence}", format!("{:?}", certainty.holds).to_lowercase())
}

pub(super) fn used(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let known = message.input_paths.keys().map(String::as_str);
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for (pointer, text) in texts(blueprint) {
        for one in placeholders(text) {
            if !message.input_paths.contains_key(&one.name) && !transformer::is_reserved(&one.name) {
                let text = format!("no input path `{}`", one.name);
                let mut finding = document.finding(&pointer, Code::UndefinedPlaceholder, text);
                finding.span = document.part_span(&pointer, &one.range);
                findings.push(finding.suggest(&one.name, known.clone()));
            }
            used.insert(one.name);
        }
    }
    for name in message.input_paths.keys().filter(|name| !used.contains(*name)) {
        let pointer = format!("/alert/message/input_paths/{}", step(name));
        let mut finding =
            document.finding(&pointer, Code::UnusedInputPath, format!("the message does not use `<{name}>`"));
        finding.span = document.key_span(&pointer);
        findings.push(finding.help(format!("write `<{name}>` where the value belongs, or remove the input path")));
    }
    findings
}

/// The compiled template must be one EventBridge accepts, and safe for every event that matches.
pub(super) fn compiled(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    if blueprint.is_log_route() || !form(blueprint, document).is_empty() {
        return Vec::new();
    }
    check_message(blueprint, &parameters::samples(blueprint), document, "/alert/message")
}

/// Placeholders that no one wrote: a parameter's value between the author's brackets, as in `<${param:name}>`.
fn made_by_parameters(
    blueprint: &Blueprint,
    compiled: &InputTransformer,
    document: &Document,
    pointer: &str,
) -> Vec<Finding> {
    let written: BTreeSet<String> =
        texts(blueprint).iter().flat_map(|(_, text)| placeholders(text)).map(|one| one.name).collect();
    let undefined = compiled.validate().into_iter().filter_map(|error| match error {
        TransformerError::UndefinedPlaceholder { name } if !written.contains(&name) => Some(name),
        _ => None,
    });
    let finding = |name: String| {
        let what = format!("a parameter adds the placeholder `<{name}>`, which no input path defines");
        document.finding(pointer, Code::UndefinedPlaceholder, what).help(
            "remove the brackets from the parameter's \
            value",
        )
    };
    undefined.map(finding).collect()
}

/// The findings about a message with these parameter values; `pointer` is blamed for what no single value is to blame for.
pub(super) fn check_message(
    blueprint: &Blueprint,
    values: &parameters::Values,
    document: &Document,
    pointer: &str,
) -> Vec<Finding> {
    // Without a pattern nothing is certain of any value; what is wrong with it is a finding of its own.
    if blueprint.pattern(values).is_err() {
        return Vec::new();
    }
    if message::is_by_notifier(blueprint, values) {
        // The notifier makes it safe for any event.
        return Vec::new();
    }
    // The bot's form is the longer one, so what fits there fits a webhook too.
    let posting = Posting::longest();
    let compiled = message::compile(blueprint, values, &posting);
    let mut findings = made_by_parameters(blueprint, &compiled, document, pointer);
    if message::groups(blueprint, values).is_some() {
        // Each group of calls has a message of its own, which was proven.
        return findings;
    }
    let unsafe_groups = message::unsafe_groups(blueprint, values);
    if !unsafe_groups.is_empty() {
        for group in unsafe_groups {
            for finding in check_message(&group.blueprint, values, document, pointer) {
                // What is wrong for several groups is said once.
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        return findings;
    }
    let is_sound = |name: &str| match compiled.input_paths.get(name) {
        Some(path) => transformer::check_path(name, path).is_none(),
        None => transformer::is_reserved(name),
    };
    let words = Words { blueprint, values, document, pointer };
    let is_fixed = transformer::placeholders(&compiled.template).is_empty();
    // What is not JSON at all is told of the body as it was written.
    let written = message::flaws(blueprint, values, &Posting::sample());
    let is_json = !written.iter().any(|flaw| matches!(flaw, Flaw::NotJson(_)));
    for flaw in if is_json { message::flaws(blueprint, values, &posting) } else { written } {
        match flaw {
            Flaw::NotJson(why) => {
                let finding =
                    document.finding(pointer, Code::BadTemplate, format!("the template does not produce JSON: {why}"));
                findings.push(finding.expected("a body such as `{\"text\": \"<user> …\"}`"));
            }
            // A name without a path, or with a broken one, is a finding of its own.
            Flaw::Value { name, .. } if !is_sound(&name) => {}
            Flaw::Value { name, why } => findings.push(words.about_value(&name, why)),
            Flaw::Refused { extreme, problem } => {
                findings.push(words.about_body((!is_fixed).then_some(extreme), &problem));
            }
        }
    }
    findings.dedup();
    findings
}
