//! The dead-letter queues of the sandbox: who holds which letter until when, as SQS does it.
//!
//! A letter that is held is not shown to anyone else. One that is shown again has a new receipt, and the old one removes nothing
//! any more. Holds are in memory only: they end with the command.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use super::world::World;
use crate::compile::DestinationNames;
use crate::name::{DestinationId, Scope};
use crate::provider::{DeadLetter, ErrorKind, ProviderError, TakenLetter};

/// The most letters that SQS gives at once.
const BATCH: usize = 10;

/// Who holds what.
#[derive(Debug, Default)]
pub(super) struct LetterHolds {
    /// By the ids of the letters.
    held: RefCell<BTreeMap<String, Hold>>,
    /// The letter of each receipt that was given.
    given: RefCell<BTreeMap<String, String>>,
    taken: Cell<u64>,
    /// Whether a letter that is held is shown once more with every take: SQS delivers at least once.
    pub(super) repeats: Cell<bool>,
}

#[derive(Debug)]
struct Hold {
    receipt: String,
    until: Duration,
}

impl LetterHolds {
    /// Takes the first letters that no one holds.
    pub(super) fn take(&self, letters: &[&DeadLetter], now: Duration, hold: Duration) -> Vec<TakenLetter> {
        let is_held = |id: &str| self.held.borrow().get(id).is_some_and(|one| one.until > now);
        let mut chosen: Vec<&DeadLetter> =
            letters.iter().copied().filter(|one| !is_held(&one.id)).take(BATCH).collect();
        if self.repeats.get()
            && chosen.len() < BATCH
            && let Some(again) = letters.iter().find(|one| is_held(&one.id))
        {
            chosen.push(again);
        }
        chosen.into_iter().map(|letter| self.hold_new(letter, now + hold)).collect()
    }

    fn hold_new(&self, letter: &DeadLetter, until: Duration) -> TakenLetter {
        self.taken.set(self.taken.get() + 1);
        let receipt = format!("receipt-{}", self.taken.get());
        self.given.borrow_mut().insert(receipt.clone(), letter.id.clone());
        self.held.borrow_mut().insert(letter.id.clone(), Hold { receipt: receipt.clone(), until });
        TakenLetter { receipt, letter: letter.clone() }
    }

    /// Holds letters until then; gives the receipts that are not the newest of a letter.
    pub(super) fn hold(&self, receipts: &[String], until: Duration) -> Vec<String> {
        let mut holds = self.held.borrow_mut();
        let mut lost = Vec::new();
        for receipt in receipts {
            let hold = self.given.borrow().get(receipt).and_then(|id| holds.get_mut(id));
            match hold.filter(|one| one.receipt == *receipt) {
                Some(hold) => hold.until = until,
                None => lost.push(receipt.clone()),
            }
        }
        lost
    }

    /// The id of the letter that a receipt removes.
    pub(super) fn remove(&self, receipt: &str) -> Option<String> {
        let id = self.given.borrow().get(receipt).cloned()?;
        let mut holds = self.held.borrow_mut();
        holds.get(&id).is_some_and(|one| one.receipt == receipt).then(|| holds.remove(&id))?;
        Some(id)
    }
}

impl World {
    /// The letters in the queue of a destination at a time; `None` when there is no queue.
    pub(super) fn letters(&self, scope: &Scope, queue: &DestinationId, now: Duration) -> Option<Vec<&DeadLetter>> {
        let names = DestinationNames::of(scope, queue);
        let arn = scope.queue_arn(&names.queue.1);
        // A letter that a version before named destinations has kept does not say.
        let is_in_it =
            |one: &DeadLetter| if one.queue_arn.is_empty() { queue.is_slack() } else { one.queue_arn == arn };
        let rules = scope.events_arn(&format!("rule/{}", scope.prefix()));
        // A function's letter does not say where it comes from.
        let is_here = |one: &&DeadLetter| {
            let is_ours = one.rule_arn.is_empty() || one.rule_arn.starts_with(&rules);
            is_ours && is_in_it(one) && Duration::from_millis(one.sent_ms) <= now
        };
        self.has_queue(&names).then(|| self.dead_letters.iter().filter(is_here).collect())
    }
}

/// That there is no queue.
pub(super) fn no_queue(action: &str) -> ProviderError {
    ProviderError::new(action, ErrorKind::Absent, "the dead-letter queue does not exist")
}
