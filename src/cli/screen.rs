//! Where output goes: results to standard output, everything else to standard error.
//!
//! The only place that writes to either. A closed pipe ends quietly: what no one reads needs no printing. Any other
//! failure to write results is kept and fails the command.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};

use serde::Serialize;

use super::interrupt::Interrupts;
use crate::render::style::{Paint, is_hidden};

/// Both streams and what is known about them.
pub struct Screen {
    out: RefCell<Box<dyn Write>>,
    err: RefCell<Box<dyn Write>>,
    /// Why results could not be written.
    lost: RefCell<Option<std::io::Error>>,
    /// How to dress results.
    pub paint_out: Paint,
    /// How to dress the rest.
    pub paint_err: Paint,
    /// Whether a person can be asked: input and standard error are a terminal, and there is no `--yes`.
    pub is_interactive: bool,
    /// Whether standard error is a terminal that can show live lines.
    pub is_live: bool,
    /// What Ctrl-C does.
    pub(super) interrupts: Interrupts,
}

impl Screen {
    /// The process's own streams. Colours follow the terminal and `NO_COLOR`.
    #[must_use]
    pub fn process() -> Self {
        let err_is_terminal = std::io::stderr().is_terminal();
        Self {
            out: RefCell::new(Box::new(std::io::stdout())),
            err: RefCell::new(Box::new(std::io::stderr())),
            lost: RefCell::new(None),
            paint_out: Paint { color: console::colors_enabled() },
            paint_err: Paint { color: console::colors_enabled_stderr() },
            is_interactive: std::io::stdin().is_terminal() && err_is_terminal,
            interrupts: Interrupts::new(),
            is_live: err_is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }

    /// Streams that no one reads, for tests.
    #[cfg(test)]
    pub(super) fn silent() -> Self {
        let mut screen = Self::process();
        screen.out = RefCell::new(Box::new(std::io::sink()));
        screen.err = RefCell::new(Box::new(std::io::sink()));
        screen.is_interactive = false;
        screen.is_live = false;
        screen
    }

    /// How many columns results may take: the terminal's, at most 100.
    pub fn width(&self) -> usize {
        let (_, columns) = console::Term::stdout().size_checked().unwrap_or((0, 100));
        usize::from(columns).clamp(20, 100)
    }

    /// Prints a result.
    pub fn result(&self, text: &str) {
        let _ = self.raw(format!("{text}\n").as_bytes());
    }

    /// Prints a result for machines.
    pub fn json(&self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.result(&visible(&text)),
            Err(error) => self.note(&format!("cannot write the result as JSON: {error}")),
        }
    }

    /// Prints one line of a stream for machines.
    pub fn json_line(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.result(&visible(&text)),
            Err(error) => self.note(&format!("cannot write the result as JSON: {error}")),
        }
    }

    /// Prints a piece of a long result, line ends included; `false` when it cannot be written.
    #[must_use]
    pub fn raw(&self, bytes: &[u8]) -> bool {
        let mut out = self.out.borrow_mut();
        let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) else { return true };
        // A reader that has seen enough, such as `head`, is no loss.
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            self.lost.borrow_mut().get_or_insert(error);
        }
        false
    }

    /// Why results were lost, if they were.
    pub fn lost(&self) -> Option<String> {
        self.lost.borrow().as_ref().map(ToString::to_string)
    }

    /// Prints anything that is not the result.
    pub fn note(&self, text: &str) {
        write(&self.err, &format!("{text}\n"));
    }

    /// Prints the beginning of a line that a person completes.
    pub(super) fn prompt(&self, text: &str) {
        write(&self.err, text);
    }
}

/// JSON in which characters that reorder a line or take no room are written as escapes; they are in texts only.
fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || !is_hidden(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = std::fmt::Write::write_fmt(&mut out, format_args!("\\u{unit:04x}"));
        }
    }
    out
}

fn write(stream: &RefCell<Box<dyn Write>>, text: &str) {
    let mut stream = stream.borrow_mut();
    // Where what is wrong is told cannot be written to: there is nowhere to say so.
    let _ = write!(stream, "{text}").and_then(|()| stream.flush());
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn json_hides_nothing() {
        let text = "\"a\u{202e}b\u{e0001}\u{e9}\"";
        assert_eq!(visible(text), "\"a\\u202eb\\udb40\\udc01\u{e9}\"");
        assert_eq!(serde_json::from_str::<String>(&visible(text)).ok(), serde_json::from_str(text).ok());
    }
}
