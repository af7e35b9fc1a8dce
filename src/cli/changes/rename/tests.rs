//! Renames in the sandbox: killed at every call, two at once, and against an apply of the old stack. At every moment one of the two
//! stacks is complete.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use super::super::tests::{Random, Said, Site, Wish, alone, holders, interleaved, seeds, theirs, with_clock, world};
use super::Rename;
use crate::cli::cloud::Cloud;
use crate::cli::{ExitStatus, Failure};
use crate::provider::sandbox::{Sandbox, World};
use crate::runs::{self, Ended, RunResult};

/// How many pairs of runs.
const PAIRS: u64 = 100;
const WISH: Wish = Wish::Apply(1);

fn clouds() -> [Cloud; 2] {
    let sandbox = Sandbox::new();
    let second = sandbox.second();
    [sandbox, second].map(|one| Cloud::Sandbox(Box::new(one), Vec::new()))
}

/// Renames as the program does.
async fn rename(old: &Site, new: &Site, cloud: &Cloud, caller: &str) -> Result<ExitStatus, Failure> {
    let rename =
        Rename { new: new.task(cloud, caller, WISH), old: old.task(cloud, caller, Wish::Destroy), question: "" };
    let prepare_new = async || new.prepare(cloud, WISH).await;
    let prepare_old = async || old.prepare(cloud, Wish::Destroy).await;
    Box::pin(rename.run(prepare_new, prepare_old, &new.global, &new.screen)).await
}

fn is_fine(result: &Result<ExitStatus, Failure>) -> bool {
    matches!(result, Ok(ExitStatus::Fine))
}

/// Ends the runs that a killed process has left, as `unlock` does.
fn unlock(site: &Site, cloud: &Cloud) {
    let newest = alone(runs::newest(cloud, &site.scope)).expect("the sandbox answers");
    if newest.is_held() {
        let ended = Ended { result: RunResult::Broken, by: "carol".to_owned(), changes: <_>::default() };
        alone(runs::end(cloud, &site.scope, newest.number, &ended)).expect("the sandbox answers");
    }
}

/// Everything of the old stack is gone, and the new one is complete and not locked.
fn assert_renamed(old: &Site, new: &Site, cloud: &Cloud) {
    assert!(new.is(cloud, WISH), "the new stack is not complete");
    assert!(old.is(cloud, Wish::Destroy), "something of the old stack is left");
    let logs = world(cloud).by_hand(|world| world.run_logs.keys().cloned().collect::<Vec<_>>());
    assert_eq!(logs, [format!("us-east-1{}", new.scope.run_log())]);
    assert_eq!(world(cloud).by_hand(|world| holders(world, &new.scope)), 0);
}

/// The names decide in which order the locks are taken.
fn both_orders() -> [[Site; 2]; 2] {
    [["sec", "security"], ["security", "sec"]].map(|names| names.map(Site::new))
}

#[test]
fn a_rename_that_is_killed_at_any_call_is_continued_by_running_it_again() {
    with_clock(|| {
        for [old, new] in both_orders() {
            let mut is_whole = false;
            for stop in 0..200 {
                let [cloud, _] = clouds();
                assert!(is_fine(&alone(old.run(&cloud, "alice", WISH))));
                world(&cloud).by_hand(|world| super::super::tests::add_theirs(world, 1));
                let before = world(&cloud).by_hand(|world| theirs(world));
                world(&cloud).fail_after(Some(stop));
                is_whole = is_fine(&alone(rename(&old, &new, &cloud, "alice")));
                world(&cloud).fail_after(None);
                assert!(old.is(&cloud, WISH) || new.is(&cloud, WISH), "{stop}: no stack is complete");
                unlock(&old, &cloud);
                unlock(&new, &cloud);
                let again = alone(rename(&old, &new, &cloud, "alice"));
                assert!(is_fine(&again), "{stop}: {again:?}");
                assert_renamed(&old, &new, &cloud);
                assert_eq!(world(&cloud).by_hand(|world| theirs(world)), before);
                if is_whole {
                    eprintln!("a rename is killed at each of {stop} writes");
                    break;
                }
            }
            assert!(is_whole, "a rename has more calls than were tried");
        }
    });
}

