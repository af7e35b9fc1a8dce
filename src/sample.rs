//! The one event or log line that a person gives, whatever is around it. `events` reads it, as it reads the many of `match`.
//!
//! What counts is what is inside: a CloudTrail record gets the envelope that EventBridge gives it, an event stays as it is.
//! Users: `blueprint` (tests), `cli` (`explain`, `fire`, `preview`, `verify`).

use serde_json::{Map, Value};
use thiserror::Error;

use crate::events::{self, EventReader, Inside, Pointer, oddity};
use crate::{json, record};

/// No sample is longer, unpacked.
const LIMIT: usize = 4 << 20;

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
    /// It cannot be read: it begins like JSON, is cut off, or packed.
    #[error("{0}")]
    Unreadable(String),
    /// Something follows that is no JSON.
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
    /// It only leads to events.
    #[error("{0}")]
    Pointer(Pointer),
    /// It is empty, or a list without records.
    #[error("it contains no event")]
    None,
    /// It holds several.
    #[error("it contains several events, and this command takes one")]
    Several,
    /// It is lines of text.
    #[error("it has several lines and no JSON in them")]
    SeveralLines,
}

impl SampleError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Several => {
                "choose one with a pattern: trailbell match --pattern \
                 '{\"detail\":{\"eventName\":[\"NAME\"]}}' FILE | head -n 1 > event.json"
            }
            Self::SeveralLines => "give one CloudTrail record, event, or log line",
            _ => "give one CloudTrail record or event as JSON",
        }
    }
}

