//! Letters that are held: taken out of other readers' sight, put in order, and held until they are sent or released.
//!
//! SQS gives letters in no order and at most ten at a time, so all that are to be sent are taken before the first is. A hold is
//! short and renewed again and again: what a killed run held is visible again after two minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::name::{DestinationId, Scope};
use crate::provider::{DeadLetter, Provider, ProviderError, TakenLetter};

/// How long a letter is held; longer than one attempt to send it takes.
pub(super) const HOLD: Duration = Duration::from_mins(2);
/// How often only letters may come that are held already before the queue counts as read: SQS may show one twice.
const REPEATS: u32 = 3;

/// Letters that are held.
#[derive(Debug)]
pub struct HeldLetters {
    /// The destination whose queue they are in.
    queue: DestinationId,
    /// By their ids.
    letters: BTreeMap<String, HeldLetter>,
    /// Before this time no hold has to be renewed.
    due: Duration,
    /// Whether no other letter was visible.
    pub is_complete: bool,
}

#[derive(Debug)]
struct HeldLetter {
    taken: TakenLetter,
    until: Duration,
}

/// Takes up to `most` letters out of the queue of a destination; `None` when there is no queue.
///
/// # Errors
/// A call failed; nothing is held then.
pub async fn take<P: Provider>(
    most: usize,
    scope: &Scope,
    queue: &DestinationId,
    provider: &P,
) -> Result<Option<HeldLetters>, ProviderError> {
    let mut held = HeldLetters::none(queue);
    match held.read(most, scope, provider).await {
        Ok(true) => {
            let surplus: Vec<String> = held.letters().skip(most).map(|one| one.id.clone()).collect();
            held.is_complete &= surplus.is_empty();
            let surplus = surplus.iter().filter_map(|id| held.letters.remove_entry(id)).collect();
            HeldLetters { letters: surplus, ..HeldLetters::none(queue) }.release(scope, provider).await;
            Ok(Some(held))
        }
        Ok(false) => Ok(None),
        Err(error) => {
            held.release(scope, provider).await;
            Err(error)
        }
    }
}

/// By the time it was put into the queue; the id makes the order of equal times the same for every run.
fn order(letter: &DeadLetter) -> (u64, &str) {
    (letter.sent_ms, &letter.id)
}

impl HeldLetters {
    fn none(queue: &DestinationId) -> Self {
        Self { queue: queue.clone(), letters: BTreeMap::new(), due: Duration::ZERO, is_complete: false }
    }

    /// The destination whose queue they are in.
    pub(super) fn queue(&self) -> &DestinationId {
        &self.queue
    }

    /// Takes until there are enough or no other is visible; says whether there is a queue.
    async fn read<P: Provider>(&mut self, most: usize, scope: &Scope, provider: &P) -> Result<bool, ProviderError> {
        let mut repeats = 0;
        while self.letters.len() < most {
            let until = provider.now() + HOLD;
            let Some(taken) = provider.take_letters(scope, &self.queue, HOLD).await? else { return Ok(false) };
            let (before, is_empty) = (self.letters.len(), taken.is_empty());
            // The newest receipt of a letter counts.
            let taken = taken.into_iter().map(|taken| (taken.letter.id.clone(), HeldLetter { taken, until }));
            self.letters.extend(taken);
            repeats = if self.letters.len() == before { repeats + 1 } else { 0 };
            if is_empty || repeats == REPEATS {
                self.is_complete = true;
                break;
            }
            self.renew_due(scope, provider).await?;
        }
        Ok(true)
    }

    /// Holds those for longer whose time is half over. One that cannot be held is not held any more.
    async fn renew_due<P: Provider>(&mut self, scope: &Scope, provider: &P) -> Result<(), ProviderError> {
        let now = provider.now();
        if now < self.due {
            return Ok(());
        }
        let is_due = |one: &HeldLetter| one.until > now && one.until < now + HOLD / 2;
        let mut due: Vec<&mut HeldLetter> = self.letters.values_mut().filter(|one| is_due(one)).collect();
        let receipts: Vec<String> = due.iter().map(|one| one.taken.receipt.clone()).collect();
        let lost = if receipts.is_empty() {
            Vec::new()
        } else {
            provider.hold_letters(scope, &self.queue, &receipts, HOLD).await?
        };
        for one in &mut due {
            one.until = if lost.contains(&one.taken.receipt) { Duration::ZERO } else { now + HOLD };
        }
        let next = self.letters.values().map(|one| one.until).filter(|until| *until > now).min();
        self.due = next.unwrap_or_default().saturating_sub(HOLD / 2);
        Ok(())
    }

    /// The letters, the oldest first.
    pub fn letters(&self) -> impl Iterator<Item = &DeadLetter> {
        let mut letters: Vec<&DeadLetter> = self.letters.values().map(|one| &one.taken.letter).collect();
        letters.sort_by_key(|one| order(one));
        letters.into_iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Renews the hold of a letter that is about to be sent, and of all others whose time is half over. Gives its receipt;
    /// nothing when it is not held any more, so that another reader may have it.
    pub(super) async fn renew<P: Provider>(
        &mut self,
        id: &str,
        scope: &Scope,
        provider: &P,
    ) -> Result<Option<String>, ProviderError> {
        self.renew_due(scope, provider).await?;
        let now = provider.now();
        let Some(one) = self.letters.get_mut(id).filter(|one| one.until > now) else { return Ok(None) };
        let receipt = one.taken.receipt.clone();
        let lost = provider.hold_letters(scope, &self.queue, std::slice::from_ref(&receipt), HOLD).await?;
        one.until = now + HOLD;
        Ok(lost.is_empty().then_some(receipt))
    }

    /// Forgets a letter that was removed.
    pub(super) fn forget(&mut self, id: &str) {
        self.letters.remove(id);
    }

    /// Lets other readers see the letters again. What cannot be released becomes visible by itself when its hold ends.
    pub async fn release<P: Provider>(self, scope: &Scope, provider: &P) {
        let now = provider.now();
        let held = self.letters.into_values().filter(|one| one.until > now);
        let receipts: Vec<String> = held.map(|one| one.taken.receipt).collect();
        if !receipts.is_empty() {
            let _ = provider.hold_letters(scope, &self.queue, &receipts, Duration::ZERO).await;
        }
    }
}
