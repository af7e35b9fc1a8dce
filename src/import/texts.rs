//! Texts of strangers, made fit for a blueprint: one line, no control characters, and nothing that a message reads as a
//! placeholder or a mention.

use crate::name::MAX_ID;
use crate::redact;

/// Longest line of guidance that a blueprint takes, in characters.
const MAX_LINE: usize = 600;

/// A text on one line of at most so many characters, and inert: `<name>` and `${…}` would be filled in, and Slack reads `<!…>`
/// as a mention.
pub(super) fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_plain = |c: &char| !c.is_control() && !is_invisible(*c);
    let inert = |c| match c {
        '<' => '(',
        '>' => ')',
        c => c,
    };
    let text: String = words.join(" ").chars().filter(is_plain).map(inert).collect();
    cut(&text.replace("${", "$ {"), most)
}

/// A line of guidance; nothing for an empty one.
pub(super) fn guidance(text: &str) -> Option<String> {
    Some(line(text, MAX_LINE)).filter(|line| !line.is_empty())
}

/// A text for the terminal and for reports: on one line, of a length that helps.
pub(super) fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let seen: String = words.join(" ").chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    redact::message(&cut(&seen, 1_000))
}

/// The name of a blueprint: what is left of a text when only lowercase letters, digits, and hyphens are.
pub(super) fn name(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        let length = name.len() + usize::from(!name.is_empty()) + word.len();
        if length > MAX_ID {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    // A name in AWS begins with it, and so with a letter.
    let name = if name.starts_with(|c: char| c.is_ascii_digit()) { format!("rule-{name}") } else { name };
    (!name.is_empty() && name.len() <= MAX_ID).then_some(name)
}

/// A URL that a blueprint can have as a reference.
pub(super) fn is_page(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\' | '`' | '|' | '{' | '}');
    text.chars().count() <= MAX_LINE && host.contains('.') && !host.contains('@') && rest.chars().all(is_plain)
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let front: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", front.trim_end())
}

/// Characters that show as nothing, or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
        | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
        | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_strangers_become_inert_lines() {
        let cases = [
            ("a\n  b\tc", "a b c"),
            ("<!channel> ${param:x} <user>", "(!channel) $ {param:x} (user)"),
            ("\u{202e}abc\u{1b}[31m", "abc[31m"),
            (
                "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
                "abcdefghijklmnopqrstuvwxyz0123456789abc…",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(line(text, 40), expected);
        }
        assert_eq!(guidance(" \n"), None);
    }

    #[test]
    fn names_are_made_of_what_names_take() {
        assert_eq!(name("AWS_Root Account.Usage").as_deref(), Some("aws-root-account-usage"));
        assert_eq!(name("../../etc/passwd").as_deref(), Some("etc-passwd"));
        assert_eq!(name("2 rules").as_deref(), Some("rule-2-rules"));
        assert_eq!(name("…"), None);
        assert_eq!(name(&"a".repeat(80)), None);
        assert!(name(&"word ".repeat(40)).is_some_and(|name| name.len() <= MAX_ID));
    }
}
