//! Every rule of blueprints and stacks, and how their files are loaded: all findings at once, at least one of them an
//! error, or what the file represents.
//!
//! `blueprint` has the rules of blueprints, `stack` those of stacks, `limits` those of AWS. Everything that a file means is below: the formats,
//! `message` (the proof that a message is safe), `alert` (what an alert is), `compile` (what it becomes in AWS).

mod blueprint;
mod limits;
mod stack;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::alert::Installation;
use crate::blueprint::{Blueprint, Loaded, RESERVED, remediation, version as format_version};
use crate::diagnostic::{Code, Finding, has_errors};
use crate::document::{Document, Reach};

#[cfg(test)]
pub(crate) use blueprint::caller;
pub(crate) use blueprint::check_filled;
pub use stack::{check_webhook, is_trusted};

/// The finding about the version of a file's format.
fn check_version(version: u32, document: &Document) -> Option<Finding> {
    let read = format_version();
    (version != read).then(|| {
        let what = format!("this version of trailbell supports only version {read} of the format");
        let finding = document.finding("/version", Code::UnsupportedVersion, what).found(version.to_string());
        finding.expected(format!("{read}, or no `version` at all")).help("upgrade trailbell to read it")
    })
}

/// Loads a blueprint file that names files as far as `reach` allows.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn blueprint_file(path: &Path, reach: Reach) -> Result<Loaded, Vec<Finding>> {
    blueprint(Document::read(path, reach)?)
}

/// Loads a parsed blueprint.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn blueprint(document: Document) -> Result<Loaded, Vec<Finding>> {
    let mut typed = document.typed::<Blueprint>(RESERVED);
    let expanded = typed.value.as_mut().map(Blueprint::expand_tests);
    let bad_tests = blueprint::bad_tests(&expanded.and_then(Result::err).unwrap_or_default(), &document);
    let later = typed.value.as_ref().map(|one| blueprint::check(one, &document)).unwrap_or_default();
    let findings = typed.with(bad_tests.into_iter().chain(later).collect());
    match typed.value {
        Some(blueprint) if !has_errors(&findings) => {
            let handler = remediation::read_for(&blueprint, &document);
            Ok(Loaded { blueprint, handler, document, warnings: findings })
        }
        _ => Err(findings),
    }
}

/// Loads a stack file and every blueprint it names, as far as `reach` allows.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn stack_file(path: &Path, reach: Reach) -> Result<Installation, Vec<Finding>> {
    stack_file_as(path, reach, None, None)
}

/// Loads a stack file as it is today, for a stack whose name is the file's with `-` and a suffix, as for a pull request.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn stack_file_as(
    path: &Path,
    reach: Reach,
    suffix: Option<&str>,
    today: Option<Date>,
) -> Result<Installation, Vec<Finding>> {
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    stack::load(Document::read(path, reach)?, folder, suffix, today)
}

/// Loads a parsed stack file, in which no suppression has expired; blueprint files are read relative to `folder`.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn stack(document: Document, folder: PathBuf) -> Result<Installation, Vec<Finding>> {
    stack::load(document, folder, None, None)
}

/// Loads a parsed stack file as it is on a day.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn stack_on(document: Document, folder: PathBuf, today: Date) -> Result<Installation, Vec<Finding>> {
    stack::load(document, folder, None, Some(today))
}

#[cfg(test)]
mod tests {
    use crate::blueprint::catalog::entries;
    use crate::diagnostic::Code;

    #[test]
    fn every_built_in_blueprint_loads_without_a_finding_and_is_named_after_its_place() {
        assert!(!entries().is_empty());
        for entry in entries() {
            let document = entry.document().unwrap_or_else(|findings| panic!("{}: {findings:?}", entry.path));
            let loaded = super::blueprint(document).unwrap_or_else(|findings| panic!("{}: {findings:?}", entry.path));
            let warnings: Vec<&str> = loaded.warnings.iter().map(|one| one.message.as_str()).collect();
            // The benchmark prescribes these filters to the letter, and AWS does not document `!=` of a field that is missing.
            let is_prescribed = entry.path.starts_with("cis/")
                && loaded.warnings.iter().all(|one| one.code == Code::FilterNotJudged && one.message.contains("`!=`"));
            assert!(is_prescribed || warnings.is_empty(), "{}: {warnings:?}", entry.path);
            let place = entry.path.trim_end_matches(".yaml").replace('/', "-");
            assert_eq!(loaded.blueprint.blueprint, place);
            assert_eq!(entry.name(), place);
        }
    }
}
