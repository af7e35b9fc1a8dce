//! Why an event did not arrive: its way through what is in the account, hop by hop, up to the first thing that stops it.
//!
//! `trace` walks the live resources, not the desired ones; our engines judge patterns, and the notifier is run where Node is. The stack
//! file is asked only to tell a difference in the account from what the file says.

use serde_json::Value;

use super::HealthCheck;
use crate::alert::{Alert, Home};
use crate::cloudtrail::trail::{Coverage, Need, Trail, coverage, feeds};
use crate::explain::{self, ExplainInput, Explanation, Routed, explain};
use crate::lambda::Writer;
use crate::live::Live;
use crate::name::Scope;
use crate::provider::{DeadLetter, Letters, ProviderError};
use crate::resource::ResourceSet;
use crate::trace::{self, End, HopVerdict, Recipient, Step, Stop, Way};
use crate::verify::alert_graph;

/// An event that should have fired an alert, and what was observed.
pub struct Suspect<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// The event or log line.
    pub input: ExplainInput<'a>,
    /// Where the stack is.
    pub scope: &'a Scope,
    /// What it should have.
    pub desired: &'a ResourceSet,
    /// What it has.
    pub live: &'a Live,
    /// Where it is, and whose events it receives.
    pub home: &'a Home,
    /// The trails of the account, or why they could not be read.
    pub trails: &'a Result<Vec<Trail>, ProviderError>,
    /// What is in the dead-letter queues of the alert's destinations.
    pub letters: &'a [Result<Option<Letters>, ProviderError>],
    /// Writes what the notifier would.
    pub writer: Writer<'a>,
}

const APPLY: &str = "`trailbell plan` shows how the account differs, and `trailbell apply` fixes it";
const EXPLAIN: &str = "the stack file says so: `trailbell explain FILE` compares event and pattern; change the blueprint, its parameters, or \
                       the suppression if this event should fire";

/// What became of the event, in the order in which things happen; the first that is not ok stops it.
#[must_use]
pub fn arrival(suspect: &Suspect<'_>) -> Vec<HealthCheck> {
    let Suspect { alert, input, scope, .. } = suspect;
    let expected = explain(alert, Some(suspect.home), *input, suspect.writer);
    if let Explanation::Stopped { by: by @ (Stop::Suppressed { .. } | Stop::OtherRoute { .. }) } = &expected.outcome {
        return vec![hop("expected", "the stack file").stopped(&by.to_string(), EXPLAIN)];
    }
    let routed = match explain::routed(alert, *input) {
        Ok(routed) => routed,
        Err(by) => return vec![hop("expected", "the stack file").stopped(&by.to_string(), EXPLAIN)],
    };
    let mut checks: Vec<HealthCheck> = recorded(suspect, &routed).into_iter().collect();
    let graph = alert_graph(&alert.id, scope, suspect.desired, suspect.live, suspect.home);
    let ways = trace::follow(&graph, routed.input(), |question| explain::answer(question, scope, suspect.writer));
    let own = || ways.iter().filter(|way| !way.destination.as_ref().is_some_and(Recipient::is_handler));
    let matching: Vec<&Way> = own().filter(|way| way.matches()).collect();
    let shown = if matching.is_empty() { trace::furthest(own()).into_iter().collect() } else { matching };
    if shown.is_empty() {
        let what = format!("`{}` does not have a rule or filter in the account", alert.id);
        checks.push(hop("rule", "rule or filter").stopped(&what, "`trailbell apply`"));
    }
    let fix = if expected.outcome.fires() { APPLY } else { EXPLAIN };
    for way in &shown {
        checks.extend(along(way, fix));
    }
    checks.push(letters(suspect, &shown));
    checks
}

/// The place of a hop in the list.
struct HopPlace {
    id: String,
    title: String,
}

fn hop(id: &str, title: &str) -> HopPlace {
    HopPlace { id: format!("arrival/{id}"), title: title.to_owned() }
}

impl HopPlace {
    fn ok(&self, detail: &str) -> HealthCheck {
        HealthCheck::ok(&self.id, &self.title, detail)
    }

    fn stopped(&self, why: &str, fix: &str) -> HealthCheck {
        HealthCheck::failed(&self.id, &self.title, why, fix)
    }

    fn not_known(&self, why: &str, fix: &str) -> HealthCheck {
        HealthCheck::not_known(&self.id, &self.title, why, fix)
    }
}

/// Whether a trail records the event; nothing when CloudTrail does not deliver it.
fn recorded(suspect: &Suspect<'_>, routed: &Routed<'_>) -> Option<HealthCheck> {
    let place = hop("recorded", "recorded by CloudTrail");
    let (need, group) = match routed {
        Routed::Event(event) => (Need::of_event(event)?, None),
        Routed::Lines { log_group, lines } => (lines.iter().find_map(|line| Need::of_line(line))?, Some(*log_group)),
    };
    let trails = match suspect.trails {
        Ok(trails) => trails,
        Err(error) => return Some(HealthCheck::not_asked(&place.id, &place.title, error)),
    };
    let covered = match group {
        Some(group) => feeds(trails, &suspect.scope.log_group_arn(group), &need),
        None => coverage(trails, suspect.scope.region(), &need),
    };
    Some(match covered {
        Coverage::Recorded { trail } => place.ok(&format!("by {trail}, as the account is now")),
        Coverage::Missing { why, fix } => place.stopped(&why, &fix),
        Coverage::Unknown { why } => place.not_known(&why, super::trails::SHOW),
    })
}

