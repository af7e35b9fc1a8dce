//! What types cannot say about a blueprint: one small function per rule, each adding its findings.
//!
//! To add a rule: a code in `diagnostic`, a function here, its name in `check`, a line in the table of tests.

mod domain;
mod flaws;
mod message;

use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) use domain::check_events;
pub(crate) use message::check_message;

use super::{Blueprint, parameters};
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::name::{MAX_ID, is_id};
use crate::pattern::{DEFAULT_QUOTA, Pattern, PatternError};

const MAX_TITLE: usize = 150;

/// Every finding about a blueprint whose shape is right.
#[must_use]
pub fn check(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let rules = [
        identity,
        parameters_used,
        parameter_defaults,
        event_pattern,
        message::form,
        message::facts,
        message::paths,
        message::claims,
        message::used,
        message::compiled,
        cases,
        domain::events,
        domain::cases_shown,
    ];
    rules.iter().flat_map(|rule| rule(blueprint, document)).collect()
}

fn identity(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(check_id(&blueprint.blueprint, document, "/blueprint"));
    let length = blueprint.title.chars().count();
    if blueprint.title.trim().is_empty() || length > MAX_TITLE || blueprint.title.chars().any(char::is_control) {
        let finding = document.finding("/title", Code::NotAllowed, "`title` must be one line of text");
        let is_odd = blueprint.title.chars().any(char::is_control);
        let found = if is_odd { "a control character".to_owned() } else { format!("{length} characters") };
        findings.push(finding.found(found).expected(format!("1 to {MAX_TITLE} characters")));
    }
    if !parameters::uses(&blueprint.title).is_empty() {
        let finding = document.finding("/title", Code::NotAllowed, "parameters are not filled into the title");
        findings.push(finding.help("use them in the message; an alert's `id` in the stack tells installations apart"));
    }
    findings
}

/// The finding about a text that should be an id.
pub(crate) fn check_id(id: &str, document: &Document, pointer: &str) -> Option<Finding> {
    if is_id(id) && id.len() <= MAX_ID {
        return None;
    }
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let message = format!("`{key}` is not well formed");
    let found = if id.len() > MAX_ID { format!("{} characters", id.len()) } else { format!("`{id}`") };
    let expected = format!("lower-case letters, digits and hyphens, at most {MAX_ID}: names in AWS are made of it");
    Some(document.finding(pointer, Code::BadId, message).found(found).expected(expected))
}

fn parameters_used(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    pattern_uses(&Value::Object(blueprint.alert.pattern.clone()), "/alert/pattern", &mut |name, pointer| {
        used.insert(name.to_owned());
        if !blueprint.parameters.contains_key(name) {
            findings.push(undefined_parameter(
                name,
                document.finding(pointer, Code::UndefinedParameter, ""),
                blueprint,
            ));
        }
    });
    for (pointer, text) in message::texts(blueprint) {
        for one in parameters::uses(text) {
            if !blueprint.parameters.contains_key(&one.name) {
                let mut finding = document.finding(&pointer, Code::UndefinedParameter, "");
                finding.span = document.part_span(&pointer, &one.range);
                findings.push(undefined_parameter(&one.name, finding, blueprint));
            }
            used.insert(one.name);
        }
    }
    for name in blueprint.parameters.keys().filter(|name| !used.contains(*name)) {
        let pointer = format!("/parameters/{}", step(name));
        let mut finding =
            document.finding(&pointer, Code::UnusedParameter, format!("nothing uses the parameter `{name}`"));
        finding.span = document.key_span(&pointer);
        findings
            .push(finding.help("use it as `{ param: … }` in the pattern or `${param:…}` in the message, or remove it"));
    }
    findings
}

fn undefined_parameter(name: &str, mut finding: Finding, blueprint: &Blueprint) -> Finding {
    finding.message = format!("the parameter `{name}` is not declared");
    finding.suggest(name, blueprint.parameters.keys().map(String::as_str))
}

fn pattern_uses(value: &Value, pointer: &str, found: &mut impl FnMut(&str, &str)) {
    if let Some(name) = parameters::reference(value) {
        return found(name, pointer);
    }
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| pattern_uses(value, &format!("{pointer}/{}", step(key)), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| pattern_uses(value, &format!("{pointer}/{at}"), found));
        }
        _ => {}
    }
}

