//! The calls that come with every function and every message, whatever a handler does: who makes them, and as which event.

use super::{Caller, is_for_others, is_shut_out};
use crate::cloudtrail::{DETAIL_TYPES, events, fields};
use crate::pattern::{Branch, Demand, Pattern};

/// A call, as CloudTrail records it.
struct RecordedCall {
    /// The action, as it is shown.
    action: &'static str,
    event_source: &'static str,
    event_name: &'static str,
    by: By,
    /// Whether it is a data event, which only a trail that selects it records.
    is_data: bool,
}

/// Who makes a call.
#[derive(PartialEq, Eq)]
enum By {
    /// A service itself, whose identity has nothing but a type and `invokedBy`.
    Service,
    /// A service in a role of its own.
    ServiceRole,
    /// The function, in its role.
    Function,
}

/// Sources: Lambda developer guide, "Defining Lambda function permissions with an execution role", "Sending function logs to
/// CloudWatch Logs", and "Logging Lambda API calls using CloudTrail" (`Invoke` is a data event); EventBridge user guide,
/// "Connections for API targets" (the secret is read for what is sent); Secrets Manager user guide, "Secret encryption and
/// decryption" (`Decrypt` for each `GetSecretValue`, unless the key is one that AWS owns); SQS developer guide, "Logging API calls using CloudTrail" (`SendMessage`,
/// to the dead-letter queue, is a data event).
const CALLS: [RecordedCall; 6] = [
    RecordedCall::new("sts:AssumeRole", "sts.amazonaws.com", "AssumeRole", By::Service, false),
    RecordedCall::new("logs:CreateLogStream", "logs.amazonaws.com", "CreateLogStream", By::Function, false),
    RecordedCall::new(
        "secretsmanager:GetSecretValue",
        "secretsmanager.amazonaws.com",
        "GetSecretValue",
        By::ServiceRole,
        false,
    ),
    RecordedCall::new("kms:Decrypt", "kms.amazonaws.com", "Decrypt", By::ServiceRole, false),
    RecordedCall::new("lambda:InvokeFunction", "lambda.amazonaws.com", "Invoke", By::Service, true),
    RecordedCall::new("sqs:SendMessage", "sqs.amazonaws.com", "SendMessage", By::Service, true),
];

impl RecordedCall {
    const fn new(
        action: &'static str,
        event_source: &'static str,
        event_name: &'static str,
        by: By,
        is_data: bool,
    ) -> Self {
        Self { action, event_source, event_name, by, is_data }
    }
}

/// The call that comes with every function and could match the pattern that calls one. `receives_reading`: the rule
/// receives calls such as `GetSecretValue`, which others do not.
#[must_use]
pub fn triggered_by_aws(pattern: &Pattern, callers: &[Caller], receives_reading: bool) -> Option<&'static str> {
    let is_received =
        |call: &&RecordedCall| receives_reading || !events::is_unreceived(call.event_source, call.event_name);
    let matches =
        |call: &&RecordedCall| pattern.branches().any(|branch| is_event(branch, call) && is_by(branch, call, callers));
    CALLS.iter().filter(is_received).find(matches).map(|call| call.action)
}

/// Whether the event of the call fits, no matter who made it.
fn is_event(branch: Branch, call: &RecordedCall) -> bool {
    let accepts = |field: &str, text: &str| branch.demand(field).is_none_or(|demand| demand.accepts_text(text));
    let service = call.event_source.split('.').next().unwrap_or_default();
    let category = if call.is_data { "Data" } else { "Management" };
    // These calls succeed, or the function is not called again.
    let has_failed = |field: &str| branch.demand(field).is_some_and(|demand| !demand.accepts_absence());
    accepts("source", &format!("aws.{service}"))
        && accepts("detail-type", DETAIL_TYPES[0])
        && accepts("detail.eventSource", call.event_source)
        && accepts("detail.eventName", call.event_name)
        && accepts("detail.eventType", "AwsApiCall")
        && accepts("detail.eventCategory", category)
        && branch.demand("detail.managementEvent").is_none_or(|demand| demand.accepts_boolean(!call.is_data))
        && !has_failed("detail.errorCode")
        && !has_failed("detail.errorMessage")
        && !branch.demands().any(is_of_no_record)
}

/// Whether a record does not have the field that the pattern requires.
fn is_of_no_record(demand: Demand) -> bool {
    let top = demand.path().strip_prefix("detail.").and_then(|path| path.split('.').next());
    top.is_some_and(|top| !demand.accepts_absence() && !fields::is_of_records(&format!("detail.{top}")))
}

/// Whether the pattern lets the caller through, and what the call is made on.
fn is_by(branch: Branch, call: &RecordedCall, callers: &[Caller]) -> bool {
    if call.by == By::Function {
        return !is_shut_out(branch, callers);
    }
    let accepts = |field: &str, texts: &[&str]| {
        branch.demand(field).is_none_or(|demand| texts.iter().any(|text| demand.accepts_text(text)))
    };
    let is_of_others = |field: &str, ours: fn(&Caller) -> &str| {
        branch.demand(field).is_some_and(|demand| is_for_others(demand, callers, ours))
    };
    // Source: CloudTrail user guide, "CloudTrail userIdentity element": a service has a type and `invokedBy`.
    let is_lacking = |demand: Demand| {
        let inside = demand.path().strip_prefix("detail.userIdentity.");
        inside.is_some_and(|field| !["type", "invokedBy"].contains(&field)) && !demand.accepts_absence()
    };
    let [kind, services] = match call.by {
        By::ServiceRole => [
            &["AssumedRole"][..],
            &["apidestinations.events.amazonaws.com", "events.amazonaws.com", "secretsmanager.amazonaws.com"],
        ],
        By::Service | By::Function => {
            [&["AWSService"][..], &["lambda.amazonaws.com", "events.amazonaws.com", "scheduler.amazonaws.com"]]
        }
    };
    let is_of_other = is_of_others("detail.requestParameters.roleArn", |one| &one.role_arn)
        || is_of_others("detail.requestParameters.secretId", |one| &one.role_arn)
        || is_of_others("detail.requestParameters.functionName", |one| &one.role);
    let lacks = call.by == By::Service && branch.demands().any(is_lacking);
    accepts("detail.userIdentity.type", kind)
        && accepts("detail.userIdentity.invokedBy", services)
        && !lacks
        && !is_of_other
}
