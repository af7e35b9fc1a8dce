//! `trailbell test`: runs the blueprints' own tests offline and shows what differs.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::catalog::unknown;
use super::screen::Screen;
use super::{Code, Failure, Global, Output, files};
use crate::blueprint::{self, Blueprint, Loaded, catalog};
use crate::cases::{self, Tested, Totals};
use crate::diagnostic::Finding;
use crate::document::Document;
use crate::render;
use crate::stack;

/// Arguments of `test`.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 all passed, 1 a blueprint has findings, 2 usage, 4 a case failed or cannot be decided.")]
pub(super) struct Arguments {
    /// Blueprint files, folders of them, stack files (for the blueprints they use) or names of built-in blueprints
    #[arg(value_name = "BLUEPRINT")]
    blueprints: Vec<PathBuf>,
    /// Also write the results to this file as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let loaded = load_all(&arguments.blueprints)?;
    let tested: Vec<Tested> = loaded.iter().map(|(blueprint, document)| cases::run_all(blueprint, document)).collect();
    if let Some(path) = &arguments.junit {
        std::fs::write(path, render::junit::document(&tested)).map_err(|error| {
            Failure::other(format!("cannot write `{}`: {error}", path.display()), "name a file that can be written")
        })?;
    }
    let totals = Totals::of(&tested);
    let code = if totals.failed + totals.undecided == 0 { Code::Fine } else { Code::CaseFailed };
    match global.output {
        Output::Json => {
            screen.json(&json!({ "blueprints": tested, "totals": totals, "exit_code": code.number() }));
        }
        Output::Text => {
            for one in &tested {
                screen.result(&render::cases::blueprint(one, screen.paint_out));
            }
            screen.result(&render::cases::totals(&totals, screen.paint_out));
        }
    }
    Ok(code)
}

/// A blueprint and the text it stands in.
type Placed = (Blueprint, Document);

fn placed(loaded: Loaded) -> Placed {
    (loaded.blueprint, loaded.document)
}

/// The blueprints that were asked for, or the whole catalogue. Findings of all of them are reported at once.
fn load_all(names: &[PathBuf]) -> Result<Vec<Placed>, Failure> {
    let mut results = Vec::new();
    if names.is_empty() {
        results.extend(catalog::entries().into_iter().map(|entry| entry.load().map(placed)));
    }
    for name in names {
        results.extend(load(name)?);
    }
    let mut findings = Vec::new();
    let mut loaded: Vec<Placed> = Vec::new();
    for result in results {
        match result {
            // Two alerts of a stack may use one blueprint.
            Ok(one) if loaded.iter().any(|known| known.1.source == one.1.source) => {}
            Ok(one) => loaded.push(one),
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() { Ok(loaded) } else { Err(Failure::Findings(findings)) }
}

fn load(name: &Path) -> Result<Vec<Result<Placed, Vec<Finding>>>, Failure> {
    if name.is_dir() {
        let files = blueprint_files(name)?;
        if files.is_empty() {
            let message = format!("there is no blueprint in the folder `{}`", name.display());
            return Err(Failure::usage(message, "blueprints are .yaml files whose first key is `blueprint`"));
        }
        return Ok(files.iter().map(|file| blueprint::load(file).map(placed)).collect());
    }
    if name.exists() {
        return Ok(load_file(name));
    }
    let shown = name.to_string_lossy();
    let entry = catalog::find(&shown).ok_or_else(|| unknown(&shown))?;
    Ok(vec![entry.load().map(placed)])
}

/// A blueprint, or all blueprints a stack uses.
fn load_file(path: &Path) -> Vec<Result<Placed, Vec<Finding>>> {
    let document = match Document::read(path) {
        Ok(document) => document,
        Err(findings) => return vec![Err(findings)],
    };
    if document.root.get("stack").is_none() {
        return vec![blueprint::from_document(document).map(placed)];
    }
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    match stack::from_document(document, folder) {
        Ok(installation) => {
            installation.alerts.into_iter().map(|alert| Ok((alert.blueprint, alert.document))).collect()
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
    std::fs::read(path).map_or(true, says)
}
