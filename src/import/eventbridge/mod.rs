//! Rules of EventBridge as blueprints: the pattern as it is, the message from the input transformer where that is safe.
//!
//! `template` finds rules in CloudFormation and SAM templates, `terraform` in what `terraform show -json` prints, `hcl` in
//! Terraform's own files; all give
//! [`GivenRule`]s, in which everything is a literal or has a reason why it is none. `message` makes messages of a transformer,
//! `blueprint` a blueprint of a rule.

mod blueprint;
mod hcl;
mod literal;
mod message;
mod template;
mod terraform;

use serde_json::Value;

use super::ImportedRule;
use crate::document::{self, Document};
use crate::json;

pub use blueprint::import_rule;

/// Longest file, in bytes: what `terraform show -json` prints is long.
pub const MAX_BYTES: u64 = 16 << 20;

/// Most rules of a file. EventBridge has 300 on an event bus by default.
const MAX_RULES: usize = 1_000;

/// A rule as a file or an account has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GivenRule {
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: Option<String>,
    /// The event pattern, or why it is not known; nothing if the rule has none.
    pub pattern: Option<Result<Value, String>>,
    /// Whether it runs on a schedule.
    pub has_schedule: bool,
    /// Its state, as AWS writes it.
    pub state: Option<String>,
    /// The event bus, if it is another than the default one.
    pub bus: Option<String>,
    /// Where its events go.
    pub targets: Vec<GivenTarget>,
    /// What it says about itself that is not known, each with the reason.
    pub unknown: Vec<String>,
}

/// Where a rule's events go, and what of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GivenTarget {
    /// The ARN, or how it is written.
    pub arn: String,
    /// The input transformer, or why it is not known.
    pub transformer: Option<Result<crate::message::transformer::InputTransformer, String>>,
}

/// The blueprints for the rules in a file, which has this name.
#[must_use]
pub fn import(file: &str, text: &str) -> Vec<ImportedRule> {
    match rules(file, text) {
        Err(why) => vec![ImportedRule::refused(file, why)],
        Ok(rules) if rules.is_empty() => vec![ImportedRule::refused(file, "the file has no rule of EventBridge")],
        Ok(rules) if rules.len() > MAX_RULES => {
            vec![ImportedRule::refused(file, format!("the file has more than {MAX_RULES} rules"))]
        }
        Ok(rules) => rules.iter().map(import_rule).collect(),
    }
}

fn rules(file: &str, text: &str) -> Result<Vec<GivenRule>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let is_hcl = std::path::Path::new(file).extension().is_some_and(|ending| ending == "tf");
    if is_hcl || text.lines().any(|line| line.starts_with("resource \"aws_")) {
        return hcl::rules(text);
    }
    let document = read(text)?;
    if document.get("Resources").is_some() {
        return Ok(template::rules(&document));
    }
    if document.get("planned_values").or(document.get("values")).is_some() {
        return Ok(terraform::rules(&document));
    }
    Err("the file is neither a template of CloudFormation (`Resources`) nor the output of `terraform show -json` (`values` or \
         `planned_values`)"
        .to_owned())
}

/// The event pattern in a text.
///
/// # Errors
/// The text is not JSON, or readers would disagree about it.
pub fn pattern(text: &str) -> Result<Value, String> {
    unique(text).map_err(|why| format!("the event pattern {why}"))
}

/// The JSON in a text, in which no object has a key twice: readers disagree about which of the two counts.
fn unique(text: &str) -> Result<Value, String> {
    let document = json::read(text).map_err(|error| format!("is not JSON: {}", error.brief()))?;
    match document.json.repeated_key() {
        Some(key) => Err(format!("has the key `{key}` twice in one object")),
        None => serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}")),
    }
}

/// The document in a text: JSON, or YAML with the tags of CloudFormation.
fn read(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return unique(text).map_err(|why| format!("the file {why}"));
    }
    if text.len() as u64 > document::MAX_BYTES {
        return Err(format!("the file is longer than {} bytes", document::MAX_BYTES));
    }
    let problem = |findings: &[crate::diagnostic::Finding]| {
        let first = findings.first().map(|one| format!("line {}: {}", one.position().0, one.message));
        format!("the file cannot be read: {}", first.unwrap_or_default())
    };
    let document = Document::template("template", text).map_err(|findings| problem(&findings))?;
    if document.findings().is_empty() { Ok(document.root.to_json()) } else { Err(problem(document.findings())) }
}

#[cfg(test)]
mod tests;
