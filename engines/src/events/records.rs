//! CloudTrail's log files: an object whose first key is `Records`, each element of whose array is an event; and lists
//! without such an object around them.
//!
//! What follows the array is not known while its elements are handed out, so the first key decides; other keys are passed. A
//! file has no newline at its end, so after one such object the next document may begin on the same line. Neighbor:
//! `reader`, which comes here when a document begins like that.

use std::io::Read;

use memchr::memchr;

use super::InputError;
use super::error::Expected;
use super::reader::{EventReader, Layout, LocatedEvent};
use super::scan::{EndFinder, Value, is_space};

/// A `Records` array, as far as it was read.
#[derive(Clone, Copy)]
pub(super) struct Records {
    /// The line on which its document begins.
    line: u64,
    /// How many of its records were read.
    count: u64,
    /// Whether an object is around it.
    in_object: bool,
}

impl<R: Read> EventReader<R> {
    /// Passes the beginning of an array of records, if the document begins with one.
    pub(super) fn enter_records(&mut self, first: u8) -> Result<bool, InputError> {
        let in_object = first == b'{';
        let length = loop {
            match if in_object { head(self.buffer.window()) } else { list_head(self.buffer.window()) } {
                Head::Records(length) => break length,
                Head::Unclear if self.buffer.window().len() <= self.limit && self.buffer.fill()? => {}
                Head::Unclear | Head::Other => return Ok(false),
            }
        };
        let cut = self.layout == Layout::Lines && self.buffer.window()[..length].contains(&b'\n');
        if cut || length > self.limit {
            return Ok(false);
        }
        self.records = Some(Records { line: self.buffer.line(), count: 0, in_object });
        self.buffer.consume(length);
        Ok(true)
    }

    /// The next record; none if the array and its document have ended.
    pub(super) fn next_record(&mut self, records: Records) -> Result<Option<LocatedEvent>, InputError> {
        match (self.peek_in_document()?, records.count) {
            (Some(b']'), _) => return self.leave_records(records).map(|()| None),
            (Some(b','), 1..) => _ = self.buffer.consume(1),
            (found, 1..) => return Err(self.unexpected(records, Expected::Separator, found)),
            (_, 0) => {}
        }
        let found = self.peek_in_document()?;
        // A comma too many, as people who edit a file leave it.
        if found == Some(b']') && records.count > 0 {
            return self.leave_records(records).map(|()| None);
        }
        match found.and_then(EndFinder::of_record) {
            Some(end) => self.take_record(records, end).map(Some),
            None => Err(self.unexpected(records, Expected::Record, found)),
        }
    }

    fn take_record(&mut self, records: Records, end: EndFinder) -> Result<LocatedEvent, InputError> {
        let line = self.buffer.line();
        let record = records.count + 1;
        self.records = Some(Records { count: record, ..records });
        let taken = self.take(end, Some(record))?;
        if taken.whole {
            return Ok(LocatedEvent { text: taken.text, line, record: Some(record) });
        }
        self.records = None;
        Err(InputError::CutRecord { line, record })
    }

    /// Passes the end of the array and of its document.
    fn leave_records(&mut self, records: Records) -> Result<(), InputError> {
        self.buffer.consume(1);
        if records.in_object {
            let found = self.peek_in_document()?;
            let is_closed = match found {
                Some(b'}' | b',') => self.pass_rest()?,
                _ => false,
            };
            if !is_closed {
                return Err(self.unexpected(records, Expected::Close, found.filter(|&byte| byte != b',')));
            }
        }
        self.records = None;
        self.settle_layout(records.line);
        Ok(())
    }

    /// Passes the rest of the object, however long it is; whether it ends.
    fn pass_rest(&mut self) -> Result<bool, InputError> {
        let mut value = Value::begun();
        loop {
            let window = self.buffer.window();
            let end = value.end(window);
            let length = end.unwrap_or(window.len());
            let newline = memchr(b'\n', &window[..length]).filter(|_| self.layout == Layout::Lines);
            if let Some(newline) = newline {
                // What is left of the line belongs to the object, however much of it was read at once.
                self.buffer.consume(newline);
                return Ok(false);
            }
            self.buffer.consume(length);
            if end.is_some() {
                return Ok(true);
            }
            if !self.buffer.fill()? {
                return Ok(false);
            }
        }
    }

    /// In JSON lines the newline ends the document, closed or not.
    fn peek_in_document(&mut self) -> Result<Option<u8>, InputError> {
        self.buffer.peek(self.layout == Layout::Lines)
    }

    /// Gives the document up. If it has not left its line the next one is fine again; otherwise nothing tells where the
    /// next document begins.
    fn unexpected(&mut self, records: Records, expected: Expected, found: Option<u8>) -> InputError {
        self.records = None;
        let line = self.buffer.line();
        let found = found.filter(|&byte| byte != b'\n');
        let fatal = found.is_some() && line != records.line;
        if found.is_some() && !fatal {
            self.settle_layout(line);
            self.skip_line();
        }
        InputError::Unexpected { line, record: records.count, expected, found, fatal }
    }
}

/// What the beginning of a document is.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    /// That of a `Records` file, of this length, the array's bracket included.
    Records(usize),
    Other,
    /// Too short to tell.
    Unclear,
}

fn head(text: &[u8]) -> Head {
    let mut rest = text;
    for token in [b"{".as_slice(), b"\"Records\"", b":", b"["] {
        let blank = rest.iter().position(|&byte| !is_space(byte)).unwrap_or(rest.len());
        rest = &rest[blank..];
        match rest.strip_prefix(token) {
            Some(after) => rest = after,
            None if token.starts_with(rest) => return Head::Unclear,
            None => return Head::Other,
        }
    }
    Head::Records(text.len() - rest.len())
}

/// The same for a list alone. One that begins with a number or a word has no records, and may be words in brackets.
fn list_head(text: &[u8]) -> Head {
    match text.iter().skip(1).find(|&&byte| !is_space(byte)) {
        Some(b'{' | b'[' | b'"' | b']') => Head::Records(1),
        Some(_) => Head::Other,
        None => Head::Unclear,
    }
}
