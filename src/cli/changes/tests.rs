//! Two writers at once in the sandbox: whoever says "Done" leaves what it was asked for.
//!
//! Each call of the sandbox lets the other run go first, and random numbers decide whose turn it is. A failing history is printed
//! with its seed; `TRAILBELL_SEED=N cargo test --lib two_writers` repeats it.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use clap::Parser;

use super::{Confirmation, Prepared, Task};
use crate::alert::Installation;
use crate::check;
use crate::cli::cloud::Cloud;
use crate::cli::screen::Screen;
use crate::cli::{Cli, ExitStatus, Failure, Global};
use crate::compile::compile;
use crate::document::Document;
use crate::name::Scope;
use crate::plan;
use crate::provider::run_log::RunStream;
use crate::provider::sandbox::{ACCOUNT, Sandbox, StoredObject, World};
use crate::provider::{Provider, Search};
use crate::resource::{Address, Id, Queue, Resource, ResourceSet};
use crate::runs::{LabelRequest, Lifetime};
use crate::secret::Secret;

/// How many pairs of runs.
const PAIRS: u64 = 500;

pub(in crate::cli) const WEBHOOK: &str =
    "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa";
pub(in crate::cli) const ALERTS: [&[&str]; 3] = [
    &["cloudtrail-stop-logging"],
    &["cloudtrail-stop-logging", "bugbust-event-changed"],
    &["bugbust-event-read", "bugbust-event-changed"],
];

/// Random numbers (xorshift), each history from its seed.
pub(in crate::cli) struct Random(u64);

impl Random {
    pub(in crate::cli) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(in crate::cli) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }
}

/// What a run is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Wish {
    Apply(usize),
    Destroy,
}

impl Wish {
    fn any(random: &mut Random) -> Self {
        match random.below(ALERTS.len() + 1) {
            0 => Self::Destroy,
            at => Self::Apply(at - 1),
        }
    }
}

pub(in crate::cli) fn installation(stack: &str, alerts: &[&str]) -> Installation {
    let alerts: Vec<String> = alerts.iter().map(|one| format!("  - blueprint: {one}\n")).collect();
    let head = format!("stack: {stack}\nregion: us-east-1\naccount: \"{ACCOUNT}\"\n");
    let text = format!("{head}slack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n{}", alerts.concat());
    let document = Document::parse("stack.yaml", &text).expect("YAML");
    check::stack(document, PathBuf::new()).expect("no findings")
}

static NO_TAGS: BTreeMap<String, String> = BTreeMap::new();

/// A stack in the sandbox, and what it can become.
pub(in crate::cli) struct Site {
    pub(in crate::cli) scope: Scope,
    desired: Vec<ResourceSet>,
    pub(in crate::cli) global: Global,
    pub(in crate::cli) screen: Screen,
}

impl Site {
    pub(in crate::cli) fn new(stack: &str) -> Self {
        let scope = Scope::offline(Some(ACCOUNT), "us-east-1", stack).expect("a good scope");
        let secret = Secret::new(WEBHOOK);
        let desired = ALERTS.map(|alerts| compile(&installation(stack, alerts), &scope, Some(&secret)));
        let global = Cli::try_parse_from(["trailbell", "--yes", "plan"]).expect("arguments").global;
        Self { scope, desired: desired.into(), global, screen: Screen::silent() }
    }

    /// What there should be.
    pub(in crate::cli) fn wanted(&self, wish: Wish) -> ResourceSet {
        match wish {
            Wish::Apply(at) => self.desired[at].clone(),
            Wish::Destroy => ResourceSet::new(),
        }
    }

    pub(in crate::cli) async fn prepare(&self, cloud: &Cloud, wish: Wish) -> Result<Prepared, Failure> {
        let desired = self.wanted(wish);
        let live = cloud.read(&self.scope, Search::of(&desired)).await?;
        let plan = match wish {
            Wish::Apply(_) => plan::plan(&self.scope, &desired, &live)?,
            Wish::Destroy => plan::destroy(&self.scope, &live)?,
        };
        Ok(Prepared { plan, desired })
    }

