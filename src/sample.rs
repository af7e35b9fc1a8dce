//! An event or a log line as a person has it, with whatever is around it: the one reader of all commands that take events.
//!
//! What counts is what is inside: a CloudTrail record gets the envelope that EventBridge gives it, an event stays as it is.
//! Around it may be a `Records` file of CloudTrail, the answer of `aws cloudtrail lookup-events` or `aws logs
//! filter-log-events`, what a subscription delivers, or the time and words that a log has before a record. Users: `blueprint`
//! (tests), `cli` (`explain`, `fire`, `match`, `preview`, `verify`).

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{json, record};

/// What a text holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Sample {
    /// An event, or a record with the envelope EventBridge would give it.
    Event(Value),
    /// A line of a log without a record in it.
    Line(String),
}

/// Why a text is not one event.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SampleError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It begins like JSON.
    #[error("{0}")]
    NotJson(String),
    /// Something follows.
    #[error("there is more text after the JSON document")]
    MoreText,
    /// It would be judged and rendered wrongly, such as an object with a key that is there twice.
    #[error("{0}")]
    Lossy(String),
    /// It is a number, a string, or a list.
    #[error("it is not a JSON object")]
    NotObject,
    /// It is another JSON object.
    #[error("it is not a CloudTrail record or an event: it has no `eventName`, `source` or `detail`")]
    Neither,
    /// It holds any number but one.
    #[error("it contains several events, or none; for many events, use `trailbell match`")]
    NotOne,
    /// It is lines of text.
    #[error("it has several lines and is not JSON; for many events, use `trailbell match`")]
    SeveralLines,
}

/// The lists that hold records: CloudTrail's files, the events of CloudWatch Logs, what a subscription delivers, and the
/// answer of `lookup-events`.
const LISTS: [&str; 4] = ["Records", "events", "logEvents", "Events"];

/// The texts that hold a record.
const TEXTS: [&str; 2] = ["message", "CloudTrailEvent"];

/// The event or log line that a text holds.
///
/// # Errors
/// It holds none, or several.
pub fn read(text: &str) -> Result<Sample, SampleError> {
    let text = text.trim();
    if text.starts_with(['{', '[', '"']) || text.parse::<f64>().is_ok() {
        return match document(text)? {
            (_, end) if !text[end..].trim_ascii().is_empty() => Err(SampleError::MoreText),
            (document, _) => of_document(document),
        };
    }
    match text.lines().collect::<Vec<_>>().as_slice() {
        [] => Err(SampleError::Empty),
        // What writes logs puts a time and the like in front of the record.
        [line] => {
            let inside = line.find('{').and_then(|at| document(&line[at..]).ok());
            let event = inside.and_then(|(document, _)| event(document).ok());
            Ok(event.map_or_else(|| Sample::Line((*line).to_owned()), Sample::Event))
        }
        _ => Err(SampleError::SeveralLines),
    }
}

/// The records and whatever else is inside of the JSON document that a text begins with, and where the document ends; `None`
/// when nothing is around it. Costs next to nothing for records and events.
#[must_use]
pub fn inside(text: &str) -> Option<(Vec<Value>, usize)> {
    let first = text.trim_ascii_start().strip_prefix('{')?.trim_ascii_start();
    // Records and events begin otherwise, and with another key first they are not worth reading twice.
    if !AROUND.iter().any(|key| first.strip_prefix('"').is_some_and(|rest| rest.starts_with(key))) {
        return None;
    }
    let (document, end) = document(text).ok()?;
    let inside = unpacked(document.clone());
    (inside.as_slice() != std::slice::from_ref(&document)).then_some((inside, end))
}

/// What the first key of an object begins with that has events inside.
const AROUND: [&str; 13] = [
    "Records\"",
    "events\"",
    "logEvents\"",
    "Events\"",
    "message\"",
    "CloudTrailEvent\"",
    "messageType\"",
    "EventId\"",
    "NextToken\"",
    "nextToken\"",
    "logStreamName\"",
    "timestamp\"",
    "ingestionTime\"",
];

/// The event EventBridge would see of a test's record.
#[must_use]
pub fn of_record(written: &Map<String, Value>) -> Value {
    match one(Value::Object(written.clone())) {
        Ok(Value::Object(record)) if record::is_record(&record) => record::event(&record),
        // It is meant to be one, whatever it lacks.
        _ => record::event(written),
    }
}

/// The event EventBridge would see of a test's event.
#[must_use]
pub fn of_event(written: &Map<String, Value>) -> Value {
    let document = Value::Object(written.clone());
    one(document.clone()).and_then(event).unwrap_or(document)
}

fn document(text: &str) -> Result<(Value, usize), SampleError> {
    let document = json::read(text).map_err(|error| SampleError::NotJson(error.brief()))?;
    let value = document.json.to_value().map_err(|loss| SampleError::Lossy(loss.to_string()))?;
    Ok((value, document.end))
}

