//! The one event that a command is asked about, from a file or standard input; `crate::sample` reads it.
//!
//! Users: `explain`, `fire`, `preview`, `verify`.

use std::path::Path;

use serde_json::Value;

use super::{Failure, files};
use crate::alert::Alert;
use crate::explain::ExplainInput;
use crate::render::style::plain;
use crate::sample::{self, Sample, SampleError};

/// Larger than any event EventBridge takes.
const MAX_EVENT: u64 = 4 << 20;

/// A line for alerts none of which receives a log is a mistake: it reaches no one.
pub(super) fn refuse_line<'a>(sample: &Sample, alerts: impl IntoIterator<Item = &'a Alert>) -> Result<(), Failure> {
    match sample {
        Sample::Line(line) if !alerts.into_iter().any(|alert| alert.lines().is_some()) => {
            let shown = plain(&line.chars().take(60).collect::<String>());
            let message = format!("`{shown}` does not contain a CloudTrail record or event");
            Err(Failure::usage(
                message,
                "alerts with a `pattern` receive events; log lines reach only alerts with a \
                `filter`",
            ))
        }
        _ => Ok(()),
    }
}

/// What to explain.
pub(super) fn input(sample: &Sample) -> ExplainInput<'_> {
    match sample {
        Sample::Event(event) => ExplainInput::Event(event),
        Sample::Line(line) => ExplainInput::Line(line),
    }
}

/// An event from a file; `-` is standard input.
pub(super) fn event(path: &Path) -> Result<Value, Failure> {
    match sample(path)? {
        Sample::Event(event) => Ok(event),
        Sample::Line(_) => Err(refused(path, &SampleError::Neither)),
    }
}

/// An event or a log line from a file; `-` is standard input.
pub(super) fn sample(path: &Path) -> Result<Sample, Failure> {
    let bytes = files::bytes(path, MAX_EVENT).map_err(|error| {
        Failure::usage(format!("cannot read the event `{}`: {error}", path.display()), files::hint(&error))
    })?;
    sample::read(&bytes).map_err(|error| refused(path, &error))
}

fn refused(path: &Path, why: &SampleError) -> Failure {
    let message = format!("cannot read the event `{}`: {why}", path.display());
    Failure::usage(message, why.hint())
}
