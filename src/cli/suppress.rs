//! `trailbell suppress`: proposes the smallest suppression for one event. It never writes the stack file.

use std::path::PathBuf;

use clap::Args;

use super::sample::event;
use super::screen::Screen;
use super::selection::{Selected, Targets};
use super::{ExitStatus, Failure, Global, Output};
use crate::explain::{ExplainInput, Explanation, explain};
use crate::lambda::no_writer;
use crate::output::Versioned;
use crate::output::suppress::{NotProposed, Proposed, SuppressResult};
use crate::propose::{Proposal, propose};
use crate::render;
use crate::stack::DEFAULT_FILE;

/// Arguments of `suppress`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell suppress event.json
  trailbell suppress event.json --alert cloudtrail-stop-logging
  aws cloudtrail lookup-events --max-results 1 | trailbell suppress - --stack staging.yaml

For an alert of a pack, add an item `- blueprint: NAME` to `alerts` and paste it there. The suppression is tried: with it, the event does not fire, and the tests of the blueprint that expect a message still do. Nothing is \
    written.
Exit codes: 0 there is a suppression for each alert that fires, 1 no alert fires, or one cannot be suppressed, 2 usage.")]
pub(super) struct Arguments {
    /// File with a CloudTrail record or an event, or `-` for standard input
    #[arg(value_name = "EVENT")]
    event: PathBuf,
    /// Only for this alert; can be repeated
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<String>,
    /// The stack file
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE)]
    stack: PathBuf,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let selected = Targets::only(arguments.stack.clone()).load(&global.reach())?;
    if let Some(unknown) = arguments.alerts.iter().find(|id| !selected.iter().any(|one| one.alert.id == **id)) {
        let known: Vec<&str> = selected.iter().map(|one| one.alert.id.as_str()).collect();
        return Err(Failure::usage(
            format!("there is no alert `{unknown}`"),
            format!("available: {}", known.join(", ")),
        ));
    }
    let event = event(&arguments.event)?;
    let mut result = SuppressResult { proposals: Vec::new(), refused: Vec::new(), exit_code: 0 };
    for Selected { alert, home, is_enabled } in &selected {
        let is_named = arguments.alerts.contains(&alert.id);
        if !is_enabled || !is_named && !arguments.alerts.is_empty() {
            continue;
        }
        let Some(home) = home else {
            let message =
                format!("`{}` is a blueprint, and suppressions are in stack files", arguments.stack.display());
            return Err(Failure::usage(message, "name the stack file with `--stack`"));
        };
        let refuse = |why: String| NotProposed { alert: alert.id.clone(), why };
        match explain(alert, Some(home), ExplainInput::Event(&event), &no_writer).outcome {
            Explanation::Fires { .. } | Explanation::FiresUnseen { .. } => match propose(alert, home, &event) {
                Ok(proposal) => add(&mut result.proposals, alert.id.clone(), proposal),
                Err(why) => result.refused.push(refuse(why)),
            },
            Explanation::Stopped { by } if is_named => result.refused.push(refuse(format!("it does not fire: {by}"))),
            Explanation::Stopped { .. } => {}
            Explanation::Undecided { why } => {
                result.refused.push(refuse(format!("whether it fires is not known: {why}")));
            }
        }
    }
    if result.proposals.is_empty() && result.refused.is_empty() {
        return Err(Failure::other("no alert fires for this event", "`trailbell explain` shows why"));
    }
    let code = if result.refused.is_empty() { ExitStatus::Fine } else { ExitStatus::Failed };
    result.exit_code = code.number();
    match global.output {
        Output::Json => screen.json(&Versioned::new(result)),
        Output::Text => {
            screen.result(&render::suppress::text(&result, &arguments.stack.display().to_string(), screen.paint_out));
        }
    }
    Ok(code)
}

/// Adds a proposal, or its alert to the same one.
fn add(proposals: &mut Vec<Proposed>, alert: String, proposal: Proposal) {
    if let Some(same) = proposals.iter_mut().find(|one| one.proposal == proposal) {
        same.alerts.push(alert);
        return;
    }
    let yaml = render::suppress::item(&proposal);
    proposals.push(Proposed { alerts: vec![alert], proposal, yaml });
}
