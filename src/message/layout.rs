//! Whether a template is safe for every event: the promise that a message is never lost and never abused.
//!
//! EventBridge inserts values without escaping, writes "" for what is missing, and Slack refuses a whole message for
//! one empty or overlong text. So each place of a value is judged by what is certain about the value; then the
//! shortest, the longest and the most hostile body that could come of the template are shown to the check of `slack`.
//! Emptiness and length only grow between those, so what holds for the extremes holds for every event between them.
//!
//! Judges the finished template, whoever wrote it. Neighbors: `certainty` (what is certain), `mod` (who asks).

use std::collections::BTreeMap;

use serde_json::Value;

use super::transformer::{Placeholder, placeholders};
use crate::cloudtrail::fields::{Certainty, Holds, Unfit};
use crate::json;
use crate::slack;

/// What is certain about each placeholder's value.
pub(super) type Certainties = BTreeMap<String, Result<Certainty, Unfit>>;

/// Why a message could be lost or abused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The template is not a JSON object.
    NotJson(String),
    /// A value is where it is not safe.
    Value {
        /// The placeholder.
        name: String,
        /// What is wrong.
        why: ValueProblem,
    },
    /// Slack would refuse a body that could come of it, or someone would be mentioned.
    Refused {
        /// Which body.
        extreme: Extreme,
        /// What is wrong with it.
        problem: slack::Problem,
    },
}

/// What is wrong with a value at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueProblem {
    /// Nothing is known of the field.
    Unknown,
    /// It is known of CloudTrail's events, but the pattern does not make sure that they are CloudTrail's.
    Forgeable,
    /// Between `<` and `>`, where Slack reads links and mentions.
    InBrackets,
    /// An object or a list.
    Composite,
    /// Free text inside quotes, where nothing escapes it.
    FreeInQuotes,
    /// Free text that may be missing or empty.
    FreeMayBeMissing,
    /// Of unlimited length.
    Unlimited,
    /// Free text somewhere else than as all there is in a code block or a quote: it could begin a line, and look like a fact.
    FreeElsewhere,
    /// Without quotes, and it may be missing.
    BareMayBeMissing,
    /// Without quotes, and not a text.
    BareNotText,
    /// Inside an address, and not only letters, digits, `.`, `_` and `-`.
    NotForAddress,
    /// It decides where the address leads.
    DecidesHost,
    /// At a place that is not a text, such as a key.
    Structure,
}

/// A body at the edge of what is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extreme {
    /// Whatever may be missing is, and everything else is one character long.
    Shortest,
    /// Everything is as long as it can be.
    Longest,
    /// Values try to mention someone.
    Hostile,
}

/// Represents the n-th placeholder in the JSON of a template: a character no one writes.
const FIRST: u32 = 0xF_0000;
/// Begins the string that represents a placeholder without quotes.
const BARE: char = '\u{10_FFFD}';

/// Everything that keeps the template from being safe.
pub(super) fn flaws(template: &str, certainties: &Certainties) -> Vec<Flaw> {
    let names: Vec<String> = placeholders(template).into_iter().map(|one| one.name).collect();
    let body = match skeleton(template) {
        Ok(body @ Value::Object(_)) => body,
        Ok(_) => return vec![Flaw::NotJson("it is not a JSON object".to_owned())],
        Err(why) => return vec![Flaw::NotJson(why)],
    };
    let mut judge = ValueJudge { names: &names, certainties, flaws: Vec::new() };
    judge.value(&body, Slot::Structure, false);
    let mut flaws = judge.flaws;
    if flaws.is_empty() {
        flaws.extend(extremes(&body, &names, certainties));
    }
    flaws
}

/// What is wrong with the values of a template that is not for Slack: in quotes none may need an escape, and all are limited.
pub(super) fn flaws_of_values(template: &str, certainties: &Certainties) -> Vec<Flaw> {
    let flaw = |one: Placeholder| {
        let why = match certainties.get(&one.name).copied().unwrap_or(Err(Unfit::Unknown)) {
            Err(Unfit::Unknown) => Some(ValueProblem::Unknown),
            Err(Unfit::Forgeable) => Some(ValueProblem::Forgeable),
            Err(Unfit::Composite) => Some(ValueProblem::Composite),
            Ok(certainty) if one.quoted => quoted(certainty, Slot::Literal, "", ""),
            Ok(certainty) => bare(certainty, Slot::Alone),
        };
        why.map(|why| Flaw::Value { name: one.name, why })
    };
    placeholders(template).into_iter().filter_map(flaw).collect()
}

/// How many characters a message has at most beyond its template.
pub(super) fn longest_values(template: &str, certainties: &Certainties) -> usize {
    let longest = |one: Placeholder| certainties.get(&one.name).copied()?.ok()?.longest;
    placeholders(template).into_iter().filter_map(longest).sum()
}

