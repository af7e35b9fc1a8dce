//! `trailbell adopt --from-stack`: gives a stack another name without a gap. What is asked of both stacks is here; `changes::rename`
//! does it.

use super::adopt::Arguments;
use super::apply::{self, ApplyRequest};
use super::changes::rename::Rename;
use super::changes::{Confirmation, Prepared, Task};
use super::choice::suffix;
use super::cloud::Cloud;
use super::guards::lost_letters;
use super::screen::Screen;
use super::session::{Session, read};
use super::{ExitStatus, Failure, Global};
use crate::compile::compile;
use crate::name::{STACK_FORM, Scope, is_stack};
use crate::plan::{self, Plan, Purpose};
use crate::render::style::count;

pub(super) async fn run(
    old: &str,
    session: &Session,
    arguments: &Arguments,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    let former = former(old, &session.scope)?;
    let keep = if arguments.keep_history { " --keep-history" } else { "" };
    let again =
        format!("trailbell adopt --from-stack {old}{keep} --stack {}{}", arguments.stack.display(), suffix(global));
    let secrets = session.secrets(screen).await?;
    let request = ApplyRequest {
        again: &again,
        lock_timeout: arguments.lock.timeout(),
        allowed: &arguments.allow,
        renames: Some(old),
        ..ApplyRequest::default()
    };
    let prepare_new = async || apply::prepared(session, &secrets, &request, global, screen).await;
    // Its file had the same alerts, which say where its filters are.
    let known = compile(&session.installation, &former, None);
    let prepare_old = async || {
        let live = read(&session.cloud, &former, &known, Purpose::Destroy, screen).await?;
        let plan = plan::destroy(&former, &live)?;
        letters(&session.cloud, &former, &plan, &session.scope).await?;
        Ok(Prepared { plan, desired: known.clone() })
    };
    let new = session.scope.stack();
    let question = format!(
        "Rename the stack `{old}` to `{new}`? `{new}` is completed first, and only then is `{old}` deleted. In between, an event can \
         be posted twice. Events that EventBridge is still trying to deliver for `{old}`, for up to 6 hours, are lost."
    );
    let rename = Rename {
        new: apply::task("adopt", session, &request),
        old: Task {
            command: "adopt",
            cloud: &session.cloud,
            scope: &former,
            caller: &session.caller,
            question: Confirmation { text: &question, word: None },
            again: &again,
            lock_timeout: arguments.lock.timeout(),
            removes_log: !arguments.keep_history,
            label: None,
        },
        question: &question,
    };
    rename.run(prepare_new, prepare_old, global, screen).await
}

/// The stack under its former name, in the same account and region.
fn former(old: &str, scope: &Scope) -> Result<Scope, Failure> {
    if !is_stack(old) {
        return Err(Failure::usage(format!("`{old}` is not a valid stack name"), STACK_FORM));
    }
    if old == scope.stack() {
        return Err(Failure::usage(
            format!("the stack file still has the name `{old}`"),
            "nothing was changed; write the new name into the stack file, and give the old one to --from-stack",
        ));
    }
    Ok(Scope::new(scope.partition(), scope.account(), scope.region(), old)?)
}

/// Refuses to delete a dead-letter queue that holds letters, or of which that is not known: they would be lost.
async fn letters(cloud: &Cloud, former: &Scope, plan: &Plan, scope: &Scope) -> Result<(), Failure> {
    let (old, new) = (former.stack(), scope.stack());
    match lost_letters(cloud, former, plan).await {
        Ok(0) => Ok(()),
        Ok(letters) => Err(Failure::refusal(
            format!(
                "the dead-letter queue of `{old}` holds {}, which would be lost",
                count(usize::try_from(letters).unwrap_or(usize::MAX), "undelivered alert")
            ),
            format!(
                "nothing of `{old}` was deleted; send them with `trailbell redrive` and the stack file that has the name `{old}`, then \
                 run this command again to rename it to `{new}`"
            ),
        )),
        Err(error) => Err(Failure::refusal(
            format!("whether the dead-letter queue of `{old}` holds undelivered alerts is not known: {error}"),
            format!("nothing of `{old}` was deleted; grant `{}` to the credentials in use", error.action),
        )),
    }
}
