//! Symbols and colours, all in one place. Whether there are colours is decided once per stream, by the caller.

use console::Style;

use crate::plan::Change;

/// How to dress text for one stream.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether to use colours.
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

    /// The name of somebody or of everybody, who is told about a message by it.
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

/// Text from an account or a file made harmless for a terminal: control characters become visible.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
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
        assert_eq!(Paint { color: false }.bad("x"), "x");
        assert!(Paint { color: true }.bad("x").contains("\u{1b}["));
    }
}
