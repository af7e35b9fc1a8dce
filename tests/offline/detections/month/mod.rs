//! The management events of a normal month of one account, from a seed: a million records, made one activity after the other.
//!
//! The account is assumed, not measured. It is a production account of a company: some thirty people sign in through IAM
//! Identity Center and change things through pipelines (`CloudFormation`, `CodePipeline`, Terraform), with the odd change by hand.
//! It runs instances in Auto Scaling groups, containers, and functions; a scanner, AWS Config, and a monitoring service read it
//! all day. Few IAM users are left. Each activity has the number of times that it happens in a month. Reads, assumed roles,
//! and KMS make nine tenths of all records, as is usual. `services`, `deployments`, and `people` include what the alerts are
//! near to. `rare` has the planned work that alerts of the default pack are about: it does fire them. Its numbers decide the
//! result, so they are stated there with their reason.

mod deployments;
mod people;
mod rare;
mod scene;
mod services;

pub(super) use scene::Scene;

/// How many records the month has, about.
pub(super) const RECORDS: u32 = 1_000_000;

/// Something that happens, and the records it makes.
pub(super) struct Activity {
    pub(super) name: &'static str,
    /// How often in a hundred months.
    pub(super) per_hundred_months: u32,
    pub(super) act: fn(&mut Scene),
}

/// What happens `count` times a month.
const fn monthly(name: &'static str, count: u32, act: fn(&mut Scene)) -> Activity {
    Activity { name, per_hundred_months: count * 100, act }
}

/// Everything that happens in the account.
pub(super) fn activities() -> Vec<Activity> {
    let all = [services::activities(), deployments::activities(), people::activities(), rare::activities()];
    all.into_iter().flatten().collect()
}

/// The activities that are about alerts of the default pack.
pub(super) fn planned() -> Vec<Activity> {
    rare::activities()
}

/// Gives `count` records to `each`, with the name of their activity. No more than those of one activity are kept.
pub(super) fn play(seed: u64, count: u32, mut each: impl FnMut(&'static str, &str)) {
    let activities = activities();
    let mut ends = Vec::with_capacity(activities.len());
    let mut total = 0;
    for activity in &activities {
        total += activity.per_hundred_months;
        ends.push(total);
    }
    let mut scene = Scene::new(seed);
    let mut given = 0;
    while given < count {
        let drawn = scene.below(total);
        let activity = &activities[ends.partition_point(|&end| end <= drawn)];
        (activity.act)(&mut scene);
        for record in scene.take() {
            if given < count {
                each(activity.name, &record);
            }
            given += 1;
        }
    }
}
