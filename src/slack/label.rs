//! A label on a message, in its text and in a first block, for those that are not sent as an alert is: tests, and alerts that
//! are sent again.

use serde_json::{Value, json};

use super::read;

/// Longest text that is kept when the labeled message does not fit into Slack's limits.
const CUT: usize = 2_000;

/// What a message is labeled with.
#[derive(Clone, Copy, Debug)]
pub struct MessageLabel<'a> {
    /// What its text begins with, such as `[TEST]`.
    pub sign: &'a str,
    /// What its first block says.
    pub words: &'a str,
    /// The `block_id` of that block, by which [`unlabeled`] finds it.
    pub block_id: Option<&'a str>,
}

/// A message with a label.
#[must_use]
pub fn labeled(message: &Value, label: MessageLabel<'_>) -> Value {
    let MessageLabel { sign, words, block_id } = label;
    let text = message["text"].as_str().unwrap_or("alert");
    let mut marked = message.clone();
    // A message may only say of these what Slack does anyway, and the relay rule lets none of them pass.
    if let Some(fields) = marked.as_object_mut() {
        fields.retain(|name, _| !["parse", "link_names"].contains(&name.as_str()));
    }
    marked["text"] = format!("{sign} {text}").into();
    let mut mark = json!({ "type": "context", "elements": [{ "type": "plain_text", "text": words }] });
    if let Some(id) = block_id {
        mark["block_id"] = id.into();
    }
    if let Some(blocks) = marked.get_mut("blocks").and_then(Value::as_array_mut) {
        blocks.insert(0, mark.clone());
    } else {
        let shown = json!({ "type": "section", "text": { "type": "plain_text", "text": cut(text) } });
        marked["blocks"] = json!([mark.clone(), shown]);
    }
    if read(&marked).is_err() && read(message).is_ok() {
        // It was so full that the mark finds no room: then its text alone is sent.
        marked["text"] = format!("{sign} {}", cut(text)).into();
        marked["blocks"] = json!([mark]);
    }
    marked
}

/// The message before it got a label with this sign, and the `block_id` of the label, if it has one that begins with `prefix`.
#[must_use]
pub fn unlabeled(message: &Value, sign: &str, prefix: &str) -> Option<(Value, String)> {
    let id = message["blocks"][0]["block_id"].as_str().filter(|id| id.starts_with(prefix))?.to_owned();
    let mut plain = message.clone();
    if let Some(text) = message["text"].as_str().and_then(|text| text.strip_prefix(sign)) {
        plain["text"] = text.trim_start().into();
    }
    let blocks = plain["blocks"].as_array_mut()?;
    blocks.remove(0);
    if blocks.is_empty() {
        // It was too full for the label: its text is all there is.
        plain.as_object_mut()?.remove("blocks");
    }
    Some((plain, id))
}

fn cut(text: &str) -> String {
    text.chars().take(CUT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: MessageLabel<'_> = MessageLabel { sign: "[LATE]", words: "It is late.", block_id: Some("late-7") };

    #[test]
    fn what_was_labeled_is_found_again() {
        let rich = json!({ "text": "hello", "blocks": [{ "type": "divider" }] });
        for original in [json!({ "channel": "C1", "text": "hello" }), rich] {
            let marked = labeled(&original, LATE);
            assert!(read(&marked).is_ok(), "{marked}");
            let (plain, id) = unlabeled(&marked, "[LATE]", "late-").expect("it has a label");
            assert_eq!(id, "late-7");
            assert_eq!((&plain["text"], &plain["channel"]), (&original["text"], &original["channel"]));
            // Again and again it does not grow.
            assert_eq!(
                labeled(&plain, LATE),
                labeled(&unlabeled(&labeled(&plain, LATE), "[LATE]", "late-").expect("one").0, LATE)
            );
            assert_eq!(unlabeled(&original, "[LATE]", "late-"), None);
        }
    }
}
