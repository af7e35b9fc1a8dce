//! The code that trailbell puts into an account: the notifier, the digest function, and what a remediation's handler is packed
//! with.
//!
//! The sources are next to this file and are embedded when trailbell is built. Neighbors: `archive` makes the zip,
//! `compile` the resources, `cli::node` runs the same files offline.

pub mod batch;
pub mod label;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The Node runtime of every function. `nodejs24.x` is supported until 2028-04-30, say the runtime tables of cfn-lint 1.58.0.
pub const RUNTIME: &str = "nodejs24.x";
/// The module that every handler may import: calls to AWS without a dependency.
pub const CALLS: &str = "aws.mjs";

const AWS: (&str, &str) = (CALLS, include_str!("aws.mjs"));
const BUS: (&str, &str) = ("bus.mjs", include_str!("bus.mjs"));
const DIGEST: [(&str, &str); 10] = [
    AWS,
    BUS,
    ("digest.mjs", include_str!("digest.mjs")),
    ("record.mjs", include_str!("record.mjs")),
    ("redact.mjs", include_str!("redact.mjs")),
    ("rich.mjs", include_str!("rich.mjs")),
    ("sqs.mjs", include_str!("sqs.mjs")),
    ("summary.mjs", include_str!("summary.mjs")),
    ("tally.mjs", include_str!("tally.mjs")),
    ("text.mjs", include_str!("text.mjs")),
];
const NOTIFIER: [(&str, &str); 12] = [
    AWS,
    BUS,
    ("card.mjs", include_str!("card.mjs")),
    ("facts.mjs", include_str!("facts.mjs")),
    ("logs.mjs", include_str!("logs.mjs")),
    ("notifier.mjs", include_str!("notifier.mjs")),
    ("parts.mjs", include_str!("parts.mjs")),
    ("record.mjs", include_str!("record.mjs")),
    ("redact.mjs", include_str!("redact.mjs")),
    ("rich.mjs", include_str!("rich.mjs")),
    ("sentence.mjs", include_str!("sentence.mjs")),
    ("text.mjs", include_str!("text.mjs")),
];

/// The files of a function and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// The files, by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The file whose `handler` is called.
    pub main: String,
}

impl Sources {
    /// What Lambda calls the handler: `notifier.handler`.
    #[must_use]
    pub fn handler(&self) -> String {
        format!("{}.handler", self.main.strip_suffix(".mjs").unwrap_or(&self.main))
    }
}

/// Runs the notifier or the digest function on an input and gives the details of the events that it puts on the bus, a message in
/// each.
pub type Writer<'a> = &'a dyn Fn(&Value) -> Written;

/// The details of the events that a function which writes messages puts on the bus.
pub type Written = Result<Vec<Value>, Unwritten>;

/// Why no message was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// It cannot be run here, so what it writes is not known.
    NotRun(String),
    /// It failed, as it would in the account.
    Failed(String),
}

/// A writer for where no Node is to be run.
///
/// # Errors
/// Always: it says so.
pub fn no_writer(_input: &Value) -> Written {
    Err(Unwritten::NotRun("the notifier is not run here".to_owned()))
}

/// Accounts, and the destinations of messages about their log lines.
pub type LineGroup = (Vec<String>, Vec<String>);

/// What differs between the functions of two stacks that write messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Constants {
    /// The event bus on which it puts messages, the stack's own.
    pub bus: String,
    /// The source of the events it puts there.
    pub source: String,
    /// The channel, where a bot posts.
    pub channel: Option<String>,
    /// The name of its role, by which it knows its own calls.
    pub role: String,
    /// Names of accounts, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<String, String>,
    /// Where destinations have names: each with its channel, if a bot posts there. The first of the stack file is the main one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<(String, Option<String>)>,
    /// Where messages about log lines go, by the name of the filter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub routes: BTreeMap<String, Vec<String>>,
    /// Where messages about lines of some accounts go, by the name of the filter: lists of accounts, each with its destinations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Vec<LineGroup>>,
    /// What the URLs of the stack's queues begin with, for a function that takes from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<String>,
}

/// The function that writes messages from log events, and from events whose message no transformer can make safe.
#[must_use]
pub fn notifier(constants: &Constants) -> Sources {
    packed(&NOTIFIER, "notifier.mjs", constants)
}

/// The function that counts the events in the queue of an alert and writes one message about them.
#[must_use]
pub fn digest(constants: &Constants) -> Sources {
    packed(&DIGEST, "digest.mjs", constants)
}

fn packed(modules: &[(&str, &str)], main: &str, constants: &Constants) -> Sources {
    // JSON is JavaScript.
    let values = serde_json::json!(constants);
    let stack =
        format!("// Made by trailbell: what differs from stack to stack.\n\nexport const stack = () => ({values});\n");
    let files = modules.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let mut files: BTreeMap<String, Vec<u8>> = files.collect();
    files.insert("stack.mjs".to_owned(), stack.into_bytes());
    Sources { files, main: main.to_owned() }
}

/// The function that runs a remediation's handler.
#[must_use]
pub fn remediation(name: &str, source: &[u8]) -> Sources {
    let files = [(AWS.0.to_owned(), AWS.1.as_bytes().to_vec()), (name.to_owned(), source.to_vec())];
    Sources { files: files.into(), main: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn constants() -> Constants {
        Constants {
            bus: "b".into(),
            source: "trailbell.sec".into(),
            channel: Some("C1".into()),
            role: "r".into(),
            accounts: BTreeMap::new(),
            destinations: Vec::new(),
            routes: BTreeMap::new(),
            groups: BTreeMap::new(),
            queues: None,
        }
    }

    fn made() -> Sources {
        notifier(&constants())
    }

    #[test]
    fn every_file_that_is_imported_is_packed() {
        for sources in [made(), digest(&constants()), remediation("a.mjs", b"import { call } from \"./aws.mjs\";")] {
            assert!(sources.files.contains_key(&sources.main));
            for (name, text) in &sources.files {
                let text = String::from_utf8(text.clone()).expect("text");
                let imports = text.match_indices("from \"./").map(|(at, found)| &text[at + found.len()..]);
                for import in imports.map(|rest| rest.split('"').next().expect("a quote")) {
                    assert!(sources.files.contains_key(import), "{name} imports {import}");
                }
            }
        }
        assert_eq!(made().handler(), "notifier.handler");
    }

    #[test]
    fn nothing_in_the_folder_is_forgotten() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lambda");
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let is_rust = path.extension().is_some_and(|one| one == "rs");
            let is_embedded = [made(), digest(&constants())].iter().any(|one| one.files.contains_key(&name));
            assert!(is_rust || is_embedded, "{name} is not embedded");
        }
    }
}
