//! Findings about events that others can make: an alert that anyone can trigger, a remediation that anyone can run.

use super::domain::place;
use super::remediation::turned_on;
use crate::blueprint::Blueprint;
use crate::blueprint::parameters::Values;
use crate::cloudtrail::forgery::{can_be_refused, is_of_aws};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;

/// With the defaults of the parameters, the remediation turned on.
pub(super) fn forgery(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    if blueprint.is_log_route() || !super::has_whole_pattern(blueprint) {
        return Vec::new();
    }
    let mut findings = check_forgery(blueprint, &turned_on(blueprint), document, "/alert/pattern");
    findings.extend(consent(blueprint, document));
    findings.extend(explained(blueprint, document));
    findings
}

/// That anyone can trigger the alert is said with a reason, and only of an alert that anyone can trigger.
fn explained(blueprint: &Blueprint, document: &Document) -> Option<Finding> {
    let reason = blueprint.alert.from_anyone.as_deref()?;
    let finding = |what: &str| document.finding("/alert/from_anyone", Code::NotAllowed, what);
    if reason.trim().is_empty() {
        let help = "write why it does no harm that anyone who can put events on the event bus can trigger the alert";
        return Some(finding("`from_anyone` has no reason").help(help));
    }
    let is_of_aws = blueprint.pattern(&turned_on(blueprint)).is_ok_and(|pattern| is_of_aws(&pattern));
    is_of_aws.then(|| finding("only AWS can trigger this alert").help("remove `from_anyone`"))
}

/// The findings about who can make events that match, with these parameter values. The pattern is at `pointer`, or the values
/// are.
pub(super) fn check_forgery(
    blueprint: &Blueprint,
    values: &Values,
    document: &Document,
    pointer: &str,
) -> Vec<Finding> {
    // What cannot be judged is a finding of the loop proof.
    let Ok(pattern) = blueprint.pattern(values) else { return Vec::new() };
    let finding = |code, field: &str, what: &str| document.finding(&place(document, pointer, field, None), code, what);
    let Some(remedy) = blueprint.remedy(values) else {
        let what = "anyone who can put events on the event bus can trigger this alert";
        let help = "for events of AWS, list the `source` in every branch, such as `source: [aws.iam]` or `source: [{ \
            prefix: aws. }]`; for events of your own applications, add `from_anyone: …` under `alert`: why that does no harm";
        let warning = || finding(Code::ForgeableAlert, "source", what).help(help);
        let is_open = !is_of_aws(&pattern) && blueprint.alert.from_anyone.is_none();
        return is_open.then(warning).into_iter().collect();
    };
    let mut findings = Vec::new();
    if !is_of_aws(&pattern) {
        let what = "anyone who can put events on the event bus can run the remediation with an event of their choice";
        let help = "list the `source` in every branch, such as `source: [aws.iam]` or `source: [{ prefix: aws. }]`: \
            only AWS can send such events";
        findings.push(finding(Code::ForgeableRemediation, "source", what).help(help));
    }
    if can_be_refused(&pattern) && !remedy.refused {
        let what = "a refused call runs the remediation, with parameters that the caller chose";
        let help = "require calls that succeeded, with `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: \
            false }]` in `detail`; if refused calls must run it, add `refused: true` and a `reason` under `remediation`";
        findings.push(finding(Code::ForgeableRemediation, "detail", what).help(help));
    }
    findings
}

/// That refused calls run a handler is said with a reason.
fn consent(blueprint: &Blueprint, document: &Document) -> Option<Finding> {
    let remedy = blueprint.remediation.as_ref()?;
    let is_explained = remedy.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    match (remedy.refused, is_explained) {
        (true, false) => {
            let finding = document.finding("/remediation/refused", Code::NotAllowed, "`refused` requires a `reason`");
            Some(
                finding.help(
                    "add `reason: …` under `remediation`: why it does no harm that refused calls run the handler",
                ),
            )
        }
        (false, true) => {
            let finding =
                document.finding("/remediation/reason", Code::NotAllowed, "`reason` requires `refused: true`");
            Some(finding.help("remove it, or add `refused: true`"))
        }
        _ => None,
    }
}
