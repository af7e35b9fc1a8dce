//! `trailbell doctor`: whether everything that alerts depend on is as it should be, and what to fix. Changes nothing, sends
//! nothing to Slack.

use clap::Args;

use super::cloud::Cloud;
use super::screen::Screen;
use super::session::{Session, WHO, load, scope_of, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::alert::Installation;
use crate::doctor::{self, CheckVerdict, HealthCheck, Planning};
use crate::output::Versioned;
use crate::output::doctor::DoctorResult;
use crate::provider::{Identity, Provider};
use crate::render::doctor as show;

/// Arguments of `doctor`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell doctor
  trailbell doctor --output json

Exit codes: 0 everything is ok or deserves only a warning, 1 something is not known, or doctor failed, 2 usage, 3 something
is wrong.")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let installation = load(&arguments.file.stack, global, screen)?;
    let checks = examine(installation, global, screen).await?;
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
async fn examine(installation: Installation, global: &Global, screen: &Screen) -> Result<Vec<HealthCheck>, Failure> {
    let mut checks = doctor::suppressions(&installation.warnings);
    let cloud = Cloud::open(global, &installation.region).await?;
    let identity = with_spinner(screen, WHO, async { Ok(cloud.identity().await) }).await?;
    checks.push(doctor::credentials(&identity, profile(global).as_deref()));
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
    checks.extend(of_stack(&opened(installation, cloud, identity, screen).await?, screen).await?);
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

/// What the stack has, and whether it works.
async fn of_stack(session: &Session, screen: &Screen) -> Result<Vec<HealthCheck>, Failure> {
    let secrets = session.secrets_to_compare(screen).await?;
    let desired = session.desired(&secrets.secrets);
    let live = match session.read_for(&desired, screen).await {
        Ok(live) => live,
        Err(Failure::Provider(error)) => return Ok(vec![doctor::drift(&Planning::NotRead(error), false)]),
        Err(other) => return Err(other),
    };
    let planning = match session.compare(&secrets, &[], &desired, &live) {
        Ok(plan) => Planning::Made(Box::new(plan)),
        Err(Failure::Refused(refusals)) => Planning::Refused(refusals),
        Err(other) => return Err(other),
    };
    let mut checks = doctor::states(&desired, &live);
    checks.push(doctor::drift(&planning, !live.managed.is_empty()));
    Ok(checks)
}
