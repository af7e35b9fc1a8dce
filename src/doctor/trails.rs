//! Whether CloudTrail records what the alerts wait for, and whether their log groups receive anything.

use std::collections::BTreeMap;

use super::HealthCheck;
use crate::alert::Alert;
use crate::cases;
use crate::cloudtrail::trail::{Coverage, Need, Trail, coverage, feeds};
use crate::name::Scope;
use crate::provider::{ProviderError, Sums};

/// What shows what is recorded.
pub(super) const SHOW: &str =
    "`aws cloudtrail describe-trails` and `aws cloudtrail get-event-selectors --trail-name NAME` show what is recorded";

/// What is seen of a metric: nothing where no one counts.
pub type MetricSeen = Result<Option<Sums>, ProviderError>;

/// A line for each thing that is missing, with the alerts that need it, or one line for all.
#[must_use]
pub fn trails(alerts: &[Alert], trails: &Result<Vec<Trail>, ProviderError>, scope: &Scope) -> Vec<HealthCheck> {
    let (id, title) = ("trail", "CloudTrail");
    let needs: Vec<(&Alert, Need)> =
        alerts.iter().flat_map(|alert| needs(alert).into_iter().map(move |need| (alert, need))).collect();
    let untested: Vec<&str> = alerts.iter().filter(|alert| !is_tested(alert)).map(|alert| alert.id.as_str()).collect();
    if !untested.is_empty() {
        let detail = of_alerts("no test has an event that it waits for", untested);
        return vec![HealthCheck::not_known(id, title, detail, "add a test that matches to the blueprint")];
    }
    if needs.is_empty() {
        return vec![HealthCheck::ok(id, title, "no alert waits for events of CloudTrail")];
    }
    let trails = match trails {
        Ok(trails) => trails,
        Err(error) => return vec![HealthCheck::not_asked(id, title, error)],
    };
    // Why, the fix where something is missing, and the alerts.
    let mut open: BTreeMap<(String, Option<String>), Vec<&str>> = BTreeMap::new();
    let mut recording: Vec<String> = Vec::new();
    for (alert, need) in &needs {
        let covered = match alert.lines() {
            Some(lines) => feeds(trails, &scope.log_group_arn(&lines.log_group), need),
            None => coverage(trails, scope.region(), need),
        };
        match covered {
            Coverage::Recorded { trail } => recording.push(trail),
            Coverage::Missing { why, fix } => open.entry((why, Some(fix))).or_default().push(&alert.id),
            // What writes into a log group that no trail delivers to, its own check looks at.
            Coverage::Unknown { .. } if alert.lines().is_some_and(|lines| !is_fed(trails, scope, &lines.log_group)) => {
            }
            Coverage::Unknown { why } => open.entry((why, None)).or_default().push(&alert.id),
        }
    }
    let wrong: Vec<HealthCheck> = open
        .into_iter()
        .map(|((why, fix), of)| match fix {
            Some(fix) => HealthCheck::failed(id, title, of_alerts(&why, of), fix),
            None => HealthCheck::not_known(id, title, of_alerts(&why, of), SHOW),
        })
        .collect();
    if !wrong.is_empty() {
        return wrong;
    }
    recording.sort();
    recording.dedup();
    let detail = match recording.as_slice() {
        [] => "no trail is needed by name: the alerts read log groups".to_owned(),
        trails => format!("what the alerts need is recorded by {}", trails.join(", ")),
    };
    vec![HealthCheck::ok(id, title, detail)]
}

/// What a trail must record for the tests of an alert to arrive, one for each of its messages.
fn needs(alert: &Alert) -> Vec<Need> {
    let of_case = |case: &crate::blueprint::Case| match alert.lines() {
        Some(_) => case.logged().iter().find_map(|line| Need::of_line(line)),
        None => Need::of_event(&case.sent()),
    };
    cases::of_each_message(alert).into_iter().filter_map(Result::ok).filter_map(of_case).collect()
}

/// Whether tests say what each message of an alert waits for.
fn is_tested(alert: &Alert) -> bool {
    let cases = cases::of_each_message(alert);
    !cases.is_empty() && cases.iter().all(Result::is_ok)
}

/// Whether a trail of this account delivers to a log group.
fn is_fed(trails: &[Trail], scope: &Scope, group: &str) -> bool {
    let arn = scope.log_group_arn(group);
    trails
        .iter()
        .any(|one| one.log_group_arn.as_deref().is_some_and(|one| one.strip_suffix(":*").unwrap_or(one) == arn))
}

fn of_alerts(why: &str, mut alerts: Vec<&str>) -> String {
    alerts.dedup();
    format!("{why} (for {})", super::named(&alerts))
}

/// The log groups that alerts read.
#[must_use]
pub fn log_groups(alerts: &[Alert]) -> Vec<String> {
    let mut groups: Vec<String> = alerts.iter().filter_map(Alert::lines).map(|lines| lines.log_group.clone()).collect();
    groups.sort();
    groups.dedup();
    groups
}

/// Whether the log group of alerts exists and receives log events; `exists` where that was seen.
#[must_use]
pub fn log_group(group: &str, exists: Option<bool>, seen: &MetricSeen) -> HealthCheck {
    let (id, title) = (format!("log-group/{group}"), format!("log group {group}"));
    let look = format!("`aws logs tail {group} --since 1d`");
    if exists == Some(false) {
        let fix = format!(
            "name the log group that the trail delivers to, or create it: `aws logs create-log-group --log-group-name {group}`"
        );
        return HealthCheck::failed(&id, &title, "it does not exist", fix);
    }
    match seen {
        Ok(None) if exists == Some(true) => {
            HealthCheck::ok(&id, &title, "exists; the sandbox does not count log events")
        }
        Ok(None) => HealthCheck::not_known(&id, &title, "whether it exists was not seen", look),
        Ok(Some(sums)) if sums.day > 0 => {
            HealthCheck::ok(&id, &title, format!("received {} log events in 24 hours (best effort)", sums.day))
        }
        Ok(Some(sums)) if sums.month > 0 => {
            let detail = format!("received no log event in 24 hours, and {} in 30 days (best effort)", sums.month);
            HealthCheck::warning(&id, &title, detail, look)
        }
        Ok(Some(_)) => {
            let fix = "let a trail deliver to it: `aws cloudtrail update-trail --name TRAIL --cloud-watch-logs-log-group-arn ARN \
                       --cloud-watch-logs-role-arn ROLE`";
            HealthCheck::failed(&id, &title, "received no log event in 30 days (best effort)", fix)
        }
        Err(error) => HealthCheck::not_asked(&id, &title, error),
    }
}
