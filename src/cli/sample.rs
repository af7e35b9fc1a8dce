//! Reading the one event a person wants to know about: a CloudTrail record, an event, or a log line with a record in it.
//!
//! Users: `fire`, `explain`, `preview`.

use std::path::Path;

use serde_json::Value;

use super::{Failure, files};
use crate::json;
use crate::record;

/// Larger than any event EventBridge takes.
const MAX_EVENT: u64 = 4 << 20;

/// What a file holds.
pub(super) enum Sample {
    /// An event, or a record with the envelope EventBridge would give it.
    Event(Value),
    /// A line of a log without a record in it.
    Line(String),
}

/// An event from a file; `-` is standard input.
pub(super) fn event(path: &Path) -> Result<Value, Failure> {
    let text = text(path)?;
    let document = document(path, &text)?;
    of_value(document).map_err(|why| refused(path, &why))
}

/// An event or a log line from a file; `-` is standard input.
pub(super) fn sample(path: &Path) -> Result<Sample, Failure> {
    let text = text(path)?;
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        return of_value(unwrapped(document(path, text)?)).map(Sample::Event).map_err(|why| refused(path, &why));
    }
    match text.lines().collect::<Vec<_>>().as_slice() {
        [] => Err(refused(path, "it is empty")),
        // What writes logs puts a time and the like in front of the record.
        [line] => Ok(match line.find('{').map(|at| json::read(&line[at..])) {
            Some(Ok(document)) => match document.json.to_value().ok().map(of_value) {
                Some(Ok(event)) => Sample::Event(event),
                _ => Sample::Line((*line).to_owned()),
            },
            _ => Sample::Line((*line).to_owned()),
        }),
        _ => Err(refused(path, "it has several lines; `trailbell match` looks at many events")),
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let failed = |why: String| Failure::usage(format!("cannot read the event `{}`: {why}", path.display()), "");
    files::text(path, MAX_EVENT).map_err(failed)
}

fn refused(path: &Path, why: &str) -> Failure {
    let message = format!("the event `{}` cannot be read: {why}", path.display());
    Failure::usage(message, "give one CloudTrail record or event as JSON")
}

fn document(path: &Path, text: &str) -> Result<Value, Failure> {
    let document = json::read(text).map_err(|error| refused(path, &error.brief()))?;
    if !text[document.end..].trim_ascii().is_empty() {
        return Err(refused(path, "more text follows the JSON document"));
    }
    // What a value cannot hold, such as a key that stands twice, would be judged and rendered wrongly.
    document.json.to_value().map_err(|loss| refused(path, &loss.to_string()))
}

/// What CloudTrail's files and CloudWatch Logs put around a single record.
fn unwrapped(document: Value) -> Value {
    for list in ["Records", "events"] {
        if let Some([one]) = document.get(list).and_then(Value::as_array).map(Vec::as_slice) {
            return unwrapped(one.clone());
        }
    }
    let message = document.get("message").and_then(Value::as_str).map(serde_json::from_str::<Value>);
    match message {
        Some(Ok(inside @ Value::Object(_))) => inside,
        _ => document,
    }
}

fn of_value(value: Value) -> Result<Value, String> {
    match value {
        Value::Object(record) if record::is_record(&record) => Ok(record::event(&record)),
        Value::Object(object)
            if ["Records", "events"].iter().any(|list| object.get(*list).is_some_and(Value::is_array)) =>
        {
            Err("it holds several events, or none; `trailbell match` looks at many".to_owned())
        }
        event @ Value::Object(_) => Ok(event),
        _ => Err("it is not a JSON object".to_owned()),
    }
}
