//! Marking a message as a test, in its text and in its blocks, with an id by which its dead letter is known.
//!
//! The message that `trailbell fire` shows is what a real alert sends; a test differs in the mark alone. What the notifier
//! writes is marked by what it is given, so that the code that runs is the code that is deployed.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::lambda::batch::BatchOrigin;
use crate::lambda::label;
use crate::secret::hex;
use crate::slack::label::{MessageLabel, labeled};

/// The id of the test of one alert in one run: 16 hex digits, so that none is part of another.
#[must_use]
pub(super) fn id(run: &str, alert: &str) -> String {
    hex(&Sha256::digest(format!("{run}|{alert}"))[..8])
}

fn words(id: &str) -> String {
    format!("[TEST] This is a test by trailbell verify, id {id}. Nothing happened in your account.")
}

/// A message as it is sent for a test.
pub(super) fn message(message: &Value, id: &str) -> Value {
    labeled(message, MessageLabel { sign: "[TEST]", words: &words(id), block_id: None })
}

/// A message of an SNS topic as it is sent for a test: a custom notification of Amazon Q Developer with the mark in its title and
/// description, or an email with a line above the others.
pub(super) fn plain(message: &str, id: &str) -> String {
    let words = words(id);
    if let Ok(Value::Object(mut body)) = serde_json::from_str(message)
        && let Some(content) = body.get_mut("content").and_then(Value::as_object_mut)
    {
        let marked = |text: &Value, sign: &str, end: &str| format!("{sign}{end}{}", text.as_str().unwrap_or_default());
        let (title, description) =
            (marked(&content["title"], "[TEST]", " "), marked(&content["description"], &words, "\n"));
        content.extend([("title".to_owned(), title.into()), ("description".to_owned(), description.into())]);
        return Value::Object(body).to_string();
    }
    format!("\"{words}\"\n{message}")
}

/// The input of the notifier for an event, so that what it writes is marked.
pub(super) fn input(input: &Value, id: &str) -> Value {
    label::input(input, &format!("[TEST {id}]"))
}

/// The origin of log lines, so that what the notifier writes of them is marked.
pub(super) fn origin(origin: BatchOrigin, id: &str) -> BatchOrigin {
    let log_group = label::log_group(&origin.log_group, &format!("[TEST {id}]"));
    BatchOrigin { log_group, log_stream: "trailbell-verify".to_owned(), ..origin }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::slack;

    #[test]
    fn a_test_is_marked_in_text_and_blocks_and_slack_takes_it() {
        let rich = json!({ "text": "hello", "blocks": [{ "type": "divider" }] });
        let many: Vec<Value> = (0..50).map(|_| json!({ "type": "divider" })).collect();
        let full = json!({ "channel": "C1", "text": "hello", "blocks": many });
        for original in [json!({ "text": "hello" }), rich, full] {
            let marked = message(&original, "0123456789abcdef");
            assert!(slack::read(&marked).is_ok(), "{marked}");
            assert_eq!(marked["text"], "[TEST] hello");
            let mark = marked["blocks"][0].to_string();
            assert!(mark.contains("[TEST]") && mark.contains("0123456789abcdef"), "{marked}");
            assert_eq!(marked["channel"], original["channel"]);
        }
        assert_eq!(id("run", "a").len(), 16);
        assert_ne!(id("run", "a"), id("run", "b"));
    }
}
