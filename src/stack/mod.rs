//! A stack: one installation of blueprints in one account and region, with its way to Slack.
//!
//! The types are the file format. [`load`] reads the file and every blueprint it names, and reports all findings at once.
//! Secrets are only ever references here; `cli::secrets` resolves them, `compile` receives the result.

mod check;
pub mod logs;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::blueprint::{self, Loaded, catalog};
use crate::diagnostic::{Code, Finding, has_errors};
use crate::document::{Document, Reserved};
use crate::message::{Form, Posting};
use crate::name::partition_of;
use crate::secret::SecretReference;

pub use check::check_address;

/// The file that commands about a stack read when none is named.
pub const DEFAULT_FILE: &str = "trailbell.yaml";
/// Longest channel id or name.
pub const MAX_CHANNEL: usize = 80;
/// Where Slack's Web API is, unless the stack says otherwise.
pub const SLACK_API: &str = "https://slack.com/api";

/// One installation of blueprints in one account and region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// The version of this file's format: 1.
    pub version: u32,
    /// The stack's name: lower-case letters, digits and hyphens, at most 20. Every resource in AWS carries it.
    pub stack: String,
    /// The AWS region, such as `us-east-1`. Alerts hear the events of this region.
    pub region: String,
    /// The account the stack belongs to. When given, trailbell refuses to work in any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The way to Slack.
    pub slack: Slack,
    /// What is alerted on.
    pub alerts: Vec<AlertUse>,
}

/// The way to Slack: an incoming webhook, or a bot token and a channel. Secrets are references.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// The incoming webhook's address, as a reference: `"${env:SLACK_WEBHOOK_URL}"`. The address is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The bot token, as a reference: `"${env:SLACK_TOKEN}"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The channel's id, with a bot token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The address of Slack's Web API, with a bot token. Default: `https://slack.com/api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

/// One blueprint in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertUse {
    /// A built-in blueprint's name, or the path of a blueprint file that starts with `./`, `../` or `/`.
    pub blueprint: String,
    /// What this alert is called in the stack. Default: the blueprint's name. Unique in the stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Values for the blueprint's parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
}

/// Keys that later versions of the format use.
pub const RESERVED: &[Reserved] = &[
    Reserved { within: "/slack", key: "*", instead: "named destinations come later; make one stack per channel" },
    Reserved { within: "", key: "regions", instead: "a stack has one region; make one stack per region" },
    Reserved {
        within: "/alerts/*",
        key: "to",
        instead: "a stack has one Slack destination; make one stack per channel",
    },
    Reserved { within: "/alerts/*", key: "enabled", instead: "remove the alert to switch it off" },
    Reserved { within: "/alerts/*", key: "severity", instead: "the blueprint's severity counts; leave it out" },
    Reserved { within: "/alerts/*", key: "suppress", instead: "narrow the pattern in a blueprint of your own" },
];

/// How Slack is reached, once the file has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The address is the secret.
    Webhook {
        /// Where the address comes from.
        address: SecretReference,
    },
    /// `chat.postMessage`.
    Bot {
        /// Where the token comes from.
        token: SecretReference,
        /// The channel's id.
        channel: String,
        /// The address of the method.
        endpoint: String,
    },
}

impl Destination {
    /// The one secret of the destination.
    #[must_use]
    pub fn reference(&self) -> &SecretReference {
        match self {
            Self::Webhook { address } => address,
            Self::Bot { token, .. } => token,
        }
    }

    /// How message bodies look for it.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Webhook { .. } => Form::Webhook,
            Self::Bot { channel, .. } => Form::Bot { channel: channel.clone() },
        }
    }
}

/// A stack file that has been checked, with everything it refers to.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The stack's name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The account it is bound to, if any.
    pub account: Option<String>,
    /// The way to Slack.
    pub destination: Destination,
    /// The alerts, in the order of the file.
    pub alerts: Vec<InstalledAlert>,
    /// Relative file references start here: the folder of the stack file.
    pub folder: PathBuf,
    /// The file itself, for findings about resolved secrets.
    pub document: Document,
    /// Warnings; errors would have prevented loading.
    pub warnings: Vec<Finding>,
}

/// One alert of a stack: a blueprint under an id, with its parameters' values.
#[derive(Clone, Debug)]
pub struct InstalledAlert {
    /// The alert's id.
    pub id: String,
    /// The blueprint.
    pub blueprint: blueprint::Blueprint,
    /// The file of the handler of its remediation.
    pub handler: Option<blueprint::Handler>,
    /// The text the blueprint stands in.
    pub document: Document,
    /// The value of every parameter.
    pub values: blueprint::parameters::Values,
}

impl InstalledAlert {
    /// A blueprint outside of any stack, with its own defaults and an example where there is none.
    #[must_use]
    pub fn alone(loaded: Loaded) -> Self {
        let Loaded { blueprint, handler, document, .. } = loaded;
        Self {
            id: blueprint.blueprint.clone(),
            values: blueprint::parameters::samples(&blueprint),
            blueprint,
            handler,
            document,
        }
    }
}

