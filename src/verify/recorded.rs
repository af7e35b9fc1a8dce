//! Whether a trail records what an alert waits for: without one nothing ever reaches the rule or the log group.

use super::{Proof, failed};
use crate::alert::Alert;
use crate::blueprint::Case;
use crate::cloudtrail::trail::{Coverage, Need, Trail, coverage, feeds};
use crate::name::Scope;
use crate::provider::ProviderError;

/// Why CloudTrail does not record what the alert waits for, or that it is not known; nothing when it does, or when the
/// alert does not wait for CloudTrail.
pub(super) fn unrecorded(
    alert: &Alert,
    case: &Case,
    trails: &Result<Vec<Trail>, ProviderError>,
    scope: &Scope,
) -> Option<Proof> {
    let received = alert.lines();
    let need = match received {
        Some(_) => case.logged().iter().find_map(|line| Need::of_line(line)),
        None => Need::of_event(&case.sent()),
    }?;
    let trails = match trails {
        Ok(trails) => trails,
        Err(error) => {
            let why = format!("whether a trail records its events is not known: {error}");
            let hint = error.hint.clone().unwrap_or_else(|| format!("grant `{}`", error.action));
            return Some(Proof::Unknown { why, hint });
        }
    };
    let coverage = match received {
        Some(lines) => feeds(trails, &scope.log_group_arn(&lines.log_group), &need),
        None => coverage(trails, scope.region(), &need),
    };
    match coverage {
        Coverage::Recorded { .. } => None,
        Coverage::Missing { why, fix } => Some(failed(why, fix)),
        Coverage::Unknown { why } => {
            let hint = "`aws cloudtrail describe-trails` and `get-event-selectors` show what is recorded".to_owned();
            Some(Proof::Unknown { why, hint })
        }
    }
}
