//! The program in a terminal of its own, with someone who answers.
//!
//! Python, which the emulators need anyway, has the pseudo-terminal; nothing in safe Rust opens one.

use std::process::{Command, Stdio};

use super::stack::{Run, Stack, ended};

/// Runs the program in a terminal and types these keys when it asks for a word. Both of its streams are in `out`.
pub fn run(stack: &Stack, arguments: &[&str], answer: &str) -> Run {
    typing(stack, arguments, &[("TEST_ANSWER", answer)])
}

/// Runs the program in a terminal. What is typed when: see `terminal.py`.
pub fn typing(stack: &Stack, arguments: &[&str], keys: &[(&str, &str)]) -> Run {
    let mut driver = Command::new("python3");
    driver.args(["-c", include_str!("terminal.py"), env!("CARGO_BIN_EXE_trailbell")]).args(arguments);
    stack.isolate(&mut driver);
    driver.env("TERM", "xterm").envs(keys.iter().copied());
    let child = driver.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    ended(child.expect("Python starts"))
}
