//! One run at a time: who creates the stream of the next number holds the lock until the stream that ends it exists.
//!
//! AWS's calls take no token, so true fencing is not possible: a holder looks before each write whether its run was ended, and
//! what it has seen may be [`FRESH`] old. Neighbors: `record` for what is written, `provider::run_log` for how.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::record::{self, Begun, Ended};
use crate::apply::Gate;
use crate::name::Scope;
use crate::provider::run_log::{Creation, RunLog, RunStream, Side};
use crate::provider::{ErrorKind, ProviderError};

/// How often a holder says that it is alive.
pub const HEARTBEAT: Duration = Duration::from_secs(20);
/// How old what a holder saw may be before a write, and how often it looks.
pub const FRESH: Duration = Duration::from_secs(10);
/// After how long without a heartbeat a waiter calls a holder dead: three were missed, by the waiter's own clock.
pub const DEAD_SECONDS: u64 = 60;

/// The newest run that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Whether there is a log group of runs.
    pub has_log: bool,
    /// Its number; 0 when there was none.
    pub number: u32,
    /// When it was created.
    created: i64,
    /// Whether it has ended.
    pub is_ended: bool,
}

impl Newest {
    /// Whether a run has the lock.
    #[must_use]
    pub const fn is_held(self) -> bool {
        self.number > 0 && !self.is_ended
    }
}

/// The newest run.
///
/// # Errors
/// The cloud cannot be asked.
pub async fn newest(log: &impl RunLog, scope: &Scope) -> Result<Newest, ProviderError> {
    // The newest run and its end.
    let streams = log.streams(scope, None, 2).await?;
    let has_log = streams.is_some();
    let streams = streams.unwrap_or_default();
    let number = streams.first().map_or(0, |one| one.stream.number);
    let of_run = streams.iter().find(|one| one.stream == RunStream::run(number));
    let is_ended = streams.iter().any(|one| one.stream == RunStream::end(number));
    Ok(Newest { has_log, number, created: of_run.map_or(0, |one| one.created), is_ended })
}

/// What came of the attempt to begin a run.
#[derive(Debug)]
pub enum Attempt {
    /// The lock is held, and no one ran since.
    Held(Held),
    /// Someone ran since, or runs now: what was planned is no longer known to be right.
    Stale,
    /// The run of this number exists, and whose it is, is not known: the answer to its creation was lost. [`disown`] settles it.
    Unknown(u32),
}

/// Begins the run after the newest one that was seen, which has ended.
///
/// # Errors
/// The cloud cannot be asked, or the log group is not ours.
pub async fn begin(log: &impl RunLog, scope: &Scope, seen: Newest, begun: &Begun) -> Result<Attempt, ProviderError> {
    if seen.is_held() {
        return Ok(Attempt::Stale);
    }
    let number = seen.number + 1;
    if number > RunStream::MAX {
        let message = format!("the log group `{}` has run {} and no number is left", scope.run_log(), seen.number);
        return Err(ProviderError::new("logs:CreateLogStream", ErrorKind::Quota, message)
            .hint("nothing was changed: delete the log group when no run is in progress"));
    }
    log.create_log(scope).await?;
    match log.create_stream(scope, RunStream::run(number)).await {
        Ok(Creation::Made) => {}
        Ok(Creation::Unknown) => return Ok(Attempt::Unknown(number)),
        // Absent: a run that removed the stack removed the log group, too.
        Ok(Creation::Exists) => return Ok(Attempt::Stale),
        Err(error) if error.kind == ErrorKind::Absent => return Ok(Attempt::Stale),
        Err(error) => return Err(error),
    }
    let held = Held { number, looked: Cell::new(Instant::now()), is_lost: Cell::new(false) };
    let is_first = said_and_first(log, scope, seen, number, begun).await;
    if matches!(is_first, Ok(true)) {
        return Ok(Attempt::Held(held));
    }
    // Nothing was changed, so nothing must stay locked; why it cannot go on counts more than whether this works.
    let ended = Ended { result: record::RunResult::NotStarted, by: begun.caller.clone(), changes: <_>::default() };
    let released = held.end(log, scope, &ended).await;
    is_first.and(released).map(|()| Attempt::Stale)
}

/// Ends a run of which it is not known whose it is, unless someone says there that it began. It is ended as from outside: should it
/// be someone's who has not said so yet, that one stops, and who runs next waits until it has.
///
/// # Errors
/// The cloud cannot be asked or told, so the lock may still be held.
pub async fn disown(log: &impl RunLog, scope: &Scope, number: u32, caller: &str) -> Result<(), ProviderError> {
    if log.entry(scope, RunStream::run(number), Side::First).await?.is_some() {
        return Ok(());
    }
    let ended = Ended { result: record::RunResult::Forced, by: caller.to_owned(), changes: <_>::default() };
    match end(log, scope, number, &ended).await {
        // A run that removed the stack removed the log group, too.
        Err(error) if error.kind == ErrorKind::Absent => Ok(()),
        ended => ended.map(drop),
    }
}

