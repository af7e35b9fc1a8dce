//! Findings as workflow commands of GitHub Actions, which shows them next to the lines they are about.
//!
//! Escapes are those of GitHub's own `actions/toolkit`, `packages/core/src/command.ts`: nothing in a value begins another command
//! or ends a property.

use super::style::plain;
use crate::diagnostic::{Finding, SHOWN};

/// What names of built-in blueprints begin with; they are not files of the repository.
const BUILT_IN: &str = "catalog:";

/// A line for each finding.
#[must_use]
pub fn annotations(findings: &[Finding]) -> String {
    let mut lines: Vec<String> = findings.iter().take(SHOWN).map(annotation).collect();
    if let Some(more) = findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("::notice title=trailbell::and {more} more"));
    }
    lines.join("\n")
}

fn annotation(finding: &Finding) -> String {
    let level = if finding.is_error() { "error" } else { "warning" };
    let properties: Vec<String> =
        properties(finding).into_iter().map(|(key, value)| format!("{key}={}", property(&value))).collect();
    format!("::{level} {}::{}", properties.join(","), data(&words(finding)))
}

fn properties(finding: &Finding) -> Vec<(&'static str, String)> {
    let title = ("title", format!("{} {}", finding.code.id(), finding.code.title()));
    if finding.source.name.starts_with(BUILT_IN) {
        return vec![title];
    }
    let ((line, column), (end_line, end_column)) = (finding.position(), finding.end());
    let mut all = vec![("file", finding.source.name.clone()), ("line", line.to_string())];
    // Columns are for a place within one line.
    if line == end_line && end_column > column {
        all.extend([("col", column.to_string()), ("endColumn", end_column.to_string())]);
    } else if end_line > line {
        all.push(("endLine", end_line.to_string()));
    }
    all.push(title);
    all
}

/// The finding with what was found, what was expected, and the fix.
pub(super) fn words(finding: &Finding) -> String {
    let mut words = finding.message.clone();
    let more = [("found", &finding.found), ("expected", &finding.expected), ("help:", &finding.help)];
    for (word, text) in more.into_iter().filter_map(|(word, text)| Some((word, text.as_deref()?))) {
        words.extend(["\n", word, " ", text]);
    }
    plain(&words)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&plain(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Code, Source};

    fn finding(name: &str, code: Code, message: &str) -> Finding {
        Finding::new(code, &Arc::new(Source::new(name, "a: b\nc: d\n")), 5..6, message)
    }

    #[test]
    fn a_finding_is_next_to_its_line() {
        let one = finding("stacks/a.yaml", Code::UnknownKey, "no").found("c").expected("a").help("d");
        assert_eq!(
            annotations(&[one]),
            "::error file=stacks/a.yaml,line=2,col=1,endColumn=2,title=TB0105 an unknown key::no%0Afound c%0Aexpected a%0Ahelp: d"
        );
        let built_in = finding("catalog:x", Code::UnknownValue, "no");
        assert!(annotations(&[built_in]).starts_with("::warning title=TB0511 "));
    }

    #[test]
    fn no_value_begins_a_command_or_another_property() {
        let hostile = "100%\r\n::set-env name=X::y\u{202e}";
        let text = annotations(&[finding("a,line=9::x\n::error::y.yaml", Code::UnknownKey, hostile)]);
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("::error file=a%2Cline=9%3A%3Ax%0A%3A%3Aerror%3A%3Ay.yaml,line=2,"), "{text}");
        assert!(text.ends_with("::100%25\u{fffd}%0A::set-env name=X::y\u{fffd}"), "{text}");
    }

    #[test]
    fn no_more_than_a_hundred_are_shown() {
        let many: Vec<Finding> = (0..103).map(|_| finding("a.yaml", Code::UnknownKey, "no")).collect();
        let text = annotations(&many);
        assert_eq!((text.lines().count(), text.lines().last()), (101, Some("::notice title=trailbell::and 3 more")));
    }
}
