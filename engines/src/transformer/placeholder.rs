//! Finding the `<name>`s of a template and whether each is inside a JSON string.
//!
//! Only letters, digits, `_`, `-` and `.` between `<` and `>` make a name; every other `<`, as in Slack's
//! `<https://example.com|text>`, is a character like any other. Inside a string a backslash hides the next character,
//! so `\"` does not end it. Neighbors: `transformer` resolves the names, `body` replaces them.

use std::ops::Range;

/// A `<name>` in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// The name, without the brackets.
    pub name: String,
    /// The bytes of the template it takes, brackets included.
    pub range: Range<usize>,
    /// Whether it is inside a JSON string.
    pub quoted: bool,
}

/// Every placeholder of the template, in order.
#[must_use]
pub fn placeholders(template: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let mut quoted = false;
    let mut at = 0;
    let bytes = template.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            // Skips a byte that may begin a longer character; its other bytes are none of those looked for.
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'<' => {
                if let Some(name) = name_at(&template[at + 1..]) {
                    let end = at + name.len() + 2;
                    found.push(Placeholder { name: name.to_owned(), range: at..end, quoted });
                    at = end - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The name between a `<` and its `>`.
fn name_at(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
    (end > 0 && rest[end..].starts_with('>')).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, first byte, quoted.
    type Found = &'static [(&'static str, usize, bool)];

    #[test]
    fn finds_names_and_quotes() {
        let cases: [(&str, Found); 9] = [
            (r#"{"a": <b>}"#, &[("b", 6, false)]),
            (r#"{"a": "<b>"}"#, &[("b", 7, true)]),
            (r#"{"a": "\"<b>"}"#, &[("b", 9, true)]),
            (r#"{"a": "\\", "c": <b>}"#, &[("b", 17, false)]),
            ("<aws.events.event.json>", &[("aws.events.event.json", 0, false)]),
            ("\"a < b <c> é<d>\"", &[("c", 7, true), ("d", 13, true)]),
            ("<https://example.com|x>", &[]),
            ("<<a>", &[("a", 1, false)]),
            ("< a> <> <a", &[]),
        ];
        for (template, expected) in cases {
            let found = placeholders(template);
            let got: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.range.start, p.quoted)).collect();
            assert_eq!(got, expected, "{template}");
            assert!(found.iter().all(|p| template[p.range.clone()] == format!("<{}>", p.name)), "{template}");
        }
    }
}
