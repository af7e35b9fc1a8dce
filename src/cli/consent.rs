//! Consent: a word and Enter, typed by a person after the question was shown.
//!
//! What was typed before, perhaps for another program, is discarded. One key alone never counts. With `--yes` no one is
//! asked: then [`super::screen::Screen::is_interactive`] is false. Neighbor: `interrupt`, for Ctrl-C.

use std::io::{BufRead, stdin};

use super::screen::Screen;
use super::{Failure, Global, Output};

/// The word that agrees to a plan.
const YES: &str = "yes";

/// Asks for this word before anything is changed.
pub(super) fn agree(question: &str, word: Option<&str>, global: &Global, screen: &Screen) -> Result<(), Failure> {
    if global.yes {
        return Ok(());
    }
    if !screen.is_interactive || global.output == Output::Json {
        return Err(Failure::usage(
            "cannot ask for confirmation without a terminal",
            "add --yes to skip the confirmation",
        ));
    }
    let prompt = match word {
        Some(name) => format!("Enter the stack's name, `{name}`, to confirm:"),
        None => format!("Enter `{YES}` to confirm:"),
    };
    let answer = ask(question, &prompt, screen)?;
    if answer == word.unwrap_or(YES) { Ok(()) } else { Err(Failure::Declined) }
}

/// Asks what only a person can know. Neither `yes` nor `no`: it is not known.
pub(super) fn is_so(question: &str, screen: &Screen) -> Result<Option<bool>, Failure> {
    let answer = ask(question, "Enter `yes` or `no`:", screen)?;
    Ok(match answer.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    })
}

/// The line that was typed after the question was shown; empty at the end of the input.
fn ask(question: &str, prompt: &str, screen: &Screen) -> Result<String, Failure> {
    screen.note(&format!("\n{}", screen.paint_err.bold(question)));
    discard().map_err(|error| cannot_ask(&error))?;
    screen.prompt(&format!("  {prompt} "));
    let mut line = String::new();
    stdin().lock().read_line(&mut line).map_err(|error| cannot_ask(&error))?;
    if !line.ends_with('\n') {
        screen.note("");
    }
    Ok(line.trim().to_owned())
}

fn cannot_ask(error: &std::io::Error) -> Failure {
    Failure::other(format!("cannot ask for confirmation: {error}"), "nothing was changed; add --yes")
}

/// Discards what was typed so far.
#[cfg(unix)]
fn discard() -> std::io::Result<()> {
    Ok(rustix::termios::tcflush(stdin(), rustix::termios::QueueSelector::IFlush)?)
}

/// The console of Windows has no such call that is safe to use from Rust; there a whole line can be typed ahead.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it fails on other systems")]
fn discard() -> std::io::Result<()> {
    Ok(())
}
