//! What happens to an event in the sandbox: which rules match, what their targets render, and which HTTP request would
//! leave the account. Runs on trailbell's own engines; what they cannot decide is said, not guessed.

use serde::Serialize;
use serde_json::{Map, Value};

use super::functions::may_invoke;
use super::world::{Object, World};
use crate::cloudtrail::events::is_unheard_event;
use crate::json::Json;
use crate::message::transformer::{Delivery, Reserved, parse_path};
use crate::pattern::{Pattern, Verdict};
use crate::provider::DeadLetter;
use crate::resource::mark::split_fingerprint;
use crate::resource::{
    ApiDestination, Arn, Authorization, Connection, ENABLED, EVENTS, Input, Resource, Rule, Target, UNUSED,
};

/// What one rule did with an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// The id of the rule or filter: the alert's, or `relay`.
    pub id: String,
    /// The rule's ARN; none for a filter on a log group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule_arn: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an event at a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The rule does not match, and why.
    NotMatched {
        /// The first thing that stops it.
        why: String,
    },
    /// A request leaves for Slack.
    Request(Request),
    /// A function is called with this.
    Invocation {
        /// The function's name.
        function: String,
        /// What it is given.
        body: String,
    },
    /// It matches, and nothing can be delivered: it lies in the dead-letter queue.
    DeadLetter {
        /// EventBridge's code.
        code: String,
        /// Why.
        why: String,
        /// What was to be delivered.
        body: String,
    },
    /// The engines cannot decide it.
    Undecided {
        /// What they lack.
        why: String,
    },
}

/// The HTTP request that would reach Slack, secrets masked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// `POST`.
    pub method: String,
    /// The address, masked when it is a secret.
    pub url: String,
    /// The headers that matter.
    pub headers: Map<String, Value>,
    /// The body, exactly.
    pub body: String,
}

impl Sent {
    /// The message in the dead-letter queue, if it ended there.
    #[must_use]
    pub fn dead_letter(&self) -> Option<DeadLetter> {
        let Outcome::DeadLetter { code, why, body } = &self.outcome else { return None };
        Some(DeadLetter {
            rule_arn: self.rule_arn.clone(),
            code: code.clone(),
            message: why.clone(),
            body: body.clone(),
        })
    }
}

/// Shows the event to every rule of the region.
pub(super) fn deliver(world: &World, region: &str, event: &Value) -> Vec<Sent> {
    let rules = world.objects.values().filter_map(|object| match &object.resource {
        Resource::Rule(rule) if rule.address.region == region => Some((rule, object)),
        _ => None,
    });
    rules.flat_map(|(rule, object)| at_rule(world, rule, object, event)).collect()
}

fn at_rule(world: &World, rule: &Rule, object: &Object, event: &Value) -> Vec<Sent> {
    let arn = object.arn.clone().unwrap_or_default();
    let sent = |outcome| Sent { id: rule.address.id.clone(), rule_arn: arn.clone(), outcome };
    match judge(rule, event) {
        Err(why) => vec![sent(Outcome::Undecided { why })],
        Ok(Some(why)) => vec![sent(Outcome::NotMatched { why })],
        Ok(None) => {
            let targets = world.objects.values().filter_map(|object| match &object.resource {
                Resource::Target(target)
                    if target.rule == rule.name && target.address.region == rule.address.region =>
                {
                    Some(target)
                }
                _ => None,
            });
            targets.map(|target| sent(at_target(world, rule, &arn, target, event))).collect()
        }
    }
}

/// Why the rule does not match; `None` when it does.
fn judge(rule: &Rule, event: &Value) -> Result<Option<String>, String> {
    if !rule.listens() {
        return Ok(Some(format!("the rule is {}", rule.state)));
    }
    let pattern = Pattern::from_value(&rule.pattern).map_err(|error| error.to_string())?;
    match pattern.matches_value(event).map_err(|error| error.to_string())? {
        Verdict::Matches if rule.state == ENABLED && is_unheard_event(event) => {
            Ok(Some("a rule that is only ENABLED does not hear read-only calls".to_owned()))
        }
        Verdict::Matches => Ok(None),
        Verdict::DoesNot(mismatch) => Ok(Some(mismatch.to_string())),
    }
}

