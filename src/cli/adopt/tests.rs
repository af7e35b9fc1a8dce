//! `adopt` in the sandbox, killed at every write, those of the lock among them: the same command goes on, and only marks are written.

use std::collections::BTreeSet;

use crate::cli::changes::tests::{Site, Wish, alone, holders, with_clock, world};
use crate::cli::changes::{Prepared, Task};
use crate::cli::cloud::Cloud;
use crate::cli::{ExitStatus, Failure};
use crate::plan;
use crate::provider::sandbox::StoredObject;
use crate::provider::{Provider, Search};
use crate::resource::Address;
use crate::runs::{self, Ended, RunResult};

const WISH: Wish = Wish::Apply(1);

/// Takes every mark away, as if someone else had made the stack.
fn unmark(one: &mut StoredObject) {
    if let Some(tags) = one.resource.tags_mut() {
        tags.clear();
    }
    if let Some(words) = one.resource.description_mut() {
        "theirs".clone_into(words);
    }
}

/// Adopts everything that can be adopted, as the program does.
async fn adopt(site: &Site, cloud: &Cloud) -> Result<ExitStatus, Failure> {
    let desired = site.wanted(WISH);
    let can = |address: &&Address| desired[*address].clone().adopt(&site.scope).is_ok();
    let addresses: BTreeSet<Address> = desired.keys().filter(can).cloned().collect();
    let prepare = async || {
        let live = cloud.read(&site.scope, Search::of(&desired)).await?;
        let plan = plan::adopt(&site.scope, &desired, &live, &addresses)?;
        Ok(Prepared { plan, desired: desired.clone() })
    };
    let task = Task { label: None, removes_log: false, ..site.task(cloud, "alice", WISH) };
    Box::pin(task.run(prepare, &site.global, &site.screen)).await
}

#[test]
fn an_adoption_that_is_killed_at_any_call_is_continued_by_running_it_again() {
    with_clock(|| {
        let site = Site::new("sec");
        let mut is_whole = false;
        for stop in 0..60 {
            let cloud = Cloud::Sandbox(Box::default(), Vec::new());
            assert!(alone(site.run(&cloud, "alice", WISH)).is_ok());
            world(&cloud).by_hand(|world| world.objects.values_mut().for_each(unmark));
            let count = world(&cloud).by_hand(|world| world.objects.len());
            world(&cloud).fail_after(Some(stop));
            is_whole = matches!(alone(adopt(&site, &cloud)), Ok(ExitStatus::Fine));
            world(&cloud).fail_after(None);
            let newest = alone(runs::newest(&cloud, &site.scope)).expect("the sandbox answers");
            if newest.is_held() {
                let ended = Ended { result: RunResult::Broken, by: "carol".to_owned(), changes: <_>::default() };
                alone(runs::end(&cloud, &site.scope, newest.number, &ended)).expect("the sandbox answers");
            }
            // What is managed already, all of it, is refused.
            let again = alone(adopt(&site, &cloud));
            let left = alone(site.prepare(&cloud, WISH)).expect("nothing is in the way anymore");
            assert!(left.plan.steps.iter().all(|step| step.change.action() == "update"), "{stop}: {again:?}");
            assert_eq!(world(&cloud).by_hand(|world| world.objects.len()), count);
            assert_eq!(world(&cloud).by_hand(|world| holders(world, &site.scope)), 0);
            if is_whole {
                assert!(matches!(again, Err(Failure::Refused(_))), "{again:?}");
                eprintln!("an adoption is killed at each of {stop} writes");
                break;
            }
        }
        assert!(is_whole, "an adoption has more calls than were tried");
    });
}
