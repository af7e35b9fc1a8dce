//! `trailbell verify`: proves in the account that alerts arrive. Changes nothing there, unless remediations are to run.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::Value;

use super::consent::is_so;
use super::sample::event;
use super::screen::Screen;
use super::session::{Session, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::alert::{Alert, Installation};
use crate::cases;
use crate::output::Versioned;
use crate::output::verify::VerifyResult;
use crate::provider::{ErrorKind, Provider};
use crate::render::style::plain;
use crate::render::verify as show;
use crate::verify::{
    Known, Proof, ProofVerdict, Repair, Verified, Watched, confirmed, remedy, returned, test_id, uncompared, verify,
    watch,
};

/// Arguments of `verify`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell verify
  trailbell verify --alert cloudtrail-stop-logging --wait 30
  trailbell verify --accept-unconfirmed --output json

Exit codes: 0 every message was confirmed (or accepted, with --accept-unconfirmed), 1 an alert failed, is not known, or was
not watched, 2 usage, 6 accepted but not confirmed by a person at a terminal.")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Only this alert; can be repeated
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<String>,
    /// Exit with 0 if EventBridge accepted the messages, even if no one confirmed that they arrived, for pipelines
    #[arg(long)]
    accept_unconfirmed: bool,
    /// Also run the remediation handlers; they make real changes in the account
    #[arg(long)]
    run_remediation: bool,
    /// Event to run them with, about something in your account: a file with a CloudTrail record or an event, or `-`
    /// for standard input; default: the blueprint's test that expects a match
    #[arg(long, value_name = "FILE", requires = "run_remediation")]
    event: Option<PathBuf>,
    /// Seconds to watch the dead-letter queue for rejected messages
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    wait: u64,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    // What is staged sends nothing; a note says so.
    let chosen = chosen(&session.installation, &arguments.alerts)?.into_iter().filter(|alert| !alert.is_staged);
    let event = arguments.event.as_deref().map(event).transpose()?;
    // A proof must not ask for a secret: one that is not available is not compared, and the message itself shows it.
    let secrets = session.secrets_to_compare(screen).await?;
    let look = session.look(&secrets, &[], screen).await?;
    let trails =
        with_spinner(screen, "asking CloudTrail what its trails record", session.cloud.trails(&session.scope)).await;
    let trails = unless_unreachable(trails)?;
    let run = run_id();
    let home = session.installation.home_in(session.scope.account());
    let known =
        Known { desired: &look.desired, live: &look.live, plan: &look.plan, trails: &trails, run: &run, home: &home };
    let repairs = if arguments.run_remediation { "; a remediation may have run" } else { "" };
    screen.interrupts.done(format!("Test messages may have been sent{repairs}."));
    let mut results = Vec::new();
    for alert in chosen {
        let what = format!("asking AWS about {} and sending its message", alert.id);
        let verified = with_spinner(screen, &what, verify(alert, known, &session.cloud)).await;
        let mut one = verified.or_else(|failure| failed_alone(failure, alert, &run))?;
        if global.output == Output::Text {
            screen.result(&show::alert(&one, screen.paint_out, screen.width()));
        }
        if alert.remediation().is_some() {
            let site = RemediationSite { session: &session, known, screen, global };
            repair(&mut one, alert, event.as_ref(), arguments, &site).await?;
        }
        results.push(one);
    }
    let watched = follow(&mut results, &session, arguments.wait, screen).await?;
    if screen.is_interactive && global.output == Output::Text {
        confirm(&mut results, screen)?;
    }
    uncompared(&mut results);
    // An event that was to be repaired and matched nothing is a mistake.
    let is_lost = arguments.event.is_some() && results.iter().all(|one| one.remediation.is_none());
    if is_lost {
        screen
            .note(&format!("{} the event does not match any alert with a remediation", screen.paint_err.bad("error:")));
    }
    let verdict = results.iter().map(|one| one.proof.verdict()).min().unwrap_or(ProofVerdict::Unknown);
    // What was to be undone and was not is a failure, whatever became of the messages.
    let is_unrepaired =
        |one: &Verified| one.remediation.as_ref().is_some_and(|remedied| remedied.invoked.error.is_some());
    let verdict = if is_lost || results.iter().any(is_unrepaired) { ProofVerdict::Failed } else { verdict };
    let code = code(verdict, arguments.accept_unconfirmed);
    match global.output {
        Output::Json => {
            screen.json(&Versioned::new(VerifyResult {
                verdict,
                alerts: results,
                came_back: watched.returned.into_iter().map(|(_, letter)| letter).collect(),
                not_watched: watched.gap.map(|gap| gap.why),
                watched_seconds: arguments.wait,
                exit_code: code.number(),
            }));
        }
        Output::Text => {
            for note in &look.plan.notes {
                screen.note(&format!("{} {}", screen.paint_err.warn("note:"), plain(note)));
            }
            if results.is_empty() {
                return Ok(code);
            }
            screen.result(&show::summary(&results, &watched, arguments.wait, screen.paint_out));
        }
    }
    Ok(code)
}

/// What tells this run from others: the time and the process. Nothing depends on it but the ids of tests.
fn run_id() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    format!("{now}|{}", std::process::id())
}

