//! What is known of CloudTrail's events: which there are, what their fields hold, where and how EventBridge gets them.
//!
//! The knowledge is data with its sources (`fields.tsv`, `events.txt`, `regions.txt`); the code beside each file reads
//! it. Nothing here knows of blueprints or stacks.

pub mod events;
pub mod fields;
pub mod possible;
pub mod regions;

use crate::pattern::{Demand, Way};

/// The detail types whose `detail` is a CloudTrail record: those of calls, sign-ins, console actions and services.
/// Insights and network activity are delivered via CloudTrail, too, with other contents. The user guide writes sign-in in
/// one way, the rules in use in another.
pub const RECORD_TYPES: [&str; 5] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Service Event via CloudTrail",
];

/// Both spellings of the detail type of sign-in events. The user guide writes the second, the rules in use the first.
pub const SIGN_IN_TYPES: [&str; 2] = [RECORD_TYPES[1], RECORD_TYPES[2]];

/// The other detail types of what CloudTrail delivers.
pub const OTHER_TYPES: [&str; 2] = ["AWS Insight via CloudTrail", "AWS Network Activity Event via CloudTrail"];

/// The domain of the AWS console in a partition; in front of it stands the region.
#[must_use]
pub fn console(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}

/// Whether in every event of this way `detail` is a CloudTrail record. AWS alone can send events with a source that begins
/// with `aws.`, partners with one that begins with `aws.partner/`; anything else may have been put on the bus by somebody who wants it to look like one.
#[must_use]
pub fn is_record(way: Way) -> bool {
    let all = |path: &str, is: &dyn Fn(&str) -> bool| {
        let texts = way.demand(path).and_then(Demand::texts);
        texts.is_some_and(|texts| texts.into_iter().all(is))
    };
    let names_a_call = || all("detail.eventSource", &|_| true) && way.demand("detail.eventName").is_some();
    all("source", &|text| text.starts_with("aws.") && !text.starts_with("aws.partner/"))
        && match way.demand("detail-type") {
            Some(_) => all("detail-type", &|text| RECORD_TYPES.contains(&text)),
            None => names_a_call(),
        }
}
