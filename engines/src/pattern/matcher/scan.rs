//! One pass over the text of an event: finds the values at the fields that patterns name and steps over the rest.
//!
//! Everything is checked to be JSON, also what is stepped over, since EventBridge refuses an event that is not.
//! Nothing is copied and nothing allocated once the buffers have grown. Neighbors: `names` knows the fields, `mod`
//! judges what was found. That this agrees with `crate::json` is a property test's business.

use super::names::{FieldNames, NOWHERE};
use crate::json::MAX_DEPTH;

/// What kind of value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    Null,
    True,
    False,
    Number,
    Text,
    /// A text with escapes in it.
    Escaped,
}

/// A value at a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) field: u32,
    pub(super) kind: ValueKind,
    /// It is directly in a list.
    pub(super) listed: bool,
    /// It is in an element of a list that other fields may share.
    pub(super) bound: bool,
    /// The bytes of the value, without quotes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The next hit on the same field.
    pub(super) next: u32,
}

/// An array or object whose end has not come.
#[derive(Clone, Copy, Debug)]
struct OpenNode {
    node: u32,
    list: bool,
    bound: bool,
}

/// The text is not an event; the slow reader says why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// The buffers of a scan and what it found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) hits: Vec<Hit>,
    /// The marks of the names at the top.
    pub(super) marks: u8,
    /// A name with a dot in it led to a field.
    pub(super) dotted: bool,
    open: Vec<OpenNode>,
}

impl Scan {
    /// Scans one object, whose fields lie below `root`, and gives the byte after it.
    pub(super) fn run(&mut self, text: &str, names: &FieldNames, root: u32) -> Result<usize, Refused> {
        self.hits.clear();
        self.open.clear();
        self.marks = 0;
        self.dotted = false;
        let bytes = text.as_bytes();
        let mut at = after_space(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return Err(Refused);
        }
        at += 1;
        let mut frame = OpenNode { node: root, list: false, bound: false };
        let mut is_new = true;
        loop {
            at = after_space(bytes, at);
            if is_new && bytes.get(at) == Some(if frame.list { &b']' } else { &b'}' }) {
                // Nothing in it.
            } else {
                let mut node = frame.node;
                if !frame.list {
                    (node, at) = self.name(text, at, frame.node, names)?;
                    at = after_space(bytes, at);
                }
                match bytes.get(at) {
                    Some(b'{' | b'[') => {
                        if self.open.len() + 1 == MAX_DEPTH {
                            return Err(Refused);
                        }
                        self.open.push(frame);
                        let bound = frame.bound || frame.list;
                        frame = OpenNode { node, list: bytes[at] == b'[', bound };
                        at += 1;
                        is_new = true;
                        continue;
                    }
                    Some(b'"') => {
                        let (end, escaped) = string(text, at + 1)?;
                        let kind = if escaped { ValueKind::Escaped } else { ValueKind::Text };
                        self.hit(names, node, frame, kind, at + 1..end);
                        at = end + 1;
                    }
                    Some(_) => {
                        let (kind, end) = plain(bytes, at)?;
                        self.hit(names, node, frame, kind, at..end);
                        at = end;
                    }
                    None => return Err(Refused),
                }
                at = after_space(bytes, at);
                if bytes.get(at) == Some(&b',') {
                    at += 1;
                    is_new = false;
                    continue;
                }
            }
            // The end of what is open, and of all that ends with it.
            loop {
                if bytes.get(at) != Some(if frame.list { &b']' } else { &b'}' }) {
                    return Err(Refused);
                }
                at += 1;
                let Some(outer) = self.open.pop() else { return Ok(at) };
                frame = outer;
                at = after_space(bytes, at);
                if bytes.get(at) == Some(&b',') {
                    at += 1;
                    is_new = false;
                    break;
                }
            }
        }
    }

