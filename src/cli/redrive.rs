//! `trailbell redrive`: shows what is in the dead-letter queue, asks, and sends it to Slack again, marked as late.
//!
//! Letters are held while they are sent, and released while a person is asked: no hold outlasts an answer that takes long. What
//! is sent is what was shown; letters that came in between wait for the next run. Letters are sent while holding the lock of a
//! run (`locked`), so that no other run removes the queue or closes the relay meanwhile.

mod locked;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use clap::Args;
use locked::{LockedSend, SentLetters};

use super::consent::agree;
use super::interrupt::Signal;
use super::lock::{LockArguments, Waiter};
use super::screen::Screen;
use super::session::{Session, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::alert::Home;
use crate::live::Live;
use crate::name::DestinationId;
use crate::output::Versioned;
use crate::output::redrive::{FoundLetter, RedriveEnd, RedriveLine};
use crate::provider::{DeadLetter, Provider};
use crate::redrive::{Assessor, HeldLetters, Letter, LetterStep, Site, take};
use crate::render::redrive as show;
use crate::resource::ResourceSet;
use crate::runs;
use crate::verify::Proof;

/// Arguments of `redrive`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell redrive --dry-run
  trailbell redrive
  trailbell redrive --yes --most 100
  trailbell redrive --destination security

A message is accepted when EventBridge took it. What Slack still rejects returns to the dead-letter queue.

Exit codes: 0 every letter was accepted or there are none, 1 at least one is left in the queue, 2 usage, 5 you declined, or another \
    run changes the stack.")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Only show what is in the dead-letter queue
    #[arg(long)]
    dry_run: bool,
    /// Take at most this many letters of each destination
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    most: u64,
    /// Only the letters of this destination; default: those of each, one after the other
    #[arg(long, value_name = "NAME")]
    destination: Option<String>,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let secrets = session.secrets_to_compare(screen).await?.secrets;
    let queues = queues(&session, arguments.destination.as_deref())?;
    let desired = session.desired(&secrets);
    let mut all = ExitStatus::Fine;
    for queue in &queues {
        let run = RedriveRun {
            session: &session,
            queue,
            desired: &desired,
            most: usize::try_from(arguments.most).unwrap_or(usize::MAX),
            global,
            screen,
        };
        let ended = if arguments.dry_run {
            run.look().await?
        } else {
            run.redrive(&mut Waiter::new(&session.cloud, &session.scope, arguments.lock.timeout(), screen)).await?
        };
        match ended {
            ExitStatus::Fine => {}
            ExitStatus::Failed => all = ended,
            // A signal ends all.
            stopped => return Ok(stopped),
        }
    }
    if arguments.destination.is_none() && !session.installation.topics.is_empty() {
        screen.note("Letters of SNS topics are not sent again; `trailbell status` counts them.");
    }
    Ok(all)
}

/// The destinations whose letters are sent, one after the other.
fn queues(session: &Session, chosen: Option<&str>) -> Result<Vec<DestinationId>, Failure> {
    let all: Vec<DestinationId> = session.installation.destinations.iter().map(|one| one.id.clone()).collect();
    let Some(chosen) = chosen else { return Ok(all) };
    if let Some(id) = all.iter().find(|id| id.as_str() == chosen) {
        return Ok(vec![id.clone()]);
    }
    let known: Vec<&str> = all.iter().map(DestinationId::as_str).collect();
    let is_topic = session.installation.topics.iter().any(|one| one.id.as_str() == chosen);
    let message = if is_topic {
        format!("`{chosen}` is an SNS topic, and only letters of Slack destinations are sent again")
    } else {
        format!("the stack has no destination `{chosen}`")
    };
    Err(Failure::usage(message, format!("available: {}", known.join(", "))))
}

/// One run of the command.
struct RedriveRun<'a> {
    session: &'a Session,
    /// The destination whose letters are sent.
    queue: &'a DestinationId,
    desired: &'a ResourceSet,
    most: usize,
    global: &'a Global,
    screen: &'a Screen,
}

/// What was found in the queue and shown.
struct Shown {
    letters: Vec<Letter>,
    /// They are held until they are released.
    held: HeldLetters,
    /// How many letters could not be read.
    not_visible: u64,
}

impl Shown {
    fn sendable(&self) -> usize {
        self.letters.iter().filter(|one| one.is_sendable()).count()
    }

