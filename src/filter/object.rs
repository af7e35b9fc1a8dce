//! Patterns in braces: conditions on the fields of a log line that is a JSON object.
//!
//! `( )` binds tighter than `&&`, and `&&` tighter than `||`. A selector that lands on a list or an object does not match;
//! what `!=` says of a field that is not there is not documented.

use super::compare::{Comparison, Found, Operator, Wanted, in_word};
use super::cursor::{Cursor, error_at};
use super::{Answer, FilterError};
use crate::json::{self, Json};

/// How deep parentheses may nest; bounds the recursion.
const MAX_DEPTH: usize = 64;

/// A condition, or conditions joined.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    One(Condition),
}

#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// As written, for reasons.
    selector: String,
    steps: Vec<Step>,
    test: Test,
}

#[derive(Clone, Debug)]
enum Step {
    Name(String),
    Index(usize),
}

#[derive(Clone, Debug)]
enum Test {
    Compare(Comparison),
    /// `null`, `true` or `false`.
    Is(Json),
    NotExists,
}

/// Reads the whole pattern.
pub(super) fn parse(cursor: &mut Cursor) -> Result<Expression, FilterError> {
    cursor.take("{");
    let expression = any(cursor, 0)?;
    if !cursor.take("}") {
        return Err(cursor.error("the expression goes on after its end", "&&, || or }"));
    }
    match cursor.peek() {
        None => Ok(expression),
        Some(_) => Err(cursor.error("there is something after the closing brace", "nothing")),
    }
}

fn any(cursor: &mut Cursor, depth: usize) -> Result<Expression, FilterError> {
    joined(cursor, "||", |cursor| joined(cursor, "&&", |cursor| one(cursor, depth), Expression::All), Expression::Any)
}

