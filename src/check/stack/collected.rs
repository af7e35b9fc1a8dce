//! Findings about alerts whose events are collected: writing them is a call that is recorded, too.

use serde_json::json;

use crate::alert::Alert;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::{Scope, is_account};
use crate::pattern::Verdict;
use crate::resource::LogGroup;
use crate::stack::Stack;

/// The services that write for EventBridge.
const WRITERS: [&str; 2] = ["delivery.logs.amazonaws.com", "events.amazonaws.com"];

/// An alert that collects what collecting causes goes on for good. This is a trial with the records as far as they can be known, and
/// not a proof.
pub(super) fn check(at: usize, alert: &Alert, stack: &Stack, document: &Document) -> Option<Finding> {
    let pattern = alert.events().filter(|_| alert.is_collected())?.judge().ok()?;
    let account = stack.account.as_deref().filter(|account| is_account(account));
    let scope = Scope::offline(account, &stack.region, &stack.stack).ok()?;
    let group = LogGroup::collecting(&scope, &alert.id).name;
    let feeds_itself = |writer: &&'static str| {
        let record = json!({
            "eventVersion": "1.11", "eventSource": "logs.amazonaws.com", "eventName": "CreateLogStream",
            "userIdentity": { "type": "AWSService", "invokedBy": writer }, "sourceIPAddress": writer, "userAgent": writer,
            "awsRegion": scope.region(), "recipientAccountId": scope.account(), "readOnly": false,
            "eventType": "AwsApiCall", "managementEvent": true, "eventCategory": "Management",
            "requestParameters": { "logGroupName": group, "logStreamName": "any" },
        });
        let event = crate::record::event(record.as_object()?);
        (pattern.matches_value(&event) == Ok(Verdict::Matches)).then_some(())
    };
    WRITERS.iter().find_map(feeds_itself)?;
    let what = format!("collecting the events of `{}` would cause more of them, without end", alert.id);
    let finding = document.finding(&format!("/alerts/{at}"), Code::CollectsItself, what);
    Some(finding.help(
        "EventBridge creates log streams for what it writes: exclude calls of services in the pattern, or remove `state` and \
        `threshold`",
    ))
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Finding;
    use crate::document::Document;

    #[test]
    fn an_alert_about_new_log_streams_is_not_collected() {
        let folder = tempfile::tempdir().expect("a folder");
        let codes = |pattern: &str, more: &str| {
            let blueprint = format!(
                "blueprint: streams\ntitle: Log stream\nseverity: low\nalert:\n  pattern: {{ source: [aws.logs], detail-type: [AWS API Call via CloudTrail], \
                 detail: {{ eventSource: [logs.amazonaws.com], eventName: [CreateLogStream, DeleteLogStream]{pattern} }} }}\n  message: {{ text: hello }}\n"
            );
            std::fs::write(folder.path().join("streams.yaml"), blueprint).expect("written");
            let text = format!(
                "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - {{ blueprint: ./streams.yaml{more} }}\n"
            );
            let document = Document::parse("t.yaml", &text).expect("YAML");
            let found = crate::check::stack(document, folder.path().to_owned());
            let found: Vec<Finding> = found.map_or_else(|found| found, |stack| stack.warnings);
            let own = found.iter().filter(|one| one.code == crate::diagnostic::Code::CollectsItself);
            own.map(|one| one.code.id()).collect::<Vec<_>>()
        };
        for collecting in [", state: staged", ", threshold: { count: 2, within: 1h }"] {
            assert_eq!(codes("", collecting), ["TB0721"], "{collecting}");
            let people = ", userIdentity: { type: [{ anything-but: AWSService }] }";
            assert!(codes(people, collecting).is_empty(), "{collecting}");
        }
        assert!(codes("", "").is_empty());
    }
}
