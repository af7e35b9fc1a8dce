//! Reading match expressions: what is in a field's list.
//!
//! The messages are AWS's own, so that a refusal here reads like the one `PutRule` would give. Neighbors: `parse`
//! finds the lists, `number` reads `numeric`, `address` reads `cidr`, `test` holds the result.

use super::PatternError;
use super::address::Cidr;
use super::number::{self, Numeral, Numeric};
use super::test::{Test, side_by_side};
use super::text::{Folded, read_wildcard};
use crate::json::Json;

const TOO_MANY: &str = "Too many elements in numeric expression";
const ONE_KEY: &str = "Only one key allowed in match expression";
const NOT_A_LITERAL: &str = "Value of anything-but must be an array or single string/number value.";

/// A value whose text was JSON to its end; the text may end or break off inside of it.
pub(super) fn whole(value: &Json) -> Result<&Json, PatternError> {
    match value {
        Json::Broken(error) => Err(PatternError::invalid(error.message.clone())),
        value => Ok(value),
    }
}

/// The first field of an expression, and the refusal of any further one with `message`.
fn only<'v>(
    fields: &'v [(String, Json)],
    none: &str,
    read: impl FnOnce(&'v str, &'v Json) -> Result<(Test, &'static str), PatternError>,
) -> Result<Test, PatternError> {
    let (name, value) = fields.first().ok_or_else(|| PatternError::invalid(none))?;
    let (test, more) = read(name, whole(value)?)?;
    match fields.get(1) {
        None => Ok(test),
        Some((name, second)) if name.is_empty() => whole(second).and(Err(PatternError::invalid(more))),
        Some(_) => Err(PatternError::invalid(more)),
    }
}

/// Reads the list of one field.
pub(super) fn read_list(list: &[Json]) -> Result<Vec<Test>, PatternError> {
    if list.is_empty() {
        return Err(PatternError::invalid("Empty arrays are not allowed"));
    }
    list.iter().map(read_entry).collect::<Result<_, _>>().map(side_by_side)
}

fn read_entry(entry: &Json) -> Result<Test, PatternError> {
    match whole(entry)? {
        Json::Null => Ok(Test::Null),
        Json::Bool(flag) => Ok(Test::Bool(*flag)),
        Json::Number(number) => Ok(Test::Number(Numeral::new(number))),
        Json::String(text) => read_text(text),
        Json::Array(_) | Json::Broken(_) => {
            Err(PatternError::invalid("Match value must be String, number, true, false, or null"))
        }
        Json::Object(expression) => read_expression(expression),
    }
}

fn read_text(text: &str) -> Result<Test, PatternError> {
    Ok(match Cidr::single(text)? {
        Some(address) => Test::Address(text.to_owned(), address),
        None => Test::Text(text.to_owned()),
    })
}

fn read_expression(expression: &[(String, Json)]) -> Result<Test, PatternError> {
    only(expression, "Match expression name not found", |name, value| {
        let more = if matches!(name, "anything-but" | "numeric") { TOO_MANY } else { ONE_KEY };
        read_operator(name, value).map(|test| (test, more))
    })
}

fn read_operator(name: &str, value: &Json) -> Result<Test, PatternError> {
    match name {
        "exactly" => text(value, "exact match pattern must be a string").map(|text| Test::Text(text.to_owned())),
        "prefix" => read_prefix(value),
        "suffix" => read_suffix(value),
        "equals-ignore-case" => folded(value).map(Test::SameIgnoringCase),
        "wildcard" => wildcard(value),
        "anything-but" => read_anything_but(value),
        "numeric" => read_numeric(value),
        "exists" => read_exists(value),
        "cidr" => text(value, "prefix match pattern must be a string").and_then(Cidr::read).map(Test::Cidr),
        _ => Err(PatternError::invalid(format!("Unrecognized match type {name}"))),
    }
}

fn text<'v>(value: &'v Json, message: &str) -> Result<&'v str, PatternError> {
    match value {
        Json::String(text) => Ok(text),
        _ => Err(PatternError::invalid(message)),
    }
}

fn folded(value: &Json) -> Result<Folded, PatternError> {
    text(value, "equals-ignore-case match pattern must be a string").map(Folded::new)
}

fn wildcard(value: &Json) -> Result<Test, PatternError> {
    read_wildcard(text(value, "wildcard match pattern must be a string")?).map(Test::Wildcard)
}

fn read_prefix(value: &Json) -> Result<Test, PatternError> {
    if let Json::Object(inner) = value {
        return inner_folded(inner, "Prefix", "prefix");
    }
    text(value, "prefix match pattern must be a string").map(|text| Test::Prefix(text.to_owned()))
}

