//! What commands about a stack have in common: the checked file, the account it belongs to, the secret, the snapshot.

use std::cell::Cell;
use std::path::Path;

use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::cloud::Cloud;
use super::lock::described;
use super::screen::Screen;
use super::secrets::{Asking, Resolved, resolve};
use super::{Failure, Global};
use crate::alert::{Home, Installation};
use crate::check;
use crate::compile::alerts::functions;
use crate::compile::compile;
use crate::live::Live;
use crate::name::{Scope, is_region, partition_of};
use crate::plan::{self, NotRemoved, Plan, Purpose, Refusal};
use crate::provider::{ErrorKind, Identity, Provider, Search, SearchProgress};
use crate::render::findings;
use crate::render::progress::spinner;
use crate::resource::ResourceSet;
use crate::runs;
use crate::stack::{AccountNames, Secrets};

/// A checked stack with the cloud it lives in.
pub(super) struct Session {
    pub(super) installation: Installation,
    pub(super) cloud: Cloud,
    pub(super) scope: Scope,
    /// The caller's ARN.
    pub(super) caller: String,
}

/// The date, in UTC: what a stack file says of days is compared with it.
pub(super) fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}

/// Reads and checks the stack file; warnings are printed.
pub(super) fn load(path: &Path, global: &Global, screen: &Screen) -> Result<Installation, Failure> {
    if !path.exists() {
        let message = format!("the stack file `{}` does not exist", path.display());
        return Err(Failure::usage(
            message,
            "create one with `trailbell init`, or give its path: `trailbell plan path/to/stack.yaml`",
        ));
    }
    let installation = check::stack_file_as(path, global.reach(), global.suffix.as_deref(), Some(today()))?;
    if !installation.warnings.is_empty() {
        screen.note(&findings::text(&installation.warnings, screen.paint_err));
    }
    if let Some(region) = global.region.as_ref().filter(|region| **region != installation.region) {
        let message = format!("--region {region} is not the stack's region, {}", installation.region);
        return Err(Failure::usage(message, "remove --region, or change `region` in the stack file"));
    }
    if installation.alerts.is_empty() {
        screen.note(&format!(
            "{} the stack has no alerts; add one under `alerts` in `{}`",
            screen.paint_err.warn("note:"),
            path.display()
        ));
    }
    Ok(installation)
}

impl Session {
    /// Opens a stack: checks the file, then asks the cloud who we are, and for the names of accounts that it keeps.
    pub(super) async fn open(path: &Path, global: &Global, screen: &Screen) -> Result<Self, Failure> {
        Self::unnamed(path, global, screen).await?.named(screen).await
    }

    /// The same with the names of accounts that the cloud keeps.
    pub(super) async fn named(mut self, screen: &Screen) -> Result<Self, Failure> {
        self.installation = with_names(self.installation, &self.cloud, self.scope.account(), screen).await?;
        self.cloud.learn(|| functions(&self.installation, &self.scope));
        Ok(self)
    }

    /// The same for a command that neither shows nor compares messages: without the names of accounts.
    pub(super) async fn unnamed(path: &Path, global: &Global, screen: &Screen) -> Result<Self, Failure> {
        let installation = load(path, global, screen)?;
        let cloud = Cloud::open(global, &installation.region).await?;
        let (scope, caller) = identified(&cloud, &installation.name, &installation.region, screen).await?;
        if let Some(account) = installation.account.as_ref().filter(|account| **account != scope.account()) {
            return Err(Failure::Refused(vec![Refusal {
                what: format!(
                    "the stack belongs to account {account}, but the credentials are for account {}",
                    scope.account()
                ),
                fix: "nothing was changed: use other credentials, or change `account` in the stack file".to_owned(),
            }]));
        }
        Ok(Self { installation, cloud, scope, caller })
    }

    /// The secrets, and why others are not available.
    pub(super) async fn secrets(&self, screen: &Screen) -> Result<Resolved, Failure> {
        resolve(&self.installation, Asking::Person, &self.cloud, screen).await
    }

    /// The secrets where they are only compared with what is in the account: no one is asked for one.
    pub(super) async fn secrets_to_compare(&self, screen: &Screen) -> Result<Resolved, Failure> {
        resolve(&self.installation, Asking::NoOne, &self.cloud, screen).await
    }

    /// What the stack should have.
    pub(super) fn desired(&self, secrets: &Secrets) -> ResourceSet {
        compile(&self.installation, &self.scope, secrets)
    }

    /// What the stack has.
    pub(super) async fn read_for(&self, desired: &ResourceSet, screen: &Screen) -> Result<Live, Failure> {
        let live = read(&self.cloud, &self.scope, desired, Purpose::Apply, screen).await?;
        Ok(Live { quotas: self.installation.quotas, ..live })
    }

    /// The plan, with or without the secrets.
    pub(super) async fn plan(&self, secrets: &Resolved, screen: &Screen) -> Result<Plan, Failure> {
        let mut plan = self.look(secrets, &[], screen).await?.plan;
        plan.notes.extend(self.run_in_progress().await?);
        Ok(plan)
    }

