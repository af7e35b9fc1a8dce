//! Sigma rules for CloudTrail as blueprints: exactly, or refused with the reason.
//!
//! `rule` reads what a rule says about itself; `selection` and `value` its search identifiers, `condition` how they are joined,
//! which gives `logic` over fields; `kind` knows what CloudTrail's fields hold, `entries` makes the list of one field,
//! `alternatives` joins fields, `pattern` writes the event pattern. Source of what rules mean: Sigma specification 2.0.0
//! (github.com/SigmaHQ/sigma-specification).

mod alternatives;
mod condition;
mod entries;
mod kind;
mod logic;
mod pattern;
mod rule;
mod selection;
mod value;

use serde_json::{Map, Value, json};

use super::{ImportNote, ImportedRule, NoteKind, finish, texts};
use crate::blueprint::{AlertSection, Blueprint, Card, RuleState, WrittenMessage};
use crate::cloudtrail::possible::{ReadOnly, read_only};
use crate::document::Document;
use crate::pattern::Pattern;
use condition::Identifiers;
use logic::SigmaLogic;
use rule::SigmaRule;

/// Where rules come from, if nothing else is said: the repository of the Sigma project.
pub const HOME: &str = "https://github.com/SigmaHQ/sigma";

/// Longest rule, in bytes. The pattern of a longer one would not fit into a rule of EventBridge.
pub const MAX_BYTES: u64 = 64 << 10;

/// The blueprint for a rule: the text of its file, the file's name without its ending, and the URL where the rule is from.
#[must_use]
pub fn import(file: &str, text: &str, url: &str) -> ImportedRule {
    if text.len() as u64 > MAX_BYTES {
        return ImportedRule::refused(file, format!("the file is longer than {MAX_BYTES} bytes"));
    }
    let fields = match read(text) {
        Ok(fields) => fields,
        Err(why) => return ImportedRule::refused(file, why),
    };
    let mut notes = Vec::new();
    let rule = SigmaRule::read(&fields, &mut notes);
    let found = check_kind(&fields).and_then(|()| detection(&fields, &mut notes));
    let pattern = match found {
        Ok(pattern) => pattern,
        Err(why) => return ImportedRule::refused(&rule.title, why),
    };
    let Some(name) = texts::name(file).or_else(|| texts::name(&rule.title)) else {
        return ImportedRule::refused(
            &rule.title,
            "neither the file's name nor the title makes a name for the blueprint",
        );
    };
    let blueprint = blueprint(name, &rule, pattern, url, &mut notes);
    finish::finish(&rule.title, blueprint, &head(&rule, url), notes)
}

/// The fields of a rule.
fn read(text: &str) -> Result<Map<String, Value>, String> {
    let problem = |finding: &crate::diagnostic::Finding| {
        let (line, _) = finding.position();
        format!("line {line}: {}", finding.message)
    };
    let first = |findings: &[crate::diagnostic::Finding]| {
        let first = findings.first().map(problem).unwrap_or_default();
        format!("the file cannot be read: {first}")
    };
    let document = Document::parse("rule", text).map_err(|findings| first(&findings))?;
    if !document.findings().is_empty() {
        return Err(first(document.findings()));
    }
    match document.root.to_json() {
        Value::Object(fields) => Ok(fields),
        _ => Err("the file is not a Sigma rule: it has no `detection`".to_owned()),
    }
}

/// That it is a rule about single records of CloudTrail.
fn check_kind(fields: &Map<String, Value>) -> Result<(), String> {
    if fields.contains_key("correlation") || fields.contains_key("action") {
        return Err("it joins several rules or events, and a rule of EventBridge sees one event at a time".to_owned());
    }
    if fields.contains_key("filter") {
        return Err("it is a Sigma filter, which changes other rules".to_owned());
    }
    let Some(source) = fields.get("logsource").and_then(Value::as_object) else {
        return Err("the file is not a Sigma rule: it has no `logsource`".to_owned());
    };
    let is = |key: &str, wanted: &str| source.get(key).and_then(Value::as_str) == Some(wanted);
    if is("product", "aws") && is("service", "cloudtrail") {
        return Ok(());
    }
    let found = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or("none").to_owned();
    Err(format!(
        "it is not about CloudTrail: found product `{}` and service `{}`, expected `aws` and `cloudtrail`",
        found("product"),
        found("service")
    ))
}

