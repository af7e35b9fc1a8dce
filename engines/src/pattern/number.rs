//! Numbers as AWS compares them: equal, or within a range.
//!
//! `crate::json::number` says which numbers compare at all. Neighbors: `leaf` reads numeric expressions, `test`
//! applies them.

use super::PatternError;
use super::leaf::whole;
use crate::json::Json;
use crate::json::number::comparable;

/// A number of a pattern.
#[derive(Debug, Clone)]
pub(super) struct Numeral {
    text: String,
    double: Option<f64>,
}

impl Numeral {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), double: comparable(text) }
    }

    /// The number, or AWS's refusal where it must compare.
    pub(super) fn comparing(text: &str) -> Result<Self, PatternError> {
        must_compare(text).map(|double| Self { text: text.to_owned(), double: Some(double) })
    }

    /// Whether a number of the event, given as written and as a double, is this number to AWS.
    pub(super) fn equals(&self, found: &str, double: Option<f64>) -> bool {
        let same_double = || self.double.zip(double).is_some_and(|(wanted, found)| found.total_cmp(&wanted).is_eq());
        self.text == found || same_double()
    }
}

/// The number as a double, or AWS's refusal.
fn must_compare(text: &str) -> Result<f64, PatternError> {
    comparable(text).ok_or_else(|| PatternError::invalid(format!("Cannot compare number : {text}")))
}

/// One end of a range.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    at: f64,
    included: bool,
}

/// A `numeric` expression other than `=`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    low: Option<Bound>,
    high: Option<Bound>,
}

impl Range {
    pub(super) fn contains(&self, n: f64) -> bool {
        let above = self.low.is_none_or(|low| n > low.at || (low.included && n >= low.at));
        let below = self.high.is_none_or(|high| n < high.at || (high.included && n <= high.at));
        above && below
    }
}

/// A `numeric` expression: an exact number or a range.
#[derive(Debug, Clone)]
pub(super) enum Numeric {
    Equals(Numeral),
    Within(Range),
}

/// Reads the list of a `numeric` expression, checking in AWS's order so that its message is the one AWS gives.
pub(super) fn read(list: &[Json]) -> Result<Numeric, PatternError> {
    match operator(list.first())? {
        "=" => read_equals(list),
        "<" | "<=" => read_below(list),
        ">" | ">=" => read_above(list),
        other => Err(PatternError::invalid(format!("Unrecognized numeric range operator: {other}"))),
    }
}

fn operator(member: Option<&Json>) -> Result<&str, PatternError> {
    match member.map(whole).transpose()? {
        Some(Json::String(operator)) => Ok(operator),
        None => Err(PatternError::invalid("Invalid member in numeric match: ]")),
        Some(Json::Array(_)) => Err(PatternError::invalid("Invalid member in numeric match: [")),
        Some(Json::Object(_)) => Err(PatternError::invalid("Invalid member in numeric match: {")),
        Some(other) => Err(PatternError::invalid(format!("Invalid member in numeric match: {other}"))),
    }
}

fn read_equals(list: &[Json]) -> Result<Numeric, PatternError> {
    let Some(Json::Number(number)) = list.get(1).map(whole).transpose()? else {
        return Err(PatternError::invalid("Value of equals must be numeric"));
    };
    let number = Numeral::comparing(number)?;
    no_more(list, 2, "Too many elements in numeric expression")?;
    Ok(Numeric::Equals(number))
}

fn read_below(list: &[Json]) -> Result<Numeric, PatternError> {
    let high = Some(read_end(list, 0)?);
    no_more(list, 2, "Too many elements in numeric expression")?;
    Ok(Numeric::Within(Range { low: None, high }))
}

fn read_above(list: &[Json]) -> Result<Numeric, PatternError> {
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
fn read_end(list: &[Json], at: usize) -> Result<Bound, PatternError> {
    let operator = operator(list.get(at))?;
    let Some(Json::Number(number)) = list.get(at + 1).map(whole).transpose()? else {
        return Err(PatternError::invalid(format!("Value of {operator} must be numeric")));
    };
    Ok(Bound { at: must_compare(number)?, included: operator.ends_with('=') })
}

fn no_more(list: &[Json], length: usize, message: &str) -> Result<(), PatternError> {
    let Some(more) = list.get(length) else { return Ok(()) };
    whole(more).and(Err(PatternError::invalid(message)))
}