fn read_suffix(value: &Json) -> Result<Test, PatternError> {
    if let Json::Object(inner) = value {
        return inner_folded(inner, "Suffix", "suffix");
    }
    text(value, "suffix match pattern must be a string").map(|text| Test::Suffix(text.to_owned()))
}

fn inner_folded(inner: &[(String, Json)], title: &str, name: &str) -> Result<Test, PatternError> {
    only(inner, &format!("{title} expression name not found"), |operator, value| {
        if operator != "equals-ignore-case" {
            return Err(PatternError::invalid(format!("Unsupported {name} pattern: {operator}")));
        }
        let folded = folded(value)?;
        let test = if name == "prefix" { Test::PrefixIgnoringCase(folded) } else { Test::SuffixIgnoringCase(folded) };
        Ok((test, ONE_KEY))
    })
}

fn read_numeric(value: &Json) -> Result<Test, PatternError> {
    let Json::Array(list) = value else {
        return Err(PatternError::invalid("Value of numeric must be an array."));
    };
    Ok(match number::read(list)? {
        Numeric::Equals(number) => Test::Number(number),
        Numeric::Within(range) => Test::Range(range),
    })
}

fn read_exists(value: &Json) -> Result<Test, PatternError> {
    let message = "exists match pattern must be either true or false.";
    match value {
        Json::Bool(wanted) => Ok(Test::Exists(*wanted)),
        _ => Err(PatternError::invalid(message)),
    }
}

fn read_anything_but(value: &Json) -> Result<Test, PatternError> {
    match value {
        Json::String(_) | Json::Number(_) => Ok(Test::AnythingBut(vec![read_literal(value)?])),
        Json::Array(list) => read_literals(list),
        Json::Object(inner) => read_anything_but_inner(inner),
        _ => Err(PatternError::invalid(NOT_A_LITERAL)),
    }
}

fn read_literal(value: &Json) -> Result<Test, PatternError> {
    match whole(value)? {
        Json::String(text) => Ok(Test::Text(text.clone())),
        Json::Number(number) => Numeral::comparing(number).map(Test::Number),
        _ => Err(PatternError::invalid("Inside anything but list, start|null|boolean is not supported.")),
    }
}

fn read_literals(list: &[Json]) -> Result<Test, PatternError> {
    let tests: Vec<Test> = list.iter().map(read_literal).collect::<Result<_, _>>()?;
    let uniform = list.iter().all(|value| matches!(value, Json::String(_)))
        || list.iter().all(|value| matches!(value, Json::Number(_)));
    if list.is_empty() || !uniform {
        let message = "Inside anything but list, either all values are number or string, mixed type is not supported";
        return Err(PatternError::invalid(message));
    }
    Ok(Test::AnythingBut(tests))
}

fn read_anything_but_inner(inner: &[(String, Json)]) -> Result<Test, PatternError> {
    only(inner, "Anything-But expression name not found", |operator, value| {
        let read_one: fn(&Json) -> Result<Test, PatternError> = match operator {
            "prefix" => but_prefix,
            "suffix" => but_suffix,
            "equals-ignore-case" => but_ignore_case,
            "wildcard" => wildcard,
            other => return Err(PatternError::invalid(format!("Unsupported anything-but pattern: {other}"))),
        };
        let tests = one_or_many(value).map(|one| whole(one).and_then(read_one)).collect::<Result<Vec<_>, _>>()?;
        if tests.is_empty() {
            return Err(PatternError::invalid(NOT_A_LITERAL));
        }
        Ok((Test::AnythingBut(tests), TOO_MANY))
    })
}

fn one_or_many(value: &Json) -> impl Iterator<Item = &Json> {
    match value {
        Json::Array(list) => list.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn but_prefix(value: &Json) -> Result<Test, PatternError> {
    affix(value).map(Test::Prefix)
}

fn but_suffix(value: &Json) -> Result<Test, PatternError> {
    affix(value).map(Test::Suffix)
}

fn affix(value: &Json) -> Result<String, PatternError> {
    match value {
        Json::String(text) if text.is_empty() => Err(PatternError::invalid("Null prefix/suffix not allowed")),
        Json::String(text) => Ok(text.clone()),
        Json::Object(_) => Err(PatternError::invalid(NOT_A_LITERAL)),
        _ => Err(PatternError::invalid("prefix/suffix match pattern must be a string")),
    }
}

fn but_ignore_case(value: &Json) -> Result<Test, PatternError> {
    let message = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
    text(value, message).map(|text| Test::SameIgnoringCase(Folded::new(text)))
}
