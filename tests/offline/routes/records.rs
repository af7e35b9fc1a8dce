//! The records that both routes are judged on: those of every test in the catalog, and variants of each.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use trailbell::blueprint::catalog;
use trailbell::json::Json;
use trailbell::pattern::read_event;
use trailbell::sample;

/// What every record of CloudTrail has.
const KEYS: [&str; 4] = ["eventVersion", "eventSource", "eventName", "eventType"];

/// A record as both routes see it.
pub(super) struct Seen {
    pub(super) record: Value,
    /// As a line of the log group.
    pub(super) line: String,
    /// As EventBridge has it.
    pub(super) event: Json,
}

impl Seen {
    fn of(record: Map<String, Value>) -> Self {
        let (event, _) = read_event(&sample::of_record(&record).to_string()).expect("an event");
        let record = Value::Object(record);
        Self { line: record.to_string(), record, event }
    }

    /// What either route looks at, for a message about it.
    pub(super) fn short(&self) -> String {
        self.record.as_object().map(looked_at).unwrap_or_default()
    }
}

/// The fields that any of the patterns and filter patterns is about.
fn looked_at(record: &Map<String, Value>) -> String {
    let fields = [
        "eventSource",
        "eventName",
        "errorCode",
        "errorMessage",
        "userIdentity/type",
        "userIdentity/invokedBy",
        "readOnly",
        "managementEvent",
        "eventType",
        "additionalEventData/MFAUsed",
        "responseElements/ConsoleLogin",
        "sourceIPAddress",
    ];
    let of = |path: &str| {
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = record.get(first).and_then(|value| rest.map_or(Some(value), |rest| value.get(rest)));
        value.map_or_else(|| "-".to_owned(), Value::to_string)
    };
    fields.map(of).join(" ")
}

/// One record of all that are alike in what either route looks at.
pub(super) fn all() -> Vec<Seen> {
    let mut records: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for one in written().iter().flat_map(variants) {
        records.entry(looked_at(&one)).or_insert(one);
    }
    records.into_values().map(Seen::of).collect()
}

/// The CloudTrail records of the catalog's tests: of records, of events around one, and of log lines.
fn written() -> Vec<Map<String, Value>> {
    let mut found = Vec::new();
    for entry in catalog::entries() {
        for case in entry.load().expect("no findings").blueprint.tests {
            found.extend(case.record.clone());
            found.extend(case.event.as_ref().and_then(|event| event.get("detail")?.as_object().cloned()));
            found.extend(case.lines.iter().filter_map(|line| serde_json::from_str::<Map<String, Value>>(line).ok()));
        }
    }
    found.retain(|one| KEYS.iter().all(|key| one.contains_key(*key)));
    // Near misses of tests are not all real: a call that changes something is not recorded as one that reads, nor as an event of
    // the service itself.
    let call = |one: &Map<String, Value>| (one["eventSource"].clone(), one["eventName"].clone());
    let is_read = |one: &Map<String, Value>| one.get("readOnly").and_then(Value::as_bool);
    let changing: Vec<_> = found.iter().filter(|one| is_read(one) == Some(false)).map(call).collect();
    let made: Vec<_> = found.iter().filter(|one| one["eventType"] == "AwsApiCall").map(call).collect();
    found.retain(|one| is_read(one) != Some(true) || !changing.contains(&call(one)));
    found.retain(|one| one["eventType"] != "AwsServiceEvent" || !made.contains(&call(one)));
    found
}

/// A record, and others that differ from it in what either route looks at.
fn variants(record: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let changed = |changes: &[(&str, Value)]| {
        let mut one = record.clone();
        for (key, value) in changes {
            if value.is_null() {
                one.shift_remove(*key);
            } else {
                one.insert((*key).to_owned(), value.clone());
            }
        }
        one
    };
    let identity = |key: &str, value: Value| {
        let mut identity = record.get("userIdentity").and_then(Value::as_object).cloned().unwrap_or_default();
        identity.insert(key.to_owned(), value);
        changed(&[("userIdentity", Value::Object(identity))])
    };
    vec![
        record.clone(),
        changed(&[("errorCode", Value::Null), ("errorMessage", Value::Null)]),
        changed(&[("errorCode", json!("AccessDenied")), ("errorMessage", json!("not allowed"))]),
        changed(&[("errorCode", json!("Client.UnauthorizedOperation"))]),
        changed(&[("eventSource", json!("iot.amazonaws.com"))]),
        changed(&[("sourceIPAddress", json!("delivery.logs.amazonaws.com"))]),
        identity("type", json!("Root")),
        identity("type", json!("IAMUser")),
        identity("type", json!("AssumedRole")),
        identity("invokedBy", json!("cloudformation.amazonaws.com")),
    ]
}
