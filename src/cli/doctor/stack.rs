//! What `doctor` observes of a stack, from its trails to its dead letters.

use futures_util::future::{join, join_all};

use super::super::Failure;
use super::super::screen::Screen;
use super::super::secrets::Resolved;
use super::super::session::{Session, with_spinner};
use crate::doctor::{self, HealthCheck, Planning, Resolution, RuleCounts};
use crate::live::Live;
use crate::name::{DEFAULT_BUS, DestinationId};
use crate::provider::Provider;
use crate::resource::{Resource, Rule, Series};
use crate::secret::SecretReference;

/// What the stack has, and whether it works.
pub(super) async fn of_stack(session: &Session, screen: &Screen) -> Result<Vec<HealthCheck>, Failure> {
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
    checks.extend(doctor::quotas(&desired, &live));
    checks.push(doctor::drift(&planning, !live.managed.is_empty()));
    checks.extend(delivery(session, &live, screen).await?);
    Ok(checks)
}

/// The secrets, or why they cannot be used.
pub(super) async fn secrets(session: &Session, screen: &Screen) -> Result<(Resolved, Option<String>), Failure> {
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
        let series = Series::incoming(&group);
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
    checks.extend(doctor::failed_invocations(&counts));
    checks.extend(doctor::matches(&counts));
    Ok(checks)
}

/// What is counted of a rule.
async fn of_rule(session: &Session, rule: &Rule) -> RuleCounts {
    let asking = |metric: &str| {
        let series = Series::of_rule(metric, &rule.name);
        async move { session.cloud.sums(&session.scope, &series).await }
    };
    let (matched, failed) = join(asking(doctor::MATCHED), asking(doctor::FAILED)).await;
    RuleCounts { rule: rule.address.short(), matched, failed }
}
