//! What `trailbell import` prints.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::import::ImportNote;

/// What came of an import.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell import --output json")]
pub struct ImportResult {
    /// The rules, in the order of the files.
    pub rules: Vec<RuleReport>,
    /// How many blueprints were written.
    pub imported: usize,
    /// How many rules were refused, and files could not be read.
    pub refused: usize,
    /// The exit code.
    pub exit_code: u8,
}

/// What came of one rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleReport {
    /// The file it is in, or where else it is from.
    pub source: String,
    /// What it is called there.
    pub rule: String,
    /// The blueprint's name, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blueprint: Option<String>,
    /// The file that was written, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<PathBuf>,
    /// How many tests it has.
    pub tests: usize,
    /// What was changed, weakened, or refused, and why.
    pub notes: Vec<ImportNote>,
}

impl Format for ImportResult {
    const VERSION: u32 = 1;
}