/// The template as JSON, a private character in place of each placeholder.
pub(super) fn skeleton(template: &str) -> Result<Value, String> {
    if template.chars().any(|c| u32::from(c) >= FIRST) {
        return Err(PRIVATE.to_owned());
    }
    let mut text = String::with_capacity(template.len());
    let mut copied = 0;
    for (at, one) in placeholders(template).into_iter().enumerate() {
        text.push_str(&template[copied..one.range.start]);
        let mark = u32::try_from(at).ok().and_then(|at| char::from_u32(FIRST + at)).ok_or("too many placeholders")?;
        if one.quoted {
            text.push(mark);
        } else {
            text.extend(['"', BARE, mark, '"']);
        }
        copied = one.range.end;
    }
    text.push_str(&template[copied..]);
    if let Some(key) = json::read(&text).ok().as_ref().and_then(|document| document.json.repeated_key()) {
        return Err(format!("duplicate key `{key}` in an object"));
    }
    let body: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    // Marks may be written as escapes, too; then there are more of them than placeholders.
    let (placed, found) = (text.chars().filter(|c| u32::from(*c) >= FIRST).count(), private_in(&body));
    if placed == found { Ok(body) } else { Err(PRIVATE.to_owned()) }
}

const PRIVATE: &str = "it holds characters of Unicode's private planes";

/// How many private characters a value holds.
fn private_in(value: &Value) -> usize {
    let count = |text: &str| text.chars().filter(|c| u32::from(*c) >= FIRST).count();
    match value {
        Value::String(text) => count(text),
        Value::Array(items) => items.iter().map(private_in).sum(),
        Value::Object(fields) => fields.iter().map(|(key, value)| count(key) + private_in(value)).sum(),
        _ => 0,
    }
}

/// What a string is for Slack, as far as values in it are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Words: top-level text, text objects, the text of a link.
    Words,
    /// The text of a rich text element, shown as it is.
    Literal,
    /// The same as all there is in a code block or a quote: whatever lines it has, they are not those of the message.
    Alone,
    /// The address of a link.
    Address,
    /// Anything else.
    Structure,
}

/// The slot of an object's field.
fn slot(kind: Option<&str>, key: &str, is_top: bool, is_alone: bool) -> Slot {
    match (kind, key) {
        (None, "text") if is_top => Slot::Words,
        (Some("plain_text" | "mrkdwn" | "link"), "text") => Slot::Words,
        (Some("text"), "text") if is_alone => Slot::Alone,
        (Some("text"), "text") => Slot::Literal,
        (Some("link"), "url") => Slot::Address,
        _ => Slot::Structure,
    }
}

struct ValueJudge<'a> {
    names: &'a [String],
    certainties: &'a Certainties,
    flaws: Vec<Flaw>,
}

/// The number of the placeholder a character represents.
fn mark(c: char) -> Option<usize> {
    usize::try_from(u32::from(c).checked_sub(FIRST)?).ok().filter(|_| c != BARE)
}

impl ValueJudge<'_> {
    fn value(&mut self, value: &Value, slot: Slot, is_alone: bool) {
        match value {
            Value::String(text) => self.text(text, slot),
            Value::Array(items) => {
                for item in items {
                    self.value(item, Slot::Structure, is_alone && items.len() == 1);
                }
            }
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str);
                // Only the body itself has a text and no type; inside of blocks the check of `slack` wants one.
                let is_top = !fields.contains_key("type");
                let is_box = matches!(kind, Some("rich_text_preformatted" | "rich_text_quote"));
                for (key, value) in fields {
                    self.text(key, Slot::Structure);
                    self.value(value, self::slot(kind, key, is_top, is_alone), is_box && key == "elements");
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, slot: Slot) {
        let is_bare = text.starts_with(BARE);
        for (at, number) in text.char_indices().filter_map(|(at, c)| Some((at, mark(c)?))) {
            let name = self.names.get(number).cloned().unwrap_or_default();
            let is_inside = slot == Slot::Words && inside_brackets(&text[..at], &text[at..]);
            let why = match self.certainties.get(&name).copied().unwrap_or(Err(Unfit::Unknown)) {
                Err(Unfit::Unknown) => Some(ValueProblem::Unknown),
                Err(Unfit::Forgeable) => Some(ValueProblem::Forgeable),
                Ok(_) if is_inside => Some(ValueProblem::InBrackets),
                Err(Unfit::Composite) => Some(ValueProblem::Composite),
                Ok(_) if slot == Slot::Structure => Some(ValueProblem::Structure),
                Ok(certainty) if is_bare => bare(certainty, slot),
                Ok(certainty) => quoted(certainty, slot, &text[..at], &text[at..]),
            };
            self.flaws.extend(why.map(|why| Flaw::Value { name, why }));
        }
    }
}

/// Whether a place of a text lies between `<` and `>`: Slack reads what is there as a link or a mention.
#[must_use]
pub fn inside_brackets(before: &str, from_here: &str) -> bool {
    before.rfind('<').is_some_and(|open| !before[open..].contains('>')) && from_here.contains('>')
}

