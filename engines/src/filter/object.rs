//! `{ … }`: conditions on the fields of a JSON message.
//!
//! Neighbors: `selector` finds the fields, `compare` compares, `expression` joins the conditions, `document` reads the
//! message.

use std::ops::Range;

use super::Judgment;
use super::compare::{Comparison, Operator};
use super::cursor::Cursor;
use super::document::{self, Unreadable};
use super::error::FilterError;
use super::expression::{self, Expression, Outcome};
use super::selector::{Of, Selector};
use super::truth::Truth;
use crate::json::Json;

/// How deep parentheses can be nested. Ours: AWS documents none, and 1,024 characters hold 500.
const MAX_DEPTH: usize = 64;

/// A JSON pattern.
#[derive(Clone, Debug)]
pub(super) struct Object {
    expression: Expression<JsonCondition>,
    span: Range<usize>,
}

#[derive(Clone, Debug)]
struct JsonCondition {
    selector: Selector,
    test: ObjectTest,
    span: Range<usize>,
}

#[derive(Clone, Debug)]
enum ObjectTest {
    Compare(Comparison),
    IsNull,
    Is(bool),
    NotExists,
}

/// Reads a pattern; the opening brace comes next.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Object, FilterError> {
    let start = cursor.at();
    cursor.eat("{");
    cursor.skip_space();
    let expression = expression::parse(cursor, &mut operand)?;
    cursor.expect("}", "the condition has ended here", "`&&`, `||` or `}`")?;
    Ok(Object { expression, span: start..cursor.at() })
}

/// A condition, or an expression in parentheses.
fn operand(cursor: &mut Cursor<'_>) -> Result<Expression<JsonCondition>, FilterError> {
    let start = cursor.at();
    if !cursor.eat("(") {
        return condition(cursor).map(Expression::One);
    }
    if cursor.depth == MAX_DEPTH {
        let message = format!("more than {MAX_DEPTH} nested parentheses are not supported");
        return Err(cursor.error_since(start, message).expected("fewer parentheses"));
    }
    cursor.depth += 1;
    cursor.skip_space();
    let expression = expression::parse(cursor, &mut operand)?;
    cursor.expect(")", "a parenthesis is still open here", "`&&`, `||` or `)`")?;
    cursor.depth -= 1;
    Ok(expression)
}

fn condition(cursor: &mut Cursor<'_>) -> Result<JsonCondition, FilterError> {
    let start = cursor.at();
    let selector = Selector::parse(cursor)?;
    cursor.skip_space();
    let test = match cursor.peek() {
        Some(c) if c.is_ascii_alphabetic() => keywords(cursor)?,
        _ => ObjectTest::Compare(Comparison::parse(cursor)?),
    };
    let condition = JsonCondition { selector, test, span: start..cursor.at() };
    if let Some(reason) = condition.doubt() {
        cursor.doubt(condition.span.clone(), reason);
    }
    Ok(condition)
}

/// The guide writes these in capitals and says that `IS NOT` and `EXISTS` are not supported; nothing else is accepted.
fn keywords(cursor: &mut Cursor<'_>) -> Result<ObjectTest, FilterError> {
    let start = cursor.at();
    let first = cursor.take_while(|c| c.is_ascii_alphabetic());
    let after_first = cursor.at();
    cursor.skip_space();
    let test = match (first, cursor.take_while(|c| c.is_ascii_alphabetic())) {
        ("IS", "NULL") => ObjectTest::IsNull,
        ("IS", "TRUE") => ObjectTest::Is(true),
        ("IS", "FALSE") => ObjectTest::Is(false),
        ("NOT", "EXISTS") => ObjectTest::NotExists,
        (_, second) => {
            let end = if second.is_empty() { after_first } else { cursor.at() };
            let words = &cursor.since(start)[..end - start];
            let error = FilterError::new(format!("`{words}` is not an operator"), start..end);
            return Err(error.expected("`IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, or `=` and the like"));
        }
    };
    Ok(test)
}

impl JsonCondition {
    /// What AWS does not document of this condition, whatever the message.
    fn doubt(&self) -> Option<String> {
        let field = self.selector.text();
        match &self.test {
            ObjectTest::Compare(comparison) if comparison.operator == Operator::NotEqual => {
                Some(format!("what `!=` says when {field} is absent or null is not documented"))
            }
            ObjectTest::NotExists if self.selector.has_wildcard() => {
                Some(format!("what `NOT EXISTS` asks of the several values of {field} is not documented"))
            }
            _ => None,
        }
    }

    fn judge(&self, message: &Json) -> Truth {
        let of = match &self.test {
            ObjectTest::NotExists => Of::Undocumented,
            ObjectTest::Compare(comparison) if comparison.operator == Operator::NotEqual => Of::Undocumented,
            _ => Of::Any,
        };
        self.selector.judge(message, of, &|found| match &self.test {
            ObjectTest::Compare(comparison) => comparison.judge(found),
            ObjectTest::IsNull => matches!(found, Some(Json::Null)).into(),
            ObjectTest::Is(wanted) => matches!(found, Some(Json::Bool(found)) if found == wanted).into(),
            ObjectTest::NotExists => found.is_none().into(),
        })
    }

    fn wanted(&self) -> String {
        match &self.test {
            ObjectTest::Compare(comparison) => comparison.shown(),
            ObjectTest::IsNull => "IS NULL".to_owned(),
            ObjectTest::Is(true) => "IS TRUE".to_owned(),
            ObjectTest::Is(false) => "IS FALSE".to_owned(),
            ObjectTest::NotExists => "NOT EXISTS".to_owned(),
        }
    }
}

impl Object {
    pub(super) fn matches(&self, message: &str) -> Judgment {
        let message = match document::read(message) {
            Ok(message) => message,
            Err(Unreadable::NotAnObject) => return Judgment::does_not("the message is not a JSON object"),
            Err(Unreadable::Disputed(reason)) => return Judgment::unknown(reason, &self.span),
        };
        match self.expression.judge(&mut |condition| condition.judge(&message)) {
            Outcome::Holds => Judgment::Matches,
            Outcome::Fails(condition) => {
                let found = condition.selector.found(&message);
                Judgment::does_not(format!(
                    "{}: expected {}, found {found}",
                    condition.selector.text(),
                    condition.wanted()
                ))
            }
            Outcome::Open(condition, reason) => {
                // The value is not shown: this is printed, and log lines may hold anything.
                Judgment::unknown(format!("{}: {reason}", condition.selector.text()), &condition.span)
            }
        }
    }
}
