//! The tests of an imported blueprint: events that match its pattern and near misses, so that each condition of the pattern
//! is needed by one of them.
//!
//! `values` thinks of values for the fields, `events` puts them into events, `written` says how an event differs from the first
//! one. Whether an event matches is what the pattern engine says; of all events those are kept without which a condition could be
//! lost unnoticed.

mod events;
mod values;
mod written;

use serde_json::Value;

use crate::blueprint::Case;
use crate::cases::without_each;
use crate::pattern::{Pattern, PatternError, Verdict};

/// Most events that are tried.
const MAX_EVENTS: usize = 3_000;

/// The tests for a pattern, and the places of the conditions that none of them needs; no tests if no event is found that
/// matches.
///
/// # Errors
/// The pattern is not valid, or only AWS can evaluate it.
pub(super) fn tests(pattern: &Value) -> Result<(Vec<Case>, Vec<String>), PatternError> {
    let whole = Pattern::from_value(pattern)?;
    let matches =
        |pattern: &Pattern, event: &Value| pattern.matches_value(event).map(|verdict| verdict == Verdict::Matches);
    let mut judged = Vec::new();
    for event in events::all(pattern).into_iter().take(MAX_EVENTS) {
        if let Ok(fits) = matches(&whole, &event) {
            judged.push((event, fits));
        }
    }
    let Some(first) = judged.iter().position(|(_, fits)| *fits) else { return Ok(Default::default()) };
    let base = judged.remove(first);
    let mut open = without_each(pattern);
    let shows =
        |(event, fits): &(Value, bool), less: &Pattern| matches(less, event).is_ok_and(|without| without != *fits);
    open.retain(|(_, less)| !shows(&base, less));
    let mut kept = vec![base];
    for one in judged {
        let before = open.len();
        open.retain(|(_, less)| !shows(&one, less));
        // One near miss at least shows what does not match.
        let is_first_miss = !one.1 && kept.iter().all(|(_, fits)| *fits);
        if open.len() < before || is_first_miss {
            kept.push(one);
        }
    }
    Ok((written::cases(&kept), open.into_iter().map(|(place, _)| place).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::blueprint::Blueprint;
    use crate::cases::conditions;

    /// The blueprint with the tests for a pattern, as it is loaded.
    fn loaded(pattern: &Value) -> Blueprint {
        let (tests, unneeded) = tests(pattern).expect("valid");
        assert_eq!(unneeded, [""; 0], "{pattern}");
        let blueprint = json!({
            "blueprint": "b", "title": "T", "severity": "low",
            "alert": { "pattern": pattern, "message": { "text": "T" } }, "tests": tests,
        });
        let mut blueprint: Blueprint = serde_json::from_value(blueprint).expect("a blueprint");
        blueprint.expand_tests().expect("tests that are right");
        blueprint
    }

    #[test]
    fn every_condition_of_a_pattern_is_needed_by_a_test_and_every_test_is_right() {
        for pattern in [
            json!({ "source": ["aws.iam"], "detail": { "eventSource": ["iam.amazonaws.com"], "eventName": ["CreateUser", "DeleteUser"] } }),
            json!({
                "source": [{ "prefix": "aws." }], "detail-type": ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail", "AWS Console Signin via CloudTrail"],
                "detail": { "userIdentity": { "type": ["Root"] }, "eventType": [{ "anything-but": ["AwsServiceEvent"] }], "errorCode": [{ "exists": false }] },
            }),
            json!({
                "source": ["aws.ec2"],
                "detail": {
                    "eventName": [{ "prefix": "Create" }, { "suffix": "Instances" }, { "equals-ignore-case": "other" }],
                    "$or": [
                        { "userAgent": [{ "wildcard": "*S3*x" }] },
                        { "sourceIPAddress": [{ "cidr": "10.0.0.0/8" }, { "cidr": "2001:db8::/32" }] },
                        { "requestParameters": { "count": [{ "numeric": [">", 5, "<=", 9] }, 42, true, null, { "exists": false }] } },
                    ],
                },
            }),
            json!({ "source": ["com.example.shop"], "detail-type": ["order"], "detail": { "total": [{ "numeric": [">=", 100] }], "to": { "a": ["x"], "b": [{ "anything-but": { "prefix": ["p", "q"] } }, { "exists": false }] } } }),
            json!({ "source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": { "state": ["running"] }, "resources": [{ "prefix": "arn:aws:ec2:" }] }),
            json!({ "source": ["aws.s3"], "detail": { "eventName": [{ "anything-but": { "equals-ignore-case": ["a", "b"] } }], "userAgent": [{ "anything-but": { "wildcard": ["*x*", "y*"] } }] } }),
            json!({ "account": ["111122223333"], "region": ["eu-west-1"], "source": ["aws.iam"], "detail": { "awsRegion": ["eu-west-1"] } }),
        ] {
            let blueprint = loaded(&pattern);
            let read = Pattern::from_value(&pattern).expect("valid");
            for case in &blueprint.tests {
                let fits = read.matches_value(&case.sent()) == Ok(Verdict::Matches);
                assert_eq!(fits, case.expect.matches, "{}: {}", case.name, case.sent());
            }
            let found = conditions(&blueprint);
            assert!(found.unneeded.is_empty(), "{pattern}: {:#?}", found.unneeded);
        }
    }
}
