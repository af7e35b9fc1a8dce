//! The tests written inside blueprints: from a case to the event EventBridge would see, through the alert's graph, to a
//! verdict.
//!
//! Pure and offline; a message that Slack would refuse does not fire. What the notifier writes comes from the caller,
//! and only when a case asks for it.

mod conditions;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use conditions::{Conditions, conditions, without_each};

use crate::alert::{Alert, MessageOf};
use crate::blueprint::{Blueprint, Case, parameters};
use crate::explain::walk;
use crate::filter;
use crate::lambda::{Unwritten, Writer};
use crate::pattern::{Pattern, Verdict};
use crate::trace::{End, Input, Step};

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum TestOutcome {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Whether the alert fires.
    Firing,
    /// The message's text.
    Text,
    /// The message's whole body.
    Body,
    /// How many log lines pass the filter.
    Lines,
}

/// The tests of one blueprint and how they ended.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tested {
    /// The blueprint's name.
    pub blueprint: String,
    /// The file it is in, or `catalog:<path>`.
    pub source: String,
    /// Its tests.
    pub cases: Vec<TestedCase>,
    /// With `--conditions`: the conditions of its pattern that no test needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unneeded: Option<Vec<String>>,
}

/// One test and how it ended.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TestedCase {
    /// Its name.
    pub name: String,
    /// The line of the source it is on.
    pub line: usize,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: TestOutcome,
}

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseTotals {
    /// Blueprints.
    pub blueprints: usize,
    /// Cases that passed.
    pub passed: usize,
    /// Cases that failed.
    pub failed: usize,
    /// Cases that could not be decided.
    pub undecided: usize,
}

impl CaseTotals {
    /// Counts.
    #[must_use]
    pub fn of(all: &[Tested]) -> Self {
        let mut totals = Self { blueprints: all.len(), ..Self::default() };
        for case in all.iter().flat_map(|tested| &tested.cases) {
            match case.outcome {
                TestOutcome::Passed => totals.passed += 1,
                TestOutcome::Failed { .. } => totals.failed += 1,
                TestOutcome::Undecided { .. } => totals.undecided += 1,
            }
        }
        totals
    }
}

/// Runs all tests of an alert's blueprint.
#[must_use]
pub fn run_all(alert: &Alert, writer: Writer<'_>) -> Tested {
    let case = |case: &Case| TestedCase {
        name: case.name.clone(),
        line: alert.document.line(&format!("/tests/{}", case.at)),
        outcome: run(alert, case, writer),
    };
    Tested {
        blueprint: alert.blueprint.blueprint.clone(),
        source: alert.document.source.name.clone(),
        cases: alert.blueprint.tests.iter().map(case).collect(),
        unneeded: None,
    }
}

/// Runs one case.
#[must_use]
pub fn run(alert: &Alert, case: &Case, writer: Writer<'_>) -> TestOutcome {
    match (firing(&alert.of_case(case), case, writer), case.expect.matches) {
        (Err(why), _) | (Ok(Firing::Matches { why }), true) => TestOutcome::Undecided { why },
        (Ok(Firing::NoMatch { .. }), false) => TestOutcome::Passed,
        (Ok(Firing::NoMatch { why }), true) => firing_differs("it matches", "it does not match", Some(why)),
        (Ok(Firing::Stopped { why }), true) => firing_differs("it fires", "it matches, but does not fire", Some(why)),
        (Ok(_), false) => firing_differs("it does not match", "it matches", None),
        (Ok(Firing::Fires { lines, body }), true) => judged(case, lines, body),
    }
}

fn firing_differs(expected: &str, actual: &str, reason: Option<String>) -> TestOutcome {
    TestOutcome::Failed { subject: Subject::Firing, expected: expected.to_owned(), actual: actual.to_owned(), reason }
}

enum Firing {
    /// It fires, with this message, or with as many lines as passed, and what the notifier writes of them.
    Fires {
        lines: usize,
        body: Result<Value, String>,
    },
    /// It matches, and whether it fires is not known.
    Matches {
        why: String,
    },
    /// It matches, and something stops it after that.
    Stopped {
        why: String,
    },
    NoMatch {
        why: String,
    },
}

