//! The reader: what kind of input this is, and its lines and documents.
//!
//! Where a document that is not closed ends, only the kind of input tells: if the first document ended on the line it
//! began on, or that line breaks off where no document over several lines would, the input is JSON lines and an
//! unclosed one is a broken line. Otherwise documents may span lines. Neighbors: `records` takes over in `Records`
//! arrays, `scan` finds ends, `buffer` holds the bytes.

use std::io::Read;
use std::mem;
use std::ops::Range;

use memchr::memchr;

use super::InputError;
use super::buffer::Buffer;
use super::records::Records;
use super::scan::{EndFinder, Value, is_space};

/// The most bytes of an event, unless told otherwise.
pub const DEFAULT_LIMIT: usize = 16 << 20;

/// Hands out the raw text of one event after the other.
///
/// It reads in large pieces, so the input needs no buffer of its own.
///
/// It takes memory for one event, at most about twice the limit, however long the input and its lines are.
pub struct EventReader<R> {
    pub(super) buffer: Buffer<R>,
    pub(super) layout: Layout,
    /// The array being read, if the last document was one of records and has not ended.
    pub(super) records: Option<Records>,
    pub(super) limit: usize,
    kind: Content,
    progress: Progress,
}

/// What the input holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Events,
    JsonLogLines,
    LogLines,
}

/// How documents are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// The first document has not ended yet.
    Unknown,
    /// One document per line.
    Lines,
    /// A document ends where its brackets close.
    Documents,
}

enum Progress {
    Start,
    Reading,
    /// A fatal error came up while something else had to be reported first.
    Failing(InputError),
    Ended,
}

/// An event as it is in the input, without the whitespace around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawEvent<'b> {
    /// What should be JSON.
    pub text: &'b [u8],
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// Its number in its `Records` array, counted from 1, if it is in one.
    pub record: Option<u64>,
}

/// An event whose text is still where it was read.
pub(super) struct LocatedEvent {
    pub(super) text: Range<usize>,
    pub(super) line: u64,
    pub(super) record: Option<u64>,
}

/// What was consumed, and whether its end was found rather than that of the input or line.
pub(super) struct Taken {
    pub(super) text: Range<usize>,
    pub(super) whole: bool,
}

impl<R: Read> EventReader<R> {
    /// A reader with the default limit.
    pub fn new(input: R) -> Self {
        Self::with_limit(input, DEFAULT_LIMIT)
    }

    /// A reader that skips, and reports, events of more than `limit` bytes.
    pub fn with_limit(input: R, limit: usize) -> Self {
        let (buffer, progress) = (Buffer::new(input), Progress::Start);
        Self { buffer, layout: Layout::Unknown, records: None, limit, kind: Content::Events, progress }
    }

    /// Takes the input for log lines, which are handed out as they are: with spaces at their ends, also when blank.
    /// Only CloudTrail's own files are still taken apart.
    #[must_use]
    pub fn of_log_lines(mut self) -> Self {
        self.kind = Content::LogLines;
        self
    }

    /// Takes the input for log lines that are JSON: a list is a line of text, and a document over several lines begins
    /// with a brace that stays alone.
    #[must_use]
    pub fn of_json_log_lines(mut self) -> Self {
        self.kind = Content::JsonLogLines;
        self
    }

