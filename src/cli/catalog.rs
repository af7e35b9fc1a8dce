//! `trailbell catalog`: lists the built-in blueprints, shows one, copies one out to edit.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::screen::Screen;
use super::{ExitStatus, Failure, Global, Output};
use crate::blueprint::catalog::{self, CatalogEntry};
use crate::diagnostic::nearest;
use crate::output::Versioned;
use crate::output::catalog::{BuiltIn, Catalog, Copied};
use crate::render::style::count;

/// Arguments of `catalog`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell catalog
  trailbell catalog cloudtrail-stop-logging
  trailbell catalog cloudtrail-stop-logging --copy-to mine.yaml")]
pub(super) struct Arguments {
    /// Show this blueprint instead of the list
    #[arg(value_name = "BLUEPRINT")]
    name: Option<String>,
    /// Copy the blueprint to this file, and its remediation handler to the same folder; use it as `./FILE` in a stack
    #[arg(long, value_name = "FILE", requires = "name")]
    copy_to: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let Some(name) = &arguments.name else {
        list(global, screen)?;
        return Ok(ExitStatus::Fine);
    };
    let Some(entry) = catalog::find(name) else { return Err(unknown(name)) };
    match (&arguments.copy_to, global.output) {
        (Some(path), output) => {
            let written = copy(entry, path)?;
            match output {
                Output::Json => {
                    let copied = Copied { blueprint: name.clone(), written: path.clone(), files: written };
                    screen.json(&Versioned::new(copied));
                }
                Output::Text => {
                    let names: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
                    let file = path.file_name().unwrap_or_default().to_string_lossy();
                    let use_it = format!("To use it, write `blueprint: ./{file}` in a stack file in the same folder.");
                    screen.result(&format!("Wrote {}. {use_it}", names.join(" and ")));
                }
            }
        }
        (None, Output::Json) => screen.json(&entry.written()?),
        (None, Output::Text) => screen.result(entry.text.trim_end()),
    }
    Ok(ExitStatus::Fine)
}

/// The failure for a name that is not in the catalog.
pub(super) fn unknown(name: &str) -> Failure {
    let entries = catalog::entries();
    let names: Vec<&str> = entries.iter().map(CatalogEntry::name).collect();
    let hint = nearest(name, &names)
        .map_or_else(|| "`trailbell catalog` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
    Failure::usage(format!("there is no built-in blueprint `{name}`"), hint)
}

/// Writes the blueprint, and its handler next to it. Never overwrites: a file may be someone's work.
fn copy(entry: CatalogEntry, path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = vec![(path.to_owned(), entry.text.as_bytes().to_vec())];
    files.extend(entry.load()?.handler.map(|handler| (path.with_file_name(handler.name), handler.source)));
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        let message = format!("cannot write `{}`: it exists", taken.display());
        return Err(Failure::other(message, "choose another name or folder, or remove the file"));
    }
    for (path, text) in &files {
        let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text));
        written.map_err(|error| Failure::other(format!("cannot write `{}`: {error}", path.display()), ""))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

fn list(global: &Global, screen: &Screen) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for entry in catalog::entries() {
        rows.push((entry.topic(), entry.load()?.blueprint));
    }
    if global.output == Output::Json {
        let blueprints = rows.iter().map(|(topic, one)| BuiltIn::new(topic, one)).collect();
        screen.json(&Versioned::new(Catalog { blueprints }));
        return Ok(());
    }
    let width = rows.iter().map(|(_, one)| one.blueprint.len()).max().unwrap_or_default();
    for (_, one) in &rows {
        let severity = format!("{:?}", one.severity).to_lowercase();
        screen.result(&format!(
            "{}  {severity:8}  {}",
            screen.paint_out.bold(&format!("{:width$}", one.blueprint)),
            one.title
        ));
    }
    screen.note(&format!("\n{}. `trailbell catalog NAME` shows one.", count(rows.len(), "blueprint")));
    Ok(())
}
