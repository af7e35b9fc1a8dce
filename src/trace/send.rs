//! Whether something may be delivered: the role, the destination and its connection, a function and its policy, and the
//! queue for what cannot be delivered.
//!
//! The codes are those of EventBridge's dead letters (EventBridge user guide, "Using dead-letter queues").

use serde_json::{Map, Value};

use super::way::{HopVerdict, Request};
use super::{Put, Stop, collect};
use crate::graph::{Graph, Part};
use crate::name::{DEFAULT_BUS, DestinationId};
use crate::resource::allow::{Access, allows};
use crate::resource::mark::split_fingerprint;
use crate::resource::{
    ACTIVE, API_KEY, AUTHORIZED, ApiDestination, Arn, Authorization, Connection, DigestQueue, EVENTS, Function, HEADER,
    INVOKE, LOGS, Permission, Policy, PostsAs, RUNNING, Resource, Role, SubscriptionFilter, Target, Topic, UNUSED,
};

/// The service that runs functions.
const LAMBDA: &str = "lambda.amazonaws.com";

/// Where a target or a filter leads, and whether it may.
pub(super) enum Sending<'g> {
    /// To an API destination, by this request; its body comes later.
    Slack { verdict: HopVerdict, request: Request, posts_as: PostsAs, to: DestinationId },
    /// To a function.
    Function { verdict: HopVerdict, function: &'g Function },
    /// To an SNS topic, of the stack or of others.
    Topic { verdict: HopVerdict, arn: String },
    /// To the queue of a digest, whose ARN this is.
    Queue { verdict: HopVerdict, queue: &'g DigestQueue, arn: String },
    /// Into a log group.
    LogGroup { verdict: HopVerdict, name: &'g str },
    /// To something that is not in the graph.
    Elsewhere { verdict: HopVerdict, arn: String },
}

pub(super) fn refused(code: &'static str, why: impl Into<String>) -> HopVerdict {
    HopVerdict::no(Stop::Delivery { code, why: why.into() })
}

/// The first that is not yes.
pub(super) fn all(verdicts: impl IntoIterator<Item = HopVerdict>) -> HopVerdict {
    verdicts.into_iter().find(|verdict| !verdict.is_yes()).unwrap_or(HopVerdict::Yes)
}

/// Whether a condition holds; `why` says what is wrong when it does not.
pub(super) fn unless(is_wrong: bool, code: &'static str, why: impl Into<String>) -> HopVerdict {
    if is_wrong { refused(code, why) } else { HopVerdict::Yes }
}

/// What a policy says, as a verdict. `who` and `what` make a sentence: "the function's policy", "let the rule call it".
pub(super) fn allowed(answer: Option<bool>, code: &'static str, who: &str, what: &str) -> HopVerdict {
    match answer {
        Some(true) => HopVerdict::Yes,
        Some(false) => refused(code, format!("{who} does not {what}")),
        None => HopVerdict::not_known(format!("it is not known whether {who} does {what}")),
    }
}

/// What a target of a rule leads to.
pub(super) fn of_target<'g>(graph: &'g Graph, target: &'g Target, rule_arn: &str) -> Sending<'g> {
    let extra = if target.extra_parameters {
        HopVerdict::not_known("the target has added parameters, and their effect on the request is not known")
    } else {
        HopVerdict::Yes
    };
    match graph.find(&target.arn) {
        Some(Part { resource: Resource::Function(function), arn }) => {
            let invoke = invoke(graph, function, arn.as_deref().unwrap_or_default(), EVENTS, rule_arn);
            Sending::Function { verdict: all([extra, invoke]), function }
        }
        Some(Part { resource: Resource::ApiDestination(destination), arn }) => {
            let role = role(graph, target, rule_arn, &with_id(arn.as_deref().unwrap_or_default()));
            let connection = match graph.find(&destination.connection).map(|part| &part.resource) {
                Some(Resource::Connection(connection)) => Some(connection),
                _ => None,
            };
            let ready = ready(graph, destination, connection);
            let request = request(destination, connection);
            let to = DestinationId::new(destination.address.id.base());
            Sending::Slack { verdict: all([role, ready, extra]), request, posts_as: destination.posts_as(), to }
        }
        Some(Part { resource: Resource::Topic(topic), arn }) => {
            let arn = arn.clone().unwrap_or_default();
            Sending::Topic { verdict: all([extra, publish(target, topic, &arn)]), arn }
        }
        // A topic of others: its policy is read where there is an account (`plan`).
        _ if target.arn.label().contains(":sns:") => {
            Sending::Topic { verdict: all([extra, without_role(target)]), arn: target.arn.label() }
        }
        Some(Part { resource: Resource::DigestQueue(queue), arn }) => {
            let arn = arn.clone().unwrap_or_default();
            let verdict = all([extra, collect::sent(graph, queue, &arn, rule_arn)]);
            Sending::Queue { verdict, queue, arn }
        }
        Some(Part { resource: Resource::LogGroup(group), arn }) => {
            let verdict = may_write(graph, arn.as_deref().unwrap_or_default(), rule_arn);
            Sending::LogGroup { verdict: all([extra, verdict]), name: &group.name }
        }
        _ => elsewhere(&target.arn),
    }
}

/// Whether EventBridge may publish to a topic of the stack. It does not say for which rule: a condition that asks is not known
/// to be met.
fn publish(target: &Target, topic: &Topic, arn: &str) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let access = Access { service: Some(EVENTS), action: "sns:Publish", resource: Some(arn), context: &[] };
    let answer = topic.policy.as_ref().map_or(Some(false), |policy| allows(policy, access));
    let key = match topic.kms_key {
        Some(_) => HopVerdict::not_known("it is not known whether EventBridge may use the key of the topic"),
        None => HopVerdict::Yes,
    };
    all([without_role(target), allowed(answer, code, "the policy of the topic", "let EventBridge publish"), key])
}

/// "When you specify a `RoleArn` for these target types, event delivery may fail" (EventBridge user guide, "Using resource-based
/// policies for Amazon EventBridge").
fn without_role(target: &Target) -> HopVerdict {
    match target.role_arn {
        Some(_) => HopVerdict::not_known("the target has a role, with which delivery to a topic may fail"),
        None => HopVerdict::Yes,
    }
}

/// Whether EventBridge may write what a rule matches into a log group.
fn may_write(graph: &Graph, group: &str, rule_arn: &str) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let who = "the CloudWatch Logs resource policy";
    let Some(policy) = graph.log_policy() else {
        return refused(code, "no CloudWatch Logs resource policy lets EventBridge write to the log group");
    };
    let stream = format!("{group}:log-stream:any");
    let context = context(graph, rule_arn);
    let may =
        |action| allows(policy, Access { service: Some(EVENTS), action, resource: Some(&stream), context: &context });
    all([
        allowed(may("logs:CreateLogStream"), code, who, "let EventBridge create a log stream"),
        allowed(may("logs:PutLogEvents"), code, who, "let the rule write to the log group"),
    ])
}

