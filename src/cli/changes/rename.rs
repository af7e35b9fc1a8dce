//! One run on two stacks: the stack under its new name is completed and seen before anything of the old one is deleted.
//!
//! Both locks are held all the time, and taken in the order of the stacks' names; who does not get the second one gives the first
//! one back, so no one waits while holding a lock. What is killed anywhere is continued by running it again: what is left of the
//! old stack is found as any removal finds it.

#[cfg(test)]
mod tests;

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::{Prepared, RunOutcome, Task, digest};
use crate::apply::{Gate, Report, StopRequest};
use crate::cli::consent::agree;
use crate::cli::interrupt::Signal;
use crate::cli::lock::Waiter;
use crate::cli::screen::Screen;
use crate::cli::turn::{self, begun};
use crate::cli::{ExitStatus, Failure, Global, Output};
use crate::provider::{Provider, ProviderError};
use crate::resource::Resource;
use crate::runs::{self, Attempt, Held, HeldGate, Newest};

/// Two stacks, of which one takes the place of the other. What there are two of is in this order: the new one, the old one.
pub(in crate::cli) struct Rename<'a> {
    /// Makes the stack under its new name.
    pub(in crate::cli) new: Task<'a>,
    /// Removes the stack under its old name.
    pub(in crate::cli) old: Task<'a>,
    /// What is asked before.
    pub(in crate::cli) question: &'a str,
}

/// Passes what holds both locks.
struct BothGates<'a, G>([&'a G; 2]);

impl<G: Gate> Gate for BothGates<'_, G> {
    async fn pass(&self) -> Result<(), ProviderError> {
        for gate in self.0 {
            gate.pass().await?;
        }
        Ok(())
    }
}

