//! `trailbell check`: every finding in stack and blueprint files, offline.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::screen::Screen;
use super::{Code, Failure, Global, Output};
use crate::check;
use crate::diagnostic::{Finding, has_errors};
use crate::document::Document;
use crate::render::findings;
use crate::render::style::count;
use crate::stack;

/// Arguments of `check`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Stack files and blueprint files; which is which is seen from their first key
    #[arg(value_name = "FILE", default_value = stack::DEFAULT_FILE)]
    files: Vec<PathBuf>,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let mut found = Vec::new();
    for file in &arguments.files {
        if !file.exists() {
            let message = format!("there is no file `{}`", file.display());
            return Err(Failure::usage(
                message,
                "name a stack file or a blueprint file; `trailbell init` writes a stack file",
            ));
        }
        found.extend(findings_of(file));
    }
    let fails = has_errors(&found) || arguments.strict && !found.is_empty();
    let code = if fails { Code::Failed } else { Code::Fine };
    match global.output {
        Output::Json => screen.json(&json!({ "findings": found, "exit_code": code.number() })),
        Output::Text if found.is_empty() => {
            screen.result(&screen.paint_out.good(&format!("{}: no findings.", count(arguments.files.len(), "file"))));
        }
        Output::Text => screen.result(&findings::text(&found, screen.paint_out)),
    }
    Ok(code)
}

fn findings_of(file: &Path) -> Vec<Finding> {
    let document = match Document::read(file) {
        Ok(document) => document,
        Err(findings) => return findings,
    };
    if document.root.get("blueprint").is_some() {
        return check::blueprint(document).map_or_else(|findings| findings, |loaded| loaded.warnings);
    }
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    check::stack(document, folder).map_or_else(|findings| findings, |installation| installation.warnings)
}
