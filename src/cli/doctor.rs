//! `trailbell doctor`: whether everything that alerts depend on is as it should be, and what to fix. Changes nothing, sends
//! nothing to Slack.

mod event;
mod stack;

use std::path::PathBuf;

use clap::Args;

use super::cloud::Cloud;
use super::sample::sample;
use super::screen::Screen;
use super::session::{Session, WHO, load, scope_of, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::alert::Installation;
use crate::doctor::{self, CheckVerdict, HealthCheck};
use crate::output::Versioned;
use crate::output::doctor::DoctorResult;
use crate::provider::{Identity, Provider};
use crate::render::doctor as show;
use crate::sample::Sample;

/// Arguments of `doctor`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell doctor
  trailbell doctor --output json
  trailbell doctor --alert cloudtrail-stop-logging --event event.json

Exit codes: 0 everything is ok or deserves only a warning, 1 something is not known, or doctor failed, 2 usage, 3 something
is wrong.")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Why this alert did not arrive for the event of --event: the event's way through what is in the account
    #[arg(long, value_name = "ID", requires = "event")]
    alert: Option<String>,
    /// The event: a file with a CloudTrail record, an event, or a log line, or `-` for standard input
    #[arg(long, value_name = "FILE", requires = "alert")]
    event: Option<PathBuf>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let installation = load(&arguments.file.stack, global, screen)?;
    let asked = match (&arguments.alert, &arguments.event) {
        (Some(alert), Some(event)) => Some((alert.as_str(), sample(event)?)),
        _ => None,
    };
    let checks = examine(installation, asked.as_ref(), global, screen).await?;
    let verdict = doctor::overall(&checks);
    let code = match verdict {
        CheckVerdict::Ok | CheckVerdict::Warning => ExitStatus::Fine,
        CheckVerdict::NotKnown => ExitStatus::Failed,
        CheckVerdict::Failed => ExitStatus::ChangesPending,
    };
    match global.output {
        Output::Json => screen.json(&Versioned::new(DoctorResult { verdict, checks, exit_code: code.number() })),
        Output::Text => {
            for one in &checks {
                screen.result(&show::check(one, screen.paint_out));
            }
            screen.result(&show::summary(&checks, screen.paint_out));
        }
    }
    Ok(code)
}

/// Observes and judges, as far as the credentials lead.
async fn examine(
    installation: Installation,
    asked: Option<&(&str, Sample)>,
    global: &Global,
    screen: &Screen,
) -> Result<Vec<HealthCheck>, Failure> {
    let mut checks = Vec::new();
    if asked.is_none() {
        checks.extend(doctor::suppressions(&installation.warnings));
        checks.extend(doctor::event_sources(&installation.warnings));
    }
    let cloud = Cloud::open(global, &installation.region).await?;
    let identity = with_spinner(screen, WHO, async { Ok(cloud.identity().await) }).await?;
    checks.push(doctor::credentials(&identity, profile(global).as_deref()));
    checks.push(doctor::region(&installation.region, &identity));
    let ahead = cloud.clock_ahead();
    // An answer that says no tells the time, too.
    if identity.is_ok() || ahead.is_some() {
        checks.push(doctor::clock(ahead));
    }
    let Ok(identity) = identity else {
        checks.push(HealthCheck::skipped("the credentials do not work"));
        return Ok(checks);
    };
    let account = doctor::account(&identity.account, installation.account.as_deref());
    let is_other = account.verdict == CheckVerdict::Failed;
    checks.push(account);
    if is_other {
        checks.push(HealthCheck::skipped("the credentials are for another account"));
        return Ok(checks);
    }
    let session = opened(installation, cloud, identity, screen).await?;
    checks.extend(match asked {
        Some((alert, sample)) => event::of_event(&session, alert, sample, screen).await?,
        None => stack::of_stack(&session, screen).await?,
    });
    Ok(checks)
}

async fn opened(
    installation: Installation,
    cloud: Cloud,
    identity: Identity,
    screen: &Screen,
) -> Result<Session, Failure> {
    let scope = scope_of(&cloud, &identity, &installation.name, &installation.region)?;
    Session { installation, cloud, scope, caller: identity.arn }.named(screen).await
}

/// The profile in use: the command line's, or the environment's.
fn profile(global: &Global) -> Option<String> {
    global.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok())
}