    /// A command as the program has it.
    pub(in crate::cli) fn task<'a>(&'a self, cloud: &'a Cloud, caller: &'a str, wish: Wish) -> Task<'a> {
        Task {
            command: "test",
            cloud,
            scope: &self.scope,
            caller,
            question: Confirmation { text: "", word: None },
            again: "",
            lock_timeout: std::time::Duration::from_secs(40),
            removes_log: wish == Wish::Destroy,
            label: (wish != Wish::Destroy).then_some(LabelRequest {
                owner: caller,
                lifetime: Lifetime::Unlimited,
                tags: &NO_TAGS,
            }),
        }
    }

    /// Runs a command as the program does.
    pub(in crate::cli) async fn run(&self, cloud: &Cloud, caller: &str, wish: Wish) -> Result<ExitStatus, Failure> {
        let task = self.task(cloud, caller, wish);
        Box::pin(task.run(async || self.prepare(cloud, wish).await, &self.global, &self.screen)).await
    }

    /// Whether the stack is what was wished for.
    pub(in crate::cli) fn is(&self, cloud: &Cloud, wish: Wish) -> bool {
        let prepared = alone(self.prepare(cloud, wish)).expect("nothing is in the way");
        prepared.plan.is_empty()
    }
}

pub(in crate::cli) fn world(cloud: &Cloud) -> &Sandbox {
    match cloud {
        Cloud::Sandbox(sandbox, _) => sandbox,
        Cloud::Aws(_) => panic!("tests run in the sandbox"),
    }
}

/// Runs one future to its end.
pub(in crate::cli) fn alone<T>(future: impl Future<Output = T>) -> T {
    let (mut future, mut context) = (pin!(future), Context::from_waker(Waker::noop()));
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}

/// Runs two futures, one call after the other, and looks at the world in between.
pub(in crate::cli) fn interleaved<T>(
    futures: [Pin<Box<dyn Future<Output = T> + '_>>; 2],
    random: &mut Random,
    look: impl Fn(),
) -> [Option<T>; 2] {
    let mut context = Context::from_waker(Waker::noop());
    let (mut futures, mut done) = (futures, [None, None]);
    while done.iter().any(Option::is_none) {
        let at = random.below(2);
        if done[at].is_none()
            && let Poll::Ready(result) = futures[at].as_mut().poll(&mut context)
        {
            done[at] = Some(result);
        }
        look();
    }
    done
}

/// How many runs of a stack have begun and not ended.
pub(in crate::cli) fn holders(world: &World, scope: &Scope) -> usize {
    let Some(group) = world.run_logs.get(&format!("{}{}", scope.region(), scope.run_log())) else { return 0 };
    let streams: Vec<RunStream> = group.streams.keys().filter_map(|name| RunStream::parse(name)).collect();
    streams.iter().filter(|one| !one.is_end && !streams.contains(&RunStream::end(one.number))).count()
}

/// Two commands at once; gives how they ended.
fn both(site: &Site, clouds: [&Cloud; 2], wishes: [Wish; 2], random: &mut Random) -> [bool; 2] {
    let work = |at: usize, caller| -> Pin<Box<dyn Future<Output = Result<ExitStatus, Failure>> + '_>> {
        Box::pin(site.run(clouds[at], caller, wishes[at]))
    };
    let look = || {
        let holders = world(clouds[0]).by_hand(|world| holders(world, &site.scope));
        assert!(holders <= 1, "{holders} runs hold the lock");
    };
    let ended = interleaved([work(0, "alice"), work(1, "bob")], random, look);
    ended.map(|one| match one.expect("both have ended") {
        Ok(ExitStatus::Fine) => true,
        Ok(_) => false,
        Err(failure) => {
            assert!(
                matches!(failure.code(), ExitStatus::Refused | ExitStatus::Failed),
                "{failure:?} is neither refused nor failed"
            );
            false
        }
    })
}

/// Who says "Done" has left what was wished for, unless the other one says so too and came later.
fn assert_described(site: &Site, cloud: &Cloud, wishes: [Wish; 2], ended: [bool; 2]) {
    assert!(ended.contains(&true), "no one came through");
    let is_described = wishes.iter().zip(ended).any(|(wish, is_done)| is_done && site.is(cloud, *wish));
    assert!(is_described, "{wishes:?} ended {ended:?} in a state that no one asked for");
}

/// Tokio's clock, which the heartbeat of a run asks for.
pub(in crate::cli) fn with_clock(test: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _guard = runtime.enter();
    test();
}

/// The seeds to try: all, or the one that is asked for.
pub(in crate::cli) fn seeds(most: u64) -> Vec<u64> {
    let asked = std::env::var("TRAILBELL_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.map_or_else(|| (0..most).collect(), |seed| vec![seed])
}

/// Says which seed it was when a history fails.
pub(in crate::cli) struct Said(pub(in crate::cli) u64);

impl Drop for Said {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("TRAILBELL_SEED={}", self.0);
        }
    }
}

