//! `$.users[0].name`: the field of a JSON message that a condition looks at.
//!
//! Neighbors: `object` reads the conditions, `document` the messages.

use super::cursor::Cursor;
use super::document::spelled;
use super::error::FilterError;
use super::truth::Truth;
use crate::json::Json;

/// Most selectors with a wildcard in one pattern: the user guide.
const MAX_WILDCARDS: usize = 3;

const TWICE: &str = "which value counts when the message holds a key twice is not documented";
const OTHER_CHILDREN: &str =
    "whether `[*]` selects the fields of an object, or `.*` the elements of an array, is not documented";
const ALL_OR_ANY: &str =
    "whether this condition asks it of one or of every value that a wildcard selects is not documented";

/// A path to a field.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    text: String,
    steps: Vec<SelectorStep>,
}

#[derive(Clone, Debug)]
enum SelectorStep {
    Name(String),
    Index(usize),
    /// `.*`
    AnyField,
    /// `[*]`
    AnyElement,
}

/// What a selector selects of a message.
#[derive(Debug)]
enum SelectedValue<'j> {
    One(&'j Json),
    Nothing,
    /// One for each element or field that a wildcard represents.
    Each(Vec<Self>),
    /// One of these, if the message is not refused for it; which, is not documented.
    Disputed(Vec<Self>, &'static str),
}

/// Which of the values that a wildcard selects must be as wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Any,
    /// Not documented: one or all.
    Undocumented,
}

impl Selector {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterError> {
        let start = cursor.at();
        if !cursor.eat("$") {
            return Err(cursor.error("a condition begins with the field it is about").expected("`$.field`"));
        }
        if cursor.peek() != Some('.') {
            return Err(cursor
                .error_since(start, "`$.` and the name of a field are expected here")
                .expected("`$.field`"));
        }
        let mut steps = Vec::new();
        while let Some('.' | '[') = cursor.peek() {
            steps.push(step(cursor)?);
        }
        let selector = Self { text: cursor.since(start).to_owned(), steps };
        selector.count_wildcards(cursor, start)?;
        Ok(selector)
    }

    /// Up to one wildcard in a selector and three selectors with one in a pattern: the user guide.
    fn count_wildcards(&self, cursor: &mut Cursor<'_>, start: usize) -> Result<(), FilterError> {
        let wildcards =
            self.steps.iter().filter(|step| matches!(step, SelectorStep::AnyField | SelectorStep::AnyElement)).count();
        cursor.wildcards += wildcards;
        if wildcards > 1 {
            return Err(cursor.error_since(start, "a selector has at most one wildcard"));
        }
        if cursor.wildcards > MAX_WILDCARDS {
            return Err(cursor.error_since(start, "a pattern has at most three selectors with a wildcard"));
        }
        Ok(())
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, SelectorStep::AnyField | SelectorStep::AnyElement))
    }

    /// Tests what the selector selects of `message`; the test gets `None` where nothing is.
    pub(super) fn judge(&self, message: &Json, of: Of, test: &dyn Fn(Option<&Json>) -> Truth) -> Truth {
        judge(&select(message, &self.steps), of, test)
    }

    /// What is there, for messages.
    pub(super) fn found(&self, message: &Json) -> String {
        match select(message, &self.steps) {
            SelectedValue::One(json) => shown(json),
            SelectedValue::Each(values) => format!("no such value among {}", values.len()),
            SelectedValue::Nothing => "no value".to_owned(),
            SelectedValue::Disputed(..) => "more than one value".to_owned(),
        }
    }
}

fn step(cursor: &mut Cursor<'_>) -> Result<SelectorStep, FilterError> {
    let dotted = cursor.eat(".");
    if dotted && cursor.peek() != Some('[') {
        return name(cursor);
    }
    let start = cursor.at();
    cursor.eat("[");
    let inside = match cursor.peek() {
        Some('\'') => return quoted_name(cursor),
        Some('*') if !dotted => cursor.eat("*").then_some(SelectorStep::AnyElement),
        _ if !dotted => cursor.take_while(|c| c.is_ascii_digit()).parse().ok().map(SelectorStep::Index),
        _ => None,
    };
    let Some(step) = inside.filter(|_| cursor.eat("]")) else {
        cursor.take_while(|c| !c.is_ascii_whitespace() && !"]=<>!&|(){}".contains(c));
        cursor.eat("]");
        let expected = if dotted { "`['name']`" } else { "`[0]`, `[*]` or `['name']`" };
        return Err(cursor.error_since(start, "this selects nothing").expected(expected));
    };
    Ok(step)
}

