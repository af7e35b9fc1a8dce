//! The alerts a command line names: blueprint files, folders of them, stack files, names of built-in blueprints.
//!
//! Users: `test`, `explain`, `preview`.

use std::path::{Path, PathBuf};

use super::catalog::unknown;
use super::{Failure, files};
use crate::alert::{Alert, Home};
use crate::blueprint::{Loaded, catalog};
use crate::check;
use crate::diagnostic::Finding;
use crate::document::{Document, MAX_BYTES};
use crate::file;
use crate::stack::DEFAULT_FILE;

/// An alert, and the stack it was found in.
pub(super) struct Target {
    pub(super) alert: Alert,
    pub(super) home: Option<Home>,
}

type Loading = Vec<Result<Target, Vec<Finding>>>;

fn alone(loaded: Loaded) -> Target {
    Target { alert: Alert::alone(loaded), home: None }
}

/// The alerts that were asked for, or the whole catalogue. Findings of all of them are reported at once.
pub(super) fn load_all(names: &[PathBuf]) -> Result<Vec<Target>, Failure> {
    let mut results = Vec::new();
    if names.is_empty() {
        results.extend(catalog::entries().into_iter().map(|entry| entry.load().map(alone)));
    }
    for name in names {
        results.extend(load(name)?);
    }
    let mut findings = Vec::new();
    let mut loaded = Vec::new();
    for result in results {
        match result {
            Ok(one) => loaded.push(one),
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() { Ok(loaded) } else { Err(Failure::Findings(findings)) }
}

/// What is named, or this folder's stack file, if there is one.
pub(super) fn or_here(names: &[PathBuf]) -> Vec<PathBuf> {
    if !names.is_empty() {
        return names.to_vec();
    }
    Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.is_file()).into_iter().collect()
}

fn load(name: &Path) -> Result<Loading, Failure> {
    if name.is_dir() {
        let files = blueprint_files(name)?;
        if files.is_empty() {
            let message = format!("there is no blueprint in the folder `{}`", name.display());
            return Err(Failure::usage(message, "blueprints are .yaml files whose first key is `blueprint`"));
        }
        return Ok(files.iter().map(|file| check::blueprint_file(file).map(alone)).collect());
    }
    if name.exists() {
        return Ok(load_file(name));
    }
    let shown = name.to_string_lossy();
    let entry = catalog::find(&shown).ok_or_else(|| unknown(&shown))?;
    Ok(vec![entry.load().map(alone)])
}

/// A blueprint, or all alerts of a stack.
fn load_file(path: &Path) -> Loading {
    let document = match Document::read(path) {
        Ok(document) => document,
        Err(findings) => return vec![Err(findings)],
    };
    if document.root.get("stack").is_none() {
        return vec![check::blueprint(document).map(alone)];
    }
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    match check::stack(document, folder) {
        Ok(installation) => {
            let home = installation.home();
            let target = |alert| Ok(Target { alert, home: Some(home.clone()) });
            installation.alerts.into_iter().map(target).collect()
        }
        Err(findings) => vec![Err(findings)],
    }
}

/// Every file below the folder that says it is a blueprint, sorted.
fn blueprint_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for file in files::below(folder) {
        let path = file.map_err(|(path, error)| {
            Failure::usage(format!("cannot read `{}`: {error}", path.display()), "name the blueprints one by one")
        })?;
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_yaml && says_blueprint(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Other YAML may lie beside blueprints. A file that cannot be read counts as one, so that its findings are shown.
fn says_blueprint(path: &Path) -> bool {
    let says = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).lines().any(|line| line.starts_with("blueprint:"));
    file::head(path, MAX_BYTES).map_or(true, says)
}
