//! Findings about thresholds: times and counts that CloudWatch cannot count, and messages that could not be sent.

use crate::alert::{Alert, Threshold, WITHIN_FORM, minutes};
use crate::blueprint::Blueprint;
use crate::compile::threshold::message_of;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::{self, Flaw, Posting};
use crate::name::{Scope, is_account};
use crate::redact;
use crate::stack::{AlertUse, Stack};

/// The threshold of an alert, and the findings about it.
pub(super) fn check(
    at: usize,
    written: &AlertUse,
    alert: &Alert,
    stack: &Stack,
    document: &Document,
    findings: &mut Vec<Finding>,
) -> Option<Threshold> {
    let written = written.threshold.as_ref()?;
    let pointer = format!("/alerts/{at}/threshold");
    let finding = |below: &str, what: &str| document.finding(&format!("{pointer}{below}"), Code::BadThreshold, what);
    if written.count == 0 {
        findings.push(finding("/count", "a threshold of 0 is always reached").expected("1 or more"));
    }
    if minutes(&written.within).is_none() {
        let finding = finding("/within", "CloudWatch cannot count within this time");
        findings.push(finding.found(format!("`{}`", redact::message(&written.within))).expected(WITHIN_FORM));
    }
    if alert.digest.is_some() {
        let finding = finding("", "`threshold` and `digest` cannot be combined");
        findings.push(finding.help("a digest counts all events of a period: remove one of the two"));
    }
    let threshold = Threshold::read(written)?;
    let account = stack.account.as_deref().filter(|account| is_account(account));
    // A stack whose names are not well formed has findings of its own.
    let scope = Scope::offline(account, &stack.region, &stack.stack).ok()?;
    if let Some(why) = unsendable(&message_of(alert, threshold, &scope)) {
        let finding = finding("", "the message of this threshold could not be sent");
        findings.push(finding.found(why).help("shorten the blueprint's title and description"));
    }
    Some(threshold)
}

/// Why a message could not be sent: Slack would refuse it, or EventBridge its template.
fn unsendable(message: &Blueprint) -> Option<String> {
    let (values, posting) = (message::no_values(), Posting::longest());
    let flaw = message::flaws(message, &values, &posting).into_iter().next().map(|flaw| match flaw {
        Flaw::NotJson(why) => why,
        Flaw::Value { name, .. } => format!("`<{name}>` is not safe there"),
        Flaw::Refused { problem, .. } => problem.what,
    });
    flaw.or_else(|| message::compile(message, &values, &posting).validate().first().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::diagnostic::Finding;
    use crate::document::Document;

    fn found(folder: &Path, blueprint: &str, threshold: &str) -> Vec<Finding> {
        let text = format!(
            "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - {{ {blueprint}, threshold: {threshold} }}\n"
        );
        let document = Document::parse("t.yaml", &text).unwrap_or_else(|found| panic!("{found:?}"));
        crate::check::stack(document, folder.to_owned()).map_or_else(|found| found, |stack| stack.warnings)
    }

    fn codes(blueprint: &str, threshold: &str) -> Vec<&'static str> {
        found(Path::new(""), blueprint, threshold).iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn cloudwatch_can_count_it_or_it_is_a_finding() {
        let logs = "blueprint: cloudtrail-access-denied-logs, with: { log_group: trail }";
        assert!(codes(logs, "{ count: 5, within: 10m }").is_empty());
        assert!(codes(logs, "{ count: 1, within: 1d }").is_empty());
        assert!(codes("blueprint: cloudtrail-stop-logging", "{ count: 3, within: 2h }").is_empty());
        assert_eq!(codes("blueprint: cloudtrail-stop-logging, digest: 15m", "{ count: 3, within: 2h }"), ["TB0720"]);
        for (bad, expected) in [
            ("{ count: 0, within: 10m }", "TB0720"),
            ("{ count: 5, within: 90s }", "TB0720"),
            ("{ count: 5, within: 2d }", "TB0720"),
            ("{ count: 5, within: soon }", "TB0720"),
            ("{ count: 5 }", "TB0107"),
            ("{ count: -5, within: 10m }", "TB0106"),
            ("{ count: many, within: 10m }", "TB0106"),
        ] {
            assert_eq!(codes(logs, bad), [expected], "{bad}");
        }
    }

    #[test]
    fn a_message_that_could_not_be_sent_is_found_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        // EventBridge refuses the template of the first, and Slack the message of the second.
        for (length, reason) in [(9_000, "less than or equal to 8192"), (20_000, "at most 13000 are allowed")] {
            let blueprint = format!(
                "blueprint: long\ntitle: T\nseverity: high\ndescription: {:?}\nresponse: [a]\nalert:\n  log_group: t\n  \
                 filter: '{{ $.eventName = \"X\" }}'\ntests:\n  \
                 - {{ name: a, record: {{ eventName: X, eventSource: a.amazonaws.com }}, expect: {{ matches: true }} }}\n  \
                 - {{ name: b, record: {{ eventName: Y, eventSource: a.amazonaws.com }}, expect: {{ matches: false }} }}\n",
                "x".repeat(length)
            );
            std::fs::write(folder.path().join("long.yaml"), blueprint).expect("it is written");
            let found = found(folder.path(), "blueprint: ./long.yaml", "{ count: 5, within: 10m }");
            let [one] = &found[..] else { panic!("{length}: {found:?}") };
            assert_eq!(one.code.id(), "TB0720");
            assert!(one.found.as_deref().is_some_and(|found| found.contains(reason)), "{one:?}");
        }
    }
}
