//! Whether someone else than AWS can make events that a pattern matches: the forgery proof.
//!
//! Anyone with `events:PutEvents` puts events with any content on the bus, but only AWS uses sources that begin with `aws.`
//! (EventBridge API reference, `PutEventsRequestEntry`: "you cannot use `aws.`"). Of AWS's own events, CloudTrail's records of
//! refused calls carry parameters that a caller without any permission chose. What cannot be shown to be impossible is
//! possible. Neighbor: `self_caused`, the loop proof. Users: `check`.

use serde_json::{Value, json};

use super::DETAIL_TYPES;
use crate::filter::{Filter, Judgment};
use crate::pattern::{Branch, Demand, Pattern};

/// The beginning of the sources that only AWS can use.
const OF_AWS: &str = "aws.";

/// The fields of a record that only a call that failed has.
/// Source: CloudTrail user guide, "CloudTrail record contents", `errorCode` and `errorMessage`.
const OF_FAILURE: [&str; 2] = ["detail.errorCode", "detail.errorMessage"];

/// Whether only AWS can send the events that match: every branch lists sources that begin with `aws.`.
#[must_use]
pub fn is_of_aws(pattern: &Pattern) -> bool {
    pattern.branches().all(comes_from_aws)
}

/// Whether a call that was refused can match.
#[must_use]
pub fn can_be_refused(pattern: &Pattern) -> bool {
    let is_successful =
        |branch: Branch| OF_FAILURE.iter().all(|field| branch.demand(field).is_some_and(Demand::is_absence));
    pattern.branches().any(|branch| can_be_record(branch) && !is_successful(branch))
}

/// Whether anyone can trigger the alert as often as they like: it is about refused calls or failed sign-ins, or its events
/// can come from someone else than AWS.
#[must_use]
pub fn is_at_will(pattern: &Pattern) -> bool {
    let wants_failure = |branch: Branch| {
        let is_there =
            |field: &str| branch.demand(field).is_some_and(|one| one.can_be_text() && !one.accepts_absence());
        let sign_in = branch.demand("detail.responseElements.ConsoleLogin");
        OF_FAILURE.iter().any(|field| is_there(field))
            || sign_in.is_some_and(|one| one.accepts_text("Failure") && !one.accepts_text("Success"))
    };
    pattern.branches().any(|branch| !comes_from_aws(branch) || can_be_record(branch) && wants_failure(branch))
}

/// Whether a filter of log lines is about refused calls or failed sign-ins: it selects such a record, and not the same one of
/// a success.
#[must_use]
pub fn is_filter_at_will(filter: &Filter) -> bool {
    let matches = |record: &Value| matches!(filter.matches(&record.to_string()), Judgment::Matches);
    failures().iter().any(|(failed, succeeded)| matches(failed) && !matches(succeeded))
}

fn comes_from_aws(branch: Branch) -> bool {
    branch.demand("source").is_some_and(|demand| demand.all_begin_with(OF_AWS))
}

/// Whether an event of CloudTrail can match. What services send themselves has other detail types.
pub(super) fn can_be_record(branch: Branch) -> bool {
    branch.demand("detail-type").is_none_or(|demand| DETAIL_TYPES.iter().any(|one| demand.accepts_text(one)))
}