fn firing(alert: &Alert, case: &Case, writer: Writer<'_>) -> Result<Firing, String> {
    let lines = case.logged();
    let (event, received) = (case.sent(), alert.lines());
    let input = match received {
        Some(received) => Input::Lines { log_group: &received.log_group, lines: &lines },
        None => Input::Event(&event),
    };
    // The notifier runs only for a case that says something of the message.
    let is_silent = case.expect.text.is_none() && case.expect.body.is_none();
    let unasked: Writer<'_> = &|_| Err(Unwritten::NotRun("the case does not expect a message".to_owned()));
    let (way, _) = walk(alert, None, input, if is_silent { unasked } else { writer })?;
    let passing = match (received, way.matches()) {
        (Some(received), true) => passing(&received.filter, &lines)?.len(),
        _ => 0,
    };
    Ok(match way.end() {
        End::Open => {
            let body = way.bodies().first().and_then(|body| serde_json::from_str(body).ok());
            Firing::Fires { lines: passing, body: body.ok_or_else(|| "there is no message".to_owned()) }
        }
        End::NotRun { why } => Firing::Fires { lines: passing, body: Err(why.to_owned()) },
        End::Stopped { at: Step::Received | Step::Matches, by } => Firing::NoMatch { why: by.to_string() },
        End::Stopped { by, .. } => Firing::Stopped { why: by.to_string() },
        End::NotKnown { at: Step::Received | Step::Matches, why } => return Err(why.to_owned()),
        End::NotKnown { why, .. } => Firing::Matches { why: why.to_owned() },
    })
}

/// The lines that pass a filter pattern.
///
/// # Errors
/// The filter pattern is not valid, or a line hinges on what AWS does not document.
pub fn passing<'l>(filter: &str, lines: &'l [String]) -> Result<Vec<&'l str>, String> {
    let filter = filter::parse(filter).map_err(|error| error.to_string())?;
    let selection = filter.select(lines).map_err(|doubt| doubt.to_string())?;
    Ok(at_places(lines, &selection.passing))
}

/// The lines at these places.
#[must_use]
pub fn at_places<'l>(lines: &'l [String], places: &[usize]) -> Vec<&'l str> {
    places.iter().filter_map(|place| lines.get(*place)).map(String::as_str).collect()
}

/// The number of lines, and the message if the case says anything of it.
fn judged(case: &Case, lines: usize, body: Result<Value, String>) -> TestOutcome {
    if let Some(expected) = case.expect.lines.filter(|expected| *expected != lines) {
        let (expected, actual) = (format!("{expected} of the lines match"), format!("{lines} of the lines match"));
        return TestOutcome::Failed { subject: Subject::Lines, expected, actual, reason: None };
    }
    match body {
        _ if case.expect.text.is_none() && case.expect.body.is_none() => TestOutcome::Passed,
        Ok(body) => compare(case, &body),
        Err(why) => TestOutcome::Undecided { why },
    }
}

fn compare(case: &Case, body: &Value) -> TestOutcome {
    let failed =
        |subject, expected: String, actual: String| TestOutcome::Failed { subject, expected, actual, reason: None };
    if let Some(expected) = &case.expect.text
        && body.get("text").and_then(Value::as_str) != Some(expected)
    {
        let actual = body.get("text").map_or_else(|| "(no text)".to_owned(), parameters::in_words);
        return failed(Subject::Text, expected.clone(), actual);
    }
    match &case.expect.body {
        Some(expected) if expected != body => failed(Subject::Body, lines(expected), lines(body)),
        _ => TestOutcome::Passed,
    }
}

