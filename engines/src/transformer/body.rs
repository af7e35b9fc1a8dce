//! Assembling a body from a template and the values of its placeholders.
//!
//! A template is JSON (an object or a list), or lines that are each a quoted string, or something `EventBridge` does
//! not deliver. Which of them it is, is asked of the template with every placeholder emptied, before any value is put
//! in; the values are then only ever put where they cannot change the answer. Neighbors: `transformer` looks the
//! values up, `placeholder` finds the places.

use std::collections::BTreeMap;

use super::placeholder::{Placeholder, placeholders};
use super::{Delivery, TransformError};
use crate::json::{self, Json, Mistake};

/// How deep a value may be nested; writing it out recurses.
const MAX_DEPTH: usize = 100;

/// The names of a template with their values; `None` where the event has nothing.
pub(super) type TemplateValues = BTreeMap<String, Option<Json>>;

/// The value itself, if it is shallow enough to be copied and written out and every reader knows its numbers.
pub(super) fn checked(value: &Json) -> Result<&Json, TransformError> {
    known(value, MAX_DEPTH).map(|()| value)
}

fn known(value: &Json, levels: usize) -> Result<(), TransformError> {
    let deeper = || levels.checked_sub(1).ok_or_else(|| TransformError::unknown("a value nested very deeply"));
    match value {
        Json::Array(list) => {
            let levels = deeper()?;
            list.iter().try_for_each(|value| known(value, levels))
        }
        Json::Object(fields) => {
            let levels = deeper()?;
            fields.iter().try_for_each(|(_, value)| known(value, levels))
        }
        Json::Number(text) if !text.parse().is_ok_and(f64::is_finite) => {
            Err(TransformError::unknown(format!("the number {text}, which is beyond a double")))
        }
        _ => Ok(()),
    }
}

/// The whole text as JSON, if that is what it is.
pub(super) fn read(text: &str) -> Option<Json> {
    let document = json::read(text).ok()?;
    // Readers disagree about half of a surrogate pair.
    (is_all(text, document.end) && !document.has_half_pairs).then_some(document.json)
}

