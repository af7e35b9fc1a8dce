//! Results of blueprints' tests as JUnit XML, the format CI systems read.
//!
//! One suite a blueprint, one case a test. A case that cannot be decided is an error, not a failure: it proves nothing.

use std::fmt::Write;

use super::markup::escaped;
use crate::cases::{CaseTotals, TestOutcome, Tested, TestedCase};

/// The name of the outermost element, by which a document can be told from other files.
pub const SUITES: &str = "trailbell test";

/// The whole document.
#[must_use]
pub fn document(all: &[Tested]) -> String {
    let totals = CaseTotals::of(all);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut out, "testsuites", SUITES, &totals);
    for tested in all {
        out.push_str("  ");
        element(&mut out, "testsuite", &tested.blueprint, &CaseTotals::of(std::slice::from_ref(tested)));
        for one in &tested.cases {
            case(&mut out, tested, one);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn element(out: &mut String, element: &str, name: &str, totals: &CaseTotals) {
    let CaseTotals { passed, failed, undecided, .. } = totals;
    let tests = passed + failed + undecided;
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<{element} name=\"{}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{undecided}\">",
        escaped(name)
    );
}

fn case(out: &mut String, tested: &Tested, case: &TestedCase) {
    let (name, class, file) = (escaped(&case.name), escaped(&tested.blueprint), escaped(&tested.source));
    let _ = write!(out, "    <testcase name=\"{name}\" classname=\"{class}\" file=\"{file}\" line=\"{}\"", case.line);
    match &case.outcome {
        TestOutcome::Passed => out.push_str("/>\n"),
        TestOutcome::Failed { expected, actual, reason, .. } => {
            let message = reason.as_deref().unwrap_or("expected and actual differ");
            let text = format!("expected:\n{expected}\nactual:\n{actual}");
            let _ = write!(out, ">\n      <failure message=\"{}\">{}</failure>\n", escaped(message), escaped(&text));
            out.push_str("    </testcase>\n");
        }
        TestOutcome::Undecided { why } => {
            let _ = write!(out, ">\n      <error message=\"{}\"/>\n    </testcase>\n", escaped(why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Subject;

    #[test]
    fn every_outcome_has_its_element() {
        let case = |name: &str, outcome| TestedCase { name: name.into(), line: 3, outcome };
        let failed = TestOutcome::Failed {
            subject: Subject::Text,
            expected: "<a> & \"b\"".into(),
            actual: "\u{1}".into(),
            reason: None,
        };
        let tested = Tested {
            unneeded: None,
            blueprint: "my-alert".into(),
            source: "mine.yaml".into(),
            cases: vec![
                case("good", TestOutcome::Passed),
                case("bad", failed),
                case("odd", TestOutcome::Undecided { why: "why".into() }),
            ],
        };
        insta::assert_snapshot!(document(&[tested]));
    }
}
