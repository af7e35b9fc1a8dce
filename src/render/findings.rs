//! Draws findings: the line, the underlined text, found and expected, the fix. Alone in knowing the drawing crate.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::style::{Paint, count, plain, plain_in_place};
use crate::diagnostic::{Finding, SHOWN, Severity};

/// All findings and a line that counts them.
#[must_use]
pub fn text(findings: &[Finding], paint: Paint) -> String {
    let mut drawn: Vec<String> = findings.iter().take(SHOWN).map(|finding| one(finding, paint)).collect();
    if findings.len() > SHOWN {
        drawn.push(format!("… and {}", count(findings.len() - SHOWN, "more finding")));
    }
    drawn.push(summary(findings, paint));
    drawn.join("\n\n")
}

/// How many errors and warnings.
fn summary(findings: &[Finding], paint: Paint) -> String {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let warnings = findings.len() - errors;
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(paint.bad(&count(errors, "error")));
    }
    if warnings > 0 {
        parts.push(paint.warn(&count(warnings, "warning")));
    }
    parts.join(", ")
}

fn one(finding: &Finding, paint: Paint) -> String {
    let level = match finding.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(plain(&finding.message)).id(finding.code.id()));
    let (source, span) = (&finding.source, underlined(finding));
    if !source.shown.is_empty() {
        let label = finding.found.as_deref().map(|found| plain(&format!("found {found}")));
        let annotation = AnnotationKind::Primary.span(span).label(label);
        let shown = Snippet::source(plain_in_place(&source.shown)).path(plain(&source.name));
        group = group.element(shown.annotation(annotation));
    }
    if let Some(expected) = finding.expected.as_deref().filter(|expected| !finding.message.contains(*expected)) {
        group = group.element(Level::NOTE.message(plain(&format!("expected {expected}"))));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(plain(help)));
    }
    let renderer = if paint.color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The first line of the span: underlining a page says nothing.
fn underlined(finding: &Finding) -> std::ops::Range<usize> {
    let text = &finding.source.shown;
    let start = finding.span.start.min(text.len());
    let end = finding.span.end.clamp(start, text.len());
    let line = text.get(start..end).and_then(|part| part.find(['\n', '\r'])).map_or(end, |newline| start + newline);
    start..line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::document::Document;

    #[test]
    fn a_finding_shows_place_found_expected_and_help() {
        let document = Document::parse("trailbell.yaml", "version: 1\nstack: Bad_Name\nregion: us-east-1\n").unwrap();
        let finding = document.finding("/stack", Code::BadId, "the stack's name is not valid");
        let finding = finding.found("`Bad_Name`").expected("lower-case letters").help("did you mean `bad-name`?");
        insta::assert_snapshot!(text(&[finding], Paint { color: false }), @"
        error[TB0201]: the stack's name is not valid
         --> trailbell.yaml:2:8
          |
        2 | stack: Bad_Name
          |        ^^^^^^^^ found `Bad_Name`
          |
          = note: expected lower-case letters
          = help: did you mean `bad-name`?

        1 error
        ");
    }
}
