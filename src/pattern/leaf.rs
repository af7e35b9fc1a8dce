//! Reading match expressions: what stands in a field's list.
//!
//! The messages are AWS's own, so that a refusal here reads like the one `PutRule` would give.
//! Neighbours: `parse` finds the lists, `number` reads `numeric`, `address` reads `cidr`, `test` holds the result.

use serde_json::{Map, Value};

use super::PatternError;
use super::address::Cidr;
use super::number::{self, Numeric};
use super::test::{Folded, Test, Wildcard};

const TOO_MANY: &str = "Too many elements in numeric expression";
const ONE_KEY: &str = "Only one key allowed in match expression";
const NOT_A_LITERAL: &str = "Value of anything-but must be an array or single string/number value.";

/// Reads the list of one field.
pub(super) fn read_list(list: &[Value]) -> Result<Vec<Test>, PatternError> {
    if list.is_empty() {
        return Err(PatternError::invalid("Empty arrays are not allowed"));
    }
    list.iter().map(read_entry).collect()
}

fn read_entry(entry: &Value) -> Result<Test, PatternError> {
    match entry {
        Value::Null => Ok(Test::Null),
        Value::Bool(flag) => Ok(Test::Bool(*flag)),
        Value::Number(number) => Ok(Test::Number(number.clone())),
        Value::String(text) => read_text(text),
        Value::Array(_) => Err(PatternError::invalid("Match value must be String, number, true, false, or null")),
        Value::Object(expression) => read_expression(expression),
    }
}

fn read_text(text: &str) -> Result<Test, PatternError> {
    Ok(match Cidr::single(text)? {
        Some(address) => Test::Address(text.to_owned(), address),
        None => Test::Text(text.to_owned()),
    })
}

fn read_exactly(value: &Value) -> Result<Test, PatternError> {
    let text = text(value, "exact match pattern must be a string")?;
    if Cidr::single(text)?.is_some() {
        return Err(PatternError::unsupported("exactly with an IP address"));
    }
    Ok(Test::Text(text.to_owned()))
}

fn read_expression(expression: &Map<String, Value>) -> Result<Test, PatternError> {
    let (name, value) = expression.iter().next().ok_or(PatternError::invalid("Match expression name not found"))?;
    let test = read_operator(name, value)?;
    if expression.len() > 1 {
        let message = if matches!(name.as_str(), "anything-but" | "numeric") { TOO_MANY } else { ONE_KEY };
        return Err(PatternError::invalid(message));
    }
    Ok(test)
}

fn read_operator(name: &str, value: &Value) -> Result<Test, PatternError> {
    match name {
        "exactly" => read_exactly(value),
        "prefix" => read_prefix(value),
        "suffix" => read_suffix(value),
        "equals-ignore-case" => folded(value).map(Test::SameIgnoringCase),
        "wildcard" => wildcard(value),
        "anything-but" => read_anything_but(value),
        "numeric" => read_numeric(value),
        "exists" => read_exists(value),
        "cidr" => text(value, "cidr match pattern must be a string").and_then(Cidr::read).map(Test::Cidr),
        _ => Err(PatternError::invalid(format!("Unrecognized match type {name}"))),
    }
}

fn text<'v>(value: &'v Value, message: &str) -> Result<&'v str, PatternError> {
    value.as_str().ok_or_else(|| PatternError::invalid(message))
}

fn folded(value: &Value) -> Result<Folded, PatternError> {
    text(value, "equals-ignore-case match pattern must be a string").map(Folded::new)
}

fn wildcard(value: &Value) -> Result<Test, PatternError> {
    Wildcard::read(text(value, "wildcard match pattern must be a string")?).map(Test::Wildcard)
}

fn read_prefix(value: &Value) -> Result<Test, PatternError> {
    if let Value::Object(inner) = value {
        return inner_folded(inner, "Prefix", "prefix").map(Test::PrefixIgnoringCase);
    }
    text(value, "prefix match pattern must be a string").map(|text| Test::Prefix(text.to_owned()))
}

fn read_suffix(value: &Value) -> Result<Test, PatternError> {
    if let Value::Object(inner) = value {
        return inner_folded(inner, "Suffix", "suffix").map(Test::SuffixIgnoringCase);
    }
    text(value, "suffix match pattern must be a string").map(|text| Test::Suffix(text.to_owned()))
}

