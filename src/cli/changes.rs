//! One run: shows the plan, asks, takes the lock, carries it out, looks at what came of it, and gives the lock back.
//!
//! The lock is taken after the question, so that no one is kept waiting by a person who thinks. If someone else ran since the
//! plan was made, it is made again. Neighbors: `lock` waits for others, `recheck` looks at the result.

pub(super) mod rename;
#[cfg(test)]
pub(super) mod tests;

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use jiff::Timestamp;

use super::cloud::Cloud;
use super::consent::agree;
use super::interrupt::Signal;
use super::lock::Waiter;
use super::recheck::recheck;
use super::screen::Screen;
use super::turn::{self, begun, give_back};
use super::{ExitStatus, Failure, Global, Output};
use crate::apply::{self, Event, Gate, Report, StopRequest};
use crate::name::Scope;
use crate::output::Versioned;
use crate::output::apply::{ApplyLine, Before};
use crate::plan::{Plan, Purpose};
use crate::provider::ProviderError;
use crate::provider::run_log::RunLog;
use crate::render;
use crate::render::history::moment;
use crate::render::progress::{LiveLines, line};
use crate::resource::ResourceSet;
use crate::runs::{self, Attempt, Ended, Held, HeldGate, Label, LabelRequest, Newest, RunResult};

/// What changes are made from.
pub(super) struct Prepared {
    /// The plan.
    pub(super) plan: Plan,
    /// What there should be; of a stack that is removed, what its file says, which finds what is left of it.
    pub(super) desired: ResourceSet,
}

/// A command that changes a stack.
pub(super) struct Task<'a> {
    /// Its name.
    pub(super) command: &'static str,
    pub(super) cloud: &'a Cloud,
    pub(super) scope: &'a Scope,
    /// The caller's ARN.
    pub(super) caller: &'a str,
    /// What is asked before changes are made.
    pub(super) question: Confirmation<'a>,
    /// The command that goes on after an interruption.
    pub(super) again: &'a str,
    /// How long to wait for another run.
    pub(super) lock_timeout: Duration,
    /// Whether the record of runs goes with the stack.
    pub(super) removes_log: bool,
    /// What the record's tags are to say of the stack, if it stays.
    pub(super) label: Option<LabelRequest<'a>>,
}

/// What is asked before changes are made.
pub(super) struct Confirmation<'a> {
    /// The question.
    pub(super) text: &'a str,
    /// The word to type, if not `yes`.
    pub(super) word: Option<&'a str>,
}

