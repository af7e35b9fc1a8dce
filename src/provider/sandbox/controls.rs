//! What tests make the sandbox do: refuse changes, lose answers, let two clients take turns, simulate a clock and outages.
//!
//! Neighbors: `simulation` holds the clock and the outages, `queue` the letters.

use std::rc::Rc;
use std::time::Duration;

use super::Sandbox;

impl Sandbox {
    /// Makes it refuse everything after that many changes, for tests of interrupted runs.
    pub fn fail_after(&self, changes: Option<u32>) {
        self.patience.set(changes);
    }

    /// Loses the answer to the creation of one stream of a run, after so many others, for tests.
    pub fn lose_answer_after(&self, streams: u32) {
        self.lost.set(Some(streams));
    }

    /// Another client of the same account. From now on each call of both lets others go first, so that who polls two runs decides
    /// how they are interleaved, for tests.
    #[must_use]
    pub fn second(&self) -> Self {
        self.takes_turns.set(true);
        Self { world: Rc::clone(&self.world), takes_turns: Rc::clone(&self.takes_turns), ..Self::new() }
    }

    /// From now on only waiting moves its clock, for tests.
    pub fn simulate_clock(&self) {
        self.simulation.begin();
    }

    /// Lets Slack answer 429 and 500 from now on for this long, for tests with a simulated clock.
    pub fn simulate_outage(&self, time: Duration) {
        self.simulation.outage(time);
    }

    /// Breaks the connection at a call about letters or messages, counted from 0, for tests of killed runs; `has_effect` says
    /// whether that call still has its effect.
    pub fn break_after(&self, calls: Option<(u32, bool)>) {
        self.simulation.break_after(calls);
    }

    /// How many calls about letters and messages were made.
    #[must_use]
    pub fn letter_calls(&self) -> u32 {
        self.simulation.calls()
    }

    /// Shows letters twice, as SQS may, for tests.
    pub fn repeat_letters(&self) {
        self.holds.repeats.set(true);
    }
}
