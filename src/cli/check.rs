//! `trailbell check`: every finding in stack and blueprint files, offline.

use clap::Args;

use super::screen::Screen;
use super::selection::{Named, Targets};
use super::{ExitStatus, Failure, Global, OutputFormat};
use crate::diagnostic::has_errors;
use crate::output::Versioned;
use crate::output::check::Checked;
use crate::render::style::count;
use crate::render::{findings, github, sarif};
use crate::stack::DEFAULT_FILE;

/// Arguments of `check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Without arguments, `check` reads the stack file of this folder, and exits with 2 if there is none.

Examples:
  trailbell check
  trailbell check --strict trailbell.yaml mine.yaml
  trailbell check --output sarif > trailbell.sarif")]
pub(super) struct Arguments {
    #[command(flatten)]
    targets: Targets,
    /// Also fail on warnings
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let targets = arguments.targets.find(&global.reach())?;
    // A pipeline in the wrong folder must not pass because the built-in blueprints are fine.
    if arguments.targets.is_unnamed() && matches!(targets.first(), Some(Named::BuiltIn(_))) {
        let message = format!("there is no stack file `{DEFAULT_FILE}` in this folder");
        return Err(Failure::usage(message, "name what to check, or run it in the folder of the stack file"));
    }
    let what = match targets.as_slice() {
        all @ [Named::BuiltIn(_), ..] => count(all.len(), "built-in blueprint"),
        all => count(all.len(), "file"),
    };
    let found: Vec<_> = targets.into_iter().flat_map(Named::findings).collect();
    let fails = has_errors(&found) || arguments.strict && !found.is_empty();
    let code = if fails { ExitStatus::Failed } else { ExitStatus::Fine };
    match global.format {
        OutputFormat::Json => screen.json(&Versioned::new(Checked::new(&found, code.number()))),
        OutputFormat::Sarif => screen.json(&sarif::document(&found)),
        _ if found.is_empty() => screen.result(&screen.paint_out.good(&format!("{what}: no findings."))),
        OutputFormat::Github => screen.result(&github::annotations(&found)),
        OutputFormat::Text | OutputFormat::Markdown => screen.result(&findings::text(&found, screen.paint_out)),
    }
    Ok(code)
}
