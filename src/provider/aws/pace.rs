//! The pace of calls: a token bucket per quota, which holds the calls of one second.
//!
//! Who else calls AWS in the account is not known, so the rate follows what AWS says, as TCP does (additive increase,
//! multiplicative decrease): it halves when a call is throttled, and rises slowly while none is. Several pipelines that share a
//! quota come to share it about equally that way. The SDK's adaptive retries slow down only after a first throttling, know no
//! published rate, and are marked experimental; `governor` has no rate that changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::rate::Rate;

/// What is left of a rate when a call is throttled.
const DECREASE: f64 = 0.5;
/// How much of its highest rate a pace regains in a second.
const INCREASE: f64 = 0.02;
/// No pace becomes slower than this part of its highest rate.
const LEAST: f64 = 0.02;
/// Calls that were under way together are throttled together: that counts once.
const ROUND: Duration = Duration::from_millis(500);

/// How fast calls are sent, as a person sets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallRate {
    /// The published rates times this.
    Times(f64),
    /// As fast as possible: an emulator has no quotas.
    Unlimited,
}

impl Default for CallRate {
    fn default() -> Self {
        Self::Times(1.0)
    }
}

/// The paces of all quotas that were needed so far.
#[derive(Debug, Default)]
pub(super) struct Paces {
    rate: CallRate,
    known: Mutex<BTreeMap<String, Arc<Pace>>>,
}

impl Paces {
    pub(super) fn new(rate: CallRate) -> Self {
        Self { rate, known: Mutex::default() }
    }

    /// The pace of an action; those that share a quota share it.
    pub(super) fn of(&self, action: &str) -> Arc<Pace> {
        let rate = Rate::of(action);
        let key = rate.filter(|rate| rate.is_shared).and_then(|rate| rate.actions.first()).unwrap_or(&action);
        let most = match self.rate {
            CallRate::Times(factor) => rate.map(|rate| rate.taken() * factor),
            CallRate::Unlimited => None,
        };
        let new = || Arc::new(Pace::new(most));
        Arc::clone(guard(&self.known).entry((*key).to_owned()).or_insert_with(new))
    }
}

/// The pace of one quota.
#[derive(Debug)]
pub(super) struct Pace {
    /// First come, first served.
    queue: tokio::sync::Mutex<()>,
    /// `None` when there is no limit.
    bucket: Option<Mutex<Bucket>>,
}

impl Pace {
    fn new(most: Option<f64>) -> Self {
        let bucket = most.map(|most| Mutex::new(Bucket::new(most, Instant::now())));
        Self { queue: tokio::sync::Mutex::default(), bucket }
    }

    /// Waits for the turn of a call. One that was throttled does not line up again behind all that wait for their first turn.
    pub(super) async fn turn(&self, is_first: bool) {
        let Some(bucket) = &self.bucket else { return };
        let _queue = if is_first { Some(self.queue.lock().await) } else { None };
        loop {
            let taken = guard(bucket).take(Instant::now());
            match taken {
                Ok(()) => return,
                Err(time) => sleep(time).await,
            }
        }
    }

    /// A call was throttled.
    pub(super) fn slow_down(&self) {
        if let Some(bucket) = &self.bucket {
            guard(bucket).slow_down(Instant::now());
        }
    }
}

/// A panic elsewhere leaves numbers that are as good as any.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What has been saved up of a rate.
#[derive(Debug)]
struct Bucket {
    most: f64,
    rate: f64,
    calls: f64,
    at: Instant,
    slowed: Option<Instant>,
}

impl Bucket {
    fn new(most: f64, now: Instant) -> Self {
        Self { most, rate: most, calls: most.max(1.0), at: now, slowed: None }
    }

    /// Takes a call, or says how long until there is one.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        if self.calls >= 1.0 {
            self.calls -= 1.0;
            return Ok(());
        }
        // A millisecond more than computed, so that rounding does not make it look twice.
        Err(Duration::from_secs_f64((1.0 - self.calls) / self.rate) + Duration::from_millis(1))
    }

    fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.calls = seconds.mul_add(self.rate, self.calls).min(self.rate.max(1.0));
        self.rate = (self.most * INCREASE).mul_add(seconds, self.rate).min(self.most);
    }

    fn slow_down(&mut self, now: Instant) {
        self.refill(now);
        if self.slowed.is_some_and(|slowed| now.saturating_duration_since(slowed) < ROUND) {
            return;
        }
        self.slowed = Some(now);
        self.calls = 0.0;
        self.rate = (self.rate * DECREASE).max(self.most * LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many calls a bucket gives in a time, looking every millisecond.
    fn given(bucket: &mut Bucket, from: Instant, time: Duration) -> u32 {
        let mut count = 0;
        for millisecond in 0..u64::try_from(time.as_millis()).expect("a short time") {
            while bucket.take(from + Duration::from_millis(millisecond)).is_ok() {
                count += 1;
            }
        }
        count
    }

    #[test]
    fn a_bucket_gives_a_second_of_calls_at_once_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(40.0, start);
        assert_eq!(given(&mut bucket, start, Duration::from_millis(1)), 40);
        let ten = given(&mut bucket, start, Duration::from_secs(10));
        assert!((399..=401).contains(&ten), "{ten}");
    }

    #[test]
    fn throttling_halves_the_rate_once_and_it_comes_back_slowly() {
        let start = Instant::now();
        let mut bucket = Bucket::new(40.0, start);
        for milliseconds in [0, 10, 400] {
            bucket.slow_down(start + Duration::from_millis(milliseconds));
        }
        assert!((20.0..20.5).contains(&bucket.rate), "{}", bucket.rate);
        bucket.refill(start + Duration::from_secs(10));
        assert!((27.0..29.0).contains(&bucket.rate), "{}", bucket.rate);
        bucket.refill(start + Duration::from_hours(1));
        assert!((bucket.rate - 40.0).abs() < 1e-9, "{}", bucket.rate);
        for second in 1..100 {
            bucket.slow_down(start + Duration::from_hours(1) + Duration::from_secs(second));
        }
        assert!(bucket.rate >= 40.0 * LEAST, "it never stops: {}", bucket.rate);
    }

    #[test]
    fn what_shares_a_quota_shares_a_pace() {
        let paces = Paces::new(CallRate::default());
        let same = |one: &str, other: &str| Arc::ptr_eq(&paces.of(one), &paces.of(other));
        assert!(same("events:PutRule", "events:ListRules"));
        assert!(!same("events:PutRule", "events:PutEvents"));
        assert!(!same("logs:PutSubscriptionFilter", "logs:DeleteSubscriptionFilter"));
        assert!(same("logs:PutSubscriptionFilter", "logs:PutSubscriptionFilter"));
        assert!(Paces::new(CallRate::Unlimited).of("events:PutRule").bucket.is_none());
    }
}
