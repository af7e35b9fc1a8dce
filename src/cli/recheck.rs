//! The last look after changes: "Done" is said only of what was seen.
//!
//! Someone may change the stack at the same time, and an answer of AWS may be older than what was just written, so what differs is
//! read again a few times before it counts. Neighbor: `apply`, which made the changes.

use std::time::Duration;

use super::Failure;
use super::cloud::Cloud;
use super::screen::Screen;
use super::session::read;
use crate::plan::{self, Change, Plan, Purpose};
use crate::provider::Provider;
use crate::resource::{Address, ResourceSet};

/// How long what differs may differ, and how often it is read in that time. SQS is the slowest to show a change: "up to 60
/// seconds" (SQS API reference, `SetQueueAttributes` and `DeleteQueue`).
const LIMIT_SECONDS: u64 = 75;
const BETWEEN_SECONDS: u64 = 3;

/// Reads the stack again after all changes of a plan were made.
///
/// # Errors
/// It is not what it should be, or it cannot be read.
pub(super) async fn recheck(plan: &Plan, desired: &ResourceSet, cloud: &Cloud, screen: &Screen) -> Result<(), Failure> {
    let mut waited = 0;
    loop {
        let left = left(plan, desired, cloud, screen).await?;
        if left.is_empty() {
            return Ok(());
        }
        if waited >= LIMIT_SECONDS {
            return Err(differs(plan.purpose, &left));
        }
        if waited == 0 {
            let left = left.join("; ");
            screen.note(&format!("waiting until AWS shows all changes (up to {LIMIT_SECONDS} s): {left}"));
        }
        cloud.rest(Duration::from_secs(BETWEEN_SECONDS)).await;
        waited += BETWEEN_SECONDS;
    }
}

/// What is not as it should be, in words.
async fn left(plan: &Plan, desired: &ResourceSet, cloud: &Cloud, screen: &Screen) -> Result<Vec<String>, Failure> {
    let live = read(cloud, &plan.scope, desired, plan.purpose, screen).await?;
    let all =
        |plan: &Plan, words: &dyn Fn(&Change) -> String| plan.steps.iter().map(|step| words(&step.change)).collect();
    Ok(match plan.purpose {
        Purpose::Apply => all(&plan::plan(&plan.scope, desired, &live)?, &Change::difference),
        Purpose::Destroy => {
            all(&plan::destroy(&plan.scope, &live)?, &|change| format!("{} exists", change.address().short()))
        }
        Purpose::Adopt => {
            let adopted = plan.steps.iter().map(|step| step.change.address());
            let is_unmarked = |one: &&Address| !live.managed.contains_key(*one) || live.unmarked.contains(*one);
            adopted.filter(is_unmarked).map(|one| format!("{} has no mark", one.short())).collect()
        }
    })
}

fn differs(purpose: Purpose, left: &[String]) -> Failure {
    let what = match purpose {
        Purpose::Apply => "the stack is not as its file describes",
        Purpose::Destroy => "the stack is not gone",
        Purpose::Adopt => "not everything is managed",
    };
    Failure::other(
        format!("all changes were made, but {what}: {}", left.join("; ")),
        "someone else may be changing it at the same time; `trailbell status` shows what there is, and the same command goes on",
    )
}
