//! What can go wrong while reading events, and whether it makes sense to read on.
//!
//! Neighbors: `source` and `buffer` find what is wrong with the input as a whole, `reader` and `records` what is wrong
//! with one event.

use std::{fmt, io};

use thiserror::Error;

use super::shape::Packed;

/// Why an event, or the rest of the input, could not be read.
#[derive(Debug, Error)]
pub enum InputError {
    /// The operating system, or whatever else is behind the input, failed.
    #[error("line {line}: reading failed: {source}")]
    Read {
        /// Where it happened.
        line: u64,
        /// What the input says.
        source: io::Error,
    },
    /// The gzip data ends before it should.
    #[error("line {line}: the gzip data is cut off, or something else follows it; copy or download the file again")]
    GzipCut {
        /// Where it happened, in the unpacked text.
        line: u64,
    },
    /// The gzip data is not what was once packed.
    #[error("line {line}: the gzip data is damaged ({source}); copy or download the file again")]
    GzipDamaged {
        /// Where it happened, in the unpacked text.
        line: u64,
        /// What the decoder says.
        source: io::Error,
    },
    /// The input is packed in a way that only other programs unpack.
    #[error("{}; {}", _0.name, _0.fix)]
    Packed(Packed),
    /// An event is longer than allowed.
    #[error("line {line}: {} longer than {}; skipped", subject(*record), size(*limit))]
    TooLong {
        /// Where the event begins.
        line: u64,
        /// Its number, if it is in a `Records` array.
        record: Option<u64>,
        /// The most bytes an event may have.
        limit: usize,
    },
    /// The input, or the line of a JSON lines file, ends too early.
    #[error("line {line}: ends inside of record {record}; the file may be incomplete")]
    CutRecord {
        /// Where the record begins.
        line: u64,
        /// Its number.
        record: u64,
    },
    /// A `Records` array, or what follows it, is not built as it should be.
    #[error("line {line}: {expected} expected {}, found {}{}", after(*record), name(*found), abridged(*found))]
    Unexpected {
        /// Where it was found.
        line: u64,
        /// The number of records before it.
        record: u64,
        /// What should have been there.
        expected: Expected,
        /// What is there; nothing where the input or the line ends.
        found: Option<u8>,
        /// Whether nothing tells where the next event begins.
        fatal: bool,
    },
}

impl InputError {
    /// Whether nothing can be read after this; otherwise the reader goes on with the next event.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Read { .. } | Self::GzipCut { .. } | Self::GzipDamaged { .. } | Self::Packed(_) => true,
            Self::TooLong { .. } | Self::CutRecord { .. } => false,
            Self::Unexpected { fatal, .. } => *fatal,
        }
    }
}

/// What should have followed in a `Records` array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A JSON value.
    Record,
    /// A comma or the end of the array.
    Separator,
    /// The end of the object that holds the array.
    Close,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Record => "a record",
            Self::Separator => "`,` or `]`",
            Self::Close => "`}`",
        })
    }
}

fn subject(record: Option<u64>) -> String {
    record.map_or_else(|| "an event is".to_owned(), |number| format!("record {number} is"))
}

fn size(bytes: usize) -> String {
    const MEBIBYTE: usize = 1 << 20;
    if bytes >= MEBIBYTE && bytes.is_multiple_of(MEBIBYTE) {
        format!("{} MiB", bytes / MEBIBYTE)
    } else {
        format!("{bytes} bytes")
    }
}

fn after(record: u64) -> String {
    if record == 0 { "at the beginning of \"Records\"".to_owned() } else { format!("after record {record}") }
}

/// What people write where they leave out records.
fn abridged(found: Option<u8>) -> &'static str {
    if found == Some(b'.') { "; the list is abridged: copy all of it" } else { "" }
}

fn name(byte: Option<u8>) -> String {
    match byte {
        None => "the end".to_owned(),
        Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(byte)),
        Some(byte) => format!("byte {byte:#04x}"),
    }
}
