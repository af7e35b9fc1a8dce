//! What undoes the action: a handler that Lambda calls with the event that matched, and exactly what it may do.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Blueprint, catalog, parameters};
use crate::document::Document;
use crate::file;

/// Longest handler, in bytes: far more than anyone reads, and far less than Lambda takes.
const MAX_HANDLER: u64 = 256 << 10;

/// A handler that Lambda calls with the event that matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// The boolean parameter that turns it on. Default: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The file next to the blueprint, such as `restart-logging.mjs`. It exports `handler`, and Node runs it.
    pub handler: String,
    /// What the handler is allowed to do; nothing else is.
    pub allow: Vec<Allow>,
    /// How many calls of the handler may run at once, reserved from the account's concurrent executions. Default: no
    /// reservation; AWS refuses any in an account with a limit of 100 or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub concurrency: Option<u32>,
    /// Whether refused calls run the handler, too. Their parameters are whatever the caller chose, without any permission;
    /// `reason` says why that does no harm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// Why it does no harm that refused calls run the handler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A statement of the handler's IAM policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// IAM actions without wildcards, such as `cloudtrail:StartLogging`.
    pub actions: Vec<String>,
    /// ARNs, or `*`.
    pub resources: Vec<String>,
}

/// A handler's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub source: Vec<u8>,
}

impl Blueprint {
    /// The remediation, when it is turned on.
    #[must_use]
    pub fn remedy(&self, values: &parameters::Values) -> Option<&Remediation> {
        self.remediation.as_ref().filter(|one| parameters::is_on(one.when.as_deref(), values))
    }
}

impl Remediation {
    /// What the handler is allowed to do, its parameters filled in.
    #[must_use]
    pub fn allowed(&self, values: &parameters::Values) -> Vec<Allow> {
        let fill = |texts: &[String]| texts.iter().map(|text| parameters::fill_text(text, values)).collect();
        let filled = |allow: &Allow| Allow { actions: allow.actions.clone(), resources: fill(&allow.resources) };
        self.allow.iter().map(filled).collect()
    }
}

impl Allow {
    /// The statement as IAM has it.
    #[must_use]
    pub fn statement(&self) -> Value {
        json!({ "Effect": "Allow", "Action": self.actions, "Resource": self.resources })
    }
}

/// Whether a text may be the name of a handler's file: it is next to the blueprint, and Node takes it as a module.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    let stem = name.strip_suffix(".mjs").unwrap_or_default();
    (1..=64).contains(&stem.len())
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The handler's file of a blueprint, if it has one that can be read.
#[must_use]
pub fn read_for(blueprint: &Blueprint, document: &Document) -> Option<Handler> {
    // Why it cannot be read is a finding.
    read(&blueprint.remediation.as_ref()?.handler, document).ok()
}

/// The handler's file, next to the blueprint that is in `document`.
///
/// # Errors
/// Why it cannot be read.
pub fn read(name: &str, document: &Document) -> Result<Handler, String> {
    let source = if let Some(blueprint) = document.source.name.strip_prefix(catalog::PREFIX) {
        catalog::beside(blueprint, name).ok_or("the catalog does not have this file")?.to_vec()
    } else {
        let path = Path::new(&document.source.name).with_file_name(name);
        if !document.may_name(&path) {
            return Err("it is a link that leads outside of the folder; `--allow-outside` follows it".to_owned());
        }
        file::text(&path, MAX_HANDLER).map_err(|error| error.to_string())?.into_bytes()
    };
    Ok(Handler { name: name.to_owned(), source })
}
