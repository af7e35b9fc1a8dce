//! Whether a call that a function makes could match the pattern or filter that called it: then it would go on forever.
//!
//! For event patterns the answer is a proof or nothing: what cannot be shown to be impossible is possible. For filters of log
//! lines it is an example: records of such calls, as complete as they can be known. Users: `check`.

use serde_json::{Value, json};

use super::{DETAIL_TYPES, events};
use crate::pattern::{Branch, Demand, Pattern};

/// Who makes the call, as CloudTrail writes it: a session of a function's execution role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The name of the role; it begins with `trailbell-`.
    pub role: String,
    /// The ARN of the role.
    pub role_arn: String,
    /// The ARN of the session: `arn:aws:sts::123456789012:assumed-role/ROLE/FUNCTION`.
    pub session_arn: String,
}

/// What the names of all roles and functions of trailbell begin with.
const OURS: &str = "trailbell-";

/// The calls that AWS makes for each function of trailbell's and for each message, whatever the code does.
/// Sources: Lambda developer guide, "Execution role" and "Log groups"; `CloudFormation`'s page on API destinations
/// (the connection's secret is read for the events that are sent).
const OF_EVERY_FUNCTION: [&str; 3] = ["sts:AssumeRole", "logs:CreateLogStream", "secretsmanager:GetSecretValue"];

/// Actions that allow calls of other names than their own, in ways the dictionary does not know: deletions under the name of
/// the Put, batches, parts of uploads. Source: Service Authorization Reference, pages of these services.
const MANY_CALLS: [&str; 5] = ["s3", "sns", "sqs", "dynamodb", "ec2"];

/// Services that report what they found, and not what was done to them.
const FINDERS: [&str; 6] =
    ["aws.guardduty", "aws.securityhub", "aws.macie", "aws.inspector2", "aws.access-analyzer", "aws.health"];

/// Whether the calls that an IAM action such as `cloudtrail:StartLogging` allows could match the pattern. `callers` are
/// examples of who could make them.
#[must_use]
pub fn can_trigger(pattern: &Pattern, action: &str, callers: &[Caller]) -> bool {
    pattern.ways().any(|way| !is_shut_out(way, callers) && !is_other_event(way, action))
}

/// The call that comes with every function and could match the pattern that calls one. `hears_reading`: the rule
/// receives calls such as `GetSecretValue`, which others do not.
#[must_use]
pub fn triggered_by_aws(pattern: &Pattern, callers: &[Caller], hears_reading: bool) -> Option<&'static str> {
    OF_EVERY_FUNCTION.into_iter().filter(|action| hears_reading || !action.contains(":Get")).find(
        |action| match *action {
            "logs:CreateLogStream" => can_trigger(pattern, action, callers),
            _ => pattern.ways().any(|way| is_by_aws(way, callers) && !is_other_event(way, action)),
        },
    )
}

/// Whether the pattern lets through what AWS itself does to our roles and secrets.
fn is_by_aws(way: Branch, callers: &[Caller]) -> bool {
    let accepts = |field: &str, texts: &[&str]| {
        way.demand(field).is_none_or(|demand| texts.iter().any(|text| demand.accepts_text(text)))
    };
    let services = ["lambda.amazonaws.com", "events.amazonaws.com", "apidestinations.events.amazonaws.com"];
    let is_of_others =
        |field: &str| way.demand(field).is_some_and(|demand| is_for_others(demand, callers, |one| &one.role_arn));
    accepts("detail.userIdentity.type", &["AWSService", "AssumedRole"])
        && accepts("detail.userIdentity.invokedBy", &services)
        && !is_of_others("detail.requestParameters.roleArn")
        && !is_of_others("detail.requestParameters.secretId")
}

/// Whether the pattern asks for someone else, wherever the stack is.
fn is_shut_out(way: Branch, callers: &[Caller]) -> bool {
    let issuer = "detail.userIdentity.sessionContext.sessionIssuer";
    let kind = |field: &str, kind: &str| way.demand(field).is_some_and(|demand| !demand.accepts_text(kind));
    let name = |field: &str, name: fn(&Caller) -> &str| {
        way.demand(field).is_some_and(|demand| !callers.is_empty() && is_for_others(demand, callers, name))
    };
    kind("detail.userIdentity.type", "AssumedRole")
        || kind(&format!("{issuer}.type"), "Role")
        || name("detail.userIdentity.arn", |one| &one.session_arn)
        || name(&format!("{issuer}.userName"), |one| &one.role)
        || name(&format!("{issuer}.arn"), |one| &one.role_arn)
}