/// What a filter on a log group leads to.
pub(super) fn of_filter<'g>(graph: &'g Graph, filter: &'g SubscriptionFilter) -> Sending<'g> {
    let Some(Part { resource: Resource::Function(function), arn }) = graph.find(&filter.destination) else {
        return elsewhere(&filter.destination);
    };
    let arn = arn.as_deref().unwrap_or_default();
    let group = sibling(arn, "logs", &format!("log-group:{}:*", filter.log_group));
    let extra = if filter.role_arn.is_some() || filter.extra.is_some() || filter.on_transformed {
        HopVerdict::not_known("the delivery settings of the filter were changed")
    } else {
        HopVerdict::Yes
    };
    Sending::Function { verdict: all([extra, invoke(graph, function, arn, LOGS, &group)]), function }
}

/// A destination that is not in the graph.
fn elsewhere<'g>(arn: &Arn) -> Sending<'g> {
    let arn = arn.label();
    let why = format!("{arn} does not exist, or is not part of the stack");
    Sending::Elsewhere { verdict: refused("NO_RESOURCE", why), arn }
}

/// An ARN of the same partition, region, and account in another service.
pub(super) fn sibling(arn: &str, service: &str, resource: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        [start, partition, _, region, account, _] => {
            format!("{start}:{partition}:{service}:{region}:{account}:{resource}")
        }
        _ => String::new(),
    }
}

/// The ARN of an API destination, which ends in an id; policies are written for any id. An emulator leaves the id out.
fn with_id(arn: &str) -> String {
    let has_id = arn.rsplit_once(":api-destination/").is_some_and(|(_, name)| name.contains('/'));
    if has_id { arn.to_owned() } else { format!("{arn}/") }
}

