//! What `trailbell doctor` says: one [`HealthCheck`] per condition, each with a verdict, why, and the fix.
//!
//! Pure: a command observes (provider), this judges, `render::doctor` shows. One file per topic: `account` (credentials and
//! whose), `states` (whether resources work), `drift` (the plan), `suppressions` (expired
//! ones), `trails` (what CloudTrail records, log groups), `delivery` (dead letters, metrics), `secrets`,
//! `region` (and the events that reach it), `quotas`, `clock`, `arrival` (why one event did not arrive). To add a check: a
//! function in the file of its topic that takes what was observed, and a test for each way that it fails.

mod account;
mod arrival;
mod clock;
mod delivery;
mod drift;
mod quotas;
mod region;
mod secrets;
mod states;
mod suppressions;
mod trails;

use schemars::JsonSchema;
use serde::Serialize;

use crate::provider::ProviderError;
use crate::words::shortened;

pub use account::{account, credentials};
pub use arrival::{Suspect, arrival};
pub use clock::clock;
pub use delivery::{FAILED, MATCHED, RuleCounts, failed_invocations, letters, matches};
pub use drift::{Planning, drift};
pub use quotas::quotas;
pub use region::{event_sources, region};
pub use secrets::{Resolution, secret};
pub use states::states;
pub use suppressions::suppressions;
pub use trails::{MetricSeen, log_group, log_groups, trails};

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// As it should be, or not applied yet.
    Ok,
    /// Works, and deserves a look.
    Warning,
    /// It could not be found out.
    NotKnown,
    /// Alerts do not arrive, or the next apply fails.
    Failed,
}

/// One condition that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthCheck {
    /// Its topic, and what it is about where there are several: `credentials`, `state/connection.slack`.
    pub id: String,
    /// The same for people.
    pub title: String,
    /// What it comes to.
    pub verdict: CheckVerdict,
    /// What was seen; why, unless it is ok.
    pub detail: String,
    /// What to do, with the exact command; nothing when it is ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl HealthCheck {
    fn new(id: &str, title: &str, verdict: CheckVerdict, detail: impl Into<String>, fix: Option<String>) -> Self {
        Self { id: id.to_owned(), title: title.to_owned(), verdict, detail: detail.into(), fix }
    }

    fn ok(id: &str, title: &str, detail: impl Into<String>) -> Self {
        Self::new(id, title, CheckVerdict::Ok, detail, None)
    }

    fn warning(id: &str, title: &str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(id, title, CheckVerdict::Warning, detail, Some(fix.into()))
    }

    fn failed(id: &str, title: &str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(id, title, CheckVerdict::Failed, detail, Some(fix.into()))
    }

    fn not_known(id: &str, title: &str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(id, title, CheckVerdict::NotKnown, detail, Some(fix.into()))
    }

    /// What a call that failed leaves open.
    fn not_asked(id: &str, title: &str, error: &ProviderError) -> Self {
        let fix = error.hint.clone().unwrap_or_else(|| format!("make `{}` work, and run doctor again", error.action));
        Self::not_known(id, title, error.to_string(), fix)
    }

    /// That the rest was not looked at, because something before it failed.
    #[must_use]
    pub fn skipped(because: &str) -> Self {
        Self::not_known("rest", "everything else in the account", because, "fix that, and run doctor again")
    }
}

/// How many names are listed.
const NAMED: usize = 5;

/// Names as a list, of which the first are enough.
fn named(names: &[&str]) -> String {
    shortened(names.iter().map(|one| (*one).to_owned()).collect(), NAMED).join(", ")
}

/// The same error is said once.
fn once(mut checks: Vec<HealthCheck>) -> Vec<HealthCheck> {
    let mut seen: Vec<String> = Vec::new();
    checks.retain(|one| {
        let is_new = one.verdict != CheckVerdict::NotKnown || !seen.contains(&one.detail);
        seen.push(one.detail.clone());
        is_new
    });
    checks
}

/// The worst of all verdicts.
#[must_use]
pub fn overall(checks: &[HealthCheck]) -> CheckVerdict {
    checks.iter().map(|check| check.verdict).max().unwrap_or(CheckVerdict::Ok)
}
