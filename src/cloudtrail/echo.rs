//! Whether a call that a remediation makes could match the pattern that called it: then it would go on forever.
//!
//! The answer is a proof or nothing: what cannot be shown to be impossible is possible. Users: `blueprint::check`, `stack`.

use serde_json::{Value, json};

use super::{DETAIL_TYPES, events};
use crate::pattern::{Pattern, Way};

/// Who makes the call, as CloudTrail writes it: a session of a function's execution role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name of the role.
    pub role: String,
    /// The ARN of the role.
    pub role_arn: String,
    /// The ARN of the session: `arn:aws:sts::123456789012:assumed-role/ROLE/FUNCTION`.
    pub session_arn: String,
}

/// Whether the calls that an IAM action such as `cloudtrail:StartLogging` allows could match the pattern. `callers` are
/// examples of who could make them; a pattern that shuts out all of them is safe.
#[must_use]
pub fn may_echo(pattern: &Pattern, action: &str, callers: &[Caller]) -> bool {
    pattern.ways().any(|way| !is_shut_out(way, callers) && !is_other_event(way, action))
}

/// The calls that Lambda makes for each function of trailbell's, whatever its code does: CloudTrail records them.
pub const OF_EVERY_FUNCTION: [&str; 2] = ["sts:AssumeRole", "logs:CreateLogStream"];

/// Whether the calls that come with every function could match the pattern that calls one. For `sts:AssumeRole` the caller
/// is Lambda itself.
#[must_use]
pub fn may_echo_by_itself(pattern: &Pattern, callers: &[Caller]) -> Option<&'static str> {
    let is_of_lambda = |way: Way| {
        way.demand("detail.userIdentity.type").is_none_or(|demand| demand.accepts_text("AWSService"))
            && way
                .demand("detail.userIdentity.invokedBy")
                .is_none_or(|demand| demand.accepts_text("lambda.amazonaws.com"))
    };
    let [assume, write] = OF_EVERY_FUNCTION;
    if pattern.ways().any(|way| is_of_lambda(way) && !is_other_event(way, assume)) {
        return Some(assume);
    }
    may_echo(pattern, write, callers).then_some(write)
}

/// Records of these calls as a log group has them: of the stack and the function with these names.
#[must_use]
pub fn records_of_every_function(caller: &Caller) -> [Value; 2] {
    let record = |source: &str, name: &str, identity: Value, parameters: Value| {
        json!({
            "eventVersion": "1.11", "userIdentity": identity, "eventTime": "2026-01-02T03:04:05Z",
            "eventSource": source, "eventName": name, "awsRegion": "us-east-1",
            "sourceIPAddress": "lambda.amazonaws.com", "userAgent": "lambda.amazonaws.com",
            "requestParameters": parameters, "responseElements": {}, "eventType": "AwsApiCall",
            "managementEvent": true, "recipientAccountId": "123456789012", "eventCategory": "Management",
        })
    };
    let service = json!({ "type": "AWSService", "invokedBy": "lambda.amazonaws.com" });
    let session = json!({
        "type": "AssumedRole", "arn": caller.session_arn, "accountId": "123456789012",
        "sessionContext": { "sessionIssuer": { "type": "Role", "arn": caller.role_arn, "userName": caller.role } },
    });
    [
        record("sts.amazonaws.com", "AssumeRole", service, json!({ "roleArn": caller.role_arn })),
        record("logs.amazonaws.com", "CreateLogStream", session, json!({ "logGroupName": "/aws/lambda/trailbell" })),
    ]
}

/// Whether the pattern asks for somebody else.
fn is_shut_out(way: Way, callers: &[Caller]) -> bool {
    let rejects = |field: &str, value: &str| way.demand(field).is_some_and(|demand| !demand.accepts_text(value));
    let is_rejected = |caller: &Caller| {
        let issuer = "detail.userIdentity.sessionContext.sessionIssuer";
        rejects("detail.userIdentity.type", "AssumedRole")
            || rejects("detail.userIdentity.arn", &caller.session_arn)
            || rejects(&format!("{issuer}.userName"), &caller.role)
            || rejects(&format!("{issuer}.arn"), &caller.role_arn)
            || rejects(&format!("{issuer}.type"), "Role")
    };
    !callers.is_empty() && callers.iter().all(is_rejected)
}

/// Whether the pattern asks for events that such a call does not give.
fn is_other_event(way: Way, action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    let source = way.demand("source");
    let is_not_of_aws =
        source.is_some_and(|one| one.texts().is_some_and(|all| all.iter().all(|one| !one.starts_with("aws."))));
    if is_not_of_aws {
        // Calls give events of AWS, but this one puts any other on the bus.
        return !action.eq_ignore_ascii_case("events:PutEvents");
    }
    let hears_calls =
        way.demand("detail-type").is_none_or(|one| DETAIL_TYPES.iter().any(|known| one.accepts_text(known)));
    if !hears_calls {
        // What a service tells by itself may well be about what was done to it.
        return source.is_some_and(|one| !one.accepts_text(&format!("aws.{service}")));
    }
    let event_source = format!("{service}.amazonaws.com");
    if !events::is_source(&event_source) {
        // IAM calls some services otherwise than CloudTrail does.
        return false;
    }
    // The source of an event is `aws.` and the first label of the event source.
    let is_of_others =
        |texts: Vec<&str>| texts.iter().all(|one| !events::sources_of(one).contains(&event_source.as_str()));
    if source.is_some_and(|one| one.texts().is_some_and(is_of_others)) {
        return true;
    }
    let is_other_source = way.demand("detail.eventSource").is_some_and(|one| !one.accepts_text(&event_source));
    is_other_source || is_other_name(way, &event_source, name)
}