/// The event or log line that a file holds.
///
/// # Errors
/// It holds none, or several.
pub fn read(bytes: &[u8]) -> Result<Sample, SampleError> {
    let mut reader = EventReader::with_limit(bytes, LIMIT);
    let mut found = Gathered::default();
    loop {
        match reader.next_event() {
            Ok(Some(raw)) => found.add(raw.text)?,
            Ok(None) => return found.sample(),
            // What was read before is of a file that is not whole.
            Err(error) => return Err(SampleError::Unreadable(error.to_string())),
        }
        if reader.bytes_read() > 4 * LIMIT as u64 {
            return Err(SampleError::Several);
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Gathered {
    samples: Vec<Sample>,
    /// Lines that are no part of a record, as they are around one in a report; and the first of them.
    lines: usize,
    line: String,
    pointer: Option<Pointer>,
}

impl Gathered {
    /// Adds what a raw event holds.
    fn add(&mut self, raw: &[u8]) -> Result<(), SampleError> {
        let Ok(mut rest) = std::str::from_utf8(raw) else {
            let why = "the text is not UTF-8; convert it first: iconv -f ISO-8859-1 -t UTF-8";
            return Err(SampleError::Unreadable(why.to_owned()));
        };
        loop {
            let end = match events::inside(rest) {
                Inside::Itself if !rest.starts_with(['{', '[', '"']) => {
                    self.text(rest);
                    return Ok(());
                }
                Inside::Itself => {
                    let (document, end) = document(rest)?;
                    self.keep(of_document(document, &rest[..end])?)?;
                    end
                }
                Inside::Events { texts, end, .. } => {
                    for text in texts {
                        self.keep(of_document(document(&text)?.0, &text)?)?;
                    }
                    end
                }
                Inside::Words => {
                    self.text(rest);
                    return Ok(());
                }
                Inside::Pointer(pointer) => {
                    self.pointer = Some(pointer);
                    return Ok(());
                }
                Inside::TooLong => return Err(SampleError::Several),
            };
            rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
            if rest.is_empty() {
                return Ok(());
            }
            if !rest.starts_with('{') {
                return Err(SampleError::MoreText);
            }
        }
    }

    fn text(&mut self, line: &str) {
        if self.lines == 0 {
            line.clone_into(&mut self.line);
        }
        self.lines += 1;
    }

    fn keep(&mut self, sample: Sample) -> Result<(), SampleError> {
        self.samples.push(sample);
        if self.samples.len() > 1 { Err(SampleError::Several) } else { Ok(()) }
    }

    fn sample(mut self) -> Result<Sample, SampleError> {
        match (self.samples.pop(), self.pointer, self.lines) {
            (Some(sample), ..) => Ok(sample),
            (None, Some(pointer), _) => Err(SampleError::Pointer(pointer)),
            (None, None, 0) => Err(SampleError::None),
            // A number is JSON that is no event; any other line may be that of a log.
            (None, None, 1) if self.line.parse::<f64>().is_ok() => Err(SampleError::NotObject),
            (None, None, 1) => Ok(Sample::Line(self.line)),
            (None, None, _) => {
                Err(oddity(&self.line).map_or(SampleError::SeveralLines, |why| SampleError::Unreadable(why.to_owned())))
            }
        }
    }
}

/// The event EventBridge would see of a test's record.
#[must_use]
pub fn of_record(written: &Map<String, Value>) -> Value {
    match alone(written) {
        Value::Object(record) if record::is_record(&record) => record::event(&record),
        // It is meant to be one, whatever it lacks.
        _ => record::event(written),
    }
}

/// The event EventBridge would see of a test's event.
#[must_use]
pub fn of_event(written: &Map<String, Value>) -> Value {
    match alone(written) {
        Value::Object(record) if record::is_record(&record) => record::event(&record),
        Value::Object(event) if is_event(&event) => Value::Object(event),
        _ => Value::Object(written.clone()),
    }
}

/// The only event inside; the document itself when there is nothing around it, or more than one inside.
fn alone(written: &Map<String, Value>) -> Value {
    let document = Value::Object(written.clone());
    match events::inside(&document.to_string()) {
        Inside::Events { texts, .. } if texts.len() == 1 => serde_json::from_str(&texts[0]).unwrap_or(document),
        _ => document,
    }
}

fn document(text: &str) -> Result<(Value, usize), SampleError> {
    let not_json = |error: json::SyntaxError| oddity(text).map_or_else(|| error.brief(), str::to_owned);
    let document = json::read(text).map_err(|error| SampleError::Unreadable(not_json(error)))?;
    let value = document.json.to_value().map_err(|loss| SampleError::Lossy(loss.to_string()))?;
    Ok((value, document.end))
}

fn of_document(document: Value, text: &str) -> Result<Sample, SampleError> {
    match document {
        Value::Object(object) if record::is_record(&object) => Ok(Sample::Event(record::event(&object))),
        Value::Object(object) if is_event(&object) => Ok(Sample::Event(Value::Object(object))),
        Value::Object(object) if object.is_empty() => Err(SampleError::Neither),
        // Programs write lines that are JSON into logs.
        Value::Object(_) => Ok(Sample::Line(text.trim().to_owned())),
        _ => Err(SampleError::NotObject),
    }
}

fn is_event(object: &Map<String, Value>) -> bool {
    ["source", "detail-type", "detail"].iter().any(|key| object.contains_key(*key))
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

    fn of(text: &str) -> Result<Sample, SampleError> {
        read(text.as_bytes())
    }

    #[test]
    fn every_reader_takes_the_same_shapes() {
        for shape in &shapes() {
            assert_eq!(of(shape), Ok(Sample::Event(event())), "{shape}");
            let Value::Object(written) = serde_json::from_str(shape).expect("JSON") else { panic!("{shape}") };
            assert_eq!((of_record(&written), of_event(&written)), (event(), event()), "{shape}");
        }
        let around = format!("Here it is:\n```json\n{RECORD}\n```\n");
        for text in [format!("2026-02-03T04:05:06Z stream {RECORD}"), format!("[{RECORD}]"), around] {
            assert_eq!(of(&text), Ok(Sample::Event(event())), "{text}");
        }
    }

    #[test]
    fn what_holds_no_event_or_several_says_so() {
        let two = format!(r#"{{"Records":[{RECORD},{RECORD}]}}"#);
        let lines = format!("{RECORD}\n{RECORD}\n");
        let cases = [
            ("", SampleError::None),
            ("{", SampleError::Unreadable(json::read("{").expect_err("cut").brief())),
            ("5", SampleError::NotObject),
            ("[\"5\"]", SampleError::NotObject),
            ("[]", SampleError::None),
            ("{}", SampleError::Neither),
            (r#"{"Records":[]}"#, SampleError::None),
            (two.as_str(), SampleError::Several),
            (lines.as_str(), SampleError::Several),
            ("a\nb", SampleError::SeveralLines),
        ];
        for (text, error) in cases {
            assert_eq!(of(text), Err(error), "{text}");
        }
        assert_eq!(of(&format!("{RECORD} {RECORD}")), Err(SampleError::Several));
        assert_eq!(of(&format!("{RECORD} words")), Err(SampleError::MoreText));
        assert!(matches!(of(r#"{"detail":{"a":1,"a":2}}"#), Err(SampleError::Lossy(_))));
    }

    #[test]
    fn anything_else_is_a_line_or_itself() {
        for line in ["no record here", r#"{"a":1}"#, r#"{"message":"words"}"#] {
            assert_eq!(of(line), Ok(Sample::Line(line.to_owned())), "{line}");
        }
        // An event may hold lists and texts of any name.
        let own = json!({"source": "my.app", "detail": {}, "events": [], "message": "{}"});
        assert_eq!(of(&own.to_string()), Ok(Sample::Event(own)));
    }
}
