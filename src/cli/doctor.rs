//! `trailbell doctor`: whether everything that alerts depend on is as it should be, and what to fix. Changes nothing, sends
//! nothing to Slack.

use clap::Args;
use futures_util::future::{join, join_all};

use super::cloud::Cloud;
use super::screen::Screen;
use super::secrets::Resolved;
use super::session::{Session, WHO, load, scope_of, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::alert::Installation;
use crate::doctor::{self, CheckVerdict, HealthCheck, Planning, Resolution, RuleCounts};
use crate::live::Live;
use crate::name::{DEFAULT_BUS, DestinationId};
use crate::output::Versioned;
use crate::output::doctor::DoctorResult;
use crate::provider::{Identity, Provider};
use crate::render::doctor as show;
use crate::resource::{Resource, Rule};
use crate::secret::SecretReference;

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
    let Session { installation, cloud, scope, .. } = session;
    let (secrets, unusable) = secrets(session, screen).await?;
    let trails =
        with_spinner(screen, "asking CloudTrail what its trails record", async { Ok(cloud.trails(scope).await) });
    let mut checks = doctor::trails(&installation.alerts, &trails.await?, scope);
    let desired = session.desired(&secrets.secrets);
    let live = match session.read_for(&desired, screen).await {
        Ok(live) => live,
        Err(Failure::Provider(error)) => {
            checks.push(doctor::drift(&Planning::NotRead(error), false));
            return Ok(checks);
        }
        Err(other) => return Err(other),
    };
    let planning = match session.compare(&secrets, &[], &desired, &live) {
        Ok(plan) => Planning::Made(Box::new(plan)),
        Err(Failure::Refused(refusals)) => Planning::Refused(refusals),
        Err(other) => return Err(other),
    };
    checks.extend(log_groups(session, &live, screen).await?);
    for one in &installation.destinations {
        let resolution = resolution(&one.id, &secrets, unusable.as_deref());
        let reference = one.way.reference().to_string();
        checks.push(doctor::secret(&one.id, &reference, &resolution, &planning, &live.managed));
    }
    checks.extend(doctor::states(&desired, &live));
    checks.push(doctor::drift(&planning, !live.managed.is_empty()));
    checks.extend(delivery(session, &live, screen).await?);
    Ok(checks)
}

/// The secrets, or why they cannot be used.
async fn secrets(session: &Session, screen: &Screen) -> Result<(Resolved, Option<String>), Failure> {
    match session.secrets_to_compare(screen).await {
        Ok(resolved) => Ok((resolved, None)),
        Err(Failure::Findings(findings)) => {
            let why = findings.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; ");
            Ok((Resolved::default(), Some(why)))
        }
        Err(Failure::Other { message, .. }) => Ok((Resolved::default(), Some(message))),
        Err(Failure::Provider(error)) => Ok((Resolved::default(), Some(error.to_string()))),
        Err(other) => Err(other),
    }
}

fn resolution(to: &DestinationId, resolved: &Resolved, unusable: Option<&str>) -> Resolution {
    if let Some(why) = unusable {
        return Resolution::Missing(why.to_owned());
    }
    // The one destination without a name is missing without one, too.
    let missing = resolved.missing.iter().find(|one| one.of.as_ref().is_none_or(|of| of == to));
    match missing {
        None => Resolution::Read,
        Some(one) if matches!(one.reference, SecretReference::Prompt(_)) => Resolution::Prompt,
        Some(one) => Resolution::Missing(one.why.clone()),
    }
}

/// Whether the log groups that alerts read exist and receive anything.
async fn log_groups(session: &Session, live: &Live, screen: &Screen) -> Result<Vec<HealthCheck>, Failure> {
    let mut checks = Vec::new();
    for group in doctor::log_groups(&session.installation.alerts) {
        let exists = live.places.iter().find(|((_, name), _)| *name == group).map(|(_, holders)| holders.is_some());
        let series = doctor::incoming(&group);
        let seen = async { Ok(session.cloud.sums(&session.scope, &series).await) };
        let seen = with_spinner(screen, "asking CloudWatch what log groups receive", seen).await?;
        checks.push(doctor::log_group(&group, exists, &seen));
    }
    Ok(checks)
}

/// Dead letters and what metrics say about the rules.
async fn delivery(session: &Session, live: &Live, screen: &Screen) -> Result<Vec<HealthCheck>, Failure> {
    let mut checks = Vec::new();
    for id in session.installation.queues() {
        let count = async { Ok(session.cloud.dead_letter_count(&session.scope, &id).await) };
        let count = with_spinner(screen, "counting undelivered alerts", count).await?;
        checks.push(doctor::letters(&id, &count));
    }
    let counting = live.managed.values().filter_map(|one| match one {
        Resource::Rule(rule) if rule.bus == DEFAULT_BUS => Some(of_rule(session, rule)),
        _ => None,
    });
    let counting = async { Ok(join_all(counting).await) };
    let counts = with_spinner(screen, "asking CloudWatch for the metrics of the rules", counting).await?;
    if !counts.is_empty() {
        checks.extend(doctor::failed_invocations(&counts));
        checks.push(doctor::matches(&counts));
    }
    Ok(checks)
}

/// What is counted of a rule.
async fn of_rule(session: &Session, rule: &Rule) -> RuleCounts {
    let asking = |metric: &str| {
        let series = doctor::of_rule(metric, &rule.name);
        async move { session.cloud.sums(&session.scope, &series).await }
    };
    let (matched, failed) = join(asking(doctor::MATCHED), asking(doctor::FAILED)).await;
    RuleCounts { rule: rule.address.short(), matched, failed }
}
