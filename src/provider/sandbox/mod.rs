//! An AWS account in memory, optionally kept in a file: what `demo`, `fire` and `--sandbox` use, and what makes
//! thousands of histories testable in a second.
//!
//! It behaves as AWS does where trailbell depends on it: names are unique, marks live in descriptions and tags, secrets
//! do not come back, a rule with targets cannot be deleted. What is special about a kind, the kind says itself
//! (`resource::account`). Contract tests compare it with two emulators. `world` is what it holds, `deliver` what it tells of
//! an event that went through it.

mod controls;
mod deliver;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod kept;
mod queue;
#[cfg(test)]
mod rejected;
mod run_log;
mod simulation;
mod storage;
#[cfg(test)]
mod taken;
#[cfg(test)]
mod topics;
mod world;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::path::Path;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use serde_json::Value;

pub use deliver::{DeliveryOutcome, Request, Sent};
use queue::{LetterHolds, no_queue};
use simulation::Simulation;
use storage::Storage;
pub use world::{AnsweredError, StoredObject, World};

use super::{
    AccountRule, Context, ErrorKind, Identity, Invoked, Letters, Provider, ProviderError, Search, Sums, TakenLetter,
};
use crate::cloudtrail::trail::Trail;
use crate::filter;
use crate::graph::Receiving;
use crate::live::{Live, Obstacle};
use crate::name::{DestinationId, Scope};
use crate::pattern::{Pattern, Verdict};
use crate::resource::{Resource, Series};
use crate::secret::{Secret, StoredSecret};
use crate::trace::{self, Answer, Input, Put, Question, Way};

/// The sandbox's account.
pub const ACCOUNT: &str = "123456789012";

/// An embedded account.
#[derive(Debug)]
pub struct Sandbox {
    world: Rc<RefCell<World>>,
    /// Where it is kept between commands.
    file: Option<Storage>,
    /// How many more changes it takes; then it refuses everything, as if the network were gone.
    patience: Cell<Option<u32>>,
    /// Before how many more streams of runs are made the answer is lost.
    lost: Cell<Option<u32>>,
    /// What reached the outside since the sandbox was opened.
    sent: RefCell<Vec<Sent>>,
    holds: LetterHolds,
    simulation: Simulation,
    /// Whether each call lets others go first.
    takes_turns: Rc<Cell<bool>>,
}

impl Sandbox {
    /// An empty account in memory.
    #[must_use]
    pub fn new() -> Self {
        Self {
            world: Rc::default(),
            takes_turns: Rc::default(),
            file: None,
            patience: Cell::new(None),
            lost: Cell::new(None),
            sent: RefCell::default(),
            holds: LetterHolds::default(),
            simulation: Simulation::default(),
        }
    }

    /// The account kept in a file; an empty one when there is no such file yet.
    ///
    /// # Errors
    /// The file cannot be read or is not a sandbox.
    pub fn open(path: &Path) -> Result<Self, ProviderError> {
        let (file, text) = Storage::open(path)?;
        let world = text.map(|text| World::from_json(&text)).transpose().map_err(|why| file.is_no_sandbox(&why))?;
        Ok(Self { world: Rc::new(RefCell::new(world.unwrap_or_default())), file: Some(file), ..Self::new() })
    }

