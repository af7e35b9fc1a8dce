//! What is in a dead-letter queue and what came of sending it again, for people.

use std::collections::BTreeMap;

use super::style::{DONE, FAILED, Paint, count, plain};
use crate::output::redrive::{FoundLetter, RedriveEnd};

/// How many letters of each sort are shown one by one.
const SHOWN: usize = 20;

/// The letters: how many there are of each alert and reason, then the letters themselves.
#[must_use]
pub fn found(letters: &[FoundLetter], paint: Paint) -> String {
    if letters.is_empty() {
        return "No dead letters.".to_owned();
    }
    let mut lines = vec![paint.bold(&format!("{}:", count(letters.len(), "dead letter")))];
    lines.extend(groups(letters, paint));
    let (kept, sent): (Vec<&FoundLetter>, Vec<&FoundLetter>) = letters.iter().partition(|one| one.not_sent.is_some());
    if !sent.is_empty() {
        lines.push(String::new());
        lines.push(paint.bold(&format!("{} can be sent again, the oldest first:", count(sent.len(), "message"))));
        lines.extend(shortened(&sent, line));
    }
    if !kept.is_empty() {
        lines.push(String::new());
        lines.push(paint.bold(&format!("{} left in the queue:", count(kept.len(), "letter"))));
        let with_reason = |one: &FoundLetter| {
            let why = plain(one.not_sent.as_deref().unwrap_or_default());
            format!("{}\n      {} {why}", line(one), paint.bad(FAILED))
        };
        lines.extend(shortened(&kept, with_reason));
    }
    lines.join("\n")
}

/// How many there are of each alert and reason.
fn groups(letters: &[FoundLetter], paint: Paint) -> Vec<String> {
    let mut groups: BTreeMap<(&str, String), Vec<&FoundLetter>> = BTreeMap::new();
    for one in letters {
        let reason = [one.code.as_str(), one.error.as_str()].into_iter().filter(|text| !text.is_empty());
        let reason = reason.collect::<Vec<_>>().join(": ");
        groups.entry((&one.alert, reason)).or_default().push(one);
    }
    let line = |((alert, reason), all): ((&str, String), Vec<&FoundLetter>)| {
        let reason = if reason.is_empty() { "no reason given".to_owned() } else { plain(&reason) };
        let times = match (all.first(), all.last()) {
            (Some(first), Some(last)) if first.sent != last.sent => format!("{} to {}", first.sent, last.sent),
            (first, _) => first.map(|one| one.sent.clone()).unwrap_or_default(),
        };
        format!("  {:>5}  {}  {reason}  {}", all.len(), paint.bold(&plain(alert)), paint.dim(&times))
    };
    groups.into_iter().map(line).collect()
}

fn line(one: &FoundLetter) -> String {
    format!("  {}  {}  {}: {}", one.sent, plain(&one.id), plain(&one.alert), plain(&one.excerpt))
}

/// The first of them, and how many more there are.
fn shortened(letters: &[&FoundLetter], line: impl Fn(&FoundLetter) -> String) -> Vec<String> {
    let mut lines: Vec<String> = letters.iter().take(SHOWN).map(|one| line(one)).collect();
    if letters.len() > SHOWN {
        lines.push(format!("  and {} more; `--output json` lists all", letters.len() - SHOWN));
    }
    lines
}

/// What the person is asked.
#[must_use]
pub fn question(messages: usize) -> String {
    let time = if messages < 120 { format!("{messages} s") } else { format!("{} minutes", messages.div_ceil(60)) };
    format!("Send {} to Slack again, marked [LATE]? This takes about {time}.", count(messages, "message"))
}

/// A letter that is about to be sent, as the number `at` of `all`.
#[must_use]
pub fn sending(at: usize, all: usize, id: &str, alert: &str) -> String {
    format!("  sending {at} of {all}: {} ({})", plain(id), plain(alert))
}

/// A letter that was not sent or not removed, and why.
#[must_use]
pub fn failed(id: &str, why: &str) -> String {
    format!("{}: {}", plain(id), plain(why))
}

/// What came of all.
#[must_use]
pub fn ended(end: &RedriveEnd, paint: Paint) -> String {
    let mut lines = Vec::new();
    if end.accepted > 0 {
        lines.push(format!(
            "{} EventBridge accepted {}. What Slack still rejects returns to the dead-letter queue: `trailbell status` \
             shows it.",
            paint.good(DONE),
            count(end.accepted, "message")
        ));
    }
    let also = [
        (end.not_removed, "of these could not be removed from the queue, so the next run sends it again"),
        (end.failed, "not accepted, and left in the queue"),
        (end.left, "not tried, and left in the queue: run the command again"),
        (end.kept, "cannot be sent again, and left in the queue"),
    ];
    if let Some(error) = &end.error {
        lines.push(format!("{} stopped: {}", paint.bad(FAILED), plain(error)));
    }
    let told = also.iter().filter(|(number, _)| *number > 0);
    lines.extend(told.map(|(number, words)| format!("{} {number} {words}", paint.bad(FAILED))));
    lines.join("\n")
}
