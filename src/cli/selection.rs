//! What a command line names: blueprint files, folders of them, stack files, built-in blueprints, or what is here.
//!
//! Users: `check`, `explain`, `preview`, `test`: one grammar, one help text, the same errors.

use std::path::{Path, PathBuf};

use clap::Args;

use super::catalog::unknown;
use super::session::today;
use super::{Failure, files};
use crate::alert::{Alert, Home, Installation};
use crate::blueprint::Loaded;
use crate::blueprint::catalog::{self, CatalogEntry};
use crate::check;
use crate::diagnostic::Finding;
use crate::document::{Document, MAX_BYTES, Reach};
use crate::stack::DEFAULT_FILE;

/// The alerts that a command is about.
#[derive(Args, Clone, Debug)]
pub(super) struct Targets {
    /// Blueprint files, folders of them, stack files, or names of built-in blueprints; without any, the stack file of this
    /// folder, or all built-in blueprints
    #[arg(value_name = "BLUEPRINT")]
    blueprints: Vec<PathBuf>,
}

/// An alert, and the stack it was found in.
pub(super) struct Selected {
    pub(super) alert: Alert,
    pub(super) home: Option<Home>,
    /// Whether it has resources in its stack.
    pub(super) is_enabled: bool,
}

/// What is behind a name.
pub(super) enum Named {
    BuiltIn(CatalogEntry),
    Blueprint(Result<Box<Loaded>, Vec<Finding>>),
    Stack(Result<Box<Installation>, Vec<Finding>>),
}

impl Targets {
    /// Only this one, whatever else was named.
    pub(super) fn only(name: PathBuf) -> Self {
        Self { blueprints: vec![name] }
    }

    /// Whether nothing is named.
    pub(super) fn is_unnamed(&self) -> bool {
        self.blueprints.is_empty()
    }

    /// Everything that is named; without a name, what is here.
    pub(super) fn find(&self, reach: &Reach) -> Result<Vec<Named>, Failure> {
        let here = Path::new(DEFAULT_FILE);
        if self.blueprints.is_empty() && !here.exists() {
            return Ok(catalog::entries().into_iter().map(Named::BuiltIn).collect());
        }
        if self.blueprints.is_empty() {
            return Ok(vec![file(here, reach)]);
        }
        let mut all = Vec::new();
        for name in &self.blueprints {
            all.extend(find(name, reach)?);
        }
        Ok(all)
    }

    /// The alerts of everything that is named. Findings of all of them are reported at once.
    pub(super) fn load(&self, reach: &Reach) -> Result<Vec<Selected>, Failure> {
        let (mut loaded, mut findings) = (Vec::new(), Vec::new());
        for found in self.find(reach)? {
            match found.alerts() {
                Ok(alerts) => loaded.extend(alerts),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() { Ok(loaded) } else { Err(Failure::Findings(findings)) }
    }
}

impl Named {
    fn alerts(self) -> Result<Vec<Selected>, Vec<Finding>> {
        let alone = |loaded| vec![Selected { alert: Alert::alone(loaded), home: None, is_enabled: true }];
        match self {
            Self::BuiltIn(entry) => entry.load().map(alone),
            Self::Blueprint(loaded) => loaded.map(|loaded| alone(*loaded)),
            Self::Stack(installation) => {
                let installation = installation?;
                let home = installation.home();
                let target = |is_enabled| {
                    let home = home.clone();
                    move |alert| Selected { alert, home: Some(home.clone()), is_enabled }
                };
                let disabled = installation.disabled.into_iter().map(target(false));
                Ok(installation.alerts.into_iter().map(target(true)).chain(disabled).collect())
            }
        }
    }

    /// Everything there is to say about it, warnings too.
    pub(super) fn findings(self) -> Vec<Finding> {
        let warnings = |loaded: Loaded| loaded.warnings;
        match self {
            Self::BuiltIn(entry) => {
                entry.document().and_then(check::blueprint).map_or_else(|findings| findings, warnings)
            }
            Self::Blueprint(loaded) => loaded.map_or_else(|findings| findings, |loaded| warnings(*loaded)),
            Self::Stack(installation) => installation.map_or_else(|findings| findings, |one| one.warnings),
        }
    }
}

fn find(name: &Path, reach: &Reach) -> Result<Vec<Named>, Failure> {
    if name.is_dir() {
        let files = blueprint_files(name)?;
        if files.is_empty() {
            let message = format!("the folder `{}` does not contain a blueprint", name.display());
            return Err(Failure::usage(message, "a blueprint is a .yaml file whose first key is `blueprint`"));
        }
        let load = |file: &PathBuf| Named::Blueprint(check::blueprint_file(file, reach.clone()).map(Box::new));
        return Ok(files.iter().map(load).collect());
    }
    if name.exists() {
        return Ok(vec![file(name, reach)]);
    }
    let shown = name.to_string_lossy();
    if let Some(entry) = catalog::find(&shown) {
        return Ok(vec![Named::BuiltIn(entry)]);
    }
    if shown.contains(['/', '\\', '.']) {
        let message = format!("the file `{shown}` does not exist");
        return Err(Failure::usage(
            message,
            "give a stack file or a blueprint file; `trailbell init` writes a stack file",
        ));
    }
    Err(unknown(&shown))
}

/// A blueprint or a stack: which is which is seen from the keys.
fn file(path: &Path, reach: &Reach) -> Named {
    let document = match Document::read(path, reach.clone()) {
        Ok(document) => document,
        Err(findings) => return Named::Blueprint(Err(findings)),
    };
    let has = |keys: &[&str]| keys.iter().any(|key| document.root.get(key).is_some());
    if has(&["blueprint"]) || has(&["alert", "title"]) && !has(&["stack", "alerts"]) {
        return Named::Blueprint(check::blueprint(document).map(Box::new));
    }
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Named::Stack(check::stack_on(document, folder, today()).map(Box::new))
}

/// Every file below the folder that says it is a blueprint, sorted.
fn blueprint_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for file in files::below(folder) {
        let path = file.map_err(|(path, error)| {
            Failure::usage(format!("cannot read `{}`: {error}", path.display()), "give the blueprints one by one")
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
    crate::file::head(path, MAX_BYTES).map_or(true, says)
}
