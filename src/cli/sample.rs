//! Reading the one event a person wants to know about: a CloudTrail record, an event, or a log line with a record in it.
//!
//! Users: `fire`, `explain`, `preview`.

use std::path::Path;

use serde_json::Value;

use super::{Failure, files};
use crate::alert::Alert;
use crate::explain::Input;
use crate::json;
use crate::record;
use crate::render::style::plain;

/// Larger than any event EventBridge takes.
const MAX_EVENT: u64 = 4 << 20;

/// What a file holds.
pub(super) enum Sample {
    /// An event, or a record with the envelope EventBridge would give it.
    Event(Value),
    /// A line of a log without a record in it.
    Line(String),
}

/// A line for alerts none of which listens to a log is a mistake: it reaches nobody.
pub(super) fn refuse_line<'a>(sample: &Sample, alerts: impl IntoIterator<Item = &'a Alert>) -> Result<(), Failure> {
    match sample {
        Sample::Line(line) if !alerts.into_iter().any(|alert| alert.lines().is_some()) => {
            let shown = plain(&line.chars().take(60).collect::<String>());
            let message = format!("there is no CloudTrail record or event in `{shown}`");
            Err(Failure::usage(message, "alerts hear events; log lines reach only those with a `filter`"))
        }
        _ => Ok(()),
    }
}

impl Sample {
    /// What to explain.
    pub(super) fn input(&self) -> Input<'_> {
        match self {
            Self::Event(event) => Input::Event(event),
            Self::Line(line) => Input::Line(line),
        }
    }
}

/// An event from a file; `-` is standard input.
pub(super) fn event(path: &Path) -> Result<Value, Failure> {
    match sample(path)? {
        Sample::Event(event) => Ok(event),
        Sample::Line(_) => Err(refused(path, "it is neither a CloudTrail record nor an event")),
    }
}

/// An event or a log line from a file; `-` is standard input.
pub(super) fn sample(path: &Path) -> Result<Sample, Failure> {
    let text = text(path)?;
    let text = text.trim();
    if text.starts_with(['{', '[', '"']) || text.parse::<f64>().is_ok() {
        let document = unwrapped(document(path, text)?);
        if is_other_line(&document) {
            return Ok(Sample::Line(document.to_string()));
        }
        return of_value(document).map(Sample::Event).map_err(|why| refused(path, &why));
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
        _ => Err(refused(path, "it has several lines and is not JSON; `trailbell match` looks at many events")),
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    files::text(path, MAX_EVENT).map_err(|error| {
        Failure::usage(format!("cannot read the event `{}`: {error}", path.display()), files::hint(&error))
    })
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

/// The lists that hold records: CloudTrail's files, the events of CloudWatch Logs, what a subscription delivers, and the
/// answer of `lookup-events`.
const LISTS: [&str; 4] = ["Records", "events", "logEvents", "Events"];

/// What CloudTrail, CloudWatch Logs and their commands put around a single record.
fn unwrapped(document: Value) -> Value {
    for list in LISTS {
        if let Some([one]) = document.get(list).and_then(Value::as_array).map(Vec::as_slice) {
            return unwrapped(one.clone());
        }
    }
    let texts = ["message", "CloudTrailEvent"].into_iter().filter_map(|key| document.get(key)?.as_str());
    let inside = texts.filter_map(|text| serde_json::from_str::<Value>(text).ok()).find(Value::is_object);
    inside.unwrap_or(document)
}

/// Whether it is a JSON object that is neither event nor record: programs write such lines into logs.
fn is_other_line(value: &Value) -> bool {
    let is_event = |object: &serde_json::Map<String, Value>| {
        record::is_record(object) || ["source", "detail-type", "detail"].iter().any(|key| object.contains_key(*key))
    };
    value.as_object().is_some_and(|object| !object.is_empty() && !is_event(object) && !holds_several(object))
}

fn holds_several(object: &serde_json::Map<String, Value>) -> bool {
    LISTS.iter().any(|list| object.get(*list).is_some_and(Value::is_array))
}

fn of_value(value: Value) -> Result<Value, String> {
    let Value::Object(object) = value else { return Err("it is not a JSON object".to_owned()) };
    if record::is_record(&object) {
        return Ok(record::event(&object));
    }
    if holds_several(&object) {
        return Err("it holds several events, or none; `trailbell match` looks at many".to_owned());
    }
    if !["source", "detail-type", "detail"].iter().any(|key| object.contains_key(*key)) {
        return Err(
            "it is neither a CloudTrail record nor an event: it has no `eventName`, `source` or `detail`".to_owned()
        );
    }
    Ok(Value::Object(object))
}