fn name(cursor: &mut Cursor<'_>) -> Result<SelectorStep, FilterError> {
    if cursor.eat("*") {
        return Ok(SelectorStep::AnyField);
    }
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if name.is_empty() || cursor.peek().is_some_and(|c| !c.is_ascii()) {
        let message = "the name of a field is letters, digits, `-` and `_` here";
        return Err(cursor.error(message).expected("a name, or `['any name']`"));
    }
    Ok(SelectorStep::Name(name.to_owned()))
}

fn quoted_name(cursor: &mut Cursor<'_>) -> Result<SelectorStep, FilterError> {
    let name = cursor.between('\'', |_, _| false)?.to_owned();
    cursor.expect("]", "the name in brackets has ended", "`]`")?;
    Ok(SelectorStep::Name(name))
}

fn select<'j>(json: &'j Json, steps: &[SelectorStep]) -> SelectedValue<'j> {
    let Some((step, rest)) = steps.split_first() else { return SelectedValue::One(json) };
    match (step, json) {
        (SelectorStep::Name(name), Json::Object(members)) => {
            let named = members.iter().filter(|(key, _)| key == name);
            let mut values: Vec<_> = named.map(|(_, value)| select(value, rest)).collect();
            if values.len() > 1 {
                SelectedValue::Disputed(values, TWICE)
            } else {
                values.pop().unwrap_or(SelectedValue::Nothing)
            }
        }
        (SelectorStep::Index(index), Json::Array(elements)) => {
            elements.get(*index).map_or(SelectedValue::Nothing, |element| select(element, rest))
        }
        (SelectorStep::AnyField | SelectorStep::AnyElement, Json::Object(_) | Json::Array(_)) => {
            let mut values: Vec<_> = children(json).map(|child| select(child, rest)).collect();
            if matches!(step, SelectorStep::AnyField) == matches!(json, Json::Object(_)) {
                return SelectedValue::Each(values);
            }
            values.push(SelectedValue::Nothing);
            SelectedValue::Disputed(values, OTHER_CHILDREN)
        }
        _ => SelectedValue::Nothing,
    }
}

/// The elements of an array or the values of an object.
fn children<'j>(json: &'j Json) -> Box<dyn Iterator<Item = &'j Json> + 'j> {
    match json {
        Json::Array(elements) => Box::new(elements.iter()),
        Json::Object(members) => Box::new(members.iter().map(|(_, value)| value)),
        _ => Box::new(std::iter::empty()),
    }
}

fn judge(selected: &SelectedValue<'_>, of: Of, test: &dyn Fn(Option<&Json>) -> Truth) -> Truth {
    match selected {
        SelectedValue::One(json) => test(Some(json)),
        SelectedValue::Nothing => test(None),
        // Where none is as wanted it does not matter which counts.
        SelectedValue::Disputed(values, reason) => {
            let any = Truth::any(values.iter().map(|value| judge(value, of, test)));
            Truth::yes_is_unknown(any != Truth::No, reason)
        }
        SelectedValue::Each(values) => {
            let truths = || values.iter().map(|value| judge(value, of, test));
            let any = Truth::any(truths());
            if of == Of::Any { any } else { Truth::agreed(any, Truth::all(truths()), ALL_OR_ANY) }
        }
    }
}

/// A value in a message to people: not longer than a line.
fn shown(json: &Json) -> String {
    match json {
        Json::String(text) => format!("{:?}", shortened(text)),
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        scalar => shortened(spelled(scalar).unwrap_or_default()),
    }
}

/// The text, cut after eighty characters.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
