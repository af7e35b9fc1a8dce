//! Trails: whether one that is logging records an event, so that EventBridge or a log group gets it at all.
//!
//! CloudTrail events reach EventBridge only while a trail records them (EventBridge user guide, "AWS service events delivered
//! via AWS CloudTrail"). What a trail records is said by its event selectors (CloudTrail API reference, `EventSelector`,
//! `AdvancedFieldSelector`). What cannot be told is *unknown*, never taken for covered. Pure: a provider reads the trails.

mod need;
mod selects;

use serde::{Deserialize, Serialize};

use need::Category;
pub use need::{Need, data_resource};
use selects::records;

/// A trail as it is in the account, or the shadow of one of another region or of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// Its ARN.
    pub arn: String,
    /// The region it was created in.
    pub home_region: String,
    /// Whether it records the events of every region.
    pub is_multi_region: bool,
    /// Whether it records the events of global services, such as IAM.
    pub has_global_services: bool,
    /// The ARN of the log group it delivers to, if it does.
    pub log_group_arn: Option<String>,
    /// Whether it is logging; `None` when the account did not tell.
    pub is_logging: Option<bool>,
    /// What it records: an event is recorded if any of them selects it. `None` when the account did not tell.
    pub selectors: Option<Vec<TrailSelector>>,
}

/// What a trail records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailSelector {
    /// A basic event selector.
    Basic {
        /// Whether it selects calls that read.
        reads: bool,
        /// Whether it selects calls that write.
        writes: bool,
        /// Whether it selects management events.
        management: bool,
        /// Event sources whose management events it leaves out.
        excluded_sources: Vec<String>,
        /// The types of resources whose data events it selects, such as `AWS::S3::Object`, for all resources.
        data_types: Vec<String>,
        /// The types of resources whose data events it selects for some resources only.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        partial_data_types: Vec<String>,
    },
    /// An advanced event selector: every field must fit.
    Advanced(Vec<FieldSelector>),
}

/// One field of an advanced event selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSelector {
    /// The field, such as `eventCategory`.
    pub field: String,
    /// The value is one of these.
    pub equals: Vec<String>,
    /// The value begins with one of these.
    pub starts_with: Vec<String>,
    /// The value ends in one of these.
    pub ends_with: Vec<String>,
    /// The value is none of these.
    pub not_equals: Vec<String>,
    /// The value begins with none of these.
    pub not_starts_with: Vec<String>,
    /// The value ends in none of these.
    pub not_ends_with: Vec<String>,
}

/// Whether an event is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// A trail that is logging records it.
    Recorded {
        /// The trail's ARN.
        trail: String,
    },
    /// None does.
    Missing {
        /// What is missing.
        why: String,
        /// The fix.
        fix: String,
    },
    /// The account does not tell enough.
    Unknown {
        /// What is not known.
        why: String,
    },
}

/// Whether a trail records such events in a region, for EventBridge.
#[must_use]
pub fn coverage(trails: &[Trail], region: &str, need: &Need) -> Coverage {
    let here: Vec<&Trail> = trails.iter().filter(|one| one.is_multi_region || one.home_region == region).collect();
    if here.is_empty() {
        return Coverage::Missing {
            why: format!("no trail records the events of {region}, so CloudTrail events do not reach EventBridge"),
            fix: format!("create a trail in {region} or a multi-region trail, and start logging"),
        };
    }
    best(&here, need)
}

/// Whether a trail that delivers to this log group (by its ARN, without `:*`) records such events.
#[must_use]
pub fn feeds(trails: &[Trail], log_group_arn: &str, need: &Need) -> Coverage {
    let is_it = |one: &&Trail| {
        one.log_group_arn.as_deref().is_some_and(|arn| arn.strip_suffix(":*").unwrap_or(arn) == log_group_arn)
    };
    let delivering: Vec<&Trail> = trails.iter().filter(is_it).collect();
    if delivering.is_empty() {
        // CloudTrail also writes into log groups without a trail, and people copy records by other means.
        let why = format!(
            "no trail of this account delivers to {log_group_arn}; what writes CloudTrail records there is not known"
        );
        return Coverage::Unknown { why };
    }
    best(&delivering, need)
}

/// The best that one of several trails does.
fn best(trails: &[&Trail], need: &Need) -> Coverage {
    let logging: Vec<&&Trail> = trails.iter().filter(|one| one.is_logging != Some(false)).collect();
    if logging.is_empty() {
        let names = list(trails.iter().map(|one| one.arn.as_str()));
        return Coverage::Missing {
            why: format!("no trail is logging: {names}"),
            fix: format!("start logging: `aws cloudtrail start-logging --name {}`", trails[0].arn),
        };
    }
    let mut unknown = None;
    for trail in &logging {
        match (trail.is_logging, records(trail, need)) {
            (Some(true), Some(true)) => return Coverage::Recorded { trail: trail.arn.clone() },
            (None, Some(true)) => {
                unknown.get_or_insert_with(|| format!("whether the trail {} is logging", trail.arn));
            }
            (_, None) => {
                unknown.get_or_insert_with(|| format!("whether the trail {} records {}", trail.arn, need.words()));
            }
            (Some(false), _) | (_, Some(false)) => {}
        }
    }
    if let Some(why) = unknown {
        return Coverage::Unknown { why: format!("it is not known {why}") };
    }
    Coverage::Missing {
        why: format!("no trail records {}: {}", need.words(), list(logging.iter().map(|one| one.arn.as_str()))),
        fix: fix(need),
    }
}

fn fix(need: &Need) -> String {
    let what = match (need.category, &need.resource_type) {
        (Category::Management, _) if need.is_read == Some(true) => "read and write management events",
        (Category::Management, _) => "management events of this event source",
        (Category::Data, Some(kind)) => {
            return format!("add data events of {kind} to a trail: `aws cloudtrail put-event-selectors`");
        }
        (Category::Data, None) => "data events of this kind",
        (Category::Insight, _) => return "turn on Insights events: `aws cloudtrail put-insight-selectors`".to_owned(),
        (Category::NetworkActivity, _) => "network activity events of this event source",
    };
    format!("add {what} to a trail: `aws cloudtrail put-event-selectors`")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
