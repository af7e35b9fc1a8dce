//! The events inside of a text: what logs, queues, streams, and their commands put around a record.
//!
//! There is no list of such wrappers, since there is no end of them: an object that is no event itself is searched for the
//! first of its values that has events inside, a list for all of its elements; a string may be JSON, or JSON that was packed
//! with gzip and written in Base64; a line of text may have JSON behind a time or between the quotes of CSV or YAML. What is
//! found is handed out exactly as it is written there. The work is at most [`MAX_DEPTH`] times the length of the text, the
//! result at most [`DEFAULT_LIMIT`]. Neighbors: `walk` takes JSON apart, `shape` names what only leads to events.

use std::io::Read;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use regex::bytes::Regex;

use super::DEFAULT_LIMIT;
use super::shape::Pointer;
use super::walk::{ToldFields, items, value_end};

/// How deep events are looked for, strings in strings included: Firehose in Kinesis in a Lambda function's event has 6.
const MAX_DEPTH: usize = 16;

/// How many braces of a line of text may be something else.
const MAX_TRIES: usize = 8;

/// Something of this is in every text that has an event inside: names of fields, and what packed and plain JSON begin with in
/// Base64. One pass tells, fast: arbitrary JSON is to cost little more than before.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"eventSource|detail-type|eventVersion|H4sI|eyJ|"CloudTrailEvent"|"message"|"digestStartTime""#).ok()
});

/// The fields whose text is a line of a log. One that is an object is as good as an event.
const LINES: [&str; 2] = ["\"CloudTrailEvent\"", "\"message\""];

/// What a text holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// An event or anything else, without anything around it.
    Itself,
    /// Events, each as its exact text.
    Events {
        /// Their texts.
        texts: Vec<String>,
        /// Whether they were in a list, as the answers of AWS's commands have them.
        in_list: bool,
        /// Where the document that holds them ends.
        end: usize,
    },
    /// A document that only tells where events are.
    Pointer(Pointer),
    /// A line without quotes and braces: it is no part of a record.
    Words,
    /// It holds more than an event can have.
    TooLong,
}

/// The events inside of the document or line that a text begins with. Costs next to nothing for records and events as AWS
/// writes them.
#[must_use]
pub fn inside(text: &str) -> Inside {
    inside_limited(text, DEFAULT_LIMIT)
}

/// The same with at most `limit` bytes inside.
pub(super) fn inside_limited(text: &str, limit: usize) -> Inside {
    if is_written_by_aws(text) {
        return Inside::Itself;
    }
    let start = text.len() - text.trim_start_matches(is_blank).len();
    let rest = &text[start..];
    if is_written_by_aws(rest) {
        return Inside::Itself;
    }
    let is_json = begins_json(rest);
    if !is_json && !rest.contains(['{', '}', '"']) {
        return Inside::Words;
    }
    if MARKS.as_ref().is_some_and(|marks| !marks.is_match(rest.as_bytes())) {
        return Inside::Itself;
    }
    let mut search = InsideSearch { found: Vec::new(), pointer: None, in_list: false, room: limit };
    let end = match value_end(rest) {
        Some(end) if is_json => search.document(&rest[..end], 0).then_some(end),
        _ => search.words(rest, 0).then_some(rest.len()),
    };
    match (end, search.pointer) {
        _ if search.room == 0 => Inside::TooLong,
        (Some(end), _) if !search.found.is_empty() => {
            Inside::Events { texts: search.found, in_list: search.in_list, end: start + end }
        }
        (None, Some(pointer)) => Inside::Pointer(pointer),
        _ => Inside::Itself,
    }
}

/// Whether the object that a text begins with is an event or a record, as far as its fields tell.
#[must_use]
pub fn is_event(text: &str) -> bool {
    let text = text.trim_start_matches(is_blank);
    text.starts_with('{') && ToldFields::of(text).is_event(true)
}

/// Whether it does not just begin with words in brackets.
fn begins_json(text: &str) -> bool {
    let mut visible = text.chars().filter(|&c| !is_blank(c));
    match (visible.next(), visible.next()) {
        (Some('"'), _) => true,
        (Some('{'), second) => matches!(second, Some('"' | '}') | None),
        (Some('['), second) => matches!(second, Some('{' | '[' | '"' | ']') | None),
        _ => false,
    }
}

fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{feff}'
}

/// Whether it begins as CloudTrail and EventBridge begin a record and an event. S3's notifications begin like records, with
/// version 2.
fn is_written_by_aws(text: &str) -> bool {
    let begins = |name: &str, version: &str| {
        let value = text[1..].trim_ascii_start().strip_prefix(name)?.trim_ascii_start().strip_prefix(':')?;
        value.trim_ascii_start().strip_prefix(version)
    };
    text.starts_with("{\"eventVersion\":\"1.")
        || text.starts_with('{')
            && (begins("\"eventVersion\"", "\"1.").is_some() || begins("\"version\"", "\"0\"").is_some())
}

