//! Sending dead letters again: late, in order, at Slack's pace, and at least once.
//!
//! A letter is untrusted: anyone who can send to the queue can write one. So `assess` makes of each what the stack would send
//! now, or says why it is left where it is; `late` says in the message that it is late. `hold` takes letters and holds them, so
//! that no other reader sends them meanwhile. `send` sends one after the other by the stack's own relay and removes each only
//! after it was accepted.
//!
//! *Accepted* is what AWS says. What Slack still rejects comes back: the relay rule's target has the same dead-letter queue.

mod assess;
mod excerpt;
mod hold;
mod late;
mod send;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::alert::{Alert, Home};
use crate::live::Live;
use crate::name::{DestinationId, Scope};
use crate::resource::ResourceSet;

pub use assess::Assessor;
pub use hold::{HeldLetters, take};
pub use late::utc;
pub use send::{LetterSender, LetterStep, RedriveReport};

/// What was read before anything is sent.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Where the stack is.
    pub scope: &'a Scope,
    /// What it should have.
    pub desired: &'a ResourceSet,
    /// What it has.
    pub live: &'a Live,
    /// Its alerts.
    pub alerts: &'a [Alert],
    /// Whose events it receives.
    pub home: &'a Home,
    /// The destination whose letters they are.
    pub queue: &'a DestinationId,
}

/// A dead letter, and what can be sent of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The id that the queue gave it.
    pub id: String,
    /// When it was put into the queue, in milliseconds since 1970.
    pub sent_ms: u64,
    /// The alert that it is of, `relay` for what `verify`, the notifier, or `redrive` sent, or `unknown`.
    pub alert: String,
    /// The error code of what could not deliver it.
    pub code: String,
    /// Its words.
    pub error: String,
    /// The beginning of its text, or of its body where there is no text; free of secrets.
    pub excerpt: String,
    /// What can be sent.
    pub content: Content,
}

/// What can be sent of a letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A message for the relay, marked as late.
    Message(Value),
    /// The input of the notifier, which writes the message; marked as late.
    Input {
        /// The notifier.
        function: String,
        /// What it is given.
        input: Value,
    },
    /// A remediation that did not run. It is not run late: what it would undo may have been changed since.
    Remediation {
        /// The function, if the letter says it.
        function: Option<String>,
    },
    /// Nothing, and why.
    Unusable {
        /// Why.
        why: String,
    },
}

impl Letter {
    /// Whether something can be sent.
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        matches!(self.content, Content::Message(_) | Content::Input { .. })
    }
}