fn code(verdict: ProofVerdict, accept_unconfirmed: bool) -> ExitStatus {
    match verdict {
        ProofVerdict::Proven => ExitStatus::Fine,
        ProofVerdict::Accepted if accept_unconfirmed => ExitStatus::Fine,
        ProofVerdict::Accepted => ExitStatus::Unconfirmed,
        ProofVerdict::NotWatched | ProofVerdict::Unknown | ProofVerdict::Failed => ExitStatus::Failed,
    }
}

/// Watches for the messages that were taken, and corrects what is known of those that came back.
async fn follow(results: &mut [Verified], session: &Session, wait: u64, screen: &Screen) -> Result<Watched, Failure> {
    let is_sent = |one: &&mut Verified| matches!(one.proof, Proof::Accepted { .. });
    let ids: Vec<String> = results.iter_mut().filter(is_sent).map(|one| one.test_id.clone()).collect();
    if ids.is_empty() {
        return Ok(Watched::default());
    }
    let what = format!("watching the dead-letter queue for {wait} s for messages that Slack rejects");
    let queues = session.installation.queues();
    let watching = watch(&ids, &session.scope, &queues, &session.cloud, Duration::from_secs(wait));
    let watching = with_spinner(screen, &what, watching).await?;
    returned(results, &watching);
    Ok(watching)
}

/// Where remediations are tried.
struct RemediationSite<'a> {
    session: &'a Session,
    known: Known<'a>,
    screen: &'a Screen,
    global: &'a Global,
}

/// Calls the handler of an alert when that was asked for, and says so when it was not.
async fn repair(
    one: &mut Verified,
    alert: &Alert,
    event: Option<&Value>,
    arguments: &Arguments,
    site: &RemediationSite<'_>,
) -> Result<(), Failure> {
    let screen = site.screen;
    let paint = screen.paint_out;
    let say = |text: String| {
        if site.global.output == Output::Text {
            screen.result(&text);
        }
    };
    if !arguments.run_remediation {
        say(format!("  {}", paint.dim("its remediation was not run; to run it, add --run-remediation")));
        return Ok(());
    }
    let sample = || cases::matching(&alert.blueprint).map(|case| alert.sent(case, site.known.home));
    let Some(event) = event.cloned().or_else(sample) else {
        return Ok(());
    };
    let what = format!("calling the remediation of {}", alert.id);
    let session = site.session;
    let remedied = remedy(alert, &event, site.known, &session.cloud);
    match with_spinner(screen, &what, remedied).await? {
        Repair::Ran(remedied) => {
            say(show::remedied(&alert.id, &remedied, arguments.event.is_some(), paint));
            one.remediation = Some(remedied);
        }
        Repair::OtherEvent => {
            say(format!("  {}", paint.dim("its remediation was not run: the event does not match the alert")));
        }
        Repair::Broken(proof) => {
            one.proof = proof;
            say(show::alert(one, paint, screen.width()));
        }
    }
    Ok(())
}

/// A call that failed for one alert says nothing about the others; a broken way to AWS does.
fn failed_alone(failure: Failure, alert: &Alert, run: &str) -> Result<Verified, Failure> {
    match failure {
        Failure::Provider(error)
            if !matches!(error.kind, ErrorKind::Credentials | ErrorKind::Unreachable | ErrorKind::Denied) =>
        {
            Ok(Verified {
                alert: alert.id.clone(),
                test_id: test_id(run, &alert.id),
                proof: Proof::Failed { why: error.to_string(), hint: error.hint.unwrap_or_default() },
                not_compared: Vec::new(),
                remediation: None,
            })
        }
        other => Err(other),
    }
}

/// What CloudTrail refused is not known; a broken way to AWS is a failure.
fn unless_unreachable<T>(answer: Result<T, Failure>) -> Result<Result<T, crate::provider::ProviderError>, Failure> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Failure::Provider(error)) if !matches!(error.kind, ErrorKind::Credentials | ErrorKind::Unreachable) => {
            Ok(Err(error))
        }
        Err(other) => Err(other),
    }
}

/// The alerts to look at: all, or those named.
pub(super) fn chosen<'i>(installation: &'i Installation, named: &[String]) -> Result<Vec<&'i Alert>, Failure> {
    let alerts = &installation.alerts;
    if named.is_empty() {
        return Ok(alerts.iter().collect());
    }
    if let Some(id) = named.iter().find(|id| installation.disabled.iter().any(|alert| alert.id == **id)) {
        let message = format!("the alert `{}` is disabled in the stack file", plain(id));
        return Err(Failure::usage(message, "remove `enabled: false` from it"));
    }
    let find = |id: &String| {
        alerts.iter().find(|alert| alert.id == *id).ok_or_else(|| {
            let known: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
            Failure::usage(
                format!("the stack does not have an alert `{}`", plain(id)),
                format!("it has {}", known.join(", ")),
            )
        })
    };
    // Named twice, it is still one alert with one test message.
    let mut seen = std::collections::BTreeSet::new();
    named.iter().filter(|id| seen.insert(*id)).map(find).collect()
}

/// Asks the person, who alone can see Slack.
fn confirm(results: &mut [Verified], screen: &Screen) -> Result<(), Failure> {
    let sent = results.iter().filter(|one| matches!(one.proof, Proof::Accepted { .. })).count();
    if sent == 0 {
        return Ok(());
    }
    // Without an answer nothing more is known than before.
    if let Some(have_arrived) = is_so(&show::question(sent), screen)? {
        confirmed(results, have_arrived);
    }
    Ok(())
}
