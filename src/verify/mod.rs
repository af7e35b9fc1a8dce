//! Proof that alerts arrive, without changing anything: nothing on the alert's way differs from the stack file, a trail
//! records its events, AWS itself judges each live pattern or filter with the blueprint's positive case, then the message,
//! rendered by our engine from the live target or written by the live notifier, goes through the relay rule, marked as a
//! test. A remediation runs only when somebody asks for it.
//!
//! It never says more than it knows. *Accepted*: EventBridge took the message and nothing came back while it was watched.
//! *Proven* is for a person to say, who saw it arrive. `way` compares, `mark` marks, `watch` looks for dead letters.

mod mark;
mod settle;
#[cfg(test)]
mod tests;
mod watch;
mod way;

use serde::Serialize;
use serde_json::{Value, json};

use crate::alert::Alert;
use crate::blueprint::Case;
use crate::cases;
use crate::cloudtrail::trail::{Coverage, Need, Trail, coverage, feeds};
use crate::functions::batch::{Origin, batch};
use crate::json::Json;
use crate::live::Live;
use crate::message::transformer::{Delivery, Reserved};
use crate::name::{NOTIFIER, RELAY, Scope};
use crate::plan::Plan;
use crate::provider::{Invoked, Provider, ProviderError};
use crate::resource::{
    Address, Arn, Describe, FunctionNames, Id, Input, Kind, Leads, Permission, RUNNING, Resource, ResourceSet, Rule,
    SubscriptionFilter, Target,
};

pub use settle::{confirmed, returned, uncompared};
pub use watch::{Gap, MOST_LETTERS, Watched, watch};

/// What is known about one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Proof {
    /// Every step was observed, and a person saw the message arrive.
    Proven {
        /// The bodies that Slack got.
        bodies: Vec<String>,
    },
    /// EventBridge took the message and nothing came back while the dead-letter queue was watched.
    Accepted {
        /// The bodies that Slack gets.
        bodies: Vec<String>,
    },
    /// EventBridge took the message; the dead-letter queue could not be watched.
    NotWatched {
        /// Why not.
        why: String,
        /// The fix.
        hint: String,
    },
    /// Something that the proof needs is not known.
    Unknown {
        /// What.
        why: String,
        /// The fix.
        hint: String,
    },
    /// The alert would not arrive, or is not what the stack file describes.
    Failed {
        /// Why.
        why: String,
        /// The fix.
        hint: String,
    },
}

/// What is known about all alerts together: the least of what is known about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// At least one would not arrive.
    Failed,
    /// Of at least one it is not known.
    Unknown,
    /// The dead-letter queue could not be watched.
    NotWatched,
    /// Nothing came back, and nobody has seen all of them arrive.
    Accepted,
    /// All were seen to arrive.
    Proven,
}

impl Proof {
    /// The verdict on this alert alone.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Proven { .. } => Verdict::Proven,
            Self::Accepted { .. } => Verdict::Accepted,
            Self::NotWatched { .. } => Verdict::NotWatched,
            Self::Unknown { .. } => Verdict::Unknown,
            Self::Failed { .. } => Verdict::Failed,
        }
    }
}

/// One alert and what is known about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// The alert's id.
    pub alert: String,
    /// The id in its message, by which a dead letter of it is known.
    pub test_id: String,
    /// What is known.
    #[serde(flatten)]
    pub proof: Proof,
    /// What could not be compared on its way: secrets, and policies of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_compared: Vec<String>,
    /// What its remediation did, if it was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remedied>,
}

fn failed(why: impl Into<String>, hint: impl Into<String>) -> Proof {
    Proof::Failed { why: why.into(), hint: hint.into() }
}

/// What a remediation did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Remedied {
    /// The function's name.
    pub function: String,
    /// What it gave back, or failed with.
    #[serde(flatten)]
    pub invoked: Invoked,
}

/// What was read before anything is sent.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What the stack should have.
    pub desired: &'a ResourceSet,
    /// What it has.
    pub live: &'a Live,
    /// The difference.
    pub plan: &'a Plan,
    /// The trails of the account, or why they could not be read.
    pub trails: &'a Result<Vec<Trail>, ProviderError>,
    /// What tells this run from others.
    pub run: &'a str,
}

/// Verifies one alert up to the event bus. `settle` says what the dead-letter queue and a person make of it.
///
/// # Errors
/// A call failed.
pub async fn verify<P: Provider>(alert: &Alert, known: Known<'_>, provider: &P) -> Result<Verified, ProviderError> {
    Ok(Verified {
        alert: alert.id.clone(),
        test_id: test_id(known.run, &alert.id),
        proof: prove(alert, known, provider).await?,
        not_compared: way::not_compared(&alert.id, known.desired, known.live, &known.plan.scope),
        remediation: None,
    })
}

