//! What `verify` found, for people.

use serde_json::Value;

use super::messages::bubble;
use super::style::{DONE, FAILED, Paint, count, plain};
use crate::verify::{Proof, ProofVerdict, Remedied, Verified, Watched};

/// One alert: what is known of it, and the message.
#[must_use]
pub fn alert(one: &Verified, paint: Paint, width: usize) -> String {
    let id = paint.bold(&one.alert);
    match &one.proof {
        Proof::Accepted { bodies } | Proof::Proven { bodies } => {
            let shown = |body: &String| {
                bubble(body, &Value::Null, paint, width).unwrap_or_else(|| format!("  {}", plain(body)))
            };
            let all: Vec<String> = bodies.iter().map(shown).collect();
            let accepted = if bodies.len() == 1 { "the message" } else { "the messages" };
            let line = format!("{id}: the pattern matches and EventBridge accepted {accepted}");
            format!("{} {line}\n{}", paint.good(DONE), all.join("\n"))
        }
        Proof::Failed { why, hint } => told(&id, "", why, hint, paint),
        Proof::Unknown { why, hint } => told(&id, "not known: ", why, hint, paint),
        Proof::NotWatched { why, hint } => told(&id, "not watched: ", why, hint, paint),
    }
}

fn told(id: &str, before: &str, why: &str, hint: &str, paint: Paint) -> String {
    let hint = if hint.is_empty() { String::new() } else { format!("\n  {}", paint.dim(&plain(hint))) };
    format!("{} {id}: {before}{}{hint}", paint.bad(FAILED), plain(why))
}

/// What a remediation did; `is_chosen` when the person named the event.
#[must_use]
pub fn remedied(id: &str, remedied: &Remedied, is_chosen: bool, paint: Paint) -> String {
    match &remedied.invoked.error {
        None => {
            let result = plain(&remedied.invoked.result.to_string());
            format!("{} {}: its remediation ran: {result}", paint.good(DONE), paint.bold(id))
        }
        Some(error) => {
            let hint = if is_chosen {
                format!("it is the function {}", remedied.function)
            } else {
                "it received the event of the blueprint's test; give an event of your own account with --event"
                    .to_owned()
            };
            let why = plain(&format!("its remediation failed: {error}"));
            format!("{} {}: {why}\n  {}", paint.bad(FAILED), paint.bold(id), paint.dim(&hint))
        }
    }
}

/// What the person is asked who can see Slack.
#[must_use]
pub fn question(sent: usize) -> String {
    format!("Did {} arrive in Slack, marked [TEST]?", count(sent, "message"))
}

/// All alerts together, in the last lines.
#[must_use]
pub fn summary(results: &[Verified], watched: &Watched, wait: u64, paint: Paint) -> String {
    let mut lines: Vec<String> = Vec::new();
    for one in results {
        // What became known after the alert's own line was printed; a gap in watching is the same for all.
        let is_later = watched.sent.contains(&one.test_id);
        if is_later && !matches!(one.proof, Proof::NotWatched { .. }) && one.proof.verdict() < ProofVerdict::Accepted {
            lines.push(alert(one, paint, usize::MAX));
        }
    }
    let number = |verdict: ProofVerdict| results.iter().filter(|one| one.proof.verdict() == verdict).count();
    let mut parts = Vec::new();
    let is_unrepaired = |one: &&Verified| one.remediation.as_ref().is_some_and(|one| one.invoked.error.is_some());
    let unrepaired = results.iter().filter(is_unrepaired).count();
    if unrepaired > 0 {
        parts.push(paint.bad(&format!("{} failed", count(unrepaired, "remediation"))));
    }
    for (verdict, word) in [(ProofVerdict::Failed, "failed"), (ProofVerdict::Unknown, "not known")] {
        if number(verdict) > 0 {
            parts.push(paint.bad(&format!("{} {word}", number(verdict))));
        }
    }
    if number(ProofVerdict::NotWatched) > 0 {
        let (why, hint) = watched.gap.as_ref().map_or(("", ""), |gap| (&gap.why, &gap.hint));
        parts.push(paint.bad(&format!(
            "{} not watched: {}; {}",
            number(ProofVerdict::NotWatched),
            plain(why),
            plain(hint)
        )));
    }
    if number(ProofVerdict::Proven) > 0 {
        parts.push(paint.good(&format!("{} proven", number(ProofVerdict::Proven))));
    }
    if number(ProofVerdict::Accepted) > 0 {
        parts.push(paint.warn(&format!(
            "{} accepted, not confirmed: nothing came back within {wait} s; only a person can confirm that messages \
            arrive",
            number(ProofVerdict::Accepted)
        )));
    }
    lines.push(parts.join(", "));
    lines.join("\n")
}
