//! JSON taken apart where it is: the values of an object or a list as parts of its text, without reading them.
//!
//! Neighbors: `scan` finds ends, `inside` looks for events this way.

use super::scan::{Value, is_space};
use super::shape::Pointer;

/// Where the object, list or string at the beginning of a text ends; `None` if it does not.
pub(super) fn value_end(text: &str) -> Option<usize> {
    if text.starts_with(['{', '[', '"']) { Value::default().end(text.as_bytes()) } else { None }
}

/// The values of an object or a list, each with its quoted name if it has one, as far as the text is well formed.
pub(super) fn items(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_object = text.starts_with('{');
    let mut rest = text.get(1..).unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c == ',' || is_space_char(c));
        let mut name = "";
        if is_object {
            let (key, after) = rest.split_at_checked(value_end(rest).filter(|_| rest.starts_with('"'))?)?;
            (name, rest) = (key, blank(blank(after).strip_prefix(':')?));
        }
        let end = value_end(rest).unwrap_or_else(|| scalar_end(rest));
        let (value, after) = rest.split_at_checked(end).filter(|(value, _)| !value.is_empty())?;
        rest = after;
        Some((name, value))
    })
}

fn blank(text: &str) -> &str {
    text.trim_start_matches(is_space_char)
}

fn is_space_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_space)
}

/// Where a number or a word ends. What looks like the beginning of something else has no end, and no length.
fn scalar_end(text: &str) -> usize {
    if text.starts_with(['{', '[', '"']) {
        return 0;
    }
    text.find(|c: char| matches!(c, ',' | '}' | ']') || is_space_char(c)).unwrap_or(text.len())
}

/// What the fields of an object tell.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is whether a field is there")]
pub(super) struct ToldFields {
    event_source: bool,
    event_name: bool,
    event_version: bool,
    event_type: bool,
    detail_type: bool,
    detail: bool,
    source: bool,
    /// The event source is that of a notification or of a function's input: `aws:s3`, `aws:kinesis`.
    is_delivery: bool,
    is_s3: bool,
    digest: bool,
    log_files: bool,
}

impl ToldFields {
    /// Looks at the fields of the object that a text begins with.
    pub(super) fn of(text: &str) -> Self {
        let mut about = Self::default();
        for (name, value) in items(text) {
            match name {
                "\"eventSource\"" | "\"EventSource\"" => {
                    about.event_source = true;
                    about.is_delivery = value.starts_with("\"aws:");
                }
                "\"eventName\"" => about.event_name = true,
                "\"eventVersion\"" => about.event_version = true,
                "\"eventType\"" => about.event_type = true,
                "\"detail-type\"" => about.detail_type = true,
                "\"detail\"" => about.detail = true,
                "\"source\"" => about.source = true,
                "\"s3\"" => about.is_s3 = true,
                "\"digestStartTime\"" => about.digest = true,
                "\"logFiles\"" => about.log_files = true,
                _ => {}
            }
        }
        about
    }

    /// Whether it is an event or a record. A `source` alone tells it only of what has nothing around it: programs that
    /// collect logs write one, too.
    pub(super) fn is_event(self, is_alone: bool) -> bool {
        let is_record = self.event_source && self.event_name || self.event_version && self.event_type;
        !self.is_delivery && (is_record || self.detail_type || self.detail)
            || is_alone && self.source && !self.is_delivery
    }

    /// What it leads to, if it holds no events itself.
    pub(super) fn pointer(self) -> Option<Pointer> {
        match self {
            Self { is_delivery: true, is_s3: true, .. } => Some(Pointer::S3Notification),
            Self { digest: true, log_files: true, .. } => Some(Pointer::Digest),
            _ => None,
        }
    }
}
