//! The built-in blueprints: everything under `blueprints/`, embedded when trailbell is built.
//!
//! The folder is the catalog. A file added there is found; a test loads each one and runs its cases.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::{Blueprint, Loaded, RESERVED, remediation};
use crate::diagnostic::Finding;
use crate::document::Document;

/// What the names of built-in documents begin with.
pub const PREFIX: &str = "catalog:";

/// The folder of the packs, which are no blueprints.
const PACKS: &str = "packs";

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blueprints");

/// One built-in blueprint as it is in the folder.
#[derive(Clone, Copy, Debug)]
pub struct CatalogEntry {
    /// Path inside the folder, such as `cloudtrail/stop-logging.yaml`.
    pub path: &'static str,
    /// The text of the file.
    pub text: &'static str,
}

impl CatalogEntry {
    /// The topic: the folder it is in.
    #[must_use]
    pub fn topic(&self) -> &'static str {
        self.path.split_once('/').map_or("", |(topic, _)| topic)
    }

    /// The blueprint's name, read from its first key without parsing the rest.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.text.lines().find_map(|line| line.strip_prefix("blueprint:")).map_or("", str::trim)
    }

    /// Its text with places.
    ///
    /// # Errors
    /// Its findings; a test makes sure that there are none.
    pub fn document(&self) -> Result<Document, Vec<Finding>> {
        Document::parse(&format!("{PREFIX}{}", self.path), self.text)
    }

    /// The blueprint as it is written, its tests in their short forms.
    ///
    /// # Errors
    /// Its findings; a test makes sure that there are none.
    pub fn written(&self) -> Result<Blueprint, Vec<Finding>> {
        let typed = self.document()?.typed::<Blueprint>(RESERVED);
        typed.value.ok_or(typed.findings)
    }

    /// Loads it as a blueprint. No rule is run: a test makes sure that all of them hold.
    ///
    /// # Errors
    /// Its findings; a test makes sure that there are none.
    pub fn load(&self) -> Result<Loaded, Vec<Finding>> {
        let document = self.document()?;
        let typed = document.typed::<Blueprint>(RESERVED);
        match typed.value {
            Some(mut blueprint) if typed.findings.is_empty() => {
                // A test makes sure that every written test stands for cases.
                drop(blueprint.expand_tests());
                let handler = remediation::read_for(&blueprint, &document);
                Ok(Loaded { blueprint, handler, document, warnings: Vec::new() })
            }
            _ => Err(typed.findings),
        }
    }
}

/// Every built-in blueprint, sorted by path.
#[must_use]
pub fn entries() -> Vec<CatalogEntry> {
    let mut found = Vec::new();
    collect(&FOLDER, &mut found);
    found.sort_by_key(|entry| entry.path);
    found
}

/// The files of packs, path and text, sorted by path.
#[must_use]
pub(super) fn pack_files() -> Vec<(&'static str, &'static str)> {
    let mut files = FOLDER.get_dir(PACKS).map(files).unwrap_or_default();
    files.sort_unstable();
    files
}

/// A file next to the built-in blueprint that lies at `path`.
#[must_use]
pub fn beside(path: &str, name: &str) -> Option<&'static [u8]> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    FOLDER.get_file(Path::new(folder).join(name)).map(include_dir::File::contents)
}

/// The built-in blueprint of that name.
#[must_use]
pub fn find(name: &str) -> Option<CatalogEntry> {
    entries().into_iter().find(|entry| entry.name() == name)
}

fn collect(folder: &'static Dir<'static>, found: &mut Vec<CatalogEntry>) {
    found.extend(files(folder).into_iter().map(|(path, text)| CatalogEntry { path, text }));
    folder.dirs().filter(|dir| dir.path() != Path::new(PACKS)).for_each(|dir| collect(dir, found));
}

/// The documents of one folder: path and text.
fn files(folder: &'static Dir<'static>) -> Vec<(&'static str, &'static str)> {
    let is_document = |path: &Path| path.extension().is_some_and(|extension| extension == "yaml");
    let documents = folder.files().filter(|file| is_document(file.path()));
    documents.filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?))).collect()
}
