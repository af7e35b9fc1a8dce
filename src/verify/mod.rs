//! Proof that alerts arrive, without changing anything: nothing on the alert's way differs from the stack file, a
//! trail records its events, AWS itself judges each live pattern or filter with the blueprint's positive case, then
//! the message, rendered by our engine from the live target or written by the live notifier, goes through the relay
//! rule, marked as a test. A remediation runs only when someone asks for it.
//!
//! It never says more than it knows. *Accepted*: EventBridge took the message and nothing came back while it was watched.
//! *Proven* is for a person to say, who saw it arrive. `differences` compares with the file, `recorded` asks about trails, `sending`
//! walks the live graph with AWS's answers and sends, `mark` marks, `watch` looks for dead letters, `settle` concludes.

mod differences;
mod mark;
mod recorded;
mod relay;
mod sending;
mod settle;
#[cfg(test)]
mod tests;
mod watch;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::alert::{Alert, Home, logged_in};
use crate::cases;
use crate::cloudtrail::trail::Trail;
use crate::live::Live;
use crate::plan::Plan;
use crate::provider::{Invoked, Provider, ProviderError};
use crate::resource::ResourceSet;
use sending::{Site, TriedInput};

pub use relay::Relay;
pub use sending::alert_graph;
pub use settle::{confirmed, returned, uncompared};
pub use watch::{Gap, MOST_LETTERS, Watched, watch};

/// What is known about one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofVerdict {
    /// At least one would not arrive.
    Failed,
    /// Of at least one it is not known.
    Unknown,
    /// The dead-letter queue could not be watched.
    NotWatched,
    /// Nothing came back, and no one has seen all of them arrive.
    Accepted,
    /// All were seen to arrive.
    Proven,
}

impl Proof {
    /// The verdict on this alert alone.
    #[must_use]
    pub const fn verdict(&self) -> ProofVerdict {
        match self {
            Self::Proven { .. } => ProofVerdict::Proven,
            Self::Accepted { .. } => ProofVerdict::Accepted,
            Self::NotWatched { .. } => ProofVerdict::NotWatched,
            Self::Unknown { .. } => ProofVerdict::Unknown,
            Self::Failed { .. } => ProofVerdict::Failed,
        }
    }
}

/// One alert and what is known about it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
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
    /// Where the stack is, and whose events it receives.
    pub home: &'a Home,
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
        not_compared: differences::not_compared(alert, known.desired, known.live, &known.plan.scope),
        remediation: None,
    })
}

impl<'a> Known<'a> {
    fn site(&self) -> Site<'a> {
        Site { scope: &self.plan.scope, desired: self.desired, live: self.live, home: self.home }
    }
}

/// The id of the test of one alert in one run.
#[must_use]
pub fn test_id(run: &str, alert: &str) -> String {
    mark::id(run, alert)
}

async fn prove<P: Provider>(alert: &Alert, known: Known<'_>, provider: &P) -> Result<Proof, ProviderError> {
    let scope = &known.plan.scope;
    if let Some(proof) = different(alert, known) {
        return Ok(proof);
    }
    let cases = cases::of_each_message(alert);
    if cases.is_empty() {
        let hint = "add a test with `expect: { matches: true }` to the blueprint";
        return Ok(failed("the blueprint has no test that expects a match, so there is nothing to send", hint));
    }
    // All that is counted makes one message.
    let most = if alert.threshold.is_some() { 1 } else { cases.len() };
    let mut sent = Vec::new();
    for case in cases.into_iter().take(most) {
        let case = match case {
            Ok(case) => case,
            Err(pattern) => return Ok(untried(pattern)),
        };
        if let Some(proof) = recorded::unrecorded(alert, case, known.trails, scope) {
            return Ok(proof);
        }
        for (part, account) in alert.trials(known.home) {
            let account = account.as_deref();
            let event = alert.sent_from(case, known.home, account);
            // Only lines may not say whose they are: an event always has an account.
            let is_certain = alert.lines().is_none() || part.to == alert.to;
            let Some(lines) = logged_in(case, account, is_certain) else { continue };
            let input = TriedInput { event, lines };
            match sending::send(&part, &input, &test_id(known.run, &alert.id), &known.site(), provider).await? {
                Proof::Accepted { bodies } => sent.extend(bodies),
                other => return Ok(other),
            }
        }
    }
    Ok(Proof::Accepted { bodies: sent })
}

/// Some of the calls have a rule of their own that no test of the blueprint is about.
fn untried(pattern: &Value) -> Proof {
    let names = pattern.pointer("/detail/eventName").unwrap_or(&Value::Null);
    Proof::Unknown {
        why: format!(
            "nothing was sent through the rule of the calls {names}: the blueprint has no test for any of them"
        ),
        hint: "add a test with `expect: { matches: true }` for one of these calls to the blueprint".to_owned(),
    }
}

/// How what is on the alert's way differs from the stack file; nothing when it does not.
fn different(alert: &Alert, known: Known<'_>) -> Option<Proof> {
    let differences = differences::differences(alert, known.desired, known.live, known.plan);
    (!differences.is_empty()).then(|| {
        let why = format!("what is in the account is not what the stack file describes: {}", differences.join("; "));
        failed(why, "`trailbell plan` shows the differences, and `trailbell apply` fixes them")
    })
}

/// Why the handler must not be called: it is not the stack's, or no event would ever bring it there.
fn unfit(alert: &Alert, known: Known<'_>) -> Option<Proof> {
    let unrecorded = || {
        let case = cases::matching(&alert.blueprint)?;
        recorded::unrecorded(alert, case, known.trails, &known.plan.scope)
    };
    let is_certain = |proof: &Proof| matches!(proof, Proof::Failed { .. });
    different(alert, known).or_else(|| unrecorded().filter(is_certain))
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

/// Calls the handler of an alert with an event, for real, if nothing on the way differs from the stack file and AWS says
/// that the event would bring it there.
///
/// # Errors
/// A call failed.
pub async fn remedy<P: Provider>(
    alert: &Alert,
    event: &Value,
    known: Known<'_>,
    provider: &P,
) -> Result<Repair, ProviderError> {
    if let Some(proof) = unfit(alert, known) {
        return Ok(Repair::Broken(proof));
    }
    match sending::to_handler(alert, event, &known.site(), provider).await? {
        Ok(Some(function)) => {
            let invoked = provider.invoke(&known.plan.scope, &function, event).await?;
            Ok(Repair::Ran(Remedied { function, invoked }))
        }
        Ok(None) => Ok(Repair::OtherEvent),
        Err(proof) => Ok(Repair::Broken(proof)),
    }
}
