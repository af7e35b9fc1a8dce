//! Proof that alerts arrive, without changing anything: AWS itself judges each live pattern or filter with the blueprint's
//! ringing case, then the message, rendered by our engine from the live target or written by the live notifier, goes
//! through the relay rule. A remediation runs only when somebody asks for it.
//!
//! It never says more than it knows. *Accepted*: EventBridge took the message and nothing came back. *Failed*: it did
//! not match, could not be rendered, or lies in the dead-letter queue. *Confirmed* is for a person to say.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::blueprint::Case;
use crate::cases;
use crate::functions::batch::{Origin, batch};
use crate::live::Live;
use crate::message;
use crate::message::transformer::{Delivery, Reserved};
use crate::name::{NOTIFIER, RELAY, Scope};
use crate::provider::{DeadLetter, Invoked, Provider, ProviderError};
use crate::resource::{
    Address, Arn, Describe, FunctionNames, Input, Kind, Permission, RUNNING, Resource, Rule, SubscriptionFilter,
    TARGET_ID, Target,
};
use crate::stack::InstalledAlert;

/// What is known about one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Proof {
    /// EventBridge took the message; nothing has come back.
    Accepted {
        /// The bodies that Slack gets.
        bodies: Vec<String>,
    },
    /// The alert would not arrive.
    Failed {
        /// Why.
        why: String,
        /// The way out.
        hint: String,
    },
    /// A person has seen it.
    Confirmed {
        /// The bodies that Slack got.
        bodies: Vec<String>,
    },
}

/// One alert and what is known about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// The alert's id.
    pub alert: String,
    /// What is known.
    #[serde(flatten)]
    pub proof: Proof,
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

/// Verifies one alert up to the event bus.
///
/// # Errors
/// A call failed.
pub async fn verify<P: Provider>(
    alert: &InstalledAlert,
    live: &Live,
    scope: &Scope,
    provider: &P,
) -> Result<Proof, ProviderError> {
    let Some(case) = cases::ringing(&alert.blueprint) else {
        let hint = "add a test with `expect: { matches: true }` to the blueprint";
        return Ok(failed("the blueprint has no test that rings, so there is nothing to send", hint));
    };
    let proven = if alert.blueprint.is_log_route() {
        lines(alert, case, live, scope, provider).await?
    } else {
        event(alert, case, live, scope, provider).await?
    };
    Ok(match proven {
        Ok(bodies) => Proof::Accepted { bodies },
        Err(proof) => proof,
    })
}

/// The message of an event: judged by AWS, written by the live target, put on the bus.
async fn event<P: Provider>(
    alert: &InstalledAlert,
    case: &Case,
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
    if target.id() != TARGET_ID {
        return notified(&message, scope, live, provider).await;
    }
    provider.put_relay_event(scope, &json!({ "message": message })).await?;
    Ok(Ok(vec![body]))
}

/// The lines of a case: judged by AWS, given to the notifier as CloudWatch Logs would, and put on the bus by it. Nothing is
/// written into the log group.
async fn lines<P: Provider>(
    alert: &InstalledAlert,
    case: &Case,
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
        owner: scope.account.clone(),
        log_group: filter.log_group.clone(),
        log_stream: "trailbell-verify".to_owned(),
        filter: filter.name.clone(),
    };
    notified(&batch(&origin, &passing), scope, live, provider).await
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
    alert: &InstalledAlert,
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
fn repairing<'l>(alert: &InstalledAlert, live: &'l Live, scope: &Scope) -> Result<(&'l Rule, String), Proof> {
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
fn listening<'l>(alert: &InstalledAlert, live: &'l Live, scope: &Scope) -> Result<&'l SubscriptionFilter, Proof> {
    relays(live, scope)?;
    let group = alert.blueprint.log_route(&alert.values).map(|route| route.log_group).unwrap_or_default();
    let names = FunctionNames::new(scope, NOTIFIER);
    let permission = Permission::for_log_group(scope, &names, &group);
    may_call(&permission, live, &format!("the log group {group}"), &names.function.1)?;
    let id = scope.fit(&alert.id, Kind::SubscriptionFilter.suffix());
    match live.owned.get(&SubscriptionFilter::address_of(scope, &id, &group)) {
        Some(Resource::SubscriptionFilter(filter)) => Ok(filter),
        _ => Err(failed(format!("there is no filter of `{}` on the log group {group}", alert.id), APPLY)),
    }
}

/// The way out for what is not as it should be.
const APPLY: &str = "`trailbell apply` puts it right";

fn relays(live: &Live, scope: &Scope) -> Result<(), Proof> {
    let relay = working_rule(RELAY, live, scope)?;
    if live.owned.contains_key(&Address::new(&scope.region, Kind::Target, relay.address.id.clone())) {
        Ok(())
    } else {
        Err(failed("the relay rule has no target", APPLY))
    }
}

/// The alert's rule, and its target that leads to Slack, as they are in the account, ready to work.
fn deployed<'l>(alert: &InstalledAlert, live: &'l Live, scope: &Scope) -> Result<(&'l Rule, &'l Target), Proof> {
    relays(live, scope)?;
    let rule = working_rule(&scope.fit(&alert.id, Kind::Rule.suffix()), live, scope)?;
    if message::is_by_notifier(&alert.blueprint, &alert.values) {
        let names = FunctionNames::new(scope, NOTIFIER);
        return Ok((rule, calling(rule, &names, &Permission::for_rules(scope, &names), live, scope)?));
    }
    match live.owned.get(&Target::address_of(&rule.address, TARGET_ID)) {
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
    let at = Target::address_of(&rule.address, &Target::function_id(address));
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
    match live.owned.get(&Address::new(&scope.region, Kind::Rule, id)) {
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
    match transformer.render(event, &reserved) {
        Ok(Delivery::Body(body)) => Ok(body),
        Ok(Delivery::NotDelivered { why }) => {
            Err(failed(format!("EventBridge would not deliver the message: {why}"), "mend the blueprint's message"))
        }
        Err(error) => Err(failed(error.to_string(), "change the message or the test so that it can be known")),
    }
}

/// Watches the dead-letter queue for what comes back from the relay rule.
///
/// # Errors
/// A call failed.
pub async fn come_back<P: Provider>(
    before: Option<u64>,
    scope: &Scope,
    provider: &P,
    limit: Duration,
) -> Result<Vec<DeadLetter>, ProviderError> {
    let end = Instant::now() + limit;
    loop {
        if provider.dead_letter_count(scope).await? > before {
            let letters = provider.dead_letters(scope).await?;
            let relay = scope.name(RELAY, Kind::Rule.suffix());
            return Ok(letters
                .into_iter()
                .filter(|one| one.rule_arn.is_empty() || one.rule_arn.ends_with(&relay))
                .collect());
        }
        if Instant::now() >= end {
            return Ok(Vec::new());
        }
        sleep(Duration::from_secs(1).min(limit)).await;
    }
}
