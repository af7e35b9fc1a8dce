//! What is known of CloudTrail's events: which there are, what their fields hold, where and how EventBridge gets them.
//!
//! The knowledge is data with its sources (`fields.tsv`, `parameters.txt`, `events.txt`, `regions.txt`); the code next to each file
//! reads it. Nothing here knows of blueprints or stacks.

pub mod events;
pub mod fields;
pub mod forgery;
mod parameters;
pub mod possible;
pub mod regions;
pub mod self_caused;
pub mod techniques;
pub mod trail;

use crate::pattern::Branch;

/// The detail types of what CloudTrail delivers.
/// Source: EventBridge user guide, "AWS service events delivered via AWS CloudTrail".
pub const DETAIL_TYPES: [&str; 7] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Service Event via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Network Activity Event via CloudTrail",
];

/// Both spellings of the detail type of sign-in events. The user guide writes the second, the rules in use the first.
pub const SIGN_IN_TYPES: [&str; 2] = [DETAIL_TYPES[1], DETAIL_TYPES[2]];

/// The detail type of Insights events, whose records are about many calls and name them inside `insightDetails`.
pub const INSIGHT: &str = DETAIL_TYPES[5];

/// The domain of the AWS console in a partition, where it is public; in front of it is the region.
#[must_use]
pub fn console(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("console.aws.amazon.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        _ => None,
    }
}

/// Whether in every event of this branch `detail` is a CloudTrail record, beyond doubt. AWS alone can send events with a
/// source that begins with `aws.`; anything else may have been put on the bus by someone who wants it to look like
/// one. (Partners' sources begin with `aws.partner/`; their events have buses of their own.)
#[must_use]
pub fn is_record(branch: Branch) -> bool {
    let names_a_call = || {
        branch.demand("detail.eventSource").is_some_and(|demand| demand.texts().is_some())
            && branch.demand("detail.eventName").is_some()
    };
    branch.demand("source").is_some_and(|demand| demand.all_begin_with("aws."))
        && match branch.demand("detail-type") {
            Some(demand) => {
                let types = demand.texts();
                types.is_some_and(|types| types.iter().all(|one| DETAIL_TYPES.contains(one)))
            }
            None => names_a_call(),
        }
}

/// Whether events of CloudTrail can match this branch, and the author means them: it wants one of their detail types, or
/// something of a field that records have.
#[must_use]
pub fn wants_records(branch: Branch) -> bool {
    let is_aws = |source: &str| source.starts_with("aws.") || source.ends_with(".amazonaws.com");
    let may_be_aws = branch.demand("source").is_none_or(|demand| match demand.texts() {
        Some(sources) => sources.into_iter().any(is_aws),
        None => events::services().any(|service| demand.accepts_text(&service)),
    });
    may_be_aws
        && match branch.demand("detail-type") {
            Some(demand) => DETAIL_TYPES.iter().any(|one| demand.accepts_text(one)),
            None => branch.demands().any(|demand| fields::is_of_records(demand.path())),
        }
}
