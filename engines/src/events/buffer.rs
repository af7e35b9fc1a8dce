//! The part of the input that is being looked at: a window that is filled at its end and consumed at its beginning.
//!
//! Bytes move only when the window is filled, so a range that was consumed stays readable until then. Neighbors:
//! `source` fills it, `reader` and `records` consume it.

use std::io::Read;
use std::ops::Range;

use memchr::memchr_iter;

use super::InputError;
use super::scan::is_space;
use super::source::{InputSource, ReadFailure};

/// How much is read at once: fits into a processor's cache.
const CHUNK: usize = 256 << 10;

pub(super) struct Buffer<R> {
    source: InputSource<R>,
    bytes: Vec<u8>,
    window: Range<usize>,
    /// The line on which the window begins.
    line: u64,
    filled: u64,
    ended: bool,
}

impl<R: Read> Buffer<R> {
    pub(super) fn new(input: R) -> Self {
        Self { source: InputSource::Unopened(input), bytes: Vec::new(), window: 0..0, line: 1, filled: 0, ended: false }
    }

    pub(super) fn window(&self) -> &[u8] {
        &self.bytes[self.window.clone()]
    }

    /// What was consumed since the window was last filled.
    pub(super) fn consumed(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.filled
    }

    pub(super) fn raw_bytes_read(&self) -> u64 {
        self.source.taken()
    }

    /// Adds to the window; `false` if the input has ended.
    pub(super) fn fill(&mut self) -> Result<bool, InputError> {
        if self.ended {
            return Ok(false);
        }
        self.make_room();
        let room = self.window.end..self.bytes.len().min(self.window.end + CHUNK);
        let count = self.source.read(&mut self.bytes[room]).map_err(|failure| self.error(failure))?;
        self.window.end += count;
        self.filled += count as u64;
        self.ended = count == 0;
        Ok(!self.ended)
    }

    /// Moves the window to the front. It holds less than one event then, so no byte moves twice for the same event.
    fn make_room(&mut self) {
        if self.window.start > 0 {
            self.bytes.copy_within(self.window.clone(), 0);
            self.window = 0..self.window.len();
        }
        if self.window.end == self.bytes.len() {
            self.bytes.resize((self.bytes.len() * 2).max(CHUNK), 0);
        }
    }

    fn error(&self, failure: ReadFailure) -> InputError {
        // Where the bytes are missing, not where the window begins.
        let line = self.line + lines(self.window());
        match failure {
            ReadFailure::Read(source) => InputError::Read { line, source },
            ReadFailure::Packed(packed) => InputError::Packed(packed),
            ReadFailure::GzipCut => InputError::GzipCut { line },
            ReadFailure::GzipDamaged(source) => InputError::GzipDamaged { line, source },
        }
    }

    /// Takes bytes off the window's beginning and says where they are.
    pub(super) fn consume(&mut self, length: usize) -> Range<usize> {
        self.line += lines(&self.window()[..length]);
        let start = self.window.start;
        self.window.start += length;
        start..self.window.start
    }

    /// The next byte, whatever it is.
    pub(super) fn first(&mut self) -> Result<Option<u8>, InputError> {
        while self.window().is_empty() && self.fill()? {}
        Ok(self.window().first().copied())
    }

    /// Consumes a newline, if it comes next and was read already.
    pub(super) fn consume_newline(&mut self) {
        if self.window().first() == Some(&b'\n') {
            self.consume(1);
        }
    }

    /// Consumes the end of a line, if nothing but that is left of it.
    pub(super) fn pass_line_end(&mut self) -> Result<(), InputError> {
        if self.peek(true)? == Some(b'\n') {
            self.consume(1);
        }
        Ok(())
    }

    /// Consumes whitespace and looks at the byte that follows, which may be the newline if it is not to be passed.
    pub(super) fn peek(&mut self, within_line: bool) -> Result<Option<u8>, InputError> {
        loop {
            let skipped = |byte: &u8| is_space(*byte) && !(within_line && *byte == b'\n');
            let other = self.window().iter().position(|byte| !skipped(byte));
            self.consume(other.unwrap_or(self.window().len()));
            if other.is_some() || !self.fill()? {
                return Ok(self.window().first().copied());
            }
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
