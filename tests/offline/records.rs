//! Records as AWS documents them, one file a call: which built-in blueprints each fires, and what the messages look
//! like.
//!
//! The documents these blueprints began with have the same calls in other words; where they are available, they are
//! judged as well.

use std::path::{Path, PathBuf};

use serde_json::Value;
use trailbell::alert::Alert;
use trailbell::blueprint::catalog;
use trailbell::explain::{ExplainInput, Explanation, explain};
use trailbell::lambda::no_writer;
use trailbell::record;
use trailbell::render::messages::frame;
use trailbell::render::slack::terminal::terminal;
use trailbell::render::style::Paint;
use trailbell::slack;

const RINGS: [(&str, &[&str]); 8] = [
    ("bugbust-CreateEvent", &["bugbust-event-changed"]),
    ("repostspace-CreateSpace", &["repostspace-space-changed"]),
    ("repostspace-ListSpaces", &["repostspace-space-read"]),
    ("repostspace-RegisterAdmin", &["repostspace-access-changed"]),
    ("support-ResolveCase", &["repostspace-case-resolved"]),
    ("supportapp-CreateSlackChannelConfiguration", &["supportapp-configuration-changed"]),
    ("supportapp-GetAccountAlias", &["supportapp-configuration-read"]),
    ("supportapp-ListSlackChannelConfigurations", &["supportapp-configuration-read"]),
];

fn catalogue() -> Vec<Alert> {
    catalog::entries().iter().map(|entry| Alert::alone(entry.load().expect("no findings"))).collect()
}

/// The records of a folder by name, sorted.
fn records(folder: &Path) -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).expect("readable");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, record::event(record.as_object().expect("an object")))
    };
    files.iter().map(read).collect()
}

fn judge(folder: &Path, kind: &str) {
    let alerts = catalogue();
    let records = records(folder);
    assert_eq!(records.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), RINGS.map(|(name, _)| name));
    for ((name, event), (_, expected)) in records.iter().zip(RINGS) {
        let mut firing = Vec::new();
        for alert in &alerts {
            let Explanation::Fires { body } = explain(alert, None, ExplainInput::Event(event), &no_writer).outcome
            else {
                continue;
            };
            firing.push(alert.id.as_str());
            let message = slack::read(&body).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
            let shown = terminal(&message, &frame(None, event), Paint { color: false }, 100);
            insta::assert_snapshot!(format!("{kind}-{name}"), shown);
        }
        assert_eq!(firing, expected, "{name}");
    }
}

#[test]
fn every_record_fires_exactly_its_blueprints() {
    judge(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records"), "record");
}

#[test]
fn the_documents_records_ring_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds/records");
    if folder.is_dir() {
        judge(&folder, "document");
    }
}
