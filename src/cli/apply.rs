//! `trailbell apply`: what is to be done; `changes` shows it, asks, and does it.

use std::time::Duration;

use clap::Args;

use super::changes::{Confirmation, Prepared, Task};
use super::lock::LockArguments;
use super::screen::Screen;
use super::secrets::Resolved;
use super::session::{Compared, Session};
use super::{ExitStatus, Failure, Global, StackFile};
use crate::plan::{NotRemoved, Plan};

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
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let named = arguments.remove_unmanaged.iter().map(|address| format!("--remove-unmanaged '{address}' "));
    let again = format!("trailbell apply {}{}", named.collect::<String>(), arguments.file.stack.display());
    let timeout = arguments.lock.timeout();
    apply_session(&session, &arguments.remove_unmanaged, &again, timeout, global, screen).await
}

/// Plans and applies an opened stack.
pub(super) async fn apply_session(
    session: &Session,
    unmanaged: &[String],
    again: &str,
    lock_timeout: Duration,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    let secret = session.secret(screen)?;
    let prepare = async || prepared(session, &secret, unmanaged, screen).await;
    let task = Task {
        command: "apply",
        cloud: &session.cloud,
        scope: &session.scope,
        caller: &session.caller,
        question: Confirmation { text: "Apply these changes?", word: None },
        again,
        lock_timeout,
        removes_log: false,
    };
    task.run(prepare, global, screen).await
}

/// The plan, if it can be applied.
async fn prepared(
    session: &Session,
    secret: &Resolved,
    unmanaged: &[String],
    screen: &Screen,
) -> Result<Prepared, Failure> {
    let Compared { desired, live, mut plan } = session.look(secret, unmanaged, screen).await?;
    plan.remove_unmanaged(unmanaged).map_err(|why| not_removed(why, &plan))?;
    if session.installation.account.is_none() && live.managed.is_empty() && !plan.is_empty() {
        warn_of_any_account(session, screen);
    }
    if let (Resolved::Missing(why), false) = (secret, plan.is_empty()) {
        let reference = session.installation.destination.reference();
        return Err(Failure::other(
            format!("apply requires the secret {reference}: {why}"),
            "nothing was changed; `trailbell plan` works without it",
        ));
    }
    Ok(Prepared { plan, desired })
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