struct InsideSearch {
    found: Vec<String>,
    pointer: Option<Pointer>,
    in_list: bool,
    /// How much may still be unpacked; nothing is left once it was too much.
    room: usize,
}

impl InsideSearch {
    /// Looks into a JSON value; whether it found an event.
    fn document(&mut self, text: &str, depth: usize) -> bool {
        if depth == MAX_DEPTH || self.room == 0 {
            return false;
        }
        match text.as_bytes().first() {
            Some(b'{') => self.object(text, depth),
            Some(b'[') => {
                let mut is_found = false;
                for (_, element) in items(text) {
                    is_found |= self.document(element, depth + 1);
                }
                self.in_list |= is_found;
                is_found
            }
            Some(b'"') => self.string(text, depth),
            _ => false,
        }
    }

    fn object(&mut self, text: &str, depth: usize) -> bool {
        let about = ToldFields::of(text);
        if let Some(pointer) = about.pointer() {
            self.pointer = Some(pointer);
            return false;
        }
        if about.is_event(false) {
            if depth > 0 {
                self.keep(text);
            }
            return true;
        }
        // Some wrappers hold a record twice, as a text and taken apart.
        items(text).any(|(name, value)| self.document(value, depth + 1) || LINES.contains(&name) && self.line(value))
    }

    fn line(&mut self, quoted: &str) -> bool {
        let text = serde_json::from_str::<String>(quoted).unwrap_or_default();
        let text = text.trim();
        let is_object = text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        if is_object {
            self.keep(text);
        }
        is_object
    }

    fn keep(&mut self, text: &str) {
        self.spend(text.len());
        if self.room > 0 {
            self.found.push(text.to_owned());
        }
    }

    /// Takes off what may still be unpacked.
    fn spend(&mut self, length: usize) {
        self.room = self.room.saturating_sub(length);
    }

    fn string(&mut self, quoted: &str, depth: usize) -> bool {
        // Shorter ones are no records.
        if quoted.len() < 16 {
            return false;
        }
        let Ok(text) = serde_json::from_str::<String>(quoted) else { return false };
        self.text(text.trim_matches(is_blank), depth)
    }

    /// Looks into the text of a string.
    fn text(&mut self, text: &str, depth: usize) -> bool {
        if text.starts_with(['{', '[', '"']) {
            self.documents(text, depth)
        } else if text.starts_with("H4sI") || text.starts_with("eyJ") {
            self.unpacked(text).is_some_and(|text| self.documents(&text, depth))
        } else {
            self.words(text, depth)
        }
    }

    /// Looks into JSON documents that follow each other.
    fn documents(&mut self, text: &str, depth: usize) -> bool {
        let (mut rest, mut is_found) = (text, false);
        while let Some(end) = value_end(rest) {
            is_found |= self.document(&rest[..end], depth + 1);
            rest = rest[end..].trim_start_matches(|c: char| is_blank(c) || c == ',');
            if !rest.starts_with(['{', '[', '"']) {
                break;
            }
        }
        is_found
    }

    /// What was written in Base64, and packed before.
    fn unpacked(&mut self, text: &str) -> Option<String> {
        let bytes = STANDARD.decode(text).ok()?;
        let text = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut unpacked = Vec::new();
            MultiGzDecoder::new(bytes.as_slice()).take(self.room as u64).read_to_end(&mut unpacked).ok()?;
            unpacked
        } else {
            bytes
        };
        self.spend(text.len());
        String::from_utf8(text).ok()
    }

    /// Looks for an object in a line of text: behind a time, between tabs, in the quotes of CSV or YAML.
    fn words(&mut self, line: &str, depth: usize) -> bool {
        line.match_indices('{').take(MAX_TRIES).any(|(at, _)| {
            let (before, rest) = line.split_at(at);
            let after = rest[1..].trim_ascii_start();
            let unquoted = match before.chars().next_back() {
                Some('"') if after.starts_with("\"\"") => Some(rest.replace("\"\"", "\"")),
                Some('"') if after.starts_with("\\\"") => unescaped(&line[at - 1..]),
                Some('\'') if rest.contains("''") => Some(rest.replace("''", "'")),
                _ => None,
            };
            let text = unquoted.as_deref().unwrap_or(rest);
            value_end(text).is_some_and(|end| self.document(&text[..end], depth + 1))
        })
    }
}

fn unescaped(text: &str) -> Option<String> {
    serde_json::from_str(&text[..value_end(text)?]).ok()
}
