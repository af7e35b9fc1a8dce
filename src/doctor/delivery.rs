//! Whether what matched was delivered: dead letters, failed invocations, and when each rule matched last.
//!
//! Metrics are delivered on a best-effort basis (EventBridge user guide, "Monitoring Amazon EventBridge"), and texts say so.

use jiff::Timestamp;

use super::HealthCheck;
use super::trails::MetricSeen;
use crate::name::DestinationId;
use crate::provider::ProviderError;

/// What was counted of a rule.
#[derive(Clone, Debug)]
pub struct RuleCounts {
    /// The rule's address.
    pub rule: String,
    /// How often it matched.
    pub matched: MetricSeen,
    /// How often a target could not be invoked for good.
    pub failed: MetricSeen,
}

/// The metric that counts matches of a rule.
pub const MATCHED: &str = "TriggeredRules";
/// The metric that counts what could not be delivered for good.
pub const FAILED: &str = "FailedInvocations";

/// How many messages could not be delivered to a destination; `count` is nothing when there is no queue.
#[must_use]
pub fn letters(queue: &DestinationId, count: &Result<Option<u64>, ProviderError>) -> HealthCheck {
    let (id, title) = (format!("dead-letters/{queue}"), format!("dead letters of {queue}"));
    match count {
        Ok(None) => HealthCheck::ok(&id, &title, "not applied yet"),
        Ok(Some(0)) => HealthCheck::ok(&id, &title, "none"),
        Ok(Some(number)) => {
            let fix = "`trailbell redrive --dry-run` shows them and why; `trailbell redrive` sends them again";
            HealthCheck::failed(&id, &title, format!("{number} undelivered"), fix)
        }
        Err(error) => HealthCheck::not_asked(&id, &title, error),
    }
}

/// A line for each rule with failed invocations, or one line for all; none where no one counts, as in the sandbox.
#[must_use]
pub fn failed_invocations(counts: &[RuleCounts]) -> Vec<HealthCheck> {
    let (id, title) = ("invocations", "failed invocations");
    let fix = "`trailbell redrive --dry-run` shows what was kept of them, and why it failed";
    let wrong: Vec<HealthCheck> = counts
        .iter()
        .filter_map(|one| {
            let (id, title) = (format!("{id}/{}", one.rule), format!("{title} of {}", one.rule));
            match &one.failed {
                Ok(Some(sums)) if sums.day > 0 => {
                    let detail = format!("{} in 24 hours (best effort)", sums.day);
                    Some(HealthCheck::failed(&id, &title, detail, fix))
                }
                Ok(Some(sums)) if sums.month > 0 => {
                    let detail = format!("none in 24 hours, {} in 30 days (best effort)", sums.month);
                    Some(HealthCheck::warning(&id, &title, detail, fix))
                }
                Ok(_) => None,
                Err(error) => Some(HealthCheck::not_asked(&id, &title, error)),
            }
        })
        .collect();
    if !wrong.is_empty() {
        return super::once(wrong);
    }
    // Where no one counts, nothing can be said.
    let is_counted = counts.iter().any(|one| matches!(one.failed, Ok(Some(_))));
    is_counted.then(|| HealthCheck::ok(id, title, "none in 30 days (best effort)")).into_iter().collect()
}

/// When each rule matched last; nothing where no one counts. That one never did is not wrong: most alerts are about what seldom happens.
#[must_use]
pub fn matches(counts: &[RuleCounts]) -> Option<HealthCheck> {
    let (id, title) = ("matches", "last matches");
    if let Some(error) = counts.iter().find_map(|one| one.matched.as_ref().err()) {
        return Some(HealthCheck::not_asked(id, title, error));
    }
    let seen = counts.iter().filter_map(|one| Some((one, one.matched.as_ref().ok()?.as_ref()?)));
    let mut parts: Vec<String> = Vec::new();
    let mut silent: Vec<&str> = Vec::new();
    for (one, sums) in seen {
        match sums.last_ms.and_then(|at| Timestamp::from_millisecond(at).ok()) {
            Some(at) => parts.push(format!("{}: {} in 30 days, last in the hour after {at}", one.rule, sums.month)),
            None => silent.push(&one.rule),
        }
    }
    if !silent.is_empty() {
        parts.push(format!("none in 30 days: {}", silent.join(", ")));
    }
    (!parts.is_empty()).then(|| HealthCheck::ok(id, title, format!("{} (best effort)", parts.join("; "))))
}
