//! The setup wizard, apart from its commands: questions as data, what answers them, and the stack file they make.
//!
//! [`Asker`] is the person: a terminal, or a script in tests. Every question can be answered beforehand by a flag, so the
//! wizard also runs where there is no terminal. `questions` is what every stack needs, `parameters` what its blueprints
//! need; `write` renders the answers as a commented stack file.

mod parameters;
mod questions;
mod terminal;
mod write;

pub use parameters::Chosen;
pub use questions::{Given, SlackWay, WizardAnswers, answers};
pub use terminal::TerminalAsker;
pub use write::stack_file;

use crate::name::{MAX_STACK, is_id, is_region};

/// A question, and the flag that answers it beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WizardQuestion {
    /// What is asked.
    pub text: String,
    /// The flag, such as `--stack NAME`.
    pub flag: String,
}

impl WizardQuestion {
    /// A question that a flag answers.
    #[must_use]
    pub fn new(text: impl Into<String>, flag: impl Into<String>) -> Self {
        Self { text: text.into(), flag: flag.into() }
    }
}

/// Why there are no answers, and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What is wrong.
    pub message: String,
    /// The fix.
    pub hint: String,
    /// A person pressed Ctrl-C.
    pub is_interrupted: bool,
}

impl Unanswered {
    /// What is wrong and the fix.
    #[must_use]
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), is_interrupted: false }
    }
}

/// Says what is wrong with an answer, if anything is.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// Someone who answers questions.
pub trait Asker {
    /// A text, with the answer that Enter gives.
    ///
    /// # Errors
    /// No one answers.
    fn text(&mut self, question: &WizardQuestion, default: &str, check: Check<'_>) -> Result<String, Unanswered>;

    /// Yes or no, with the answer that Enter gives. `None`: no one says, and the default is as good.
    ///
    /// # Errors
    /// No one answers, and there is no default.
    fn yes(&mut self, question: &WizardQuestion, default: Option<bool>) -> Result<Option<bool>, Unanswered>;

    /// One of several.
    ///
    /// # Errors
    /// No one answers.
    fn one(&mut self, question: &WizardQuestion, choices: &[String]) -> Result<usize, Unanswered>;

    /// Any number of several.
    ///
    /// # Errors
    /// No one answers.
    fn several(&mut self, question: &WizardQuestion, choices: &[String]) -> Result<Vec<usize>, Unanswered>;
}

/// Whether a stack may be called so.
///
/// # Errors
/// Why not.
pub fn check_stack(name: &str) -> Result<(), String> {
    if is_id(name) && name.len() <= MAX_STACK {
        return Ok(());
    }
    Err(format!("1 to {MAX_STACK} lowercase letters, digits, and hyphens"))
}

/// Whether it is a region's name.
///
/// # Errors
/// Why not.
pub fn check_region(name: &str) -> Result<(), String> {
    if is_region(name) { Ok(()) } else { Err("a region's name, such as us-east-1".to_owned()) }
}

#[cfg(test)]
mod tests;