/// Whether no name of ours fits, because it is ours: not because of the account or region that the examples have.
fn is_for_others(demand: Demand, callers: &[Caller], name: fn(&Caller) -> &str) -> bool {
    if let Some(texts) = demand.texts() {
        return texts.iter().all(|text| !text.contains(OURS));
    }
    callers
        .iter()
        .map(name)
        .all(|ours| !demand.accepts_text(ours) && demand.accepts_text(&ours.replace(OURS, "somebody-")))
}

/// Whether the pattern asks for events that such a call does not give.
fn is_other_event(way: Branch, action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    let sources = way.demand("source").and_then(Demand::texts);
    if sources.as_ref().is_some_and(|all| all.iter().all(|one| !one.starts_with("aws."))) {
        // Calls give events of AWS, but this one puts any other on the bus.
        return !action.eq_ignore_ascii_case("events:PutEvents");
    }
    if !is_of_cloudtrail(way) {
        // What a service tells by itself may well be about what was done to it, or to anything else.
        let is_finder = |one: &&str| FINDERS.contains(one) && *one != format!("aws.{service}");
        return sources.is_some_and(|all| all.iter().all(is_finder));
    }
    let event_source = format!("{service}.amazonaws.com");
    if !events::is_source(&event_source) {
        // IAM calls some services otherwise than CloudTrail does.
        return false;
    }
    // The source of an event is `aws.` and the first label of the event source.
    let is_of_others = |all: Vec<&str>| all.iter().all(|one| !events::sources_of(one).contains(&event_source.as_str()));
    let is_other_source = way.demand("detail.eventSource").is_some_and(|one| !one.accepts_text(&event_source));
    sources.is_some_and(is_of_others) || is_other_source || is_other_name(way, service, name)
}

/// Whether nothing but events of CloudTrail can match: others have neither these types nor these fields.
fn is_of_cloudtrail(way: Branch) -> bool {
    let is_type = |demand: Demand| demand.texts().is_some_and(|all| all.iter().all(|one| DETAIL_TYPES.contains(one)));
    let is_there = |field: &str| way.demand(field).is_some_and(|demand| !demand.accepts_absence());
    way.demand("detail-type").is_some_and(is_type) || is_there("detail.eventSource") || is_there("detail.eventName")
}

/// Whether the pattern asks for other names than such calls have. Only for actions that are called like the call.
fn is_other_name(way: Branch, service: &str, action: &str) -> bool {
    let event_source = format!("{service}.amazonaws.com");
    let known = events::find(&event_source, action).filter(|one| !one.is_only_action && !MANY_CALLS.contains(&service));
    let (Some(demand), Some(known)) = (way.demand("detail.eventName"), known) else { return false };
    let names = known.written.into_iter().chain([action]);
    // Lambda and CloudFront write the version of the API behind the name.
    let versions: &[&str] =
        if events::is_versioned(&event_source) { &["", "20150331", "20150331v2", "2020_05_31"] } else { &[""] };
    let mut written = names.flat_map(|name| versions.iter().map(move |version| format!("{name}{version}")));
    written.all(|name| !demand.accepts_text(&name))
}

