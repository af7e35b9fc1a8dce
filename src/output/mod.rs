//! What commands print with `--output json`, as types: one file per command, one version per document.
//!
//! A document is a [`Format`]; it is printed inside of [`Versioned`], which puts its version first. Within a version keys are
//! only added. `trailbell schema NAME` prints the JSON Schema of the very type that is printed, so the two cannot differ. To
//! add one: a file here, a variant of `cli::schema::Name`.

pub mod apply;
pub mod catalog;
pub mod check;
pub mod code;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod failure;
pub mod fire;
pub mod graph;
pub mod history;
pub mod import;
pub mod list;
pub mod matching;
pub mod plan;
pub mod preview;
pub mod redrive;
pub mod status;
pub mod suppress;
pub mod test;
pub mod unlock;
pub mod verify;

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::diagnostic::{Finding, SHOWN};

/// A document that a command prints for machines.
pub trait Format: Serialize + JsonSchema {
    /// The version of its form.
    const VERSION: u32;
}

/// A document with the version of its form.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Versioned<T> {
    /// The version of this document's form. Within a version keys are only added.
    version: u32,
    #[serde(flatten)]
    body: T,
}

impl<T: Format> Versioned<T> {
    /// The document, ready to be printed.
    #[must_use]
    pub fn new(body: T) -> Self {
        Self { version: T::VERSION, body }
    }
}

/// The JSON Schema of a document as it is printed.
#[must_use]
pub fn schema<T: Format>() -> Schema {
    let settings = || schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings().into_generator().into_root_schema_for::<Versioned<T>>();
    // The words are those of the document, not of the version around it.
    if let Some(description) = settings().into_generator().into_root_schema_for::<T>().remove("description") {
        schema.insert("description".to_owned(), description);
    }
    schema
}

/// A finding about what a person wrote.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportedFinding {
    /// The code, such as `TB0501`; `trailbell explain TB0501` says what it means.
    code: &'static str,
    /// Whether it is an error or a warning.
    severity: Weight,
    /// What is wrong.
    message: String,
    /// The file.
    file: String,
    /// The line it begins on, counted from 1.
    line: usize,
    /// The character of the line it begins at, counted from 1.
    column: usize,
    /// The line it ends on.
    end_line: usize,
    /// The character after its last one.
    end_column: usize,
    /// What was found.
    found: Option<String>,
    /// What was expected.
    expected: Option<String>,
    /// How to fix it.
    help: Option<String>,
}

/// The findings of a run, the first hundred of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportedFindings {
    /// The findings, in the order of files and places; at most 100.
    findings: Vec<ReportedFinding>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_zero")]
    more_findings: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl From<&[Finding]> for ReportedFindings {
    fn from(findings: &[Finding]) -> Self {
        Self {
            findings: findings.iter().take(SHOWN).map(Into::into).collect(),
            more_findings: findings.len().saturating_sub(SHOWN),
        }
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Weight {
    /// The file cannot be used.
    Error,
    /// Worth knowing.
    Warning,
}

impl From<&Finding> for ReportedFinding {
    fn from(finding: &Finding) -> Self {
        let ((line, column), (end_line, end_column)) = (finding.position(), finding.end());
        Self {
            code: finding.code.id(),
            severity: if finding.is_error() { Weight::Error } else { Weight::Warning },
            message: finding.message.clone(),
            file: finding.source.name.clone(),
            line,
            column,
            end_line,
            end_column,
            found: finding.found.clone(),
            expected: finding.expected.clone(),
            help: finding.help.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::diagnostic::{Code, Source};

    #[test]
    fn a_finding_is_reported_as_it_serializes() {
        let source = Arc::new(Source::new("a.yaml", "a: b\nc: d\n"));
        let finding = Finding::new(Code::UnknownKey, &source, 5..6, "no").found("c").expected("a").help("h");
        assert_eq!(json!(ReportedFinding::from(&finding)), json!(finding));
    }

    #[test]
    fn the_version_comes_first_and_is_in_the_schema() {
        let printed = serde_json::to_string(&Versioned::new(check::Checked::new(&[], 0))).expect("JSON");
        assert_eq!(printed, r#"{"version":1,"findings":[],"exit_code":0}"#);
        let schema = json!(schema::<check::Checked>());
        assert_eq!(schema["required"], json!(["version", "findings", "exit_code"]));
    }
}
