//! Sending letters one after the other: each is held, sent, and removed before the next, at the rate that Slack takes.
//!
//! A letter is removed only after AWS accepted what was sent of it. A run that ends in between leaves one letter that was
//! accepted and is still in the queue; the report names it where it can. So a letter is sent at least once.

use std::time::Duration;

use super::{Content, HeldLetters, Letter};
use crate::apply::{Gate, StopRequest};
use crate::name::Scope;
use crate::provider::{ErrorKind, Provider, ProviderError};
use crate::verify::{Proof, Relay};

/// Slack takes about one message a second and channel (docs.slack.dev, "Rate limits").
const PACE: Duration = Duration::from_secs(1);

/// What happens to one letter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LetterStep<'a> {
    /// It is about to be sent.
    Sending(&'a Letter),
    /// AWS accepted it, and it was removed from the queue.
    Accepted(&'a Letter),
    /// AWS accepted it, but it could not be removed from the queue, so that the next run sends it again.
    NotRemoved(&'a Letter, &'a ProviderError),
    /// It was not accepted and is left in the queue.
    Failed(&'a Letter, &'a str),
}

/// What came of all.
#[derive(Debug, Default)]
pub struct RedriveReport {
    /// How many were accepted.
    pub accepted: usize,
    /// How many of these are still in the queue.
    pub not_removed: usize,
    /// How many were tried and not accepted.
    pub failed: usize,
    /// How many could be sent and were not tried.
    pub left: usize,
    /// What ended the run early.
    pub error: Option<ProviderError>,
}

/// Why one letter was not accepted.
enum NotSent {
    /// It alone: the others may be.
    Alone(String),
    /// A failure that the others would meet, too.
    All(ProviderError),
}

/// Sends letters, and all that it takes.
#[derive(Clone, Copy)]
pub struct LetterSender<'a, P, G> {
    /// What carries the messages.
    pub relay: &'a Relay<'a>,
    /// The stack.
    pub scope: &'a Scope,
    /// The cloud.
    pub provider: &'a P,
    /// Is asked before each letter.
    pub gate: &'a G,
    /// Ends it after the letter in progress.
    pub stop: &'a StopRequest,
    /// Is told of each letter.
    pub tell: &'a dyn Fn(LetterStep<'_>),
}

impl<P: Provider, G: Gate> LetterSender<'_, P, G> {
    /// Sends letters in their order. The rest is released at the end, however it comes.
    pub async fn send(&self, letters: &[Letter], mut held: HeldLetters) -> RedriveReport {
        let mut report = RedriveReport::default();
        let sendable: Vec<&Letter> = letters.iter().filter(|one| one.is_sendable()).collect();
        let mut messages = 0;
        for (at, letter) in sendable.iter().enumerate() {
            self.provider.rest(PACE * messages).await;
            if self.stop.is_asked() {
                report.left = sendable.len() - at;
                break;
            }
            if let Err(error) = self.gate.pass().await {
                report.left = sendable.len() - at;
                report.error = Some(error);
                break;
            }
            match self.send_one(letter, &mut held, &mut report).await {
                Ok(sent) => messages = sent,
                Err(error) => {
                    report.left = sendable.len() - at - 1;
                    report.error = Some(error);
                    break;
                }
            }
        }
        held.release(self.scope, self.provider).await;
        report
    }

    /// Sends and removes a letter; gives how many messages it was. An error is one that the others would meet, too.
    async fn send_one(
        &self,
        letter: &Letter,
        held: &mut HeldLetters,
        report: &mut RedriveReport,
    ) -> Result<u32, ProviderError> {
        let failed = |report: &mut RedriveReport, why: &str| {
            report.failed += 1;
            (self.tell)(LetterStep::Failed(letter, why));
        };
        let receipt = match held.renew(&letter.id, self.scope, self.provider).await {
            Ok(Some(receipt)) => receipt,
            Ok(None) => {
                failed(report, "another reader of the queue has it, or removed it");
                return Ok(0);
            }
            Err(error) => {
                failed(report, &error.to_string());
                return Err(error);
            }
        };
        (self.tell)(LetterStep::Sending(letter));
        let messages = match self.put(letter).await {
            Ok(messages) => messages,
            Err(NotSent::Alone(why)) => {
                failed(report, &why);
                // Something may have been sent all the same.
                return Ok(1);
            }
            Err(NotSent::All(error)) => {
                failed(report, &error.to_string());
                return Err(error);
            }
        };
        report.accepted += 1;
        match self.provider.remove_letter(self.scope, held.queue(), &receipt).await {
            Ok(()) => {
                held.forget(&letter.id);
                (self.tell)(LetterStep::Accepted(letter));
                Ok(messages)
            }
            Err(error) => {
                report.not_removed += 1;
                (self.tell)(LetterStep::NotRemoved(letter, &error));
                // Each letter after it would be sent twice, too.
                Err(error)
            }
        }
    }

    /// Puts its message on the stack's bus, or lets the notifier do so; gives how many messages it was.
    async fn put(&self, letter: &Letter) -> Result<u32, NotSent> {
        match &letter.content {
            Content::Message(message) => {
                let detail = self.relay.detail(message);
                self.provider.put_relay_event(self.scope, &detail).await.map_err(NotSent::of)?;
                Ok(1)
            }
            Content::Input { function, input } => {
                let invoked = self.provider.invoke(self.scope, function, input).await.map_err(NotSent::of)?;
                if let Some(error) = invoked.error {
                    return Err(NotSent::Alone(format!("the function {function} failed: {error}")));
                }
                let messages = invoked.result["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
                if messages.is_empty() {
                    return Err(NotSent::Alone(format!("the function {function} sent no message")));
                }
                let rejected = messages.iter().find_map(|one| self.relay.rejects(&self.relay.posted(one.clone())));
                if let Some(Proof::Failed { why, .. } | Proof::Unknown { why, .. }) = rejected {
                    return Err(NotSent::Alone(why));
                }
                Ok(u32::try_from(messages.len()).unwrap_or(u32::MAX))
            }
            Content::Remediation { .. } | Content::Unusable { .. } => {
                Err(NotSent::Alone("nothing of it can be sent".to_owned()))
            }
        }
    }
}

impl NotSent {
    /// What AWS says of one message is about it alone, unless it is about the caller, the way, or the rate.
    fn of(error: ProviderError) -> Self {
        match error.kind {
            ErrorKind::Other => Self::Alone(error.to_string()),
            _ => Self::All(error),
        }
    }
}
