//! `trailbell help`: the help of a command, or the reference of a language that blueprints use.
//!
//! The pages are part of the engines, so anyone who has the program has them.

use clap::{Args, CommandFactory};

use super::screen::Screen;
use super::{Cli, ExitStatus, Failure};
use crate::message::transformer;
use crate::{filter, pattern};

/// The languages, by what people write in them.
const LANGUAGES: [(&str, &str); 3] =
    [("patterns", pattern::REFERENCE), ("filters", filter::REFERENCE), ("templates", transformer::REFERENCE)];

/// Arguments of `help`.
#[derive(Args, Debug)]
#[command(after_help = "\
Languages:
  patterns   EventBridge event patterns, the `pattern` of an alert
  filters    CloudWatch Logs filter patterns, the `filter` of an alert
  templates  EventBridge input transformers: `input_paths` and the `template` of a message

Examples:
  trailbell help plan
  trailbell help filters | less")]
pub(super) struct Arguments {
    /// Command, or language: patterns, filters, templates
    #[arg(value_name = "COMMAND|LANGUAGE")]
    topic: Option<String>,
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> Result<ExitStatus, Failure> {
    let topic = arguments.topic.as_deref();
    let text = match LANGUAGES.iter().find(|(name, _)| Some(*name) == topic) {
        Some((_, reference)) => (*reference).to_owned(),
        None => of_command(topic, screen)?,
    };
    screen.result(text.trim_end());
    Ok(ExitStatus::Fine)
}

/// What `--help` prints, without a name for the program itself.
fn of_command(name: Option<&str>, screen: &Screen) -> Result<String, Failure> {
    let mut cli = Cli::command();
    if let Some(unknown) = name.filter(|name| cli.find_subcommand(name).is_none()) {
        let languages = LANGUAGES.map(|(name, _)| name).join(", ");
        return Err(Failure::usage(
            format!("`{unknown}` is not a command or a language"),
            format!("`trailbell help` lists the commands; the languages are {languages}"),
        ));
    }
    let words = ["trailbell"].into_iter().chain(name).chain(["--help"]);
    let Err(help) = cli.try_get_matches_from_mut(words) else { return Ok(String::new()) };
    let styled = help.render();
    Ok(if screen.paint_out.color { styled.ansi().to_string() } else { styled.to_string() })
}
