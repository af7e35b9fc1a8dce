//! `trailbell destroy`: removes everything the stack has in the account. Needs neither the secret nor, with `--stack`,
//! the file; but the file says where filters should be, which are found by it when what leads to them is gone.

use clap::Args;

use super::changes::{Confirmation, Prepared, Task};
use super::choice::{ChosenStack, StackChoice};
use super::lock::LockArguments;
use super::screen::Screen;
use super::session::read;
use super::{ExitStatus, Failure, Global};
use crate::plan;

/// Arguments of `destroy`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell destroy
  trailbell destroy --stack security-alerts --region us-east-1")]
pub(super) struct Arguments {
    #[command(flatten)]
    choice: StackChoice,
    /// Keep the log group that records who changed the stack
    #[arg(long)]
    keep_history: bool,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let ChosenStack { cloud, scope, caller, known } = arguments.choice.open(global, screen).await?;
    let again = format!("trailbell destroy {}", arguments.choice.arguments(&scope));
    let text =
        format!("Permanently delete these resources of the stack `{}` in account {}?", scope.stack(), scope.account());
    let prepare = async || {
        let live = read(&cloud, &scope, &known, screen).await?;
        Ok(Prepared { plan: plan::destroy(&scope, &live)?, desired: known.clone() })
    };
    let task = Task {
        command: "destroy",
        cloud: &cloud,
        scope: &scope,
        caller: &caller,
        // Without a file nothing else says that this is the right stack.
        question: Confirmation { text: &text, word: arguments.choice.stack.as_deref() },
        again: &again,
        lock_timeout: arguments.lock.timeout(),
        removes_log: !arguments.keep_history,
    };
    task.run(prepare, global, screen).await
}