/// JSON over several lines, so that a difference is one of lines.
fn lines(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

/// The first case of a blueprint that fires.
#[must_use]
pub fn matching(blueprint: &Blueprint) -> Option<&Case> {
    blueprint.tests.iter().find(|case| case.expect.matches)
}

/// For each message of an alert the first case that fires and gets it; in place of a case that there is not, the pattern of the
/// events that get the message.
#[must_use]
pub fn of_each_message(alert: &Alert) -> Vec<Result<&Case, &Value>> {
    let firing = || alert.blueprint.tests.iter().filter(|case| case.expect.matches);
    let Some(events) = alert.events().filter(|events| events.messages.len() > 1) else {
        return matching(&alert.blueprint).map(Ok).into_iter().collect();
    };
    let case = |message: &'_ MessageOf| {
        let pattern = Pattern::from_value(&message.pattern).ok();
        let fits = |case: &&Case| {
            let verdict = pattern.as_ref().map(|pattern| pattern.matches_value(&case.sent()));
            verdict.is_some_and(|verdict| verdict.is_ok_and(|verdict| verdict == Verdict::Matches))
        };
        firing().find(fits)
    };
    events.messages.iter().map(|message| case(message).ok_or(&message.pattern)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::catalog;
    use crate::lambda::no_writer;

    #[test]
    fn every_case_of_every_built_in_blueprint_passes() {
        for entry in catalog::entries() {
            let alert = Alert::alone(entry.load().expect("a built-in blueprint has no findings"));
            assert!(matching(&alert.blueprint).is_some(), "{} needs a case that matches", entry.path);
            for case in &alert.blueprint.tests {
                let outcome = run(&alert, case, &no_writer);
                // What the notifier writes is compared where Node runs it: `trailbell test` in the suite.
                let is_unwritten = alert.is_by_notifier() && matches!(outcome, TestOutcome::Undecided { .. });
                assert!(is_unwritten || outcome == TestOutcome::Passed, "{}: {}: {outcome:?}", entry.path, case.name);
            }
        }
    }

    #[test]
    fn every_rule_of_an_alert_has_a_case_of_its_own_or_says_that_it_has_none() {
        let event = |name: &str| {
            serde_json::json!({
                "detail-type": "AWS API Call via CloudTrail", "source": "aws.rds", "region": "us-east-1",
                "detail": { "eventSource": "rds.amazonaws.com", "eventName": name },
            })
        };
        let case =
            |name: &str| serde_json::json!({ "name": name, "event": event(name), "expect": { "matches": true } });
        let pattern = serde_json::json!({
            "source": ["aws.rds"], "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["rds.amazonaws.com"], "eventName": ["DeleteDBInstance", "DeleteDBCluster"],
                "errorCode": [{ "exists": false }],
            },
        });
        let alert = |cases: &[&str]| {
            let text = serde_json::json!({
                "blueprint": "b", "title": "T", "severity": "low",
                "alert": { "pattern": pattern, "message": { "text": "<a><b> is gone", "input_paths": {
                    "a": "$.detail.requestParameters.dBInstanceIdentifier",
                    "b": "$.detail.requestParameters.dBClusterIdentifier",
                } } },
                "tests": cases.iter().map(|name| case(name)).collect::<Vec<_>>(),
            });
            let document = crate::document::Document::parse("b.yaml", &text.to_string()).expect("YAML");
            Alert::alone(crate::check::blueprint(document).expect("no errors"))
        };
        let found = |cases: &[&str]| -> Vec<Result<String, Value>> {
            let alert = alert(cases);
            let of_each = of_each_message(&alert).into_iter();
            of_each
                .map(|one| one.map(|case| case.name.clone()).map_err(|pattern| pattern["detail"]["eventName"].clone()))
                .collect()
        };
        let named = |name: &str| Ok(name.to_owned());
        assert_eq!(
            found(&["DeleteDBCluster", "DeleteDBInstance"]),
            [named("DeleteDBInstance"), named("DeleteDBCluster")]
        );
        let missing = Err(serde_json::json!(["DeleteDBCluster"]));
        assert_eq!(found(&["DeleteDBInstance"]), [named("DeleteDBInstance"), missing]);
        for case in &alert(&["DeleteDBCluster", "DeleteDBInstance"]).blueprint.tests {
            assert_eq!(run(&alert(&["DeleteDBCluster"]), case, &no_writer), TestOutcome::Passed, "{}", case.name);
        }
    }

    #[test]
    fn a_wrong_expectation_fails_and_says_what_came() {
        let loaded = catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good");
        let alert = Alert::alone(loaded);
        let mut tests = alert.blueprint.tests.clone();
        tests[0].expect.text = Some("else".into());
        assert!(
            matches!(run(&alert, &tests[0], &no_writer), TestOutcome::Failed { actual, .. } if actual.contains("alice turned off"))
        );
        tests[0].expect.matches = false;
        assert!(
            matches!(run(&alert, &tests[0], &no_writer), TestOutcome::Failed { actual, .. } if actual == "it matches")
        );
        tests[1].expect.matches = true;
        assert!(
            matches!(run(&alert, &tests[1], &no_writer), TestOutcome::Failed { reason: Some(reason), .. } if reason.contains("StartLogging"))
        );
    }

    #[test]
    fn a_case_that_expects_no_match_does_not_pass_because_slack_says_no() {
        let loaded = catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good");
        let alert = Alert::alone(loaded);
        let mut case = alert.blueprint.tests[0].clone();
        let record = case.record.as_mut().expect("a record");
        record.insert("userIdentity".into(), serde_json::json!({ "principalId": "AROAX:<!channel>" }));
        let outcome = |case: &Case| match run(&alert, case, &no_writer) {
            TestOutcome::Failed { actual, reason, .. } => (actual, reason.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        let (actual, reason) = outcome(&case);
        assert!(actual == "it matches, but does not fire" && reason.contains("Slack rejects it"), "{actual}: {reason}");
        case.expect.matches = false;
        assert_eq!(outcome(&case).0, "it matches");
    }
}
