//! What `trailbell redrive` prints: the letters, what came of each, and the end.

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::redrive::{Content, Letter, utc};

/// One line of the output.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "a line of trailbell redrive --output json")]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum RedriveLine {
    /// What is in the dead-letter queue.
    Found {
        /// The letters, the oldest first.
        letters: Vec<FoundLetter>,
        /// Whether these are all that are visible; otherwise run the command again.
        is_complete: bool,
        /// How many are in the queue and cannot be read now: another reader holds them, or they are delayed.
        not_visible: u64,
        /// The destination whose queue it is, where destinations have names.
        #[serde(skip_serializing_if = "Option::is_none")]
        destination: Option<String>,
    },
    /// EventBridge accepted a message, and its letter was removed from the queue.
    Accepted {
        /// The letter.
        id: String,
    },
    /// EventBridge accepted a message, but its letter is still in the queue and will be sent twice.
    NotRemoved {
        /// The letter.
        id: String,
        /// Why it could not be removed.
        why: String,
    },
    /// A letter was not accepted and is left in the queue.
    Failed {
        /// The letter.
        id: String,
        /// Why.
        why: String,
    },
    /// The end.
    Ended(RedriveEnd),
}

/// What came of all letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RedriveEnd {
    /// How many EventBridge accepted. What Slack still rejects returns to the dead-letter queue.
    pub accepted: usize,
    /// How many of these are still in the queue.
    pub not_removed: usize,
    /// How many were tried and not accepted.
    pub failed: usize,
    /// How many could be sent and were not tried.
    pub left: usize,
    /// How many cannot be sent again.
    pub kept: usize,
    /// What ended the run early, if something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The destination whose queue it was, where destinations have names: there is an end for each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The exit code of the command.
    pub exit_code: u8,
}

/// A letter in the queue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundLetter {
    /// The id that the queue gave it.
    pub id: String,
    /// When it was put into the queue: UTC in ISO 8601.
    pub sent: String,
    /// The alert that it is of; `relay` for what `verify`, the notifier, or `redrive` sent; or `unknown`.
    pub alert: String,
    /// The error code of what could not deliver it.
    pub code: String,
    /// Its words, shortened.
    pub error: String,
    /// The beginning of its text, or of its body; free of secrets.
    pub excerpt: String,
    /// Why it is not sent again; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_sent: Option<String>,
}

impl From<&Letter> for FoundLetter {
    fn from(letter: &Letter) -> Self {
        let not_sent = match &letter.content {
            Content::Message(_) | Content::Input { .. } => None,
            Content::Unusable { why } => Some(why.clone()),
            Content::Remediation { function } => {
                let of = function.as_ref().map_or_else(String::new, |name| format!(" of {name}"));
                Some(format!("it is a remediation{of} that did not run, which redrive never runs late"))
            }
        };
        let Letter { id, sent_ms, alert, code, error, excerpt, .. } = letter;
        Self {
            id: id.clone(),
            sent: utc(*sent_ms),
            alert: alert.clone(),
            code: code.clone(),
            error: error.clone(),
            excerpt: excerpt.clone(),
            not_sent,
        }
    }
}

impl Format for RedriveLine {
    const VERSION: u32 = 1;
}
