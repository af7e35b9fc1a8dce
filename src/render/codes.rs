//! What the codes of findings mean, for people: one page, or all of them as `docs/codes.md`.

use std::fmt::Write;

use super::style::Paint;
use crate::diagnostic::{Code, Page, Severity};

const HEAD: &str = "\
# Findings

Every finding of `trailbell check` has a code with a fixed meaning. `trailbell explain TB0501` prints one page of this
document. A file with an error cannot be used. A warning is shown, and the command continues (`trailbell check --strict`
also fails on warnings).

<!-- Made by `trailbell explain --codes`; a test compares. -->
";

/// The whole document, in Markdown.
#[must_use]
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    for (prefix, title) in GROUPS {
        let codes: Vec<Code> = Code::ALL.iter().copied().filter(|code| code.id().starts_with(prefix)).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {title}\n\n| Code | Severity | |\n|---|---|---|\n");
        for code in &codes {
            let id = code.id();
            let _ = writeln!(text, "| [{id}](#{}) | {} | {} |", id.to_lowercase(), severity(*code), code.title());
        }
        text.extend(codes.into_iter().map(section));
    }
    text
}

/// The codes' groups by how their ids begin.
const GROUPS: [(&str, &str); 7] = [
    ("TB01", "The text and its shape"),
    ("TB02", "Blueprints and their messages"),
    ("TB03", "Stacks"),
    ("TB04", "Secrets and URLs"),
    ("TB05", "Alerts that do not fire, or fire too often"),
    ("TB06", "Remediations"),
    ("TB07", "Suppressions"),
];

fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn section(code: Code) -> String {
    let Page { means, remedy, example } = code.page();
    let mut text = format!("\n### {}\n\n**{}** ({})\n\n{means}\n\n{remedy}\n", code.id(), code.title(), severity(code));
    if !example.is_empty() {
        let _ = write!(text, "\n```yaml\n{}\n```\n", example.trim());
    }
    text
}

/// One page, for a terminal.
#[must_use]
pub fn page(code: Code, paint: Paint) -> String {
    let Page { means, remedy, example } = code.page();
    let head = format!("{} {} ({})", paint.bold(code.id()), code.title(), severity(code));
    let mut text = format!("{head}\n\n{means}\n\n{remedy}");
    if !example.is_empty() {
        let indented: Vec<String> = example.trim().lines().map(|line| format!("    {line}")).collect();
        let _ = write!(text, "\n\n{}", paint.dim(&indented.join("\n")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_up_to_date_and_complete() {
        let text = document();
        for code in Code::ALL {
            assert!(text.contains(&format!("### {}\n", code.id())), "{} is in no group", code.id());
            let Page { means, remedy, .. } = code.page();
            assert!(means.len() > 30 && remedy.len() > 10, "{}", code.id());
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == text, "docs/codes.md is old: cargo run -- explain --codes > docs/codes.md");
    }
}