    fn end(&self) -> RedriveEnd {
        RedriveEnd { kept: self.letters.len() - self.sendable(), ..RedriveEnd::default() }
    }
}

impl RedriveRun<'_> {
    /// Only shows what is in the queue.
    async fn look(&self) -> Result<ExitStatus, Failure> {
        let live = self.session.read_for(self.desired, self.screen).await?;
        let home = self.session.installation.home_in(self.session.scope.account());
        let shown = self.show(&mut Assessor::new(self.site(&live, &home))).await?;
        let (end, not_visible) = (shown.end(), shown.not_visible);
        self.release(shown.held).await;
        Ok(self.ended(end, not_visible))
    }

    /// Shows, asks, and sends. What was read is read again when another run began meanwhile.
    async fn redrive(&self, turn: &mut Waiter<'_>) -> Result<ExitStatus, Failure> {
        let Session { installation, cloud, scope, .. } = self.session;
        let home = installation.home_in(scope.account());
        loop {
            turn.come().await?;
            let newest = runs::newest(cloud, scope).await?;
            let live = self.session.read_for(self.desired, self.screen).await?;
            let mut assessor = Assessor::new(self.site(&live, &home));
            let shown = self.show(&mut assessor).await?;
            let (sendable, end) = (shown.sendable(), shown.end());
            let Shown { letters, held, not_visible } = shown;
            if sendable == 0 {
                self.release(held).await;
                return Ok(self.ended(end, not_visible));
            }
            let open = self.open(&assessor).await;
            self.release(held).await;
            open?;
            agree(&show::question(sendable), None, self.global, self.screen)?;
            turn.settle(newest).await?;
            match self.send(newest, &letters, &mut assessor).await? {
                LockedSend::Ended(sent) => return self.concluded(*sent, end.kept, not_visible),
                LockedSend::Stopped(signal) => return Ok(signal.code()),
                LockedSend::Stale => {}
            }
        }
    }

    /// Says what came of sending; a signal decides the exit code.
    fn concluded(&self, sent: SentLetters, kept: usize, not_visible: u64) -> Result<ExitStatus, Failure> {
        let SentLetters { end, released, by } = sent;
        let (code, failure) = match end {
            Ok(end) => (self.ended(RedriveEnd { kept, ..end }, not_visible), None),
            Err(failure) => (ExitStatus::Failed, Some(failure)),
        };
        let mut failures: Vec<Failure> = failure.into_iter().chain(released.err()).collect();
        let first = (by.is_none() && !failures.is_empty()).then(|| failures.remove(0));
        for failure in &failures {
            failure.print(self.global.output, self.screen);
        }
        first.map_or_else(|| Ok(by.map_or(code, Signal::code)), Err)
    }

    fn site<'s>(&'s self, live: &'s Live, home: &'s Home) -> Site<'s> {
        let Session { installation, scope, .. } = self.session;
        Site { scope, desired: self.desired, live, alerts: &installation.alerts, home, queue: self.queue }
    }

    /// Takes letters, says what can be sent of them, and shows that.
    async fn show(&self, assessor: &mut Assessor<'_>) -> Result<Shown, Failure> {
        self.screen.interrupts.done("Nothing was sent; letters that were read are visible again within 2 minutes.");
        let held = self.take().await?;
        let letters = assess(assessor, &held, |_| true);
        let not_visible = match self.not_visible(&held).await {
            Ok(number) => number,
            Err(failure) => return Err(self.released(held, failure).await),
        };
        self.found(&letters, held.is_complete, not_visible);
        Ok(Shown { letters, held, not_visible })
    }

    async fn take(&self) -> Result<HeldLetters, Failure> {
        let Session { cloud, scope, .. } = self.session;
        let taken = take(self.most, scope, self.queue, cloud);
        let taken = with_spinner(self.screen, "reading the dead-letter queue", taken).await?;
        let of = self.name().map(|name| format!(" of `{name}`")).unwrap_or_default();
        let missing = format!("the dead-letter queue{of} does not exist");
        taken.ok_or_else(|| Failure::other(missing, "`trailbell apply` creates it"))
    }

    /// How many letters the queue has that could not be read. Of more than were asked for, no one knows.
    async fn not_visible(&self, held: &HeldLetters) -> Result<u64, Failure> {
        if !held.is_complete {
            return Ok(0);
        }
        let Session { cloud, scope, .. } = self.session;
        let counted =
            with_spinner(self.screen, "counting dead letters", cloud.dead_letter_count(scope, self.queue)).await?;
        Ok(counted.unwrap_or_default().saturating_sub(held.len() as u64))
    }

    async fn release(&self, held: HeldLetters) {
        held.release(&self.session.scope, &self.session.cloud).await;
    }

    async fn released(&self, held: HeldLetters, failure: Failure) -> Failure {
        self.release(held).await;
        failure
    }

    /// Makes sure that the relay carries messages: what no rule matches is gone without a trace.
    async fn open(&self, assessor: &Assessor<'_>) -> Result<(), Failure> {
        let closed = assessor.relay().closed(&self.session.cloud);
        match with_spinner(self.screen, "asking AWS about the relay rule", closed).await? {
            None => Ok(()),
            Some(Proof::Failed { why, hint } | Proof::Unknown { why, hint }) => {
                Err(Failure::other(format!("nothing was sent: {why}"), hint))
            }
            Some(_) => Err(Failure::other("nothing was sent: the relay rule does not carry messages", "")),
        }
    }

    fn found(&self, letters: &[Letter], is_complete: bool, not_visible: u64) {
        let letters: Vec<FoundLetter> = letters.iter().map(Into::into).collect();
        if self.global.output == Output::Json {
            let found = RedriveLine::Found { letters, is_complete, not_visible, destination: self.name() };
            return self.screen.json_line(&Versioned::new(found));
        }
        let named = self.name().map(|name| format!(", destination {name}")).unwrap_or_default();
        self.screen.note(&self.screen.paint_err.dim(&format!("{}{named}", self.session.scope)));
        self.screen.result(&show::found(&letters, self.screen.paint_out));
        if !is_complete {
            self.note(&format!("there may be more than {} letters; run the command again for the rest", self.most));
        }
        if not_visible > 0 {
            self.note(&format!(
                "{not_visible} more in the queue cannot be read now: another reader holds them, or they are delayed; what an \
                 interrupted redrive held is visible again within 2 minutes"
            ));
        }
    }

    /// The name of the destination, where destinations have names.
    fn name(&self) -> Option<String> {
        (!self.session.installation.home().is_plain()).then(|| self.queue.to_string())
    }

    fn note(&self, text: &str) {
        self.screen.note(&format!("{} {text}", self.screen.paint_err.warn("note:")));
    }

    fn tell(&self, step: LetterStep<'_>, at: &Cell<usize>, all: usize) {
        if self.global.output == Output::Json {
            let line = match step {
                LetterStep::Sending(_) => return,
                LetterStep::Accepted(letter) => RedriveLine::Accepted { id: letter.id.clone() },
                LetterStep::NotRemoved(letter, error) => {
                    RedriveLine::NotRemoved { id: letter.id.clone(), why: error.to_string() }
                }
                LetterStep::Failed(letter, why) => RedriveLine::Failed { id: letter.id.clone(), why: why.to_owned() },
            };
            return self.screen.json_line(&Versioned::new(line));
        }
        match step {
            LetterStep::Sending(letter) => {
                at.set(at.get() + 1);
                self.screen.note(&show::sending(at.get(), all, &letter.id, &letter.alert));
            }
            LetterStep::Accepted(_) => {}
            LetterStep::NotRemoved(letter, error) => {
                self.note(&show::failed(&letter.id, &format!("accepted, but not removed from the queue: {error}")));
            }
            LetterStep::Failed(letter, why) => self.note(&show::failed(&letter.id, why)),
        }
    }

    fn ended(&self, mut end: RedriveEnd, not_visible: u64) -> ExitStatus {
        let is_left = end.not_removed + end.failed + end.left + end.kept > 0 || end.error.is_some() || not_visible > 0;
        let code = if is_left { ExitStatus::Failed } else { ExitStatus::Fine };
        end.exit_code = code.number();
        end.destination = self.name();
        match self.global.output {
            Output::Json => self.screen.json_line(&Versioned::new(RedriveLine::Ended(end))),
            Output::Text => {
                let text = show::ended(&end, self.screen.paint_out);
                if !text.is_empty() {
                    self.screen.result(&text);
                }
            }
        }
        code
    }
}

/// What can be sent of the held letters that are wanted.
fn assess(assessor: &mut Assessor<'_>, held: &HeldLetters, is_wanted: impl Fn(&DeadLetter) -> bool) -> Vec<Letter> {
    held.letters().filter(|one| is_wanted(one)).map(|one| assessor.assess(one)).collect()
}
