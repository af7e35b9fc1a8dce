//! What others can do to the alerts of a stack: run a remediation from another account, or delay a critical alert.

use crate::alert::{Alert, ReceivedEvents};
use crate::blueprint::Urgency;
use crate::cloudtrail::forgery::{is_at_will, is_filter_at_will};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::filter;
use crate::pattern::Demand;
use crate::stack::Stack;

/// The findings about others.
pub(super) fn check(stack: &Stack, alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let mut findings: Vec<Finding> = alerts
        .iter()
        .zip(places)
        .filter_map(|(alert, at)| other_account(alert, stack.account.as_deref(), &format!("/alerts/{at}"), document))
        .collect();
    findings.extend(delayed(alerts, places, document));
    findings
}

/// A remediation runs on events of the stack's own account: `compile` adds it to a pattern that names none.
fn other_account(alert: &Alert, own: Option<&str>, pointer: &str, document: &Document) -> Option<Finding> {
    alert.remediation()?;
    let pattern = alert.events().map(ReceivedEvents::judge)?.ok()?;
    let is_own = |demand: Demand| own.is_some_and(|own| demand.texts().is_some_and(|texts| texts == [own]));
    let is_wrong = pattern.branches().filter_map(|branch| branch.demand("account")).any(|demand| !is_own(demand));
    is_wrong.then(|| {
        let what = format!("the remediation of `{}` could run on events of another account", alert.id);
        let finding = document.finding(pointer, Code::ForgeableRemediation, what);
        finding.help("remove `account` from the pattern: trailbell adds the account of the stack")
    })
}

/// Alerts that anyone can trigger, next to one that must not wait: Slack's limit is per channel.
fn delayed(alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let is_critical = |alert: &Alert| alert.blueprint.severity == Urgency::Critical && !alert.is_staged;
    let mut findings = Vec::new();
    // A threshold or a digest posts once in a period, however many events there are.
    let is_often = |alert: &Alert| alert.threshold.is_none() && alert.digest.is_none() && is_triggered_at_will(alert);
    for (alert, at) in alerts.iter().zip(places).filter(|(alert, _)| is_often(alert)) {
        // Only a channel of Slack has such a limit.
        let own = alert.destinations();
        let shares = |other: &Alert| {
            other.addressees().into_iter().any(|to| !to.posting.form.is_plain() && own.contains(&to.id))
        };
        let others = alerts.iter().filter(|other| is_critical(other) && other.id != alert.id && shares(other));
        let Some(critical) = others.min_by_key(|other| is_triggered_at_will(other)) else { continue };
        let what = format!(
            "anyone can trigger `{}` as often as they like, and its messages delay the critical alert `{}`",
            alert.id, critical.id
        );
        let finding = document.finding(&format!("/alerts/{at}"), Code::SharedDestination, what);
        let help = "both post to one Slack channel, which accepts about one message per second; give the critical alert a \
            destination of its own: a name under `slack`, and `to`";
        findings.push(finding.help(help));
    }
    findings
}

fn is_triggered_at_will(alert: &Alert) -> bool {
    // What is staged sends nothing, and a threshold one message for many.
    if alert.is_staged || alert.threshold.is_some() {
        return false;
    }
    match alert.lines() {
        Some(lines) => filter::parse(&lines.filter).is_ok_and(|filter| is_filter_at_will(&filter)),
        None => alert.events().is_some_and(|events| events.judge().is_ok_and(|pattern| is_at_will(&pattern))),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::document::Document;

    const HEAD: &str = "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\n";
    const HANDLER: &str =
        "remediation: { handler: fix.mjs, allow: [{ actions: [\"iam:DeleteUser\"], resources: [\"*\"] }] }\n";
    const SUCCESS: &str = "errorCode: [{ exists: false }], errorMessage: [{ exists: false }]";

    /// The codes of a stack of blueprints, each with its severity, its pattern, and more.
    fn codes(stack: &str, blueprints: &[(&str, &str, &str)]) -> Vec<&'static str> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("fix.mjs"), "export const handler = async () => {};").expect("written");
        let mut text = format!("{HEAD}{stack}alerts:\n");
        for (at, (severity, pattern, more)) in blueprints.iter().enumerate() {
            let blueprint = format!(
                "blueprint: b{at}\ntitle: T\nseverity: {severity}\nalert:\n  pattern: {pattern}\n  message: {{ text: hello }}\n{more}"
            );
            std::fs::write(folder.path().join(format!("b{at}.yaml")), blueprint).expect("written");
            let _ = writeln!(text, "  - blueprint: ./b{at}.yaml");
        }
        let document = Document::parse("t.yaml", &text).expect("YAML");
        let found = crate::check::stack(document, folder.path().to_owned());
        let found = found.map_or_else(|found| found, |stack| stack.warnings);
        found.iter().map(|one| one.code.id()).filter(|id| ["TB0311", "TB0604"].contains(id)).collect()
    }

    #[test]
    fn a_remediation_runs_on_events_of_its_own_account_alone() {
        let call = |more: &str| {
            format!(
                "{{ source: [aws.iam], {more}detail-type: [AWS API Call via CloudTrail], \
                 detail: {{ eventSource: [iam.amazonaws.com], eventName: [CreateUser], {SUCCESS} }} }}"
            )
        };
        let own = "account: \"123456789012\"\n";
        let cases = [
            ("", "", vec![]),
            (own, "", vec![]),
            (own, "account: [\"123456789012\"], ", vec![]),
            (own, "account: [\"123456789012\", \"111122223333\"], ", vec!["TB0604"]),
            (own, "account: [{ prefix: \"1\" }], ", vec!["TB0604"]),
            ("", "account: [\"123456789012\"], ", vec!["TB0604"]),
            (own, "$or: [{ account: [\"111122223333\"] }, { region: [us-east-1] }], ", vec!["TB0604"]),
        ];
        for (stack, more, expected) in cases {
            assert_eq!(codes(stack, &[("low", &call(more), HANDLER)]), expected, "{stack}{more}");
            assert!(codes(stack, &[("low", &call(more), "")]).is_empty(), "without a handler: {more}");
        }
    }

    #[test]
    fn a_critical_alert_does_not_share_its_channel_with_what_anyone_can_trigger() {
        let stopped = "{ source: [aws.cloudtrail], detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] } }";
        let refused = "{ source: [aws.iam], detail: { eventName: [CreateUser], errorCode: [AccessDenied] } }";
        let own = "{ source: [my.app], detail-type: [order] }";
        let pair = |first, second| codes("", &[("critical", first, ""), ("low", second, "")]);
        assert_eq!(pair(stopped, refused), ["TB0311"]);
        assert_eq!(pair(stopped, own), ["TB0311"]);
        assert!(pair(stopped, stopped).is_empty());
        assert!(codes("", &[("high", stopped, ""), ("low", refused, "")]).is_empty());
        assert!(codes("", &[("critical", refused, "")]).is_empty(), "it does not delay itself");
    }
}
