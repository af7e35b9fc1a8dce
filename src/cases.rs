//! The tests written inside blueprints: from a case to the event EventBridge would see, and from there to a verdict.
//!
//! Pure and offline. Uses `pattern`, `message` and `blueprint` only.

use serde::Serialize;
use serde_json::Value;

use crate::blueprint::{Blueprint, Case, parameters};
use crate::message::transformer::{Delivery, Reserved};
use crate::message::{self, Form};
use crate::pattern::{Pattern, Verdict};
use crate::record;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Something else happened.
    Failed {
        /// What was expected.
        expected: String,
        /// What came.
        actual: String,
    },
    /// The offline engines cannot decide it.
    Undecided {
        /// What they lack.
        why: String,
    },
}

/// Runs one case.
#[must_use]
pub fn run(blueprint: &Blueprint, case: &Case) -> Outcome {
    match ring(blueprint, case) {
        Err(why) => Outcome::Undecided { why },
        Ok(Ring::Silent { why }) if case.expect.matches => {
            Outcome::Failed { expected: "the alert rings".into(), actual: format!("it does not: {why}") }
        }
        Ok(Ring::Silent { .. }) => Outcome::Passed,
        Ok(Ring::Rings { .. }) if !case.expect.matches => {
            Outcome::Failed { expected: "the alert does not ring".into(), actual: "it rings".into() }
        }
        Ok(Ring::Rings { body }) => compare(case, &body),
    }
}

enum Ring {
    Rings { body: Value },
    Silent { why: String },
}

fn ring(blueprint: &Blueprint, case: &Case) -> Result<Ring, String> {
    let values = parameters::values(blueprint, &case.with);
    let filled = parameters::fill(&Value::Object(blueprint.alert.pattern.clone()), &values);
    let event = event(case);
    let pattern = Pattern::from_value(&filled).map_err(|error| error.to_string())?;
    if let Verdict::DoesNot(mismatch) = pattern.matches_value(&event).map_err(|error| error.to_string())? {
        return Ok(Ring::Silent { why: mismatch.to_string() });
    }
    let transformer = message::compile(&blueprint.alert.message, &values, &Form::Webhook);
    match transformer.render(&event, &Reserved::default()).map_err(|error| error.to_string())? {
        Delivery::Body(body) => serde_json::from_str(&body)
            .map(|body| Ring::Rings { body })
            .map_err(|_| format!("the body is not JSON: {body}")),
        Delivery::NotDelivered { why } => Ok(Ring::Silent { why: format!("EventBridge would not deliver it: {why}") }),
    }
}

fn compare(case: &Case, body: &Value) -> Outcome {
    if let Some(expected) = &case.expect.text
        && body.get("text").and_then(Value::as_str) != Some(expected)
    {
        let actual = body.get("text").map_or_else(|| "no text".to_owned(), Value::to_string);
        return Outcome::Failed { expected: Value::from(expected.as_str()).to_string(), actual };
    }
    match &case.expect.body {
        Some(expected) if expected != body => {
            Outcome::Failed { expected: expected.to_string(), actual: body.to_string() }
        }
        _ => Outcome::Passed,
    }
}

/// The event of a case.
#[must_use]
pub fn event(case: &Case) -> Value {
    match (&case.event, &case.record) {
        (Some(event), _) => Value::Object(event.clone()),
        (None, Some(record)) => record::event(record),
        (None, None) => Value::Null,
    }
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
            matches!(run(&blueprint, &blueprint.tests[1]), Outcome::Failed { actual, .. } if actual.contains("StartLogging"))
        );
    }
}
