//! The tests written inside blueprints: from a case to the event EventBridge would see, and from there to a verdict.
//!
//! Pure and offline; a message that Slack would refuse does not ring. What the notifier writes comes from the caller, and
//! only when a case asks for it.

use serde::Serialize;
use serde_json::Value;

use crate::blueprint::{Blueprint, Case, LogRoute, RuleState, parameters};
use crate::cloudtrail::events::is_unheard_event;
use crate::document::Document;
use crate::filter::{self, Selection};
use crate::functions::Writer;
use crate::functions::batch::{Origin, batch};
use crate::json::Json;
use crate::message::transformer::{Delivery, Reserved};
use crate::message::{self, Posting};
use crate::pattern::Verdict;
use crate::slack;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Something else happened.
    Failed {
        /// What differs.
        subject: Subject,
        /// What was expected; a body as JSON over several lines.
        expected: String,
        /// What came, written alike.
        actual: String,
        /// Why it came so, where the engines know.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The offline engines cannot decide it, so it proves nothing.
    Undecided {
        /// What they lack.
        why: String,
    },
}

/// What a failed case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Whether the alert rings.
    Ringing,
    /// The message's text.
    Text,
    /// The message's whole body.
    Body,
    /// How many log lines pass the filter.
    Lines,
}

/// The tests of one blueprint and how they ended.
#[derive(Clone, Debug, Serialize)]
pub struct Tested {
    /// The blueprint's name.
    pub blueprint: String,
    /// The file it stands in, or `catalog:<path>`.
    pub source: String,
    /// Its tests.
    pub cases: Vec<TestedCase>,
}

/// One test and how it ended.
#[derive(Clone, Debug, Serialize)]
pub struct TestedCase {
    /// Its name.
    pub name: String,
    /// The line of the source it stands on.
    pub line: usize,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Blueprints.
    pub blueprints: usize,
    /// Cases that passed.
    pub passed: usize,
    /// Cases that failed.
    pub failed: usize,
    /// Cases that could not be decided.
    pub undecided: usize,
}

impl Totals {
    /// Counts.
    #[must_use]
    pub fn of(all: &[Tested]) -> Self {
        let mut totals = Self { blueprints: all.len(), ..Self::default() };
        for case in all.iter().flat_map(|tested| &tested.cases) {
            match case.outcome {
                Outcome::Passed => totals.passed += 1,
                Outcome::Failed { .. } => totals.failed += 1,
                Outcome::Undecided { .. } => totals.undecided += 1,
            }
        }
        totals
    }
}

/// Runs all tests of a blueprint, which stands in `document`.
#[must_use]
pub fn run_all(blueprint: &Blueprint, document: &Document, writer: Writer<'_>) -> Tested {
    let case = |(at, case): (usize, &Case)| TestedCase {
        name: case.name.clone(),
        line: document.line(&format!("/tests/{at}")),
        outcome: run(blueprint, case, writer),
    };
    Tested {
        blueprint: blueprint.blueprint.clone(),
        source: document.source.name.clone(),
        cases: blueprint.tests.iter().enumerate().map(case).collect(),
    }
}

/// Runs one case.
#[must_use]
pub fn run(blueprint: &Blueprint, case: &Case, writer: Writer<'_>) -> Outcome {
    match (ring(blueprint, case), case.expect.matches) {
        (Err(why), _) => Outcome::Undecided { why },
        (Ok(Ring::Silent { .. }), false) => Outcome::Passed,
        (Ok(Ring::Silent { why }), true) => ringing_differs("it rings", "it does not ring", Some(why)),
        (Ok(Ring::Rings { .. } | Ring::Notifies { .. }), false) => {
            ringing_differs("it does not ring", "it rings", None)
        }
        (Ok(Ring::Rings { body }), true) => compare(case, &body),
        (Ok(Ring::Notifies { input, lines }), true) => notified(case, &input, lines, writer),
    }
}

fn ringing_differs(expected: &str, actual: &str, reason: Option<String>) -> Outcome {
    Outcome::Failed { subject: Subject::Ringing, expected: expected.to_owned(), actual: actual.to_owned(), reason }
}

enum Ring {
    Rings { body: Value },
    Notifies { input: Value, lines: usize },
    Silent { why: String },
}

fn ring(blueprint: &Blueprint, case: &Case) -> Result<Ring, String> {
    let values = parameters::values(blueprint, &case.with);
    if let Some(route) = blueprint.log_route(&values) {
        return log_ring(blueprint, &route, &case.logged());
    }
    let event = case.sent();
    let pattern = blueprint.pattern(&values).map_err(|error| error.to_string())?;
    if let Verdict::DoesNot(mismatch) = pattern.matches_value(&event).map_err(|error| error.to_string())? {
        return Ok(Ring::Silent { why: mismatch.to_string() });
    }
    if blueprint.rule_state(&values) == RuleState::Enabled && is_unheard_event(&event) {
        let why = "a rule that is only ENABLED does not hear read-only calls; see `rule_state`";
        return Ok(Ring::Silent { why: why.to_owned() });
    }
    let is_by_notifier = message::is_by_notifier(blueprint, &values);
    let transformer = if is_by_notifier {
        message::to_notifier(blueprint, &values)
    } else {
        message::compile(blueprint, &values, &Posting::sample())
    };
    match transformer.render(&Json::from(&event), &Reserved::default()).map_err(|error| error.to_string())? {
        Delivery::Body(body) => {
            let body = serde_json::from_str(&body).map_err(|_| format!("the body is not JSON: {body}"))?;
            if is_by_notifier {
                return Ok(Ring::Notifies { input: body, lines: 0 });
            }
            let refused = slack::read(&body).err();
            Ok(match refused.as_deref() {
                Some([problem, ..]) => Ring::Silent { why: format!("Slack would refuse it: {}", problem.what) },
                _ => Ring::Rings { body },
            })
        }
        Delivery::NotDelivered { why } => Ok(Ring::Silent { why: format!("EventBridge would not deliver it: {why}") }),
    }
}

