//! `trailbell fire`: sends sample events through the stack offline, on the sandbox, and shows what would reach Slack.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::sample::event;
use super::screen::Screen;
use super::session::load;
use super::verify::chosen;
use super::{Code, Failure, Global, Output, StackFile};
use crate::apply::{Stop, apply};
use crate::cases;
use crate::compile::compile;
use crate::live::Live;
use crate::name::{Scope, partition_of};
use crate::plan;
use crate::provider::sandbox::{ACCOUNT, Outcome, Sandbox, Sent};
use crate::render::messages;
use crate::secret::Secret;
use crate::stack::{Destination, Installation};

/// Arguments of `fire`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Only this alert's sample event; may be given several times
    #[arg(long = "alert", value_name = "ID", conflicts_with = "event")]
    alerts: Vec<String>,
    /// Send this event instead: a file with a CloudTrail record or a whole event, `-` for standard input
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let installation = load(&arguments.file.stack, global, screen)?;
    let events = events(arguments, &installation)?;
    let sandbox = match &global.sandbox {
        Some(file) => Sandbox::open(file)?,
        None => deployed(&installation).await?,
    };
    let mut all = Vec::new();
    for (name, event) in &events {
        let sent = sandbox.put_event(&installation.region, event)?;
        if global.output == Output::Text {
            show(name, event, &sent, screen);
        }
        all.push(json!({ "event": name, "rules": sent }));
    }
    if global.output == Output::Json {
        screen.json(&json!({ "fired": all }));
    }
    let sent = sandbox.sent();
    let is_undecided =
        sent.iter().any(|one| matches!(one.outcome, Outcome::Undecided { .. } | Outcome::DeadLetter { .. }));
    let requests = || {
        sent.iter().filter_map(|one| match &one.outcome {
            Outcome::Request(request) => Some(&request.body),
            _ => None,
        })
    };
    let is_taken = requests().all(|body| messages::refused(body).is_empty());
    Ok(if requests().next().is_some() && is_taken && !is_undecided { Code::Fine } else { Code::Failed })
}

fn show(name: &str, event: &Value, sent: &[Sent], screen: &Screen) {
    let paint = screen.paint_out;
    screen.result(&paint.dim(&format!("event: {name}")));
    let (silent, ringing): (Vec<&Sent>, Vec<&Sent>) =
        sent.iter().partition(|one| matches!(one.outcome, Outcome::NotMatched { .. }));
    if ringing.is_empty() {
        screen.result(&paint.warn("No alert rings."));
        for one in silent {
            screen.result(&messages::sent(one, paint));
        }
    }
    for one in ringing {
        screen.result(&messages::sent(one, paint));
        let Outcome::Request(request) = &one.outcome else { continue };
        if let Some(bubble) = messages::bubble(&request.body, event, paint, screen.width()) {
            screen.result(&format!("\n{bubble}"));
        }
        for problem in messages::refused(&request.body) {
            screen.result(&format!("  {} {problem}", paint.bad("Slack would refuse it:")));
        }
    }
    screen.result("");
}

/// The events to send with their names: a file, or the chosen alerts' first ringing cases.
fn events(arguments: &Arguments, installation: &Installation) -> Result<Vec<(String, Value)>, Failure> {
    if let Some(path) = &arguments.event {
        return Ok(vec![(path.display().to_string(), event(path)?)]);
    }
    let mut events = Vec::new();
    for alert in chosen(&installation.alerts, &arguments.alerts)? {
        let Some(case) = cases::ringing(&alert.blueprint) else {
            let message =
                format!("the blueprint of `{}` has no test that rings, so there is no sample event", alert.id);
            return Err(Failure::other(
                message,
                "add a test with `expect: { matches: true }`, or name a file with --event",
            ));
        };
        events.push((format!("{}: {}", alert.id, case.name), case.sent()));
    }
    Ok(events)
}

/// The stack on a sandbox of its own. The secret stays where it is: nothing leaves this process.
async fn deployed(installation: &Installation) -> Result<Sandbox, Failure> {
    let scope = Scope {
        partition: partition_of(&installation.region).to_owned(),
        account: installation.account.clone().unwrap_or_else(|| ACCOUNT.to_owned()),
        region: installation.region.clone(),
        stack: installation.name.clone(),
    };
    let stand_in = match &installation.destination {
        Destination::Webhook { .. } => "https://hooks.slack.com/services/stand-in",
        Destination::Bot { .. } => "stand-in",
    };
    let desired = compile(installation, &scope, Some(&Secret::new(stand_in)));
    let plan = plan::plan(&scope, &desired, &Live::default())?;
    let sandbox = Sandbox::new();
    let report = apply(&plan, &sandbox, &Stop::default(), &|_| ()).await;
    if report.is_complete() { Ok(sandbox) } else { Err(Failure::Incomplete(report)) }
}
