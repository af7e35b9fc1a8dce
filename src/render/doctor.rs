//! What `doctor` found, for people: a line for each check, then the fix.

use super::style::{DONE, FAILED, Paint, count, plain};
use crate::doctor::{CheckVerdict, HealthCheck};

/// One check.
#[must_use]
pub fn check(one: &HealthCheck, paint: Paint) -> String {
    let detail = plain(&one.detail);
    let line = match one.verdict {
        CheckVerdict::Ok => format!("{} {}: {detail}", paint.good(DONE), one.title),
        CheckVerdict::Warning => format!("{} {}: warning: {detail}", paint.warn("!"), paint.bold(&one.title)),
        CheckVerdict::NotKnown => format!("{} {}: not known: {detail}", paint.warn("?"), paint.bold(&one.title)),
        CheckVerdict::Failed => format!("{} {}: {detail}", paint.bad(FAILED), paint.bold(&one.title)),
    };
    match &one.fix {
        Some(fix) => format!("{line}\n    {} {}", paint.dim("fix:"), plain(fix)),
        None => line,
    }
}

/// All checks together, in one line.
#[must_use]
pub fn summary(checks: &[HealthCheck], paint: Paint) -> String {
    let number = |verdict: CheckVerdict| checks.iter().filter(|one| one.verdict == verdict).count();
    let mut parts = vec![paint.good(&format!("{} ok", number(CheckVerdict::Ok)))];
    if number(CheckVerdict::Failed) > 0 {
        parts.push(paint.bad(&format!("{} failed", number(CheckVerdict::Failed))));
    }
    if number(CheckVerdict::Warning) > 0 {
        parts.push(paint.warn(&count(number(CheckVerdict::Warning), "warning")));
    }
    if number(CheckVerdict::NotKnown) > 0 {
        parts.push(paint.warn(&format!("{} not known", number(CheckVerdict::NotKnown))));
    }
    parts.join(", ")
}
