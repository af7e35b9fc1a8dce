//! Proof that alerts arrive, without changing anything: AWS itself judges each live pattern with the blueprint's ringing
//! case, then the message, rendered by our engine from the live target, goes through the relay rule.
//!
//! It never says more than it knows. *Accepted*: EventBridge took the message and nothing came back. *Failed*: it did
//! not match, could not be rendered, or lies in the dead-letter queue. *Confirmed* is for a person to say.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cases;
use crate::live::Live;
use crate::message::transformer::{Delivery, Reserved};
use crate::name::{RELAY, Scope};
use crate::provider::{DeadLetter, Provider, ProviderError};
use crate::resource::{Address, Input, Kind, Resource, Rule, Target};
use crate::stack::InstalledAlert;

/// What is known about one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Proof {
    /// EventBridge took the message; nothing has come back.
    Accepted {
        /// The body that Slack gets.
        body: String,
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
        /// The body that Slack got.
        body: String,
    },
}

/// One alert and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The alert's id.
    pub alert: String,
    /// What is known.
    #[serde(flatten)]
    pub proof: Proof,
}

fn failed(why: impl Into<String>, hint: impl Into<String>) -> Proof {
    Proof::Failed { why: why.into(), hint: hint.into() }
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
    let body = match judged_and_rendered(alert, live, scope, provider).await? {
        Ok(body) => body,
        Err(proof) => return Ok(proof),
    };
    let message: Value = match serde_json::from_str(&body) {
        Ok(message) => message,
        Err(_) => {
            return Ok(failed("the message is not JSON, so Slack would refuse it", "mend the blueprint's template"));
        }
    };
    provider.put_relay_event(scope, &json!({ "message": message })).await?;
    Ok(Proof::Accepted { body })
}

async fn judged_and_rendered<P: Provider>(
    alert: &InstalledAlert,
    live: &Live,
    scope: &Scope,
    provider: &P,
) -> Result<Result<String, Proof>, ProviderError> {
    let Some(case) = cases::ringing(&alert.blueprint) else {
        let hint = "add a test with `expect: { matches: true }` to the blueprint";
        return Ok(Err(failed("the blueprint has no test that rings, so there is no event to send", hint)));
    };
    let (rule, target) = match deployed(&alert.id, live, scope) {
        Ok(found) => found,
        Err(proof) => return Ok(Err(proof)),
    };
    let event = case.sent();
    if !provider.test_pattern(&rule.pattern, &event).await? {
        let why = format!("AWS says that the rule does not match the event of the test `{}`", case.name);
        return Ok(Err(failed(why, "compare pattern and event: `trailbell fire` shows why it does not match")));
    }
    Ok(render(rule, target, &event, live))
}

/// The alert's rule and target as they are in the account, ready to work.
fn deployed<'l>(id: &str, live: &'l Live, scope: &Scope) -> Result<(&'l Rule, &'l Target), Proof> {
    let id = scope.fit(id, Kind::Rule.suffix());
    let apply = "`trailbell apply` puts it right";
    let relay = working_rule(RELAY, live, scope)?;
    if !live.owned.contains_key(&Address::new(&scope.region, Kind::Target, relay.address.id.clone())) {
        return Err(failed("the relay rule has no target", apply));
    }
    let rule = working_rule(&id, live, scope)?;
    match live.owned.get(&Address::new(&scope.region, Kind::Target, id)) {
        Some(Resource::Target(target)) => Ok((rule, target)),
        _ => Err(failed(format!("the rule `{}` has no target", rule.name), apply)),
    }
}

fn working_rule<'l>(id: &str, live: &'l Live, scope: &Scope) -> Result<&'l Rule, Proof> {
    let apply = "`trailbell apply` puts it right";
    match live.owned.get(&Address::new(&scope.region, Kind::Rule, id)) {
        Some(Resource::Rule(rule)) if rule.listens() => Ok(rule),
        Some(Resource::Rule(rule)) => Err(failed(format!("the rule `{}` is {}", rule.name, rule.state), apply)),
        _ => Err(failed(format!("rule.{id} is not in the account"), apply)),
    }
}

fn render(rule: &Rule, target: &Target, event: &Value, live: &Live) -> Result<String, Proof> {
    let Input::Transformer(transformer) = &target.input else {
        return Err(failed("the target does not transform the event any more", "`trailbell apply` puts it right"));
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
