//! `trailbell redrive`: shows what is in the dead-letter queue, asks, and sends it to Slack again, marked as late.
//!
//! Letters are held while they are sent, and released while a person is asked: no hold outlasts an answer that takes long. What
//! is sent is what was shown; letters that came in between wait for the next run.

use std::cell::Cell;
use std::collections::BTreeSet;

use clap::Args;

use super::consent::agree;
use super::interrupt::Signal;
use super::screen::Screen;
use super::secrets::Resolved;
use super::session::{Session, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::apply::StopRequest;
use crate::output::Versioned;
use crate::output::redrive::{FoundLetter, RedriveEnd, RedriveLine};
use crate::provider::{DeadLetter, Provider};
use crate::redrive::{Assessor, HeldLetters, Letter, LetterStep, RedriveReport, Site, send, take};
use crate::render::redrive as show;
use crate::secret::SecretReference;
use crate::verify::Proof;

/// Arguments of `redrive`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell redrive --dry-run
  trailbell redrive
  trailbell redrive --yes --most 100

A message is accepted when EventBridge took it. What Slack still rejects returns to the dead-letter queue.

Exit codes: 0 every letter was accepted or there are none, 1 at least one is left in the queue, 2 usage, 5 you declined.")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Only show what is in the dead-letter queue
    #[arg(long)]
    dry_run: bool,
    /// Take at most this many letters
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    most: u64,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    // It is only compared with what is in the account, so no one is asked for it.
    let secret = match session.installation.destination.reference() {
        SecretReference::Prompt(_) => None,
        _ => match session.secret(screen).await? {
            Resolved::Secret(secret) => Some(secret),
            Resolved::Missing(_) => None,
        },
    };
    let desired = session.desired(secret.as_ref());
    let live = session.read_for(&desired, screen).await?;
    let home = session.installation.home_in(session.scope.account());
    let alerts = &session.installation.alerts;
    let site = Site { scope: &session.scope, desired: &desired, live: &live, alerts, home: &home };
    let run =
        RedriveRun { session: &session, most: usize::try_from(arguments.most).unwrap_or(usize::MAX), global, screen };
    run.redrive(Assessor::new(site), arguments.dry_run).await
}

/// One run of the command.
struct RedriveRun<'a> {
    session: &'a Session,
    most: usize,
    global: &'a Global,
    screen: &'a Screen,
}

impl RedriveRun<'_> {
    async fn redrive(&self, mut assessor: Assessor<'_>, is_dry: bool) -> Result<ExitStatus, Failure> {
        self.screen.interrupts.done("Nothing was sent; letters that were read are visible again within 2 minutes.");
        let mut held = self.take().await?;
        let letters = assess(&mut assessor, &held, |_| true);
        let not_visible = match self.not_visible(&held).await {
            Ok(number) => number,
            Err(failure) => return Err(self.released(held, failure).await),
        };
        self.found(&letters, held.is_complete, not_visible);
        let sendable = letters.iter().filter(|one| one.is_sendable()).count();
        let kept = letters.len() - sendable;
        let base = RedriveEnd { kept, ..RedriveEnd::default() };
        if is_dry || sendable == 0 {
            self.release(held).await;
            return Ok(self.ended(base, not_visible));
        }
        if let Err(failure) = self.open(&assessor).await {
            return Err(self.released(held, failure).await);
        }
        let mut chosen = letters;
        if !self.global.yes {
            self.release(held).await;
            agree(&show::question(sendable), None, self.global, self.screen)?;
            held = self.take().await?;
            let shown: BTreeSet<&str> = chosen.iter().map(|one| one.id.as_str()).collect();
            chosen = assess(&mut assessor, &held, |one| shown.contains(one.id.as_str()));
        }
        let gone = sendable.saturating_sub(chosen.iter().filter(|one| one.is_sendable()).count());
        let (report, by) = self.send(&chosen, held, &assessor).await;
        let RedriveReport { accepted, not_removed, failed, left, error } = report;
        let error = error.map(|error| error.to_string());
        // What was shown and is not visible any more may be sent by another reader: no one here knows.
        let end = RedriveEnd { accepted, not_removed, failed: failed + gone, left, error, ..base };
        let code = self.ended(end, not_visible);
        Ok(by.map_or(code, Signal::code))
    }

    async fn take(&self) -> Result<HeldLetters, Failure> {
        let Session { cloud, scope, .. } = self.session;
        let taken = take(self.most, scope, cloud);
        let taken = with_spinner(self.screen, "reading the dead-letter queue", taken).await?;
        taken.ok_or_else(|| Failure::other("the dead-letter queue does not exist", "`trailbell apply` creates it"))
    }

    /// How many letters the queue has that could not be read. Of more than were asked for, no one knows.
    async fn not_visible(&self, held: &HeldLetters) -> Result<u64, Failure> {
        if !held.is_complete {
            return Ok(0);
        }
        let Session { cloud, scope, .. } = self.session;
        let counted = with_spinner(self.screen, "counting dead letters", cloud.dead_letter_count(scope)).await?;
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
            let found = RedriveLine::Found { letters, is_complete, not_visible };
            return self.screen.json_line(&Versioned::new(found));
        }
        self.screen.note(&self.screen.paint_err.dim(&self.session.scope.to_string()));
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

    fn note(&self, text: &str) {
        self.screen.note(&format!("{} {text}", self.screen.paint_err.warn("note:")));
    }

    /// Sends; a signal finishes the letter in progress.
    async fn send(
        &self,
        letters: &[Letter],
        held: HeldLetters,
        assessor: &Assessor<'_>,
    ) -> (RedriveReport, Option<Signal>) {
        let _applying = self.screen.interrupts.applying();
        let Session { cloud, scope, .. } = self.session;
        let stop = StopRequest::default();
        let (all, at) = (letters.iter().filter(|one| one.is_sendable()).count(), Cell::new(0));
        let tell = |step: LetterStep<'_>| self.tell(step, &at, all);
        let work = send(letters, held, assessor.relay(), scope, cloud, &stop, &tell);
        tokio::pin!(work);
        let mut by = None;
        loop {
            tokio::select! {
                report = &mut work => return (report, by),
                signal = self.screen.interrupts.next() => {
                    if stop.is_asked() {
                        self.screen.note("Stopped. The letter in progress may have been sent; the next run may send it again.");
                        self.screen.interrupts.exit(signal);
                    }
                    by = Some(signal);
                    stop.ask();
                    self.screen.note("Stopping after the letter in progress. Press Ctrl-C again to stop immediately.");
                }
            }
        }
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
