//! Answers about the lock that are lost, in the sandbox: the run goes on by itself, and never do two hold the lock.

use std::pin::Pin;

use super::*;
use crate::cli::ExitStatus;
use crate::cli::changes::tests::{Random, Said, Site, Wish, alone, interleaved, seeds, with_clock, world};
use crate::provider::run_log::RunStream;
use crate::provider::sandbox::Sandbox;

/// How many pairs of runs.
const PAIRS: u64 = 2_000;

fn cloud(sandbox: Sandbox) -> Cloud {
    Cloud::Sandbox(Box::new(sandbox), Vec::new())
}

#[test]
fn a_lost_answer_about_the_lock_ends_in_done() {
    with_clock(|| {
        let site = Site::new("sec");
        // The stream of the run, and that of its end.
        for lost in 0..2 {
            for wish in [Wish::Apply(0), Wish::Apply(1), Wish::Destroy] {
                let cloud = cloud(Sandbox::new());
                assert!(alone(site.run(&cloud, "alice", Wish::Apply(2))).is_ok_and(|code| code == ExitStatus::Fine));
                world(&cloud).lose_answer_after(lost);
                let ended = alone(site.run(&cloud, "alice", wish));
                assert!(ended.as_ref().is_ok_and(|code| *code == ExitStatus::Fine), "{lost} {wish:?}: {ended:?}");
                let newest = alone(runs::newest(&cloud, &site.scope)).expect("it is read");
                // The one before, the one that was given up, and the one that did it; `destroy` takes the record with it.
                let number = if wish == Wish::Destroy { 0 } else { 3 - lost };
                assert_eq!((newest.is_held(), newest.number), (false, number), "{lost} {wish:?}");
                let ended = alone(runs::end_of(&cloud, &site.scope, newest.number)).expect("it is read").1;
                assert_eq!(ended.is_some(), wish != Wish::Destroy, "what came of it is said");
            }
        }
    });
}

/// Begins a run, again when it is not known whose the first one was; `None` when someone else's is in progress.
async fn begun_by(cloud: &Cloud, site: &Site, caller: &str) -> Option<Held> {
    loop {
        let newest = runs::newest(cloud, &site.scope).await.expect("it is read");
        let begun = begun("test", caller, String::new());
        match begin(cloud, &site.scope, newest, &begun, &site.screen).await.expect("it is tried") {
            Attempt::Held(held) => return Some(held),
            Attempt::Stale => return None,
            Attempt::Unknown(_) => {}
        }
    }
}

#[test]
fn of_two_of_whom_one_lost_an_answer_at_most_one_keeps_the_lock() {
    with_clock(|| {
        let site = Site::new("sec");
        let (mut both, mut one) = (0, 0);
        for seed in seeds(PAIRS) {
            let _said = Said(seed);
            let mut random = Random::new(seed);
            let sandbox = Sandbox::new();
            let clouds = [sandbox.second(), sandbox].map(cloud);
            world(&clouds[0]).lose_answer_after(0);
            let works: [Pin<Box<dyn Future<Output = Option<Held>> + '_>>; 2] =
                [Box::pin(begun_by(&clouds[0], &site, "alice")), Box::pin(begun_by(&clouds[1], &site, "bob"))];
            let [first, second] = interleaved(works, &mut random, || {}).map(Option::flatten);
            let mut held: Vec<Held> = [first, second].into_iter().flatten().collect();
            if held.len() == 2 {
                both += 1;
                // The one whose run was ended finds that at its gate, and the other one waits until it has.
                for one in &held {
                    alone(one.look(&clouds[0], &site.scope)).expect("it is read");
                }
                held.retain(|one| !one.is_lost());
            } else {
                one += 1;
            }
            assert!(held.len() <= 1, "both keep the lock: {held:?}");
            let streams = world(&clouds[0]).by_hand(|world| world.run_logs.values().next().expect("a record").clone());
            let is_open = |name: &&String| {
                RunStream::parse(name).is_some_and(|one| !one.is_end)
                    && !streams.streams.contains_key(&format!("{name}.done"))
            };
            assert_eq!(streams.streams.keys().filter(is_open).count(), held.len(), "a lock that no one holds");
        }
        println!("{both} times both began and one was ended, {one} times only one began");
    });
}
