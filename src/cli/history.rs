//! `trailbell history`: who changed the stack, when, from where, and what came of it.

use clap::Args;

use super::choice::{ChosenStack, StackChoice};
use super::screen::Screen;
use super::session::with_spinner;
use super::{ExitStatus, Failure, Global, Output};
use crate::output::Versioned;
use crate::output::history::HistoryResult;
use crate::render;
use crate::runs;

/// Arguments of `history`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell history
  trailbell history --most 100 --output json
  trailbell history --stack security-alerts --region us-east-1")]
pub(super) struct Arguments {
    #[command(flatten)]
    choice: StackChoice,
    /// How many runs to show, newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    most: u16,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let ChosenStack { cloud, scope, .. } = arguments.choice.open(global, screen).await?;
    let work = runs::history(&cloud, &scope, usize::from(arguments.most));
    let runs = with_spinner(screen, "reading the record of runs", work).await?;
    match global.output {
        Output::Json => screen.json(&Versioned::new(HistoryResult { scope, runs: runs.unwrap_or_default() })),
        Output::Text => {
            screen.note(&screen.paint_err.dim(&scope.to_string()));
            match runs {
                Some(runs) if !runs.is_empty() => screen.result(&render::history::text(&runs, screen.paint_out)),
                _ => screen.result("No run is recorded."),
            }
        }
    }
    Ok(ExitStatus::Fine)
}
