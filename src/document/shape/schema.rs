//! What a JSON Schema says of one value: its types, keys, texts, and bounds.

use serde_json::{Map, Value};

use super::super::NodeValue;

/// The alternatives of a schema, without "or null"; empty where it has none.
pub(super) fn branches(schema: &Map<String, Value>) -> Vec<&Value> {
    let all = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    all.filter(|branch| !is_null(branch)).collect()
}

/// Whether null is one of the alternatives.
pub(super) fn is_optional(schema: &Map<String, Value>) -> bool {
    schema.get("anyOf").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_null))
}

fn is_null(branch: &Value) -> bool {
    branch.get("type").and_then(Value::as_str) == Some("null")
}

/// The types a schema accepts; `null` among them means that the value may be left out.
pub(super) fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The keys that must be there.
pub(super) fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The texts that a schema lists, where it does.
pub(super) fn allowed_strings(schema: &Map<String, Value>) -> Option<Vec<&str>> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.iter().filter_map(Value::as_str).collect());
    }
    let branches = schema.get("oneOf")?.as_array()?;
    Some(branches.iter().filter_map(|branch| branch.get("const")?.as_str()).collect())
}

/// Whether a value is of a type, and within its bounds.
pub(super) fn fits(value: &NodeValue, expected: &str, schema: &Map<String, Value>) -> bool {
    match value {
        NodeValue::Map(_) => expected == "object",
        NodeValue::List(_) => expected == "array",
        NodeValue::Scalar(Value::String(_)) => expected == "string",
        NodeValue::Scalar(Value::Bool(_)) => expected == "boolean",
        NodeValue::Scalar(Value::Number(number)) => number_fits(number, expected, schema),
        NodeValue::Scalar(_) => expected == "null",
    }
}

fn number_fits(number: &serde_json::Number, expected: &str, schema: &Map<String, Value>) -> bool {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let value = number.as_f64().unwrap_or(f64::NAN);
    (expected == "number" || expected == "integer" && !number.is_f64())
        && bound("minimum").is_none_or(|minimum| value >= minimum)
        && bound("maximum").is_none_or(|maximum| value <= maximum)
}

/// What a type is called in messages.
pub(super) fn type_name(expected: &str, schema: &Map<String, Value>) -> String {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    match (expected, bound("minimum"), bound("maximum")) {
        ("object", ..) => "a mapping (`key: value`)".to_owned(),
        ("array", ..) => "a list".to_owned(),
        ("integer" | "number", Some(minimum), Some(maximum)) => format!("a number from {minimum} to {maximum}"),
        ("integer", ..) => "an integer".to_owned(),
        (other, ..) => format!("a {other}"),
    }
}