#[test]
fn of_two_writers_who_says_done_is_right() {
    with_clock(|| {
        let site = Site::new("sec");
        for seed in seeds(PAIRS) {
            let _said = Said(seed);
            let mut random = Random::new(seed);
            let sandbox = Sandbox::new();
            let second = sandbox.second();
            let clouds = [sandbox, second].map(|one| Cloud::Sandbox(Box::new(one), Vec::new()));
            let first = Wish::any(&mut random);
            assert!(alone(site.run(&clouds[0], "alice", first)).is_ok_and(|code| code == ExitStatus::Fine));
            let wishes = [Wish::any(&mut random), Wish::any(&mut random)];
            let ended = both(&site, [&clouds[0], &clouds[1]], wishes, &mut random);
            assert_described(&site, &clouds[0], wishes, ended);
        }
    });
}

/// How many whole histories, in two halves that run side by side.
const HISTORIES: u64 = 10_000;

/// Takes something away by hand, as in the console.
fn meddle(world: &mut World, random: &mut Random) {
    let is_alone = |one: &Resource| matches!(one, Resource::Target(_) | Resource::Queue(_) | Resource::Role(_));
    let alone = world.objects.iter().filter(|(_, one)| is_alone(&one.resource) && !is_theirs(one));
    let keys: Vec<String> = alone.map(|(key, _)| key.clone()).collect();
    if !keys.is_empty() {
        world.objects.remove(&keys[random.below(keys.len())]);
    }
}

/// A queue of someone else.
pub(in crate::cli) fn add_theirs(world: &mut World, number: usize) {
    let name = format!("someone-elses-{number}");
    let queue = Queue {
        address: Address::new("us-east-1", Id::Queue(name.clone())),
        name: name.clone(),
        retention_seconds: 60,
        policy: None,
        max_message_bytes: None,
        redrive_policy: None,
        kms_key: None,
        tags: BTreeMap::new(),
    };
    let theirs = StoredObject { resource: Resource::Queue(queue), arn: None, attached: Vec::new() };
    world.objects.insert(format!("us-east-1/queue/{name}"), theirs);
}

fn is_theirs(one: &StoredObject) -> bool {
    one.resource.name().starts_with("someone-elses")
}

pub(in crate::cli) fn theirs(world: &World) -> Vec<StoredObject> {
    world.objects.values().filter(|one| is_theirs(one)).cloned().collect()
}

/// One history: stacks under one or two names, changes by hand, and two writers again and again.
fn history(sites: &[Site; 2], seed: u64) {
    let _said = Said(seed);
    let mut random = Random::new(seed);
    let sandbox = Sandbox::new();
    let second = sandbox.second();
    let clouds = [sandbox, second].map(|one| Cloud::Sandbox(Box::new(one), Vec::new()));
    let world = world(&clouds[0]);
    world.by_hand(|world| add_theirs(world, random.below(3)));
    let before = world.by_hand(|world| theirs(world));
    for _ in 0..=random.below(2) {
        // Under the other name: a renamed stack file.
        let site = &sites[random.below(2)];
        let wishes = [Wish::any(&mut random), Wish::any(&mut random)];
        let ended = both(site, [&clouds[0], &clouds[1]], wishes, &mut random);
        assert_described(site, &clouds[0], wishes, ended);
        if random.below(2) == 0 {
            world.by_hand(|world| meddle(world, &mut random));
        }
    }
    for site in sites {
        let removed = alone(site.run(&clouds[0], "carol", Wish::Destroy));
        assert!(removed.as_ref().is_ok_and(|code| *code == ExitStatus::Fine), "{removed:?}");
    }
    let (left, logs) = world.by_hand(|world| (world.objects.len(), world.run_logs.len()));
    assert_eq!((left, logs), (before.len(), 0), "something of ours is left");
    assert_eq!(world.by_hand(|world| theirs(world)), before, "something of others was changed");
}

fn histories(seeds_of: impl Fn(u64) -> bool) {
    with_clock(|| {
        let sites = ["sec", "sec-b"].map(Site::new);
        for seed in seeds(HISTORIES).into_iter().filter(|seed| seeds_of(*seed)) {
            history(&sites, seed);
        }
    });
}

#[test]
fn histories_of_two_writers_with_even_seeds_end_as_wished() {
    histories(|seed| seed % 2 == 0);
}

#[test]
fn histories_of_two_writers_with_odd_seeds_end_as_wished() {
    histories(|seed| seed % 2 == 1);
}
