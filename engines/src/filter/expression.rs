//! Conditions joined with `&&` and `||`; `&&` binds tighter.
//!
//! Neighbors: `object` and `fields` say what a condition is and how to test one; `truth` is the logic.

use super::cursor::Cursor;
use super::error::FilterError;
use super::truth::Truth;

/// Conditions of kind `C`, joined.
#[derive(Clone, Debug)]
pub(super) enum Expression<C> {
    One(C),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// What an expression comes to, with the condition that decides.
#[derive(Debug)]
pub(super) enum Outcome<'a, C> {
    Holds,
    /// The first condition that stops it.
    Fails(&'a C),
    /// The first condition that is unknown, and why it is.
    Open(&'a C, &'static str),
}

/// Reads one operand.
type Operand<'o, C> = &'o mut dyn FnMut(&mut Cursor<'_>) -> Result<Expression<C>, FilterError>;

/// Reads operands joined with `||` and `&&`.
pub(super) fn parse<C>(cursor: &mut Cursor<'_>, operand: Operand<'_, C>) -> Result<Expression<C>, FilterError> {
    let alternatives =
        joined(cursor, "||", &mut |cursor| Ok(one_or(joined(cursor, "&&", &mut *operand)?, Expression::All)))?;
    Ok(one_or(alternatives, Expression::Any))
}

fn joined<C>(
    cursor: &mut Cursor<'_>,
    operator: &str,
    operand: Operand<'_, C>,
) -> Result<Vec<Expression<C>>, FilterError> {
    let mut operands = vec![operand(cursor)?];
    cursor.skip_space();
    while cursor.eat(operator) {
        cursor.skip_space();
        operands.push(operand(cursor)?);
        cursor.skip_space();
    }
    Ok(operands)
}

/// A list of one is its only member.
fn one_or<C>(mut operands: Vec<Expression<C>>, list: fn(Vec<Expression<C>>) -> Expression<C>) -> Expression<C> {
    if operands.len() == 1 { operands.swap_remove(0) } else { list(operands) }
}

impl<C> Expression<C> {
    /// Judges the expression, asking `test` of as few conditions as decide it.
    pub(super) fn judge(&self, test: &mut dyn FnMut(&C) -> Truth) -> Outcome<'_, C> {
        match self {
            Self::One(condition) => match test(condition) {
                Truth::Yes => Outcome::Holds,
                Truth::No => Outcome::Fails(condition),
                Truth::Unknown(reason) => Outcome::Open(condition, reason),
            },
            Self::All(operands) => all(operands, test),
            Self::Any(operands) => any(operands, test),
        }
    }
}

fn all<'a, C>(operands: &'a [Expression<C>], test: &mut dyn FnMut(&C) -> Truth) -> Outcome<'a, C> {
    let mut open = None;
    for operand in operands {
        match operand.judge(test) {
            Outcome::Holds => {}
            Outcome::Fails(condition) => return Outcome::Fails(condition),
            Outcome::Open(condition, reason) => open = open.or(Some((condition, reason))),
        }
    }
    open.map_or(Outcome::Holds, |(condition, reason)| Outcome::Open(condition, reason))
}

fn any<'a, C>(operands: &'a [Expression<C>], test: &mut dyn FnMut(&C) -> Truth) -> Outcome<'a, C> {
    let (mut open, mut fails) = (None, None);
    for operand in operands {
        match operand.judge(test) {
            Outcome::Holds => return Outcome::Holds,
            Outcome::Fails(condition) => fails = fails.or(Some(condition)),
            Outcome::Open(condition, reason) => open = open.or(Some((condition, reason))),
        }
    }
    match (open, fails) {
        (Some((condition, reason)), _) => Outcome::Open(condition, reason),
        (None, Some(condition)) => Outcome::Fails(condition),
        (None, None) => Outcome::Holds,
    }
}
