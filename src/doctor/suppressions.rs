//! Whether suppressions of the stack file have expired.

use super::HealthCheck;
use crate::diagnostic::{Code, Finding};

/// A line for each suppression that has expired, from the warnings about the stack file, or one line for all.
#[must_use]
pub fn suppressions(warnings: &[Finding]) -> Vec<HealthCheck> {
    of_findings("suppressions", "suppressions", "none has expired", &[Code::ExpiredSuppression], warnings)
}

/// A line for each warning with one of these codes, or one line that there is none.
pub(super) fn of_findings(id: &str, title: &str, none: &str, codes: &[Code], warnings: &[Finding]) -> Vec<HealthCheck> {
    let chosen = warnings.iter().filter(|finding| codes.contains(&finding.code));
    let checks: Vec<HealthCheck> = chosen
        .map(|finding| {
            let (line, _) = finding.position();
            let detail = format!("{} ({}, line {line})", finding.message, finding.source.name);
            let explain = || format!("`trailbell explain {}`", finding.code.id());
            HealthCheck::warning(id, title, detail, finding.help.clone().unwrap_or_else(explain))
        })
        .collect();
    if checks.is_empty() { vec![HealthCheck::ok(id, title, none)] } else { checks }
}
