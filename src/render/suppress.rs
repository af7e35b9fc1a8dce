//! Proposed suppressions, for people: what to paste, where, and what was tried.

use super::style::{DONE, FAILED, Paint, count, plain};
use crate::output::suppress::{Proposed, SuppressResult};
use crate::propose::Proposal;

/// An item of `suppress` as YAML; what a person has to say is left open.
#[must_use]
pub fn item(proposal: &Proposal) -> String {
    let mut lines = vec!["- when:".to_owned()];
    // JSON is YAML.
    lines.extend(proposal.when.iter().map(|(path, list)| format!("    {path}: {list}")));
    lines.push("  reason:   # why these events are expected".to_owned());
    lines.push("  owner:    # the person or team to ask".to_owned());
    lines.push(
        "  until:    # the last day, such as 2027-01-31; without this line it applies until it is removed".to_owned(),
    );
    lines.join("\n")
}

/// All of it.
#[must_use]
pub fn text(result: &SuppressResult, file: &str, paint: Paint) -> String {
    let mut blocks: Vec<String> = result.proposals.iter().map(|one| proposed(one, file, paint)).collect();
    let refused = result
        .refused
        .iter()
        .map(|one| format!("{} {}: {}", paint.bad(FAILED), paint.bold(&plain(&one.alert)), plain(&one.why)));
    blocks.extend(refused);
    blocks.join("\n\n")
}

fn proposed(one: &Proposed, file: &str, paint: Paint) -> String {
    let names: Vec<String> = one.alerts.iter().map(|id| format!("`{}`", plain(id))).collect();
    let (names, kind) = (names.join(", "), if names.len() == 1 { "the alert" } else { "each of the alerts" });
    let yaml: Vec<String> = one.yaml.lines().map(|line| format!("      {}", plain(line))).collect();
    format!(
        "Paste this below {kind} {names} in `{}`, and fill in the rest:\n\n    suppress:\n{}\n\n{} With it, the alert does not fire for \
         this event. For the events of its tests it still does ({}).",
        plain(file),
        yaml.join("\n"),
        paint.good(DONE),
        count(one.proposal.tests, "test"),
    )
}
