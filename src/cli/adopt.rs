//! `trailbell adopt`: takes over what exists under names of the stack and is not managed, by writing the stack's mark and nothing
//! else. `plan::adopt` says what can be taken over; `changes` shows it, asks, and does it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::changes::{Confirmation, Prepared, Task};
use super::choice::suffix;
use super::guards::Allowed;
use super::lock::LockArguments;
use super::screen::Screen;
use super::session::Session;
use super::{ExitStatus, Failure, Global, rename};
use crate::name::Scope;
use crate::plan;
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::Address;
use crate::stack::DEFAULT_FILE;

/// Arguments of `adopt`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell adopt role.slack
  trailbell adopt rule.cloudtrail-stop-logging queue.slack --stack staging.yaml
  trailbell adopt --from-stack security

Only the mark is written: a tag, or the end of the description of a connection or an API destination. What differs from the stack \
    file is shown, and the next `trailbell apply` changes it.

Not all kinds can be adopted. Targets and permissions are a part of their rule or function and are managed together with it. \
    Subscription filters and metric filters have neither tags nor descriptions.

With --from-stack the stack file has the new name. The stack under the new name is created and looked at first, and only then the one \
    under the old name is deleted: alerts arrive all the time, and in between an event can be posted twice. Events that EventBridge \
    is still trying to deliver for the old stack, for up to 6 hours, are lost when it is deleted. Its history is not carried over.")]
pub(super) struct Arguments {
    /// What to take over, as `plan` names it
    #[arg(value_name = "ADDRESS", required_unless_present = "from_stack", conflicts_with = "from_stack")]
    addresses: Vec<String>,
    /// Name that the stack had until now: create it under the name in the stack file, then delete the old one
    #[arg(long, value_name = "NAME")]
    pub(super) from_stack: Option<String>,
    /// Keep the log group that records who changed the old stack
    #[arg(long, requires = "from_stack")]
    pub(super) keep_history: bool,
    /// Do this although it is probably a mistake; can be repeated
    #[arg(long, value_name = "RISK", value_enum, requires = "from_stack")]
    pub(super) allow: Vec<Allowed>,
    /// The stack file
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE)]
    pub(super) stack: PathBuf,
    #[command(flatten)]
    pub(super) lock: LockArguments,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.stack, global, screen).await?;
    if let Some(old) = &arguments.from_stack {
        return rename::run(old, &session, arguments, global, screen).await;
    }
    let addresses = addresses(&arguments.addresses, &session.scope)?;
    let secrets = session.secrets_to_compare(screen).await?.secrets;
    let desired = session.desired(&secrets);
    let prepare = async || {
        let live = session.read_for(&desired, screen).await.map_err(|failure| not_known(failure, &addresses))?;
        let plan = plan::adopt(&session.scope, &desired, &live, &addresses)?;
        Ok(Prepared { plan, desired: desired.clone() })
    };
    let named: Vec<String> = arguments.addresses.iter().map(|one| format!("'{one}'")).collect();
    let again = format!("trailbell adopt {} --stack {}{}", named.join(" "), arguments.stack.display(), suffix(global));
    let task = Task {
        command: "adopt",
        cloud: &session.cloud,
        scope: &session.scope,
        caller: &session.caller,
        question: Confirmation { text: "Let the stack manage these resources?", word: None },
        again: &again,
        lock_timeout: arguments.lock.timeout(),
        removes_log: false,
        label: None,
    };
    task.run(prepare, global, screen).await
}

/// Addresses as people write them: the region goes without saying.
fn addresses(texts: &[String], scope: &Scope) -> Result<BTreeSet<Address>, Failure> {
    let read = |text: &String| {
        let address: Result<Address, String> = text.parse().or_else(|_| format!("{}/{text}", scope.region()).parse());
        address.map_err(|_| {
            Failure::usage(
                format!("`{text}` is not the address of a resource"),
                "nothing was changed; write it as `trailbell plan` shows it, such as `role.slack`",
            )
        })
    };
    texts.iter().map(read).collect()
}

/// Who is not allowed to look does not know what it would take over.
fn not_known(failure: Failure, addresses: &BTreeSet<Address>) -> Failure {
    match failure {
        Failure::Provider(ProviderError { kind: ErrorKind::Denied, action, message, .. }) => {
            let names: Vec<String> = addresses.iter().map(Address::short).collect();
            Failure::refusal(
                format!("what exists at {} is not known: {action}: {message}", names.join(", ")),
                format!("nothing was changed; grant `{action}` to the credentials in use"),
            )
        }
        other => other,
    }
}
