//! Text and addresses from a message made harmless: nothing that is invisible, moves other text or ends a sequence.
//!
//! An alert quotes what an attacker may have chosen, such as a role's name. A preview that hid part of it, or let it
//! redraw the screen, would be worse than none.

use crate::render::style::is_hidden;

/// Stands in for a character that must not be shown raw.
const PLACEHOLDER: char = '\u{fffd}';
/// As wide as a tab is shown.
const TAB: &str = "    ";
/// Asks for the coloured form of the symbol before it.
const EMOJI_FORM: char = '\u{fe0f}';

/// The text with a placeholder for every character that is invisible or changes the direction; lines stay.
pub(super) fn visible(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', TAB);
    let mut before = PLACEHOLDER;
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let keep = c == '\n' || !is_hidden(c) || (c == EMOJI_FORM && symbol(before));
        shown.push(if keep { c } else { PLACEHOLDER });
        before = c;
    }
    shown
}

/// The text for a place that has one line.
pub(super) fn label(text: &str) -> String {
    visible(text).replace('\n', " ")
}

/// The text without requests for coloured forms. Terminals disagree about how wide those are; the bare symbol has one
/// width for all of them.
pub(super) fn bare(text: &str) -> String {
    text.replace(EMOJI_FORM, "")
}

/// Whether a character is a symbol that may have a coloured form.
fn symbol(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}') && !is_hidden(c)
}

/// An address that may be followed, as printable ASCII; `None` for any scheme but the harmless ones.
pub(super) fn target(url: &str) -> Option<String> {
    let scheme = url.split_once(':')?.0.to_ascii_lowercase();
    let rest = &url[scheme.len() + 1..];
    let known = match scheme.as_str() {
        "http" | "https" => rest.strip_prefix("//").is_some_and(|host| !host.is_empty()),
        "mailto" => !rest.is_empty(),
        _ => false,
    };
    known.then(|| encoded(url))
}

fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        let plain = byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_becomes_visible() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\u{200b}\n\tc\r\nd"), "a\u{fffd}[31m\u{fffd}b\u{fffd}\n    c\nd");
        assert_eq!(visible("⚠\u{fe0f} a\u{fe0f}"), "⚠\u{fe0f} a\u{fffd}");
        assert_eq!(visible("Zoë, 監査, e\u{301}"), "Zoë, 監査, e\u{301}");
        assert_eq!((label("a\nb").as_str(), bare("⚠\u{fe0f}!").as_str()), ("a b", "⚠!"));
    }

    #[test]
    fn only_harmless_addresses_are_followed() {
        assert_eq!(target("https://e.com/a b\"<\u{1b}é").as_deref(), Some("https://e.com/a%20b%22%3C%1B%C3%A9"));
        assert_eq!(target("HTTP://e.com").as_deref(), Some("HTTP://e.com"));
        assert_eq!(target("mailto:a@e.com").as_deref(), Some("mailto:a@e.com"));
        for url in
            ["javascript:alert(1)", "data:text/html,x", "https:", "https://", "//e.com", "", "é:x", " https://e.com"]
        {
            assert_eq!(target(url), None, "{url}");
        }
    }
}
