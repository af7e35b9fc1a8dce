//! What `trailbell catalog` prints: the list, and what was copied. One blueprint is printed in the format of its file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::Format;
use crate::blueprint::pack::Pack;
use crate::blueprint::{Blueprint, Parameter, Urgency, search};

/// The built-in blueprints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "trailbell catalog --output json")]
pub struct Catalog {
    /// Those that were looked for, sorted by topic and name.
    pub blueprints: Vec<BuiltIn>,
    /// Every pack, sorted by name.
    pub packs: Vec<Pack>,
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
    /// What to do when it fires, step by step.
    response: Vec<String>,
    /// Who does this for good reasons, and how to keep that from firing the alert.
    false_positives: Vec<String>,
    /// What its pattern cannot express.
    limits: Vec<String>,
    /// The techniques of MITRE ATT&CK that it detects.
    techniques: Vec<String>,
    /// The controls of compliance standards that ask for it.
    controls: Vec<String>,
    /// Pages that explain the calls and the risk.
    references: Vec<String>,
    /// The AWS services whose events it is about; empty for events of all services and for log lines.
    services: Vec<String>,
    /// The packs that it is in.
    packs: Vec<String>,
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
    pub fn new(topic: &'static str, blueprint: &Blueprint, packs: &[Pack]) -> Self {
        let is_in = |pack: &&Pack| pack.blueprints.contains(&blueprint.blueprint);
        Self {
            blueprint: blueprint.blueprint.clone(),
            topic,
            title: blueprint.title.clone(),
            severity: blueprint.severity,
            description: blueprint.description.clone(),
            response: blueprint.response.clone(),
            false_positives: blueprint.false_positives.clone(),
            limits: blueprint.limits.clone(),
            techniques: blueprint.techniques.clone(),
            controls: blueprint.controls.clone(),
            references: blueprint.references.clone(),
            services: search::services(blueprint),
            packs: packs.iter().filter(is_in).map(|pack| pack.pack.clone()).collect(),
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
