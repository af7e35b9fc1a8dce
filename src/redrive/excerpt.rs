//! The beginning of what is in a letter, to be shown: on one line, bounded, and free of what looks like a secret.

use super::Content;
use crate::redact;

/// As long as a line or two.
const MOST: usize = 200;

/// The beginning of any text.
pub(super) fn of(text: &str) -> String {
    // What is a secret is told by its whole length.
    let shown = redact::message(text);
    let mut words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(MOST) {
        words.truncate(end);
        words.push('\u{2026}');
    }
    words
}

/// The text of a message; of anything else the body as it is.
pub(super) fn of_letter(content: &Content, body: &str) -> String {
    match content {
        Content::Message(message) => of(message["text"].as_str().unwrap_or_default()),
        _ => of(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_short_on_one_line_and_without_secrets() {
        let hook = format!("https://hooks.slack.com/services/T/B/{}", "a".repeat(24));
        let shown = of(&format!("a\nb {hook} {}", "\u{e9}".repeat(500)));
        assert!(shown.starts_with("a b https://hooks.slack.com/***"), "{shown}");
        assert!(shown.chars().count() == MOST + 1 && shown.ends_with('\u{2026}'), "{shown}");
    }
}
