//! Reads the command line. What is wrong with it is told as any other failure: for people, or for machines with `--output json`,
//! and without a secret that someone gave as an argument.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, CommandFactory, FromArgMatches, ValueEnum};

use super::screen::Screen;
use super::{Cli, ExitStatus, Failure, Output};
use crate::redact;

/// The command line, or the exit code when help was asked for, or when it is not one of ours, which was told.
///
/// # Errors
/// There is nothing to run.
pub fn parse() -> Result<Cli, ExitStatus> {
    let words: Vec<String> = std::env::args_os().filter_map(|one| one.into_string().ok()).collect();
    let choice = wanted_color(&words);
    color(choice);
    let mut program = Cli::command().color(choice);
    let read = program.try_get_matches_from_mut(std::env::args_os());
    let read = read.and_then(|matches| Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut program)));
    read.map_err(|error| {
        if !error.use_stderr() {
            // There is nowhere to say that standard output is closed.
            let _ = error.print();
            return ExitStatus::Fine;
        }
        let screen = Screen::process();
        if wants_json(words.into_iter()) {
            failure(&error).print(Output::Json, &screen);
        } else if is_help(&error) || !screen.paint_err.color {
            screen.note(redact::message(&error.render().to_string()).trim_end());
        } else {
            screen.note(redact::message(&error.render().ansi().to_string()).trim_end());
        }
        ExitStatus::Usage
    })
}

/// Makes everything that decides about colors by itself use them so.
pub(super) fn color(choice: ColorChoice) {
    let is_on = match choice {
        ColorChoice::Auto => return,
        ColorChoice::Always => true,
        ColorChoice::Never => false,
    };
    console::set_colors_enabled(is_on);
    console::set_colors_enabled_stderr(is_on);
}

/// The `--color` of a command line, as far as it can be read: also what is said about a wrong one has colors, or has none.
fn wanted_color(words: &[String]) -> ColorChoice {
    let apart = words.windows(2).find(|pair| pair[0] == "--color").map(|pair| pair[1].as_str());
    let together = || words.iter().find_map(|one| one.strip_prefix("--color="));
    apart.or_else(together).and_then(|choice| ColorChoice::from_str(choice, false).ok()).unwrap_or_default()
}

/// Whether what is shown is the help, as for `trailbell` alone.
fn is_help(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// Whether the arguments ask for JSON, as far as they can be read.
fn wants_json(arguments: impl Iterator<Item = String>) -> bool {
    let arguments: Vec<String> = arguments.take_while(|one| one != "--").collect();
    let named = arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json");
    named || arguments.iter().any(|one| one == "--output=json")
}

/// What is wrong, in one line, and where help is.
fn failure(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let hint = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => "`trailbell --help` lists the commands".to_owned(),
    };
    Failure::usage(message, hint)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn json_is_asked_for_in_either_form_and_before_what_ends_the_options() {
        let wants = |line: &str| wants_json(line.split(' ').map(str::to_owned));
        assert!(wants("trailbell plan --nope --output json") && wants("trailbell --output=json plan --nope"));
        assert!(!wants("trailbell plan --nope --output text") && !wants("trailbell check -- --output=json"));
    }

    #[test]
    fn colors_are_asked_for_in_either_form() {
        let wanted = |line: &str| wanted_color(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(wanted("trailbell plan --color never"), ColorChoice::Never);
        assert_eq!(wanted("trailbell --color=always plan --nope"), ColorChoice::Always);
        assert_eq!(wanted("trailbell plan --color"), ColorChoice::Auto);
    }

    #[test]
    fn a_failure_names_what_is_wrong_and_hides_secrets() {
        let token = ["xoxb", "1234567890-abcdefghijklmnop"].join("-");
        let error = Cli::try_parse_from(["trailbell", "plan", "a.yaml", &token]).expect_err("one file");
        let Failure::Usage { message, hint } = failure(&error) else { panic!("a usage error") };
        assert!(message.starts_with("unexpected argument") && hint.contains("trailbell plan"), "{message} {hint}");
        assert!(
            !message.contains(&token) && !redact::message(&error.render().to_string()).contains(&token),
            "{message}"
        );
    }
}
