//! Whether what trailbell itself causes could match the pattern or filter of an alert that calls a function: then it would go
//! on forever. The loop proof.
//!
//! Counted is what the function calls, what AWS calls for every function and message, what the notifier and `verify` put on
//! an event bus, and what a deployment changes. For event patterns the answer is a proof or nothing: what cannot be shown to
//! be impossible is possible. For filters of log lines it is an example (`records`). `calls` knows the calls that come with
//! every function, `native` which services report which calls in events of their own. Users: `check`.

mod calls;
mod native;
mod records;
#[cfg(test)]
mod tests;

pub use calls::triggered_by_aws;
pub use records::records_of_every_function;

use super::forgery::can_be_record;
use super::{DETAIL_TYPES, events};
use crate::name::RELAYED;
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

/// Actions that allow calls of other names than their own, in ways the dictionary does not know: deletions under the name of
/// the Put, batches, parts of uploads. Source: Service Authorization Reference, pages of these services.
const MANY_CALLS: [&str; 5] = ["s3", "sns", "sqs", "dynamodb", "ec2"];

/// Whether the calls that an IAM action such as `cloudtrail:StartLogging` allows could match the pattern. `callers` are
/// examples of who could make them.
#[must_use]
pub fn can_trigger(pattern: &Pattern, action: &str, callers: &[Caller]) -> bool {
    pattern.branches().any(|branch| !is_other_event(branch, action, |branch| is_shut_out(branch, callers)))
}

/// Whether a call that changes something of trailbell's own could match the pattern, no matter who makes it: an action of a
/// deployment.
#[must_use]
pub fn is_own_change(pattern: &Pattern, action: &str, callers: &[Caller]) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    // An action that is not a call gives no event.
    let Some(names) = written(service, name) else { return false };
    let is_named = |branch: Branch| {
        branch.demand("detail.eventName").is_none_or(|demand| names.iter().any(|name| demand.accepts_text(name)))
    };
    let is_of_others = |branch: Branch| {
        let mut parameters = branch.demands().filter(|demand| demand.path().starts_with("detail.requestParameters."));
        parameters.any(|demand| is_for_others(demand, callers, |one| &one.role))
    };
    let is_call = |branch| {
        can_be_record(branch) && !is_other_source(branch, service) && is_named(branch) && !is_of_others(branch)
    };
    pattern.branches().any(is_call)
}

/// Whether a message that the notifier or `verify` puts on an event bus could match the pattern.
#[must_use]
pub fn matches_messages(pattern: &Pattern) -> bool {
    let is_message = |branch: Branch| {
        let is_source = |demand: Demand| match demand.texts() {
            Some(texts) => texts.iter().any(|text| text.starts_with("trailbell.")),
            None => ["trailbell.a", "trailbell.security-alerts-9000"].iter().any(|one| demand.accepts_text(one)),
        };
        let is_inside =
            |demand: &Demand| demand.path().starts_with("detail.") && !demand.path().starts_with("detail.message");
        branch.demand("source").is_none_or(is_source)
            && branch.demand("detail-type").is_none_or(|demand| demand.accepts_text(RELAYED))
            && branch.demands().filter(is_inside).all(Demand::accepts_absence)
    };
    pattern.branches().any(is_message)
}

/// Whether nothing but records of CloudTrail can match, so that a call can be told by its name and its caller.
#[must_use]
pub fn is_record(pattern: &Pattern) -> bool {
    pattern.branches().all(is_of_cloudtrail)
}

/// Whether the pattern asks for someone else, wherever the stack is.
fn is_shut_out(branch: Branch, callers: &[Caller]) -> bool {
    let issuer = "detail.userIdentity.sessionContext.sessionIssuer";
    let kind = |field: &str, kind: &str| branch.demand(field).is_some_and(|demand| !demand.accepts_text(kind));
    let name = |field: &str, name: fn(&Caller) -> &str| {
        let is_other = |demand: Demand| demand.is_absence() || is_for_others(demand, callers, name);
        branch.demand(field).is_some_and(|demand| !callers.is_empty() && is_other(demand))
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

/// Whether the pattern asks for events that such a call does not give: neither CloudTrail's record of it nor what services
/// report themselves because of it.
fn is_other_event(branch: Branch, action: &str, is_other_caller: impl Fn(Branch) -> bool) -> bool {
    let sources = branch.demand("source").and_then(Demand::texts);
    if sources.as_ref().is_some_and(|all| all.iter().all(|one| !one.starts_with("aws."))) {
        // Calls give events of AWS, but this one puts any other on the bus.
        return !action.eq_ignore_ascii_case("events:PutEvents");
    }
    let Some((service, _)) = action.split_once(':') else { return false };
    let is_not_native = is_of_cloudtrail(branch)
        || sources.is_some_and(|all| all.iter().all(|source| !native::reports(source, service)));
    let is_not_record = !can_be_record(branch) || is_other_call(branch, action) || is_other_caller(branch);
    // Who made the call is not said of what services report.
    is_not_native && is_not_record
}

/// Whether the pattern asks for other records than those of such calls.
fn is_other_call(branch: Branch, action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    // IAM calls some services otherwise than CloudTrail does.
    events::is_source(&event_source(service))
        && (is_other_source(branch, service) || is_other_name(branch, service, name))
}

fn event_source(service: &str) -> String {
    format!("{service}.amazonaws.com")
}

/// Whether the pattern asks for records of other services.
fn is_other_source(branch: Branch, service: &str) -> bool {
    let event_source = event_source(service);
    // The source of an event is `aws.` and the first label of the event source.
    let is_of_others = |all: Vec<&str>| all.iter().all(|one| !events::sources_of(one).contains(&event_source.as_str()));
    branch.demand("source").and_then(Demand::texts).is_some_and(is_of_others)
        || branch.demand("detail.eventSource").is_some_and(|one| !one.accepts_text(&event_source))
}

/// Whether nothing but events of CloudTrail can match: others have neither these types nor these fields.
fn is_of_cloudtrail(branch: Branch) -> bool {
    let is_type = |demand: Demand| demand.texts().is_some_and(|all| all.iter().all(|one| DETAIL_TYPES.contains(one)));
    let is_there = |field: &str| branch.demand(field).is_some_and(|demand| !demand.accepts_absence());
    branch.demand("detail-type").is_some_and(is_type) || is_there("detail.eventSource") || is_there("detail.eventName")
}

/// Whether the pattern asks for other names than such calls have. Only for actions that are called like the call.
fn is_other_name(branch: Branch, service: &str, action: &str) -> bool {
    let known = written(service, action).filter(|_| !MANY_CALLS.contains(&service));
    let (Some(demand), Some(names)) = (branch.demand("detail.eventName"), known) else { return false };
    names.iter().all(|name| !demand.accepts_text(name))
}

/// The names that CloudTrail can write for a call; nothing for an action that is not known as one.
fn written(service: &str, action: &str) -> Option<Vec<String>> {
    let event_source = event_source(service);
    let known = events::find(&event_source, action).filter(|one| !one.is_only_action)?;
    let names = known.written.into_iter().chain([action]);
    // Lambda and CloudFront write the version of the API behind the name.
    let versions: &[&str] =
        if events::is_versioned(&event_source) { &["", "20150331", "20150331v2", "2020_05_31"] } else { &[""] };
    Some(names.flat_map(|name| versions.iter().map(move |version| format!("{name}{version}"))).collect())
}