impl Task<'_> {
    /// Plans, and carries the plan out.
    pub(super) async fn run(
        &self,
        prepare: impl AsyncFn() -> Result<Prepared, Failure>,
        global: &Global,
        screen: &Screen,
    ) -> Result<ExitStatus, Failure> {
        let mut turn = Waiter::new(self.cloud, self.scope, self.lock_timeout, screen);
        let mut agreed: Option<String> = None;
        loop {
            let newest = runs::newest(self.cloud, self.scope).await?;
            let relabels = self.relabels(newest).await?;
            let prepared = prepare().await?;
            let digest = digest(&prepared.plan);
            if agreed.as_ref() != Some(&digest) {
                self.show(&prepared.plan, newest, global, screen);
                if prepared.plan.is_empty() && !self.is_log_left(newest) && !relabels {
                    return Ok(nothing_to_do(global, screen));
                }
                // What only says again when the stack expires needs no consent.
                let is_asked = !prepared.plan.is_empty() || self.is_log_left(newest);
                if is_asked {
                    agree(self.question.text, self.question.word, global, screen)?;
                }
                agreed = Some(digest.clone());
            }
            if newest.is_held() {
                turn.come().await?;
                screen.note("Another run has changed the stack in the meantime: planning again.");
                continue;
            }
            turn.settle(newest).await?;
            let applying = screen.interrupts.applying();
            let begun = begun(self.command, self.caller, digest);
            match turn::begin(self.cloud, self.scope, newest, &begun, screen).await {
                Ok(Attempt::Held(held)) => {
                    if prepared.plan.purpose == Purpose::Adopt
                        && let Err(failure) = self.look_again(&held, &prepare, &prepared.plan).await
                    {
                        applying.ended_unchanged();
                        return Err(failure);
                    }
                    return self.change(&held, &prepared, global, screen).await;
                }
                Ok(attempt) => {
                    if let Some(signal) = applying.ended_unchanged() {
                        screen.note("Interrupted. Nothing was changed.");
                        return Ok(signal.code());
                    }
                    if matches!(attempt, Attempt::Stale) {
                        screen.note("Another run began at the same time: waiting for it, then planning again.");
                    }
                }
                Err(error) => {
                    applying.ended_unchanged();
                    return Err(error.into());
                }
            }
        }
    }

    /// What is not managed can be changed by anyone at any time: it must still be what was shown. If it is not, or this is not known,
    /// the lock is given back.
    async fn look_again(
        &self,
        held: &Held,
        prepare: impl AsyncFn() -> Result<Prepared, Failure>,
        shown: &Plan,
    ) -> Result<(), Failure> {
        let why = match prepare().await {
            Ok(again) if digest(&again.plan) == digest(shown) => return Ok(()),
            Ok(_) => Failure::refusal(
                "what is to be adopted is not what was shown anymore",
                "nothing was changed: run this command again to see what it is now",
            ),
            Err(failure) => failure,
        };
        self.not_started(held).await?;
        Err(why)
    }

    /// Gives a lock back under which nothing was changed.
    async fn not_started(&self, held: &Held) -> Result<(), ProviderError> {
        let ended = Ended { result: RunResult::NotStarted, by: self.caller.to_owned(), changes: <_>::default() };
        held.end(self.cloud, self.scope, &ended).await
    }

    /// Whether there is a change of the expiry to write, although the stack exists and may need no other change.
    async fn relabels(&self, newest: Newest) -> Result<bool, Failure> {
        let Some(label) = self.label.filter(|_| newest.has_log) else { return Ok(false) };
        let tags = self.cloud.log_tags(self.scope).await?;
        Ok(label.differs(&Label::read(&tags.unwrap_or_default())))
    }

    /// Whether there is still the record of runs to remove.
    const fn is_log_left(&self, newest: Newest) -> bool {
        self.removes_log && newest.has_log
    }

    fn show(&self, plan: &Plan, newest: Newest, global: &Global, screen: &Screen) {
        match global.output {
            Output::Json => screen.json_line(&planned(plan)),
            Output::Text => {
                screen.note(&screen.paint_err.dim(&plan.scope.to_string()));
                screen.result(&render::plan::text(plan, screen.paint_out));
            }
        }
        if self.is_log_left(newest) {
            let log = self.scope.run_log();
            screen.note(&format!(
                "The log group `{log}`, which records who changed the stack, is deleted last (--keep-history keeps it)."
            ));
        }
        if newest.is_held() {
            screen.note(&format!("Run {} is in progress: what is shown may change.", newest.number));
        }
    }

    /// Makes the changes while holding the lock, and gives it back.
    async fn change(
        &self,
        held: &Held,
        prepared: &Prepared,
        global: &Global,
        screen: &Screen,
    ) -> Result<ExitStatus, Failure> {
        let stop = StopRequest::default();
        let gate = HeldGate { held, log: self.cloud, scope: self.scope };
        let work = pin!(self.carry_out(held, &gate, prepared, &stop, global, screen));
        let watch = pin!(held.watch(self.cloud, self.scope));
        let mut made = match select(work, watch).await {
            Either::Left((made, _)) => made,
            Either::Right(((), work)) => {
                screen.note(&format!("Run {} was ended from outside: stopping.", held.number));
                stop.ask();
                work.await
            }
        };
        if made.is_complete() {
            made.seen = self.still_held(held).await;
        }
        let released = self.release(held, &made).await;
        if global.output == Output::Text && made.seen.is_ok() {
            self.tell(&made, prepared.plan.is_empty(), screen);
        }
        if let Some(signal) = made.by {
            if let Err(failure) = released {
                failure.print(global.output, screen);
            }
            return Ok(signal.code());
        }
        made.seen?;
        if !made.report.is_complete() {
            if let Err(failure) = released {
                failure.print(global.output, screen);
            }
            return Err(Failure::Incomplete(Box::new(made.report)));
        }
        released?;
        Ok(ExitStatus::Fine)
    }

    /// Says what came of the run.
    fn tell(&self, made: &RunOutcome, is_plan_empty: bool, screen: &Screen) {
        if !is_plan_empty {
            screen.result(&render::progress::report(&made.report, self.again, screen.paint_out));
        } else if self.removes_log {
            screen.result(&format!("Deleted the log group `{}`.", self.scope.run_log()));
        }
        if let Some(at) = made.expires {
            let at = moment(at.as_millisecond());
            screen.result(&format!("The stack expires at {at}: from then on `trailbell reap` removes it."));
        } else if is_plan_empty && !self.removes_log {
            screen.result("The stack does not expire anymore.");
        }
    }

    /// Looks once more whether the lock was held all the time: only then is the result ours.
    async fn still_held(&self, held: &Held) -> Result<(), Failure> {
        held.look(self.cloud, self.scope).await?;
        if !held.is_lost() {
            return Ok(());
        }
        Err(Failure::other(
            format!("run {} was ended from outside, so someone else may have changed the stack meanwhile", held.number),
            "`trailbell history` shows who ended it; `trailbell plan` shows what there is",
        ))
    }

    /// Writes what the record is to say of a stack that stays; gives when it expires.
    async fn write_record(&self, desired: &ResourceSet) -> Result<Option<Timestamp>, ProviderError> {
        let Some(label) = &self.label else { return Ok(None) };
        let expires = label.write(self.cloud, self.scope, Timestamp::now()).await?;
        runs::note_log_groups(self.cloud, self.scope, desired).await?;
        Ok(expires)
    }

    /// Carries out the plan, and looks at the result.
    async fn carry_out(
        &self,
        held: &Held,
        gate: &impl Gate,
        Prepared { plan, desired }: &Prepared,
        stop: &StopRequest,
        global: &Global,
        screen: &Screen,
    ) -> RunOutcome {
        let live = (screen.is_live && global.output == Output::Text).then(|| LiveLines::new(screen.paint_err));
        let show = |event: Event| show(event, live.as_ref(), global.output, screen);
        let expires = match self.write_record(desired).await {
            Ok(expires) => expires,
            Err(error) => {
                return RunOutcome { report: Report::default(), seen: Err(error.into()), by: None, expires: None };
            }
        };
        let mut by = None;
        let report = {
            let work = apply::apply_gated(plan, self.cloud, gate, stop, &show);
            tokio::pin!(work);
            loop {
                tokio::select! {
                    report = &mut work => break report,
                    signal = screen.interrupts.next() => {
                        by = Some(signal);
                        interrupt(signal, stop, held.number, live.as_ref(), screen);
                    }
                }
            }
        };
        let mut seen = Ok(());
        if report.is_complete() && by.is_none() {
            tokio::select! {
                result = recheck(plan, desired, self.cloud, screen) => seen = result,
                signal = screen.interrupts.next() => by = Some(signal),
            }
        }
        if report.is_complete() && by.is_some() {
            // "Done" is said only of what was seen.
            screen.note("All changes were made; the result was not read again.");
            seen = Err(Failure::Interrupted);
        }
        RunOutcome { report, seen, by, expires }
    }

    /// Gives the lock back, and says in the record what came of the run.
    async fn release(&self, held: &Held, made: &RunOutcome) -> Result<(), Failure> {
        if held.is_lost() {
            return Ok(());
        }
        let result = made.result();
        let removed = if self.removes_log && result == RunResult::Complete {
            match self.cloud.delete_log(self.scope).await {
                Ok(()) => return Ok(()),
                Err(error) => Err(error.into()),
            }
        } else {
            Ok(())
        };
        let result = if removed.is_ok() { result } else { RunResult::Failed };
        let ended = Ended { result, by: self.caller.to_owned(), changes: (&made.report).into() };
        give_back(self.cloud, self.scope, held, &ended, made.by.is_some()).await?;
        removed
    }
}