/// Where the alerts of a stack live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The stack's name.
    pub stack: String,
    /// Its region.
    pub region: String,
    /// Its account, if it is bound to one.
    pub account: Option<String>,
    /// How Slack is spoken to.
    pub form: Form,
}

impl Home {
    /// Where messages go from here.
    #[must_use]
    pub fn posting(&self) -> Posting {
        Posting { form: self.form.clone(), partition: partition_of(&self.region).to_owned() }
    }
}

impl Installation {
    /// Where its alerts live.
    #[must_use]
    pub fn home(&self) -> Home {
        Home {
            stack: self.name.clone(),
            region: self.region.clone(),
            account: self.account.clone(),
            form: self.destination.form(),
        }
    }
}

/// Reads a stack file and every blueprint it names.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn load(path: &Path) -> Result<Installation, Vec<Finding>> {
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    from_document(Document::read(path)?, folder)
}

/// Checks a parsed stack file; blueprint files are read relative to `folder`.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn from_document(document: Document, folder: PathBuf) -> Result<Installation, Vec<Finding>> {
    let typed = document.typed::<Stack>(RESERVED);
    let mut later = check::literal_secrets(&document);
    let mut alerts = Vec::new();
    if let Some(stack) = &typed.value {
        later.extend(check::check(stack, &document));
        alerts = install_all(stack, &document, &folder, &mut later);
    }
    let findings = typed.with(later);
    let destination = typed.value.as_ref().and_then(|stack| check::destination(&stack.slack));
    match (typed.value, destination) {
        (Some(stack), Some(destination)) if !has_errors(&findings) => Ok(Installation {
            name: stack.stack,
            region: stack.region,
            account: stack.account,
            destination,
            alerts,
            folder,
            document,
            warnings: findings,
        }),
        _ => Err(findings),
    }
}

fn install_all(stack: &Stack, document: &Document, folder: &Path, findings: &mut Vec<Finding>) -> Vec<InstalledAlert> {
    let (mut alerts, mut places) = (Vec::new(), Vec::new());
    for (at, alert) in stack.alerts.iter().enumerate() {
        match find_blueprint(&alert.blueprint, at, document, folder) {
            Ok(loaded) => {
                alerts.push(install(at, alert, &loaded, document, findings));
                places.push(at);
            }
            Err(more) => findings.extend(more),
        }
    }
    findings.extend(check::unique_ids(&alerts, &places, document));
    for (alert, at) in alerts.iter().zip(&places) {
        findings.extend(check::region(*at, alert, &stack.region, stack.account.as_deref(), document));
    }
    findings.extend(logs::check(stack, &alerts, &places, document));
    alerts
}

fn install(
    at: usize,
    alert: &AlertUse,
    loaded: &Loaded,
    document: &Document,
    findings: &mut Vec<Finding>,
) -> InstalledAlert {
    findings.extend(loaded.warnings.iter().cloned());
    findings.extend(check::alert(at, alert, &loaded.blueprint, document));
    InstalledAlert {
        id: alert.id.clone().unwrap_or_else(|| loaded.blueprint.blueprint.clone()),
        values: blueprint::parameters::values(&loaded.blueprint, &alert.with),
        blueprint: loaded.blueprint.clone(),
        handler: loaded.handler.clone(),
        document: loaded.document.clone(),
    }
}

fn find_blueprint(name: &str, at: usize, document: &Document, folder: &Path) -> Result<Loaded, Vec<Finding>> {
    let pointer = format!("/alerts/{at}/blueprint");
    let is_path = name.starts_with("./") || name.starts_with("../") || name.starts_with('/');
    if is_path {
        let path = folder.join(name.strip_prefix("./").unwrap_or(name));
        if !path.exists() {
            let finding =
                document.finding(&pointer, Code::BlueprintNotFound, format!("there is no file `{}`", path.display()));
            return Err(vec![finding.help("paths are relative to the stack file")]);
        }
        return blueprint::load(&path).map_err(|findings| broken(findings, &pointer, document, name));
    }
    let Some(entry) = catalog::find(name) else {
        let entries = catalog::entries();
        let finding =
            document.finding(&pointer, Code::BlueprintNotFound, format!("no built-in blueprint is called `{name}`"));
        let finding = finding.suggest(name, entries.iter().map(catalog::Entry::name));
        let expected = "a name that `trailbell catalog` lists, or the path of a file, starting with `./`";
        return Err(vec![finding.expected(expected)]);
    };
    entry.load().map_err(|findings| broken(findings, &pointer, document, name))
}

fn broken(mut findings: Vec<Finding>, pointer: &str, document: &Document, name: &str) -> Vec<Finding> {
    findings.push(document.finding(
        pointer,
        Code::BlueprintInvalid,
        format!("the blueprint `{name}` has findings of its own"),
    ));
    findings
}
