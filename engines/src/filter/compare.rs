//! One comparison: an operator and a literal, against a JSON value or a word of a line.
//!
//! Neighbors: `literal` reads the literals, `object` and `fields` find the values.

use std::cmp::Ordering;

use super::cursor::Cursor;
use super::document::spelled;
use super::error::FilterError;
use super::literal::Literal;
use super::number::{self, Number};
use super::truth::Truth;
use crate::json::Json;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer spellings first, so that `<` does not hide `<=`.
const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

const SAME_DOUBLE: &str = "how AWS compares two numbers that differ by less than a double can hold is not documented";
const OTHER_TYPE: &str = "how AWS compares a text with a number, true, false or null is not documented";
const NOT_EQUAL: &str = "what `!=` says of a value that is absent, or not of the literal's type, is not documented";
const SPELLING: &str = "how AWS spells this number when it compares it as text is not documented";

/// An operator and what it compares with.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) operator: Operator,
    symbol: &'static str,
    literal: Literal,
}

impl Comparison {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterError> {
        let (symbol, operator) = parse_operator(cursor)?;
        cursor.skip_space();
        let start = cursor.at();
        let literal = Literal::parse(cursor)?;
        let ordering = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if ordering && !matches!(literal, Literal::Number(_)) {
            return Err(cursor.error_since(start, format!("`{symbol}` compares numbers only")).expected("a number"));
        }
        Ok(Self { operator, symbol, literal })
    }

    /// What is wanted, for messages.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.symbol, self.literal.shown())
    }

    /// Whether a JSON value, or its absence, is as wanted.
    pub(super) fn judge(&self, found: Option<&Json>) -> Truth {
        match self.operator {
            Operator::Equal => self.equals(found),
            // The guide: a selector that lands on an array or an object does not match.
            Operator::NotEqual if matches!(found, Some(Json::Array(_) | Json::Object(_))) => Truth::No,
            Operator::NotEqual if self.comparable(found) => !self.equals(found),
            Operator::NotEqual => Truth::Unknown(NOT_EQUAL),
            _ => self.orders(found),
        }
    }

    /// Whether the guide shows this kind of literal compared with this kind of value.
    fn comparable(&self, found: Option<&Json>) -> bool {
        match (&self.literal, found) {
            (Literal::Number(_), found) => matches!(found, Some(Json::Number(_))),
            (Literal::Text(text), Some(Json::Number(_))) => text.numeric,
            (_, found) => matches!(found, Some(Json::String(_))),
        }
    }

    fn equals(&self, found: Option<&Json>) -> Truth {
        let Some(text) = found.and_then(spelled) else { return Truth::No };
        match (&self.literal, found) {
            (Literal::Number(wanted), Some(Json::Number(found))) => equal(wanted, found),
            (_, Some(Json::Number(found))) if !number::is_plain(found) => Truth::Unknown(SPELLING),
            (Literal::Text(text), Some(Json::Number(found))) if text.numeric => text.matches(found),
            (literal, Some(Json::String(_))) if self.comparable(found) => matches(literal, text),
            // No reading makes values equal that do not even look the same.
            (literal, _) => Truth::yes_is_unknown(matches(literal, text) != Truth::No, OTHER_TYPE),
        }
    }

    fn orders(&self, found: Option<&Json>) -> Truth {
        match found {
            Some(Json::Number(found)) => self.ordered(found),
            Some(Json::String(found)) => Truth::yes_is_unknown(self.ordered(found) != Truth::No, OTHER_TYPE),
            _ => Truth::No,
        }
    }

    /// Whether the text of a number compares with the literal as required.
    fn ordered(&self, found: &str) -> Truth {
        let (Literal::Number(wanted), Some(found)) = (&self.literal, Number::parse(found)) else { return Truth::No };
        let Some(ordering) = found.compare(wanted) else { return Truth::Unknown(SAME_DOUBLE) };
        Truth::from(match self.operator {
            Operator::Less => ordering == Ordering::Less,
            Operator::LessOrEqual => ordering != Ordering::Greater,
            Operator::Greater => ordering == Ordering::Greater,
            Operator::GreaterOrEqual => ordering != Ordering::Less,
            Operator::Equal => ordering == Ordering::Equal,
            Operator::NotEqual => ordering != Ordering::Equal,
        })
    }

    /// Whether a word of a line, which has no type, is as wanted.
    pub(super) fn judge_word(&self, word: &str) -> Truth {
        let equals = || match &self.literal {
            Literal::Number(wanted) if wanted.text() == word => Truth::Yes,
            Literal::Number(wanted) => Truth::yes_is_unknown(equal(wanted, word) != Truth::No, SPELLING),
            literal => matches(literal, word),
        };
        match self.operator {
            Operator::Equal => equals(),
            Operator::NotEqual => !equals(),
            _ => self.ordered(word),
        }
    }
}

fn parse_operator(cursor: &mut Cursor<'_>) -> Result<(&'static str, Operator), FilterError> {
    let start = cursor.at();
    let symbols = cursor.take_while(|c| matches!(c, '=' | '!' | '<' | '>' | '~'));
    OPERATORS.into_iter().find(|(symbol, _)| *symbol == symbols).ok_or_else(|| {
        let error = if symbols.is_empty() {
            cursor.error("an operator is missing")
        } else {
            cursor.error_since(start, format!("`{symbols}` is not an operator"))
        };
        error.expected("`=`, `!=`, `<`, `<=`, `>`, or `>=`")
    })
}

/// Whether the literal fits the text.
fn matches(literal: &Literal, text: &str) -> Truth {
    match literal {
        Literal::Number(number) if number.text() == text => Truth::Yes,
        Literal::Number(number) => equal(number, text),
        Literal::Text(wanted) => wanted.matches(text),
        Literal::Regex(regex) => regex.matches(text),
    }
}

/// Whether `found` is the number `wanted`.
fn equal(wanted: &Number, found: &str) -> Truth {
    let Some(found) = Number::parse(found) else { return Truth::No };
    found.compare(wanted).map_or(Truth::Unknown(SAME_DOUBLE), |ordering| (ordering == Ordering::Equal).into())
}
