//! `trailbell apply`: shows the plan, asks, carries it out; and the same carrying out for `destroy` and `init`.

use clap::Args;

use super::cloud::Cloud;
use super::consent::agree;
use super::interrupt::Signal;
use super::recheck::recheck;
use super::screen::Screen;
use super::secrets::Resolved;
use super::session::{Compared, Session};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::apply::{self, Event, Report, StopRequest};
use crate::output::Versioned;
use crate::output::apply::{ApplyLine, Before};
use crate::plan::{NotRemoved, Plan};
use crate::render;
use crate::render::progress::{LiveLines, line};
use crate::resource::ResourceSet;

/// Arguments of `apply`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell apply
  trailbell apply --yes staging.yaml
  trailbell apply --remove-unmanaged role.slack/inline-policy.extra")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Also remove this, which is not managed by trailbell, as `plan` names it; can be repeated
    #[arg(long, value_name = "ADDRESS")]
    remove_unmanaged: Vec<String>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let named = arguments.remove_unmanaged.iter().map(|address| format!("--remove-unmanaged '{address}' "));
    let again = format!("trailbell apply {}{}", named.collect::<String>(), arguments.file.stack.display());
    apply_session(&session, &arguments.remove_unmanaged, &again, global, screen).await
}

/// Plans and applies an opened stack.
pub(super) async fn apply_session(
    session: &Session,
    unmanaged: &[String],
    again: &str,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    let secret = session.secret(screen)?;
    let Compared { desired, live, mut plan } = session.look(&secret, unmanaged, screen).await?;
    plan.remove_unmanaged(unmanaged).map_err(|why| not_removed(why, &plan))?;
    if session.installation.account.is_none() && live.managed.is_empty() && !plan.is_empty() {
        warn_of_any_account(session, screen);
    }
    if let (Resolved::Missing(why), false) = (&secret, plan.is_empty()) {
        let reference = session.installation.destination.reference();
        return Err(Failure::other(
            format!("apply requires the secret {reference}: {why}"),
            "nothing was changed; `trailbell plan` works without it",
        ));
    }
    let intent = Intent { plan: &plan, desired: &desired };
    let question = Confirmation { text: "Apply these changes?", word: None };
    carry_out(intent, &session.cloud, question, again, global, screen).await
}

/// Before the first apply: later, other credentials would create the stack a second time.
fn warn_of_any_account(session: &Session, screen: &Screen) {
    let paint = screen.paint_err;
    let account = session.scope.account();
    screen.note(&format!(
        "{} the stack file has no `account`: with other credentials, apply would create this stack in another account\n  \
         {} add `account: \"{account}\"` to the stack file",
        paint.warn("warning:"),
        paint.dim("hint:")
    ));
}

/// What is asked before changes are made.
pub(super) struct Confirmation<'a> {
    /// The question.
    pub(super) text: &'a str,
    /// The word to type, if not `yes`.
    pub(super) word: Option<&'a str>,
}

fn not_removed(why: NotRemoved, plan: &Plan) -> Failure {
    match why {
        NotRemoved::Absent(address) => nothing_at(&address, plan),
        NotRemoved::ByHand { address, fix } => {
            Failure::usage(format!("AWS cannot remove `{address}` alone"), format!("nothing was changed; {fix}"))
        }
    }
}

fn nothing_at(address: &str, plan: &Plan) -> Failure {
    let known: Vec<String> = plan.extras.iter().map(|one| format!("`{}`", one.address)).collect();
    let hint = if known.is_empty() {
        "there is nothing unmanaged".to_owned()
    } else {
        format!("there is {}", known.join(", "))
    };
    Failure::usage(
        format!("`{address}` is not something unmanaged that `trailbell plan` shows"),
        format!("nothing was changed; {hint}"),
    )
}

/// What changes are made from: the plan, and what there should be.
pub(super) struct Intent<'a> {
    /// The plan.
    pub(super) plan: &'a Plan,
    /// What there should be; of a stack that is removed, what its file says, which finds what is left of it.
    pub(super) desired: &'a ResourceSet,
}

/// Shows a plan, asks for a word, carries it out, looks at the result, reports.
pub(super) async fn carry_out(
    Intent { plan, desired }: Intent<'_>,
    cloud: &Cloud,
    Confirmation { text: question, word }: Confirmation<'_>,
    again: &str,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    match global.output {
        Output::Json => screen.json_line(&planned(plan)),
        Output::Text => {
            screen.note(&screen.paint_err.dim(&plan.scope.to_string()));
            screen.result(&render::plan::text(plan, screen.paint_out));
        }
    }
    if plan.is_empty() {
        if global.output == Output::Json {
            screen.json_line(&event(Event::Finished { report: Report::default() }));
        }
        return Ok(ExitStatus::Fine);
    }
    agree(question, word, global, screen)?;
    let _applying = screen.interrupts.applying();
    let stop = StopRequest::default();
    let live = (screen.is_live && global.output == Output::Text).then(|| LiveLines::new(screen.paint_err));
    let show = |event: Event| show(event, live.as_ref(), global.output, screen);
    let mut by = None;
    let report = {
        let work = apply::apply(plan, cloud, &stop, &show);
        tokio::pin!(work);
        loop {
            tokio::select! {
                report = &mut work => break report,
                signal = screen.interrupts.next() => {
                    by = Some(signal);
                    interrupt(signal, &stop, live.as_ref(), screen);
                }
            }
        }
    };
    if report.is_complete() {
        if by.is_none() {
            tokio::select! {
                seen = recheck(plan, desired, cloud, screen) => seen?,
                signal = screen.interrupts.next() => by = Some(signal),
            }
        }
        // "Done" is said only of what was seen.
        if let Some(signal) = by {
            screen.note("All changes were made; the result was not read again.");
            return Ok(signal.code());
        }
    }
    if global.output == Output::Text {
        screen.result(&render::progress::report(&report, again, screen.paint_out));
    }
    if let Some(signal) = by {
        return Ok(signal.code());
    }
    if report.is_complete() { Ok(ExitStatus::Fine) } else { Err(Failure::Incomplete(report)) }
}

/// The first line for machines.
pub(super) fn planned(plan: &Plan) -> Versioned<ApplyLine> {
    Versioned::new(ApplyLine::Before(Before::Planned(Box::new(plan.clone().into()))))
}

fn event(event: Event) -> Versioned<ApplyLine> {
    Versioned::new(ApplyLine::Event(Box::new(event)))
}

/// The first signal finishes what is under way, the second ends at once.
fn interrupt(signal: Signal, stop: &StopRequest, live: Option<&LiveLines>, screen: &Screen) {
    let say = |text: &str| live.map_or_else(|| screen.note(text), |live| live.say(text));
    if stop.is_asked() {
        say("Stopped. Changes that were in progress may or may not have been made; `trailbell plan` shows what is \
            left.");
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