/// What came of a run.
struct RunOutcome {
    report: Report,
    /// Whether the stack was seen to be as it should be.
    seen: Result<(), Failure>,
    /// The signal that stopped it.
    by: Option<Signal>,
    /// When the stack expires.
    expires: Option<Timestamp>,
}

impl RunOutcome {
    const fn result(&self) -> RunResult {
        match self.by {
            Some(_) => RunResult::Stopped,
            None if self.is_complete() => RunResult::Complete,
            None => RunResult::Failed,
        }
    }

    /// Whether everything was done and seen.
    const fn is_complete(&self) -> bool {
        self.report.is_complete() && self.seen.is_ok() && self.by.is_none()
    }
}

/// The digest of what a plan changes, which says whether two are the same.
fn digest(plan: &Plan) -> String {
    // What is unmanaged may have been made anew meanwhile: then its ARN may be another one.
    let arns = (plan.purpose == Purpose::Adopt).then_some(&plan.arns);
    let changes = serde_json::to_vec(&(&plan.scope, &plan.steps, &plan.extras, &plan.next, arns)).unwrap_or_default();
    turn::digest(&changes)
}

fn nothing_to_do(global: &Global, screen: &Screen) -> ExitStatus {
    if global.output == Output::Json {
        screen.json_line(&event(Event::Finished { report: Report::default() }));
    }
    ExitStatus::Fine
}

/// The first line for machines.
pub(super) fn planned(plan: &Plan) -> Versioned<ApplyLine> {
    Versioned::new(ApplyLine::Before(Before::Planned(Box::new(plan.clone().into()))))
}

fn event(event: Event) -> Versioned<ApplyLine> {
    Versioned::new(ApplyLine::Event(Box::new(event)))
}

/// The first signal finishes what is under way, the second ends at once.
fn interrupt(signal: Signal, stop: &StopRequest, run: u32, live: Option<&LiveLines>, screen: &Screen) {
    let say = |text: &str| live.map_or_else(|| screen.note(text), |live| live.say(text));
    if stop.is_asked() {
        say(&format!(
            "Stopped. Changes that were in progress may or may not have been made; `trailbell plan` shows what is left. The lock \
             was not given back: `trailbell unlock {run}`."
        ));
        screen.interrupts.exit(signal);
    }
    stop.ask();
    say("Stopping after the changes in progress, in a few seconds. Press Ctrl-C again to stop immediately.");
}

fn show(one: Event, live: Option<&LiveLines>, output: Output, screen: &Screen) {
    match (output, live) {
        (Output::Json, _) => screen.json_line(&event(one)),
        (Output::Text, Some(live)) => live.show(&one),
        (Output::Text, None) => {
            let line = line(&one, screen.paint_err);
            if !line.is_empty() {
                screen.note(&line);
            }
        }
    }
}
