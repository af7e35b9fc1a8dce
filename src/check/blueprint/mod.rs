//! What types cannot say about a blueprint: one small function per rule, each adding its findings.
//!
//! To add a rule: a code in `diagnostic`, a function here, its name in `check`, a line in the table of tests.

mod domain;
mod flaws;
mod forgery;
mod guidance;
mod message;
mod remediation;
mod route;
mod self_caused;

use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) use self_caused::{caller, causes_of_function};

use crate::blueprint::{BadTest, Blueprint, Case, parameters};
use crate::check::limits::{self, Blame};
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::name::{MAX_ID, is_id};
use crate::pattern::{Pattern, PatternError};

const MAX_TITLE: usize = 150;

/// Every finding about a blueprint whose shape is right.
#[must_use]
pub(super) fn check(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let rules = [
        version,
        identity,
        guidance::guidance,
        parameters_used,
        parameter_defaults,
        route::form,
        event_pattern,
        route::logs,
        message::form,
        message::facts,
        message::paths,
        message::claims,
        message::used,
        message::compiled,
        remediation::switches,
        remediation::handler,
        remediation::allow,
        self_caused::self_caused,
        forgery::forgery,
        limits,
        cases,
        domain::events,
        domain::cases_shown,
    ];
    rules.iter().flat_map(|rule| rule(blueprint, document)).collect()
}

fn version(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    super::check_version(blueprint.version, document).into_iter().collect()
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
        let finding = document.finding("/title", Code::NotAllowed, "parameters cannot be used in the title");
        findings
            .push(finding.help("use them in the message; an alert's `id` in the stack distinguishes installations"));
    }
    findings
}

/// The finding about a text that should be an id.
pub(in crate::check) fn check_id(id: &str, document: &Document, pointer: &str) -> Option<Finding> {
    if is_id(id) && id.len() <= MAX_ID {
        return None;
    }
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let message = format!("`{key}` is not valid");
    let found = if id.len() > MAX_ID { format!("{} characters", id.len()) } else { format!("`{id}`") };
    let expected = format!("lowercase letters, digits, and hyphens, at most {MAX_ID}: names in AWS contain it");
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
    used.extend(switches(blueprint).into_iter().map(str::to_owned));
    for (pointer, text) in message::texts(blueprint).into_iter().chain(other_texts(blueprint)) {
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
            document.finding(&pointer, Code::UnusedParameter, format!("the parameter `{name}` is not used"));
        finding.span = document.key_span(&pointer);
        findings
            .push(finding.help("use it as `{ param: … }` in the pattern or as `${param:…}` in a text, or remove it"));
    }
    findings
}

/// The parameters that turn something on.
fn switches(blueprint: &Blueprint) -> Vec<&str> {
    let remediation = blueprint.remediation.as_ref().and_then(|one| one.when.as_deref());
    let metric = blueprint.alert.metric.as_ref().and_then(|one| one.when.as_deref());
    remediation.into_iter().chain(metric).collect()
}

/// The texts beside those of the message that parameters are filled into, each with its place.
fn other_texts(blueprint: &Blueprint) -> Vec<(String, &str)> {
    let alert = &blueprint.alert;
    let metric = alert.metric.as_ref();
    let texts = [
        ("/alert/filter", alert.filter.as_deref()),
        ("/alert/log_group", alert.log_group.as_deref()),
        ("/alert/metric/namespace", metric.map(|metric| metric.namespace.as_str())),
        ("/alert/metric/name", metric.map(|metric| metric.name.as_str())),
        ("/alert/metric/topic", metric.and_then(|metric| metric.topic.as_deref())),
    ];
    let given = texts.into_iter().filter_map(|(pointer, text)| Some((pointer.to_owned(), text?)));
    let allowed = blueprint.remediation.iter().flat_map(|one| one.allow.iter().enumerate());
    let resources = allowed.flat_map(|(at, allow)| {
        let place = move |index| format!("/remediation/allow/{at}/resources/{index}");
        allow.resources.iter().enumerate().map(move |(index, one)| (place(index), one.as_str()))
    });
    given.chain(resources).collect()
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
    if document.node("/alert/pattern").is_none() || blueprint.is_log_route() {
        return Vec::new();
    }
    let pattern = Value::Object(blueprint.alert.pattern.clone());
    let mut is_complete = true;
    pattern_uses(&pattern, "", &mut |name, _| is_complete &= blueprint.parameters.contains_key(name));
    if !is_complete {
        // The undeclared parameter is a finding of its own; what it represents cannot be judged.
        return Vec::new();
    }
    let filled = parameters::fill(&pattern, &parameters::samples(blueprint));
    check_pattern(&filled, document, "/alert/pattern")
}