/// What is wrong with a value that is the whole of a text, without quotes.
fn bare(certainty: Certainty, slot: Slot) -> Option<ValueProblem> {
    let Certainty { always, holds, longest } = certainty;
    match (holds, slot) {
        (Holds::Number | Holds::Boolean, _) => Some(ValueProblem::BareNotText),
        (_, Slot::Address | Slot::Structure) => Some(ValueProblem::DecidesHost),
        (Holds::Text, Slot::Words | Slot::Literal) => Some(ValueProblem::FreeElsewhere),
        (Holds::Text, _) if !always => Some(ValueProblem::FreeMayBeMissing),
        _ if !always => Some(ValueProblem::BareMayBeMissing),
        _ if longest.is_none() => Some(ValueProblem::Unlimited),
        _ => None,
    }
}

/// What is wrong with a value inside quotes, between `before` and what follows.
fn quoted(certainty: Certainty, slot: Slot, before: &str, from_here: &str) -> Option<ValueProblem> {
    match (certainty.holds, slot) {
        (Holds::Text, _) if !certainty.always => Some(ValueProblem::FreeMayBeMissing),
        (Holds::Text, _) => Some(ValueProblem::FreeInQuotes),
        (Holds::Identifier, Slot::Address) => Some(ValueProblem::NotForAddress),
        (_, Slot::Address) if !host_is_fixed(before, from_here, certainty.always) => Some(ValueProblem::DecidesHost),
        _ if certainty.longest.is_none() => Some(ValueProblem::Unlimited),
        _ => None,
    }
}

/// Whether an address leads where its author says, whatever value is at this place: behind a host that is written out,
/// or, if it is never missing, as a name below a written domain, as in `https://<region>.console.aws.amazon.com/`.
fn host_is_fixed(before: &str, from_here: &str, is_always_there: bool) -> bool {
    let Some(written) = before.strip_prefix("https://") else { return false };
    let is_host = |text: &str| {
        text.contains('.')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':') || mark(c).is_some())
    };
    if let Some((host, _)) = written.split_once(['/', '?', '#']) {
        return is_host(host);
    }
    let rest = from_here.split(['/', '?', '#']).next().unwrap_or_default();
    let domain = rest.rsplit(|c| mark(c).is_some()).next().unwrap_or_default();
    let is_below = domain.starts_with('.') && domain.matches('.').count() > 1 && !domain.contains(':');
    is_always_there && is_below && is_host(&format!("{written}{rest}"))
}

/// What hostile values try.
const HOSTILE: [&str; 3] = ["!channel", "@U0123456789", "#C0123456789"];

impl Extreme {
    /// A value of that certainty at this edge.
    fn value(self, certainty: Certainty, hostile: &str) -> String {
        match self {
            Self::Shortest if !certainty.always => String::new(),
            Self::Longest => "x".repeat(certainty.longest.unwrap_or(1)),
            Self::Hostile if certainty.holds >= Holds::Identifier => hostile.to_owned(),
            Self::Shortest | Self::Hostile => "x".to_owned(),
        }
    }
}

/// What Slack would refuse at the edges of what is possible; each thing once.
fn extremes(body: &Value, names: &[String], certainties: &Certainties) -> Vec<Flaw> {
    let edges = [(Extreme::Shortest, ""), (Extreme::Longest, "")].into_iter();
    let mut flaws: Vec<Flaw> = Vec::new();
    for (extreme, hostile) in edges.chain(HOSTILE.map(|text| (Extreme::Hostile, text))) {
        let of = |number: usize| Some(extreme.value(certainties.get(names.get(number)?)?.ok()?, hostile));
        for problem in slack::read(&filled(body, &of)).err().unwrap_or_default() {
            let is_known = flaws.iter().any(|flaw| match flaw {
                Flaw::Refused { problem: known, .. } => known.at == problem.at && known.kind == problem.kind,
                _ => false,
            });
            // A hostile value is about mentions only; it is longer than some values can be.
            if !is_known && (extreme != Extreme::Hostile || problem.kind == slack::ProblemKind::Mention) {
                flaws.push(Flaw::Refused { extreme, problem });
            }
        }
    }
    flaws
}

/// The body with values in place of the marks.
fn filled(value: &Value, of: &impl Fn(usize) -> Option<String>) -> Value {
    match value {
        Value::String(text) => {
            let mut out = String::with_capacity(text.len());
            for c in text.chars().filter(|c| *c != BARE) {
                match mark(c) {
                    Some(number) => out.push_str(&of(number).unwrap_or_default()),
                    None => out.push(c),
                }
            }
            Value::String(out)
        }
        Value::Array(items) => items.iter().map(|item| filled(item, of)).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), filled(value, of))).collect(),
        other => other.clone(),
    }
}