fn of_document(document: Value) -> Result<Sample, SampleError> {
    let inside = one(document)?;
    match &inside {
        // Programs write lines that are JSON into logs.
        Value::Object(object) if !object.is_empty() && !is_event(object) => Ok(Sample::Line(inside.to_string())),
        _ => event(inside).map(Sample::Event),
    }
}

/// The only thing inside.
fn one(document: Value) -> Result<Value, SampleError> {
    <[Value; 1]>::try_from(unpacked(document)).map(|[one]| one).map_err(|_| SampleError::NotOne)
}

/// Everything inside of what CloudTrail, CloudWatch Logs, and their commands put around records; the document itself when
/// there is nothing around it.
fn unpacked(document: Value) -> Vec<Value> {
    let Value::Object(object) = &document else { return vec![document] };
    if is_event(object) {
        return vec![document];
    }
    if let Some(Value::Array(items)) = LISTS.iter().find_map(|list| object.get(*list).filter(|one| one.is_array())) {
        return items.iter().cloned().flat_map(unpacked).collect();
    }
    let texts = TEXTS.iter().filter_map(|key| object.get(*key)?.as_str());
    let inside = texts.filter_map(|text| serde_json::from_str::<Value>(text).ok()).find(Value::is_object);
    inside.map_or_else(|| vec![document], unpacked)
}

fn is_event(object: &Map<String, Value>) -> bool {
    record::is_record(object) || ["source", "detail-type", "detail"].iter().any(|key| object.contains_key(*key))
}

fn event(document: Value) -> Result<Value, SampleError> {
    match document {
        Value::Object(object) if record::is_record(&object) => Ok(record::event(&object)),
        Value::Object(object) if is_event(&object) => Ok(Value::Object(object)),
        Value::Object(_) => Err(SampleError::Neither),
        _ => Err(SampleError::NotObject),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RECORD: &str = r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging"}"#;

    /// Everything that may be around a record.
    fn shapes() -> Vec<String> {
        let quoted = Value::from(RECORD).to_string();
        vec![
            RECORD.to_owned(),
            format!(r#"{{"Records":[{RECORD}]}}"#),
            format!(r#"{{"Events":[{{"EventId":"1","CloudTrailEvent":{quoted}}}]}}"#),
            format!(r#"{{"EventId":"1","CloudTrailEvent":{quoted}}}"#),
            format!(r#"{{"timestamp":1,"message":{quoted}}}"#),
            format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","message":{quoted}}}]}}"#),
            format!("{{\n  \"events\": [ {{ \"logStreamName\": \"s\", \"message\": {quoted} }} ]\n}}"),
        ]
    }

    fn event() -> Value {
        record::event(serde_json::from_str::<Value>(RECORD).expect("JSON").as_object().expect("an object"))
    }

    #[test]
    fn every_reader_takes_the_same_shapes() {
        for (at, shape) in shapes().iter().enumerate() {
            assert_eq!(read(shape), Ok(Sample::Event(event())), "{shape}");
            let Value::Object(written) = serde_json::from_str(shape).expect("JSON") else { panic!("{shape}") };
            assert_eq!((of_record(&written), of_event(&written)), (event(), event()), "{shape}");
            let record = serde_json::from_str::<Value>(RECORD).expect("JSON");
            let expected = (at > 0).then(|| (vec![record], shape.len()));
            assert_eq!(inside(&format!("{shape} more")), expected, "{shape}");
        }
        assert_eq!(read(&format!("2026-02-03T04:05:06Z stream {RECORD}")), Ok(Sample::Event(event())));
    }

    #[test]
    fn what_holds_no_event_or_several_says_so() {
        let two = format!(r#"{{"Records":[{RECORD},{RECORD}]}}"#);
        let cases = [
            ("", SampleError::Empty),
            ("{", SampleError::NotJson(json::read("{").expect_err("cut").brief())),
            ("5", SampleError::NotObject),
            ("[]", SampleError::NotObject),
            ("{}", SampleError::Neither),
            (r#"{"Records":[]}"#, SampleError::NotOne),
            (two.as_str(), SampleError::NotOne),
            ("a\nb", SampleError::SeveralLines),
        ];
        for (text, error) in cases {
            assert_eq!(read(text), Err(error), "{text}");
        }
        assert_eq!(read(&format!("{RECORD} {RECORD}")), Err(SampleError::MoreText));
        assert!(matches!(read(r#"{"detail":{"a":1,"a":2}}"#), Err(SampleError::Lossy(_))));
        assert_eq!(inside(&two).map(|(events, _)| events.len()), Some(2));
    }

    #[test]
    fn anything_else_is_a_line_or_itself() {
        for line in ["no record here", r#"{"a":1}"#, r#"{"message":"words"}"#] {
            assert_eq!(read(line), Ok(Sample::Line(line.to_owned())), "{line}");
        }
        // An event may hold lists and texts of any name.
        let own = json!({"source": "my.app", "detail": {}, "events": [], "message": "{}"});
        assert_eq!(read(&own.to_string()), Ok(Sample::Event(own)));
    }
}
