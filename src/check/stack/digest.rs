//! Findings about `digest`: its period, what the alert receives, and whether a digest would make the events that it counts.

use crate::alert::{Alert, Digest, ReceivedEvents};
use crate::blueprint::RuleState;
use crate::check::blueprint::causes_of_function;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::DIGEST;
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
    if alert.id == DIGEST {
        let what = format!("the id `{DIGEST}` is reserved in a stack with digests");
        findings.push(finding(Code::BadId, what).help("choose another `id` for the alert"));
    }
    let Some(events) = alert.events() else {
        let what = format!("`{}` receives log lines, which a digest cannot collect", alert.id);
        let help = "remove `digest`: CloudWatch Logs delivers lines in batches, and one message shows many of them";
        findings.push(finding(Code::DigestOfLines, what).help(help));
        return None;
    };
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
