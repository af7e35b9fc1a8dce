//! What `apply` refuses because it is probably a mistake, unless `--allow` names it.
//!
//! The first apply of a stack looks around: the same stack in another region, or another stack with the same alerts, is what a
//! changed region or a renamed stack leaves running, unnoticed.

use std::collections::BTreeSet;

use clap::ValueEnum;

use super::apply::ApplyRequest;
use super::cloud::Cloud;
use super::screen::Screen;
use super::session::{Compared, Session, read};
use super::{Failure, Global};
use crate::name::{DestinationId, Scope};
use crate::plan::{Change, Plan, Purpose, Refusal, received};
use crate::provider::run_log::RunLog;
use crate::provider::{ErrorKind, Provider, ProviderError};
use crate::render::style::count;
use crate::resource::{Resource, ResourceSet};
use crate::runs::Label;
use crate::words::shortened;

/// So many names are shown.
const NAMED: usize = 5;

/// What has to be allowed by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Allowed {
    /// Delete more than half of the stack's alerts
    Deletions,
    /// Replace the connection, during which no alert arrives
    ConnectionReplacement,
    /// Create the stack in a second region
    AnotherRegion,
    /// Create a stack with alerts that another stack of the account and region has
    SameAlerts,
    /// Delete a dead-letter queue with undelivered alerts in it
    DeadLetters,
}

/// Refuses what is probably a mistake and not allowed.
pub(super) async fn check(
    session: &Session,
    compared: &Compared,
    request: &ApplyRequest<'_>,
    global: &Global,
    screen: &Screen,
) -> Result<(), Failure> {
    let Compared { desired, live, plan } = compared;
    let mut refusals = Vec::new();
    let is_refused = |what: Allowed| !request.allowed.contains(&what);
    let Session { cloud, scope, installation, .. } = session;
    if is_refused(Allowed::Deletions) {
        refusals.extend(plan.too_many_deletions());
    }
    if is_refused(Allowed::ConnectionReplacement) {
        refusals.extend(plan.replaced_connection());
    }
    if is_refused(Allowed::DeadLetters) {
        refusals.extend(lost(cloud, scope, plan).await?);
    }
    if live.managed.is_empty() && !plan.is_empty() {
        // A test stack is meant to be a copy.
        let is_copy = global.suffix.is_some() || request.expires.or(installation.expires).is_some();
        let looking = FirstLook { cloud, scope, desired, renames: request.renames, is_copy, allowed: request.allowed };
        refusals.extend(looking.around(screen).await?);
    }
    if refusals.is_empty() { Ok(()) } else { Err(Failure::Refused(refusals)) }
}

/// That undelivered alerts would be lost, with the queue of a destination that is no longer in the file. If that is not known,
/// nothing is deleted.
async fn lost(cloud: &Cloud, scope: &Scope, plan: &Plan) -> Result<Option<Refusal>, Failure> {
    let letters = lost_letters(cloud, scope, plan).await?;
    let letters = usize::try_from(letters).unwrap_or(usize::MAX);
    Ok((letters > 0).then(|| Refusal {
        what: format!("{} in a dead-letter queue would be lost", count(letters, "undelivered alert")),
        fix: "nothing was changed: add the destination to the stack file again and send them with `trailbell redrive` (those of Slack destinations), or add \
            `--allow dead-letters`"
            .to_owned(),
    }))
}

/// How many letters are in the queues that a plan deletes.
pub(super) async fn lost_letters(cloud: &Cloud, scope: &Scope, plan: &Plan) -> Result<u64, ProviderError> {
    let mut letters = 0;
    for step in &plan.steps {
        if let Change::Delete { before: Resource::Queue(queue) } = &step.change {
            let of = DestinationId::new(queue.address.id.base());
            letters += cloud.dead_letter_count(scope, &of).await?.unwrap_or_default();
        }
    }
    Ok(letters)
}

