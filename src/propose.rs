//! The smallest suppression for one event that an alert fires for, and the proof that it does what it should.
//!
//! Who did it comes first, in a field that the caller cannot choose; the name of the call is added where the alert is about several,
//! and more about the event where a test of the blueprint would be silenced otherwise. Users: `cli::suppress`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::alert::{Alert, Home};
use crate::blueprint::Case;
use crate::filter::{self, Judgment};
use crate::pattern::{Branch, DEFAULT_QUOTA, Demand, Pattern, Verdict};
use crate::suppression::{Narrowed, Suppression, SuppressionRule};

/// A suppression that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Proposal {
    /// What must be so, as in a stack file.
    #[schemars(with = "std::collections::BTreeMap<String, Vec<Value>>")]
    pub when: Map<String, Value>,
    /// How many tests of the blueprint still fire.
    pub tests: usize,
}

/// Who did it: the first of these fields that a record has.
const WHO: [&str; 5] = [
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.userName",
    "userIdentity.invokedBy",
    "userIdentity.onBehalfOf.userId",
    "userIdentity.accountId",
];

/// The call, and what tells it from the events of a blueprint's tests.
const CALL: &str = "eventName";
const MORE: [&str; 4] = ["recipientAccountId", "awsRegion", "sourceIPAddress", "userAgent"];

/// Proposes a suppression for an event that the alert fires for.
///
/// # Errors
/// Why there is none.
pub fn propose(alert: &Alert, home: &Home, event: &Value) -> Result<Proposal, String> {
    let record = &event["detail"];
    if record["userIdentity"]["type"] == "Root" {
        return Err("the root user did it, and what the root user does is never expected".to_owned());
    }
    let who = WHO.iter().find_map(|path| condition(record, path));
    let who = who.ok_or("the event does not say who caused it in a field that the caller cannot choose")?;
    let mut why = String::new();
    for when in candidates(record, who, alert) {
        match tried(alert, home, event, &when) {
            Ok(tests) => return Ok(Proposal { when, tests }),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

/// A field of the record with its value, as a condition.
fn condition(record: &Value, path: &str) -> Option<(String, Value)> {
    let value = record.pointer(&format!("/{}", path.replace('.', "/")))?;
    let is_text = value.as_str().is_some_and(|text| !text.is_empty());
    is_text.then(|| (path.to_owned(), json!([value])))
}

/// What can be tried, from the widest on that is about one call.
fn candidates(record: &Value, who: (String, Value), alert: &Alert) -> Vec<Map<String, Value>> {
    let is_one_call = |branch: Branch<'_>| {
        let names = branch.demand(&format!("detail.{CALL}")).and_then(Demand::texts);
        names.is_some_and(|names| names.len() == 1)
    };
    let pattern = alert.events().and_then(|events| events.judge().ok());
    let is_one_call = pattern.is_some_and(|pattern| pattern.branches().all(is_one_call));
    let mut when = Map::from_iter([who]);
    let mut all = Vec::new();
    if is_one_call {
        all.push(when.clone());
    }
    when.extend(condition(record, CALL));
    all.push(when.clone());
    for path in MORE {
        let Some(more) = condition(record, path) else { continue };
        when.extend([more]);
        all.push(when.clone());
    }
    all
}

/// Tries a suppression: the alert does not fire for the event any more, and still does for the tests that expect it.
fn tried(alert: &Alert, home: &Home, event: &Value, when: &Map<String, Value>) -> Result<usize, String> {
    let written = Suppression { when: when.clone(), reason: String::new(), owner: String::new(), until: None };
    let rule = written.read().map_err(|wrong| wrong.into_iter().map(|one| one.what).collect::<Vec<_>>().join("; "))?;
    if let Some((_, why)) = alert.misfits(&rule, &[]).into_iter().next() {
        return Err(why);
    }
    match alert.narrowed(std::slice::from_ref(&rule)).map_err(|why| why.what)? {
        Narrowed::To(pattern) if pattern.to_string().chars().count() > DEFAULT_QUOTA => {
            return Err("the event pattern would be too long".to_owned());
        }
        Narrowed::To(_) => {}
        Narrowed::Unchanged | Narrowed::Nothing => return Err("it would not tell the event from others".to_owned()),
    }
    let rules: Vec<SuppressionRule> = alert.suppressions().iter().cloned().chain([rule.clone()]).collect();
    let tuned = alert.tuned(None, rules);
    if matches(&tuned, event)? {
        return Err("the alert would still fire for the event".to_owned());
    }
    let firing: Vec<&Case> = alert.blueprint.tests.iter().filter(|case| case.expect.matches).collect();
    for case in &firing {
        let is_held = alert.records_of(case, home).iter().any(|record| rule.holds(record));
        let still_fires = |event: &Value| matches(&tuned.of_case(case), event);
        if is_held || alert.events().is_some() && !still_fires(&case.sent())? {
            return Err(format!("a test of the blueprint would be silenced, too: `{}`", case.name));
        }
    }
    Ok(firing.len())
}

fn matches(alert: &Alert, event: &Value) -> Result<bool, String> {
    if let Some(lines) = alert.lines() {
        let filter = filter::parse(&lines.filter).map_err(|error| error.to_string())?;
        return match filter.matches(&event["detail"].to_string()) {
            Judgment::Matches => Ok(true),
            Judgment::DoesNot(_) => Ok(false),
            Judgment::Unknown(doubt) => Err(doubt.to_string()),
        };
    }
    let pattern: Pattern = alert.events().ok_or("it receives nothing")?.judge().map_err(|error| error.to_string())?;
    let verdict = pattern.matches_value(event).map_err(|error| error.to_string())?;
    Ok(verdict == Verdict::Matches)
}
