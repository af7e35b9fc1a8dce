//! What says that a message is late: a sign in its text, and a first block with the time and the letter's id.
//!
//! A message that comes back once more carries the block already; its time stays, and it does not get a second one.

use serde_json::Value;

use crate::lambda::label;
use crate::provider::DeadLetter;
use crate::slack::label::{MessageLabel, labeled, unlabeled};

const SIGN: &str = "[LATE]";
/// What the `block_id` of the block begins with.
const BLOCK: &str = "trailbell-late-";

/// When something happened, as well as it is known: as the rest of the block's id, `event-2026-01-01T00:00:00Z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Since(String);

impl Since {
    /// The time of an event, or of the letter when the event does not say one.
    pub(super) fn event(event: &Value, letter: &DeadLetter) -> Self {
        match event["time"].as_str().filter(|time| is_time(time)) {
            Some(time) => Self(format!("event-{time}")),
            None => Self::letter(letter),
        }
    }

    /// The time of the letter.
    pub(super) fn letter(letter: &DeadLetter) -> Self {
        Self(format!("queue-{}", utc(letter.sent_ms)))
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, time) = text.split_once('-')?;
        (["event", "queue"].contains(&kind) && is_time(time)).then(|| Self(text.to_owned()))
    }

    fn time(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, time)| time)
    }

    fn words(&self) -> String {
        let time = self.time();
        if self.0.starts_with("event") {
            format!("The event is from {time}.")
        } else {
            format!("It could not be delivered until {time}; the event is older.")
        }
    }
}

/// A message as it is sent again.
pub(super) fn message(message: &Value, letter: &DeadLetter, since: &Since) -> Value {
    let before = unlabeled(message, SIGN, BLOCK);
    let before = before.and_then(|(plain, id)| Some((plain, Since::parse(id.strip_prefix(BLOCK)?)?)));
    let (message, since) = before.unwrap_or_else(|| (message.clone(), since.clone()));
    let words = format!("{SIGN} Sent again by trailbell redrive. {} Letter {}.", since.words(), letter.id);
    labeled(&message, MessageLabel { sign: SIGN, words: &words, block_id: Some(&format!("{BLOCK}{}", since.0)) })
}

/// The label of what the notifier writes: it has room for the time and the beginning of the id.
fn short(letter: &DeadLetter, since: &Since) -> String {
    let id: String = letter.id.chars().take(8).collect();
    format!("[LATE {} {id}]", since.time())
}

/// The input of the notifier for an event, as it is sent again.
pub(super) fn input(input: &Value, letter: &DeadLetter, since: &Since) -> Value {
    label::input(input, &short(letter, since))
}

/// A batch of log events, as it is sent again.
pub(super) fn batch(batch: Value, letter: &DeadLetter) -> Value {
    label::relabeled(batch, &short(letter, &Since::letter(letter)))
}

/// Whether a text is a time as EventBridge writes it: `2026-01-01T00:00:00Z`.
fn is_time(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00Z";
    let fits = |(found, wanted): (u8, &u8)| if *wanted == b'0' { found.is_ascii_digit() } else { found == *wanted };
    text.len() == form.len() && text.bytes().zip(form).all(fits)
}

/// A time in milliseconds since 1970 as UTC in ISO 8601, to the second.
#[must_use]
pub fn utc(ms: u64) -> String {
    let (days, seconds) = (ms / 86_400_000, ms / 1_000 % 86_400);
    // The calendar repeats every 400 years, which are 146,097 days. Years begin in March here, so that a leap day is the last.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + next;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{year:04}-{month:02}-{date:02}T{hours:02}:{minutes:02}:{:02}Z", seconds % 60)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::slack;

    fn letter(id: &str) -> DeadLetter {
        DeadLetter { id: id.to_owned(), sent_ms: 1_767_225_600_000, ..DeadLetter::default() }
    }

    #[test]
    fn times_are_written_in_utc() {
        let of = |seconds: u64| utc(seconds * 1_000);
        // As `date -u -d @N` writes them.
        assert_eq!(of(0), "1970-01-01T00:00:00Z");
        assert_eq!(of(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(of(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(of(1_767_225_600), "2026-01-01T00:00:00Z");
        assert_eq!(of(4_107_542_400), "2100-03-01T00:00:00Z");
        assert!(is_time(&of(1)) && !is_time("2026-01-01T00:00:00.0Z") && !is_time("now"));
    }

    #[test]
    fn a_message_says_once_that_it_is_late() {
        let event = Since::event(&json!({ "time": "2026-01-01T00:00:00Z" }), &letter("a"));
        let first = message(&json!({ "text": "hello" }), &letter("first"), &event);
        assert!(slack::read(&first).is_ok(), "{first}");
        assert_eq!(first["text"], "[LATE] hello");
        let words =
            |message: &Value| message["blocks"][0]["elements"][0]["text"].as_str().unwrap_or_default().to_owned();
        assert!(words(&first).contains("The event is from 2026-01-01T00:00:00Z. Letter first."), "{first}");
        // It comes back through the relay: the time is still the event's.
        let again = message(&first, &letter("second"), &Since::letter(&letter("second")));
        assert_eq!(again["text"], "[LATE] hello");
        assert_eq!(again["blocks"].as_array().map(Vec::len), first["blocks"].as_array().map(Vec::len));
        assert!(words(&again).contains("The event is from 2026-01-01T00:00:00Z. Letter second."), "{again}");
    }

    #[test]
    fn a_forged_block_does_not_choose_the_words() {
        let forged = json!({ "text": "x", "blocks": [
            { "type": "context", "block_id": "trailbell-late-event-never", "elements": [{ "type": "plain_text", "text": "y" }] },
        ] });
        let marked = message(&forged, &letter("a"), &Since::letter(&letter("a")));
        assert!(marked["blocks"][0].to_string().contains("until 2026-01-01T00:00:00Z"), "{marked}");
        assert_eq!(marked["blocks"][1]["elements"][0]["text"], "y");
    }
}
