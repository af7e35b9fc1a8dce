//! The last look after changes: "Done" is said only of what was seen.
//!
//! Someone may change the stack at the same time, and an answer of AWS may be older than what was just written, so what differs is
//! read again a few times before it counts. Neighbor: `apply`, which made the changes.

use std::time::Duration;

use super::cloud::Cloud;
use super::screen::Screen;
use super::session::read;
use super::{Failure, Output};
use crate::plan::{self, Plan, Purpose};
use crate::provider::Provider;
use crate::resource::ResourceSet;

/// How often what differs is read again, and how long after.
const TIMES: usize = 5;
const BETWEEN: Duration = Duration::from_secs(3);

/// Reads the stack again after all changes of a plan were made.
///
/// # Errors
/// It is not what it should be, or it cannot be read.
pub(super) async fn recheck(
    plan: &Plan,
    desired: &ResourceSet,
    cloud: &Cloud,
    output: Output,
    screen: &Screen,
) -> Result<(), Failure> {
    for time in 0.. {
        let left = left(plan, desired, cloud, screen).await?;
        if left.is_empty() {
            return Ok(());
        }
        if time == TIMES {
            return Err(differs(plan.purpose, &left));
        }
        if time == 0 && output == Output::Text {
            screen.note("what was changed is not seen yet: reading it again…");
        }
        cloud.rest(BETWEEN).await;
    }
    Ok(())
}

/// What is not as it should be, in words.
async fn left(plan: &Plan, desired: &ResourceSet, cloud: &Cloud, screen: &Screen) -> Result<Vec<String>, Failure> {
    let live = read(cloud, &plan.scope, desired, screen).await?;
    let again = match plan.purpose {
        Purpose::Apply => plan::plan(&plan.scope, desired, &live)?,
        Purpose::Destroy => plan::destroy(&plan.scope, &live)?,
    };
    let words = |step: &plan::PlanStep| match plan.purpose {
        Purpose::Apply => step.change.difference(),
        Purpose::Destroy => format!("{} exists", step.change.address().short()),
    };
    Ok(again.steps.iter().map(words).collect())
}

fn differs(purpose: Purpose, left: &[String]) -> Failure {
    let what = match purpose {
        Purpose::Apply => "the stack is not as its file describes",
        Purpose::Destroy => "the stack is not gone",
    };
    Failure::other(
        format!("all changes were made, but {what}: {}", left.join("; ")),
        "someone else may be changing it at the same time; `trailbell status` shows what there is, and the same command goes on",
    )
}
