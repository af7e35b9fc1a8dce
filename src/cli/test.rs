//! `trailbell test`: runs the blueprints' own tests offline and shows what differs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::files;
use super::screen::Screen;
use super::selection::Targets;
use super::{ExitStatus, Failure, Global, Output, node};
use crate::alert::Alert;
use crate::cases::{self, CaseTotals, Tested};
use crate::output::Versioned;
use crate::output::test::TestResult;
use crate::render;

/// Arguments of `test`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell test
  trailbell test mine.yaml --junit results.xml
  trailbell test mine.yaml --conditions

Exit codes: 0 all passed, 1 a blueprint has findings, 2 usage, 4 a case failed or cannot be decided, or with
`--conditions` a condition is not needed by any.")]
pub(super) struct Arguments {
    #[command(flatten)]
    targets: Targets,
    /// Also write the results to this file as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Also fail for each condition of an event pattern that no test needs: without it, every test would end as before
    #[arg(long)]
    conditions: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let mut alerts: Vec<Alert> = arguments.targets.load(&global.reach())?.into_iter().map(|one| one.alert).collect();
    // Two alerts of a stack may use one blueprint; what a stack suppresses may keep a test from firing.
    let mut seen = BTreeSet::new();
    alerts.retain(|alert| seen.insert(alert.document.source.name.clone()) || !alert.suppressions().is_empty());
    let writer = |input: &Value| node::messages_at(None, None, input);
    let unneeded = |alert: &Alert| arguments.conditions.then(|| cases::conditions(&alert.blueprint).unneeded);
    let run = |alert: &Alert| Tested { unneeded: unneeded(alert), ..cases::run_all(alert, &writer) };
    let tested: Vec<Tested> = alerts.iter().map(run).collect();
    if let Some(path) = &arguments.junit {
        files::write_result(path, &render::junit::document(&tested), render::junit::SUITES)?;
    }
    let totals = CaseTotals::of(&tested);
    let is_needed = tested.iter().flat_map(|one| &one.unneeded).all(Vec::is_empty);
    let code =
        if is_needed && totals.failed + totals.undecided == 0 { ExitStatus::Fine } else { ExitStatus::CaseFailed };
    match global.output {
        Output::Json => {
            screen.json(&Versioned::new(TestResult { blueprints: tested, totals, exit_code: code.number() }));
        }
        Output::Text => {
            for one in &tested {
                screen.result(&render::cases::blueprint(one, screen.paint_out));
            }
            screen.result(&render::cases::totals(&totals, screen.paint_out));
        }
    }
    Ok(code)
}