fn joined(
    cursor: &mut Cursor,
    sign: &str,
    read: impl Fn(&mut Cursor) -> Result<Expression, FilterError>,
    join: fn(Vec<Expression>) -> Expression,
) -> Result<Expression, FilterError> {
    let first = read(cursor)?;
    let mut parts = vec![first];
    while cursor.take(sign) {
        parts.push(read(cursor)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
}

fn one(cursor: &mut Cursor, depth: usize) -> Result<Expression, FilterError> {
    if cursor.peek() != Some('(') {
        return condition(cursor).map(Expression::One);
    }
    if depth == MAX_DEPTH {
        return Err(cursor.error("the parentheses are nested too deep", &format!("at most {MAX_DEPTH} levels")));
    }
    let begin = cursor.at();
    cursor.take("(");
    let inside = any(cursor, depth + 1)?;
    if cursor.take(")") {
        return Ok(inside);
    }
    let mut error = cursor.error("this is not closed", "&&, || or )");
    if cursor.peek().is_none() || cursor.here() == Some('}') {
        error.span = begin..begin + 1;
        error.message = "this parenthesis is not closed".into();
    }
    Err(error)
}

fn condition(cursor: &mut Cursor) -> Result<Condition, FilterError> {
    cursor.peek();
    let begin = cursor.at();
    let steps = steps(cursor)?;
    let selector = cursor.since(begin).to_owned();
    let test = match cursor.peek() {
        Some('I' | 'i' | 'N' | 'n' | 'E' | 'e') => keyword(cursor)?,
        _ => Test::Compare(comparison(cursor)?),
    };
    Ok(Condition { selector, steps, test })
}

fn comparison(cursor: &mut Cursor) -> Result<Comparison, FilterError> {
    let begin = cursor.at();
    let comparison = Comparison::read(cursor, in_value)?;
    match &comparison.wanted {
        Wanted::Word(word, None) if word.contains(['+', '-']) => {
            let span = begin + cursor.since(begin).len() - word.len()..cursor.at();
            Err(error_at(span, "this value has other characters than letters, digits and _", &format!("\"{word}\"")))
        }
        _ => Ok(comparison),
    }
}

/// Words, and numbers with their signs; which of the two it is, is seen when it has been read.
fn in_value(c: char) -> bool {
    in_word(c) || matches!(c, '+' | '-')
}

fn keyword(cursor: &mut Cursor) -> Result<Test, FilterError> {
    let begin = cursor.at();
    let mut words = Vec::new();
    for _ in 0..2 {
        cursor.peek();
        words.push(cursor.word(|c| c.is_ascii_alphabetic()));
    }
    match words.as_slice() {
        ["IS", "NULL"] => Ok(Test::Is(Json::Null)),
        ["IS", "TRUE"] => Ok(Test::Is(Json::Bool(true))),
        ["IS", "FALSE"] => Ok(Test::Is(Json::Bool(false))),
        ["NOT", "EXISTS"] => Ok(Test::NotExists),
        _ => {
            let span = begin..begin + cursor.since(begin).trim_end().len();
            let expected = "IS NULL, IS TRUE, IS FALSE, NOT EXISTS (in capitals; there is no EXISTS and no IS NOT), or \
                            an operator";
            Err(error_at(span, "this is no test of a field", expected))
        }
    }
}

fn steps(cursor: &mut Cursor) -> Result<Vec<Step>, FilterError> {
    if !cursor.take("$") {
        return Err(cursor.error("a condition begins with a selector", "a selector such as $.eventName"));
    }
    let mut steps = Vec::new();
    loop {
        match cursor.here() {
            Some('.') => steps.push(name(cursor)?),
            Some('[') => steps.push(index(cursor)?),
            _ if steps.is_empty() => return Err(cursor.error("the selector names no field", "$.name")),
            _ => return Ok(steps),
        }
    }
}

fn name(cursor: &mut Cursor) -> Result<Step, FilterError> {
    cursor.take(".");
    let name = cursor.word(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if name.is_empty() {
        let at = cursor.at();
        let length = cursor.here().map_or(0, char::len_utf8);
        return Err(error_at(at..at + length, "this is no name of a field", "letters, digits, - and _"));
    }
    Ok(Step::Name(name.to_owned()))
}

fn index(cursor: &mut Cursor) -> Result<Step, FilterError> {
    let begin = cursor.at();
    cursor.take("[");
    let index = cursor.word(|c| c.is_ascii_digit()).parse();
    let closed = cursor.here() == Some(']') && cursor.take("]");
    match index {
        Ok(index) if closed => Ok(Step::Index(index)),
        _ => {
            let end = cursor.at().max(begin + 1);
            Err(error_at(begin..end, "this is no index of a list", "a number from 0 between brackets"))
        }
    }
}

impl Expression {
    /// Whether a log line fulfils it.
    pub(super) fn matches(&self, line: &str) -> Answer {
        let not_json = || Answer::DoesNot("the line is no JSON object".to_owned());
        if !line.trim_start().starts_with('{') {
            return not_json();
        }
        match json::read(line) {
            Ok(document) if line[document.end..].trim().is_empty() => self.judge(&document.json),
            Err(error) if error.is_too_deep() => {
                Answer::Unknown("the line is nested deeper than this engine reads".to_owned())
            }
            _ => not_json(),
        }
    }

    fn judge(&self, line: &Json) -> Answer {
        match self {
            Self::One(condition) => condition.judge(line),
            Self::All(parts) => parts.iter().fold(Answer::Matches, |answer, part| answer.and(|| part.judge(line))),
            Self::Any(parts) => {
                let none = Answer::DoesNot(String::new());
                match parts.iter().fold(none, |answer, part| answer.or(|| part.judge(line))) {
                    Answer::DoesNot(why) => {
                        Answer::DoesNot(format!("none of {} alternatives holds; the last: {why}", parts.len()))
                    }
                    answer => answer,
                }
            }
        }
    }
}

/// What a selector finds.
enum Place<'j> {
    Value(&'j Json),
    Nothing,
    /// A name on the way stands twice.
    Ambiguous,
}

impl Condition {
    fn judge(&self, line: &Json) -> Answer {
        let name = self.selector.as_str();
        let value = match find(line, &self.steps) {
            Place::Ambiguous => {
                return Answer::Unknown(format!("{name}: which of two equal names counts is not documented"));
            }
            Place::Nothing => None,
            Place::Value(value) => Some(value),
        };
        match (&self.test, value) {
            (Test::NotExists, None) => Answer::Matches,
            (Test::NotExists, Some(_)) => Answer::DoesNot(format!("{name}: exists")),
            (Test::Is(wanted), Some(value)) if value == wanted => Answer::Matches,
            (Test::Is(wanted), value) => {
                let found = value.map_or_else(|| "no value".to_owned(), Json::to_string);
                Answer::DoesNot(format!("{name}: wanted {wanted}, found {found}"))
            }
            (Test::Compare(comparison), Some(value)) => compare(name, comparison, value),
            (Test::Compare(comparison), None) if comparison.operator == Operator::NotEqual => {
                Answer::Unknown(format!("{name}: what != says of a field that is not there is not documented"))
            }
            (Test::Compare(comparison), None) => {
                Answer::DoesNot(format!("{name}: wanted {}, found no value", comparison.text))
            }
        }
    }
}

fn compare(name: &str, comparison: &Comparison, value: &Json) -> Answer {
    let found = match value {
        Json::String(text) => Found::Text(text),
        Json::Number(text) => Found::Number(text),
        Json::Bool(true) => Found::Literal("true"),
        Json::Bool(false) => Found::Literal("false"),
        Json::Null if comparison.operator == Operator::NotEqual => {
            return Answer::Unknown(format!("{name}: what != says of null is not documented"));
        }
        Json::Null => Found::Literal("null"),
        Json::Array(_) | Json::Object(_) | Json::Broken(_) => {
            return Answer::DoesNot(format!("{name}: is a list or an object, which never matches"));
        }
    };
    comparison.answer(name, found)
}

fn find<'j>(mut value: &'j Json, steps: &[Step]) -> Place<'j> {
    for step in steps {
        let next = match (step, value) {
            (Step::Name(name), Json::Object(fields)) => {
                let mut named = fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
                let first = named.next();
                if named.next().is_some() {
                    return Place::Ambiguous;
                }
                first
            }
            (Step::Index(index), Json::Array(items)) => items.get(*index),
            _ => None,
        };
        let Some(next) = next else { return Place::Nothing };
        value = next;
    }
    Place::Value(value)
}
