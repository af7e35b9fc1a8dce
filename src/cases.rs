//! The tests written inside blueprints: from a case to the event EventBridge would see, and from there to a verdict.
//!
//! Pure and offline; a message that Slack would refuse does not ring.

use serde::Serialize;
use serde_json::Value;

use crate::blueprint::{Blueprint, Case, RuleState, parameters};
use crate::cloudtrail::events::is_unheard_event;
use crate::document::Document;
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
pub fn run_all(blueprint: &Blueprint, document: &Document) -> Tested {
    let case = |(at, case): (usize, &Case)| TestedCase {
        name: case.name.clone(),
        line: document.line(&format!("/tests/{at}")),
        outcome: run(blueprint, case),
    };
    Tested {
        blueprint: blueprint.blueprint.clone(),
        source: document.source.name.clone(),
        cases: blueprint.tests.iter().enumerate().map(case).collect(),
    }
}

/// Runs one case.
#[must_use]
pub fn run(blueprint: &Blueprint, case: &Case) -> Outcome {
    match (ring(blueprint, case), case.expect.matches) {
        (Err(why), _) => Outcome::Undecided { why },
        (Ok(Ring::Silent { .. }), false) => Outcome::Passed,
        (Ok(Ring::Silent { why }), true) => ringing_differs("it rings", "it does not ring", Some(why)),
        (Ok(Ring::Rings { .. }), false) => ringing_differs("it does not ring", "it rings", None),
        (Ok(Ring::Rings { body }), true) => compare(case, &body),
    }
}

fn ringing_differs(expected: &str, actual: &str, reason: Option<String>) -> Outcome {
    Outcome::Failed { subject: Subject::Ringing, expected: expected.to_owned(), actual: actual.to_owned(), reason }
}

enum Ring {
    Rings { body: Value },
    Silent { why: String },
}

fn ring(blueprint: &Blueprint, case: &Case) -> Result<Ring, String> {
    let values = parameters::values(blueprint, &case.with);
    let event = case.sent();
    let pattern = blueprint.pattern(&values).map_err(|error| error.to_string())?;
    if let Verdict::DoesNot(mismatch) = pattern.matches_value(&event).map_err(|error| error.to_string())? {
        return Ok(Ring::Silent { why: mismatch.to_string() });
    }
    if blueprint.rule_state(&values) == RuleState::Enabled && is_unheard_event(&event) {
        let why = "a rule that is only ENABLED does not hear read-only calls; see `rule_state`";
        return Ok(Ring::Silent { why: why.to_owned() });
    }
    let transformer = message::compile(blueprint, &values, &Posting::sample());
    match transformer.render(&event, &Reserved::default()).map_err(|error| error.to_string())? {
        Delivery::Body(body) => {
            let body = serde_json::from_str(&body).map_err(|_| format!("the body is not JSON: {body}"))?;
            let refused = slack::read(&body).err();
            Ok(match refused.as_deref() {
                Some([problem, ..]) => Ring::Silent { why: format!("Slack would refuse it: {}", problem.what) },
                _ => Ring::Rings { body },
            })
        }
        Delivery::NotDelivered { why } => Ok(Ring::Silent { why: format!("EventBridge would not deliver it: {why}") }),
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

    #[test]
    fn every_case_of_every_built_in_blueprint_passes() {
        for entry in catalog::entries() {
            let blueprint = entry.load().expect("a built-in blueprint has no findings").blueprint;
            assert!(ringing(&blueprint).is_some(), "{} needs a case that rings", entry.path);
            for case in &blueprint.tests {
                assert_eq!(run(&blueprint, case), Outcome::Passed, "{}: {}", entry.path, case.name);
            }
        }
    }

    #[test]
    fn a_wrong_expectation_fails_and_says_what_came() {
        let mut blueprint = catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good").blueprint;
        blueprint.tests[0].expect.text = Some("else".into());
        assert!(
            matches!(run(&blueprint, &blueprint.tests[0]), Outcome::Failed { actual, .. } if actual.contains("alice turned off"))
        );
        blueprint.tests[0].expect.matches = false;
        assert!(matches!(run(&blueprint, &blueprint.tests[0]), Outcome::Failed { actual, .. } if actual == "it rings"));
        blueprint.tests[1].expect.matches = true;
        assert!(
            matches!(run(&blueprint, &blueprint.tests[1]), Outcome::Failed { reason: Some(reason), .. } if reason.contains("StartLogging"))
        );
    }
}
