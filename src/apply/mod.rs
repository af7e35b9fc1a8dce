//! Carrying out a plan. It makes no choices: it walks the plan's graph as fast as the order allows, and tells what it does.
//!
//! Everything people and machines see is an [`Event`]; progress bars, plain lines and JSON are three readers of the same
//! events. It always ends with a [`Report`], also after a failure or an interruption; planning again is the way on.

mod event;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::plan::{Change, Pause, Plan, PlanStep, Purpose};
use crate::provider::{Context, Provider, ProviderError, Wait};
use crate::resource::{Address, Arns};

pub use event::{Event, FailedChange, Report};

/// How many changes are under way at once; services bound their own calls further.
const PARALLEL: usize = 10;

/// The action of removing what others attached.
pub const REMOVE: &str = "remove_unmanaged";

/// How long a stop waits for what is under way. A runner of GitHub Actions that cancels a job sends SIGINT, 7.5 seconds later
/// SIGTERM, and kills the process after 2.5 more. (Source: docs.github.com, "Workflow cancellation reference".)
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// A request to stop: nothing new is begun, and what is under way is finished if that takes seconds.
#[derive(Debug, Default)]
pub struct StopRequest {
    is_asked: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl StopRequest {
    /// Asks to stop.
    pub fn ask(&self) {
        self.is_asked.set(true);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    /// Whether someone asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.is_asked.get()
    }

    /// Ends when someone asks.
    async fn asked(&self) {
        poll_fn(|context| {
            if self.is_asked() {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// Lets changes through, or says why not. It is asked before each.
#[expect(async_fn_in_trait, reason = "used with static dispatch only, on one thread")]
pub trait Gate {
    /// Whether the next change may be made.
    ///
    /// # Errors
    /// It may not, or it is not known.
    async fn pass(&self) -> Result<(), ProviderError>;
}

/// Lets everything through: no one else changes the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenGate;

impl Gate for OpenGate {
    async fn pass(&self) -> Result<(), ProviderError> {
        Ok(())
    }
}

/// Carries out a plan, telling `emit` everything that happens.
pub async fn apply<P: Provider>(plan: &Plan, provider: &P, stop: &StopRequest, emit: &dyn Fn(Event)) -> Report {
    apply_gated(plan, provider, &OpenGate, stop, emit).await
}

/// Carries out a plan; `gate` is asked before each change.
pub async fn apply_gated<P: Provider, G: Gate>(
    plan: &Plan,
    provider: &P,
    gate: &G,
    stop: &StopRequest,
    emit: &dyn Fn(Event),
) -> Report {
    let run = Execution { plan, provider, gate, emit, arns: RefCell::new(plan.arns.clone()) };
    let mut waiting: BTreeSet<usize> = (0..plan.steps.len()).collect();
    let mut done = BTreeSet::new();
    let patience = pin!(async {
        stop.asked().await;
        provider.rest(GRACE).await;
    });
    let mut patience = patience.fuse();
    let removal = Removal::default();
    select(pin!(run.remove_extras(stop, &removal)), &mut patience).await;
    let Removal { removed, failures, begun: removing } = removal;
    let mut failures = failures.take();
    let is_kept = !failures.is_empty() || removing.borrow().is_some();
    let mut under_way = FuturesUnordered::new();
    let mut begun = BTreeSet::new();
    loop {
        // What could not be removed may be attached to what the changes would remove.
        while under_way.len() < PARALLEL && !stop.is_asked() && !is_kept {
            let is_ready = |at: &&usize| plan.steps[**at].waits_for.iter().all(|other| done.contains(other));
            let Some(&at) = waiting.iter().find(is_ready) else { break };
            waiting.remove(&at);
            begun.insert(at);
            under_way.push(run.step(at, stop));
        }
        // What is done counts, even when patience is over, too.
        let ended = match select(under_way.next(), &mut patience).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => None,
        };
        let Some((at, result)) = ended else { break };
        begun.remove(&at);
        match result {
            Ok(true) => {
                done.insert(at);
            }
            Ok(false) => {
                waiting.insert(at);
            }
            Err(error) => failures.push(FailedChange { address: plan.steps[at].change.address().clone(), error }),
        }
    }
    let addresses = |steps: &BTreeSet<usize>| -> Vec<Address> {
        steps.iter().map(|at| plan.steps[*at].change.address().clone()).collect()
    };
    let (skipped, mut unfinished) = (addresses(&waiting), addresses(&begun));
    unfinished.extend(removing.take());
    let done: Vec<&str> = done.iter().map(|at| plan.action(&plan.steps[*at].change)).collect();
    let report =
        Report { removed: removed.get(), unfinished, ..Report::new(&done, failures, skipped, stop.is_asked()) };
    emit(Event::Finished { report: report.clone() });
    report
}

/// How far the removal of what others attached has come.
#[derive(Default)]
struct Removal {
    removed: Cell<usize>,
    failures: RefCell<Vec<FailedChange>>,
    begun: RefCell<Option<Address>>,
}

struct Execution<'a, P, G> {
    plan: &'a Plan,
    provider: &'a P,
    gate: &'a G,
    emit: &'a dyn Fn(Event),
    arns: RefCell<Arns>,
}

impl<P: Provider, G: Gate> Execution<'_, P, G> {
    /// Removes what others attached and a person wants removed, one after the other.
    async fn remove_extras(&self, stop: &StopRequest, removal: &Removal) {
        for one in self.plan.extras.iter().filter(|one| one.is_removed()) {
            if stop.is_asked() {
                break;
            }
            let (address, action) = (one.found.address.clone(), REMOVE);
            (self.emit)(Event::Started { address: address.clone(), action });
            removal.begun.replace(Some(address.clone()));
            let result = match self.gate.pass().await {
                Ok(()) => self.provider.remove_extra(&self.plan.scope, &one.on, &one.found).await,
                Err(error) => Err(error),
            };
            removal.begun.take();
            match result {
                Ok(()) => {
                    removal.removed.update(|removed| removed + 1);
                    (self.emit)(Event::Done { address, action });
                }
                Err(error) => {
                    (self.emit)(Event::Failed { address: address.clone(), action, error: error.clone() });
                    removal.failures.borrow_mut().push(FailedChange { address, error });
                }
            }
        }
    }

    /// Carries out a step; false when someone asked to stop before it began.
    async fn step(&self, at: usize, stop: &StopRequest) -> (usize, Result<bool, ProviderError>) {
        let PlanStep { change, pause, .. } = &self.plan.steps[at];
        let (address, action) = (change.address().clone(), self.plan.action(change));
        (self.emit)(Event::Started { address: address.clone(), action });
        if let Some(pause) = pause
            && !self.pause(&address, pause, stop).await
        {
            return (at, Ok(false));
        }
        let result = self.carry_out(change).await;
        (self.emit)(match &result {
            Ok(()) => Event::Done { address, action },
            Err(error) => Event::Failed { address, action, error: error.clone() },
        });
        (at, result.map(|()| true))
    }

    /// Waits, and says why; false when someone asked to stop.
    async fn pause(&self, address: &Address, pause: &Pause, stop: &StopRequest) -> bool {
        let wait = Wait { reason: pause.reason.clone(), limit_seconds: pause.seconds };
        (self.emit)(Event::Waiting { address: address.clone(), wait });
        for _ in 0..pause.seconds {
            if stop.is_asked() {
                return false;
            }
            self.provider.rest(Duration::from_secs(1)).await;
        }
        true
    }

    async fn carry_out(&self, change: &Change) -> Result<(), ProviderError> {
        self.gate.pass().await?;
        let arns = self.arns.borrow().clone();
        let waiting = |wait: Wait| (self.emit)(Event::Waiting { address: change.address().clone(), wait });
        let context = Context { arns: &arns, waiting: &waiting };
        let scope = &self.plan.scope;
        match change {
            Change::Create { after } => self.create(after, &context).await,
            Change::Update { before, after, .. } if self.plan.purpose == Purpose::Adopt => {
                self.provider.mark(scope, before, after, &context).await
            }
            Change::Update { before, after, .. } => self.provider.update(scope, before, after, &context).await,
            Change::Replace { before, after, .. } => {
                self.provider.delete(scope, before, &context).await?;
                self.gate.pass().await?;
                self.create(after, &context).await
            }
            Change::Delete { before } => self.provider.delete(scope, before, &context).await,
        }
    }

    async fn create(&self, after: &crate::resource::Resource, context: &Context<'_>) -> Result<(), ProviderError> {
        let arn = self.provider.create(&self.plan.scope, after, context).await?;
        if let Some(arn) = arn {
            self.arns.borrow_mut().insert(after.address().clone(), arn);
        }
        Ok(())
    }
}
