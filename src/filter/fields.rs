//! Patterns in brackets: the fields of a line between spaces, by their position.
//!
//! Text in double quotes or square brackets is one field. `...` stands for any number of fields, once. Whether a last
//! field without a condition also stands for several words is not documented.

use super::compare::{Comparison, Found};
use super::cursor::{Cursor, error_at};
use super::{Answer, FilterError};

/// The fields of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    before: Vec<Field>,
    /// The fields after `...`, if there is one.
    after: Option<Vec<Field>>,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    /// Alternatives, each of which is a list of comparisons that must all hold: `&&` binds tighter than `||`.
    any: Vec<Vec<Comparison>>,
}

/// Reads the whole pattern.
pub(super) fn parse(cursor: &mut Cursor) -> Result<Fields, FilterError> {
    cursor.take("[");
    let mut fields = Fields { before: Vec::new(), after: None };
    loop {
        cursor.peek();
        let begin = cursor.at();
        if cursor.take("...") {
            if fields.after.replace(Vec::new()).is_some() {
                return Err(error_at(begin..cursor.at(), "a second ellipsis", "at most one ..."));
            }
        } else {
            let field = field(cursor)?;
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        if cursor.take("]") {
            break;
        }
        if !cursor.take(",") {
            return Err(cursor.error("the field goes on after its end", "a comma, && or ||, or ]"));
        }
    }
    match cursor.peek() {
        None => Ok(fields),
        Some(_) => Err(cursor.error("there is something after the closing bracket", "nothing")),
    }
}

fn field(cursor: &mut Cursor) -> Result<Field, FilterError> {
    let name = name(cursor)?;
    let mut field = Field { name, any: Vec::new() };
    if matches!(cursor.peek(), None | Some(',' | ']')) {
        return Ok(field);
    }
    field.any.push(vec![Comparison::read(cursor, in_value)?]);
    loop {
        let is_or = cursor.take("||");
        if !is_or && !cursor.take("&&") {
            return Ok(field);
        }
        cursor.peek();
        let begin = cursor.at();
        let again = self::name(cursor)?;
        if again != field.name {
            let span = begin..begin + again.len();
            return Err(error_at(span, "a condition on another field", &format!("`{}`", field.name)));
        }
        let comparison = Comparison::read(cursor, in_value)?;
        match field.any.last_mut() {
            Some(all) if !is_or => all.push(comparison),
            _ => field.any.push(vec![comparison]),
        }
    }
}

fn name(cursor: &mut Cursor) -> Result<String, FilterError> {
    cursor.peek();
    let name = cursor.word(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if name.is_empty() {
        return Err(cursor.error("a field has no name", "a name of letters, digits, _ and -, or ..."));
    }
    Ok(name.to_owned())
}

/// Characters of a value without quotes.
fn in_value(c: char) -> bool {
    !(c.is_whitespace()
        || matches!(c, ',' | '[' | ']' | '(' | ')' | '"' | '%' | '&' | '|' | '=' | '<' | '>' | '!' | '\\'))
}

/// A field of a line: its text, and the text with the quotes or brackets around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word<'l> {
    inside: &'l str,
    whole: &'l str,
}

impl Fields {
    /// Whether a log line has such fields.
    pub(super) fn matches(&self, line: &str) -> Answer {
        let Some(words) = words(line) else {
            return Answer::Unknown(
                "how a quote or bracket inside of a word divides the line is not documented".into(),
            );
        };
        let wanted = self.before.len() + self.after.as_ref().map_or(0, Vec::len);
        let counts = || format!("{} fields found, the pattern has {wanted}", words.len());
        if words.len() < wanted {
            return Answer::DoesNot(counts());
        }
        let all = |fields: &[Field], words: &[Word]| {
            let pairs = fields.iter().zip(words);
            pairs.fold(Answer::Matches, |answer, (field, word)| answer.and(|| field.judge(*word)))
        };
        match &self.after {
            Some(after) => {
                let tail = &words[words.len() - after.len()..];
                all(&self.before, &words).and(|| all(after, tail))
            }
            None if words.len() == wanted => all(&self.before, &words),
            None if self.before.last().is_some_and(|last| last.any.is_empty()) => all(&self.before, &words).and(|| {
                Answer::Unknown("whether the last field stands for several words is not documented".to_owned())
            }),
            None => Answer::DoesNot(counts()),
        }
    }
}

impl Field {
    fn judge(&self, word: Word) -> Answer {
        if self.any.is_empty() {
            return Answer::Matches;
        }
        let one = |comparison: &Comparison| self.compare(comparison, word);
        let all = |all: &Vec<Comparison>| all.iter().fold(Answer::Matches, |answer, next| answer.and(|| one(next)));
        self.any.iter().fold(Answer::DoesNot(String::new()), |answer, next| answer.or(|| all(next)))
    }

    /// Whether quotes and brackets belong to the text they surround is not documented, so both readings are tried.
    fn compare(&self, comparison: &Comparison, word: Word) -> Answer {
        let answer = comparison.answer(&self.name, Found::Field(word.inside));
        if word.inside == word.whole {
            return answer;
        }
        match (answer, comparison.answer(&self.name, Found::Field(word.whole))) {
            (Answer::Matches, Answer::Matches) => Answer::Matches,
            (why @ Answer::DoesNot(_), Answer::DoesNot(_)) => why,
            _ => Answer::Unknown(format!(
                "{}: whether the quotes or brackets around {} belong to it is not documented",
                self.name, word.inside
            )),
        }
    }
}

/// The fields of a line; `None` when a quote or bracket does not stand at the ends of a word.
fn words(line: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let closing = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let (inside, whole) = if let Some(closing) = closing {
            let length = rest[1..].find(closing)?;
            (&rest[1..=length], &rest[..length + 2])
        } else {
            let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
            (word, word)
        };
        if closing.is_none() && word_is_odd(whole) || closing == Some(']') && inside.contains('[') {
            return None;
        }
        words.push(Word { inside, whole });
        rest = &rest[whole.len()..];
        if rest.starts_with(|c: char| !c.is_whitespace()) {
            return None;
        }
        rest = rest.trim_start();
    }
    Some(words)
}

fn word_is_odd(word: &str) -> bool {
    word.contains(['"', '[', ']'])
}
