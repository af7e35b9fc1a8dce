//! Findings about what a blueprint tells the person who reads its alert: steps, false positives, limits, techniques,
//! controls, and pages to read.
//!
//! All of it is optional in a person's own blueprint; the lint test of the built-in ones (`catalog`) requires it.

use crate::blueprint::Blueprint;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;

/// Longest line of guidance, in characters.
const LONGEST: usize = 600;
/// Most lines under one key.
const MOST: usize = 50;

/// Whether a line has the form that its key asks for.
type LineForm = fn(&str) -> bool;

/// Every line is one line of text, and has the form that its key asks for.
pub(super) fn guidance(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let prose = "one line of text, at most 600 characters";
    let lists: [(&str, &[String], LineForm, &str); 6] = [
        ("response", &blueprint.response, is_line, prose),
        ("false_positives", &blueprint.false_positives, is_line, prose),
        ("limits", &blueprint.limits, is_line, prose),
        ("controls", &blueprint.controls, is_line, prose),
        ("techniques", &blueprint.techniques, is_technique, "a technique of MITRE ATT&CK, such as `T1562.008`"),
        ("references", &blueprint.references, is_page, "a URL that begins with `https://`"),
    ];
    let mut findings = Vec::new();
    for (key, lines, is_right, expected) in lists {
        if lines.len() > MOST {
            let finding =
                document.finding(&format!("/{key}"), Code::NotAllowed, format!("`{key}` has too many entries"));
            findings.push(finding.found(lines.len().to_string()).expected(format!("at most {MOST}")));
        }
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| !is_right(line)) {
            let pointer = format!("/{key}/{at}");
            let finding = document.finding(&pointer, Code::NotAllowed, format!("an entry of `{key}` is not valid"));
            findings.push(finding.found(short(line)).expected(expected));
        }
    }
    if let Some(page) = blueprint.runbook.as_deref().filter(|page| !is_page(page)) {
        let finding = document.finding("/runbook", Code::NotAllowed, "`runbook` is not a URL");
        findings.push(finding.found(short(page)).expected("a URL that begins with `https://`, at most 600 characters"));
    }
    findings
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

/// `T` and four digits, for a sub-technique a period and three more (attack.mitre.org, "Techniques").
fn is_technique(text: &str) -> bool {
    let are_digits = |digits: &str, count| digits.len() == count && digits.bytes().all(|one| one.is_ascii_digit());
    let Some(rest) = text.strip_prefix('T') else { return false };
    match rest.split_once('.') {
        None => are_digits(rest, 4),
        Some((technique, part)) => are_digits(technique, 4) && are_digits(part, 3),
    }
}

/// A URL that can be shown and linked to as it is: no spaces, and nothing that Slack or a page reads as markup.
fn is_page(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\' | '`' | '|' | '{' | '}');
    is_line(text) && host.contains('.') && !host.contains('@') && rest.chars().all(is_plain)
}

fn short(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if shown.chars().count() < text.chars().count() { format!("`{shown}…`") } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn techniques_and_pages_have_a_form() {
        for (text, is_right) in [
            ("T1562", true),
            ("T1562.008", true),
            ("T156", false),
            ("1562", false),
            ("T1562.08", false),
            ("T1562.", false),
        ] {
            assert_eq!(is_technique(text), is_right, "{text}");
        }
        for (text, is_right) in [
            ("https://docs.aws.amazon.com/a?b=c#d", true),
            ("http://docs.aws.amazon.com", false),
            ("https://", false),
            ("https://a@b.example.com/", false),
            ("https://a.example.com/<x>", false),
            ("https://a.example.com/a b", false),
        ] {
            assert_eq!(is_page(text), is_right, "{text}");
        }
    }
}
