//! What `trailbell catalog` prints: the list, and what was copied. One blueprint is printed in the format of its file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::blueprint::{Blueprint, Parameter, Urgency};

/// The built-in blueprints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell catalog --output json")]
pub struct Catalog {
    /// All of them, sorted by topic and name.
    pub blueprints: Vec<BuiltIn>,
}

/// A built-in blueprint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BuiltIn {
    /// Its name, for stack files.
    blueprint: String,
    /// What it is about.
    topic: &'static str,
    /// What happened, in a few words.
    title: String,
    /// How urgent the alert is.
    severity: Urgency,
    /// What happened and why it matters.
    description: String,
    /// What an installation may choose, by name.
    parameters: BTreeMap<String, Parameter>,
    /// How many tests it has.
    tests: usize,
}

impl Format for Catalog {
    const VERSION: u32 = 1;
}

impl BuiltIn {
    /// A blueprint of a topic.
    #[must_use]
    pub fn new(topic: &'static str, blueprint: &Blueprint) -> Self {
        Self {
            blueprint: blueprint.blueprint.clone(),
            topic,
            title: blueprint.title.clone(),
            severity: blueprint.severity,
            description: blueprint.description.clone(),
            parameters: blueprint.parameters.clone(),
            tests: blueprint.tests.len(),
        }
    }
}

/// A built-in blueprint that was copied out.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell catalog NAME --copy-to FILE --output json")]
pub struct Copied {
    /// Its name.
    pub blueprint: String,
    /// Where it is now.
    pub written: PathBuf,
    /// All files that were written: it, and the handler of its remediation.
    pub files: Vec<PathBuf>,
}

impl Format for Copied {
    const VERSION: u32 = 1;
}
