//! Where a line, a document or a record ends, found piece by piece.
//!
//! Only strings, escapes and the depth of brackets count; which bracket closes which, the JSON parser finds out.
//! Neighbors: `reader` and `records` feed these with what `buffer` holds, `compact` knows strings the same way.

use memchr::{memchr, memchr2};

/// Whether JSON takes it for whitespace.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How to find the end of what is being read; remembers what it has seen.
pub(super) enum EndFinder {
    /// The next newline, which does not belong to it.
    Line,
    /// The first document of the input: the newline after the value, or the one that ends its first line broken off.
    First {
        /// The document so far.
        value: Value,
        /// The last byte of the line so far that is no whitespace.
        last: u8,
        /// How many bytes of the line were seen that are no whitespace.
        length: usize,
        /// Only a bracket that stays alone begins a document over several lines.
        strict: bool,
    },
    /// The newline after the value.
    Document(Value),
    /// The end of the object, array or string.
    Value(Value),
    /// Whatever may follow a number or a word in an array.
    Scalar,
}

impl EndFinder {
    /// The end of a record that begins with this byte, if any does.
    pub(super) fn of_record(first: u8) -> Option<Self> {
        match first {
            b'{' | b'[' | b'"' => Some(Self::Value(Value::default())),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Some(Self::Scalar),
            _ => None,
        }
    }

    /// The end in the bytes that follow those of the last call; otherwise all of them belong to it.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Line => memchr(b'\n', bytes),
            Self::First { value, last, length, strict } => {
                let newline = memchr(b'\n', bytes);
                let line = &bytes[..newline.unwrap_or(bytes.len())];
                if value.end(line).is_some() {
                    *self = Self::Line;
                    return newline;
                }
                let mut visible = line.iter().filter(|&&byte| !is_space(byte));
                *length += visible.clone().count();
                *last = visible.next_back().copied().unwrap_or(*last);
                let newline = newline?;
                // Documents over several lines break after these; a line that breaks off elsewhere is a broken one.
                if !matches!(*last, b'{' | b'[' | b',' | b':') || (*strict && *length > 1) {
                    return Some(newline);
                }
                *self = Self::Document(std::mem::take(value));
                self.find(&bytes[newline..]).map(|end| newline + end)
            }
            Self::Value(value) => value.end(bytes),
            Self::Document(value) => {
                let closed = value.end(bytes)?;
                *self = Self::Line;
                self.find(&bytes[closed..]).map(|newline| closed + newline)
            }
            Self::Scalar => bytes.iter().position(|&byte| is_space(byte) || matches!(byte, b',' | b'}' | b']')),
        }
    }
}

/// An object, array or string, as far as it was read.
#[derive(Default)]
pub(super) struct Value {
    depth: usize,
    place: Place,
}

/// What the next byte is part of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Structure,
    String,
    /// A string, after a backslash.
    Escape,
}

impl Value {
    /// An object whose beginning was passed.
    pub(super) fn begun() -> Self {
        Self { depth: 1, place: Place::Structure }
    }

    /// The end of the value, if it is in these bytes.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let found = match self.place {
                Place::Structure => bytes[at..].iter().position(|&byte| is_structure(byte))?,
                Place::String => memchr2(b'"', b'\\', &bytes[at..])?,
                Place::Escape => bytes.get(at).map(|_| 0)?,
            };
            at += found + 1;
            match (self.place, bytes[at - 1]) {
                (Place::Structure, b'{' | b'[') => self.depth += 1,
                // A value begins with an opening bracket or a quote, so there is one to close.
                (Place::Structure, b'}' | b']') => self.depth -= 1,
                (Place::Structure | Place::Escape, _) => self.place = Place::String,
                (Place::String, b'"') => self.place = Place::Structure,
                (Place::String, _) => self.place = Place::Escape,
            }
            if self.depth == 0 && self.place == Place::Structure {
                return Some(at);
            }
        }
    }
}

fn is_structure(byte: u8) -> bool {
    matches!(byte, b'"' | b'{' | b'}' | b'[' | b']')
}