/// Whether EventBridge may take on the target's role, and the role may call the destination.
fn role(graph: &Graph, target: &Target, rule_arn: &str, destination_arn: &str) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let Some(role) = target.role_arn.as_deref().and_then(|arn| found_role(graph, arn)) else {
        return refused(code, "the role of the target does not exist, or is not part of the stack");
    };
    let context = context(graph, rule_arn);
    let assume = Access { service: Some(EVENTS), action: "sts:AssumeRole", resource: None, context: &context };
    let invoke = Access {
        service: None,
        action: "events:InvokeApiDestination",
        resource: Some(destination_arn),
        context: &context,
    };
    all([
        allowed(allows(&role.trust, assume), code, "the role of the target", "let EventBridge assume it"),
        allowed(policy(role, invoke), code, "the role of the target", "allow calling the API destination"),
    ])
}

pub(super) fn found_role<'g>(graph: &'g Graph, arn: &str) -> Option<&'g Role> {
    match &graph.by_arn(arn)?.resource {
        Resource::Role(role) => Some(role),
        _ => None,
    }
}

pub(super) fn policy(role: &Role, access: Access<'_>) -> Option<bool> {
    role.policy.as_ref().map_or(Some(false), |policy| allows(policy, access))
}

pub(super) fn context<'a>(graph: &'a Graph, source_arn: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("aws:sourcearn", source_arn), ("aws:sourceaccount", &graph.account)]
}

/// Whether the destination and its connection can be used for Slack.
fn ready(graph: &Graph, destination: &ApiDestination, connection: Option<&Connection>) -> HopVerdict {
    let Some(connection) = connection else {
        return refused("NO_RESOURCE", "the connection does not exist, or is not part of the stack");
    };
    if graph.is_redirected(destination) {
        let why = "the URL of the API destination is not the one in the stack file".to_owned();
        return HopVerdict::no(Stop::Redirected { why });
    }
    let state = |name: &str, state: &str| format!("the {name} is {state}");
    all([
        unless(destination.state != ACTIVE, "CONNECTION_FAILURE", state("API destination", &destination.state)),
        unless(
            destination.method != "POST",
            "ERROR_FROM_TARGET",
            format!("the API destination uses {}, but Slack requires POST", destination.method),
        ),
        unless(connection.state != AUTHORIZED, "CONNECTION_FAILURE", state("connection", &connection.state)),
        authorized(destination, connection),
    ])
}

/// A bot's request needs its token; a webhook's needs nothing.
fn authorized(destination: &ApiDestination, connection: &Connection) -> HopVerdict {
    if connection.extra_parameters {
        return HopVerdict::not_known("the connection has added parameters, and their effect is not known");
    }
    if destination.posts_as() == PostsAs::Webhook {
        return HopVerdict::Yes;
    }
    let is_usual = connection.authorization_type == API_KEY && connection.header == HEADER;
    match (is_usual, has_token(connection)) {
        (true, true) => HopVerdict::Yes,
        (true, false) if connection.authorization == Authorization::Unknown => {
            HopVerdict::not_known("it is not known whether the connection has the token")
        }
        _ => refused("ERROR_FROM_TARGET", "the connection does not send the token in the form that Slack expects"),
    }
}

/// What an account keeps of a token is its fingerprint.
fn has_token(connection: &Connection) -> bool {
    let (_, fingerprint) = split_fingerprint(&connection.description);
    matches!(connection.authorization, Authorization::Bearer(_)) || fingerprint.is_some()
}

fn request(destination: &ApiDestination, connection: Option<&Connection>) -> Request {
    let mut headers = Map::new();
    if let Some(connection) = connection {
        let value = if has_token(connection) { "Bearer ***" } else { UNUSED };
        headers.insert(connection.header.clone(), value.into());
    }
    headers.insert("Content-Type".to_owned(), "application/json; charset=utf-8".into());
    headers.insert("User-Agent".to_owned(), "Amazon/EventBridge/ApiDestinations".into());
    Request { method: destination.method.clone(), url: destination.endpoint.label(), headers, body: String::new() }
}

