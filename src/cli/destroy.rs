//! `trailbell destroy`: removes everything the stack has in the account. Needs neither the secret nor, with `--stack`,
//! the file; but the file says where filters should be, which are found by it when what leads to them is gone.

use clap::Args;

use super::changes::{Confirmation, Prepared, Task};
use super::choice::{ChosenStack, StackChoice};
use super::cloud::Cloud;
use super::list::listed;
use super::lock::LockArguments;
use super::screen::Screen;
use super::session::read;
use super::{ExitStatus, Failure, Global};
use crate::name::Scope;
use crate::plan::{self, Purpose};

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
    let again = format!("trailbell destroy {}", arguments.choice.arguments(&scope, global));
    let text =
        format!("Permanently delete these resources of the stack `{}` in account {}?", scope.stack(), scope.account());
    let prepare = async || {
        let live = read(&cloud, &scope, &known, Purpose::Destroy, screen).await?;
        if arguments.choice.stack.is_some() && live.managed.is_empty() && live.unmanaged.is_empty() {
            exists(&cloud, &scope, screen).await?;
        }
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
        label: None,
    };
    task.run(prepare, global, screen).await
}

/// A name that nothing has is a mistake, unless a record of runs is left.
async fn exists(cloud: &Cloud, scope: &Scope, screen: &Screen) -> Result<(), Failure> {
    let stacks = listed(cloud, scope.region(), screen).await?;
    if stacks.iter().any(|one| one.stack == scope.stack()) {
        return Ok(());
    }
    let message = format!("there is no stack `{}` in {}, account {}", scope.stack(), scope.region(), scope.account());
    let names: Vec<String> = stacks.iter().map(|one| format!("`{}`", one.stack)).collect();
    let hint = if names.is_empty() {
        "nothing was changed; there are no stacks there at all: is it another region or account?".to_owned()
    } else {
        format!("nothing was changed; the stacks there are {}", names.join(", "))
    };
    Err(Failure::other(message, hint))
}
