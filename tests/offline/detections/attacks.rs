//! The 44 AWS techniques of Stratus Red Team: which alerts of the default pack they fire, and what fires for the others.
//!
//! `tests/attacks` has a file for each, named for its id: the CloudTrail records of what its detonation calls, without its
//! setup, written from the documentation and the source of <https://github.com/DataDog/stratus-red-team> with neutral
//! values. They are of an IAM user, or of the role that the technique assumes, and their user agent does not name the tool.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{DEFAULT, Listeners, Reception};

/// How many of the techniques must fire an alert of the default pack.
const REQUIRED: usize = 36;

/// The techniques that no alert of the default pack reports: the opt-in blueprints that do, and why they are not in it.
const OPT_IN: [(&str, &[&str], &str); 7] = [
    (
        "aws.credential-access.secretsmanager-retrieve-secrets",
        &["secrets-read"],
        "Applications and people read secrets all day. A count per caller needs state. `secrets-secret-read` reports \
         the secrets that you name.",
    ),
    (
        "aws.credential-access.ssm-retrieve-securestring-parameters",
        &["ssm-parameters-read"],
        "Applications and deployments read parameters all day. A count per caller needs state.",
    ),
    ("aws.discovery.ses-enumerate", &["ses-looked-through"], "Monitoring and scanners make the same calls each day."),
    ("aws.execution.ssm-start-session", &["ssm-session-started"], "Operators open sessions each day."),
    (
        "aws.impact.s3-ransomware-batch-deletion",
        &[],
        "Only data events, which reach rules if a trail records them. A count needs state.",
    ),
    (
        "aws.impact.s3-ransomware-client-side-encryption",
        &[],
        "Only data events, which reach rules if a trail records them.",
    ),
    (
        "aws.impact.s3-ransomware-individual-deletion",
        &[],
        "Only data events, which reach rules if a trail records them. A count needs state.",
    ),
];

/// A technique and the records that it makes.
struct Technique {
    id: String,
    records: Vec<Value>,
}

fn techniques() -> Vec<Technique> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let mut files: Vec<PathBuf> =
        folder.read_dir().expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    let read = |file: &PathBuf| Technique {
        id: file.file_stem().expect("a name").to_string_lossy().into_owned(),
        records: serde_json::from_slice(&std::fs::read(file).expect("readable")).expect("a list of records"),
    };
    files.iter().map(read).collect()
}

impl Technique {
    /// The alerts that fire, in the order of the calls.
    fn firing(&self, listeners: &mut Listeners) -> Vec<String> {
        let mut firing = Vec::new();
        for record in &self.records {
            firing.extend(listeners.firing(&record.to_string()).into_iter().map(str::to_owned));
        }
        let mut seen = std::collections::BTreeSet::new();
        firing.retain(|name| seen.insert(name.clone()));
        firing
    }

    /// The names of its calls, once each; what EventBridge does not receive by itself is marked.
    fn calls(&self) -> String {
        let mut calls: Vec<String> = Vec::new();
        for record in &self.records {
            let name = record["eventName"].as_str().expect("a name");
            let is_data = Reception::of(&record.to_string()) == Reception::Data;
            let mark = if is_data { " (data event)" } else { "" };
            let refused = if record.get("errorCode").is_some() { " (refused)" } else { "" };
            let call = format!("{name}{mark}{refused}");
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls.join(", ")
    }
}

/// What the default pack reports of each technique.
fn reported() -> BTreeMap<String, Vec<String>> {
    let mut listeners = Listeners::of_pack(DEFAULT);
    techniques().iter().map(|one| (one.id.clone(), one.firing(&mut listeners))).collect()
}

#[test]
fn the_default_pack_reports_most_techniques_and_the_table_has_the_others() {
    let reported = reported();
    assert_eq!(reported.len(), 44);
    let unreported: Vec<&str> =
        reported.iter().filter(|(_, alerts)| alerts.is_empty()).map(|(id, _)| id.as_str()).collect();
    assert_eq!(unreported, OPT_IN.map(|(id, _, _)| id));
    let count = reported.len() - unreported.len();
    assert!(count >= REQUIRED, "{unreported:?}");
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/detections.md")).expect("the page");
    assert!(page.contains(&format!("The default pack reports {count} of them")), "{count}");
}

#[test]
fn each_opt_in_blueprint_reports_its_technique() {
    let techniques = techniques();
    for (id, blueprints, _) in OPT_IN {
        let technique = techniques.iter().find(|one| one.id == id).expect(id);
        for blueprint in blueprints {
            let mut listeners = Listeners::of(&[(*blueprint).to_owned()]);
            assert_eq!(technique.firing(&mut listeners), [*blueprint], "{id}");
        }
        let only_data = technique.records.iter().all(|record| Reception::of(&record.to_string()) == Reception::Data);
        assert_eq!(only_data, blueprints.is_empty(), "{id}: what fires for calls that reach rules is named");
    }
}

#[test]
fn records_are_neutral_and_complete() {
    for technique in techniques() {
        for record in &technique.records {
            let (id, text) = (&technique.id, record.to_string());
            assert_eq!(record["recipientAccountId"], "123456789012", "{id}");
            assert_eq!(record["awsRegion"], "us-east-1", "{id}");
            assert!(record["readOnly"].is_boolean() && record["managementEvent"].is_boolean(), "{id}");
            assert!(
                !text.to_lowercase().contains("stratus"),
                "{id}: an alert must not fire because of the tool's name"
            );
        }
    }
}

/// The table of `docs/detections.md`.
fn table() -> String {
    let mut table = String::from("| Technique | Calls | Alerts of the default pack |\n|---|---|---|\n");
    let reported = reported();
    for technique in techniques() {
        let id = &technique.id;
        let alerts = match reported[id].as_slice() {
            [] => {
                let (_, blueprints, why) = OPT_IN.iter().find(|(of, _, _)| of == id).expect("a row of the table");
                let opt_in: Vec<String> = blueprints.iter().map(|name| format!("`{name}`")).collect();
                let opt_in = if opt_in.is_empty() { String::new() } else { format!(" Opt-in: {}.", opt_in.join(", ")) };
                format!("None. {why}{opt_in}")
            }
            alerts => alerts.iter().map(|name| format!("[{name}](catalog.md#{name})")).collect::<Vec<_>>().join(", "),
        };
        let (short, calls) = (id.trim_start_matches("aws."), technique.calls());
        writeln!(
            table,
            "| [{short}](https://stratus-red-team.cloud/attack-techniques/AWS/{id}/) | {calls} | {alerts} |"
        )
        .expect("text");
    }
    table
}

#[test]
fn the_page_has_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/detections.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let (before, rest) = page.split_once("<!-- attacks -->\n\n").expect("the beginning of the table");
    let (_, after) = rest.split_once("\n<!-- end -->").expect("the end of the table");
    let wanted = format!("{before}<!-- attacks -->\n\n{}\n<!-- end -->{after}", table());
    if std::env::var_os("TRAILBELL_WRITE_DOCUMENTS").is_some() {
        std::fs::write(path, &wanted).expect("writable");
    }
    assert_eq!(page, wanted, "TRAILBELL_WRITE_DOCUMENTS=1 cargo test --test offline attacks writes it");
}
