//! Results of an import for people: a line per rule, and below it what was changed or refused.

use super::style::{DONE, FAILED, Paint, count, plain};
use crate::import::NoteKind;
use crate::output::import::{ImportResult, RuleReport};

/// All rules, and how many there were.
#[must_use]
pub fn text(result: &ImportResult, paint: Paint) -> String {
    let mut lines: Vec<String> = result.rules.iter().flat_map(|rule| of_rule(rule, paint)).collect();
    let total = count(result.rules.len(), "rule");
    lines.push(format!("{total}: {} imported, {} refused.", result.imported, result.refused));
    lines.join("\n")
}

fn of_rule(rule: &RuleReport, paint: Paint) -> Vec<String> {
    let (mark, what) = match &rule.written {
        Some(path) => (paint.good(DONE), format!("{} ({})", path.display(), count(rule.tests, "test"))),
        None => (paint.bad(FAILED), rule.source.clone()),
    };
    let mut lines = vec![format!("{mark} {}: {}", plain(&what), paint.bold(&plain(&rule.rule)))];
    for note in &rule.notes {
        let word = match note.kind {
            NoteKind::Refused => paint.bad(note.kind.word()),
            NoteKind::Weakened | NoteKind::Changed => paint.warn(note.kind.word()),
            NoteKind::Remark => paint.dim(note.kind.word()),
        };
        lines.push(format!("    {word}: {}", plain(&note.what)));
    }
    lines
}
