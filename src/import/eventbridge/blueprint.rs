//! A rule of EventBridge → a blueprint, or the reason why there is none.

use serde_json::{Map, Value};

use super::{GivenRule, message};
use crate::blueprint::{AlertSection, Blueprint, Card, RuleState, Urgency, WrittenMessage};
use crate::cloudtrail::possible::{ReadOnly, read_only};
use crate::import::{ImportNote, ImportedRule, NoteKind, finish, texts};
use crate::pattern::Pattern;

/// Longest title, in characters. A blueprint's title has at most 150.
const MAX_TITLE: usize = 120;

/// The blueprint for a rule.
#[must_use]
pub fn import_rule(rule: &GivenRule) -> ImportedRule {
    let refused = |why: &str| ImportedRule::refused(&rule.name, why);
    let pattern = match &rule.pattern {
        None if rule.has_schedule => return refused("it runs on a schedule, and an alert is about events"),
        None => return refused("it has no event pattern"),
        Some(Err(why)) => return refused(why),
        Some(Ok(Value::Object(pattern))) => pattern.clone(),
        Some(Ok(_)) => return refused("its event pattern is not an object"),
    };
    let Some(name) = texts::name(&words(&rule.name)) else {
        return refused("its name makes no name for a blueprint");
    };
    let mut notes = notes(rule);
    let rule_state = state(rule, &pattern, &mut notes);
    let blueprint = |message| blueprint(&name, rule, pattern.clone(), rule_state, message);
    let head = [format!("Imported from the EventBridge rule \"{}\".", rule.name)];
    let mut reasons = Vec::new();
    for (message, what) in messages(rule, &mut reasons) {
        let mut notes = notes.clone();
        if message.text.is_some() {
            notes.push(ImportNote::new(
                NoteKind::Changed,
                format!("the message is {what}, with a safe place for each value"),
            ));
        }
        let made = finish::finish(&rule.name, blueprint(message), &head, notes);
        if made.blueprint.is_some() {
            return made;
        }
        reasons.extend(made.notes.into_iter().map(|note| format!("{what}: {}", note.what)));
    }
    let what = match reasons.as_slice() {
        [] => "the rule has no input transformer: the message is a card".to_owned(),
        reasons => format!(
            "the message is a card, because the input transformer cannot be used as it is: {}",
            reasons.join("; ")
        ),
    };
    notes.push(ImportNote::new(NoteKind::Changed, what));
    let card = WrittenMessage { card: Some(Card::default()), ..WrittenMessage::default() };
    finish::finish(&rule.name, blueprint(card), &head, notes)
}

/// The messages that the transformers of the rule's targets could be.
fn messages(rule: &GivenRule, reasons: &mut Vec<String>) -> Vec<(WrittenMessage, &'static str)> {
    let mut found = Vec::new();
    for target in &rule.targets {
        match &target.transformer {
            None => {}
            Some(Err(why)) => reasons.push(why.clone()),
            Some(Ok(transformer)) => {
                let made = message::of(transformer);
                if made.is_empty() {
                    reasons.push("its template is neither a body for Slack nor a text".to_owned());
                }
                found.extend(made);
            }
        }
    }
    // More are never needed, and each is tried.
    found.truncate(6);
    found
}

fn notes(rule: &GivenRule) -> Vec<ImportNote> {
    let mut notes = vec![ImportNote::new(NoteKind::Remark, "a rule has no severity: it is `medium`")];
    if let Some(bus) = &rule.bus {
        let what = format!("the rule is on the event bus `{bus}`, and alerts are on the default event bus");
        notes.push(ImportNote::new(NoteKind::Weakened, what));
    }
    if rule.has_schedule {
        notes.push(ImportNote::new(NoteKind::Changed, "its schedule was left out: an alert is about events"));
    }
    notes.extend(rule.unknown.iter().map(|why| ImportNote::new(NoteKind::Changed, format!("left out: {why}"))));
    if !rule.targets.is_empty() {
        let arns: Vec<&str> = rule.targets.iter().map(|target| target.arn.as_str()).take(5).collect();
        let what = format!("its targets were left out, because the stack sends to Slack: {}", arns.join(", "));
        notes.push(ImportNote::new(NoteKind::Changed, what));
    }
    if rule.state.as_deref() == Some("DISABLED") {
        notes.push(ImportNote::new(NoteKind::Remark, "the rule is disabled; an alert is always enabled"));
    }
    notes
}

/// The state of the alert's rule, where the pattern does not decide it.
fn state(rule: &GivenRule, pattern: &Map<String, Value>, notes: &mut Vec<ImportNote>) -> Option<RuleState> {
    let all = RuleState::EnabledWithAllCloudtrailManagementEvents;
    let read = Pattern::from_value(&Value::Object(pattern.clone())).map(|pattern| read_only(&pattern));
    match (rule.state.as_deref() == Some(all.word()), read) {
        (true, _) => Some(all),
        (false, Ok(ReadOnly::Open)) => Some(RuleState::Enabled),
        (false, Ok(ReadOnly::Named(names))) => {
            let name = names.first().cloned().unwrap_or_default();
            let what = format!(
                "the state of the rule is `ENABLED`, so it never receives read-only calls such as `{name}`; the alert receives them"
            );
            notes.push(ImportNote::new(NoteKind::Weakened, what));
            None
        }
        _ => None,
    }
}

fn blueprint(
    name: &str,
    rule: &GivenRule,
    pattern: Map<String, Value>,
    rule_state: Option<RuleState>,
    message: WrittenMessage,
) -> Blueprint {
    let described = rule.description.as_ref().map(|text| texts::line(text, 500)).filter(|text| !text.is_empty());
    let is_title = |text: &String| text.chars().count() <= MAX_TITLE;
    let title = described.clone().filter(is_title).unwrap_or_else(|| texts::line(&words(&rule.name), MAX_TITLE));
    let alert = AlertSection::of_events(pattern, rule_state, message);
    let bare = Blueprint::bare(name.to_owned(), title, Urgency::Medium, alert);
    Blueprint { description: described.unwrap_or_default(), ..bare }
}

/// A name in words: `RootSignIn` is `Root Sign In`.
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if before.is_ascii_lowercase() && c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c);
        before = c;
    }
    words
}