/// The findings about an alert whose parameters have these values, which stand at `pointer`.
pub(crate) fn check_filled(
    blueprint: &Blueprint,
    values: &parameters::Values,
    document: &Document,
    pointer: &str,
) -> Vec<Finding> {
    if blueprint.is_log_route() {
        return route::check_logs(blueprint, values, document, Some(pointer));
    }
    let mut findings = check_pattern(&blueprint.filled_pattern(values), document, pointer);
    findings.extend(message::check_message(blueprint, values, document, pointer));
    findings.extend(domain::check_events(blueprint, values, document, pointer));
    findings.extend(self_caused::check_self_caused(blueprint, values, document, Some(pointer)));
    findings.extend(forgery::check_forgery(blueprint, values, document, pointer));
    findings.extend(limits::alert(blueprint, values, Blame { document, pointer: Some(pointer) }));
    findings
}

/// With the defaults of the parameters, the remediation turned on.
fn limits(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    limits::alert(blueprint, &remediation::turned_on(blueprint), Blame { document, pointer: None })
}

/// Whether every parameter in the pattern has a default: an example in place of one would be judged as if it were meant.
fn has_whole_pattern(blueprint: &Blueprint) -> bool {
    let has_default = |name: &str| blueprint.parameters.get(name).is_some_and(|one| one.default.is_some());
    let mut is_whole = true;
    pattern_uses(&Value::Object(blueprint.alert.pattern.clone()), "", &mut |name, _| is_whole &= has_default(name));
    is_whole
}

/// The findings about an event pattern that is at `pointer`, its parameters filled in.
fn check_pattern(filled: &Value, document: &Document, pointer: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let not_judged =
        |message: String| document.finding(pointer, Code::PatternNotJudged, message).help("`verify` asks AWS itself");
    let mixed_up = |doubt: String| document.finding(pointer, Code::PatternNotJudged, doubt);
    match Pattern::from_value(filled) {
        Ok(pattern) => findings.extend(pattern.doubt().map(mixed_up)),
        Err(error @ PatternError::Unsupported { .. }) => {
            findings.push(not_judged(format!("`test` and `fire` cannot evaluate this pattern: {error}")));
        }
        Err(error) => {
            let message = format!("EventBridge rejects the pattern: {error}");
            findings.push(document.finding(pointer, Code::BadPattern, message));
        }
    }
    findings
}

fn cases(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    // What is wrong with one of several cases of a test is wrong with all of them.
    let mut seen = BTreeSet::new();
    for case in blueprint.tests.iter().filter(|case| seen.insert(case.at)) {
        let pointer = format!("/tests/{}", case.at);
        findings.extend(input(blueprint, case, document, &pointer));
        if !case.expect.matches && (case.expect.text.is_some() || case.expect.body.is_some()) {
            let finding = document.finding(
                &format!("{pointer}/expect"),
                Code::BadCase,
                "an alert that does not fire has no message",
            );
            findings.push(finding.help("remove `text` and `body`, or expect `matches: true`"));
        }
        findings.extend(check_values(blueprint, &case.with, document, &format!("{pointer}/with"), true));
    }
    findings
}

/// The findings about tests that stand for no case.
pub(super) fn bad_tests(bad: &[BadTest], document: &Document) -> Vec<Finding> {
    let finding = |one: &BadTest| {
        let pointer = format!("/tests/{}/{}", one.at, one.key);
        document.finding(&pointer, Code::BadCase, one.what.clone()).expected(one.expected.clone())
    };
    bad.iter().map(finding).collect()
}

/// A case gives what the alert listens to.
fn input(blueprint: &Blueprint, case: &Case, document: &Document, pointer: &str) -> Option<Finding> {
    let given = [case.record.is_some(), case.event.is_some(), !case.lines.is_empty()];
    let count = given.iter().filter(|is_given| **is_given).count();
    let bad = |what: String, expected: &str| {
        Some(document.finding(pointer, Code::BadCase, what).expected(expected.to_owned()))
    };
    if blueprint.is_log_route() {
        let expected = "exactly one of `lines` (log lines) and `record` (a CloudTrail record, which becomes a line)";
        return match given {
            [_, true, _] => {
                bad(format!("the test `{}` has an event, but a `filter` receives log lines", case.name), expected)
            }
            _ if count != 1 => bad(format!("the test `{}` needs log lines", case.name), expected),
            _ => None,
        };
    }
    let expected = "exactly one of `record` (a CloudTrail record) and `event` (a whole event)";
    if given[2] || case.expect.lines.is_some() {
        return bad(format!("the test `{}` has log lines, but a `pattern` receives events", case.name), expected);
    }
    (count != 1).then(|| bad(format!("the test `{}` needs one event", case.name), expected)).flatten()
}

/// The findings about parameter values given at `pointer`.
pub(in crate::check) fn check_values(
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
                let message = format!("`{}` does not have a parameter `{name}`", blueprint.blueprint);
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
        findings.push(finding.expected(expected).help(format!("set it with `with: {{ {name}: … }}`")));
    }
    findings
}

#[cfg(test)]
mod tests;
