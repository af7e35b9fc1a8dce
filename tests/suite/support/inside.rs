//! The provider used directly, without the program: for kinds that no stack file asks for yet, and for single calls.
//!
//! The SDK takes credentials from the environment, and tests share theirs. So a test runs itself once more for each
//! emulator, as a process of its own whose environment is an account's.

use std::process::Command;

use serde_json::Value;
use trailbell::apply::{Report, StopRequest, apply};
use trailbell::live::Live;
use trailbell::name::Scope;
use trailbell::plan::{self, Plan, PlanError};
use trailbell::provider::aws::{Aws, CallRate, Settings};
use trailbell::provider::{Context, Provider, ProviderError, Search, SearchProgress};
use trailbell::resource::{OnRemoval, Resource, ResourceSet};

use super::api::{Account, REGION};
use super::emulator::{Emulator, ministack, moto};

/// Says in the environment of the second process which emulator it is for.
const EMULATOR: &str = "TRAILBELL_TEST_EMULATOR";
const URL: &str = "TRAILBELL_TEST_URL";
const ACCOUNT: &str = "TRAILBELL_TEST_ACCOUNT";

/// An account on an emulator, and the provider that works on it.
pub struct Inside {
    /// `ministack` or `moto`.
    pub emulator: String,
    /// For raw calls.
    pub account: Account,
    /// Where the stack `sec` lives.
    pub scope: Scope,
    /// Where the emulator listens.
    pub url: String,
}

/// Runs a test on both emulators. `name` is that of the test, with its module.
pub fn on_both(name: &str, test: fn(&Inside)) {
    on(&[ministack, moto], name, test);
}

/// Runs a test on these emulators.
pub fn on(emulators: &[fn() -> &'static Emulator], name: &str, test: fn(&Inside)) {
    if let (Ok(emulator), Ok(url), Ok(id)) = (std::env::var(EMULATOR), std::env::var(URL), std::env::var(ACCOUNT)) {
        return test(&Inside::new(emulator, url, &id));
    }
    for emulator in emulators {
        let emulator = emulator();
        again(name, emulator, &Account::new(emulator));
    }
}

/// Runs a test on ministack as a user who may do only this, in an account of which `arrange` has made the rest as root.
pub fn as_user(name: &str, policy: &Value, arrange: fn(&Account), test: fn(&Inside)) {
    if std::env::var(EMULATOR).is_ok() {
        return on(&[], name, test);
    }
    let root = Account::new(ministack());
    arrange(&root);
    again(name, ministack(), &root.user("limited", policy));
}

/// Runs a test once more, in a process whose environment is the account's.
fn again(name: &str, emulator: &Emulator, account: &Account) {
    let this = std::env::current_exe().expect("this very program");
    let output = Command::new(this)
        .args(["--exact", name, "--nocapture"])
        .env_clear()
        .envs(account.env(&emulator.url))
        .envs(std::env::var("TRAILBELL_SEED").map(|seed| ("TRAILBELL_SEED", seed)))
        .envs([(EMULATOR, emulator.name), (URL, emulator.url.as_str()), (ACCOUNT, account.id.as_str())])
        .output()
        .expect("it runs once more");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{name} on {}:\n{text}", emulator.name);
    print!("{}: {text}", emulator.name);
}

impl Inside {
    fn new(emulator: String, url: String, id: &str) -> Self {
        let scope = Scope::offline(Some(id), REGION, "sec").expect("a good scope");
        Self { emulator, account: Account::of_environment(id, &url), scope, url }
    }

    /// Whether the emulator is moto.
    pub fn is_moto(&self) -> bool {
        self.emulator == "moto"
    }

    /// What the stack has.
    pub fn live(&self, desired: &ResourceSet) -> Live {
        self.read(desired, &|_| ()).expect("it is read")
    }

    /// What the stack has, telling how far the search is.
    pub fn read(&self, desired: &ResourceSet, progress: &dyn Fn(SearchProgress)) -> Result<Live, ProviderError> {
        wait(async {
            self.aws(&self.url)
                .await
                .read(&self.scope, Search { desired, progress, is_thorough: desired.is_empty() })
                .await
        })
    }

    /// The plan for a desired set.
    pub fn plan(&self, desired: &ResourceSet) -> Result<Plan, PlanError> {
        plan::plan(&self.scope, desired, &self.live(desired))
    }

    /// The changes of a plan as `action address: fields`, sorted.
    pub fn changes(&self, desired: &ResourceSet) -> Vec<String> {
        let plan = self.plan(desired).expect("nothing is in the way");
        super::stack::changes(&serde_json::to_value(plan).expect("a plan is JSON"))
    }

    /// Makes it so; fails unless everything is done and a second plan is empty.
    pub fn apply(&self, desired: &ResourceSet) {
        let (report, waits) = self.carry_out(&self.plan(desired).expect("nothing is in the way"), &self.url);
        assert!(report.is_complete(), "{report:#?} {waits:?}");
        assert_eq!(self.changes(desired), Vec::<String>::new());
    }

    /// Removes the stack without a stack file; fails unless everything is done and a second plan is empty.
    pub fn destroy(&self) {
        let removal = || plan::destroy(&self.scope, &self.live(&ResourceSet::new())).expect("nothing is attached");
        let (report, waits) = self.carry_out(&removal(), &self.url);
        assert!(report.is_complete(), "{report:#?} {waits:?}");
        assert!(removal().is_empty());
    }

    /// Carries a plan out through an endpoint, an emulator's or a proxy's; tells what was waited for.
    pub fn carry_out(&self, plan: &Plan, url: &str) -> (Report, Vec<String>) {
        let waits = std::cell::RefCell::new(Vec::new());
        let emit = |event| {
            if let trailbell::apply::Event::Waiting { wait, .. } = event {
                waits.borrow_mut().push(wait.reason);
            }
        };
        let report = wait(async { apply(plan, &self.aws(url).await, &StopRequest::default(), &emit).await });
        (report, waits.into_inner())
    }

    /// Removes a resource as a hand does: what goes with it, or keeps it from being removed, first.
    pub fn remove(&self, live: &Live, gone: &Resource) {
        let along = |one: &&Resource| one.on_removal_of(&self.scope, gone) != OnRemoval::Stays;
        live.managed.values().filter(along).for_each(|one| self.remove(live, one));
        let context = Context { arns: &live.arns, waiting: &|_| () };
        let removed = wait(async { self.aws(&self.url).await.delete(&self.scope, gone, &context).await });
        removed.unwrap_or_else(|error| panic!("{}: {error}", gone.address().short()));
    }

    async fn aws(&self, url: &str) -> Aws {
        let settings = Settings {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(url.to_owned()),
            call_rate: CallRate::Unlimited,
            ..Settings::default()
        };
        Aws::new(&settings).await
    }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}
