//! A person at a terminal.

use dialoguer::theme::ColorfulTheme;
use dialoguer::{Input, MultiSelect, Select};

use super::Asker;

/// Asks on the process's terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal;

impl Asker for Terminal {
    fn text(&mut self, question: &str, default: &str, check: fn(&str) -> Result<(), String>) -> Result<String, String> {
        let theme = ColorfulTheme::default();
        let mut input =
            Input::<String>::with_theme(&theme).with_prompt(question).validate_with(|text: &String| check(text));
        if !default.is_empty() {
            input = input.default(default.to_owned());
        }
        input.interact_text().map_err(|error| error.to_string())
    }

    fn one(&mut self, question: &str, choices: &[String]) -> Result<usize, String> {
        Select::with_theme(&ColorfulTheme::default())
            .with_prompt(question)
            .items(choices)
            .default(0)
            .interact()
            .map_err(|error| error.to_string())
    }

    fn several(&mut self, question: &str, choices: &[String]) -> Result<Vec<usize>, String> {
        let chosen = vec![choices.len() == 1; choices.len()];
        let theme = ColorfulTheme::default();
        let select = MultiSelect::with_theme(&theme).with_prompt(question).items(choices).defaults(&chosen);
        select.interact().map_err(|error| error.to_string())
    }
}