    /// Reads a field's name and its colon; gives where the field leads.
    #[inline]
    fn name(&mut self, text: &str, at: usize, node: u32, names: &FieldNames) -> Result<(u32, usize), Refused> {
        let bytes = text.as_bytes();
        if bytes.get(at) != Some(&b'"') {
            return Err(Refused);
        }
        let (end, escaped) = string(text, at + 1)?;
        let colon = after_space(bytes, end + 1);
        if bytes.get(colon) != Some(&b':') {
            return Err(Refused);
        }
        let child = if node == NOWHERE {
            NOWHERE
        } else {
            let found = names.child(node, &text[at + 1..end], escaped);
            self.dotted |= found.dotted;
            if self.open.is_empty() && !found.dotted {
                self.marks |= names.mark(found.node);
            }
            found.node
        };
        Ok((child, colon + 1))
    }

    #[inline]
    fn hit(&mut self, names: &FieldNames, node: u32, frame: OpenNode, kind: ValueKind, place: std::ops::Range<usize>) {
        if node == NOWHERE {
            return;
        }
        if let Some(field) = names.field(node) {
            let (start, end) = (place.start, place.end);
            let OpenNode { list, bound, .. } = frame;
            self.hits.push(Hit { field, kind, listed: list, bound, start, end, next: u32::MAX });
        }
    }
}

#[inline]
fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// Eight bytes with the value 1, and eight with the highest bit.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Marks bytes of the word that end the plain part of a string: quotes, backslashes, control characters. The lowest
/// mark is exact; above it there may be wrong ones, from the carry of the subtraction.
#[inline]
fn special(word: u64) -> u64 {
    let quotes = word ^ (ONES * 0x22);
    let slashes = word ^ (ONES * 0x5c);
    let below = |x: u64, by: u64| x.wrapping_sub(ONES * by) & !x;
    (below(quotes, 1) | below(slashes, 1) | below(word, 0x20)) & HIGHS
}

/// The place of the quote that ends the string beginning at `at`, and whether there are escapes in it.
#[inline]
fn string(text: &str, at: usize) -> Result<(usize, bool), Refused> {
    let end = plain_part(text.as_bytes(), at);
    if text.as_bytes().get(end) == Some(&b'"') { Ok((end, false)) } else { escaped_string(text, end) }
}

/// The first byte from `at` on that is special, or the end.
#[inline]
fn plain_part(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let marks = special(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        at += 1;
    }
    at
}

#[cold]
fn escaped_string(text: &str, mut at: usize) -> Result<(usize, bool), Refused> {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok((at, true)),
            Some(b'\\') => at = after_escape(bytes, at)?,
            _ => return Err(Refused),
        }
        at = plain_part(bytes, at);
    }
}

fn after_escape(bytes: &[u8], at: usize) -> Result<usize, Refused> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let digits = bytes.get(at + 2..at + 6).ok_or(Refused)?;
            if digits.iter().all(u8::is_ascii_hexdigit) { Ok(at + 6) } else { Err(Refused) }
        }
        _ => Err(Refused),
    }
}

/// A value that is neither a string nor a container, and the byte after it.
#[inline]
fn plain(bytes: &[u8], at: usize) -> Result<(ValueKind, usize), Refused> {
    let rest = &bytes[at..];
    match rest.first() {
        Some(b't') if rest.starts_with(b"true") => Ok((ValueKind::True, at + 4)),
        Some(b'f') if rest.starts_with(b"false") => Ok((ValueKind::False, at + 5)),
        Some(b'n') if rest.starts_with(b"null") => Ok((ValueKind::Null, at + 4)),
        Some(b'-' | b'0'..=b'9') => number(bytes, at).map(|end| (ValueKind::Number, end)),
        _ => Err(Refused),
    }
}

fn number(bytes: &[u8], mut at: usize) -> Result<usize, Refused> {
    if bytes[at] == b'-' {
        at += 1;
    }
    let whole = at;
    at = digits(bytes, at)?;
    if bytes[whole] == b'0' && at > whole + 1 {
        return Err(Refused);
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    Ok(at)
}

/// The byte after one digit or more.
fn digits(bytes: &[u8], from: usize) -> Result<usize, Refused> {
    let mut at = from;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at > from { Ok(at) } else { Err(Refused) }
}
