//! `trailbell apply`: what is to be done, from a stack file or a saved plan; `changes` shows it, asks, and does it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::changes::{Confirmation, Prepared, Task};
use super::choice::suffix;
use super::guards::{self, Allowed};
use super::lock::LockArguments;
use super::screen::Screen;
use super::secrets::{MissingSecret, Resolved};
use super::session::{Compared, Session};
use super::{ExitStatus, Failure, Global, saved};
use crate::plan::SavedPlan;
use crate::runs::{LabelRequest, Lifetime};
use crate::stack::{LIFETIME_FORM, lifetime};

/// Arguments of `apply`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell apply
  trailbell apply --yes staging.yaml
  trailbell apply release.plan
  trailbell apply --remove-unmanaged role.slack/inline-policy.extra")]
pub(super) struct Arguments {
    /// The stack file, or a plan saved with `plan --out`, which is applied without asking if planning again comes to the same
    #[arg(value_name = "STACK|PLAN", default_value = crate::stack::DEFAULT_FILE)]
    file: PathBuf,
    /// Also remove this, which is not managed by trailbell, as `plan` names it; can be repeated
    #[arg(long, value_name = "ADDRESS")]
    remove_unmanaged: Vec<String>,
    /// After how long the stack expires, such as `2h` or `3d`, in place of what its file or the saved plan says; `reap` removes
    /// expired stacks
    #[arg(long, value_name = "TIME", value_parser = expiry)]
    expires: Option<SignedDuration>,
    /// Do this although it is probably a mistake; can be repeated
    #[arg(long, value_name = "RISK", value_enum)]
    allow: Vec<Allowed>,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) fn expiry(text: &str) -> Result<SignedDuration, String> {
    lifetime(text).ok_or_else(|| LIFETIME_FORM.to_owned())
}

/// What is to be applied, and how.
#[derive(Default)]
pub(super) struct ApplyRequest<'a> {
    /// What a person asks to remove that is not managed.
    pub(super) unmanaged: &'a [String],
    /// The plan that was agreed to, with its file.
    pub(super) saved: Option<(&'a Path, &'a SavedPlan)>,
    /// The command that goes on after an interruption.
    pub(super) again: &'a str,
    /// How long to wait for another run.
    pub(super) lock_timeout: Duration,
    /// After how long the stack expires, in place of what its file says.
    pub(super) expires: Option<SignedDuration>,
    /// What is done although it is probably a mistake.
    pub(super) allowed: &'a [Allowed],
    /// The stack that this one takes the place of, so that the same alerts are no mistake.
    pub(super) renames: Option<&'a str>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    if let Some(saved) = saved::read(&arguments.file)? {
        return run_saved(arguments, &saved, global, screen).await;
    }
    let session = Session::open(&arguments.file, global, screen).await?;
    let named = arguments.remove_unmanaged.iter().map(|address| format!("--remove-unmanaged '{address}' "));
    let request = ApplyRequest {
        unmanaged: &arguments.remove_unmanaged,
        saved: None,
        again: &format!("trailbell apply {}{}{}", named.collect::<String>(), arguments.file.display(), suffix(global)),
        lock_timeout: arguments.lock.timeout(),
        expires: arguments.expires,
        allowed: &arguments.allow,
        renames: None,
    };
    apply_session(&session, &request, global, screen).await
}

/// Applies what a saved plan names, if planning again comes to the same. It was agreed to when it was saved, so nothing is asked.
async fn run_saved(
    arguments: &Arguments,
    saved: &SavedPlan,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    let path = &arguments.file;
    if !arguments.remove_unmanaged.is_empty() {
        return Err(Failure::usage(
            format!("--remove-unmanaged cannot be added to the saved plan `{}`", path.display()),
            "nothing was changed; give --remove-unmanaged to `trailbell plan --out FILE`",
        ));
    }
    // Another suffix is another stack, which the plan is not for.
    let named = global.suffix.clone().or_else(|| saved.suffix().map(str::to_owned));
    let agreed = &Global { yes: true, suffix: named, ..global.clone() };
    let session = Session::open(Path::new(saved.stack_file()), agreed, screen).await?;
    saved.is_for(&session.scope).map_err(|why| saved::unusable(path, &why))?;
    let request = ApplyRequest {
        unmanaged: saved.remove_unmanaged(),
        saved: Some((path, saved)),
        // A run that stopped half-way has changed the account, so the rest is another plan.
        again: &format!("trailbell apply {}{}", saved.stack_file(), suffix(agreed)),
        lock_timeout: arguments.lock.timeout(),
        expires: arguments.expires.or(saved.expires()),
        allowed: &arguments.allow,
        renames: None,
    };
    apply_session(&session, &request, agreed, screen).await
}

/// Plans and applies an opened stack; where there is a saved plan, only if the two are the same.
pub(super) async fn apply_session(
    session: &Session,
    request: &ApplyRequest<'_>,
    global: &Global,
    screen: &Screen,
) -> Result<ExitStatus, Failure> {
    let secrets = session.secrets(screen).await?;
    let prepare = async || prepared(session, &secrets, request, global, screen).await;
    task("apply", session, request).run(prepare, global, screen).await
}

/// A command that makes a stack what its file says.
pub(super) fn task<'a>(command: &'static str, session: &'a Session, request: &ApplyRequest<'a>) -> Task<'a> {
    let lifetime = match (request.expires.or(session.installation.expires), request.saved) {
        // What was approved is what happens, whatever the stack file says now.
        (_, Some(_)) => request.expires.map_or(Lifetime::AsItIs, Lifetime::For),
        (expires, None) => expires.map_or(Lifetime::Unlimited, Lifetime::For),
    };
    Task {
        command,
        cloud: &session.cloud,
        scope: &session.scope,
        caller: &session.caller,
        question: Confirmation { text: "Apply these changes?", word: None },
        again: request.again,
        lock_timeout: request.lock_timeout,
        removes_log: false,
        label: Some(LabelRequest { owner: &session.caller, lifetime, tags: &session.installation.requirements.tags }),
    }
}

/// The plan, if it can be applied.
pub(super) async fn prepared(
    session: &Session,
    secrets: &Resolved,
    request: &ApplyRequest<'_>,
    global: &Global,
    screen: &Screen,
) -> Result<Prepared, Failure> {
    let compared = session.look(secrets, request.unmanaged, screen).await?;
    guards::check(session, &compared, request, global, screen).await?;
    let Compared { desired, live, plan } = compared;
    if let Some((path, saved)) = request.saved {
        let differences = saved.differences(&plan);
        if !differences.is_empty() {
            let now = session.newest_run().await?;
            return Err(saved::stale(path, saved, &differences, now));
        }
    }
    if session.installation.account.is_none() && live.managed.is_empty() && !plan.is_empty() {
        warn_of_any_account(session, screen);
    }
    if !secrets.missing.is_empty() && !plan.is_empty() {
        let words = |one: &MissingSecret| format!("{} {}: {}", one.name(), one.reference, one.why);
        let all: Vec<String> = secrets.missing.iter().map(words).collect();
        let it = if all.len() == 1 { "it" } else { "them" };
        return Err(Failure::other(
            format!("apply requires {}", all.join("\n  and ")),
            format!("nothing was changed; `trailbell plan` works without {it}"),
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