fn parameter_defaults(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, one) in &blueprint.parameters {
        let Some(default) = &one.default else { continue };
        if !parameters::fits(one.kind, default) {
            let pointer = format!("/parameters/{}/default", step(name));
            let expected = parameters::type_name(one.kind);
            let message = format!("the default of `{name}` must be {expected}");
            findings.push(
                document.finding(&pointer, Code::BadParameter, message).found(default.to_string()).expected(expected),
            );
        }
    }
    findings
}

fn event_pattern(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let pattern = Value::Object(blueprint.alert.pattern.clone());
    let mut is_complete = true;
    pattern_uses(&pattern, "", &mut |name, _| is_complete &= blueprint.parameters.contains_key(name));
    if !is_complete {
        // The undeclared parameter is a finding of its own; what it stands for cannot be judged.
        return Vec::new();
    }
    let filled = parameters::fill(&pattern, &parameters::samples(blueprint));
    check_pattern(&filled, document, "/alert/pattern")
}

/// The findings about an event pattern that stands at `pointer`, its parameters filled in.
pub(crate) fn check_pattern(filled: &Value, document: &Document, pointer: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let length = filled.to_string().chars().count();
    if length > DEFAULT_QUOTA {
        let finding = document.finding(pointer, Code::PatternTooLong, "the event pattern is too long");
        let expected =
            format!("at most {DEFAULT_QUOTA} characters of JSON without spaces (EventBridge's default quota)");
        findings
            .push(finding.found(format!("{length} characters")).expected(expected).help("split it into two alerts"));
    }
    let not_judged =
        |message: String| document.finding(pointer, Code::PatternNotJudged, message).help("`verify` asks AWS itself");
    let mixed_up = |doubt: String| document.finding(pointer, Code::PatternNotJudged, doubt);
    match Pattern::from_value(filled) {
        Ok(pattern) => findings.extend(pattern.doubt().map(mixed_up)),
        Err(error @ PatternError::Unsupported { .. }) => {
            findings.push(not_judged(format!("tests and `fire` cannot judge this pattern: {error}")));
        }
        Err(error) => {
            let message = format!("EventBridge would refuse the pattern: {error}");
            findings.push(document.finding(pointer, Code::BadPattern, message));
        }
    }
    findings
}

fn cases(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, case) in blueprint.tests.iter().enumerate() {
        let pointer = format!("/tests/{at}");
        if case.record.is_some() == case.event.is_some() {
            let finding =
                document.finding(&pointer, Code::BadCase, format!("the test `{}` needs one event", case.name));
            findings
                .push(finding.expected("exactly one of `record` (a CloudTrail record) and `event` (a whole event)"));
        }
        if !case.expect.matches && (case.expect.text.is_some() || case.expect.body.is_some()) {
            let finding = document.finding(
                &format!("{pointer}/expect"),
                Code::BadCase,
                "an alert that does not ring says nothing",
            );
            findings.push(finding.help("remove `text` and `body`, or expect `matches: true`"));
        }
        findings.extend(check_values(blueprint, &case.with, document, &format!("{pointer}/with"), true));
    }
    findings
}

/// The findings about parameter values given at `pointer`.
pub(crate) fn check_values(
    blueprint: &Blueprint,
    given: &serde_json::Map<String, Value>,
    document: &Document,
    pointer: &str,
    complete: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in given {
        let place = format!("{pointer}/{}", step(name));
        match blueprint.parameters.get(name) {
            None => {
                let message = format!("`{}` has no parameter `{name}`", blueprint.blueprint);
                let mut finding = document.finding(&place, Code::UnknownParameter, message);
                finding.span = document.key_span(&place);
                findings.push(finding.suggest(name, blueprint.parameters.keys().map(String::as_str)));
            }
            Some(one) if !parameters::fits(one.kind, value) => {
                let expected = parameters::type_name(one.kind);
                let finding = document.finding(&place, Code::BadParameter, format!("`{name}` must be {expected}"));
                findings.push(finding.found(value.to_string()).expected(expected));
            }
            Some(_) => {}
        }
    }
    let missing = blueprint.parameters.iter().filter(|(name, one)| one.default.is_none() && !given.contains_key(*name));
    for (name, one) in missing.filter(|_| complete) {
        let finding = document.finding(pointer, Code::MissingParameter, format!("the parameter `{name}` has no value"));
        let about = one.description.as_deref().unwrap_or("no description");
        let expected = format!("`{name}`, {}: {about}", parameters::type_name(one.kind));
        findings.push(finding.expected(expected).help(format!("give it under `with: {{ {name}: … }}`")));
    }
    findings
}

#[cfg(test)]
mod tests;
