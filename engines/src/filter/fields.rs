//! `[ … ]`: conditions on the words of a line, by position.
//!
//! Neighbors: `split` makes words of a line, `compare` and `expression` are the conditions.

use std::ops::Range;

use super::Judgment;
use super::compare::Comparison;
use super::cursor::Cursor;
use super::error::FilterError;
use super::expression::{self, Expression, Outcome};
use super::selector::shortened;
use super::split::{self, Separator};

const LAST_BARE: &str = "whether a last field without a condition can also match several words is not documented";
const SPACES: &str = "whether several spaces, or other white space, separate words as one space does is not documented";

/// A space-delimited pattern.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// Those before `...`, or all.
    before: Vec<Column>,
    /// Those after `...`, where there is one.
    after: Option<Vec<Column>>,
    span: Range<usize>,
}

#[derive(Clone, Debug)]
struct Column {
    condition: Option<Expression<ColumnCondition>>,
    /// Where its name is.
    span: Range<usize>,
}

#[derive(Clone, Debug)]
struct ColumnCondition {
    name: String,
    comparison: Comparison,
    span: Range<usize>,
}

/// Reads a pattern; the opening bracket comes next.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Fields, FilterError> {
    let start = cursor.at();
    cursor.eat("[");
    let mut fields = Fields { before: Vec::new(), after: None, span: start..start };
    loop {
        cursor.skip_space();
        fields.read_one(cursor)?;
        cursor.skip_space();
        if cursor.eat("]") {
            break;
        }
        cursor.expect(",", "the field has ended here", "`,` or `]`")?;
    }
    fields.span.end = cursor.at();
    if let (None, Some(Column { condition: None, span, .. })) = (&fields.after, fields.before.last()) {
        cursor.doubt(span.clone(), LAST_BARE);
    }
    Ok(fields)
}

impl Fields {
    fn read_one(&mut self, cursor: &mut Cursor<'_>) -> Result<(), FilterError> {
        let start = cursor.at();
        if cursor.eat("...") {
            if self.after.replace(Vec::new()).is_some() {
                return Err(cursor.error_since(start, "`...` is allowed only once").expected("the name of a field"));
            }
            return Ok(());
        }
        let field = field(cursor)?;
        self.after.as_mut().unwrap_or(&mut self.before).push(field);
        Ok(())
    }
}

fn field(cursor: &mut Cursor<'_>) -> Result<Column, FilterError> {
    let start = cursor.at();
    let name = parse_name(cursor)?;
    let span = start..cursor.at();
    cursor.skip_space();
    if matches!(cursor.peek(), Some(',' | ']') | None) {
        return Ok(Column { condition: None, span });
    }
    // The first condition begins with the name just read.
    cursor.rewind(start);
    let condition = expression::parse(cursor, &mut |cursor| condition(cursor, name).map(Expression::One))?;
    Ok(Column { condition: Some(condition), span })
}

fn condition(cursor: &mut Cursor<'_>, field: &str) -> Result<ColumnCondition, FilterError> {
    let start = cursor.at();
    let name = parse_name(cursor)?;
    if name != field {
        let message = format!("a condition on `{name}` is in the field `{field}`");
        return Err(cursor.error_since(start, message).expected(format!("`{field}`")));
    }
    cursor.skip_space();
    let comparison = Comparison::parse(cursor)?;
    Ok(ColumnCondition { name: name.to_owned(), comparison, span: start..cursor.at() })
}

fn parse_name<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, FilterError> {
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if name.is_empty() {
        let expected = "a name of letters, digits, `_` and `-`, or `...`";
        return Err(cursor.error("the name of a field is missing").expected(expected));
    }
    Ok(name)
}

impl Fields {
    pub(super) fn matches(&self, message: &str) -> Judgment {
        let split = |separator| split::words(message, separator);
        match (split(Separator::OneSpace), split(Separator::Run)) {
            (Err(reason), _) | (_, Err(reason)) => Judgment::unknown(reason, &self.span),
            (Ok(words), Ok(others)) if words == others => self.judge(&words),
            (Ok(words), Ok(others)) => match (self.judge(&words), self.judge(&others)) {
                (Judgment::Matches, Judgment::Matches) => Judgment::Matches,
                (Judgment::DoesNot(_), answer @ Judgment::DoesNot(_)) => answer,
                _ => Judgment::unknown(SPACES, &self.span),
            },
        }
    }

    fn judge(&self, words: &[&str]) -> Judgment {
        let after = self.after.as_deref().unwrap_or_default();
        let wanted = self.before.len() + after.len();
        if words.len() < wanted || words.len() > wanted && self.after.is_none() {
            return self.judge_excess(words).unwrap_or_else(|| self.wrong_count(words.len(), wanted));
        }
        let tail = &words[words.len() - after.len()..];
        judge_each(self.before.iter().zip(words).chain(after.iter().zip(tail)))
    }

    /// More words than fields, and a last field that may represent several.
    fn judge_excess(&self, words: &[&str]) -> Option<Judgment> {
        let (last, first) = self.before.split_last()?;
        let bare = self.after.is_none() && last.condition.is_none() && words.len() > self.before.len();
        bare.then(|| match judge_each(first.iter().zip(words)) {
            Judgment::Matches => Judgment::unknown(LAST_BARE, &last.span),
            stopped => stopped,
        })
    }

    fn wrong_count(&self, found: usize, wanted: usize) -> Judgment {
        let found = if found == 1 { "1 field".to_owned() } else { format!("{found} fields") };
        let least = if self.after.is_some() { "at least " } else { "" };
        Judgment::does_not(format!("{found} found, the pattern has {least}{wanted}"))
    }
}

/// Whether every word is as its field wants it.
fn judge_each<'a>(pairs: impl Iterator<Item = (&'a Column, &'a &'a str)>) -> Judgment {
    let mut unknown = None;
    for (field, word) in pairs {
        let Some(expression) = &field.condition else { continue };
        match expression.judge(&mut |condition| condition.comparison.judge_word(word)) {
            Outcome::Holds => {}
            Outcome::Fails(condition) => {
                let wanted = condition.comparison.shown();
                return Judgment::does_not(format!(
                    "{}: expected {wanted}, found {:?}",
                    condition.name,
                    shortened(word)
                ));
            }
            Outcome::Open(condition, reason) => {
                let reason = || Judgment::unknown(format!("{}: {reason}", condition.name), &condition.span);
                unknown = unknown.or_else(|| Some(reason()));
            }
        }
    }
    unknown.unwrap_or(Judgment::Matches)
}
