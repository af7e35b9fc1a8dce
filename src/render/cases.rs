//! Results of blueprints' tests for people: a line per case, and for a failed one the difference and its reason.

use similar::{ChangeTag, TextDiff};

use super::style::{DONE, FAILED, Paint, count, plain};
use crate::cases::{CaseTotals, TestOutcome, Tested};

/// The results of one blueprint.
#[must_use]
pub fn blueprint(tested: &Tested, paint: Paint) -> String {
    let mut lines = vec![format!("{} {}", paint.bold(&plain(&tested.blueprint)), paint.dim(&plain(&tested.source)))];
    if tested.cases.is_empty() {
        lines.push(format!("  {}", paint.warn("has no tests")));
    }
    for case in &tested.cases {
        let name = plain(&case.name);
        let place = paint.dim(&format!("line {}", case.line));
        lines.push(match &case.outcome {
            TestOutcome::Passed => format!("  {} {name}", paint.good(DONE)),
            TestOutcome::Failed { .. } => format!("  {} {name}  {place}", paint.bad(FAILED)),
            TestOutcome::Undecided { .. } => format!("  {} {name}  {place}", paint.warn("?")),
        });
        lines.extend(why(&case.outcome, paint));
    }
    for condition in tested.unneeded.iter().flatten() {
        lines.push(format!("  {} no test needs the condition `{}`", paint.bad(FAILED), plain(condition)));
    }
    lines.join("\n")
}

fn why(outcome: &TestOutcome, paint: Paint) -> Vec<String> {
    let lines = match outcome {
        TestOutcome::Passed => Vec::new(),
        TestOutcome::Undecided { why } => vec![format!("cannot be decided offline: {}", plain(why))],
        TestOutcome::Failed { expected, actual, reason, .. } => {
            let mut lines = difference(expected, actual, paint);
            lines.extend(reason.as_ref().map(|reason| format!("because {}", plain(reason))));
            lines
        }
    };
    lines.into_iter().map(|line| format!("      {line}")).collect()
}

/// Expected lines with a minus, actual ones with a plus.
fn difference(expected: &str, actual: &str, paint: Paint) -> Vec<String> {
    let diff = TextDiff::from_lines(expected, actual);
    let mut lines = vec![format!("{} {}", paint.bad("- expected"), paint.good("+ actual"))];
    lines.extend(diff.iter_all_changes().map(|change| {
        let text = plain(change.value().trim_end_matches('\n'));
        match change.tag() {
            ChangeTag::Delete => paint.bad(&format!("- {text}")),
            ChangeTag::Insert => paint.good(&format!("+ {text}")),
            ChangeTag::Equal => format!("  {text}"),
        }
    }));
    lines
}

/// How many cases there were and how they ended.
#[must_use]
pub fn totals(totals: &CaseTotals, paint: Paint) -> String {
    let CaseTotals { blueprints, passed, failed, undecided } = totals;
    let mut parts = vec![format!("{passed} passed")];
    if *failed > 0 {
        parts.push(paint.bad(&format!("{failed} failed")));
    }
    if *undecided > 0 {
        parts.push(paint.warn(&format!("{undecided} undecided")));
    }
    let cases = count(passed + failed + undecided, "case");
    let text = format!("{cases} of {}: {}.", count(*blueprints, "blueprint"), parts.join(", "));
    if failed + undecided == 0 { paint.good(&text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Subject, TestedCase};

    #[test]
    fn a_failed_case_shows_the_difference_and_the_reason() {
        let failed = |subject, expected: &str, actual: &str, reason: Option<&str>| TestOutcome::Failed {
            subject,
            expected: expected.into(),
            actual: actual.into(),
            reason: reason.map(Into::into),
        };
        let case = |name: &str, line, outcome| TestedCase { name: name.into(), line, outcome };
        let tested = Tested {
            unneeded: Some(vec!["detail.eventName \"A\"".to_owned()]),
            blueprint: "my-alert".into(),
            source: "mine.yaml".into(),
            cases: vec![
                case("fires", 3, TestOutcome::Passed),
                case(
                    "fires, too",
                    7,
                    failed(Subject::Firing, "it matches", "it does not match", Some("a: expected [1]")),
                ),
                case(
                    "says it",
                    9,
                    failed(Subject::Body, "{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"a\": 1,\n  \"b\": 3\n}", None),
                ),
                case("odd", 12, TestOutcome::Undecided { why: "a quote in quotes".into() }),
            ],
        };
        insta::assert_snapshot!(blueprint(&tested, Paint { color: false }));
        insta::assert_snapshot!(totals(&CaseTotals::of(&[tested]), Paint { color: false }), @"4 cases of 1 blueprint: 1 passed, 2 failed, 1 undecided.");
    }
}