    /// The next event, whose text is valid until the next call; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// After one that is not [fatal](InputError::is_fatal) the next call goes on behind it, after a fatal one it says
    /// that the input has ended.
    pub fn next_event(&mut self) -> Result<Option<RawEvent<'_>>, InputError> {
        let event = self.advance().inspect_err(|error| {
            if error.is_fatal() {
                self.progress = Progress::Ended;
            }
        })?;
        let is_line = self.kind == Content::LogLines;
        Ok(event.map(|LocatedEvent { text, line, record }| {
            let text = self.buffer.consumed(text);
            let text = if is_line { text.strip_suffix(b"\r").unwrap_or(text) } else { trim_end(text) };
            RawEvent { text, line, record }
        }))
    }

    /// The bytes read so far, unpacked.
    pub fn bytes_read(&self) -> u64 {
        self.buffer.bytes_read()
    }

    /// The bytes taken from the input so far, packed as they are there.
    pub fn raw_bytes_read(&self) -> u64 {
        self.buffer.raw_bytes_read()
    }

    fn advance(&mut self) -> Result<Option<LocatedEvent>, InputError> {
        match mem::replace(&mut self.progress, Progress::Reading) {
            Progress::Start | Progress::Reading => {}
            Progress::Failing(error) => return Err(error),
            Progress::Ended => {
                self.progress = Progress::Ended;
                return Ok(None);
            }
        }
        loop {
            if let Some(records) = self.records {
                if let Some(event) = self.next_record(records)? {
                    return Ok(Some(event));
                }
                if self.records.is_none() && self.kind == Content::LogLines {
                    self.buffer.pass_line_end()?;
                }
            } else if self.kind == Content::LogLines {
                match self.buffer.first()? {
                    None => return Ok(None),
                    Some(b'{') if self.enter_records(b'{')? => {}
                    Some(_) => return self.next_line().map(Some),
                }
            } else {
                match self.buffer.peek(false)? {
                    None => return Ok(None),
                    Some(b'{') if self.enter_records(b'{')? => {}
                    Some(b'[') if self.kind == Content::Events && self.enter_records(b'[')? => {}
                    Some(first) => return self.next_document(first).map(Some),
                }
            }
        }
    }

    fn next_line(&mut self) -> Result<LocatedEvent, InputError> {
        let line = self.buffer.line();
        let taken = self.take(EndFinder::Line, None);
        // What was taken stays readable: the newline is there already, or the input has ended.
        self.buffer.consume_newline();
        Ok(LocatedEvent { text: taken?.text, line, record: None })
    }

    fn next_document(&mut self, first: u8) -> Result<LocatedEvent, InputError> {
        let line = self.buffer.line();
        let end = match first {
            b'[' if self.kind == Content::JsonLogLines => EndFinder::Line,
            b'{' | b'[' if self.layout == Layout::Unknown => {
                let strict = self.kind == Content::JsonLogLines;
                EndFinder::First { value: Value::default(), last: first, length: 0, strict }
            }
            b'{' | b'[' if self.layout == Layout::Documents => EndFinder::Document(Value::default()),
            _ => EndFinder::Line,
        };
        let taken = self.take(end, None);
        if matches!(first, b'{' | b'[') {
            self.settle_layout(line);
        }
        Ok(LocatedEvent { text: taken?.text, line, record: None })
    }

    /// The first document, which began on that line, has ended.
    pub(super) fn settle_layout(&mut self, began: u64) {
        if self.layout == Layout::Unknown {
            self.layout = if self.buffer.line() == began { Layout::Lines } else { Layout::Documents };
        }
    }

    /// Consumes everything up to the end; if that is more than the limit, without keeping it.
    pub(super) fn take(&mut self, mut end: EndFinder, record: Option<u64>) -> Result<Taken, InputError> {
        let line = self.buffer.line();
        let mut scanned = 0;
        let mut too_long = false;
        let (length, whole) = loop {
            let fresh = &self.buffer.window()[scanned..];
            let (seen, found) = look(&mut end, fresh, record.is_some() && self.layout == Layout::Lines);
            scanned += seen;
            if let Some(whole) = found {
                break (scanned, whole);
            }
            if scanned > self.limit {
                too_long = true;
                self.buffer.consume(scanned);
                scanned = 0;
            }
            match self.buffer.fill() {
                Ok(true) => {}
                Ok(false) => break (scanned, false),
                Err(error) if too_long => {
                    self.progress = Progress::Failing(error);
                    break (scanned, false);
                }
                Err(error) => return Err(error),
            }
        };
        let text = self.buffer.consume(length);
        if too_long || length > self.limit {
            return Err(InputError::TooLong { line, record, limit: self.limit });
        }
        Ok(Taken { text, whole })
    }

    /// Goes on with the next line.
    pub(super) fn skip_line(&mut self) {
        if let Err(error) = self.take(EndFinder::Line, None)
            && error.is_fatal()
        {
            self.progress = Progress::Failing(error);
        }
    }
}

/// How many of the bytes belong to what is being read and, if it ends there, whether as it should.
fn look(end: &mut EndFinder, bytes: &[u8], within_line: bool) -> (usize, Option<bool>) {
    let found = end.find(bytes);
    let seen = found.unwrap_or(bytes.len());
    if within_line && let Some(newline) = memchr(b'\n', &bytes[..seen]) {
        return (newline, Some(false));
    }
    (seen, found.map(|_| true))
}

fn trim_end(text: &[u8]) -> &[u8] {
    let last = text.iter().rposition(|&byte| !is_space(byte));
    &text[..last.map_or(0, |last| last + 1)]
}