/// The id of the test of one alert in one run.
#[must_use]
pub fn test_id(run: &str, alert: &str) -> String {
    mark::id(run, alert)
}

async fn prove<P: Provider>(alert: &Alert, known: Known<'_>, provider: &P) -> Result<Proof, ProviderError> {
    let scope = &known.plan.scope;
    let differences = way::differences(&alert.id, known.desired, known.live, known.plan);
    if !differences.is_empty() {
        let why = format!("what is in the account is not what the stack file describes: {}", differences.join("; "));
        return Ok(failed(why, "`trailbell plan` shows the differences, `trailbell apply` fixes them"));
    }
    let Some(case) = cases::ringing(&alert.blueprint) else {
        let hint = "add a test with `expect: { matches: true }` to the blueprint";
        return Ok(failed("the blueprint has no test that expects a match, so there is nothing to send", hint));
    };
    if let Some(proof) = unrecorded(alert, case, known.trails, scope) {
        return Ok(proof);
    }
    let id = test_id(known.run, &alert.id);
    let proven = if alert.lines().is_some() {
        lines(alert, case, &id, known.live, scope, provider).await?
    } else {
        event(alert, case, &id, known.live, scope, provider).await?
    };
    Ok(match proven {
        Ok(bodies) => Proof::Accepted { bodies },
        Err(proof) => proof,
    })
}

/// Why CloudTrail does not record what the alert waits for, or that it is not known; nothing when it does, or when the
/// alert does not wait for CloudTrail.
fn unrecorded(alert: &Alert, case: &Case, trails: &Result<Vec<Trail>, ProviderError>, scope: &Scope) -> Option<Proof> {
    let heard = alert.lines();
    let need = match heard {
        Some(_) => case.logged().iter().find_map(|line| Need::of_line(line)),
        None => Need::of_event(&case.sent()),
    }?;
    let trails = match trails {
        Ok(trails) => trails,
        Err(error) => {
            let why = format!("whether a trail records its events is not known: {error}");
            let hint = error.hint.clone().unwrap_or_else(|| format!("grant `{}`", error.action));
            return Some(Proof::Unknown { why, hint });
        }
    };
    let coverage = match heard {
        Some(lines) => feeds(trails, &scope.log_group_arn(&lines.log_group), &need),
        None => coverage(trails, scope.region(), &need),
    };
    match coverage {
        Coverage::Recorded { .. } => None,
        Coverage::Missing { why, fix } => Some(failed(why, fix)),
        Coverage::Unknown { why } => {
            let hint = "`aws cloudtrail describe-trails` and `get-event-selectors` show what is recorded".to_owned();
            Some(Proof::Unknown { why, hint })
        }
    }
}

/// The message of an event: judged by AWS, written by the live target, put on the bus.
async fn event<P: Provider>(
    alert: &Alert,
    case: &Case,
    id: &str,
    live: &Live,
    scope: &Scope,
    provider: &P,
) -> Result<Result<Vec<String>, Proof>, ProviderError> {
    let (rule, target) = match deployed(alert, live, scope) {
        Ok(found) => found,
        Err(proof) => return Ok(Err(proof)),
    };
    let event = case.sent();
    if !provider.test_pattern(&rule.pattern, &event).await? {
        let why = format!("AWS says that the rule does not match the event of the test `{}`", case.name);
        return Ok(Err(failed(why, "compare pattern and event: `trailbell fire` shows why it does not match")));
    }
    let body = match render(rule, target, &event, live) {
        Ok(body) => body,
        Err(proof) => return Ok(Err(proof)),
    };
    let Ok(message) = serde_json::from_str::<Value>(&body) else {
        let hint = "mend the blueprint's template";
        return Ok(Err(failed("the message is not JSON, so Slack would refuse it", hint)));
    };
    if *target.leads() != Leads::Slack {
        return notified(&mark::input(&message, id), scope, live, provider).await;
    }
    let marked = mark::message(&message, id);
    provider.put_relay_event(scope, &json!({ "message": marked })).await?;
    Ok(Ok(vec![marked.to_string()]))
}