/// Whether the pattern asks for other names than such calls have. Only for actions that are called like the call.
fn is_other_name(way: Way, event_source: &str, action: &str) -> bool {
    let known = events::find(event_source, action).filter(|one| !one.is_only_action);
    let (Some(demand), Some(known)) = (way.demand("detail.eventName"), known) else { return false };
    let names = known.written.into_iter().chain([action]);
    let versions: &[&str] =
        if events::is_versioned(event_source) { &["", "20150331", "20150331v2", "2020_05_31"] } else { &[""] };
    let mut written = names.flat_map(|name| versions.iter().map(move |version| format!("{name}{version}")));
    written.all(|name| !demand.accepts_text(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callers() -> Vec<Caller> {
        ["a", "b-c"]
            .map(|stack| {
                let role = format!("trailbell-{stack}_x-function-us-east-1_role");
                Caller {
                    role_arn: format!("arn:aws:iam::123456789012:role/trailbell/{stack}/{role}"),
                    session_arn: format!("arn:aws:sts::123456789012:assumed-role/{role}/trailbell-{stack}_x_function"),
                    role,
                }
            })
            .to_vec()
    }

    #[test]
    fn what_comes_with_every_function_is_thought_of() {
        let cases = [
            (json!({"source": ["aws.sts"]}), Some("sts:AssumeRole")),
            (json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRole"]}}), Some("sts:AssumeRole")),
            (json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRoot"]}}), None),
            (json!({"source": ["aws.sts"], "detail": {"userIdentity": {"type": ["IAMUser"]}}}), None),
            (json!({"source": ["aws.sts"], "detail": {"userIdentity": {"invokedBy": [{"exists": false}]}}}), None),
            (
                json!({"source": ["aws.logs"], "detail": {"eventSource": ["logs.amazonaws.com"]}}),
                Some("logs:CreateLogStream"),
            ),
            (
                json!({"source": ["aws.logs"], "detail": {"eventName": ["DeleteLogGroup"], "eventSource": ["logs.amazonaws.com"]}}),
                None,
            ),
            (json!({"detail": {"eventSource": ["cloudtrail.amazonaws.com"]}}), None),
            (json!({"source": ["my.app"]}), None),
        ];
        for (pattern, expected) in cases {
            let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(may_echo_by_itself(&parsed, &callers()), expected, "{pattern}");
        }
    }

    #[test]
    fn only_what_is_proven_impossible_is_safe() {
        let start = "cloudtrail:StartLogging";
        let trail = json!(["cloudtrail.amazonaws.com"]);
        let by = |who: serde_json::Value| json!({"source": ["aws.cloudtrail"], "detail": {"eventSource": trail, "userIdentity": who}});
        let cases = [
            (
                json!({"source": ["aws.cloudtrail"], "detail": {"eventSource": trail, "eventName": ["StopLogging"]}}),
                start,
                false,
            ),
            (
                json!({"source": ["aws.cloudtrail"], "detail": {"eventSource": trail, "eventName": ["StopLogging", "StartLogging"]}}),
                start,
                true,
            ),
            (
                json!({"source": ["aws.cloudtrail"], "detail": {"eventName": [{"anything-but": ["StartLogging"]}]}}),
                start,
                false,
            ),
            (json!({"source": ["aws.cloudtrail"], "detail": {"eventName": [{"suffix": "Logging"}]}}), start, true),
            (json!({"source": ["aws.cloudtrail"]}), start, true),
            (json!({"detail": {"eventSource": ["iam.amazonaws.com"]}}), start, false),
            (
                json!({"$or": [{"detail": {"eventSource": ["iam.amazonaws.com"]}}, {"source": ["aws.cloudtrail"]}]}),
                start,
                true,
            ),
            // An action that is not called like its call proves nothing by its name.
            (json!({"detail": {"eventName": ["StopLogging"]}}), "cloudtrail:NoSuchAction", true),
            (json!({"detail": {"eventName": ["PutBucketEncryption"]}}), "s3:PutEncryptionConfiguration", true),
            (json!({"detail": {"eventName": ["PutBucketPolicy"]}}), "s3:PutEncryptionConfiguration", false),
            (json!({"detail": {"eventName": ["StopLogging"]}}), "account:CloseAccount", true),
            (json!({"detail": {"eventName": ["StopLogging"]}}), "nosuchservice:StartLogging", true),
            (
                json!({"detail": {"eventName": [{"prefix": "UpdateFunctionCode20150331"}]}}),
                "lambda:UpdateFunctionCode",
                true,
            ),
            // Events that services tell by themselves.
            (json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}), "ec2:StopInstances", false),
            (
                json!({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}),
                "ec2:StartInstances",
                true,
            ),
            (json!({"source": ["my.app"]}), start, false),
            (json!({"source": ["my.app"]}), "events:PutEvents", true),
            // Somebody else.
            (by(json!({"type": ["Root", "IAMUser"]})), start, false),
            (by(json!({"arn": [{"anything-but": {"wildcard": "arn:*:assumed-role/trailbell-*"}}]})), start, false),
            (by(json!({"arn": [{"anything-but": {"wildcard": "*trailbell-a_*"}}]})), start, true),
            (
                by(
                    json!({"sessionContext": {"sessionIssuer": {"userName": [{"anything-but": {"prefix": "trailbell-"}}]}}}),
                ),
                start,
                false,
            ),
            (by(json!({"principalId": [{"anything-but": {"prefix": "trailbell-"}}]})), start, true),
        ];
        for (pattern, action, expected) in cases {
            let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(may_echo(&parsed, action, &callers()), expected, "{action}: {pattern}");
        }
    }
}