impl Rename<'_> {
    /// Plans both, and carries both plans out. Without anything left of the old stack it is an ordinary apply.
    pub(in crate::cli) async fn run(
        &self,
        prepare_new: impl AsyncFn() -> Result<Prepared, Failure>,
        prepare_old: impl AsyncFn() -> Result<Prepared, Failure>,
        global: &Global,
        screen: &Screen,
    ) -> Result<ExitStatus, Failure> {
        let mut turns = self.tasks().map(|task| Waiter::new(task.cloud, task.scope, task.lock_timeout, screen));
        let mut agreed = None;
        'again: loop {
            let [of_new, of_old] = self.tasks().map(|task| runs::newest(task.cloud, task.scope));
            let newest = [of_new.await?, of_old.await?];
            let removal = prepare_old().await?;
            if removal.plan.is_empty() && !self.old.is_log_left(newest[1]) {
                let (old, new) = (self.old.scope.stack(), self.new.scope.stack());
                screen.note(&format!("Nothing of the stack `{old}` exists: this is an ordinary apply of `{new}`."));
                return self.new.run(&prepare_new, global, screen).await;
            }
            let plans = [prepare_new().await?, removal];
            let digests = [digest(&plans[0].plan), digest(&plans[1].plan)];
            if agreed.as_ref() != Some(&digests) {
                for ((task, prepared), newest) in self.tasks().into_iter().zip(&plans).zip(newest) {
                    task.show(&prepared.plan, newest, global, screen);
                }
                agree(self.question, None, global, screen)?;
                agreed = Some(digests.clone());
            }
            for (turn, newest) in turns.iter_mut().zip(newest) {
                if newest.is_held() {
                    turn.come().await?;
                    screen.note("Another run has changed one of the stacks in the meantime: planning again.");
                    continue 'again;
                }
                turn.settle(newest).await?;
            }
            let applying = screen.interrupts.applying();
            match self.begin(newest, digests, screen).await {
                Ok(Some(held)) => return self.change(&held, &plans, prepare_old, global, screen).await,
                Ok(None) => {
                    if let Some(signal) = applying.ended_unchanged() {
                        screen.note("Interrupted. Nothing was changed.");
                        return Ok(signal.code());
                    }
                    screen.note("Another run began at the same time: waiting for it, then planning again.");
                }
                Err(error) => {
                    applying.ended_unchanged();
                    return Err(error.into());
                }
            }
        }
    }

    const fn tasks(&self) -> [&Task<'_>; 2] {
        [&self.new, &self.old]
    }

    /// Takes both locks, or none.
    async fn begin(
        &self,
        newest: [Newest; 2],
        digests: [String; 2],
        screen: &Screen,
    ) -> Result<Option<[Held; 2]>, ProviderError> {
        let tasks = self.tasks();
        let begin = async |at: usize| {
            let Task { command, cloud, scope, caller, .. } = tasks[at];
            turn::begin(cloud, scope, newest[at], &begun(command, caller, digests[at].clone()), screen).await
        };
        let first = usize::from(self.old.scope.stack() < self.new.scope.stack());
        let Attempt::Held(one) = begin(first).await? else { return Ok(None) };
        match begin(1 - first).await {
            Ok(Attempt::Held(other)) => Ok(Some(if first == 0 { [one, other] } else { [other, one] })),
            missed => {
                tasks[first].not_started(&one).await?;
                missed.map(|_| None)
            }
        }
    }

    /// Makes all changes while holding both locks, and gives them back.
    async fn change(
        &self,
        held: &[Held; 2],
        plans: &[Prepared; 2],
        old: impl AsyncFn() -> Result<Prepared, Failure>,
        global: &Global,
        screen: &Screen,
    ) -> Result<ExitStatus, Failure> {
        let stop = StopRequest::default();
        let work = pin!(self.carry_out(held, plans, old, &stop, global, screen));
        let watch_new = pin!(held[0].watch(self.new.cloud, self.new.scope));
        let watch_old = pin!(held[1].watch(self.old.cloud, self.old.scope));
        let watch = select(watch_new, watch_old);
        let (made, removed) = match select(work, watch).await {
            Either::Left((made, _)) => made,
            Either::Right((_, work)) => {
                screen.note("One of the two runs was ended from outside: stopping.");
                stop.ask();
                work.await
            }
        };
        let mut outcomes = Outcomes { made, removed };
        if outcomes.are_complete() {
            outcomes.made.seen = self.new.still_held(&held[0]).await;
            if let Some(removed) = &mut outcomes.removed {
                removed.seen = self.old.still_held(&held[1]).await;
            }
        }
        let released_old = match &outcomes.removed {
            Some(removed) => self.old.release(&held[1], removed).await,
            None => self.old.not_started(&held[1]).await.map_err(Failure::from),
        };
        let released_new = self.new.release(&held[0], &outcomes.made).await;
        self.tell(&outcomes, plans, global, screen);
        outcomes.into_status(released_new.and(released_old), global, screen)
    }

    /// Makes the new stack and looks at it; then, if what is left of the old one is what was shown, removes that.
    async fn carry_out(
        &self,
        held: &[Held; 2],
        plans: &[Prepared; 2],
        old: impl AsyncFn() -> Result<Prepared, Failure>,
        stop: &StopRequest,
        global: &Global,
        screen: &Screen,
    ) -> (RunOutcome, Option<RunOutcome>) {
        let gates = [0, 1].map(|at| {
            let Task { cloud, scope, .. } = *self.tasks()[at];
            HeldGate { held: &held[at], log: cloud, scope }
        });
        let gate = BothGates([&gates[0], &gates[1]]);
        let made = self.new.carry_out(&held[0], &gate, &plans[0], stop, global, screen).await;
        if !made.is_complete() {
            return (made, None);
        }
        let (name, former) = (self.new.scope.stack(), self.old.scope.stack());
        screen.note(&format!("The stack `{name}` is complete; `{former}` is deleted next."));
        let is_same = async {
            match old().await {
                Ok(again) if digest(&again.plan) == digest(&plans[1].plan) => Ok(()),
                Ok(_) => Err(Failure::refusal(
                    format!("`{former}` is not what was shown anymore, and was not deleted"),
                    format!("`{name}` is complete; run this command again to see what would be deleted"),
                )),
                Err(failure) => Err(failure),
            }
        };
        let not_begun = |seen, by| RunOutcome { report: Report::default(), seen, by, expires: None };
        let removed = match self.settle(&plans[0], screen).await {
            Some(signal) => not_begun(Ok(()), Some(signal)),
            None => match is_same.await {
                Ok(()) => self.old.carry_out(&held[1], &gate, &plans[1], stop, global, screen).await,
                Err(failure) => not_begun(Err(failure), None),
            },
        };
        (made, Some(removed))
    }

    /// Waits until the new stack is in use everywhere: what was just made does not receive events at once. Gives the signal that came
    /// meanwhile.
    async fn settle(&self, made: &Prepared, screen: &Screen) -> Option<Signal> {
        // Also of what is there already: a run before this one may have made it a moment ago.
        let pause = made.desired.values().filter_map(Resource::settles).max_by_key(|pause| pause.seconds)?;
        screen.note(&format!("waiting {} s {}", pause.seconds, pause.reason));
        tokio::select! {
            () = self.new.cloud.rest(Duration::from_secs(pause.seconds)) => None,
            signal = screen.interrupts.next() => Some(signal),
        }
    }

    /// Says what came of both.
    fn tell(&self, outcomes: &Outcomes, plans: &[Prepared; 2], global: &Global, screen: &Screen) {
        let (name, former) = (self.new.scope.stack(), self.old.scope.stack());
        if global.output == Output::Text {
            let parts = [(&self.new, Some(&outcomes.made)), (&self.old, outcomes.removed.as_ref())];
            for ((task, outcome), prepared) in parts.into_iter().zip(plans) {
                let seen = outcome.filter(|outcome| outcome.seen.is_ok());
                if let Some(outcome) = seen.filter(|_| !prepared.plan.is_empty() || task.removes_log) {
                    task.tell(outcome, prepared.plan.is_empty(), screen);
                }
            }
            if outcomes.are_complete() {
                screen.result(&format!("The stack `{former}` is now `{name}`."));
                return;
            }
        }
        if outcomes.removed.as_ref().is_some_and(|removed| !removed.is_complete()) {
            screen.note(&format!(
                "The stack `{name}` is complete, and `{former}` still exists, at least in part: an event can be posted twice. \
                 Continue with `{}`.",
                self.old.again
            ));
        }
    }
}

/// What came of both parts; nothing of the second when it was not begun.
struct Outcomes {
    made: RunOutcome,
    removed: Option<RunOutcome>,
}

impl Outcomes {
    fn are_complete(&self) -> bool {
        self.made.is_complete() && self.removed.as_ref().is_some_and(RunOutcome::is_complete)
    }

    /// What counts first is what stopped it, then what failed, then a lock that could not be given back.
    fn into_status(
        self,
        released: Result<(), Failure>,
        global: &Global,
        screen: &Screen,
    ) -> Result<ExitStatus, Failure> {
        let parts = || [Some(&self.made), self.removed.as_ref()].into_iter().flatten();
        let code = parts().find_map(|part| part.by).map(Signal::code);
        let is_whole = parts().all(RunOutcome::is_complete);
        if let (Err(failure), false) = (&released, code.is_none() && is_whole) {
            failure.print(global.output, screen);
        }
        if let Some(code) = code {
            return Ok(code);
        }
        for part in [Some(self.made), self.removed].into_iter().flatten() {
            part.seen?;
            if !part.report.is_complete() {
                return Err(Failure::Incomplete(Box::new(part.report)));
            }
        }
        released.map(|()| ExitStatus::Fine)
    }
}