fn inner_folded(inner: &Map<String, Value>, title: &str, name: &str) -> Result<Folded, PatternError> {
    let Some((operator, value)) = inner.iter().next() else {
        return Err(PatternError::invalid(format!("{title} expression name not found")));
    };
    if operator != "equals-ignore-case" {
        return Err(PatternError::invalid(format!("Unsupported {name} pattern: {operator}")));
    }
    let folded = folded(value)?;
    if inner.len() > 1 { Err(PatternError::invalid(ONE_KEY)) } else { Ok(folded) }
}

fn read_numeric(value: &Value) -> Result<Test, PatternError> {
    let Value::Array(list) = value else {
        return Err(PatternError::invalid("Value of numeric must be an array."));
    };
    Ok(match number::read(list)? {
        Numeric::Equals(number) => Test::Number(number),
        Numeric::Within(range) => Test::Range(range),
    })
}

fn read_exists(value: &Value) -> Result<Test, PatternError> {
    let message = "exists match pattern must be either true or false.";
    value.as_bool().map(Test::Exists).ok_or_else(|| PatternError::invalid(message))
}

fn read_anything_but(value: &Value) -> Result<Test, PatternError> {
    match value {
        Value::String(_) | Value::Number(_) => Ok(Test::AnythingBut(vec![read_literal(value)?])),
        Value::Array(list) => read_literals(list),
        Value::Object(inner) => read_anything_but_inner(inner),
        _ => Err(PatternError::invalid(NOT_A_LITERAL)),
    }
}

fn read_literal(value: &Value) -> Result<Test, PatternError> {
    match value {
        Value::String(text) => Ok(Test::Text(text.clone())),
        Value::Number(number) => number::must_compare(number).map(|_| Test::Number(number.clone())),
        _ => Err(PatternError::invalid("Inside anything but list, start|null|boolean is not supported.")),
    }
}

fn read_literals(list: &[Value]) -> Result<Test, PatternError> {
    let tests: Vec<Test> = list.iter().map(read_literal).collect::<Result<_, _>>()?;
    let uniform = list.iter().all(Value::is_string) || list.iter().all(Value::is_number);
    if list.is_empty() || !uniform {
        let message = "Inside anything but list, either all values are number or string, mixed type is not supported";
        return Err(PatternError::invalid(message));
    }
    Ok(Test::AnythingBut(tests))
}

fn read_anything_but_inner(inner: &Map<String, Value>) -> Result<Test, PatternError> {
    let Some((operator, value)) = inner.iter().next() else {
        return Err(PatternError::invalid("Anything-But expression name not found"));
    };
    let read_one: fn(&Value) -> Result<Test, PatternError> = match operator.as_str() {
        "prefix" => but_prefix,
        "suffix" => but_suffix,
        "equals-ignore-case" => but_ignore_case,
        "wildcard" => wildcard,
        other => return Err(PatternError::invalid(format!("Unsupported anything-but pattern: {other}"))),
    };
    let tests = one_or_many(value).map(read_one).collect::<Result<Vec<_>, _>>()?;
    if tests.is_empty() {
        return Err(PatternError::invalid(NOT_A_LITERAL));
    }
    if inner.len() > 1 { Err(PatternError::invalid(TOO_MANY)) } else { Ok(Test::AnythingBut(tests)) }
}

fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(list) => list.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn but_prefix(value: &Value) -> Result<Test, PatternError> {
    affix(value).map(Test::Prefix)
}

fn but_suffix(value: &Value) -> Result<Test, PatternError> {
    affix(value).map(Test::Suffix)
}

fn affix(value: &Value) -> Result<String, PatternError> {
    match value {
        Value::String(text) if text.is_empty() => Err(PatternError::invalid("Null prefix/suffix not allowed")),
        Value::String(text) => Ok(text.clone()),
        Value::Object(_) => Err(PatternError::invalid(NOT_A_LITERAL)),
        _ => Err(PatternError::invalid("prefix/suffix match pattern must be a string")),
    }
}

fn but_ignore_case(value: &Value) -> Result<Test, PatternError> {
    let message = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
    text(value, message).map(|text| Test::SameIgnoringCase(Folded::new(text)))
}