/// Whether nothing but space follows.
fn is_all(text: &str, end: usize) -> bool {
    text[end..].bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// What a template is.
enum TemplateForm {
    Json,
    Text,
    QuotedLines,
    Nothing,
}

pub(super) fn deliver(template: &str, values: &TemplateValues) -> Result<Delivery, TransformError> {
    match kind(template)? {
        TemplateForm::Json => json(template, values),
        TemplateForm::Text => text(template, values).map(|body| Delivery::Body(minify(&body))),
        TemplateForm::QuotedLines if template.contains('\\') => {
            Err(TransformError::unknown("a backslash in a template of several quoted lines"))
        }
        TemplateForm::QuotedLines => text(template, values).map(Delivery::Body),
        TemplateForm::Nothing => Ok(not_delivered("the template is neither JSON nor quoted text")),
    }
}

fn not_delivered(why: impl Into<String>) -> Delivery {
    Delivery::NotDelivered { why: why.into() }
}

fn kind(template: &str) -> Result<TemplateForm, TransformError> {
    // A string for every bare placeholder: unlike a digit it cannot join with what is next to it.
    let emptied = replace(template, |placeholder| if placeholder.quoted { String::new() } else { "\"\"".to_owned() });
    if json::read(&emptied).is_err_and(|error| error.trouble == Mistake::TooDeep) {
        return Err(TransformError::unknown("a template nested very deeply"));
    }
    match read(&emptied) {
        Some(json @ (Json::Object(_) | Json::Array(_))) => json_template(&json),
        Some(Json::String(_)) if !has_bare(template) => Ok(TemplateForm::Text),
        Some(_) => Err(TransformError::unknown("a template that is one bare value")),
        None => lines(template, &emptied),
    }
}

fn json_template(emptied: &Json) -> Result<TemplateForm, TransformError> {
    match emptied.repeated_key() {
        Some(key) => Err(TransformError::unknown(format!("a template with the key {key:?} twice in one object"))),
        None => checked(emptied).map(|_| TemplateForm::Json),
    }
}

fn has_bare(template: &str) -> bool {
    placeholders(template).iter().any(|placeholder| !placeholder.quoted)
}

fn lines(template: &str, emptied: &str) -> Result<TemplateForm, TransformError> {
    let quoted = |line: &str| matches!(read(line), Some(Json::String(_)));
    if !emptied.lines().all(quoted) {
        return not_json(template);
    }
    if has_bare(template) {
        return Err(TransformError::unknown("a bare placeholder among quoted lines"));
    }
    Ok(TemplateForm::QuotedLines)
}

/// Recorded is only that unquoted text is not delivered; what begins like JSON may well be refused earlier.
fn not_json(template: &str) -> Result<TemplateForm, TransformError> {
    if template.trim_start().starts_with(['{', '[', '"']) {
        return Err(TransformError::unknown("a template that begins like JSON but is none"));
    }
    Ok(TemplateForm::Nothing)
}

/// The template with every placeholder replaced.
fn replace(template: &str, with: impl Fn(&Placeholder) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut copied = 0;
    for placeholder in placeholders(template) {
        out.push_str(&template[copied..placeholder.range.start]);
        out.push_str(&with(&placeholder));
        copied = placeholder.range.end;
    }
    out.push_str(&template[copied..]);
    out
}

fn json(template: &str, values: &TemplateValues) -> Result<Delivery, TransformError> {
    let mut texts = Vec::new();
    for placeholder in placeholders(template) {
        let value = values.get(&placeholder.name).and_then(Option::as_ref);
        if let Some((kind, value)) =
            value.and_then(composite).filter(|_| placeholder.quoted && !is_key(template, &placeholder))
        {
            return in_quotes(&placeholder.name, kind, value);
        }
        texts.push(if placeholder.quoted { in_json_string(template, &placeholder, value)? } else { bare(value)? });
    }
    let texts = std::cell::RefCell::new(texts.into_iter());
    // One text was made for every placeholder, in the order they are replaced.
    let filled = replace(template, |_| texts.borrow_mut().next().unwrap_or_default());
    Ok(Delivery::Body(minify(&filled)))
}

/// An object or a list, and what it is.
fn composite(value: &Json) -> Option<(&'static str, &Json)> {
    match value {
        Json::Array(_) => Some(("a list", value)),
        Json::Object(_) => Some(("an object", value)),
        _ => None,
    }
}

/// An object or a list inside a string: its quotes make broken JSON, alone or beside words. What has none is not recorded.
/// Source: `LocalStack`, `tests/aws/services/events/test_events_inputs.py`, validated on AWS on 2025-10-08.
fn in_quotes(name: &str, kind: &str, value: &Json) -> Result<Delivery, TransformError> {
    if value.to_string().contains('"') {
        return Ok(not_delivered(format!("<{name}> is {kind} and is in quotes")));
    }
    Err(TransformError::unknown(format!("<{name}> is {kind} without strings and is in quotes")))
}

fn in_json_string(template: &str, at: &Placeholder, value: Option<&Json>) -> Result<String, TransformError> {
    if is_key(template, at) {
        return Err(TransformError::unknown(format!("<{}> in a field's name", at.name)));
    }
    in_text(&at.name, value)
}

/// Whether the string the placeholder is in is followed by a colon.
fn is_key(template: &str, placeholder: &Placeholder) -> bool {
    let mut escaped = false;
    let end = template[placeholder.range.end..].char_indices().find(|&(_, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.is_some_and(|(at, _)| template[placeholder.range.end + at + 1..].trim_start().starts_with(':'))
}

/// A value outside quotes: itself; an empty string where there is none.
fn bare(value: Option<&Json>) -> Result<String, TransformError> {
    match value {
        None => Ok("\"\"".to_owned()),
        Some(Json::Null) => Err(TransformError::unknown("a null value")),
        Some(value) => Ok(value.to_string()),
    }
}

/// A template of quoted text with its values.
fn text(template: &str, values: &TemplateValues) -> Result<String, TransformError> {
    let mut texts = BTreeMap::new();
    for (name, value) in values {
        texts.insert(name.as_str(), in_text(name, value.as_ref())?);
    }
    // Every name of the template has a value, if only an empty one.
    Ok(replace(template, |placeholder| texts.get(placeholder.name.as_str()).cloned().unwrap_or_default()))
}

/// A value inside quotes: its JSON without any quotes; nothing where there is none.
fn in_text(name: &str, value: Option<&Json>) -> Result<String, TransformError> {
    let Some(value) = value else { return Ok(String::new()) };
    if !plain(value) {
        let why = format!("<{name}> in quotes, with a quote, a backslash, a control character, a null or a fraction");
        return Err(TransformError::unknown(why));
    }
    // No plain value has a quote of its own, so all of them are JSON's.
    Ok(value.to_string().replace('"', ""))
}

/// Whether the value's text is beyond doubt: nothing to escape, no null, no number with more than one spelling.
fn plain(value: &Json) -> bool {
    match value {
        Json::Null | Json::Broken(_) => false,
        Json::Bool(_) => true,
        Json::Number(text) => is_plain_integer(text),
        Json::String(text) => plain_text(text),
        Json::Array(list) => list.iter().all(plain),
        Json::Object(fields) => fields.iter().all(|(key, value)| plain_text(key) && plain(value)),
    }
}

/// Whether it is an integer of 64 bits, without the fraction, exponent or sign of zero that would allow another spelling.
fn is_plain_integer(text: &str) -> bool {
    text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok_and(|number| number < 0)
}

fn plain_text(text: &str) -> bool {
    !text.chars().any(|c| matches!(c, '"' | '\\') || c.is_control())
}

/// Valid JSON without the spaces between its parts and with every string in its shortest spelling. Numbers keep
/// theirs, which a detour through a `Value` would not.
fn minify(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' { string_length(rest) } else { first.len_utf8() };
        let (part, after) = rest.split_at(length);
        match first {
            '"' => out.push_str(&shortest(part)),
            ' ' | '\t' | '\r' | '\n' => {}
            _ => out.push_str(part),
        }
        rest = after;
    }
    out
}

/// The length of the string `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A string in its shortest spelling.
fn shortest(string: &str) -> String {
    let mut text = String::with_capacity(string.len());
    // It ends at the closing quote.
    json::unescape(&string[1..], &mut text);
    Json::String(text).to_string()
}
