//! Whether suppressions of the stack file have expired.

use super::HealthCheck;
use crate::diagnostic::{Code, Finding};

/// A line for each suppression that has expired, from the warnings about the stack file, or one line for all.
#[must_use]
pub fn suppressions(warnings: &[Finding]) -> Vec<HealthCheck> {
    let (id, title) = ("suppressions", "suppressions");
    let expired: Vec<HealthCheck> = warnings
        .iter()
        .filter(|finding| finding.code == Code::ExpiredSuppression)
        .map(|finding| {
            let (line, _) = finding.position();
            let detail = format!("{} ({}, line {line})", finding.message, finding.source.name);
            let fix = finding.help.clone().unwrap_or_default();
            HealthCheck::warning(id, title, detail, fix)
        })
        .collect();
    if expired.is_empty() { vec![HealthCheck::ok(id, title, "none has expired")] } else { expired }
}
