//! Numbers as AWS compares them.
//!
//! AWS compares a number as a double, but only when the double, written shortest, is the number again; any other
//! number (`9007199254740993`) can only equal its own spelling. A `serde_json::Number` keeps integers of 64 bits
//! exactly and holds everything else as a double, so a spelling is lost only where `text` refuses to read it.
//! Neighbours: `leaf` reads numeric expressions, `test` applies them.

use serde_json::{Number, Value};

use super::PatternError;

/// The number as a double, if AWS can compare it.
pub(super) fn comparable(number: &Number) -> Option<f64> {
    let double = number.as_f64()?;
    // Display writes the shortest digits and pads with zeros, never an exponent.
    (number.is_f64() || double.to_string() == number.to_string()).then_some(double)
}

/// The number as a double, or AWS's refusal.
pub(super) fn must_compare(number: &Number) -> Result<f64, PatternError> {
    comparable(number).ok_or_else(|| PatternError::invalid(format!("Cannot compare number : {number}")))
}

/// Whether the two are one number to AWS.
pub(super) fn same(a: &Number, b: &Number) -> bool {
    match (comparable(a), comparable(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b).is_eq() || (is_zero(a) && is_zero(b)),
        (None, None) => a.to_string() == b.to_string(),
        _ => false,
    }
}

fn is_zero(double: f64) -> bool {
    matches!(double.classify(), std::num::FpCategory::Zero)
}

/// One end of a range.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    at: f64,
    included: bool,
}

/// A `numeric` expression other than `=`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    low: Option<End>,
    high: Option<End>,
}

impl Range {
    pub(super) fn contains(&self, number: &Number) -> bool {
        let Some(n) = comparable(number) else { return false };
        let above = self.low.is_none_or(|low| n > low.at || (low.included && n >= low.at));
        let below = self.high.is_none_or(|high| n < high.at || (high.included && n <= high.at));
        above && below
    }
}

/// A `numeric` expression: an exact number or a range.
#[derive(Debug, Clone)]
pub(super) enum Numeric {
    Equals(Number),
    Within(Range),
}

/// Reads the list of a `numeric` expression, checking in AWS's order so that its message is the one AWS gives.
pub(super) fn read(list: &[Value]) -> Result<Numeric, PatternError> {
    match operator(list.first())? {
        "=" => read_equals(list),
        "<" | "<=" => read_below(list),
        ">" | ">=" => read_above(list),
        other => Err(PatternError::invalid(format!("Unrecognized numeric range operator: {other}"))),
    }
}

fn operator(member: Option<&Value>) -> Result<&str, PatternError> {
    match member {
        Some(Value::String(operator)) => Ok(operator),
        None => Err(PatternError::invalid("Invalid member in numeric match: ]")),
        Some(Value::Array(_)) => Err(PatternError::invalid("Invalid member in numeric match: [")),
        Some(Value::Object(_)) => Err(PatternError::invalid("Invalid member in numeric match: {")),
        Some(other) => Err(PatternError::invalid(format!("Invalid member in numeric match: {other}"))),
    }
}

fn read_equals(list: &[Value]) -> Result<Numeric, PatternError> {
    let Some(Value::Number(number)) = list.get(1) else {
        return Err(PatternError::invalid("Value of equals must be numeric"));
    };
    must_compare(number)?;
    no_more(list, 2, "Too many elements in numeric expression")?;
    Ok(Numeric::Equals(number.clone()))
}

fn read_below(list: &[Value]) -> Result<Numeric, PatternError> {
    let high = Some(read_end(list, 0)?);
    no_more(list, 2, "Too many elements in numeric expression")?;
    Ok(Numeric::Within(Range { low: None, high }))
}

fn read_above(list: &[Value]) -> Result<Numeric, PatternError> {
    let low = read_end(list, 0)?;
    if list.len() == 2 {
        return Ok(Numeric::Within(Range { low: Some(low), high: None }));
    }
    let second = operator(list.get(2))?;
    if !matches!(second, "<" | "<=") {
        return Err(PatternError::invalid(format!("Bad numeric range operator: {second}")));
    }
    let high = read_end(list, 2)?;
    no_more(list, 4, "Too many terms in numeric range expression")?;
    if low.at >= high.at {
        return Err(PatternError::invalid("Bottom must be less than top"));
    }
    Ok(Numeric::Within(Range { low: Some(low), high: Some(high) }))
}

/// The end whose operator is member `at` of the list.
fn read_end(list: &[Value], at: usize) -> Result<End, PatternError> {
    let operator = operator(list.get(at))?;
    let Some(Value::Number(number)) = list.get(at + 1) else {
        return Err(PatternError::invalid(format!("Value of {operator} must be numeric")));
    };
    Ok(End { at: must_compare(number)?, included: operator.ends_with('=') })
}

fn no_more(list: &[Value], length: usize, message: &str) -> Result<(), PatternError> {
    if list.len() > length { Err(PatternError::invalid(message)) } else { Ok(()) }
}
