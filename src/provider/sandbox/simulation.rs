//! What a test lets happen to the sandbox: a clock that only waiting moves, hours in which Slack does not take anything, and a
//! connection that breaks at a certain call.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use super::deliver::{DeliveryOutcome, Sent};
use super::{ErrorKind, ProviderError};

/// When a simulated clock begins: 2026-01-01.
const BEGIN: Duration = Duration::from_hours(490_896);
/// How long EventBridge tries again, as every target of trailbell says.
pub(super) const RETRIES: Duration = Duration::from_hours(6);

/// What is simulated; nothing at first.
#[derive(Debug, Default)]
pub(super) struct Simulation {
    clock: Cell<Option<Duration>>,
    /// From when to when Slack answers 429 and 500.
    outage: Cell<Option<(Duration, Duration)>>,
    /// After how many calls the connection breaks, and whether that call still has its effect.
    breaks: Cell<Option<(u32, bool)>>,
    calls: Cell<u32>,
}

impl Simulation {
    /// The time since 1970.
    pub(super) fn now(&self) -> Duration {
        let calendar = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.clock.get().unwrap_or_else(calendar)
    }

    /// From now on only waiting moves the clock.
    pub(super) fn begin(&self) {
        self.clock.set(Some(BEGIN));
    }

    /// Lets time pass on a simulated clock.
    pub(super) fn rest(&self, time: Duration) {
        self.clock.set(self.clock.get().map(|now| now + time));
    }

    pub(super) fn outage(&self, time: Duration) {
        self.outage.set(Some((self.now(), self.now() + time)));
    }

    pub(super) fn break_after(&self, calls: Option<(u32, bool)>) {
        self.breaks.set(calls);
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// A call that the connection may not survive.
    pub(super) fn call<T>(
        &self,
        action: &str,
        work: impl FnOnce() -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        self.calls.set(self.calls.get() + 1);
        let broken = || ProviderError::new(action, ErrorKind::Unreachable, "the connection broke");
        match self.breaks.get() {
            Some((0, has_effect)) => {
                self.breaks.set(Some((0, false)));
                if has_effect {
                    work()?;
                }
                Err(broken())
            }
            Some((left, has_effect)) => {
                self.breaks.set(Some((left - 1, has_effect)));
                work()
            }
            None => work(),
        }
    }

    /// What becomes of a request now, and when: EventBridge tries again for hours, and gives up then.
    pub(super) fn delivered(&self, sent: Sent) -> (Sent, Duration) {
        let now = self.now();
        let DeliveryOutcome::Request(request) = &sent.outcome else { return (sent, now) };
        match self.outage.get().filter(|(from, to)| (*from..*to).contains(&now)) {
            Some((_, to)) if now + RETRIES < to => {
                let status = if now.as_secs().is_multiple_of(2) { 429 } else { 500 };
                let why = format!("Slack answered {status} to every attempt");
                let outcome = DeliveryOutcome::DeadLetter {
                    code: "ERROR_FROM_TARGET".to_owned(),
                    why,
                    body: request.body.clone(),
                };
                (Sent { outcome, ..sent }, now + RETRIES)
            }
            _ => (sent, now),
        }
    }
}
