//! `trailbell match`: grep for events, by event pattern or by filter pattern.
//!
//! Streams: one event is in memory at a time. `inputs` finds and opens the files, `judge` says which patterns an event
//! matches, `report` prints, counts and shows progress.

mod inputs;
mod judge;
mod report;

use std::path::PathBuf;

use clap::Args;

use super::screen::Screen;
use super::{ExitStatus, Failure, Global};
use crate::events::{Inside, RawEvent, oddity};
use inputs::{InputFile, inputs};
use judge::{Judge, Judged};
use report::MatchReport;

/// Arguments of `match`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell match --pattern '{\"detail\": {\"eventName\": [\"StopLogging\"]}}' events/
  trailbell match --count --filter '{ $.errorCode = \"AccessDenied\" }' trail.log.gz
  trailbell match --pattern @pattern.json < events.json

A CloudTrail record is matched as the event that EventBridge makes of it; any other JSON object is
an event. Records are found inside of what is around them: the output of `aws cloudtrail` and
`aws logs`, messages of SNS, SQS, Kinesis, and Firehose, lines of containers, syslog, CSV, and YAML,
gzip, UTF-16.
With --filter, every line is a log line; each record in a CloudTrail log file counts as one line.
`trailbell help patterns` and `trailbell help filters` describe the two languages.
Exit codes: 0 something matched, 1 nothing matched, 2 an invalid pattern, invalid or no input, or a match that cannot be decided.")]
pub(super) struct Arguments {
    #[command(flatten)]
    what: What,
    /// Files with JSON lines, JSON documents, CloudTrail records, or log lines, optionally compressed with gzip;
    /// folders are searched without following links; `-` or no file is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the number of matching events, per pattern if there are several, instead of the events
    #[arg(long, short = 'c')]
    count: bool,
    /// Select events that do not match any pattern
    #[arg(long, short = 'v')]
    invert: bool,
    /// Print the names of the matching patterns and a tab before each event
    #[arg(long, conflicts_with_all = ["count", "invert"])]
    names: bool,
}

/// The patterns, of one kind.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
struct What {
    /// Event pattern as JSON, or @FILE; can be repeated to match any of several; NAME= before the brace or @ sets its
    /// name
    #[arg(long = "pattern", short = 'p', value_name = "[NAME=]JSON|@FILE", conflicts_with = "filters")]
    patterns: Vec<String>,
    /// CloudWatch Logs filter pattern, or @FILE, to match log lines; NAME= before { [ or @ sets its name
    #[arg(long = "filter", short = 'f', value_name = "[NAME=]PATTERN|@FILE")]
    filters: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let mut judge = Judge::read(&arguments.what.patterns, &arguments.what.filters)?;
    for note in judge.notes() {
        screen.note(&note);
    }
    let inputs = inputs(&arguments.files)?;
    let style = report::ReportStyle {
        output: global.output,
        count: arguments.count,
        invert: arguments.invert,
        names: arguments.names,
    };
    let total = inputs.iter().map(InputFile::size).sum();
    let mut report = MatchReport::new(style, judge.names().to_vec(), judge.asks_for_events(), total, screen);
    for input in inputs {
        if input.is_pipe() && !input.name().starts_with("/dev/") && !input.name().starts_with("/proc/") {
            screen
                .note(&format!("reading the named pipe `{}`, which waits for someone to write into it", input.name()));
        }
        if !search(input, &mut judge, &mut report) {
            break;
        }
    }
    Ok(report.finish())
}

/// Judges every event of an input; `false` when results cannot be written anymore.
fn search(input: InputFile, judge: &mut Judge, report: &mut MatchReport) -> bool {
    report.begin(&input.name());
    let mut reader = match input.open() {
        Ok(reader) => judge.prepare(reader),
        Err(error) => {
            report.bad(None, &format!("cannot read it: {error}"));
            return true;
        }
    };
    loop {
        match reader.next_event() {
            Ok(None) => return true,
            Ok(Some(event)) => {
                if !one(event, judge, report) {
                    return false;
                }
            }
            Err(error) => report.bad(None, &error.to_string()),
        }
        report.progress(reader.raw_bytes_read());
    }
}

/// How far a text was dealt with.
enum Told {
    /// Up to here.
    Until(usize),
    /// What is wrong with it was said, and nothing tells where another event begins.
    Given,
    /// Results cannot be written anymore.
    Closed,
}

/// Judges the events that a raw event holds; `false` when results cannot be written anymore.
fn one(raw: RawEvent<'_>, judge: &mut Judge, report: &mut MatchReport) -> bool {
    let Ok(mut rest) = std::str::from_utf8(raw.text) else {
        report.bad(Some(raw), "the text is not UTF-8; convert it first: iconv -f ISO-8859-1 -t UTF-8");
        return true;
    };
    loop {
        match within(raw, rest, judge, report) {
            Told::Until(end) => rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ','),
            Told::Given => return true,
            Told::Closed => return false,
        }
        if !rest.starts_with('{') {
            break;
        }
    }
    if !rest.is_empty() {
        report.trailing(raw);
    }
    true
}

/// Judges the document or the line that a text begins with.
fn within(raw: RawEvent<'_>, text: &str, judge: &mut Judge, report: &mut MatchReport) -> Told {
    match judge.inside(text) {
        Inside::Itself => return event(raw, text, judge, report),
        Inside::Events { texts, end, .. } => {
            let is_closed = |text: &String| matches!(event(raw, text, judge, report), Told::Closed);
            return if texts.iter().any(is_closed) { Told::Closed } else { Told::Until(end) };
        }
        Inside::Pointer(pointer) => report.pointer(raw, pointer),
        Inside::Words => report.words(raw),
        Inside::TooLong => report.bad(Some(raw), "the events inside are longer than 16 MiB; skipped"),
    }
    Told::Given
}

/// Judges the event at the beginning of a text.
fn event(raw: RawEvent<'_>, text: &str, judge: &mut Judge, report: &mut MatchReport) -> Told {
    match judge.judge(text) {
        Ok(Judged { matched, unknown, end }) => {
            report.met(text);
            if report.judged(raw, &text[..end], matched, unknown) { Told::Until(end) } else { Told::Closed }
        }
        Err(why) => {
            report.bad(Some(raw), oddity(text).unwrap_or(&why));
            Told::Given
        }
    }
}
