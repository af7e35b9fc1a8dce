//! `trailbell unlock`: ends a run from outside, because it was killed and cannot end itself.

use std::time::Duration;

use clap::Args;

use super::choice::{ChosenStack, StackChoice};
use super::consent::agree;
use super::lock::{SETTLE, Silence, described};
use super::screen::Screen;
use super::{ExitStatus, Failure, Global, Output};
use crate::output::Versioned;
use crate::output::unlock::UnlockResult;
use crate::provider::Provider;
use crate::runs::{self, DEAD_SECONDS, Ended, RunResult};

/// How often to look for a sign of life.
const STEP: Duration = Duration::from_secs(5);

/// Arguments of `unlock`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell unlock 7
  trailbell unlock 7 --stack security-alerts --region us-east-1

A run that is still at work stops within about 10 seconds before its next change. AWS's calls take no token, so a change that it \
    has already sent cannot be taken back.")]
pub(super) struct Arguments {
    /// Number of the run, as the message about it and `trailbell history` say
    #[arg(value_name = "RUN")]
    run: u32,
    #[command(flatten)]
    choice: StackChoice,
    /// End the run without watching for a minute whether it is still at work
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let chosen = arguments.choice.open(global, screen).await?;
    let ChosenStack { cloud, scope, caller, .. } = &chosen;
    let number = arguments.run;
    check(&chosen, number).await?;
    let run = runs::past(cloud, scope, number, false).await?;
    let words = described(&run, scope);
    if !arguments.force {
        screen.note(&format!("watching for {DEAD_SECONDS} s whether {words}, is still at work (--force skips this)"));
        watch(&chosen, number).await?;
    }
    let question = format!("End {words}? If it is still at work, it stops before its next change.");
    agree(&question, None, global, screen)?;
    let result = if arguments.force { RunResult::Forced } else { RunResult::Broken };
    let ended = Ended { result, by: caller.clone(), changes: <_>::default() };
    let is_ended_here = runs::end(cloud, scope, number, &ended).await?;
    if global.output == Output::Json {
        screen.json(&Versioned::new(UnlockResult { run: number, is_ended_here }));
    } else if is_ended_here {
        let first = if arguments.force { format!(", and waits {} s first", SETTLE.as_secs()) } else { String::new() };
        screen.result(&format!(
            "Run {number} is ended. `trailbell plan` shows what is left of its changes; another run can begin{first}."
        ));
    } else {
        screen.result(&format!("Run {number} ended itself in the meantime."));
    }
    Ok(ExitStatus::Fine)
}

/// Refuses what is not the run in progress.
async fn check(ChosenStack { cloud, scope, .. }: &ChosenStack, number: u32) -> Result<(), Failure> {
    let newest = runs::newest(cloud, scope).await?;
    if newest.is_held() && newest.number == number {
        return Ok(());
    }
    let message = if newest.is_held() {
        format!("run {number} is not in progress, but run {} is", newest.number)
    } else {
        format!("no run of the stack `{}` is in progress", scope.stack())
    };
    Err(Failure::refusal(message, "nothing was changed; `trailbell history` shows the runs"))
}

/// Waits until the run has shown no sign of life for long enough.
async fn watch(ChosenStack { cloud, scope, .. }: &ChosenStack, number: u32) -> Result<(), Failure> {
    let (mut silence, mut waited, mut first) = (Silence::default(), Duration::ZERO, None);
    loop {
        let sign = runs::last_sign(cloud, scope, number).await?;
        if *first.get_or_insert(sign) != sign {
            return Err(Failure::refusal(
                format!("run {number} is still at work: it has just shown a sign of life"),
                "nothing was changed; cancel it where it runs, or add --force",
            ));
        }
        if silence.is_dead((number, sign), waited) {
            return Ok(());
        }
        cloud.rest(STEP).await;
        waited += STEP;
    }
}
