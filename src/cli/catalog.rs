//! `trailbell catalog`: lists and searches the built-in blueprints and packs, shows one, copies one out to edit.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::screen::Screen;
use super::{ExitStatus, Failure, Global, Output};
use crate::blueprint::catalog::{self, CatalogEntry};
use crate::blueprint::pack::{self, Pack};
use crate::blueprint::search::Query;
use crate::blueprint::{Blueprint, Urgency};
use crate::diagnostic::nearest;
use crate::output::Versioned;
use crate::output::catalog::{BuiltIn, Catalog, Copied};
use crate::render;
use crate::render::style::count;

/// Arguments of `catalog`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell catalog
  trailbell catalog --search bucket --severity critical
  trailbell catalog --pack account-baseline
  trailbell catalog cloudtrail-stop-logging
  trailbell catalog cloudtrail-stop-logging --copy-to mine.yaml")]
pub(super) struct Arguments {
    /// Show this blueprint or pack instead of the list
    #[arg(value_name = "BLUEPRINT")]
    name: Option<String>,
    #[command(flatten)]
    wanted: Wanted,
    /// Copy the blueprint to this file, and its remediation handler to the same folder; use it as `./FILE` in a stack
    #[arg(long, value_name = "FILE", requires = "name")]
    copy_to: Option<PathBuf>,
}

/// Which blueprints are listed.
#[derive(Args, Debug)]
#[group(multiple = true, conflicts_with = "name")]
struct Wanted {
    /// List those whose name, title, description, or event pattern contains all of these words
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// List those of this topic, such as `iam`
    #[arg(long)]
    topic: Option<String>,
    /// List those of this severity
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<UrgencyChoice>,
    /// List those that detect this technique of MITRE ATT&CK, such as `T1562`
    #[arg(long, value_name = "ID")]
    technique: Option<String>,
    /// List those about this AWS service, such as `iam` or `s3`
    #[arg(long)]
    service: Option<String>,
    /// List those of this pack
    #[arg(long)]
    pack: Option<String>,
}

/// A severity as an argument.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum UrgencyChoice {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl From<UrgencyChoice> for Urgency {
    fn from(choice: UrgencyChoice) -> Self {
        match choice {
            UrgencyChoice::Critical => Self::Critical,
            UrgencyChoice::High => Self::High,
            UrgencyChoice::Medium => Self::Medium,
            UrgencyChoice::Low => Self::Low,
            UrgencyChoice::Info => Self::Info,
        }
    }
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let Some(name) = &arguments.name else {
        list(&arguments.wanted, global, screen)?;
        return Ok(ExitStatus::Fine);
    };
    if let (Some(pack), None) = (pack::find(name)?, &arguments.copy_to) {
        return show_pack(&pack, global, screen);
    }
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

/// Shows a pack: what it is for, and its blueprints.
fn show_pack(pack: &Pack, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    if global.output == Output::Json {
        screen.json(pack);
        return Ok(ExitStatus::Fine);
    }
    screen.result(&format!("{}  {}\n{}\n", screen.paint_out.bold(&pack.pack), pack.title, pack.description.trim()));
    let query = Query { pack: Some(pack.blueprints.clone()), ..Query::default() };
    screen.result(&render::catalog::list(&found(&query)?, screen.paint_out));
    screen.note(&format!("\nTo use it, write `use: {}` under `alerts` of a stack file.", pack.pack));
    Ok(ExitStatus::Fine)
}

fn list(wanted: &Wanted, global: &Global, screen: &Screen) -> Result<(), Failure> {
    let query = query(wanted)?;
    let (rows, packs) = (found(&query)?, pack::packs()?);
    if global.output == Output::Json {
        let blueprints = rows.iter().map(|(topic, one)| BuiltIn::new(topic, one, &packs)).collect();
        screen.json(&Versioned::new(Catalog { blueprints, packs }));
        return Ok(());
    }
    screen.result(&render::catalog::list(&rows, screen.paint_out));
    let found = count(rows.len(), "blueprint");
    let names: Vec<&str> = packs.iter().map(|pack| pack.pack.as_str()).collect();
    screen.note(&format!("\n{found}. `trailbell catalog NAME` shows one. Packs: {}.", names.join(", ")));
    Ok(())
}

/// The built-in blueprints that a query finds, with their topics.
fn found(query: &Query) -> Result<Vec<(&'static str, Blueprint)>, Failure> {
    let mut rows = Vec::new();
    for entry in catalog::entries() {
        let blueprint = entry.load()?.blueprint;
        if query.finds(entry.topic(), &blueprint) {
            rows.push((entry.topic(), blueprint));
        }
    }
    Ok(rows)
}

fn query(wanted: &Wanted) -> Result<Query, Failure> {
    let pack = match &wanted.pack {
        Some(name) => Some(pack::find(name)?.ok_or_else(|| unknown_pack(name))?.blueprints),
        None => None,
    };
    Ok(Query {
        words: wanted.search.iter().flat_map(|words| words.split_whitespace()).map(str::to_owned).collect(),
        topic: wanted.topic.clone(),
        severity: wanted.severity.map(Urgency::from),
        technique: wanted.technique.clone(),
        service: wanted.service.clone(),
        pack,
    })
}

fn unknown_pack(name: &str) -> Failure {
    let names = pack::names();
    let hint = nearest(name, &names)
        .map_or_else(|| format!("the packs are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
    Failure::usage(format!("there is no pack `{name}`"), hint)
}
