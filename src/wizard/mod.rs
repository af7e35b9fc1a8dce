//! The setup wizard, apart from its commands: questions as data, whoever answers them, and the stack file they make.
//!
//! [`Asker`] is the person: a terminal, or a script in tests. Every question can be answered beforehand by a flag, so the
//! wizard also runs where there is no terminal. `write` renders the answers as a commented stack file.

mod questions;
mod terminal;
mod write;

pub use questions::{Answers, Given, SlackWay, answers};
pub use terminal::Terminal;
pub use write::stack_file;

use crate::name::{MAX_STACK, is_id, is_region};

/// Somebody who answers questions.
pub trait Asker {
    /// A text, with the answer that Enter gives.
    ///
    /// # Errors
    /// Nobody answers.
    fn text(&mut self, question: &str, default: &str, check: fn(&str) -> Result<(), String>) -> Result<String, String>;

    /// One of several.
    ///
    /// # Errors
    /// Nobody answers.
    fn one(&mut self, question: &str, choices: &[String]) -> Result<usize, String>;

    /// Any number of several.
    ///
    /// # Errors
    /// Nobody answers.
    fn several(&mut self, question: &str, choices: &[String]) -> Result<Vec<usize>, String>;
}

/// Whether a stack may be called so.
///
/// # Errors
/// Why not.
pub fn check_stack(name: &str) -> Result<(), String> {
    if is_id(name) && name.len() <= MAX_STACK {
        return Ok(());
    }
    Err(format!("1 to {MAX_STACK} lower-case letters, digits and hyphens"))
}

/// Whether it is a region's name.
///
/// # Errors
/// Why not.
pub fn check_region(name: &str) -> Result<(), String> {
    if is_region(name) { Ok(()) } else { Err("a region's name, such as us-east-1".to_owned()) }
}
