//! `trailbell verify`: proves in the account that alerts arrive. Changes nothing there, unless remediations are to run.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::sample::event;
use super::screen::Screen;
use super::session::{Session, watched};
use super::{Code, Failure, Global, Output, StackFile};
use crate::blueprint::Case;
use crate::cases;
use crate::live::Live;
use crate::provider::{DeadLetter, ErrorKind, Provider};
use crate::render::messages::bubble;
use crate::render::style::{DONE, FAILED, Paint, count, plain};
use crate::stack::InstalledAlert;
use crate::verify::{Proof, Remedied, Repair, Verified, come_back, remedy, verify};

/// Arguments of `verify`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Only this alert; may be given several times
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<String>,
    /// Also call the handlers of remediations, for real: they change what they repair
    #[arg(long)]
    run_remediation: bool,
    /// The event to call them with, of something in your account, where it matches: a file with a CloudTrail record or a
    /// whole event, `-` for standard input; default: the blueprint's test that rings
    #[arg(long, value_name = "FILE", requires = "run_remediation")]
    event: Option<PathBuf>,
    /// How many seconds to watch the dead-letter queue for messages that come back
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    wait: u64,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let chosen = chosen(&session.installation.alerts, &arguments.alerts)?;
    let event = arguments.event.as_deref().map(event).transpose()?;
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
        let mut one = Verified { alert: alert.id.clone(), proof, remediation: None };
        if alert.blueprint.remedy(&alert.values).is_some() {
            repair(
                &mut one,
                alert,
                event.as_ref(),
                arguments,
                &Site { session: &session, live: &live, screen },
                global,
            )
            .await?;
        }
        results.push(one);
    }
    let accepted = results.iter().filter(|one| matches!(one.proof, Proof::Accepted { .. })).count();
    let letters = if accepted > 0 { watch(&session, before, arguments.wait, screen).await? } else { Vec::new() };
    if letters.is_empty() && accepted > 0 && screen.is_interactive && !global.yes && global.output == Output::Text {
        confirm(&mut results, accepted);
    }
    let is_broken = |one: &Verified| {
        let has_failed = one.remediation.as_ref().is_some_and(|remedied| remedied.invoked.error.is_some());
        has_failed || matches!(one.proof, Proof::Failed { .. })
    };
    // An event that was to be repaired and rang nothing is a mistake.
    let is_lost = arguments.event.is_some() && results.iter().all(|one| one.remediation.is_none());
    if is_lost {
        screen.note(&format!("{} the event matches no alert that has a remediation", screen.paint_err.bad("error:")));
    }
    let is_good = letters.is_empty() && !is_lost && !results.iter().any(is_broken);
    let code = if is_good { Code::Fine } else { Code::Failed };
    match global.output {
        Output::Json => screen.json(&json!({ "alerts": results, "came_back": letters, "exit_code": code.number() })),
        Output::Text => screen.result(&verdict(&results, &letters, arguments.wait, screen)),
    }
    Ok(code)
}

/// Where remediations are tried.
struct Site<'a> {
    session: &'a Session,
    live: &'a Live,
    screen: &'a Screen,
}

/// Calls the handler of an alert when that was asked for, and says so when it was not.
async fn repair(
    one: &mut Verified,
    alert: &InstalledAlert,
    event: Option<&Value>,
    arguments: &Arguments,
    site: &Site<'_>,
    global: &Global,
) -> Result<(), Failure> {
    let screen = site.screen;
    let paint = screen.paint_out;
    let say = |text: String| {
        if global.output == Output::Text {
            screen.result(&text);
        }
    };
    if !arguments.run_remediation {
        say(format!("  {}", paint.dim("its remediation was not run: --run-remediation calls it")));
        return Ok(());
    }
    let Some(event) = event.cloned().or_else(|| cases::ringing(&alert.blueprint).map(Case::sent)) else {
        return Ok(());
    };
    let what = format!("calling the remediation of {}", alert.id);
    let session = site.session;
    let remedied = watched(screen, &what, remedy(alert, &event, site.live, &session.scope, &session.cloud)).await?;
    match remedied {
        Repair::Ran(remedied) => {
            say(ran(&alert.id, &remedied, arguments.event.is_some(), paint));
            one.remediation = Some(remedied);
        }
        Repair::OtherEvent => {
            say(format!("  {}", paint.dim("its remediation was not run: the event does not match the alert")));
        }
        Repair::Broken(proof) => {
            say(line(&alert.id, &proof, screen));
            one.proof = proof;
        }
    }
    Ok(())
}

fn ran(id: &str, remedied: &Remedied, is_chosen: bool, paint: Paint) -> String {
    match &remedied.invoked.error {
        None => {
            let result = plain(&remedied.invoked.result.to_string());
            format!("{} {}: its remediation ran: {result}", paint.good(DONE), paint.bold(id))
        }
        Some(error) => {
            let hint = if is_chosen {
                format!("it is the function {}", remedied.function)
            } else {
                "it got the event of the blueprint's test; name one of your own account with --event".to_owned()
            };
            let why = plain(&format!("its remediation failed: {error}"));
            format!("{} {}: {why}\n  {}", paint.bad(FAILED), paint.bold(id), paint.dim(&hint))
        }
    }
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
            if let Proof::Accepted { bodies } = &one.proof {
                one.proof = Proof::Confirmed { bodies: bodies.clone() };
            }
        }
    }
}

fn line(id: &str, proof: &Proof, screen: &Screen) -> String {
    let paint = screen.paint_out;
    match proof {
        Proof::Accepted { bodies } | Proof::Confirmed { bodies } => {
            let shown = |body: &String| {
                bubble(body, &Value::Null, paint, screen.width()).unwrap_or_else(|| format!("  {}", plain(body)))
            };
            let all: Vec<String> = bodies.iter().map(shown).collect();
            let taken = if bodies.len() == 1 { "the message" } else { "the messages" };
            format!(
                "{} {}: it rings, and EventBridge took {taken}\n{}",
                paint.good(DONE),
                paint.bold(id),
                all.join("\n")
            )
        }
        Proof::Failed { why, hint } => {
            let hint = if hint.is_empty() { String::new() } else { format!("\n  {}", paint.dim(hint)) };
            format!("{} {}: {}{hint}", paint.bad(FAILED), paint.bold(id), plain(why))
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
    let is_unrepaired = |one: &&Verified| one.remediation.as_ref().is_some_and(|one| one.invoked.error.is_some());
    let unrepaired = results.iter().filter(is_unrepaired).count();
    if unrepaired > 0 {
        parts.push(paint.bad(&format!("{} failed", count(unrepaired, "remediation"))));
    }
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
