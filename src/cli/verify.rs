//! `trailbell verify`: proves in the account that alerts arrive. Changes nothing there.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::screen::Screen;
use super::session::{Session, watched};
use super::{Code, Failure, Global, Output, StackFile};
use crate::provider::{DeadLetter, ErrorKind, Provider};
use crate::render::messages::bubble;
use crate::render::style::{DONE, FAILED, count, plain};
use crate::stack::InstalledAlert;
use crate::verify::{Proof, Verified, come_back, verify};

/// Arguments of `verify`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Only this alert; may be given several times
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<String>,
    /// How many seconds to watch the dead-letter queue for messages that come back
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    wait: u64,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let chosen = chosen(&session.installation.alerts, &arguments.alerts)?;
    let live = session.read(screen).await?;
    let before = session.cloud.dead_letter_count(&session.scope).await?;
    let mut results = Vec::new();
    for alert in chosen {
        let what = format!("asking AWS about {} and sending its message", alert.id);
        let proof = watched(screen, &what, verify(alert, &live, &session.scope, &session.cloud)).await;
        let proof = proof.or_else(failed_alone)?;
        if global.output == Output::Text {
            screen.result(&line(&alert.id, &proof, screen));
        }
        results.push(Verified { alert: alert.id.clone(), proof });
    }
    let accepted = results.iter().filter(|one| matches!(one.proof, Proof::Accepted { .. })).count();
    let letters = if accepted > 0 { watch(&session, before, arguments.wait, screen).await? } else { Vec::new() };
    if letters.is_empty() && accepted > 0 && screen.is_interactive && !global.yes && global.output == Output::Text {
        confirm(&mut results, accepted);
    }
    let is_good = letters.is_empty() && results.iter().all(|one| !matches!(one.proof, Proof::Failed { .. }));
    let code = if is_good { Code::Fine } else { Code::Failed };
    match global.output {
        Output::Json => screen.json(&json!({ "alerts": results, "came_back": letters, "exit_code": code.number() })),
        Output::Text => screen.result(&verdict(&results, &letters, arguments.wait, screen)),
    }
    Ok(code)
}

/// A call that failed for one alert says nothing about the others; a broken way to AWS does.
fn failed_alone(failure: Failure) -> Result<Proof, Failure> {
    match failure {
        Failure::Provider(error)
            if !matches!(error.kind, ErrorKind::Credentials | ErrorKind::Unreachable | ErrorKind::Denied) =>
        {
            Ok(Proof::Failed { why: error.to_string(), hint: error.hint.unwrap_or_default() })
        }
        other => Err(other),
    }
}

/// The alerts to look at: all, or those named.
pub(super) fn chosen<'i>(alerts: &'i [InstalledAlert], named: &[String]) -> Result<Vec<&'i InstalledAlert>, Failure> {
    if named.is_empty() {
        return Ok(alerts.iter().collect());
    }
    let find = |id: &String| {
        alerts.iter().find(|alert| alert.id == *id).ok_or_else(|| {
            let known: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
            Failure::usage(format!("the stack has no alert `{id}`"), format!("it has {}", known.join(", ")))
        })
    };
    named.iter().map(find).collect()
}

async fn watch(session: &Session, before: Option<u64>, wait: u64, screen: &Screen) -> Result<Vec<DeadLetter>, Failure> {
    let what = format!("watching the dead-letter queue for {wait} s for what Slack refuses");
    watched(screen, &what, come_back(before, &session.scope, &session.cloud, Duration::from_secs(wait))).await
}

fn confirm(results: &mut [Verified], accepted: usize) {
    let question = format!("Did {} arrive in Slack?", count(accepted, "message"));
    if dialoguer::Confirm::with_theme(&dialoguer::theme::ColorfulTheme::default())
        .with_prompt(question)
        .interact()
        .unwrap_or(false)
    {
        for one in results {
            if let Proof::Accepted { body } = &one.proof {
                one.proof = Proof::Confirmed { body: body.clone() };
            }
        }
    }
}

fn line(id: &str, proof: &Proof, screen: &Screen) -> String {
    let paint = screen.paint_out;
    match proof {
        Proof::Accepted { body } | Proof::Confirmed { body } => {
            let shown =
                bubble(body, &Value::Null, paint, screen.width()).unwrap_or_else(|| format!("  {}", plain(body)));
            format!(
                "{} {}: AWS says the rule matches, EventBridge took the message\n{shown}",
                paint.good(DONE),
                paint.bold(id)
            )
        }
        Proof::Failed { why, hint } => {
            format!("{} {}: {}\n  {}", paint.bad(FAILED), paint.bold(id), plain(why), paint.dim(hint))
        }
    }
}

fn verdict(results: &[Verified], letters: &[DeadLetter], wait: u64, screen: &Screen) -> String {
    let paint = screen.paint_out;
    let number = |wanted: fn(&Proof) -> bool| results.iter().filter(|one| wanted(&one.proof)).count();
    let failed = number(|proof| matches!(proof, Proof::Failed { .. }));
    let confirmed = number(|proof| matches!(proof, Proof::Confirmed { .. }));
    let accepted = number(|proof| matches!(proof, Proof::Accepted { .. }));
    if let Some(letter) = letters.first() {
        let why = format!("{}: {}", plain(&letter.code), plain(&letter.message));
        return paint.bad(&format!("failed: {} in the dead-letter queue, {why}", count(letters.len(), "message")));
    }
    let mut parts = Vec::new();
    if failed > 0 {
        parts.push(paint.bad(&format!("{failed} failed")));
    }
    if confirmed > 0 {
        parts.push(paint.good(&format!("{confirmed} confirmed")));
    }
    if accepted > 0 {
        parts.push(format!(
            "{accepted} accepted: nothing came back within {wait} s; whether Slack shows it, only Slack can tell"
        ));
    }
    parts.join(", ")
}
