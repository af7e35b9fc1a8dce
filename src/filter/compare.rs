//! One value of a log line against one value of a pattern.
//!
//! A pattern's value is text in which `*` stands for any characters, and possibly also a number. What the two mean where
//! one is a number and the other a text, nobody has documented. Neighbours: `object` and `fields` ask.

use crate::json::number::comparable;

use super::cursor::{Cursor, error_at};
use super::regex::Regex;
use super::{Answer, FilterError};

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Takes an operator.
    pub(super) fn read(cursor: &mut Cursor) -> Result<Self, FilterError> {
        let all = [Self::NotEqual, Self::LessOrEqual, Self::GreaterOrEqual, Self::Equal, Self::Less, Self::Greater];
        match all.into_iter().find(|operator| cursor.take(operator.text())) {
            Some(operator) => Ok(operator),
            None => Err(cursor.error("there is no operator", "one of = != < > <= >=")),
        }
    }

    fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

/// What a pattern compares with.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// A text in quotes.
    Quoted(String),
    /// A word without quotes, and the number it may be.
    Word(String, Option<f64>),
    Regex(Regex),
}

/// A value of the log line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'l> {
    Text(&'l str),
    /// A JSON number in its own spelling.
    Number(&'l str),
    /// `true`, `false` or `null`.
    Literal(&'l str),
    /// A field of a space-delimited line, which is text and may be a number.
    Field(&'l str),
}

/// A comparison of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) operator: Operator,
    pub(super) wanted: Wanted,
    /// Operator and value as written, for reasons.
    pub(super) text: String,
}

/// Three-valued: `None` where nothing documented decides.
type Truth = Option<bool>;

impl Comparison {
    /// Takes an operator and the value after it.
    pub(super) fn read(cursor: &mut Cursor, belongs: fn(char) -> bool) -> Result<Self, FilterError> {
        cursor.peek();
        let begin = cursor.at();
        let operator = Operator::read(cursor)?;
        let wanted = Wanted::read(cursor, belongs)?;
        if operator.is_order() && !matches!(wanted, Wanted::Word(_, Some(_))) {
            let span = begin..cursor.at();
            return Err(error_at(span, "only numbers have an order", "a number, without quotes"));
        }
        Ok(Self { operator, wanted, text: cursor.since(begin).trim().to_owned() })
    }

    /// Whether the value is as wanted.
    pub(super) fn answer(&self, name: &str, found: Found) -> Answer {
        let truth = match self.operator {
            Operator::Equal => self.wanted.equals(found),
            Operator::NotEqual => self.wanted.equals(found).map(|equal| !equal),
            operator => self.wanted.is_ordered(operator, found),
        };
        let (Found::Text(shown) | Found::Number(shown) | Found::Literal(shown) | Found::Field(shown)) = found;
        let shown = if matches!(found, Found::Text(_)) { format!("{shown:?}") } else { shown.to_owned() };
        match truth {
            Some(true) => Answer::Matches,
            Some(false) => Answer::DoesNot(format!("{name}: wanted {}, found {shown}", self.text)),
            None => Answer::Unknown(format!(
                "{name}: how {shown} compares with {} is not documented, being of another type or spelling",
                self.text
            )),
        }
    }
}

impl Wanted {
    fn read(cursor: &mut Cursor, belongs: fn(char) -> bool) -> Result<Self, FilterError> {
        match cursor.peek() {
            Some('"') => cursor.quoted().map(Self::Quoted),
            Some('%') => cursor.regex().map(Self::Regex),
            _ => {
                let word = cursor.word(belongs);
                if word.is_empty() {
                    let expected = "a word, a number, a text in double quotes or a %regular expression%";
                    return Err(cursor.error("there is no value", expected));
                }
                Ok(Self::Word(word.to_owned(), number(word)))
            }
        }
    }

    fn equals(&self, found: Found) -> Truth {
        match (self, found) {
            (Self::Regex(regex), Found::Text(text) | Found::Field(text)) => Some(regex.is_match(text)),
            // Whether a regular expression looks at anything but texts is not documented.
            (Self::Regex(regex), Found::Number(text) | Found::Literal(text)) => unless(regex.is_match(text)),
            (Self::Word(wanted, Some(_)), Found::Number(text)) => same(wanted, text),
            (Self::Word(wanted, Some(_)), Found::Field(text)) if wanted == text => Some(true),
            (Self::Word(wanted, Some(_)), Found::Text(text) | Found::Field(text)) => {
                unless(wanted == text || same(wanted, text) != Some(false))
            }
            // The guide has `4*` for numbers; the digits then stand as people write them.
            (Self::Word(wanted, None), Found::Number(text)) if plainly_written(text) => Some(like(wanted, text)),
            (Self::Word(wanted, None), Found::Number(text)) => unless(like(wanted, text) || wanted.contains('*')),
            (Self::Quoted(wanted) | Self::Word(wanted, _), Found::Text(text) | Found::Field(text)) => {
                Some(like(wanted, text))
            }
            (Self::Quoted(wanted) | Self::Word(wanted, _), Found::Number(text) | Found::Literal(text)) => {
                unless(like(wanted, text))
            }
        }
    }

    fn is_ordered(&self, operator: Operator, found: Found) -> Truth {
        let Self::Word(wanted, Some(number)) = self else { return Some(false) };
        let (Found::Text(text) | Found::Number(text) | Found::Literal(text) | Found::Field(text)) = found;
        let Some(value) = self::number(text) else { return Some(false) };
        // A text that looks like a number may or may not be taken for one.
        if matches!(found, Found::Text(_)) || (value.total_cmp(number).is_eq() && same(wanted, text) != Some(true)) {
            return None;
        }
        Some(match operator {
            Operator::Less => value < *number,
            Operator::LessOrEqual => value <= *number,
            Operator::Greater => value > *number,
            _ => value >= *number,
        })
    }
}

/// False if not even one reading says otherwise.
fn unless(otherwise: bool) -> Truth {
    if otherwise { None } else { Some(false) }
}

/// The number a word is: digits with sign, decimal point and exponent.
fn number(word: &str) -> Option<f64> {
    let is_numeric = word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    word.parse::<f64>().ok().filter(|number| is_numeric && number.is_finite())
}

/// Whether the two are one number; `None` when a double cannot tell.
fn same(a: &str, b: &str) -> Truth {
    let (Some(x), Some(y)) = (number(a), number(b)) else { return Some(false) };
    let is_same = x.total_cmp(&y).is_eq() || is_zero(x) && is_zero(y);
    let is_exact = |text: &str| comparable(text.trim_start_matches('+')).is_some();
    if is_same && a != b && !(is_exact(a) && is_exact(b)) { None } else { Some(is_same) }
}

fn is_zero(number: f64) -> bool {
    matches!(number.classify(), std::num::FpCategory::Zero)
}

/// Whether the number is written without exponent and needless zeros.
fn plainly_written(text: &str) -> bool {
    let has_needless_zeros = text == "-0" || text.contains('.') && text.ends_with('0');
    !(has_needless_zeros || text.contains(['e', 'E']))
}

/// Whether the text is the wanted one, in which `*` stands for any characters. Taking the earliest place for every part
/// is always right, so the text is read once.
pub(super) fn like(wanted: &str, text: &str) -> bool {
    let mut parts = wanted.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(last) = parts.next_back() else { return wanted == text };
    let Some(rest) = text.strip_prefix(first) else { return false };
    let rest = parts.try_fold(rest, |rest, part| rest.find(part).map(|at| &rest[at + part.len()..]));
    rest.is_some_and(|rest| rest.ends_with(last))
}

/// Characters of a value without quotes. The guide allows letters, digits and `_`; the published patterns of the CIS
/// benchmark also have dots in them, numbers have signs, and `*` is the wildcard.
pub(super) fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*')
}
