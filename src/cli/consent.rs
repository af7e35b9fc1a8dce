//! Asks a person for a word before something that cannot be taken back. Only what is typed after the question counts.

use std::io::BufRead;

use super::screen::Screen;
use super::{Failure, Global, Output};

/// Asks for `word`; anything else declines. `--yes` gives it without a question.
pub(super) fn confirm(question: &str, word: &str, global: &Global, screen: &Screen) -> Result<(), Failure> {
    if global.yes {
        return Ok(());
    }
    if !screen.is_interactive || global.output == Output::Json {
        return Err(Failure::usage(
            "cannot ask for confirmation without a terminal",
            "add --yes to skip the confirmation",
        ));
    }
    let note = format!("Only `{word}` is accepted to approve.");
    let typed = typed(question, &note, screen)
        .map_err(|error| Failure::other(format!("cannot ask for confirmation: {error}"), "add --yes"))?;
    if typed == word { Ok(()) } else { Err(Failure::Declined) }
}

/// What a person answers to a question; nothing when it is neither yes nor no.
pub(super) fn answer(question: &str, screen: &Screen) -> Option<bool> {
    // Without an answer nothing more is known than before.
    match typed(question, "Enter `yes` or `no`; anything else leaves it open.", screen).ok()?.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The line that is typed after a question.
fn typed(question: &str, note: &str, screen: &Screen) -> std::io::Result<String> {
    screen.note(&format!("\n{}\n  {note}", screen.paint_err.bold(question)));
    // A word that was typed while something else was shown is not an answer to this.
    discard_typed();
    screen.prompt("  > ");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Forgets what was typed and not read yet.
#[cfg(unix)]
fn discard_typed() {
    // Standard input was a terminal a moment ago; if it is gone, reading says so.
    let _ = rustix::termios::tcflush(std::io::stdin(), rustix::termios::QueueSelector::IFlush);
}

/// Windows has no such call in a safe library; the word and Enter are what protects there.
#[cfg(not(unix))]
fn discard_typed() {}