/// The hops of one way, up to the first that stops it.
fn along(way: &Way, fix: &str) -> Vec<HealthCheck> {
    let name = &way.origin.name;
    let to = way.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    let (ending, last) = match way.end() {
        End::Open => (None, None),
        End::Stopped { at, by } => (Some(at), Some(at_hop(at, name, &to).stopped(&by.to_string(), fix_of(by, fix)))),
        End::NotRun { why } => {
            (Some(Step::Ran), Some(at_hop(Step::Ran, name, &to).not_known(why, "install Node 20 or newer")))
        }
        End::NotKnown { at, why } => (Some(at), Some(at_hop(at, name, &to).not_known(why, APPLY))),
    };
    let before =
        way.hops.iter().filter(|hop| matches!(hop.verdict, HopVerdict::Yes) && ending.is_none_or(|end| hop.step < end));
    let mut checks: Vec<HealthCheck> = before.map(|one| at_hop(one.step, name, &to).ok("yes")).collect();
    checks.extend(last);
    checks
}

/// The fix where something other than the stack file or its difference is the reason.
fn fix_of<'f>(by: &Stop, otherwise: &'f str) -> &'f str {
    match by {
        Stop::Region { .. } | Stop::Account { .. } => {
            "install the alert in a stack there, or forward the events and list where they come from under `forwarded`"
        }
        _ => otherwise,
    }
}

fn at_hop(step: Step, name: &str, to: &str) -> HopPlace {
    let (id, what) = match step {
        Step::Received => ("received", "receives such events"),
        Step::Matches => ("matches", "matches"),
        Step::Target => ("target", "has a target"),
        Step::Rendered => ("rendered", "makes a message"),
        Step::Sent => ("sent", "may send it"),
        Step::Counted => ("counted", "has counted enough"),
        Step::Collected => ("collected", "is collected"),
        Step::Ran => ("ran", "calls the function"),
        Step::Put => ("put", "puts the message on the bus"),
        Step::Accepted => ("accepted", "has a body that Slack takes"),
    };
    hop(id, &format!("{name} {what}{to}"))
}

/// Whether it is in a dead-letter queue, or others of its rule are.
fn letters(suspect: &Suspect<'_>, ways: &[&Way]) -> HealthCheck {
    let place = hop("dead-letters", "dead letters");
    if let Some(error) = suspect.letters.iter().find_map(|one| one.as_ref().err()) {
        return HealthCheck::not_asked(&place.id, &place.title, error);
    }
    let seen =
        || suspect.letters.iter().filter_map(|one| one.as_ref().ok()?.as_ref()).flat_map(|letters| &letters.seen);
    let of_rule = || {
        seen().filter(|letter| ways.iter().any(|way| !way.origin.arn.is_empty() && way.origin.arn == letter.rule_arn))
    };
    let fix = "`trailbell redrive --dry-run` shows them and why; fix that, then `trailbell redrive` sends them";
    let words = |letter: &DeadLetter| format!("{}: {}", letter.code, letter.message);
    if let Some(letter) = of_rule().find(|letter| is_it(letter, suspect.input, ways)) {
        return place.stopped(&format!("this message is in the dead-letter queue: {}", words(letter)), fix);
    }
    match of_rule().max_by_key(|letter| letter.sent_ms) {
        Some(letter) => {
            let number = of_rule().count();
            place.stopped(&format!("{number} of this rule are in the queue; the newest: {}", words(letter)), fix)
        }
        None => unseen(suspect).map_or_else(
            || place.ok("none of this rule"),
            |why| place.not_known(why, "`trailbell redrive --dry-run` shows all of them"),
        ),
    }
}

/// Why a letter can be there that was not seen.
fn unseen(suspect: &Suspect<'_>) -> Option<&'static str> {
    suspect.letters.iter().find_map(|one| match one {
        Ok(Some(letters)) if letters.is_complete => None,
        Ok(Some(_)) => Some("none of this rule among those that were seen, and there are more"),
        Ok(None) => Some("the dead-letter queue does not exist, so what is not delivered is lost"),
        Err(_) => None,
    })
}

/// Whether a letter is about the event: it holds the message, or the event itself.
fn is_it(letter: &DeadLetter, input: ExplainInput<'_>, ways: &[&Way]) -> bool {
    let is_message = ways.iter().any(|way| way.body.as_deref() == Some(letter.body.as_str()));
    let id = |event: &Value| event["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let held = serde_json::from_str::<Value>(&letter.body).ok().and_then(|event| id(&event));
    is_message || held.is_some() && held == id(&input.value())
}