/// Records of failures, each next to the same one of a success.
fn failures() -> Vec<(Value, Value)> {
    let record = |source: &str, name: &str, kind: &str, change: Value| {
        let mut record = json!({
            "eventVersion": "1.11", "userIdentity": { "type": "IAMUser", "principalId": "AIDAEXAMPLE", "userName": "alice" },
            "eventTime": "2026-01-02T03:04:05Z", "eventSource": source, "eventName": name, "awsRegion": "us-east-1",
            "sourceIPAddress": "192.0.2.10", "userAgent": "aws-cli", "readOnly": false, "eventType": kind,
            "managementEvent": true, "recipientAccountId": "111122223333", "eventCategory": "Management",
        });
        if let (Some(record), Value::Object(change)) = (record.as_object_mut(), change) {
            record.extend(change);
        }
        record
    };
    let codes = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Client.UnauthorizedOperation"];
    let calls = codes.iter().map(|code| {
        let of = |change| record("ec2.amazonaws.com", "RunInstances", "AwsApiCall", change);
        (of(json!({ "errorCode": code, "errorMessage": "not authorized" })), of(json!({})))
    });
    let sign_in = |change| record("signin.amazonaws.com", "ConsoleLogin", "AwsConsoleSignIn", change);
    let failed = json!({ "errorMessage": "Failed authentication", "responseElements": { "ConsoleLogin": "Failure" } });
    let succeeded = json!({ "responseElements": { "ConsoleLogin": "Success" } });
    calls.chain([(sign_in(failed), sign_in(succeeded))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(value: &Value) -> Pattern {
        Pattern::from_value(value).unwrap_or_else(|error| panic!("{value}: {error}"))
    }

    #[test]
    fn only_sources_that_begin_with_aws_are_of_aws() {
        let good = [
            json!({ "source": ["aws.iam"] }),
            json!({ "source": ["aws.iam", "aws.sts", { "prefix": "aws.s" }] }),
            json!({ "source": [{ "prefix": "aws." }] }),
            json!({ "source": [{ "wildcard": "aws.*" }] }),
            json!({ "$or": [{ "source": ["aws.iam"] }, { "source": [{ "prefix": "aws." }] }] }),
            json!({ "source": ["aws.iam"], "$or": [{ "detail-type": ["a"] }, { "detail-type": ["b"] }] }),
        ];
        let bad = [
            json!({ "detail-type": ["AWS API Call via CloudTrail"] }),
            json!({ "source": ["aws.iam", "my.app"] }),
            json!({ "source": [{ "prefix": "aws" }] }),
            json!({ "source": [{ "suffix": ".iam" }] }),
            json!({ "source": [{ "equals-ignore-case": "aws.iam" }] }),
            json!({ "source": [{ "prefix": { "equals-ignore-case": "aws." } }] }),
            json!({ "source": [{ "anything-but": ["my.app"] }] }),
            json!({ "source": [{ "anything-but": { "prefix": "my." } }] }),
            json!({ "source": [{ "wildcard": "a*.iam" }] }),
            json!({ "source": [{ "exists": true }] }),
            json!({ "$or": [{ "source": ["aws.iam"] }, { "detail-type": ["x"] }] }),
            json!({ "source": ["aws.iam"], "$or": [{ "source": ["x"] }, { "detail-type": ["x"] }] }),
        ];
        for one in good {
            assert!(is_of_aws(&pattern(&one)), "{one}");
        }
        for one in bad {
            assert!(!is_of_aws(&pattern(&one)), "{one}");
        }
    }

    #[test]
    fn a_refused_call_matches_unless_both_fields_are_absent() {
        let call = |detail: Value| {
            pattern(&json!({ "source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"], "detail": detail }))
        };
        let absent = json!([{ "exists": false }]);
        assert!(can_be_refused(&call(json!({ "eventName": ["CreateUser"] }))));
        assert!(can_be_refused(&call(json!({ "errorCode": absent }))));
        assert!(can_be_refused(&call(json!({ "errorMessage": absent }))));
        assert!(can_be_refused(&call(json!({ "errorCode": absent, "errorMessage": ["x"] }))));
        assert!(!can_be_refused(&call(json!({ "errorCode": absent, "errorMessage": absent }))));
        assert!(can_be_refused(&pattern(&json!({ "source": ["aws.guardduty"] }))));
        let own = json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"] });
        assert!(!can_be_refused(&pattern(&own)), "what services send themselves is not a call");
    }

    #[test]
    fn what_anyone_can_cause_is_at_will() {
        let call = |detail: Value| json!({ "source": ["aws.iam"], "detail": detail });
        let cases = [
            (call(json!({ "eventName": ["CreateUser"] })), false),
            (call(json!({ "errorCode": ["AccessDenied"] })), true),
            (call(json!({ "errorCode": [{ "exists": true }] })), true),
            (call(json!({ "errorCode": [{ "exists": false }] })), false),
            (json!({ "source": ["aws.signin"], "detail": { "errorMessage": ["Failed authentication"] } }), true),
            (
                json!({ "source": ["aws.signin"], "detail": { "responseElements": { "ConsoleLogin": ["Failure"] } } }),
                true,
            ),
            (
                json!({ "source": ["aws.signin"], "detail": { "responseElements": { "ConsoleLogin": ["Success"] } } }),
                false,
            ),
            (json!({ "source": ["my.app"] }), true),
            (json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"] }), false),
        ];
        for (one, expected) in cases {
            assert_eq!(is_at_will(&pattern(&one)), expected, "{one}");
        }
        let filters = [
            (r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#, true),
            (r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#, true),
            ("{ $.eventName = StopLogging }", false),
            (r#"{ $.eventVersion = "*" }"#, false),
        ];
        for (text, expected) in filters {
            assert_eq!(is_filter_at_will(&crate::filter::parse(text).expect("valid")), expected, "{text}");
        }
    }
}
