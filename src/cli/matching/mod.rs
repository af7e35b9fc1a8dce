//! `trailbell match`: grep for events, by event pattern or by filter pattern.
//!
//! Streams: one event is in memory at a time. `inputs` finds and opens the files, `judge` says which patterns an event
//! matches, `report` prints, counts and shows progress.

mod inputs;
mod judge;
mod report;

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::screen::Screen;
use super::{Code, Failure, Global};
use crate::events::RawEvent;
use crate::sample;
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

A CloudTrail record is matched as the event that EventBridge makes of it; any other JSON object is an event. Records are
extracted from the output of `aws cloudtrail lookup-events` and from CloudWatch Logs.
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

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let mut judge = Judge::read(&arguments.what.patterns, &arguments.what.filters)?;
    for note in judge.notes() {
        screen.note(&note);
    }
    let inputs = inputs(&arguments.files)?;
    let style = report::Style {
        output: global.output,
        count: arguments.count,
        invert: arguments.invert,
        names: arguments.names,
    };
    let mut report = MatchReport::new(style, judge.names().to_vec(), inputs.iter().map(InputFile::size).sum(), screen);
    for input in inputs {
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

/// Judges a document inside of a raw event; `false` when results cannot be written anymore.
fn within(raw: RawEvent<'_>, document: &Value, judge: &mut Judge, report: &mut MatchReport) -> bool {
    let text = document.to_string();
    match judge.judge(&text) {
        Ok(Judged { matched, unknown, .. }) => report.judged(raw, &text, matched, unknown),
        Err(why) => {
            report.bad(Some(raw), &why);
            true
        }
    }
}

/// Judges a raw event, and those that follow it on the same line.
fn one(raw: RawEvent<'_>, judge: &mut Judge, report: &mut MatchReport) -> bool {
    let Ok(mut rest) = std::str::from_utf8(raw.text) else {
        report.bad(Some(raw), "the text is not UTF-8");
        return true;
    };
    loop {
        if judge.hears_events()
            && let Some((inside, end)) = sample::inside(rest)
        {
            if !inside.iter().all(|document| within(raw, document, judge, report)) {
                return false;
            }
            rest = rest[end..].trim_ascii_start();
            if rest.starts_with('{') {
                continue;
            }
            break;
        }
        let end = match judge.judge(rest) {
            Ok(Judged { matched, unknown, end }) => {
                if !report.judged(raw, &rest[..end], matched, unknown) {
                    return false;
                }
                end
            }
            Err(why) => {
                let is_list = rest.trim_ascii_start().starts_with('[');
                let hint = if is_list { " (to split a list: jq -c '.[]')" } else { "" };
                report.bad(Some(raw), &format!("{why}{hint}"));
                return true;
            }
        };
        rest = rest[end..].trim_ascii_start();
        if !rest.starts_with('{') {
            break;
        }
    }
    if !rest.is_empty() {
        report.trailing(raw);
    }
    true
}