/// Whether a service may call a function on behalf of a source, and the function can work.
fn invoke(graph: &Graph, function: &Function, arn: &str, service: &str, source: &str) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let context = context(graph, source);
    let access = Access { service: Some(service), action: INVOKE, resource: Some(arn), context: &context };
    // The statements are one policy: an explicit deny in one wins over what others allow.
    let statements: Vec<Value> = graph.permissions(&function.name).flat_map(|one| stated(one, arn)).collect();
    let answer = allows(&Policy::all(&statements), access);
    let what = if service == LOGS { "let the log group call it" } else { "let the rule call it" };
    all([allowed(answer, code, "the function's policy", what), runs(graph, function)])
}

/// Whether a function that is called can work.
pub(super) fn runs(graph: &Graph, function: &Function) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let lambda = Access { service: Some(LAMBDA), action: "sts:AssumeRole", resource: None, context: &[] };
    let role = match found_role(graph, &function.role_arn) {
        None => refused(code, "the role of the function does not exist, or is not part of the stack"),
        Some(role) => allowed(allows(&role.trust, lambda), code, "the role of the function", "let Lambda assume it"),
    };
    let state = format!("the function {} is {}", function.name, function.state);
    let silenced = format!("the reserved concurrency of the function {} is 0", function.name);
    all([
        unless(function.state != RUNNING, "ERROR_FROM_TARGET", state),
        unless(function.reserved_concurrency == Some(0), "THROTTLING", silenced),
        role,
    ])
}

/// A permission as the statement that Lambda makes of it.
fn stated(one: &Permission, function: &str) -> Vec<Value> {
    if let Some(other) = &one.unlike {
        return other.statements();
    }
    let mut condition = Map::new();
    if let Some(arn) = &one.source_arn {
        condition.insert("ArnLike".to_owned(), serde_json::json!({ "AWS:SourceArn": arn }));
    }
    if let Some(account) = &one.source_account {
        condition.insert("StringEquals".to_owned(), serde_json::json!({ "AWS:SourceAccount": account }));
    }
    vec![serde_json::json!({
        "Effect": "Allow", "Principal": { "Service": one.principal }, "Action": INVOKE, "Resource": function,
        "Condition": condition,
    })]
}

/// Whether a function's role allows it to put an event on a bus, and the bus exists.
pub(super) fn may_put(graph: &Graph, function: &Function, put: &Put) -> HopVerdict {
    let code = "NO_PERMISSIONS";
    let Some(role) = found_role(graph, &function.role_arn) else {
        return refused(code, "the role of the function does not exist, or is not part of the stack");
    };
    let arn = graph.find(&Arn::Of(function.address.clone())).and_then(|part| part.arn.clone()).unwrap_or_default();
    let bus = sibling(&arn, "events", &format!("event-bus/{}", put.bus));
    let source = put.event["source"].as_str().unwrap_or_default();
    let context = [("events:source", source)];
    let access = Access { service: None, action: "events:PutEvents", resource: Some(&bus), context: &context };
    let is_there = put.bus == DEFAULT_BUS || graph.by_arn(&bus).is_some();
    let missing = format!("the event bus {} does not exist, or is not part of the stack", put.bus);
    all([
        unless(!is_there, "NO_RESOURCE", missing),
        allowed(policy(role, access), code, "the role of the function", "allow putting events on the bus"),
    ])
}

/// Whether what a rule cannot deliver is kept in the queue.
pub(super) fn kept(graph: &Graph, queue: Option<&str>, rule_arn: &str) -> HopVerdict {
    let code = "NO_QUEUE";
    let Some(arn) = queue else { return refused(code, "the target has no dead-letter queue") };
    let Some(Part { resource: Resource::Queue(queue), .. }) = graph.by_arn(arn) else {
        return refused(code, format!("the dead-letter queue {arn} does not exist, or is not part of the stack"));
    };
    if queue.kms_key.is_some() {
        return HopVerdict::not_known("it is not known whether EventBridge may use the key of the dead-letter queue");
    }
    if let Some(limit) = queue.max_message_bytes {
        return HopVerdict::not_known(format!("the dead-letter queue rejects messages of more than {limit} bytes"));
    }
    if queue.redrive_policy.is_some() {
        return HopVerdict::not_known("SQS moves messages out of the dead-letter queue into another queue");
    }
    let context = context(graph, rule_arn);
    let send = Access { service: Some(EVENTS), action: "sqs:SendMessage", resource: Some(arn), context: &context };
    let answer = queue.policy.as_ref().map_or(Some(false), |policy| allows(policy, send));
    allowed(answer, code, "the policy of the dead-letter queue", "let the rule send to it")
}
