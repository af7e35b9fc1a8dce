//! Parameters: checking the values an installation gives, and putting them into pattern and message.
//!
//! In a pattern a parameter is a whole value, written `{ param: name }`; in text it is `${param:name}`. Substitution works
//! on values, never on JSON text, so no value can change the structure of a pattern.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

use super::{Blueprint, Parameter, ParameterType};
use crate::document::Document;

/// The value of every parameter of one installation.
pub type Values = BTreeMap<String, Value>;

/// The defaults, overlaid with what is given. Parameters without either are missing from the result.
#[must_use]
pub fn values(blueprint: &Blueprint, given: &Map<String, Value>) -> Values {
    let defaults = blueprint.parameters.iter().filter_map(|(name, one)| Some((name.clone(), one.default.clone()?)));
    let known = given.iter().filter(|(name, _)| blueprint.parameters.contains_key(*name));
    defaults.chain(known.map(|(name, value)| (name.clone(), value.clone()))).collect()
}

/// Values to check a blueprint with before anyone installs it: defaults, and an example where there is none.
#[must_use]
pub fn samples(blueprint: &Blueprint) -> Values {
    let sample = |one: &Parameter| {
        one.default.clone().unwrap_or_else(|| match one.kind {
            ParameterType::String => "sample".into(),
            ParameterType::Boolean => true.into(),
            ParameterType::Number => 1.into(),
            ParameterType::List => vec!["sample"].into(),
        })
    };
    blueprint.parameters.iter().map(|(name, one)| (name.clone(), sample(one))).collect()
}

/// Whether a value is of the parameter's type.
#[must_use]
pub fn fits(kind: ParameterType, value: &Value) -> bool {
    match kind {
        ParameterType::String => value.is_string(),
        ParameterType::Boolean => value.is_boolean(),
        ParameterType::Number => value.is_number(),
        ParameterType::List => {
            value.as_array().is_some_and(|items| items.iter().all(|item| !item.is_array() && !item.is_object()))
        }
    }
}

/// What a type is called in messages.
#[must_use]
pub fn type_name(kind: ParameterType) -> &'static str {
    match kind {
        ParameterType::String => "a string",
        ParameterType::Boolean => "a boolean",
        ParameterType::Number => "a number",
        ParameterType::List => "a list of plain values",
    }
}

/// The value that a flag or an answer represents. A list is strings between commas, or written as in a stack file:
/// `[403, "a,b"]`. Numbers are read as a stack file reads them, so that none becomes another one.
///
/// # Errors
/// What the text should be.
pub fn from_text(kind: ParameterType, text: &str) -> Result<Value, String> {
    let (read, expected) = match kind {
        ParameterType::String => (Some(text.into()), "text"),
        ParameterType::Boolean => (boolean(text.trim()), "`true` or `false`"),
        ParameterType::Number => (as_written(text.trim()), "a number, such as 10 or 0.5"),
        ParameterType::List => (list(text.trim()), "a list of plain values, such as `a,b` or `[403, \"a,b\"]`"),
    };
    read.filter(|value| fits(kind, value)).ok_or_else(|| format!("it must be {expected}"))
}

fn boolean(text: &str) -> Option<Value> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true.into()),
        "false" | "no" => Some(false.into()),
        _ => None,
    }
}

fn list(text: &str) -> Option<Value> {
    if text.is_empty() || text.starts_with('[') {
        return if text.is_empty() { Some(Value::Array(Vec::new())) } else { as_written(text) };
    }
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    (!items.contains(&"")).then(|| items.into())
}

/// What a stack file would read; `None` where it would have findings.
fn as_written(text: &str) -> Option<Value> {
    let read = Document::parse("", text).ok()?.typed::<Value>(&[]);
    read.value.filter(|_| read.findings.is_empty())
}

/// The parameter a value of a pattern represents, when it is `{ param: name }`.
#[must_use]
pub fn reference(value: &Value) -> Option<&str> {
    let map = value.as_object()?;
    (map.len() == 1).then(|| map.get("param")?.as_str()).flatten()
}

/// The pattern with its parameters filled in; a parameter without a value stays as written.
#[must_use]
pub fn fill(pattern: &Value, values: &Values) -> Value {
    if let Some(value) = reference(pattern).and_then(|name| values.get(name)) {
        return value.clone();
    }
    match pattern {
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, values)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), fill(value, values))).collect())
        }
        other => other.clone(),
    }
}

