//! Where runs are recorded: log streams in a log group of the stack.
//!
//! A run is the stream `<8 digits>`, and it has ended when there is a stream `<8 digits>.done`. Streams are only ever created,
//! and CloudWatch Logs documents that "log stream names must be unique within the log group" (API reference,
//! `CreateLogStream`): of several who create the same one, one succeeds. What that means is decided in `runs`.
//!
//! A stream `#<log group>` notes that the stack puts subscription filters on a log group. Names do not expire, as entries do, and
//! there can be any number. `#` comes before digits, so a list with the newest run first does not begin with them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ProviderError;
use crate::name::{MAX_LOG_GROUP, Scope, is_log_group};

/// What begins the name of a stream that notes a log group.
pub(super) const NOTE: &str = "#";

/// The name of the stream that notes a log group; `None` for the longest names, which leave no room: the name of a stream has at
/// most as many characters as that of a log group.
pub(super) fn note_of(log_group: &str) -> Option<String> {
    (NOTE.len() + log_group.len() <= MAX_LOG_GROUP).then(|| format!("{NOTE}{log_group}"))
}

/// The log group that a stream notes. Whoever may write to the log group of runs may have made it: it leads, and proves nothing.
pub(super) fn noted(stream: &str) -> Option<&str> {
    stream.strip_prefix(NOTE).filter(|name| is_log_group(name))
}

/// What ends the name of a stream that ends a run.
const DONE: &str = ".done";

/// The name of the stream of a run, or of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunStream {
    /// The run's number, beginning with 1.
    pub number: u32,
    /// Whether it is the end of the run.
    pub is_end: bool,
}

impl RunStream {
    /// The largest number that has eight digits.
    pub const MAX: u32 = 99_999_999;

    /// The stream of a run.
    #[must_use]
    pub const fn run(number: u32) -> Self {
        Self { number, is_end: false }
    }

    /// The stream that ends a run.
    #[must_use]
    pub const fn end(number: u32) -> Self {
        Self { number, is_end: true }
    }

    /// Its name in CloudWatch Logs.
    #[must_use]
    pub fn name(self) -> String {
        let end = if self.is_end { DONE } else { "" };
        format!("{:08}{end}", self.number)
    }

    /// The stream of a name; `None` for what is no run's.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let digits = name.strip_suffix(DONE).unwrap_or(name);
        let is_number = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| digits.parse().ok()).flatten().filter(|number| *number > 0)?;
        Some(Self { number, is_end: digits.len() < name.len() })
    }
}

/// A stream that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenStream {
    /// Which.
    pub stream: RunStream,
    /// When it was created, in milliseconds since 1970; tells a log group from one that was made anew.
    pub created: i64,
}

/// One entry of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// When it was written, by the clock of who wrote it, in milliseconds since 1970.
    pub time: i64,
    /// The text. Whoever may write to the log group may have written it.
    pub text: String,
}

/// What came of making a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// It was made.
    Made,
    /// Someone made it before.
    Exists,
    /// It exists, and whose it is, is not known: the answer to an earlier attempt was lost.
    Unknown,
}

/// Which entry of a stream is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The oldest.
    First,
    /// The newest.
    Last,
}

/// A stack that an account has in a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundStack {
    /// When its record of runs was created, in milliseconds since 1970; `None` when it has none.
    pub created: Option<i64>,
    /// The tags of its record of runs, if it carries the stack's mark.
    pub tags: BTreeMap<String, String>,
}

/// The stacks of an account and region, by name.
pub type FoundStacks = BTreeMap<String, FoundStack>;

/// A cloud that records runs.
#[expect(async_fn_in_trait, reason = "used with static dispatch only, on one thread")]
pub trait RunLog {
    /// The streams of runs, newest run first and each end before its run, at most so many; those of one run only if asked for.
    /// `None` when there is no log group.
    async fn streams(
        &self,
        scope: &Scope,
        only: Option<u32>,
        most: usize,
    ) -> Result<Option<Vec<SeenStream>>, ProviderError>;

    /// Makes the log group, with the stack's mark. That it exists and is marked is a success.
    async fn create_log(&self, scope: &Scope) -> Result<(), ProviderError>;

    /// The tags of the log group; `None` when there is none.
    async fn log_tags(&self, scope: &Scope) -> Result<Option<BTreeMap<String, String>>, ProviderError>;

    /// Sets some tags of the log group and removes others.
    async fn tag_log(
        &self,
        scope: &Scope,
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<(), ProviderError>;

    /// Every stack of the account in a region: those with a record of runs, and those of which something is found by name.
    async fn stacks(&self, region: &str) -> Result<FoundStacks, ProviderError>;

    /// The regions in which the stack has its role, by the names of roles.
    async fn regions_of(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError>;

    /// Makes a stream.
    async fn create_stream(&self, scope: &Scope, stream: RunStream) -> Result<Creation, ProviderError>;

    /// Writes an entry.
    async fn append(&self, scope: &Scope, stream: RunStream, text: &str) -> Result<(), ProviderError>;

    /// The log groups that are noted; none without a log group of runs.
    async fn noted_log_groups(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError>;

    /// Notes a log group for good. That it is noted already is a success.
    async fn note_log_group(&self, scope: &Scope, log_group: &str) -> Result<(), ProviderError>;

    /// The first or last entry; `None` when there is none, or no stream.
    async fn entry(&self, scope: &Scope, stream: RunStream, side: Side) -> Result<Option<LogEntry>, ProviderError>;

    /// Removes the log group. That it is gone already is a success.
    async fn delete_log(&self, scope: &Scope) -> Result<(), ProviderError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_again_and_others_are_no_runs() {
        for stream in [RunStream::run(1), RunStream::end(42), RunStream::run(RunStream::MAX)] {
            assert_eq!(RunStream::parse(&stream.name()), Some(stream));
        }
        assert_eq!(RunStream::run(7).name(), "00000007");
        for other in ["", "7", "00000000", "0000000a", "000000001", "00000001.don", "00000001.done.done", "+0000001"] {
            assert_eq!(RunStream::parse(other), None, "{other}");
        }
    }

    #[test]
    fn notes_come_apart_again_and_are_no_runs() {
        for group in ["/aws/a.b#c", "#", "00000001"] {
            let name = note_of(group).expect("there is room");
            assert_eq!((noted(&name), RunStream::parse(&name)), (Some(group), None), "{group}");
            assert!(name < RunStream::run(1).name());
        }
        assert_eq!(note_of(&"a".repeat(512)), None);
        for other in ["", "#", "a", "00000001", "#*", "#a b", &format!("#{}", "a".repeat(513))] {
            assert_eq!(noted(other), None, "{other}");
        }
    }
}
