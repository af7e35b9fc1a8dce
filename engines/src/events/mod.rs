//! JSON events out of files: JSON lines, whole documents, lists and CloudTrail's own log files, each of them also as gzip or
//! UTF-16, and with whatever other programs put around a record.
//!
//! [`EventReader`] finds where an event begins and ends and hands out its raw text; what it means, and whether it is
//! JSON at all, others decide. [`inside`] finds the events inside of such a text. Neighbors: `source` and `layer` read and unpack, `buffer` holds the part of the input that is
//! being looked at, `scan` finds ends, `reader` deals with lines and documents, `records` with CloudTrail's `Records`
//! arrays, `error` says what went wrong, `compact` puts an event on one line.

mod buffer;
mod compact;
mod error;
mod inside;
mod layer;
mod reader;
mod records;
mod scan;
mod shape;
mod source;
mod walk;

pub use compact::compact;
pub use error::{Expected, InputError};
pub use inside::{Inside, inside, is_event};
pub use reader::{DEFAULT_LIMIT, EventReader, RawEvent};
pub use shape::{Packed, Pointer, oddity};

#[cfg(test)]
mod tests;
