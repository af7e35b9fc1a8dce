//! Findings about `digest`: its period, what the alert receives, and whether a digest would make the events that it counts.

use crate::alert::{Alert, Digest, ReceivedEvents};
use crate::blueprint::RuleState;
use crate::check::blueprint::causes_of_function;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::stack::{AlertUse, DIGEST_FORM, digest_minutes};

/// What `digest` asks for; adds what is wrong with it. For an alert of a pack, findings are at the item that names the pack.
pub(super) fn check(
    used: &AlertUse,
    at: usize,
    alert: &Alert,
    document: &Document,
    findings: &mut Vec<Finding>,
) -> Option<Digest> {
    let text = used.digest.as_deref()?;
    let pointer = format!("/alerts/{at}/digest");
    let finding = |code, what: String| document.finding(&pointer, code, what);
    let Some(every_minutes) = digest_minutes(text) else {
        let what = "this is not the period of a digest".to_owned();
        findings.push(finding(Code::BadDigest, what).found(format!("`{text}`")).expected(DIGEST_FORM));
        return None;
    };
    let Some(events) = alert.events() else {
        let what = format!("`{}` receives log lines, which a digest cannot collect", alert.id);
        let help = "remove `digest`: CloudWatch Logs delivers lines in batches, and one message shows many of them";
        findings.push(finding(Code::DigestOfLines, what).help(help));
        return None;
    };
    if let Some(topic) = alert.to.iter().find(|to| to.posting.form.is_plain()) {
        let what = format!("a digest cannot go to the SNS topic `{}`: it is posted to Slack", topic.id);
        findings.push(finding(Code::BadDigest, what).help("name Slack destinations in `to`, or remove `digest`"));
    }
    findings.extend(loops(events, alert).map(|call| {
        let what = format!("`{call}`, which AWS makes for every digest, matches the pattern of `{}`", alert.id);
        let help = "list the `eventName`s that the alert is about, or leave out calls that AWS services make, with \
            `userIdentity: { invokedBy: [{ exists: false }] }` in `detail`";
        finding(Code::DigestLoop, what).help(help)
    }));
    Some(Digest { every_minutes })
}

/// What AWS does for every run of the digest function and that the alert receives.
fn loops(events: &ReceivedEvents, alert: &Alert) -> Option<&'static str> {
    let receives_reading = events.state == RuleState::EnabledWithAllCloudtrailManagementEvents;
    causes_of_function(&events.judge().ok()?, &alert.blueprint.blueprint, receives_reading)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::alert::Installation;
    use crate::compile::compile;
    use crate::name::Scope;
    use crate::resource::Kind;

    const LOOP: &str = "blueprint: mine\ntitle: Mine\nseverity: low\nalert:\n  pattern:\n    source: [aws.sts]\n    \
        detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [sts.amazonaws.com], eventName: [AssumeRole] }\n  \
        message: { text: x }\ntests:\n  - { name: a, record: { eventSource: sts.amazonaws.com, eventName: AssumeRole }, \
        expect: { matches: true } }\n  - { name: b, record: { eventSource: sts.amazonaws.com, eventName: GetCallerIdentity }, \
        expect: { matches: false } }\n";

    fn load(folder: &Path, alerts: &str) -> Result<Installation, Vec<Finding>> {
        let text = format!(
            "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n{alerts}"
        );
        crate::check::stack(Document::parse("s.yaml", &text).expect("YAML"), folder.to_owned())
    }

    #[test]
    fn what_a_digest_cannot_be_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("mine.yaml"), LOOP).expect("written");
        let cases: [(&str, &[&str]); 9] = [
            ("{ blueprint: cloudtrail-stop-logging, digest: 15m }", &[]),
            ("{ blueprint: cloudtrail-stop-logging, digest: 1d }", &[]),
            ("{ blueprint: cloudtrail-stop-logging, digest: 4m }", &["TB0725"]),
            ("{ blueprint: cloudtrail-stop-logging, digest: 90s }", &["TB0725"]),
            ("{ blueprint: cloudtrail-access-denied-logs, with: { log_group: trail }, digest: 15m }", &["TB0726"]),
            ("{ blueprint: ./mine.yaml, digest: 15m }", &["TB0727"]),
            ("{ blueprint: cloudtrail-stop-logging, id: digest, digest: 15m }", &["TB0201"]),
            ("{ blueprint: cloudtrail-stop-logging, id: digest }", &[]),
            // The handler of one would take the place of the function of the other's digest.
            (
                "{ blueprint: cloudtrail-stop-logging, id: digest }\n  - { blueprint: root-activity, digest: 15m }",
                &["TB0201"],
            ),
        ];
        for (alert, expected) in cases {
            let found = load(folder.path(), &format!("  - {alert}\n"));
            let found = found.map_or_else(|found| found, |loaded| loaded.warnings);
            let codes: Vec<&str> = found
                .iter()
                .map(|one| one.code.id())
                .filter(|code| code.starts_with("TB07") || *code == "TB0201")
                .collect();
            assert_eq!(codes, expected, "{alert}: {found:#?}");
        }
    }

    #[test]
    fn every_alert_of_a_pack_has_the_digest_and_a_queue_and_a_schedule_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let loaded = load(folder.path(), "  - { use: account-baseline, digest: 1h }\n").expect("good");
        assert!(loaded.alerts.iter().all(|alert| alert.digest == Some(Digest { every_minutes: 60 })));
        let scope = Scope::offline(Some("123456789012"), "us-east-1", "sec").expect("a good scope");
        let desired = compile(&loaded, &scope, None);
        let count = |kind| desired.keys().filter(|address| address.kind() == kind).count();
        let alerts = loaded.alerts.len();
        // One rule for each, and the relay rule; however many calls an alert is about.
        assert_eq!((count(Kind::DigestQueue), count(Kind::Schedule), count(Kind::Rule)), (alerts, alerts, alerts + 1));
        // Messages come from the digest function alone.
        assert_eq!((count(Kind::Function), count(Kind::Role)), (1, 3));
    }

    #[test]
    fn without_the_key_nothing_of_it_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let loaded = load(folder.path(), "  - { blueprint: cloudtrail-stop-logging }\n").expect("good");
        let scope = Scope::offline(Some("123456789012"), "us-east-1", "sec").expect("a good scope");
        let desired = compile(&loaded, &scope, None);
        let is_of_digest = |kind| matches!(kind, Kind::DigestQueue | Kind::Schedule | Kind::Function);
        assert!(!desired.keys().any(|address| is_of_digest(address.kind())));
    }
}