/// The lines of a case: judged by AWS, given to the notifier as CloudWatch Logs would, and put on the bus by it. Nothing is
/// written into the log group.
async fn lines<P: Provider>(
    alert: &Alert,
    case: &Case,
    id: &str,
    live: &Live,
    scope: &Scope,
    provider: &P,
) -> Result<Result<Vec<String>, Proof>, ProviderError> {
    let filter = match listening(alert, live, scope) {
        Ok(filter) => filter,
        Err(proof) => return Ok(Err(proof)),
    };
    let lines = case.logged();
    let passing: Vec<&str> = match provider.test_filter(&filter.pattern, &lines).await? {
        Some(places) => cases::at_places(&lines, &places),
        None => match cases::passing(&filter.pattern, &lines) {
            Ok(passing) => passing,
            Err(why) => return Ok(Err(failed(why, "change the filter or the test so that it can be known"))),
        },
    };
    if passing.is_empty() {
        let why = format!("AWS says that no line of the test `{}` passes the filter", case.name);
        let hint =
            "`trailbell plan` shows whether the filter is that of the blueprint, `trailbell fire` what passes it";
        return Ok(Err(failed(why, hint)));
    }
    let origin = Origin {
        owner: scope.account().to_owned(),
        log_group: filter.log_group.clone(),
        log_stream: String::new(),
        filter: filter.name.clone(),
    };
    notified(&batch(&mark::origin(origin, id), &passing), scope, live, provider).await
}

/// Lets the notifier write and send the messages.
async fn notified<P: Provider>(
    input: &Value,
    scope: &Scope,
    live: &Live,
    provider: &P,
) -> Result<Result<Vec<String>, Proof>, ProviderError> {
    let function = match running(NOTIFIER, live, scope) {
        Ok(name) => name,
        Err(proof) => return Ok(Err(proof)),
    };
    let invoked = provider.invoke(scope, &function, input).await?;
    if let Some(error) = invoked.error {
        let hint = format!("its log group is /aws/lambda/{function}");
        return Ok(Err(failed(format!("the function {function} failed: {error}"), hint)));
    }
    let messages = invoked.result["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        let why = format!("the function {function} sent no message");
        return Ok(Err(failed(why, "its code may be an older one: `trailbell apply` renews it")));
    }
    Ok(Ok(messages.iter().map(Value::to_string).collect()))
}

/// What came of asking for a remediation.
#[derive(Clone, Debug, PartialEq)]
pub enum Repair {
    /// The handler was called.
    Ran(Remedied),
    /// The event does not match the alert, so the handler would never get it.
    OtherEvent,
    /// Something is not as it should be.
    Broken(Proof),
}

/// Calls the handler of an alert with an event, for real, if AWS says that the event would bring it there.
///
/// # Errors
/// A call failed.
pub async fn remedy<P: Provider>(
    alert: &Alert,
    event: &Value,
    live: &Live,
    scope: &Scope,
    provider: &P,
) -> Result<Repair, ProviderError> {
    let (rule, function) = match repairing(alert, live, scope) {
        Ok(ready) => ready,
        Err(proof) => return Ok(Repair::Broken(proof)),
    };
    if !provider.test_pattern(&rule.pattern, event).await? {
        return Ok(Repair::OtherEvent);
    }
    let invoked = provider.invoke(scope, &function, event).await?;
    Ok(Repair::Ran(Remedied { function, invoked }))
}

/// The alert's rule and the handler that it calls, ready to work.
fn repairing<'l>(alert: &Alert, live: &'l Live, scope: &Scope) -> Result<(&'l Rule, String), Proof> {
    let rule = working_rule(&scope.fit(&alert.id, Kind::Rule.suffix()), live, scope)?;
    let names = FunctionNames::new(scope, &alert.id);
    calling(rule, &names, &Permission::for_rule(scope, &names, &rule.name), live, scope)?;
    Ok((rule, running(&alert.id, live, scope)?))
}

/// The name of a function that is in the account and can be called.
fn running(id: &str, live: &Live, scope: &Scope) -> Result<String, Proof> {
    let (address, name) = FunctionNames::new(scope, id).function;
    match live.owned.get(&address) {
        Some(Resource::Function(one)) if one.reserved_concurrency == Some(0) => {
            Err(failed(format!("the function {name} may not run: its reserved concurrency is 0"), APPLY))
        }
        Some(Resource::Function(one)) if one.state == RUNNING => Ok(name),
        Some(Resource::Function(one)) => Err(failed(format!("the function {name} is {}", one.state), APPLY)),
        _ => Err(failed(format!("the function {name} is not in the account"), APPLY)),
    }
}