/// What the notifier is given; why the first line does not pass, when none does.
fn log_ring(blueprint: &Blueprint, route: &LogRoute, lines: &[String]) -> Result<Ring, String> {
    let Selection { passing, why } = selected(&route.filter, lines)?;
    if passing.is_empty() {
        return Ok(Ring::Silent { why: why.map_or_else(|| "there is no line".to_owned(), |why| why.to_string()) });
    }
    let input = batch(&sample_origin(&blueprint.blueprint, &route.log_group), &at_places(lines, &passing));
    Ok(Ring::Notifies { input, lines: passing.len() })
}

/// The lines that pass a filter pattern.
///
/// # Errors
/// The filter pattern is not valid, or a line hinges on what AWS does not document.
pub fn passing<'l>(filter: &str, lines: &'l [String]) -> Result<Vec<&'l str>, String> {
    Ok(at_places(lines, &selected(filter, lines)?.passing))
}

fn selected(filter: &str, lines: &[String]) -> Result<Selection, String> {
    let filter = filter::parse(filter).map_err(|error| error.to_string())?;
    filter.select(lines).map_err(|doubt| doubt.to_string())
}

/// The lines at these places.
#[must_use]
pub fn at_places<'l>(lines: &'l [String], places: &[usize]) -> Vec<&'l str> {
    places.iter().filter_map(|place| lines.get(*place)).map(String::as_str).collect()
}

/// Where the lines of tests and samples come from.
#[must_use]
pub fn sample_origin(alert: &str, log_group: &str) -> Origin {
    Origin {
        owner: "123456789012".to_owned(),
        log_group: log_group.to_owned(),
        log_stream: "123456789012_CloudTrail_us-east-1".to_owned(),
        filter: format!("trailbell-example_{alert}_filter"),
    }
}

/// The number of lines, and the message if the case says anything of it.
fn notified(case: &Case, input: &Value, lines: usize, writer: Writer<'_>) -> Outcome {
    if let Some(expected) = case.expect.lines.filter(|expected| *expected != lines) {
        let (expected, actual) = (format!("{expected} of the lines pass"), format!("{lines} of the lines pass"));
        return Outcome::Failed { subject: Subject::Lines, expected, actual, reason: None };
    }
    if case.expect.text.is_none() && case.expect.body.is_none() {
        return Outcome::Passed;
    }
    match writer(input) {
        Err(why) => Outcome::Undecided { why },
        Ok(bodies) => match bodies.first() {
            Some(body) => compare(case, body),
            None => ringing_differs("it rings", "the notifier leaves it out, as a refused call of its own", None),
        },
    }
}

fn compare(case: &Case, body: &Value) -> Outcome {
    let failed =
        |subject, expected: String, actual: String| Outcome::Failed { subject, expected, actual, reason: None };
    if let Some(expected) = &case.expect.text
        && body.get("text").and_then(Value::as_str) != Some(expected)
    {
        let actual = body.get("text").map_or_else(|| "(no text)".to_owned(), parameters::in_words);
        return failed(Subject::Text, expected.clone(), actual);
    }
    match &case.expect.body {
        Some(expected) if expected != body => failed(Subject::Body, lines(expected), lines(body)),
        _ => Outcome::Passed,
    }
}

/// JSON over several lines, so that a difference is one of lines.
fn lines(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

/// The first case of a blueprint that rings.
#[must_use]
pub fn ringing(blueprint: &Blueprint) -> Option<&Case> {
    blueprint.tests.iter().find(|case| case.expect.matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::catalog;
    use crate::functions::no_writer;

    #[test]
    fn every_case_of_every_built_in_blueprint_passes() {
        for entry in catalog::entries() {
            let blueprint = entry.load().expect("a built-in blueprint has no findings").blueprint;
            assert!(ringing(&blueprint).is_some(), "{} needs a case that rings", entry.path);
            for case in &blueprint.tests {
                assert_eq!(run(&blueprint, case, &no_writer), Outcome::Passed, "{}: {}", entry.path, case.name);
            }
        }
    }

    #[test]
    fn a_wrong_expectation_fails_and_says_what_came() {
        let mut blueprint = catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good").blueprint;
        blueprint.tests[0].expect.text = Some("else".into());
        assert!(
            matches!(run(&blueprint, &blueprint.tests[0], &no_writer), Outcome::Failed { actual, .. } if actual.contains("alice turned off"))
        );
        blueprint.tests[0].expect.matches = false;
        assert!(
            matches!(run(&blueprint, &blueprint.tests[0], &no_writer), Outcome::Failed { actual, .. } if actual == "it rings")
        );
        blueprint.tests[1].expect.matches = true;
        assert!(
            matches!(run(&blueprint, &blueprint.tests[1], &no_writer), Outcome::Failed { reason: Some(reason), .. } if reason.contains("StartLogging"))
        );
    }
}