fn at_target(world: &World, rule: &Rule, rule_arn: &str, target: &Target, event: &Value) -> Outcome {
    let body = match render(rule, rule_arn, target, event) {
        Ok(body) => body,
        Err(outcome) => return *outcome,
    };
    let lost =
        |code: &str, why: &str| Outcome::DeadLetter { code: code.to_owned(), why: why.to_owned(), body: body.clone() };
    if let Some(Resource::Function(function)) = by_arn(world, &target.arn).map(|one| &one.resource) {
        return if may_invoke(world, &function.name, EVENTS, rule_arn) {
            Outcome::Invocation { function: function.name.clone(), body }
        } else {
            lost("NO_PERMISSIONS", "the function's policy does not let the rule call it")
        };
    }
    let role_exists = world.objects.values().any(|one| one.arn.is_some() && one.arn == target.role_arn);
    if !role_exists {
        return lost("NO_PERMISSIONS", "the role of the target does not exist");
    }
    let destination = by_arn(world, &target.arn).and_then(|one| match &one.resource {
        Resource::ApiDestination(destination) => Some(destination),
        _ => None,
    });
    let Some(destination) = destination else { return lost("NO_RESOURCE", "the API destination does not exist") };
    let connection = by_arn(world, &destination.connection).and_then(|one| match &one.resource {
        Resource::Connection(connection) => Some(connection),
        _ => None,
    });
    let Some(connection) = connection else { return lost("NO_RESOURCE", "the connection does not exist") };
    Outcome::Request(request(destination, connection, body))
}

fn by_arn<'w>(world: &'w World, arn: &Arn) -> Option<&'w Object> {
    let Arn::Known(arn) = arn else { return None };
    world.objects.values().find(|one| one.arn.as_ref() == Some(arn))
}

fn render(rule: &Rule, rule_arn: &str, target: &Target, event: &Value) -> Result<String, Box<Outcome>> {
    let undecided = |why: String| Box::new(Outcome::Undecided { why });
    match &target.input {
        Input::Transformer(transformer) => {
            let time = event.get("time").and_then(Value::as_str).unwrap_or_default().to_owned();
            let reserved =
                Reserved { rule_arn: rule_arn.to_owned(), rule_name: rule.name.clone(), ingestion_time: time };
            match transformer.render(&Json::from(event), &reserved).map_err(|error| undecided(error.to_string()))? {
                Delivery::Body(body) => Ok(body),
                Delivery::NotDelivered { why } => {
                    let body = String::new();
                    Err(Box::new(Outcome::DeadLetter { code: "INVALID_JSON".to_owned(), why, body }))
                }
            }
        }
        Input::Path(text) => {
            let path = parse_path(text).map_err(|error| undecided(error.to_string()))?;
            let found = path.find(&Json::from(event)).map(Json::to_string);
            found.ok_or_else(|| undecided(format!("the event has nothing at {text}")))
        }
        Input::Constant(text) => Ok(text.clone()),
        Input::Event => Ok(event.to_string()),
    }
}

fn request(destination: &ApiDestination, connection: &Connection, body: String) -> Request {
    let (_, fingerprint) = split_fingerprint(&connection.description);
    let authorization = match (&connection.authorization, fingerprint) {
        (Authorization::Bearer(_), _) | (_, Some(_)) => "Bearer ***",
        _ => UNUSED,
    };
    let mut headers = Map::new();
    headers.insert(connection.header.clone(), authorization.into());
    headers.insert("Content-Type".to_owned(), "application/json; charset=utf-8".into());
    headers.insert("User-Agent".to_owned(), "Amazon/EventBridge/ApiDestinations".into());
    Request { method: destination.method.clone(), url: destination.endpoint.label(), headers, body }
}
