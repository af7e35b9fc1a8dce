//! Values as YAML that reads back as the very same value, whatever they hold.
//!
//! A word that can only be a word is plain, every other string in double quotes, with escapes for what a person could
//! not see or a parser could take for something else.

use serde_json::Value;

/// A value on one line.
#[must_use]
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, one)| format!("{}: {}", quoted(key), self::value(one))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        plain => plain.to_string(),
    }
}

/// A name: plain where it can only be a string.
#[must_use]
pub fn word(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let is_taken =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if is_word && !is_taken { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let escaped: String = text.chars().map(escaped).collect();
    format!("\"{escaped}\"")
}

/// A character between double quotes.
fn escaped(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        c if c == '\'' || is_seen(c) => c.to_string(),
        c if u32::from(c) <= 0xffff => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

/// A text as a comment: on one line, and everything in it can be seen.
#[must_use]
pub fn comment(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let seen: String = words.join(" ").chars().filter(|c| matches!(c, '"' | '\\' | '\'') || is_seen(*c)).collect();
    format!("# {seen}").trim_end().to_owned()
}

/// Whether the character shows as itself.
fn is_seen(c: char) -> bool {
    c.escape_debug().len() == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::document::Document;

    /// What a stack file with this value under this name holds.
    fn read(name: &str, written: &str, about: &str) -> Value {
        let text = format!("{}: {}  {}\nnext: 1\n", word(name), value(&json!(written)), comment(about));
        assert_eq!(text.lines().count(), 2, "{text}");
        Document::parse("t", &text).unwrap_or_else(|found| panic!("{text}\n{found:?}")).root.to_json()
    }

    #[test]
    fn hostile_texts_read_back() {
        let texts = [
            "",
            " ",
            "a: b",
            "*x",
            "&x",
            "- a",
            "!t",
            "| ",
            "%YAML 9",
            "---",
            "...",
            "#",
            "a #b",
            "\"",
            "'",
            "\\",
            "\\n",
            "${env:X}",
            "${",
            "}",
            "[",
            "{a: b}",
            "true",
            "null",
            "~",
            "No",
            "0123",
            "1e3",
            "a\nb: c\n- d",
            "\r\n",
            "\t",
            "\0",
            "\u{1b}[31m",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{202e}",
            "\u{e0001}",
            "\u{ffff}",
            "é€😀",
            "<<",
            "?",
        ];
        for text in texts {
            let expected = json!({ text: text, "next": 1 });
            assert_eq!(read(text, text, text), expected, "{text:?}");
        }
    }

    #[test]
    fn words_are_plain_and_nothing_is_hidden() {
        assert_eq!(word("security-alerts"), "security-alerts");
        for text in ["true", "Null", "123", "1e3", "-a", "", "a b", "a:"] {
            assert_eq!(word(text), format!("\"{text}\""));
        }
        assert_eq!(quoted("a\u{202e}b\u{e0001}"), "\"a\\u202eb\\U000e0001\"");
        assert_eq!(comment(" a\n b\u{1b}\u{202e} \"c\""), "# a b \"c\"");
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in any::<String>()) {
            prop_assert_eq!(&read("name", &text, &text)["name"], &json!(text));
        }

        #[test]
        fn any_value_reads_back(number in any::<f64>().prop_filter("JSON", |one| one.is_finite()), whole in any::<i64>()) {
            let list = json!([number, whole, true, null, { "a: b": ["*"] }]);
            let text = format!("a: {}", value(&list));
            prop_assert_eq!(&Document::parse("t", &text).expect("good").root.to_json()["a"], &list);
        }
    }
}