/// A `${param:name}` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The parameter's name.
    pub name: String,
    /// Bytes of the text from `$` to `}`.
    pub range: Range<usize>,
}

/// Every `${param:name}` of a text, in order.
#[must_use]
pub fn uses(text: &str) -> Vec<Use> {
    const OPEN: &str = "${param:";
    text.match_indices(OPEN)
        .filter_map(|(start, _)| {
            let name = text[start + OPEN.len()..].split_once('}')?.0;
            // An opening that is not closed before the next one is text; uses never overlap.
            if name.contains(['$', '{', '\n']) {
                return None;
            }
            Some(Use { name: name.trim().to_owned(), range: start..start + OPEN.len() + name.len() + 1 })
        })
        .collect()
}

/// The text with its parameters filled in; a parameter without a value stays as written.
#[must_use]
pub fn fill_text(text: &str, values: &Values) -> String {
    fill_text_with(text, values, in_words)
}

/// As [`fill_text`], each value written by `write`.
pub(crate) fn fill_text_with(text: &str, values: &Values, write: impl Fn(&Value) -> String) -> String {
    let (mut filled, mut at) = (String::new(), 0);
    for one in uses(text) {
        filled.push_str(&text[at..one.range.start]);
        match values.get(&one.name) {
            Some(value) => filled.push_str(&write(value)),
            None => filled.push_str(&text[one.range.clone()]),
        }
        at = one.range.end;
    }
    filled + &text[at..]
}

/// Whether something that a boolean parameter turns on is on; without a parameter it always is.
#[must_use]
pub fn is_on(when: Option<&str>, values: &Values) -> bool {
    when.is_none_or(|name| values.get(name) == Some(&Value::Bool(true)))
}

/// A parameter's value as it reads in a sentence.
#[must_use]
pub fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_is_a_whole_value_of_the_pattern() {
        let values = Values::from([("names".into(), json!(["a", "b"])), ("one".into(), json!("x\"]"))]);
        let pattern = json!({"eventName": {"param": "names"}, "who": [{"param": "one"}], "other": [{"prefix": "p"}], "no": [{"param": "none"}]});
        assert_eq!(
            fill(&pattern, &values),
            json!({"eventName": ["a", "b"], "who": ["x\"]"], "other": [{"prefix": "p"}], "no": [{"param": "none"}]})
        );
    }

    #[test]
    fn a_text_is_read_as_the_parameters_type() {
        use ParameterType::{Boolean, List, Number, String};
        let good = [
            (String, " a: *b ", json!(" a: *b ")),
            (String, "", json!("")),
            (Boolean, "true", json!(true)),
            (Boolean, " No ", json!(false)),
            (Number, "10", json!(10)),
            (Number, "-0.5", json!(-0.5)),
            (Number, "18446744073709551615", json!(u64::MAX)),
            (List, "", json!([])),
            (List, "a, b c ,012", json!(["a", "b c", "012"])),
            (List, "[403, \"a,b\", true, c]", json!([403, "a,b", true, "c"])),
            (List, "123456789012", json!(["123456789012"])),
        ];
        for (kind, text, value) in good {
            assert_eq!(from_text(kind, text), Ok(value), "{text}");
        }
        let bad: &[(ParameterType, &[&str])] = &[
            (Boolean, &["", "1", "maybe"]),
            (
                Number,
                &["", "ten", "010", "0x1F", "1 2", "1.00000000000000000001", "[1]", "1\n---\n2", ".inf", "*a", "\0"],
            ),
            (List, &["a,,b", ",", "[a", "[[a]]", "[{a: b}]", "[1, 010]", "[&a x, *a]"]),
        ];
        for (kind, texts) in bad {
            for text in *texts {
                assert!(from_text(*kind, text).is_err_and(|why| why.starts_with("it must be")), "{text}");
            }
        }
    }

    #[test]
    fn uses_never_overlap() {
        let text = "${param:e one ${param:who} ${param:${param:a}}";
        let found: Vec<Use> = uses(text);
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["who", "a"]);
        assert!(found.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
    }

    #[test]
    fn uses_are_found_with_their_place() {
        let text = "é ${param:a} ${param: b } ${param:c";
        let values = Values::from([("a".into(), json!(["x", 1])), ("b".into(), json!("${param:a}"))]);
        assert_eq!(fill_text(text, &values), "é x, 1 ${param:a} ${param:c");
        let found = uses(text);
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(&text[found[1].range.clone()], "${param: b }");
    }
}
