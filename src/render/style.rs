//! Symbols and colors, all in one place. Whether there are colors is decided once per stream, by the caller.

use console::Style;

use crate::plan::Change;

/// How to dress text for one stream.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether to use colors.
    pub color: bool,
}

impl Paint {
    fn with(self, text: &str, style: &Style) -> String {
        if self.color { style.clone().force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
    }

    /// A heading.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.with(text, &Style::new().bold())
    }

    /// Something of less weight.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.with(text, &Style::new().dim())
    }

    /// Something good.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.with(text, &Style::new().green())
    }

    /// Something to look at.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.with(text, &Style::new().yellow())
    }

    /// Something bad.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.with(text, &Style::new().red().bold())
    }

    /// Something stressed a little.
    #[must_use]
    pub fn italic(self, text: &str) -> String {
        self.with(text, &Style::new().italic())
    }

    /// Something taken back.
    #[must_use]
    pub fn strike(self, text: &str) -> String {
        self.with(text, &Style::new().strikethrough())
    }

    /// A literal value.
    #[must_use]
    pub fn code(self, text: &str) -> String {
        self.with(text, &Style::new().magenta())
    }

    /// A small label on the line of a name.
    #[must_use]
    pub fn badge(self, text: &str) -> String {
        if self.color { self.with(&format!(" {text} "), &Style::new().reverse()) } else { format!("[{text}]") }
    }

    /// The name of someone or of everyone, who is told about a message by it.
    #[must_use]
    pub fn mention(self, text: &str) -> String {
        self.with(text, &Style::new().yellow().bold())
    }

    /// A link that terminals with OSC 8 open on a click. The address must consist of printable ASCII, for it goes into an
    /// escape sequence.
    #[must_use]
    pub fn link(self, text: &str, url: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let text = self.with(text, &Style::new().cyan().underlined());
        format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    }

    /// The symbol of a change.
    #[must_use]
    pub fn symbol(self, change: &Change) -> String {
        match change {
            Change::Create { .. } => self.with("  +", &Style::new().green()),
            Change::Update { .. } => self.with("  ~", &Style::new().yellow()),
            Change::Replace { .. } => self.with("-/+", &Style::new().magenta()),
            Change::Delete { .. } => self.with("  -", &Style::new().red()),
        }
    }
}

/// Done, as a mark.
pub const DONE: &str = "✓";
/// Failed, as a mark.
pub const FAILED: &str = "✗";
/// From old to new.
pub const ARROW: &str = "→";

/// A number with its word: `1 alert`, `2 alerts`.
#[must_use]
pub fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("{number} {word}") } else { format!("{number} {word}s") }
}

/// Text from an account or a file made harmless for a terminal: control characters become visible, and so do those that
/// reorder a line or take no room.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// The same with every byte where it was, for text that is pointed into. Control characters are left to who draws it.
#[must_use]
pub fn plain_in_place(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.len_utf8() {
            _ if c.is_control() || !is_hidden(c) => shown.push(c),
            3 => shown.push('\u{fffd}'),
            bytes => shown.push_str(&"?".repeat(bytes)),
        }
    }
    shown
}

/// Control characters and everything Unicode leaves without a mark of its own.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Soft hyphen, grapheme joiner, Arabic letter mark, Syriac abbreviation, Hangul and Khmer fillers.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            // Mongolian selectors; zero width; separators, embeddings and overrides; isolates and old controls.
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // A filler, variation selectors, the byte order mark, another filler, annotations.
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            // Hieroglyph, shorthand and musical controls; tags and more variation selectors.
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_badges_are_clear_without_colours() {
        let [colored, simple] = [true, false].map(|color| Paint { color });
        assert_eq!(simple.link("x", "https://e.com"), "x");
        assert_eq!(simple.badge("APP"), "[APP]");
        assert!(colored.link("x", "https://e.com").starts_with("\u{1b}]8;;https://e.com\u{1b}\\"));
        assert!(colored.badge("APP").contains(" APP "));
    }

    #[test]
    fn words_are_counted_and_escapes_disarmed() {
        assert_eq!([count(0, "alert"), count(1, "alert"), count(2, "alert")].join(","), "0 alerts,1 alert,2 alerts");
        assert_eq!(plain("a\u{1b}[31mb\n"), "a\u{fffd}[31mb\n");
        assert_eq!(plain("a\u{202e}b\u{200b}"), "a\u{fffd}b\u{fffd}");
        let hidden = "a\u{202e}b\u{ad}c\u{e0001}\u{1b}\n";
        assert_eq!(plain_in_place(hidden), "a\u{fffd}b??c????\u{1b}\n");
        assert_eq!(Paint { color: false }.bad("x"), "x");
        assert!(Paint { color: true }.bad("x").contains("\u{1b}["));
    }
}