/// Says who begins a run, and whether it follows the one that was seen: the same number in a log group that was made anew is
/// another run.
async fn said_and_first(
    log: &impl RunLog,
    scope: &Scope,
    seen: Newest,
    number: u32,
    begun: &Begun,
) -> Result<bool, ProviderError> {
    log.append(scope, RunStream::run(number), &record::written(begun)).await?;
    let streams = log.streams(scope, None, 3).await?.unwrap_or_default();
    let is_same = seen.number == 0
        || streams.iter().any(|one| one.stream == RunStream::run(seen.number) && one.created == seen.created);
    let is_newest = streams.first().is_none_or(|one| one.stream == RunStream::run(number));
    Ok(is_same && is_newest)
}

/// The lock.
#[derive(Debug)]
pub struct Held {
    /// The number of the run.
    pub number: u32,
    /// When this was last seen to be so.
    looked: Cell<Instant>,
    is_lost: Cell<bool>,
}

impl Held {
    /// Whether someone has ended the run.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    /// Looks whether someone has ended the run.
    ///
    /// # Errors
    /// The cloud cannot be asked.
    pub async fn look(&self, log: &impl RunLog, scope: &Scope) -> Result<(), ProviderError> {
        let asked = Instant::now();
        let streams = log.streams(scope, Some(self.number), 2).await?.unwrap_or_default();
        let is_ended = streams.iter().any(|one| one.stream == RunStream::end(self.number));
        let is_there = streams.iter().any(|one| one.stream == RunStream::run(self.number));
        self.is_lost.set(self.is_lost() || is_ended || !is_there);
        self.looked.set(asked);
        Ok(())
    }

    /// Says that the holder is alive.
    ///
    /// # Errors
    /// The cloud cannot be told.
    pub async fn beat(&self, log: &impl RunLog, scope: &Scope) -> Result<(), ProviderError> {
        log.append(scope, RunStream::run(self.number), r#"{"heartbeat":true}"#).await
    }

    /// Says that the holder is alive, again and again, and ends when someone has ended the run. What cannot be asked now is asked
    /// again before the next write.
    pub async fn watch(&self, log: &impl RunLog, scope: &Scope) {
        let mut since_beat = Duration::ZERO;
        while !self.is_lost() {
            tokio::time::sleep(FRESH).await;
            since_beat += FRESH;
            if since_beat >= HEARTBEAT {
                since_beat = Duration::ZERO;
                let _ = self.beat(log, scope).await;
            }
            let _ = self.look(log, scope).await;
        }
    }

    /// Ends the run: another one can begin.
    ///
    /// # Errors
    /// The cloud cannot be told, so the lock may still be held.
    pub async fn end(&self, log: &impl RunLog, scope: &Scope, ended: &Ended) -> Result<(), ProviderError> {
        end(log, scope, self.number, ended).await.map(drop)
    }
}

/// Ends a run; false when it had ended before.
///
/// # Errors
/// The cloud cannot be told, so the lock may still be held.
pub async fn end(log: &impl RunLog, scope: &Scope, number: u32, ended: &Ended) -> Result<bool, ProviderError> {
    let is_new = match log.create_stream(scope, RunStream::end(number)).await? {
        Creation::Made => true,
        Creation::Exists => false,
        // Whose it is does not matter, but what came of the run should be said.
        Creation::Unknown => log.entry(scope, RunStream::end(number), Side::First).await?.is_none(),
    };
    if is_new {
        log.append(scope, RunStream::end(number), &record::written(ended)).await?;
    }
    Ok(is_new)
}

/// Lets through what a holder of the lock does.
#[derive(Debug)]
pub struct HeldGate<'a, L> {
    /// The lock.
    pub held: &'a Held,
    /// Where runs are recorded.
    pub log: &'a L,
    /// The stack.
    pub scope: &'a Scope,
}

impl<L: RunLog> Gate for HeldGate<'_, L> {
    async fn pass(&self) -> Result<(), ProviderError> {
        if !self.held.is_lost() && self.held.looked.get().elapsed() > FRESH {
            self.held.look(self.log, self.scope).await?;
        }
        if self.held.is_lost() {
            let message = format!("run {} was ended from outside, so it makes no more changes", self.held.number);
            return Err(
                ProviderError::new("lock", ErrorKind::Conflict, message).hint("`trailbell history` shows who ended it")
            );
        }
        Ok(())
    }
}

/// The last sign of life of a run: the time of its last entry, which is another one after each heartbeat.
///
/// # Errors
/// The cloud cannot be asked.
pub async fn last_sign(log: &impl RunLog, scope: &Scope, number: u32) -> Result<Option<i64>, ProviderError> {
    let entry = log.entry(scope, RunStream::run(number), Side::Last).await?;
    Ok(entry.map(|one| one.time))
}
