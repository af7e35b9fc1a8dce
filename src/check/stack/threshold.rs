//! Findings about thresholds: times and counts that CloudWatch cannot count, and messages that could not be sent.

use crate::alert::{Alert, Threshold, WITHIN_FORM, minutes};
use crate::compile::threshold::message_of;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::{self, Posting};
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
    let Some(lines) = alert.lines() else {
        let what = format!("`{}` receives events, and only log lines can be counted", alert.id);
        findings.push(finding("", &what).help("use an alert on the log route, or remove `threshold`"));
        return None;
    };
    let threshold = Threshold::read(written)?;
    let account = stack.account.as_deref().filter(|account| is_account(account));
    // A stack whose names are not well formed has findings of its own.
    let scope = Scope::offline(account, &stack.region, &stack.stack).ok()?;
    let message = message_of(alert, threshold, &lines.log_group, &scope);
    let flaws = message::flaws(&message, &message::no_values(), &Posting::longest());
    if let Some(flaw) = flaws.first() {
        let finding = finding("", "the message of this threshold could not be sent");
        findings.push(finding.found(format!("{flaw:?}")).help("shorten the blueprint's title and description"));
    }
    Some(threshold)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::diagnostic::Finding;
    use crate::document::Document;

    fn codes(blueprint: &str, threshold: &str) -> Vec<&'static str> {
        let text = format!(
            "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - {{ {blueprint}, threshold: {threshold} }}\n"
        );
        let document = Document::parse("t.yaml", &text).unwrap_or_else(|found| panic!("{found:?}"));
        let found: Vec<Finding> =
            crate::check::stack(document, PathBuf::new()).map_or_else(|found| found, |stack| stack.warnings);
        found.iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn cloudwatch_can_count_it_or_it_is_a_finding() {
        let logs = "blueprint: cloudtrail-access-denied-logs, with: { log_group: trail }";
        assert!(codes(logs, "{ count: 5, within: 10m }").is_empty());
        assert!(codes(logs, "{ count: 1, within: 1d }").is_empty());
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
}
