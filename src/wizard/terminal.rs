//! A person at a terminal.

use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Input, MultiSelect, Select};

use super::{Asker, Check, Unanswered, WizardQuestion};

/// Asks on the process's terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalAsker;

impl Asker for TerminalAsker {
    fn text(&mut self, question: &WizardQuestion, default: &str, check: Check<'_>) -> Result<String, Unanswered> {
        let theme = ColorfulTheme::default();
        let mut input =
            Input::<String>::with_theme(&theme).with_prompt(&question.text).validate_with(|text: &String| check(text));
        if !default.is_empty() {
            input = input.default(default.to_owned());
        }
        input.interact_text().map_err(|error| trouble(&error))
    }

    fn yes(&mut self, question: &WizardQuestion, default: Option<bool>) -> Result<Option<bool>, Unanswered> {
        let theme = ColorfulTheme::default();
        let mut confirm = Confirm::with_theme(&theme).with_prompt(&question.text);
        if let Some(default) = default {
            confirm = confirm.default(default);
        }
        confirm.interact().map(Some).map_err(|error| trouble(&error))
    }

    fn one(&mut self, question: &WizardQuestion, choices: &[String]) -> Result<usize, Unanswered> {
        Select::with_theme(&ColorfulTheme::default())
            .with_prompt(&question.text)
            .items(choices)
            .default(0)
            .interact()
            .map_err(|error| trouble(&error))
    }

    fn several(&mut self, question: &WizardQuestion, choices: &[String]) -> Result<Vec<usize>, Unanswered> {
        let chosen = vec![choices.len() == 1; choices.len()];
        let theme = ColorfulTheme::default();
        let select = MultiSelect::with_theme(&theme).with_prompt(&question.text).items(choices).defaults(&chosen);
        select.interact().map_err(|error| trouble(&error))
    }
}

fn trouble(error: &dialoguer::Error) -> Unanswered {
    let dialoguer::Error::IO(cause) = error;
    let is_interrupted = cause.kind() == std::io::ErrorKind::Interrupted;
    let hint = "every question is also a flag: `trailbell init --help`";
    Unanswered { is_interrupted, ..Unanswered::new(error.to_string(), hint) }
}
