//! What is in a dead-letter queue: letters, as EventBridge and Lambda leave them there, and what it takes to hold one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was seen of a dead-letter queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    /// The letters, in no order.
    pub seen: Vec<DeadLetter>,
    /// Whether these are all there are.
    pub is_complete: bool,
}

/// A message that could not be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetter {
    /// The id that the queue gave it.
    #[serde(default)]
    pub id: String,
    /// When it was put into the queue, in milliseconds since 1970.
    #[serde(default)]
    pub sent_ms: u64,
    /// The rule it came from; empty when a function failed.
    pub rule_arn: String,
    /// The target that it could not be delivered to; empty when a function failed.
    #[serde(default)]
    pub target_arn: String,
    /// EventBridge's or Lambda's error code.
    pub code: String,
    /// EventBridge's or Lambda's message.
    pub message: String,
    /// What was to be delivered, or the event.
    pub body: String,
    /// The queue that it is in, where the sandbox keeps letters of several queues.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub queue_arn: String,
}

/// A letter that was taken: other readers do not see it while it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenLetter {
    /// By which it is held and removed.
    pub receipt: String,
    /// The letter.
    pub letter: DeadLetter,
}
