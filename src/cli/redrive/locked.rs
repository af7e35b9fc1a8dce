//! Sending while holding the lock of a run: taken after the question, given back at the end, also after a signal.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::pin;

use tokio::time::{Instant, sleep_until};

use super::super::Failure;
use super::super::interrupt::Signal;
use super::super::session::Session;
use super::super::turn::{begin, begun, digest, give_back};
use super::{RedriveRun, assess};
use crate::apply::{GRACE, StopRequest};
use crate::output::redrive::RedriveEnd;
use crate::redrive::{Assessor, Letter, LetterSender, LetterStep, RedriveReport};
use crate::runs::{Attempt, Ended, Held, HeldGate, Newest, RunChanges, RunResult};

/// What came of sending.
pub(super) struct SentLetters {
    /// How many were sent, and what was not.
    pub(super) end: Result<RedriveEnd, Failure>,
    /// Whether the lock was given back.
    pub(super) released: Result<(), Failure>,
    /// The signal that stopped it.
    pub(super) by: Option<Signal>,
}

/// What came of taking the lock to send.
pub(super) enum LockedSend {
    /// It was held.
    Ended(Box<SentLetters>),
    /// A signal stopped it before anything was sent.
    Stopped(Signal),
    /// Another run began since what was read was read.
    Stale,
}

impl RedriveRun<'_> {
    /// Takes the lock, sends what was shown, and gives the lock back.
    pub(super) async fn send(
        &self,
        newest: Newest,
        shown: &[Letter],
        assessor: &mut Assessor<'_>,
    ) -> Result<LockedSend, Failure> {
        let Session { cloud, scope, caller, .. } = self.session;
        let ids: Vec<&str> = shown.iter().map(|one| one.id.as_str()).collect();
        let begun = begun("redrive", caller, digest(ids.join(" ").as_bytes()));
        let applying = self.screen.interrupts.applying();
        let lock = match begin(cloud, scope, newest, &begun, self.screen).await {
            Ok(Attempt::Held(lock)) => lock,
            Ok(attempt) => {
                if let Some(signal) = applying.ended_unchanged() {
                    self.screen.note("Interrupted. Nothing was sent.");
                    return Ok(LockedSend::Stopped(signal));
                }
                if matches!(attempt, Attempt::Stale) {
                    self.screen.note("Another run began at the same time: waiting for it, then reading again.");
                }
                return Ok(LockedSend::Stale);
            }
            Err(error) => {
                applying.ended_unchanged();
                return Err(error.into());
            }
        };
        let (end, by) = self.send_locked(&lock, shown, assessor).await;
        let is_all = |end: &RedriveEnd| end.failed + end.left + end.not_removed == 0 && end.error.is_none();
        let result = match by {
            Some(_) => RunResult::Stopped,
            None if end.as_ref().is_ok_and(is_all) => RunResult::Complete,
            None => RunResult::Failed,
        };
        let sent = end.as_ref().map_or(0, |end| end.accepted);
        let ended = Ended { result, by: caller.clone(), changes: RunChanges { sent, ..RunChanges::default() } };
        let released = give_back(cloud, scope, &lock, &ended, by.is_some()).await;
        Ok(LockedSend::Ended(Box::new(SentLetters { end, released, by })))
    }

    /// Sends until all is done, a signal comes, or someone ends the run from outside; the letter in progress is finished.
    async fn send_locked(
        &self,
        lock: &Held,
        shown: &[Letter],
        assessor: &mut Assessor<'_>,
    ) -> (Result<RedriveEnd, Failure>, Option<Signal>) {
        let Session { cloud, scope, .. } = self.session;
        let stop = StopRequest::default();
        let mut work = pin!(self.take_and_send(lock, shown, assessor, &stop));
        let mut watch = pin!(lock.watch(cloud, scope));
        let (mut by, mut is_watched, mut until) = (None, true, Instant::now());
        loop {
            tokio::select! {
                sent = &mut work => return (sent, by),
                () = &mut watch, if is_watched => {
                    is_watched = false;
                    stop.ask();
                    self.screen.note(&format!("Run {} was ended from outside: stopping.", lock.number));
                }
                signal = self.screen.interrupts.next() => {
                    if by.is_some() {
                        self.screen.note(&format!(
                            "Stopped. The letter in progress may have been sent; the next run may send it again. The lock was not \
                             given back: `trailbell unlock {}`.",
                            lock.number
                        ));
                        self.screen.interrupts.exit(signal);
                    }
                    (by, until) = (Some(signal), Instant::now() + GRACE);
                    stop.ask();
                    self.screen.note("Stopping after the letter in progress. Press Ctrl-C again to stop immediately.");
                }
                () = sleep_until(until), if by.is_some() => {
                    let what = "The letter in progress may have been sent; the next run may send it again.";
                    return (Err(Failure::other(format!("AWS did not answer within {} s", GRACE.as_secs()), what)), by);
                }
            }
        }
    }

    /// Takes the letters that were shown, and sends them.
    async fn take_and_send(
        &self,
        lock: &Held,
        shown: &[Letter],
        assessor: &mut Assessor<'_>,
        stop: &StopRequest,
    ) -> Result<RedriveEnd, Failure> {
        let Session { cloud, scope, .. } = self.session;
        let held = self.take().await?;
        let ids: BTreeSet<&str> = shown.iter().map(|one| one.id.as_str()).collect();
        let chosen = assess(assessor, &held, |one| ids.contains(one.id.as_str()));
        let sendable = |letters: &[Letter]| letters.iter().filter(|one| one.is_sendable()).count();
        let (all, at) = (sendable(&chosen), Cell::new(0));
        let gone = sendable(shown).saturating_sub(all);
        let tell = |step: LetterStep<'_>| self.tell(step, &at, all);
        let gate = HeldGate { held: lock, log: cloud, scope };
        let sender = LetterSender { relay: assessor.relay(), scope, provider: cloud, gate: &gate, stop, tell: &tell };
        let RedriveReport { accepted, not_removed, failed, left, error } = sender.send(&chosen, held).await;
        let error = error.map(|error| error.to_string());
        // What was shown and is not visible any more may be sent by another reader: no one here knows.
        Ok(RedriveEnd { accepted, not_removed, failed: failed + gone, left, error, ..RedriveEnd::default() })
    }
}