/// The event pattern of a rule.
fn detection(fields: &Map<String, Value>, notes: &mut Vec<ImportNote>) -> Result<Map<String, Value>, String> {
    let Some(detection) = fields.get("detection").and_then(Value::as_object) else {
        return Err("the file is not a Sigma rule: it has no `detection`".to_owned());
    };
    if detection.contains_key("timeframe") {
        return Err(
            "`timeframe` is about several events, and a rule of EventBridge sees one event at a time".to_owned()
        );
    }
    let identifiers: Identifiers = detection
        .iter()
        .filter(|(name, _)| name.as_str() != "condition")
        .map(|(name, value)| (name.clone(), selection::read(name, value)))
        .collect();
    let logic = match detection.get("condition") {
        Some(Value::String(text)) => condition::read(text, &identifiers)?,
        Some(Value::Array(all)) if !all.is_empty() => {
            let one = |text: &Value| condition::read(text.as_str().unwrap_or_default(), &identifiers);
            SigmaLogic::Any(all.iter().take(20).map(one).collect::<Result<_, _>>()?)
        }
        _ => return Err("the rule has no condition".to_owned()),
    };
    let alternatives = alternatives::of(&logic)?;
    if let Some(path) = pattern::overlap(&alternatives) {
        return Err(format!("`{path}` is compared, and so is a field inside it"));
    }
    if alternatives.iter().flatten().any(|(_, list)| list.contains(&json!({ "exists": true }))) {
        let what = "a field that is there with the value null counts as there, as for Sigma's `exists`";
        notes.push(ImportNote::new(NoteKind::Remark, what));
    }
    Ok(pattern::of(&alternatives))
}

fn blueprint(
    name: String,
    rule: &SigmaRule,
    pattern: Map<String, Value>,
    url: &str,
    notes: &mut Vec<ImportNote>,
) -> Blueprint {
    let by = rule.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
    let origin = format!("From a Sigma rule{by}; license: {}.", rule.license);
    let read = Pattern::from_value(&Value::Object(pattern.clone()));
    let rule_state = read.is_ok_and(|pattern| read_only(&pattern) == ReadOnly::Open).then(|| {
        let what = "the rule does not exclude read-only calls, so the alert receives them, too: see `rule_state`";
        notes.push(ImportNote::new(NoteKind::Remark, what));
        RuleState::EnabledWithAllCloudtrailManagementEvents
    });
    let mut facts = Map::new();
    if let Some(author) = &rule.author {
        facts.insert("Rule by".to_owned(), format!("{author} (Sigma)").into());
    }
    let home = Some(url).filter(|url| texts::is_page(url)).map(str::to_owned);
    let text = Some(rule.description.clone()).filter(|text| !text.is_empty());
    let message = WrittenMessage { card: Some(Card { text, facts, links: Vec::new() }), ..WrittenMessage::default() };
    let alert = AlertSection::of_events(pattern, rule_state, message);
    Blueprint {
        description: format!("{} {origin}", rule.description).trim().to_owned(),
        false_positives: rule.false_positives.clone(),
        techniques: rule.techniques.clone(),
        references: rule.references.iter().cloned().chain(home).collect(),
        ..Blueprint::bare(name, rule.title.clone(), rule.severity, alert)
    }
}

/// The comment at the top of the file.
fn head(rule: &SigmaRule, url: &str) -> Vec<String> {
    let id = rule.id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default();
    vec![
        format!("Imported from the Sigma rule \"{}\"{id}.", rule.title),
        format!("Author: {}.", rule.author.as_deref().unwrap_or("not named by the rule")),
        format!("License: {}.", rule.license),
        format!("From: {url}"),
    ]
}

#[cfg(test)]
mod tests;
