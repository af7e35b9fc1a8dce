//! JSON events out of files: JSON lines, whole documents and CloudTrail's own log files, each of them also as gzip.
//!
//! [`EventReader`] finds where an event begins and ends and hands out its raw text; what it means, and whether it is
//! JSON at all, others decide. Neighbors: `source` reads and unpacks, `buffer` holds the part of the input that is
//! being looked at, `scan` finds ends, `reader` deals with lines and documents, `records` with CloudTrail's `Records`
//! arrays, `error` says what went wrong, `compact` puts an event on one line.

mod buffer;
mod compact;
mod error;
mod reader;
mod records;
mod scan;
mod source;

pub use compact::compact;
pub use error::{Expected, InputError};
pub use reader::{DEFAULT_LIMIT, EventReader, RawEvent};

#[cfg(test)]
mod tests;
