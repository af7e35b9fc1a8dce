//! A question whose answer is not shown: echo is off before the question is on the screen, so that a fast answer is not echoed.

use std::io::{self, BufRead, stdin};

use super::screen::Screen;

/// Asks, and gives the line that was typed after the question was shown.
#[cfg(unix)]
pub(super) fn ask(question: &str, screen: &Screen) -> io::Result<String> {
    let _quiet = Quiet::begin()?;
    screen.prompt(&format!("{question}: "));
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    // Enter was not echoed either.
    screen.note("");
    read.map(|_| line)
}

/// Where echo cannot be turned off before by safe Rust, the prompt does it after the question.
#[cfg(not(unix))]
pub(super) fn ask(question: &str, _screen: &Screen) -> io::Result<String> {
    let prompt = dialoguer::Password::with_theme(&dialoguer::theme::ColorfulTheme::default());
    prompt.with_prompt(question).interact().map_err(|dialoguer::Error::IO(error)| error)
}

/// No echo, until it is dropped.
#[cfg(unix)]
struct Quiet(rustix::termios::Termios);

#[cfg(unix)]
impl Quiet {
    /// Also discards what was typed so far.
    fn begin() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    /// A terminal that is gone needs nothing. What is typed meanwhile is kept for the next reader.
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(stdin(), rustix::termios::OptionalActions::Now, &self.0);
    }
}