/// What the first apply of a stack looks for.
pub(super) struct FirstLook<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) scope: &'a Scope,
    /// What the stack will have.
    pub(super) desired: &'a ResourceSet,
    /// The stack that it takes the place of.
    pub(super) renames: Option<&'a str>,
    /// Whether it is meant to have the alerts of another stack.
    pub(super) is_copy: bool,
    /// What is not looked for.
    pub(super) allowed: &'a [Allowed],
}

impl FirstLook<'_> {
    /// Looks for the same stack in other regions, and for other stacks with the same alerts.
    pub(super) async fn around(&self, screen: &Screen) -> Result<Vec<Refusal>, Failure> {
        let Self { cloud, scope, desired, renames, .. } = *self;
        let is_refused = |what: Allowed| !self.allowed.contains(&what);
        let mut refusals = Vec::new();
        if is_refused(Allowed::AnotherRegion) {
            let found = another_region(cloud, scope).await;
            refusals.extend(if_allowed(found, "whether the stack exists in another region", screen)?.flatten());
        }
        if is_refused(Allowed::SameAlerts) && !self.is_copy {
            let found = same_alerts(cloud, scope, desired, renames, screen).await;
            refusals
                .extend(if_allowed(found, "whether another stack has the same alerts", screen)?.unwrap_or_default());
        }
        Ok(refusals)
    }
}

/// What was found; nothing, and a note, if the credentials are not allowed to look: those of a pipeline may know one stack only.
fn if_allowed<T>(found: Result<T, Failure>, what: &str, screen: &Screen) -> Result<Option<T>, Failure> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Provider(error)) if error.kind == ErrorKind::Denied => {
            screen.note(&format!("{} {what} is not known: {error}", screen.paint_err.warn("note:")));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// That the stack exists in other regions, by its roles, which are the same in all.
async fn another_region(cloud: &Cloud, scope: &Scope) -> Result<Option<Refusal>, Failure> {
    let regions = cloud.regions_of(scope).await?;
    let others: Vec<&str> = regions.iter().map(String::as_str).filter(|one| *one != scope.region()).collect();
    Ok((!others.is_empty()).then(|| Refusal {
        what: format!("the stack `{}` exists in {}, and this would create another one", scope.stack(), others.join(", ")),
        fix: format!(
            "nothing was changed: if the region was changed, remove the old one with `trailbell destroy --stack {} --region {}`; if \
             both are meant to be, add `--allow another-region`",
            scope.stack(),
            others[0]
        ),
    }))
}

/// That other stacks of the account and region, except for the one that is renamed, have alerts of this one.
async fn same_alerts(
    cloud: &Cloud,
    scope: &Scope,
    desired: &ResourceSet,
    renamed: Option<&str>,
    screen: &Screen,
) -> Result<Vec<Refusal>, Failure> {
    let wanted: BTreeSet<String> = desired.values().filter_map(received).collect();
    let mut refusals = Vec::new();
    for (name, found) in cloud.stacks(scope.region()).await? {
        if name == scope.stack() || Some(name.as_str()) == renamed || Label::read(&found.tags).expires.is_some() {
            continue;
        }
        let other = Scope::new(scope.partition(), scope.account(), scope.region(), name.as_str())?;
        let live = read(cloud, &other, &ResourceSet::new(), Purpose::Apply, screen).await?;
        let is_same = |one: &&Resource| received(one).is_some_and(|what| wanted.contains(&what));
        let same: Vec<String> = live.managed.values().filter(is_same).map(|one| one.address().short()).collect();
        let same = shortened(same, NAMED);
        if !same.is_empty() {
            refusals.push(Refusal {
                what: format!("the stack `{name}` still has alerts of this one: {}", same.join(", ")),
                fix: format!(
                    "nothing was changed: if the stack was renamed, run `trailbell adopt --from-stack {name}`, which deletes the old \
                     one when this one is complete; if both are meant to be, add `--allow same-alerts`"
                ),
            });
        }
    }
    Ok(refusals)
}