    /// That someone changes the stack, so that what was read may be half of it; or that this is not known.
    pub(super) async fn run_in_progress(&self) -> Result<Option<String>, Failure> {
        match runs::newest(&self.cloud, &self.scope).await {
            Ok(newest) if newest.is_held() => {
                let run = runs::past(&self.cloud, &self.scope, newest.number, false).await?;
                Ok(Some(format!("{}, is in progress: what is shown may change", described(&run, &self.scope))))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind == ErrorKind::Denied => {
                Ok(Some(format!("whether someone is changing the stack is not known: {error}")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The number of the newest run; nothing if the credentials are not allowed to look.
    pub(super) async fn newest_run(&self) -> Result<Option<u32>, Failure> {
        match runs::newest(&self.cloud, &self.scope).await {
            Ok(newest) => Ok(Some(newest.number)),
            Err(error) if error.kind == ErrorKind::Denied => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What there should be, what there is, and the difference, with or without the secrets; `unmanaged` is what a person asks to
    /// remove.
    pub(super) async fn look(
        &self,
        secrets: &Resolved,
        unmanaged: &[String],
        screen: &Screen,
    ) -> Result<Compared, Failure> {
        let desired = self.desired(&secrets.secrets);
        let live = self.read_for(&desired, screen).await?;
        let plan = self.compare(secrets, unmanaged, &desired, &live)?;
        Ok(Compared { desired, live, plan })
    }

    /// The difference between what there should be and what there is.
    pub(super) fn compare(
        &self,
        secrets: &Resolved,
        unmanaged: &[String],
        desired: &ResourceSet,
        live: &Live,
    ) -> Result<Plan, Failure> {
        let mut plan = plan::plan_removing(&self.scope, desired, live, unmanaged)?;
        plan.accept(self.installation.unmanaged.iter().map(|one| (one.what.as_str(), one.reason.as_str())));
        plan.notes.extend(self.installation.disabled_note());
        plan.notes.extend(self.installation.staged_note());
        for missing in &secrets.missing {
            let (name, why) = (missing.name(), &missing.why);
            plan.notes.push(format!("planned without {name} ({why}); apply requires it"));
        }
        plan.remove_unmanaged(unmanaged).map_err(|why| not_removed(why, &plan))?;
        Ok(plan)
    }
}

/// Says that messages of the stack will show names that are not known offline.
pub(super) fn note_names(home: &Home, screen: &Screen) {
    if let Some(note) = home.names_note() {
        screen.note(&format!("{} {note}", screen.paint_err.warn("note:")));
    }
}

/// The stack with the names of accounts that are read where it lives.
async fn with_names(
    installation: Installation,
    cloud: &Cloud,
    account: &str,
    screen: &Screen,
) -> Result<Installation, Failure> {
    match installation.account_names {
        None => Ok(installation),
        Some(AccountNames::Organizations) => {
            let what = "asking AWS Organizations for the names of accounts";
            let names = with_spinner(screen, what, cloud.account_names()).await?;
            Ok(installation.with_account_names(&names, account))
        }
    }
}

/// What there should be, what there is, and the difference.
pub(super) struct Compared {
    pub(super) desired: ResourceSet,
    pub(super) live: Live,
    pub(super) plan: Plan,
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

/// Where the stack lives, and the caller's ARN, once the cloud has said who we are.
pub(super) async fn identified(
    cloud: &Cloud,
    stack: &str,
    region: &str,
    screen: &Screen,
) -> Result<(Scope, String), Failure> {
    let identity = with_spinner(screen, WHO, cloud.identity()).await?;
    Ok((scope_of(cloud, &identity, stack, region)?, identity.arn))
}

/// What is waited for while the cloud says who we are.
pub(super) const WHO: &str = "asking AWS which account the credentials belong to";

/// Where a stack lives.
pub(super) fn scope_of(cloud: &Cloud, identity: &Identity, stack: &str, region: &str) -> Result<Scope, Failure> {
    let partition = match cloud {
        Cloud::Aws(_) => identity.partition.clone(),
        // The sandbox has every region.
        Cloud::Sandbox(..) => partition_of(region).to_owned(),
    };
    Ok(Scope::new(partition, identity.account.clone(), region, stack)?)
}

/// The snapshot for a plan of this purpose; a long search tells how far it is.
pub(super) async fn read(
    cloud: &Cloud,
    scope: &Scope,
    desired: &ResourceSet,
    purpose: Purpose,
    screen: &Screen,
) -> Result<Live, Failure> {
    let is_thorough = purpose == Purpose::Destroy;
    let bar = bar(screen, "reading the stack's resources");
    let told = Cell::new(false);
    let progress = |progress: SearchProgress| match &bar {
        Some(bar) if progress.total == 0 => bar.set_message(progress.what),
        Some(bar) => bar.set_message(format!("{}: {} of {}", progress.what, progress.done, progress.total)),
        // Without a terminal once is enough.
        None if !told.replace(true) => screen.note(&format!("{}…", progress.what)),
        None => {}
    };
    let live = cloud.read(scope, Search { desired, progress: &progress, is_thorough }).await;
    finish(bar);
    Ok(live?)
}

/// Awaits something, saying what is waited for on a terminal.
pub(super) async fn with_spinner<T>(
    screen: &Screen,
    what: &str,
    work: impl Future<Output = Result<T, crate::provider::ProviderError>>,
) -> Result<T, Failure> {
    let bar = bar(screen, what);
    let result = work.await;
    finish(bar);
    Ok(result?)
}

fn bar(screen: &Screen, what: &str) -> Option<ProgressBar> {
    screen.is_live.then(|| {
        let bar = spinner();
        bar.set_message(what.to_owned());
        bar
    })
}

fn finish(bar: Option<ProgressBar>) {
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// The region a command without a stack file works in. Only the flag says it: what is in the environment may be meant for
/// something else, and what works without a file deletes.
pub(super) fn region(global: &Global, command: &str) -> Result<String, Failure> {
    match &global.region {
        Some(region) if is_region(region) => Ok(region.clone()),
        Some(region) => {
            Err(Failure::usage(format!("`{region}` is not the name of a region"), "a name such as us-east-1"))
        }
        None => Err(Failure::usage(format!("`{command}` requires `--region`"), "name the region: --region us-east-1")),
    }
}
