//! What types cannot say about a blueprint: one small function per rule, each adding its findings.
//!
//! To add a rule: a code in `diagnostic`, a function here, its name in `check`, a line in the table of tests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Blueprint, parameters};
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::message::transformer::{self, placeholders};
use crate::message::{self, Form};
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
        message_form,
        message_paths,
        message_placeholders,
        message_template,
        cases,
    ];
    rules.iter().flat_map(|rule| rule(blueprint, document)).collect()
}

fn identity(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(check_id(&blueprint.blueprint, document, "/blueprint"));
    let length = blueprint.title.chars().count();
    if blueprint.title.trim().is_empty() || length > MAX_TITLE || blueprint.title.chars().any(char::is_control) {
        let finding = document.finding("/title", Code::NotAllowed, "`title` must be one line of text");
        findings.push(finding.found(format!("{length} characters")).expected(format!("1 to {MAX_TITLE} characters")));
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
    for (pointer, text) in message_texts(blueprint) {
        for one in parameters::uses(text) {
            if !blueprint.parameters.contains_key(&one.name) {
                let mut finding = document.finding(pointer, Code::UndefinedParameter, "");
                finding.span = document.part_span(pointer, &one.range);
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

fn message_texts(blueprint: &Blueprint) -> impl Iterator<Item = (&'static str, &str)> {
    let message = &blueprint.alert.message;
    let text = message.text.as_deref().map(|text| ("/alert/message/text", text));
    text.into_iter().chain(message.template.as_deref().map(|text| ("/alert/message/template", text)))
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

fn message_form(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let found = match (&message.text, &message.template) {
        (Some(_), Some(_)) => "both `text` and `template`",
        (None, None) => "neither `text` nor `template`",
        (Some(text), None) if text.trim().is_empty() => "an empty `text`, which Slack refuses",
        _ => return Vec::new(),
    };
    let finding =
        document.finding("/alert/message", Code::MessageForm, "a message has exactly one of `text` and `template`");
    vec![finding.found(found).help("`text` is a sentence; `template` is the raw JSON body, for blocks")]
}

fn message_paths(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, path) in &blueprint.alert.message.input_paths {
        let pointer = format!("/alert/message/input_paths/{}", step(name));
        if let Some(error) = transformer::check_key(name) {
            let mut finding = document.finding(&pointer, Code::BadInputPath, error.to_string());
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

fn message_placeholders(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let known = message.input_paths.keys().map(String::as_str);
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for (pointer, text) in message_texts(blueprint) {
        for one in placeholders(text) {
            if !message.input_paths.contains_key(&one.name) && !transformer::is_reserved(&one.name) {
                let text = format!("no input path is called `{}`", one.name);
                let mut finding = document.finding(pointer, Code::UndefinedPlaceholder, text);
                finding.span = document.part_span(pointer, &one.range);
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
        findings.push(finding.help(format!("write `<{name}>` where the value belongs, or remove the path")));
    }
    findings
}

/// The compiled template must be one EventBridge accepts and give a JSON object, whatever the values are.
fn message_template(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let Some((pointer, _)) = message_texts(blueprint).next() else { return Vec::new() };
    // The bot's form is the longer one, so what fits there fits a webhook too.
    let form = Form::Bot { channel: "C".repeat(crate::stack::MAX_CHANNEL) };
    let compiled = message::compile(&blueprint.alert.message, &parameters::samples(blueprint), &form);
    let mut findings = Vec::new();
    if compiled.template.chars().count() > transformer::MAX_TEMPLATE {
        let finding = document.finding(pointer, Code::BadTemplate, "the message is too long");
        let found = format!("{} characters", compiled.template.chars().count());
        findings.push(finding.found(found).expected(format!("at most {} characters", transformer::MAX_TEMPLATE)));
    }
    if compiled.input_paths.len() > transformer::MAX_PATHS {
        let finding = document.finding("/alert/message/input_paths", Code::BadTemplate, "too many input paths");
        let found = compiled.input_paths.len().to_string();
        findings.push(finding.found(found).expected(format!("at most {}", transformer::MAX_PATHS)));
    }
    let written = blueprint.alert.message.template.as_deref().map(str::trim_start);
    if written.is_some_and(|text| !text.starts_with('{')) {
        let finding = document.finding(pointer, Code::BadTemplate, "the template is not a JSON object");
        findings.push(finding.expected("a body such as `{\"text\": \"<user> …\"}`"));
    } else if let Err(error) = compiled.example() {
        findings.push(document.finding(
            pointer,
            Code::BadTemplate,
            format!("the template does not give JSON: {error}"),
        ));
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
mod tests {
    use crate::blueprint::from_document;
    use crate::diagnostic::Finding;
    use crate::document::Document;

    const GOOD: &str = r#"blueprint: my-alert
title: Something happened
severity: low
parameters:
  names: { type: list, default: [A, B] }
  team: { type: string, default: ops }
alert:
  pattern:
    source: [my.app]
    detail: { eventName: { param: names } }
  message:
    input_paths: { user: $.detail.user }
    text: <user> did it, ${param:team}
tests:
  - name: rings
    event: { source: my.app, detail: { eventName: A, user: u } }
    expect: { matches: true, text: "u did it, ops" }
"#;

    fn findings(text: &str) -> Vec<Finding> {
        let document = Document::parse("t.yaml", text).unwrap_or_else(|findings| panic!("{findings:?}"));
        from_document(document).map_or_else(|findings| findings, |loaded| loaded.warnings)
    }

    fn codes(text: &str) -> Vec<&'static str> {
        findings(text).iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn a_good_blueprint_has_no_findings() {
        assert_eq!(findings(GOOD), []);
    }

    #[test]
    fn every_rule_is_raised_by_one_change() {
        let long = format!("source: [{}]", "my.application, ".repeat(200));
        let wide = format!("text: {} <user> ${{param:team}}", "x".repeat(8200));
        let title = format!("title: {}", "x".repeat(151));
        let name = format!("blueprint: {}", "x".repeat(65));
        let cases: &[(&str, &str, &[&str])] = &[
            ("blueprint: my-alert", "blueprint: My_Alert", &["TB0201"]),
            ("blueprint: my-alert", &name, &["TB0201"]),
            ("title: Something happened", &title, &["TB0108"]),
            ("severity: low", "severity: lo", &["TB0108"]),
            ("severity: low", "severity: low\ncolour: red", &["TB0105"]),
            ("severity: low", "severity: low\nremediation: {}", &["TB0109"]),
            ("  pattern:", "  when: x\n  pattern:", &["TB0109"]),
            ("source: [my.app]", "source: []", &["TB0202"]),
            ("source: [my.app]", "source: my.app", &["TB0202"]),
            ("source: [my.app]", "source: [{ prefixx: a }]", &["TB0202"]),
            ("source: [my.app]", &long, &["TB0203"]),
            ("source: [my.app]", "source: [{ wildcard: '*a' }, { equals-ignore-case: b }]", &["TB0213"]),
            ("source: [my.app]", "source: [1.00000000000000000001]", &["TB0106"]),
            ("<user> did", "<usr> did", &["TB0205", "TB0204"]),
            ("<user> did", "<aws.events.rule-name> <user> did", &[]),
            ("<user> did", "a < b <user> did", &[]),
            ("{ user: $.detail.user }", "{ user: $.detail.user, more: $.x }", &["TB0205"]),
            ("{ user: $.detail.user }", "{ user: detail.user }", &["TB0206"]),
            ("{ user: $.detail.user }", "{ user: $.detail.user, AWSx: $.x }", &["TB0205", "TB0206"]),
            ("text: <user>", "template: <user>", &["TB0207"]),
            ("text: <user> did it, ${param:team}", "template: '{\"text\": <user> ${param:team}'", &["TB0207"]),
            ("text: <user> did it, ${param:team}", "template: '{\"text\": \"<user> ${param:team}\"}'", &[]),
            ("text: <user> did it, ${param:team}", &wide, &["TB0207"]),
            ("    text: <user>", "    template: '{}'\n    text: <user>", &["TB0208"]),
            ("text: <user> did it, ${param:team}", "text: ''", &["TB0210", "TB0208", "TB0205"]),
            ("${param:team}", "${param:tem}", &["TB0210", "TB0209"]),
            ("{ param: names }", "{ param: name }", &["TB0210", "TB0209"]),
            ("default: ops", "default: [ops]", &["TB0211"]),
            ("    event: {", "    record: {}\n    event: {", &["TB0212"]),
            ("matches: true", "matches: false", &["TB0212"]),
            ("    expect:", "    with: { nams: [A] }\n    expect:", &["TB0305"]),
            ("    expect:", "    with: { names: A }\n    expect:", &["TB0211"]),
            (", default: ops", "", &["TB0304"]),
        ];
        for (from, to, expected) in cases {
            assert!(GOOD.contains(from), "{from}");
            let mut found = codes(&GOOD.replace(from, to));
            let mut expected = expected.to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{from} -> {to}");
        }
    }

    #[test]
    fn findings_point_at_the_very_word() {
        let text = GOOD.replace("<user> did", "<usr> did");
        let finding = findings(&text).into_iter().find(|one| one.code.id() == "TB0204").expect("raised");
        assert_eq!(&text[finding.span.clone()], "<usr>");
        assert_eq!(finding.help.as_deref(), Some("did you mean `user`?"));
    }

    const FRAGMENTS: &[&str] = &[
        "\"",
        "'",
        "{",
        "}",
        "[",
        "]",
        ":",
        "- ",
        "\n",
        "\t",
        "é",
        "🔔",
        "${param:",
        "${param:team}",
        "<user>",
        "<",
        ">",
        "\0",
        "&a ",
        "*a",
        "|\n",
        "? ",
        "<<: ",
        "0x1",
        "1e999",
        "~",
        "# ",
        "%",
        "\\",
        "xoxb-1-",
        "webhook: ü",
        "param: ",
        "999999999999999999999999",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(10000))]

        #[test]
        fn no_text_makes_a_check_panic(edits in proptest::collection::vec((0..1000_usize, 0..FRAGMENTS.len(), 0..12_usize), 1..6)) {
            let mut characters: Vec<char> = GOOD.chars().collect();
            for (at, fragment, removed) in edits {
                let at = at % characters.len().max(1);
                let end = (at + removed).min(characters.len());
                characters.splice(at..end, FRAGMENTS[fragment].chars());
            }
            let text: String = characters.into_iter().collect();
            let Ok(document) = Document::parse("t.yaml", &text) else { return Ok(()) };
            match from_document(document) {
                Ok(loaded) => loaded.blueprint.tests.iter().for_each(|case| drop(crate::cases::run(&loaded.blueprint, case))),
                Err(found) => drop(crate::render::findings::text(&found, crate::render::style::Paint { color: false })),
            }
        }
    }
}
