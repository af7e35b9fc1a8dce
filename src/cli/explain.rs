//! `trailbell explain`: why an event matches, or does not; and what the code of a finding means.

use std::path::PathBuf;

use clap::Args;

use super::sample::{input, refuse_line, sample};
use super::screen::Screen;
use super::selection::{Selected, Targets};
use super::{ExitStatus, Failure, Global, Output, node};
use crate::diagnostic;
use crate::explain::{Explained, FiringTotals, disabled, explain};
use crate::output::Versioned;
use crate::output::code::CodeResult;
use crate::output::explain::ExplainResult;
use crate::render;

/// Arguments of `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell explain event.json
  trailbell explain event.json --stack trailbell.yaml
  trailbell explain TB0501

Exit codes: 0 an alert fires, 1 no alert fires or a file has findings, 2 usage, or an alert cannot be decided.")]
pub(super) struct Arguments {
    /// File with a CloudTrail record, an event, or a log line, or `-` for standard input; or a finding code, such as
    /// TB0501
    #[arg(value_name = "EVENT", required_unless_present = "codes")]
    event: Option<PathBuf>,
    #[command(flatten)]
    selected: Targets,
    /// Explain the alerts of this stack file as installed, including region, account, and rule state
    #[arg(long, value_name = "FILE", conflicts_with = "blueprints")]
    stack: Option<PathBuf>,
    /// Print the meaning of every code as Markdown
    #[arg(long, conflicts_with_all = ["event", "stack"])]
    codes: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let Some(event) = &arguments.event else {
        screen.result(render::codes::document().trim_end());
        return Ok(ExitStatus::Fine);
    };
    if let Some(code) = event.to_str().and_then(diagnostic::Code::find).filter(|_| !event.exists()) {
        match global.output {
            Output::Json => screen.json(&Versioned::new(CodeResult::new(code))),
            Output::Text => screen.result(&render::codes::page(code, screen.paint_out)),
        }
        return Ok(ExitStatus::Fine);
    }
    if let Some(unknown) = event.to_str().filter(|text| is_like_a_code(text) && !event.exists()) {
        let message = format!("there is no code `{unknown}`, and no file of that name");
        return Err(Failure::usage(message, "`trailbell explain --codes` lists all codes"));
    }
    let selected =
        arguments.stack.clone().map_or_else(|| arguments.selected.clone(), Targets::only).load(&global.reach())?;
    if let Some(stack) = &arguments.stack
        && selected.iter().any(|one| one.home.is_none())
    {
        let message = format!("`{}` is a blueprint, and --stack takes a stack file", stack.display());
        return Err(Failure::usage(message, format!("run `trailbell explain EVENT {}`", stack.display())));
    }
    let sample = sample(event)?;
    refuse_line(&sample, selected.iter().map(|one| &one.alert))?;
    let input = input(&sample);
    let explain = |Selected { alert, home, is_enabled }: &Selected| {
        if !is_enabled {
            return disabled(alert, home.as_ref());
        }
        explain(alert, home.as_ref(), input, &|asked| node::messages_at(home.as_ref(), Some(alert), asked))
    };
    let explained: Vec<Explained> = selected.iter().map(explain).collect();
    let code = match FiringTotals::of(&explained) {
        // As in `match`: what cannot be decided is neither yes nor no.
        FiringTotals { undecided: 1.., .. } => ExitStatus::Usage,
        FiringTotals { firing: 0, .. } => ExitStatus::Failed,
        _ => ExitStatus::Fine,
    };
    match global.output {
        Output::Json => {
            screen.json(&Versioned::new(ExplainResult::new(input, explained, code.number())));
        }
        Output::Text => {
            screen.result(&render::explain::text(input, &explained, screen.paint_out, screen.width()));
        }
    }
    Ok(code)
}

/// Whether someone means a code: `TB` and digits.
fn is_like_a_code(text: &str) -> bool {
    let digits = text.get(..2).filter(|start| start.eq_ignore_ascii_case("TB")).map(|_| &text[2..]);
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
