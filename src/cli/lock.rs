//! Waiting for another run on the same stack, and what is said about it.

use std::env;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::Failure;
use super::cloud::Cloud;
use super::screen::Screen;
use crate::name::Scope;
use crate::provider::Provider;
use crate::redact;
use crate::render::history::{moment, who};
use crate::runs::{self, DEAD_SECONDS, FRESH, Newest, PastRun, RunResult};

/// How often a waiter looks.
const STEP: Duration = Duration::from_secs(5);
/// The longest wait that can be asked for: what needs longer is not a wait.
const MAX_TIMEOUT: Duration = Duration::from_hours(24);
/// How long after a run was ended from outside the next one begins: what a holder has seen may be this old, and what it has under
/// way takes some seconds more.
pub(super) const SETTLE: Duration = Duration::from_secs(FRESH.as_secs() + 5);

/// Options of commands that change a stack.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct LockArguments {
    /// How long to wait for another run on the same stack to end, such as `90s` or `5m`; the default is not to wait
    #[arg(long, value_name = "TIME", value_parser = duration)]
    lock_timeout: Option<Duration>,
}

impl LockArguments {
    pub(super) fn timeout(self) -> Duration {
        self.lock_timeout.unwrap_or_default()
    }
}

/// A time as a person writes it: `90s`, `5m`, `1h 30m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let expected = "a time such as `90s`, `5m`, or `1h`, at most 24 hours";
    let time: SignedDuration = text.parse().map_err(|_| expected.to_owned())?;
    Duration::try_from(time).ok().filter(|time| *time <= MAX_TIMEOUT).ok_or_else(|| expected.to_owned())
}

/// Waits for the turn of a run.
pub(super) struct Waiter<'a> {
    cloud: &'a Cloud,
    scope: &'a Scope,
    screen: &'a Screen,
    limit: Duration,
    waited: Duration,
}

impl<'a> Waiter<'a> {
    pub(super) const fn new(cloud: &'a Cloud, scope: &'a Scope, limit: Duration, screen: &'a Screen) -> Self {
        Self { cloud, scope, screen, limit, waited: Duration::ZERO }
    }

    /// Waits until no run is in progress.
    ///
    /// # Errors
    /// A run is in progress for longer than the limit, or seems to be dead.
    pub(super) async fn come(&mut self) -> Result<(), Failure> {
        let (mut silence, mut told) = (Silence::default(), false);
        loop {
            let newest = runs::newest(self.cloud, self.scope).await?;
            if !newest.is_held() {
                return Ok(());
            }
            let run = runs::past(self.cloud, self.scope, newest.number, false).await?;
            let is_dead = silence.is_dead((newest.number, run.last_sign_at), self.waited);
            if is_dead || self.waited >= self.limit {
                return Err(in_progress(&run, is_dead, self.limit, self.scope));
            }
            if !told {
                told = true;
                let limit = SignedDuration::try_from(self.limit.saturating_sub(self.waited)).unwrap_or_default();
                self.screen.note(&format!("waiting up to {limit:#} for {}", described(&run, self.scope)));
            }
            self.cloud.rest(STEP).await;
            self.waited += STEP;
        }
    }

    /// After a run that was ended from outside, its holder may still be at work for some seconds; also if nothing says how it
    /// ended.
    pub(super) async fn settle(&self, newest: Newest) -> Result<(), Failure> {
        if newest.number == 0 {
            return Ok(());
        }
        let (ended_at, ended) = runs::end_of(self.cloud, self.scope, newest.number).await?;
        let is_forced = ended.is_none_or(|ended| ended.result == RunResult::Forced);
        let now = jiff::Timestamp::now().as_millisecond();
        // The clocks of two machines differ; a minute is far more than usual.
        if is_forced && ended_at.is_none_or(|at| now.abs_diff(at) < 60_000) {
            self.screen.note(&format!(
                "waiting {} s, because run {} was ended from outside and may still be finishing a change",
                SETTLE.as_secs(),
                newest.number
            ));
            self.cloud.rest(SETTLE).await;
        }
        Ok(())
    }
}

/// How long a holder has shown no sign of life, by the waiter's own clock.
#[derive(Default)]
pub(super) struct Silence {
    last: Option<(u32, Option<i64>)>,
    since: Duration,
}

impl Silence {
    /// Whether three heartbeats were missed; `waited` is how long the waiter has waited in all.
    pub(super) fn is_dead(&mut self, sign: (u32, Option<i64>), waited: Duration) -> bool {
        if self.last.as_ref() != Some(&sign) {
            self.last = Some(sign);
            self.since = waited;
        }
        waited.saturating_sub(self.since).as_secs() >= DEAD_SECONDS
    }
}

/// A run in words: which, who, from where, since when.
pub(super) fn described(run: &PastRun, scope: &Scope) -> String {
    let began = run.began_at.map_or_else(String::new, |at| format!(", since {}", moment(at)));
    let sign = run.last_sign_at.map_or_else(String::new, |at| format!(", last sign of life at {}", moment(at)));
    format!("run {} of the stack `{}`{}{began}{sign}", run.number, scope.stack(), who(run))
}

fn in_progress(run: &PastRun, is_dead: bool, limit: Duration, scope: &Scope) -> Failure {
    let unlock = unlock_hint(run.number, scope);
    let described = described(run, scope);
    if is_dead {
        let message = format!("{described}, has shown no sign of life for {DEAD_SECONDS} s: it was probably killed");
        return Failure::refusal(message, format!("nothing was changed; {unlock}"));
    }
    let wait =
        if limit.is_zero() { "wait for it with `--lock-timeout 5m`" } else { "wait longer with `--lock-timeout`" };
    Failure::refusal(
        format!("{described}, is in progress"),
        format!("nothing was changed; {wait}, or, if it was killed: {unlock}"),
    )
}

/// How to end a run that does not end itself.
pub(super) fn unlock_hint(number: u32, scope: &Scope) -> String {
    format!("end it with `trailbell unlock {number} --stack {} --region {}`", scope.stack(), scope.region())
}

/// Where this run comes from: the URL of a pipeline's run, or user and host.
pub(super) fn origin() -> String {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
    };
    let others = ["CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL"];
    let url = github().or_else(|| others.iter().find_map(|name| variable(name)));
    let person = || {
        let user = variable("USER").or_else(|| variable("USERNAME"));
        user.map_or_else(host, |user| format!("{user}@{}", host()))
    };
    redact::message(&url.unwrap_or_else(person)).chars().filter(|c| !c.is_control()).take(500).collect()
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    env::var("COMPUTERNAME").unwrap_or_else(|_| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("24h", 86_400)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "5", "-5m", "25h", "soon", "5m ago", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_holder_is_dead_after_three_heartbeats_were_missed() {
        let mut silence = Silence::default();
        let sign = |time| (7, Some(time));
        let waits = [(1, 0, false), (1, 59, false), (2, 60, false), (2, 119, false), (2, 120, true)];
        for (time, waited, dead) in waits {
            assert_eq!(silence.is_dead(sign(time), Duration::from_secs(waited)), dead, "{time} {waited}");
        }
    }
}
