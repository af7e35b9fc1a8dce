//! Values of a Sigma rule: text with wildcards, and what modifiers make of it.
//!
//! Source: Sigma specification 2.0.0, "String Wildcard" and "Escaping", and "Sigma Modifiers" 2.1.0
//! (github.com/SigmaHQ/sigma-specification). Neighbors: `selection` (reads them), `entries` (makes entries of a pattern).

use serde_json::{Number, Value};

/// One thing that a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SigmaValue {
    /// Text, in parts.
    Text {
        /// The parts, in order; two texts never follow each other.
        parts: Vec<TextPart>,
        /// Whether uppercase and lowercase letters differ.
        is_cased: bool,
    },
    /// Missing, or null.
    Null,
    /// There, or not there.
    Exists(bool),
    /// An address inside this block.
    Cidr(String),
    /// A number on this side of another: `<`, `<=`, `>`, `>=`.
    Compared(&'static str, Number),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextPart {
    /// These characters.
    Plain(String),
    /// Any characters, none included.
    Any,
    /// One character.
    One,
}

/// The scalar as text: Sigma compares everything as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The parts of a text with wildcards. A backslash takes their meaning from `*`, `?`, and another backslash, and is itself
/// in front of anything else.
pub(super) fn wildcards(text: &str) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => push(&mut parts, chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\')),
            '*' => any(&mut parts),
            '?' => parts.push(TextPart::One),
            c => push(&mut parts, c),
        }
    }
    parts
}

fn push(parts: &mut Vec<TextPart>, c: char) {
    match parts.last_mut() {
        Some(TextPart::Plain(text)) => text.push(c),
        _ => parts.push(TextPart::Plain(c.to_string())),
    }
}

/// Two stars are one.
fn any(parts: &mut Vec<TextPart>) {
    if parts.last() != Some(&TextPart::Any) {
        parts.push(TextPart::Any);
    }
}

/// The parts with any characters before them, after them, or both.
pub(super) fn around(mut parts: Vec<TextPart>, before: bool, after: bool) -> Vec<TextPart> {
    if before && parts.first() != Some(&TextPart::Any) {
        parts.insert(0, TextPart::Any);
    }
    if after {
        any(&mut parts);
    }
    parts
}

/// A regular expression that says no more than a text with wildcards does: literal characters, `.*`, and anchors. Without an
/// anchor it is looked for inside of the text.
///
/// # Errors
/// What it has beyond that.
pub(super) fn regular(text: &str) -> Result<Vec<TextPart>, String> {
    let (rest, is_start) = text.strip_prefix('^').map_or((text, false), |rest| (rest, true));
    let mut parts = Vec::new();
    let mut is_end = false;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' if chars.peek().is_none() => is_end = true,
            '.' if chars.next_if_eq(&'*').is_some() => any(&mut parts),
            '\\' => match chars.next() {
                Some(next) if next.is_ascii_punctuation() => push(&mut parts, next),
                next => return Err(format!("`\\{}`", next.map(String::from).unwrap_or_default())),
            },
            '.' | '^' | '$' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                return Err(format!("`{c}`"));
            }
            c => push(&mut parts, c),
        }
        // A quantifier is about the character before it.
        if let Some(quantifier) = chars.peek().filter(|next| matches!(next, '+' | '?' | '{' | '*')) {
            return Err(format!("`{quantifier}`"));
        }
    }
    Ok(around(parts, !is_start, !is_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> TextPart {
        TextPart::Plain(text.to_owned())
    }

    #[test]
    fn wildcards_and_backslashes_are_read_as_the_specification_says() {
        use TextPart::{Any, One};
        let cases: [(&str, Vec<TextPart>); 10] = [
            ("abc", vec![plain("abc")]),
            ("a*b?", vec![plain("a"), Any, plain("b"), One]),
            (r"a\*b", vec![plain("a*b")]),
            (r"a\\*b", vec![plain(r"a\"), Any, plain("b")]),
            (r"a\\\*b", vec![plain(r"a\*b")]),
            (r"C:\x", vec![plain(r"C:\x")]),
            (r"\\\\", vec![plain(r"\\")]),
            (r"a\", vec![plain(r"a\")]),
            ("**", vec![Any]),
            ("", vec![]),
        ];
        for (text, expected) in cases {
            assert_eq!(wildcards(text), expected, "{text}");
        }
        assert_eq!(around(vec![plain("x")], true, true), [Any, plain("x"), Any]);
        assert_eq!(around(vec![Any], true, true), [Any]);
    }

    #[test]
    fn a_regular_expression_is_read_where_it_is_a_text_with_wildcards() {
        use TextPart::Any;
        assert_eq!(regular(r"^arn:aws:iam::.*:role/x\.y$"), Ok(vec![plain("arn:aws:iam::"), Any, plain(":role/x.y")]));
        assert_eq!(regular("abc"), Ok(vec![Any, plain("abc"), Any]));
        assert_eq!(regular("^.*$"), Ok(vec![Any]));
        for text in
            [r"a\d", "a+", "(a)", "[ab]", "a|b", "ab?", "a.b", "a{2}", "a*", r"a\", "a^", "$a", ".*?", ".*+", "$$"]
        {
            assert!(regular(text).is_err(), "{text}");
        }
    }
}
