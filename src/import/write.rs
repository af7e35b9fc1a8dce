//! A blueprint as YAML over several lines, as a person would write it. Neighbor: `document::write`, which writes values.

use serde_json::{Map, Value};

use crate::document::write::{quoted, value, word};

/// Longest line, where a text can be broken.
const WIDTH: usize = 118;

/// An object as the lines of a file.
pub(super) fn file(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    object(fields, 0, &mut text);
    text
}

fn object(fields: &Map<String, Value>, depth: usize, text: &mut String) {
    for (key, one) in fields {
        indent(depth, text);
        text.push_str(&word(key));
        text.push(':');
        block(one, depth, text);
    }
}

/// What follows a key.
fn block(one: &Value, depth: usize, text: &mut String) {
    let line = flat(one);
    match one {
        Value::Object(fields) if !fields.is_empty() && (depth < 2 || depth * 2 + line.len() > WIDTH / 2) => {
            text.push('\n');
            object(fields, depth + 1, text);
        }
        Value::Array(items) if !items.is_empty() && depth * 2 + line.len() > WIDTH / 2 => {
            text.push('\n');
            for item in items {
                entry(item, depth + 1, text);
            }
        }
        Value::String(words) => {
            text.push(' ');
            text.push_str(&scalar(words, column(text), depth));
            text.push('\n');
        }
        _ => {
            text.push(' ');
            text.push_str(&line);
            text.push('\n');
        }
    }
}

/// An entry of a list.
fn entry(item: &Value, depth: usize, text: &mut String) {
    indent(depth, text);
    text.push_str("- ");
    match item {
        Value::Object(fields) if !fields.is_empty() && depth * 2 + flat(item).len() > WIDTH / 2 => {
            let mut inner = String::new();
            object(fields, depth + 1, &mut inner);
            text.push_str(inner.trim_start());
        }
        Value::String(words) => {
            text.push_str(&scalar(words, column(text), depth));
            text.push('\n');
        }
        _ => {
            text.push_str(&flat(item));
            text.push('\n');
        }
    }
}

/// A value on one line.
fn flat(one: &Value) -> String {
    match one {
        Value::String(text) => plain(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) if !fields.is_empty() => {
            let entries: Vec<String> =
                fields.iter().map(|(key, one)| format!("{}: {}", word(key), flat(one))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        one => value(one),
    }
}

/// A text without quotes where it can only be a text: words that begin with a letter.
fn plain(text: &str) -> String {
    let is_one = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
            && !word.is_empty()
    };
    let first = text.split(' ').next().unwrap_or_default();
    let is_text = text.split(' ').all(is_one)
        && (word(first) == first && !first.is_empty() && text.contains(' ') || word(text) == text || is_name(text));
    if is_text { text.to_owned() } else { quoted(text) }
}

/// A name with periods, such as `iam.amazonaws.com`.
fn is_name(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.contains('.') && text.split('.').all(is_part)
}

/// How much of the last line is taken.
fn column(text: &str) -> usize {
    text.rsplit('\n').next().map_or(0, str::len)
}

/// A text that begins at a column, over several lines where it is long: between double quotes, a line break is a space.
fn scalar(text: &str, column: usize, depth: usize) -> String {
    let line = plain(text);
    let is_breakable = text.split(' ').all(|word| !word.is_empty());
    if column + line.len() <= WIDTH || !is_breakable {
        return line;
    }
    let indent = "  ".repeat(depth + 1);
    let (mut broken, mut width) = (String::new(), column);
    for word in quoted(text).split(' ') {
        if broken.is_empty() {
            width += word.len();
        } else if width + 1 + word.len() > WIDTH {
            broken.push('\n');
            broken.push_str(&indent);
            width = indent.len() + word.len();
        } else {
            broken.push(' ');
            width += 1 + word.len();
        }
        broken.push_str(word);
    }
    broken
}

fn indent(depth: usize, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::document::Document;

    fn read(fields: &Value) -> Value {
        let text = file(fields.as_object().expect("an object"));
        Document::parse("t", &text).unwrap_or_else(|found| panic!("{text}\n{found:?}")).root.to_json()
    }

    #[test]
    fn what_is_written_reads_back_and_long_texts_are_broken() {
        let long = "word with a: colon ".repeat(30).trim_end().to_owned();
        let value = json!({
            "title": "Root signed in", "description": long, "techniques": ["T1078", "T1562.008"], "empty": [], "none": {},
            "alert": { "pattern": { "source": ["aws.iam"], "detail": { "$or": [{ "a": [{ "prefix": "x" }] }, { "b": [1, true, null] }] } } },
            "tests": [{ "name": "a: b", "record": { "eventName": "No", "long": long } }],
        });
        let text = file(value.as_object().expect("an object"));
        assert_eq!(read(&value), value, "{text}");
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert!(text.contains("title: Root signed in\n") && text.contains("source: [aws.iam]"), "{text}");
    }

    proptest! {
        #[test]
        fn any_text_reads_back(key in "[a-z]{1,5}", text in any::<String>(), words in "([a-zA-Z0-9:#.*-]{1,8} ){20,40}") {
            let value = json!({ key: { "a": text, "b": [text, { "c": words }], "d": words } });
            prop_assert_eq!(read(&value), value);
        }
    }
}
