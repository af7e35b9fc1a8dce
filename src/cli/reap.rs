//! `trailbell reap`: removes stacks that have expired. Without `--yes` it only shows them.
//!
//! It is `destroy` for each of them, with the same lock. Whether a stack has expired is read again before the lock is taken, and an
//! apply that gives it more time is a run, after which everything is read again.

use clap::Args;
use jiff::Timestamp;

use super::changes::{Confirmation, Prepared, Task};
use super::cloud::Cloud;
use super::list::listed;
use super::lock::LockArguments;
use super::screen::Screen;
use super::session::{identified, read, region};
use super::{ExitStatus, Failure, Global, Output};
use crate::output::Versioned;
use crate::output::list::{ListedStack, ReapOutcome, ReapResult, ReapedStack};
use crate::plan::{self, Purpose};
use crate::provider::run_log::RunLog;
use crate::render;
use crate::resource::ResourceSet;
use crate::runs::Label;

/// Arguments of `reap`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell reap --region us-east-1
  trailbell reap --region us-east-1 --yes --lock-timeout 5m

Without --yes nothing is removed: the stacks that have expired are shown.")]
pub(super) struct Arguments {
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let region = region(global, "reap")?;
    let cloud = Cloud::open(global, &region).await?;
    let expired: Vec<_> = listed(&cloud, &region, screen).await?.into_iter().filter(|one| one.is_expired).collect();
    if global.output == Output::Text {
        screen.result(&match expired.as_slice() {
            [] => "No stack has expired.".to_owned(),
            some => render::stacks::table(some, Timestamp::now(), screen.paint_out),
        });
    }
    let mut reaped = Vec::new();
    for stack in expired {
        let outcome = if global.yes {
            remove(&cloud, &stack, &region, arguments, global, screen).await
        } else {
            ReapOutcome::Listed
        };
        reaped.push(ReapedStack { stack, outcome });
    }
    let is_failed = reaped.iter().any(|one| matches!(one.outcome, ReapOutcome::Failed));
    let is_dry_run = !global.yes;
    match global.output {
        Output::Json => screen.json_line(&Versioned::new(ReapResult { is_dry_run, reaped })),
        Output::Text if is_dry_run && !reaped.is_empty() => {
            screen.note("Nothing was removed. Add --yes to remove them.");
        }
        Output::Text => {}
    }
    Ok(if is_failed { ExitStatus::Failed } else { ExitStatus::Fine })
}

/// Removes a stack, and says why not if it cannot be removed.
async fn remove(
    cloud: &Cloud,
    stack: &ListedStack,
    region: &str,
    arguments: &Arguments,
    global: &Global,
    screen: &Screen,
) -> ReapOutcome {
    match destroy(cloud, stack, region, arguments, global, screen).await {
        Ok(ExitStatus::Fine) => ReapOutcome::Removed,
        Ok(_) => ReapOutcome::Failed,
        Err(failure) => {
            screen.note(&format!("{} {} was not removed:", screen.paint_err.warn("warning:"), stack.stack));
            failure.print(Output::Text, screen);
            if failure.code() == ExitStatus::Refused { ReapOutcome::Kept } else { ReapOutcome::Failed }
        }
    }
}

async fn destroy(
    cloud: &Cloud,
    stack: &ListedStack,
    region: &str,
    arguments: &Arguments,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    let (scope, caller) = identified(cloud, &stack.stack, region, screen).await?;
    let nothing = ResourceSet::new();
    let prepare = async || {
        let label = Label::read(&cloud.log_tags(&scope).await?.unwrap_or_default());
        if !label.is_expired(Timestamp::now()) {
            return Err(Failure::refusal("it has been given more time meanwhile", "nothing was changed"));
        }
        let live = read(cloud, &scope, &nothing, Purpose::Destroy, screen).await?;
        Ok(Prepared { plan: plan::destroy(&scope, &live)?, desired: ResourceSet::new() })
    };
    let task = Task {
        command: "reap",
        cloud,
        scope: &scope,
        caller: &caller,
        question: Confirmation { text: "", word: None },
        again: &format!("trailbell reap --region {region} --yes"),
        lock_timeout: arguments.lock.timeout(),
        removes_log: true,
        label: None,
    };
    task.run(prepare, global, screen).await
}