/// A command that runs.
type Running<'a> = Pin<Box<dyn Future<Output = Result<ExitStatus, Failure>> + 'a>>;

/// Two commands at once; gives who said "Done". Looks at every moment whether one of the stacks is complete.
fn at_once<'a>(sites: [&'a Site; 2], cloud: &Cloud, futures: [Running<'a>; 2], random: &mut Random) -> [bool; 2] {
    let seen = Cell::new(0);
    let look = || {
        world(cloud).by_hand(|world| {
            for site in sites {
                assert!(holders(world, &site.scope) <= 1, "two runs hold a lock");
            }
            let is_there = |site: &&Site| rules(world, site) == 3;
            assert!(sites.iter().any(is_there), "no stack has its alerts");
            seen.set(seen.get() + 1);
        });
    };
    let ended = interleaved(futures, random, look).map(|one| one.expect("both have ended"));
    assert!(seen.get() > 10);
    for one in &ended {
        let is_known = one.as_ref().map_or_else(
            |failure| matches!(failure.code(), ExitStatus::Refused | ExitStatus::Failed),
            |code| *code == ExitStatus::Fine,
        );
        assert!(is_known, "{one:?}");
    }
    ended.map(|one| is_fine(&one))
}

/// How many rules of a stack there are with their targets: two alerts, and the relay rule.
fn rules(world: &World, site: &Site) -> usize {
    let of = |kind: &str| {
        let start = format!("us-east-1/{kind}/");
        let names = world.objects.keys().filter_map(move |key| key.strip_prefix(&start).map(str::to_owned));
        names.filter(|name| name.contains(&site.scope.prefix())).count()
    };
    of("rule").min(of("target"))
}

#[test]
fn of_two_renames_at_once_one_comes_through_and_none_waits_for_ever() {
    with_clock(|| {
        for [old, new] in both_orders() {
            for seed in seeds(PAIRS) {
                let _said = Said(seed);
                let mut random = Random::new(seed);
                let [first, second] = clouds();
                assert!(is_fine(&alone(old.run(&first, "alice", WISH))));
                let ended = at_once(
                    [&old, &new],
                    &first,
                    [Box::pin(rename(&old, &new, &first, "alice")), Box::pin(rename(&old, &new, &second, "bob"))],
                    &mut random,
                );
                assert!(ended.contains(&true), "no one came through");
                assert_renamed(&old, &new, &first);
            }
        }
    });
}

/// Back and forth: they take the same locks, and each would delete what the other one makes.
#[test]
fn two_renames_in_opposite_directions_end() {
    with_clock(|| {
        let [old, new] = ["sec", "security"].map(Site::new);
        for seed in seeds(PAIRS) {
            let _said = Said(seed);
            let mut random = Random::new(seed);
            let [first, second] = clouds();
            assert!(is_fine(&alone(old.run(&first, "alice", WISH))));
            let ended = at_once(
                [&old, &new],
                &first,
                [Box::pin(rename(&old, &new, &first, "alice")), Box::pin(rename(&new, &old, &second, "bob"))],
                &mut random,
            );
            assert!(ended.contains(&true), "no one came through");
            assert!(old.is(&first, WISH) != new.is(&first, WISH), "one of the two is complete");
            for site in [&old, &new] {
                assert_eq!(world(&first).by_hand(|world| holders(world, &site.scope)), 0);
            }
        }
    });
}

#[test]
fn a_rename_and_an_apply_of_the_old_stack_take_turns() {
    with_clock(|| {
        let [old, new] = ["sec", "security"].map(Site::new);
        for seed in seeds(PAIRS) {
            let _said = Said(seed);
            let mut random = Random::new(seed);
            let [first, second] = clouds();
            assert!(is_fine(&alone(old.run(&first, "alice", WISH))));
            let [is_renamed, is_applied] = at_once(
                [&old, &new],
                &first,
                [Box::pin(rename(&old, &new, &first, "alice")), Box::pin(old.run(&second, "bob", WISH))],
                &mut random,
            );
            assert!(is_renamed || is_applied, "no one came through");
            // Who came last decides about the old stack.
            assert!(!is_renamed || new.is(&first, WISH));
            assert!(old.is(&first, WISH) || old.is(&first, Wish::Destroy), "the old stack is half there");
        }
    });
}