    /// Lets others go first, if there are others.
    async fn turn(&self) {
        let mut has_let = !self.takes_turns.get();
        poll_fn(|context| {
            if std::mem::replace(&mut has_let, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Everything it holds, to look at or to change by hand as a person in the console would.
    pub fn by_hand<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.world.borrow_mut())
    }

    /// Puts an event on the default bus of a region and tells what every rule there did with it. Functions are not run.
    ///
    /// # Errors
    /// The sandbox's file cannot be written.
    pub fn put_event(&self, region: &str, event: &Value) -> Result<Vec<Sent>, ProviderError> {
        Ok(self.walk(region, Receiving::of(region), Input::Event(event), trace::answer)?.iter().map(Sent::of).collect())
    }

    /// Puts an event on a bus of a region, as [`Self::put_event`] does on the default bus.
    ///
    /// # Errors
    /// The sandbox's file cannot be written.
    pub fn put(&self, region: &str, put: &Put) -> Result<Vec<Sent>, ProviderError> {
        Ok(self.walk(region, Receiving::of(region), Input::Put(put), trace::answer)?.iter().map(Sent::of).collect())
    }

    /// Lets an event or log lines through the region, asking `answer` what the walk cannot tell by itself. Events of others
    /// than `receives` are not received.
    ///
    /// # Errors
    /// The sandbox's file cannot be written.
    pub fn walk(
        &self,
        region: &str,
        receives: Receiving,
        input: Input<'_>,
        answer: impl FnMut(&Question<'_>) -> Answer,
    ) -> Result<Vec<Way>, ProviderError> {
        let graph = self.world.borrow().graph(region, receives);
        let ways = trace::follow(&graph, input, answer);
        let mut sent = Vec::new();
        note(&ways, &mut sent);
        for one in sent {
            let (one, at) = self.simulation.delivered(one);
            self.world.borrow_mut().keep_letter(one.dead_letter(), at);
            self.sent.borrow_mut().push(one);
        }
        self.save()?;
        Ok(ways)
    }

    /// What was sent, or could not be, since the sandbox was opened.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.borrow().clone()
    }

    fn change(
        &self,
        action: &str,
        change: impl FnOnce(&mut World) -> Result<Option<String>, ProviderError>,
    ) -> Result<Option<String>, ProviderError> {
        match self.patience.get() {
            Some(0) => {
                return Err(ProviderError::new(action, ErrorKind::Unreachable, "the sandbox was told to fail here"));
            }
            Some(left) => self.patience.set(Some(left - 1)),
            None => {}
        }
        if let Some(file) = &self.file {
            file.hold()?;
        }
        let done = change(&mut self.world.borrow_mut())?;
        self.save()?;
        Ok(done)
    }

    fn save(&self) -> Result<(), ProviderError> {
        self.file.as_ref().map_or(Ok(()), |file| file.write(&self.world.borrow().to_json()))
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// What came of every way, and of the ways after it.
fn note(ways: &[Way], sent: &mut Vec<Sent>) {
    for way in ways {
        sent.push(Sent::of(way));
        way.then.iter().for_each(|more| note(more, sent));
    }
}

impl Provider for Sandbox {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        self.world.borrow().answers("sts:GetCallerIdentity")?;
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/sandbox");
        Ok(Identity { partition: "aws".to_owned(), account: ACCOUNT.to_owned(), arn })
    }

    async fn read(&self, scope: &Scope, search: Search<'_>) -> Result<Live, ProviderError> {
        self.turn().await;
        self.world.borrow().answers("events:ListRules")?;
        Ok(self.world.borrow().read(scope, search))
    }

    async fn create(
        &self,
        scope: &Scope,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<Option<String>, ProviderError> {
        self.turn().await;
        self.change("sandbox:create", |world| world.create(scope, wanted, context.arns))
    }

    async fn update(
        &self,
        scope: &Scope,
        live: &Resource,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        self.turn().await;
        self.change("sandbox:update", |world| {
            world.is_still_ours(scope, live)?;
            world.update(scope, wanted, context.arns)
        })
        .map(|_| ())
    }

    async fn mark(
        &self,
        _scope: &Scope,
        _found: &Resource,
        marked: &Resource,
        _context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        self.turn().await;
        self.change("sandbox:mark", |world| world.mark(marked)).map(|_| ())
    }

    async fn delete(&self, scope: &Scope, live: &Resource, _context: &Context<'_>) -> Result<(), ProviderError> {
        self.turn().await;
        self.change("sandbox:delete", |world| world.delete(scope, live)).map(|_| ())
    }

    // Here every change holds at once, and no call is under way: only a simulated clock has to move.
    async fn rest(&self, time: Duration) {
        self.turn().await;
        self.simulation.rest(time);
    }

    async fn remove_extra(&self, scope: &Scope, _name: &str, found: &Obstacle) -> Result<(), ProviderError> {
        self.turn().await;
        self.change("sandbox:remove", |world| world.remove_extra(scope, found)).map(|_| ())
    }

    async fn test_pattern(&self, pattern: &Value, event: &Value) -> Result<bool, ProviderError> {
        let judged = Pattern::from_value(pattern).and_then(|pattern| pattern.matches_value(event));
        match judged {
            Ok(verdict) => Ok(verdict == Verdict::Matches),
            Err(error) => Err(ProviderError::new("events:TestEventPattern", ErrorKind::Other, error.to_string())),
        }
    }

    async fn test_filter(&self, pattern: &str, lines: &[String]) -> Result<Option<Vec<usize>>, ProviderError> {
        let action = "logs:TestMetricFilter";
        let refused = |why: String| ProviderError::new(action, ErrorKind::Other, why);
        let filter = filter::parse(pattern).map_err(|error| refused(error.to_string()))?;
        let selection = filter.select(lines).map_err(|doubt| refused(doubt.to_string()))?;
        Ok(Some(selection.passing))
    }

    async fn invoke(&self, _scope: &Scope, function: &str, _input: &Value) -> Result<Invoked, ProviderError> {
        // What is kept of a function is the digest of its code.
        let why = format!("the sandbox cannot run {function}");
        Err(ProviderError::new("lambda:InvokeFunction", ErrorKind::Other, why).hint("`trailbell fire` runs it"))
    }

    async fn put_relay_event(&self, scope: &Scope, detail: &Value) -> Result<String, ProviderError> {
        self.turn().await;
        self.simulation.call("events:PutEvents", || {
            let put = Put::relayed(scope, detail);
            self.put(scope.region(), &put)?;
            Ok(put.event["id"].as_str().unwrap_or_default().to_owned())
        })
    }

    async fn publish(&self, scope: &Scope, topic: &str, message: &str) -> Result<String, ProviderError> {
        self.turn().await;
        self.simulation.call("sns:Publish", || self.world.borrow().publish(scope, topic, message))
    }

    async fn sums(&self, _scope: &Scope, series: &Series) -> Result<Option<Sums>, ProviderError> {
        // The sandbox counts nothing: it has what someone wrote into its file.
        self.world.borrow().sums(series)
    }

    async fn dead_letter_count(&self, scope: &Scope, queue: &DestinationId) -> Result<Option<u64>, ProviderError> {
        let world = self.world.borrow();
        world.answers("sqs:GetQueueAttributes")?;
        Ok(world.letters(scope, queue, self.now()).map(|letters| letters.len() as u64))
    }

    async fn dead_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        most: usize,
    ) -> Result<Option<Letters>, ProviderError> {
        let world = self.world.borrow();
        world.answers("sqs:ReceiveMessage")?;
        let letters = world.letters(scope, queue, self.now());
        Ok(letters.map(|letters| Letters {
            seen: letters.iter().take(most).copied().cloned().collect(),
            is_complete: letters.len() <= most,
        }))
    }

    async fn take_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        hold: Duration,
    ) -> Result<Option<Vec<TakenLetter>>, ProviderError> {
        self.turn().await;
        self.simulation.call("sqs:ReceiveMessage", || {
            let world = self.world.borrow();
            Ok(world.letters(scope, queue, self.now()).map(|letters| self.holds.take(&letters, self.now(), hold)))
        })
    }

    async fn hold_letters(
        &self,
        scope: &Scope,
        queue: &DestinationId,
        receipts: &[String],
        hold: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        self.turn().await;
        let action = "sqs:ChangeMessageVisibility";
        self.simulation.call(action, || {
            self.world.borrow().letters(scope, queue, self.now()).ok_or_else(|| no_queue(action))?;
            Ok(self.holds.hold(receipts, self.now() + hold))
        })
    }

    async fn remove_letter(&self, scope: &Scope, queue: &DestinationId, receipt: &str) -> Result<(), ProviderError> {
        self.turn().await;
        let action = "sqs:DeleteMessage";
        self.simulation.call(action, || {
            self.world.borrow().letters(scope, queue, self.now()).ok_or_else(|| no_queue(action))?;
            if let Some(id) = self.holds.remove(receipt) {
                self.world.borrow_mut().dead_letters.retain(|one| one.id != id);
                self.save()?;
            }
            Ok(())
        })
    }

    fn now(&self) -> Duration {
        self.simulation.now()
    }

    fn clock_ahead(&self) -> Option<i64> {
        Some(self.world.borrow().clock_ahead)
    }

    // Its file is not for secrets.
    async fn secret(&self, reference: &StoredSecret) -> Result<Secret, ProviderError> {
        let what = format!("the sandbox keeps no secrets, so there is no {reference}");
        Err(ProviderError::new("sandbox:secret", ErrorKind::Absent, what)
            .hint("use `${env:NAME}` or `${file:PATH}` for a stack in the sandbox"))
    }

    async fn account_names(&self) -> Result<BTreeMap<String, String>, ProviderError> {
        Ok(self.world.borrow().account_names.clone())
    }

    async fn rule(&self, region: &str, bus: &str, name: &str) -> Result<Option<AccountRule>, ProviderError> {
        Ok(self.world.borrow().rule(region, bus, name))
    }

    async fn trails(&self, scope: &Scope) -> Result<Vec<Trail>, ProviderError> {
        let world = self.world.borrow();
        world.answers("cloudtrail:DescribeTrails")?;
        Ok(world.told_trails(|group| scope.log_group_arn(group)))
    }
}
