//! Marking a message as a test, in its text and in its blocks, with an id by which its dead letter is known.
//!
//! The message that `trailbell fire` shows is what a real alert sends; a test differs in the mark alone. What the notifier
//! writes is marked by what it is given, so that the code that runs is the code that is deployed.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::lambda::batch::BatchOrigin;
use crate::secret::hex;
use crate::slack;

/// Longest text that is kept when the marked message does not fit into Slack's limits.
const CUT: usize = 2_000;

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
    let text = message["text"].as_str().unwrap_or("alert");
    let mut marked = message.clone();
    // A message may only say of these what Slack does anyway, and the relay rule lets none of them pass.
    if let Some(fields) = marked.as_object_mut() {
        fields.retain(|name, _| !["parse", "link_names"].contains(&name.as_str()));
    }
    marked["text"] = format!("[TEST] {text}").into();
    let mark = json!({ "type": "context", "elements": [{ "type": "plain_text", "text": words(id) }] });
    if let Some(blocks) = marked.get_mut("blocks").and_then(Value::as_array_mut) {
        blocks.insert(0, mark.clone());
    } else {
        let shown = json!({ "type": "section", "text": { "type": "plain_text", "text": cut(text) } });
        marked["blocks"] = json!([mark.clone(), shown]);
    }
    if slack::read(&marked).is_err() && slack::read(message).is_ok() {
        // It was so full that the mark finds no room: then its text alone is sent.
        marked["text"] = format!("[TEST] {}", cut(text)).into();
        marked["blocks"] = json!([mark]);
    }
    marked
}

fn cut(text: &str) -> String {
    text.chars().take(CUT).collect()
}

/// The input of the notifier for an event, so that what it writes is marked.
pub(super) fn input(input: &Value, id: &str) -> Value {
    let mut marked = input.clone();
    let alert = &mut marked["trailbell"];
    let before = |field: &Value| field.as_str().unwrap_or("Alert").to_owned();
    alert["title"] = format!("[TEST {id}] {}", before(&alert["title"])).into();
    if let Some(parts) = alert["message"]["sentence"].as_array_mut() {
        parts.insert(0, format!("[TEST {id}] ").into());
    }
    marked
}

/// The origin of log lines, so that what the notifier writes of them is marked.
pub(super) fn origin(origin: BatchOrigin, id: &str) -> BatchOrigin {
    let log_group = format!("[TEST {id}] {}", origin.log_group);
    BatchOrigin { log_group, log_stream: "trailbell-verify".to_owned(), ..origin }
}

#[cfg(test)]
mod tests {
    use super::*;

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