/// The alert's filter as it is in the account, with what lets it call the notifier.
fn listening<'l>(alert: &Alert, live: &'l Live, scope: &Scope) -> Result<&'l SubscriptionFilter, Proof> {
    relays(live, scope)?;
    let group = alert.lines().map(|lines| lines.log_group.as_str()).unwrap_or_default();
    let names = FunctionNames::new(scope, NOTIFIER);
    let permission = Permission::for_log_group(scope, &names, group);
    may_call(&permission, live, &format!("the log group {group}"), &names.function.1)?;
    let id = scope.fit(&alert.id, Kind::SubscriptionFilter.suffix());
    match live.owned.get(&SubscriptionFilter::address_of(scope, &id, group)) {
        Some(Resource::SubscriptionFilter(filter)) => Ok(filter),
        _ => Err(failed(format!("there is no filter of `{}` on the log group {group}", alert.id), APPLY)),
    }
}

/// The way out for what is not as it should be.
const APPLY: &str = "`trailbell apply` puts it right";

fn relays(live: &Live, scope: &Scope) -> Result<(), Proof> {
    let relay = working_rule(RELAY, live, scope)?;
    if live.owned.contains_key(&Target::address_of(&relay.address, Leads::Slack)) {
        Ok(())
    } else {
        Err(failed("the relay rule has no target", APPLY))
    }
}

/// The alert's rule, and its target that leads to Slack, as they are in the account, ready to work.
fn deployed<'l>(alert: &Alert, live: &'l Live, scope: &Scope) -> Result<(&'l Rule, &'l Target), Proof> {
    relays(live, scope)?;
    let rule = working_rule(&scope.fit(&alert.id, Kind::Rule.suffix()), live, scope)?;
    if alert.is_by_notifier() {
        let names = FunctionNames::new(scope, NOTIFIER);
        return Ok((rule, calling(rule, &names, &Permission::for_rules(scope, &names), live, scope)?));
    }
    match live.owned.get(&Target::address_of(&rule.address, Leads::Slack)) {
        Some(Resource::Target(target)) => Ok((rule, target)),
        _ => Err(failed(format!("the rule `{}` has no target that leads to Slack", rule.name), APPLY)),
    }
}

/// The target of a rule that calls a function, with the permission without which EventBridge may not.
fn calling<'l>(
    rule: &Rule,
    names: &FunctionNames,
    permission: &Permission,
    live: &'l Live,
    scope: &Scope,
) -> Result<&'l Target, Proof> {
    let (address, name) = &names.function;
    let at = Target::address_of(&rule.address, Leads::Function(address.id.base().to_owned()));
    let Some(Resource::Target(target)) = live.owned.get(&at) else {
        return Err(failed(format!("the rule `{}` has no target that calls {name}", rule.name), APPLY));
    };
    let is_there = target.arn == Arn::Of(address.clone()) || target.arn == Arn::Known(scope.function_arn(name));
    if !is_there {
        return Err(failed(format!("the target of the rule `{}` calls something else than {name}", rule.name), APPLY));
    }
    may_call(permission, live, &format!("the rule `{}`", rule.name), name)?;
    Ok(target)
}

/// Whether the function's policy has the permission as it should be.
fn may_call(permission: &Permission, live: &Live, who: &str, function: &str) -> Result<(), Proof> {
    match live.owned.get(&permission.address) {
        Some(Resource::Permission(one)) if one.fields() == permission.fields() => Ok(()),
        _ => Err(failed(format!("{who} may not call {function}"), APPLY)),
    }
}

fn working_rule<'l>(id: &str, live: &'l Live, scope: &Scope) -> Result<&'l Rule, Proof> {
    match live.owned.get(&Address::new(scope.region(), Id::Rule(id.to_owned()))) {
        Some(Resource::Rule(rule)) if rule.listens() => Ok(rule),
        Some(Resource::Rule(rule)) => Err(failed(format!("the rule `{}` is {}", rule.name, rule.state), APPLY)),
        _ => Err(failed(format!("rule.{id} is not in the account"), APPLY)),
    }
}

fn render(rule: &Rule, target: &Target, event: &Value, live: &Live) -> Result<String, Proof> {
    let Input::Transformer(transformer) = &target.input else {
        return Err(failed("the target does not transform the event any more", APPLY));
    };
    let rule_arn = live.arns.get(&rule.address).cloned().unwrap_or_default();
    let time = event.get("time").and_then(Value::as_str).unwrap_or_default().to_owned();
    let reserved = Reserved { rule_arn, rule_name: rule.name.clone(), ingestion_time: time };
    match transformer.render(&Json::from(event), &reserved) {
        Ok(Delivery::Body(body)) => Ok(body),
        Ok(Delivery::NotDelivered { why }) => {
            Err(failed(format!("EventBridge would not deliver the message: {why}"), "mend the blueprint's message"))
        }
        Err(error) => Err(failed(error.to_string(), "change the message or the test so that it can be known")),
    }
}
