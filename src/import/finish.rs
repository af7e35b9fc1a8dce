//! The end of every import: tests for the pattern, the text of the file, and the verdict of `check` and `cases` on it.
//!
//! What `check` calls an error refuses the rule; what it warns of is worth knowing. The file is read back from its text, so that
//! what was judged is what is written.

use serde_json::Value;

use super::{ImportNote, ImportedBlueprint, ImportedRule, NoteKind, examples, write};
use crate::alert::Alert;
use crate::blueprint::Blueprint;
use crate::cases::{self, TestOutcome};
use crate::check;
use crate::diagnostic::Finding;
use crate::document::Document;
use crate::document::write::comment;
use crate::lambda::no_writer;
use crate::pattern::{DEFAULT_QUOTA, LONGEST};

/// The blueprint with tests, or the reasons why it cannot be one.
pub(super) fn finish(
    rule: &str,
    mut blueprint: Blueprint,
    head: &[String],
    mut notes: Vec<ImportNote>,
) -> ImportedRule {
    let refused = |why: String| ImportedRule::refused(rule, why);
    let pattern = Value::Object(blueprint.alert.pattern.clone());
    let length = pattern.to_string().chars().count();
    if length > LONGEST {
        return refused(format!(
            "the event pattern would have {length} characters, and EventBridge accepts at most {LONGEST}"
        ));
    }
    let (tests, unneeded) = match examples::tests(&pattern) {
        Ok(made) => made,
        Err(error) => return refused(format!("the event pattern cannot be used: {error}")),
    };
    blueprint.tests = tests;
    for place in unneeded {
        notes.push(ImportNote::new(NoteKind::Remark, format!("no test needs the condition `{place}`; add one")));
    }
    if !blueprint.tests.iter().any(|case| case.expect.matches) {
        return refused("no event is found that matches".to_owned());
    }
    if length > DEFAULT_QUOTA {
        let what =
            format!("the event pattern has {length} characters; by default, EventBridge accepts {DEFAULT_QUOTA}");
        notes.push(ImportNote::new(NoteKind::Remark, what));
    }
    let Ok(Value::Object(fields)) = serde_json::to_value(&blueprint) else {
        return refused("the blueprint cannot be written".to_owned());
    };
    let head: Vec<String> = head.iter().map(|line| comment(line)).collect();
    let text = format!("{}\n{}", head.join("\n"), write::file(&fields));
    match judged(&blueprint.blueprint, &text) {
        Ok(more) => notes.extend(more),
        Err(reasons) => {
            let notes = reasons.into_iter().map(|why| ImportNote::new(NoteKind::Refused, why)).collect();
            return ImportedRule { blueprint: None, notes, ..refused(String::new()) };
        }
    }
    notes.sort_by_key(|note| note.kind);
    let made = ImportedBlueprint { name: blueprint.blueprint, text, tests: blueprint.tests.len() };
    ImportedRule { blueprint: Some(made), notes, ..refused(String::new()) }
}

/// What is worth knowing about the blueprint with this text, or why it cannot be used.
fn judged(name: &str, text: &str) -> Result<Vec<ImportNote>, Vec<String>> {
    let words = |finding: &Finding| format!("{}: {}", finding.code.id(), finding.message);
    let errors = |findings: Vec<Finding>| findings.iter().filter(|one| one.is_error()).map(words).collect::<Vec<_>>();
    let document = Document::parse(&format!("{name}.yaml"), text).map_err(errors)?;
    let loaded = check::blueprint(document).map_err(errors)?;
    let length = |finding: &&Finding| finding.code != crate::diagnostic::Code::PatternTooLong;
    let notes: Vec<ImportNote> =
        loaded.warnings.iter().filter(length).map(|one| ImportNote::new(NoteKind::Remark, words(one))).collect();
    let alert = Alert::alone(loaded);
    for case in cases::run_all(&alert, &no_writer).cases {
        match case.outcome {
            TestOutcome::Passed => {}
            TestOutcome::Failed { actual, reason, .. } => {
                let why = reason.map(|why| format!(": {why}")).unwrap_or_default();
                return Err(vec![format!(
                    "the event of the test `{}` does not end as expected: {actual}{why}",
                    case.name
                )]);
            }
            TestOutcome::Undecided { why } => {
                return Err(vec![format!("the test `{}` cannot be decided offline: {why}", case.name)]);
            }
        }
    }
    Ok(notes)
}
