//! Reading JSON text into a `Value`, refusing what a `Value` cannot hold.
//!
//! A `serde_json::Value` keeps one of two equal keys and turns long numbers into the nearest double, and AWS looks at
//! both. Rather than answer about another document, `read` says that it cannot. It also refuses text after the
//! document and lone surrogates, both of which AWS accepts. `parse` and `Pattern::matches` take what comes out.

use std::collections::HashSet;

use serde_json::Value;

use super::PatternError;

/// Reads the JSON text of a pattern or an event.
///
/// # Errors
/// [`PatternError::Invalid`] when it is no JSON, [`PatternError::Unsupported`] when it is, or may be to AWS, but a
/// [`Value`] cannot hold it.
pub fn read(text: &str) -> Result<Value, PatternError> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next().ok_or(PatternError::invalid("Filter is not an object"))?.map_err(|e| refusal(&e))?;
    let end = values.byte_offset();
    if !text[end..].trim_ascii().is_empty() {
        return Err(PatternError::unsupported("text after the JSON document"));
    }
    Scan::new(text).run()?;
    Ok(value)
}

/// `serde_json` is stricter than AWS in three places, which it tells apart only in its message.
fn refusal(error: &serde_json::Error) -> PatternError {
    let message = error.to_string();
    let stricter = ["number out of range", "surrogate", "hex escape", "recursion limit"];
    if stricter.iter().any(|part| message.contains(part)) {
        return PatternError::unsupported(message);
    }
    PatternError::invalid(message)
}

/// A pass over text that is known to be valid JSON.
struct Scan<'t> {
    rest: &'t str,
    /// The keys of every open object; an open array has none.
    open: Vec<HashSet<String>>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text, open: Vec::new() }
    }

    fn run(mut self) -> Result<(), PatternError> {
        while let Some(first) = self.rest.bytes().next() {
            match first {
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b'{' | b'[' => self.step(|open| open.push(HashSet::new())),
                b'}' | b']' => self.step(|open| drop(open.pop())),
                _ => self.step(|_| ()),
            }
        }
        Ok(())
    }

    /// One ASCII character: outside strings valid JSON has no other.
    fn step(&mut self, change: impl FnOnce(&mut Vec<HashSet<String>>)) {
        change(&mut self.open);
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn string(&mut self) -> Result<(), PatternError> {
        let (text, rest) = self.rest.split_at(string_end(self.rest));
        self.rest = rest;
        if !rest.trim_ascii_start().starts_with(':') {
            return Ok(());
        }
        let key: String = serde_json::from_str(text).map_err(|error| refusal(&error))?;
        match self.open.last_mut() {
            Some(keys) if keys.contains(&key) => Err(PatternError::unsupported(format!("the key {text} given twice"))),
            Some(keys) => {
                keys.insert(key);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn number(&mut self) -> Result<(), PatternError> {
        let numeric = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !numeric(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        if survives(text) {
            return Ok(());
        }
        Err(PatternError::unsupported(format!("the number {text}, which is more exact than a double")))
    }
}

/// Just after the closing quote of the string `text` begins with.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether the number is the same after passing through a `Value`.
fn survives(text: &str) -> bool {
    if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        return true;
    }
    let Ok(double) = text.parse::<f64>() else { return false };
    // serde_json rounds some long numbers to a neighbouring double.
    let same = serde_json::from_str::<f64>(text).is_ok_and(|read| read.to_bits() == double.to_bits());
    same && decimal(text).is_some_and(|exact| Some(exact) == decimal(&shortest(double)))
}

/// The number as AWS writes it; it uses two digits at least, which shows in the smallest number of all. The other
/// numbers that small are written in ways that do not survive here.
fn shortest(double: f64) -> String {
    if double.to_bits() == 1 {
        return "4.9e-324".to_owned();
    }
    if double.is_subnormal() { String::new() } else { format!("{double:e}") }
}

/// Sign, significant digits and the power of ten of the last of them; zero has no digits, sign or power.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some((false, String::new(), 0));
    }
    let dropped = i64::try_from(all.len() - all.trim_end_matches('0').len()).ok()?;
    let power = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
    Some((mantissa.starts_with('-'), digits.to_owned(), power))
}