/// Records of the calls that come with every function, as a log group has them.
#[must_use]
pub fn records_of_every_function(caller: &Caller) -> [Value; 4] {
    let Caller { account, region, role, role_arn, session_arn } = caller;
    let record = |source: &str, name: &str, is_reading: bool, identity: &Value, by: &str, parameters: Value| {
        json!({
            "eventVersion": "1.11", "userIdentity": identity, "eventTime": "2026-01-02T03:04:05Z",
            "eventSource": source, "eventName": name, "awsRegion": region, "sourceIPAddress": by, "userAgent": by,
            "requestParameters": parameters, "responseElements": null,
            "requestID": "00000000-0000-4000-8000-000000000001", "eventID": "00000000-0000-4000-8000-000000000002",
            "readOnly": is_reading, "eventType": "AwsApiCall", "managementEvent": true,
            "recipientAccountId": account, "eventCategory": "Management",
        })
    };
    let service = |by: &str| json!({ "type": "AWSService", "invokedBy": by });
    let session = |arn: &str, role_arn: &str, role: &str| {
        json!({
            "type": "AssumedRole", "principalId": "AROAEXAMPLEID12345678:trailbell", "arn": arn, "accountId": account,
            "accessKeyId": "ASIAEXAMPLEID12345678", "sessionContext": {
                "attributes": { "creationDate": "2026-01-02T03:00:00Z", "mfaAuthenticated": "false" },
                "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLEID12345678", "arn": role_arn, "accountId": account, "userName": role,
                },
            },
        })
    };
    let sender = "AWSServiceRoleForAmazonEventBridgeApiDestinations";
    let sender_by = "apidestinations.events.amazonaws.com";
    let mut sending = session(
        &format!("arn:aws:sts::{account}:assumed-role/{sender}/events"),
        &format!("arn:aws:iam::{account}:role/aws-service-role/{sender_by}/{sender}"),
        sender,
    );
    sending["invokedBy"] = sender_by.into();
    let assumed = |role: &str| json!({ "roleArn": role, "roleSessionName": "trailbell", "durationSeconds": 3600 });
    let [lambda, bus] = ["lambda.amazonaws.com", "events.amazonaws.com"];
    let stream = json!({ "logGroupName": format!("/aws/lambda/{role}"), "logStreamName": "2026/01/02/[$LATEST]0" });
    let secret =
        json!({ "secretId": format!("arn:aws:secretsmanager:{region}:{account}:secret:events!connection/trailbell") });
    let reads = record("secretsmanager.amazonaws.com", "GetSecretValue", true, &sending, sender_by, secret);
    [
        record("sts.amazonaws.com", "AssumeRole", true, &service(lambda), lambda, assumed(role_arn)),
        record("sts.amazonaws.com", "AssumeRole", true, &service(bus), bus, assumed(role_arn)),
        record("logs.amazonaws.com", "CreateLogStream", false, &session(session_arn, role_arn, role), lambda, stream),
        reads,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callers() -> Vec<Caller> {
        ["a", "b-c"]
            .map(|stack| {
                let role = format!("trailbell-{stack}_x-function-us-east-1_role");
                Caller {
                    account: "123456789012".to_owned(),
                    region: "us-east-1".to_owned(),
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
            (
                json!({"source": ["aws.sts"], "detail": {"eventSource": ["sts.amazonaws.com"], "userIdentity": {"invokedBy": [{"exists": false}]}}}),
                None,
            ),
            (
                json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": ["arn:aws:iam::1:role/Admin"]}}}),
                None,
            ),
            (json!({"detail": {"eventName": ["GetSecretValue"]}}), Some("secretsmanager:GetSecretValue")),
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
            assert_eq!(triggered_by_aws(&parsed, &callers(), true), expected, "{pattern}");
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
            (json!({"detail": {"eventName": ["PutKeyPolicy"]}}), "kms:PutKeyPolicy", true),
            (json!({"detail": {"eventName": ["PutKeyPolicy"]}}), "kms:DisableKey", false),
            // These allow calls of other names, too.
            (
                json!({"detail": {"eventName": ["DeleteBucketPublicAccessBlock"]}}),
                "s3:PutBucketPublicAccessBlock",
                true,
            ),
            (json!({"detail": {"eventName": ["TransactWriteItems"]}}), "dynamodb:PutItem", true),
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
            (json!({"source": ["aws.tag"], "detail-type": ["Tag Change on Resource"]}), "ec2:DeleteTags", true),
            (json!({"source": ["aws.emr"]}), "elasticmapreduce:TerminateJobFlows", true),
            (
                json!({"source": ["aws.config"], "detail-type": ["Config Configuration Item Change"]}),
                "s3:PutBucketPolicy",
                true,
            ),
            (json!({"source": ["my.app"]}), start, false),
            (json!({"source": ["my.app"]}), "events:PutEvents", true),
            // Someone else.
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
            // What holds for one account or region alone proves nothing.
            (by(json!({"arn": [{"prefix": "arn:aws:sts::111122223333:"}]})), start, true),
            (
                by(json!({"sessionContext": {"sessionIssuer": {"userName": [{"suffix": "-eu-west-1_role"}]}}})),
                start,
                true,
            ),
            (by(json!({"sessionContext": {"sessionIssuer": {"userName": ["Admin", "Deploy"]}}})), start, false),
            (
                by(
                    json!({"sessionContext": {"sessionIssuer": {"userName": ["trailbell-z_x-function-us-east-1_role"]}}}),
                ),
                start,
                true,
            ),
            (by(json!({"principalId": [{"anything-but": {"prefix": "trailbell-"}}]})), start, true),
        ];
        for (pattern, action, expected) in cases {
            let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(can_trigger(&parsed, action, &callers()), expected, "{action}: {pattern}");
        }
    }
}
