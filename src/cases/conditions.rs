//! Conditions of an event pattern that no test needs: without such a condition every test ends as before, so nothing would
//! show that it was lost, or that it never had an effect.
//!
//! This is mutation testing: every field of the pattern, and every entry of its lists, is left out once.

use serde_json::Value;

use crate::blueprint::parameters::{self, Values};
use crate::blueprint::{Blueprint, Case};
use crate::pattern::{Pattern, Verdict};

/// The conditions of a pattern, and those among them that no test needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// How many there are.
    pub count: usize,
    /// Those that no test needs, each as the place in the pattern and what is there: `detail.eventName "StopLogging"`.
    pub unneeded: Vec<String>,
}

/// The conditions of a blueprint's pattern. A filter pattern has none here. A parameter is one condition, whatever its value is,
/// and each test fills in the values that it has.
#[must_use]
pub fn conditions(blueprint: &Blueprint) -> Conditions {
    let mut found = Conditions::default();
    if blueprint.is_log_route() {
        return found;
    }
    let pattern = Value::Object(blueprint.alert.pattern.clone());
    let tried = |case: &Case| Tried::new(&pattern, blueprint, case);
    let cases: Vec<Tried> = blueprint.tests.iter().map(tried).collect();
    leave_out(&pattern, "", &mut |place, less| {
        // What EventBridge rejects is no pattern that could be there in its place.
        if !cases.iter().any(|case| case.pattern(&less).is_some()) {
            return;
        }
        found.count += 1;
        if cases.iter().all(|case| case.matches(&less) == case.matches) {
            found.unneeded.push(place);
        }
    });
    found
}

/// A test with the verdict of the whole pattern.
struct Tried {
    event: Value,
    values: Values,
    matches: bool,
}

impl Tried {
    fn new(pattern: &Value, blueprint: &Blueprint, case: &Case) -> Self {
        let values = parameters::values(blueprint, &case.with);
        let tried = Self { event: case.sent(), values, matches: false };
        Self { matches: tried.matches(pattern), ..tried }
    }

    /// A pattern with the parameters as this test has them; none if it is not valid, or only AWS can evaluate it.
    fn pattern(&self, pattern: &Value) -> Option<Pattern> {
        Pattern::from_value(&parameters::fill(pattern, &self.values)).ok()
    }

    fn matches(&self, pattern: &Value) -> bool {
        let verdict = self.pattern(pattern).map(|pattern| pattern.matches_value(&self.event));
        matches!(verdict, Some(Ok(Verdict::Matches)))
    }
}

/// A pattern without each of its conditions, with the place of that condition. What EventBridge rejects is no pattern that could
/// be there in its place.
#[must_use]
pub fn without_each(pattern: &Value) -> Vec<(String, Pattern)> {
    let mut found = Vec::new();
    leave_out(pattern, "", &mut |place, less| found.extend(Pattern::from_value(&less).map(|less| (place, less))));
    found
}

/// Calls `found` with each condition and the value without it.
fn leave_out(value: &Value, place: &str, found: &mut dyn FnMut(String, Value)) {
    match value {
        _ if parameters::reference(value).is_some() => {}
        Value::Object(fields) => {
            for (key, inner) in fields {
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                let mut less = fields.clone();
                less.shift_remove(key);
                // An operator without its argument, and a pattern without a field, are none.
                if !less.is_empty() {
                    found(place.clone(), Value::Object(less));
                }
                leave_out(inner, &place, &mut |at, less| {
                    let mut changed = fields.clone();
                    changed.insert(key.clone(), less);
                    found(at, Value::Object(changed));
                });
            }
        }
        Value::Array(entries) => {
            for (index, inner) in entries.iter().enumerate() {
                let mut less = entries.clone();
                less.remove(index);
                if !less.is_empty() {
                    found(format!("{place} {inner}"), Value::Array(less));
                }
                leave_out(inner, place, &mut |at, less| {
                    let mut changed = entries.clone();
                    changed[index] = less;
                    found(at, Value::Array(changed));
                });
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_is_needed_if_a_test_would_end_otherwise_without_it() {
        let test = |name: &str, error: Option<&str>, matches: bool| {
            let mut event = json!({ "source": "aws.rds", "detail": { "eventName": name } });
            if let Some(error) = error {
                event["detail"]["errorCode"] = error.into();
            }
            json!({ "name": name, "event": event, "expect": { "matches": matches } })
        };
        let blueprint = json!({
            "blueprint": "b", "title": "T", "severity": "low",
            "alert": {
                "pattern": {
                    "source": ["aws.rds"],
                    "detail": {
                        "eventName": ["A", "B", { "anything-but": ["C", "D"] }], "errorCode": [{ "exists": false }],
                    },
                },
                "message": { "text": "T" },
            },
            "tests": [test("A", None, true), test("C", None, false), test("A", Some("x"), false)],
        });
        let blueprint: Blueprint = serde_json::from_value(blueprint).expect("a blueprint");
        let found = conditions(&blueprint);
        let expected = [
            // No test has another source, and none an event that is not of RDS.
            "source",
            // A and B are covered by what is neither C nor D.
            "detail.eventName \"A\"",
            "detail.eventName \"B\"",
            "detail.eventName {\"anything-but\":[\"C\",\"D\"]}",
            "detail.eventName.anything-but \"D\"",
        ];
        assert_eq!(found.unneeded, expected);
        assert_eq!(found.count, 9);
    }
}
