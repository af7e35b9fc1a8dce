//! `trailbell check`: every finding in stack and blueprint files, offline.

use clap::Args;

use super::screen::Screen;
use super::targets::{Found, Targets};
use super::{Code, Failure, Global, Output};
use crate::diagnostic::has_errors;
use crate::output::Versioned;
use crate::output::check::Checked;
use crate::render::findings;
use crate::render::style::count;

/// Arguments of `check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell check
  trailbell check --strict trailbell.yaml mine.yaml")]
pub(super) struct Arguments {
    #[command(flatten)]
    targets: Targets,
    /// Also fail on warnings
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let targets = arguments.targets.find()?;
    let what = match targets.as_slice() {
        all @ [Found::BuiltIn(_), ..] => count(all.len(), "built-in blueprint"),
        all => count(all.len(), "file"),
    };
    let found: Vec<_> = targets.into_iter().flat_map(Found::findings).collect();
    let fails = has_errors(&found) || arguments.strict && !found.is_empty();
    let code = if fails { Code::Failed } else { Code::Fine };
    match global.output {
        Output::Json => screen.json(&Versioned::new(Checked::new(&found, code.number()))),
        Output::Text if found.is_empty() => {
            screen.result(&screen.paint_out.good(&format!("{what}: no findings.")));
        }
        Output::Text => screen.result(&findings::text(&found, screen.paint_out)),
    }
    Ok(code)
}
