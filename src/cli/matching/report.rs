//! What a search prints: the events, or how many; what was wrong with the input; how far it is.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::cli::screen::Screen;
use crate::cli::{ExitStatus, Output};
use crate::events::{self, Pointer, RawEvent, compact};
use crate::output::Versioned;
use crate::output::matching::{InputPlace, MatchLine, MatchTotals, MatchedEvent, NotJudged};
use crate::render::progress;
use crate::render::style::{count, plain};

/// Results are written in pieces of this size, in bytes, unless a person looks at them.
const PIECE: usize = 64 << 10;

/// How many complaints about the input are printed; the rest is counted.
const COMPLAINTS: usize = 10;

/// Shorter searches show no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// How results are printed.
#[derive(Clone, Copy)]
pub(super) struct ReportStyle {
    pub(super) output: Output,
    pub(super) count: bool,
    pub(super) invert: bool,
    pub(super) names: bool,
}

/// The search so far.
pub(super) struct MatchReport<'s> {
    style: ReportStyle,
    screen: &'s Screen,
    names: Vec<String>,
    /// The input being read.
    input: String,
    events: u64,
    matched: u64,
    by_pattern: Vec<u64>,
    bad: u64,
    trailing: u64,
    warnings: u64,
    /// Lines of this input that are no part of a record, and the first of them.
    words: u64,
    first_words: u64,
    /// Documents that lead to events and hold none.
    pointers: u64,
    /// Whether all events look like something else to a pattern that asks for events.
    is_strange: bool,
    pending: Vec<u8>,
    is_watched: bool,
    started: Instant,
    bar: Option<ProgressBar>,
    /// Bytes of all inputs, if known, and of those that were read.
    total: Option<u64>,
    before: u64,
    last: u64,
}

impl<'s> MatchReport<'s> {
    pub(super) fn new(
        style: ReportStyle,
        names: Vec<String>,
        asks_for_events: bool,
        total: Option<u64>,
        screen: &'s Screen,
    ) -> Self {
        Self {
            style,
            screen,
            by_pattern: vec![0; names.len()],
            names,
            input: String::new(),
            events: 0,
            matched: 0,
            bad: 0,
            trailing: 0,
            warnings: 0,
            words: 0,
            first_words: 0,
            pointers: 0,
            is_strange: asks_for_events,
            pending: Vec::new(),
            is_watched: std::io::stdout().is_terminal(),
            started: Instant::now(),
            bar: None,
            total,
            before: 0,
            last: 0,
        }
    }

    /// The next input begins.
    pub(super) fn begin(&mut self, name: &str) {
        self.tell_words();
        name.clone_into(&mut self.input);
        self.before += self.last;
        self.last = 0;
    }

    /// An event was read.
    pub(super) fn met(&mut self, text: &str) {
        self.is_strange = self.is_strange && !events::is_event(text);
    }

    /// An event was judged; `false` when results cannot be written anymore.
    pub(super) fn judged(&mut self, raw: RawEvent<'_>, text: &str, matched: &[usize], unknown: Option<String>) -> bool {
        // One pattern that matches decides about an event, but not which others do.
        if let Some(why) = unknown.filter(|_| matched.is_empty() || self.tells_patterns_apart()) {
            self.bad(Some(raw), &why);
            if matched.is_empty() {
                return true;
            }
        }
        self.events += 1;
        for &pattern in matched {
            self.by_pattern[pattern] += 1;
        }
        if matched.is_empty() != self.style.invert {
            return true;
        }
        self.matched += 1;
        if self.style.count {
            return true;
        }
        match self.style.output {
            Output::Text => self.print_text(text, matched),
            Output::Json => self.print_json(raw, text, matched),
        }
        !(self.is_watched || self.pending.len() >= PIECE) || self.flush()
    }

    fn tells_patterns_apart(&self) -> bool {
        let ReportStyle { output, count, invert, names } = self.style;
        !invert && (names || self.names.len() > 1 && (count || output == Output::Json))
    }

    fn print_text(&mut self, text: &str, matched: &[usize]) {
        if self.style.names {
            let names: Vec<&str> = matched.iter().map(|&number| self.names[number].as_str()).collect();
            self.pending.extend_from_slice(names.join(",").as_bytes());
            self.pending.push(b'\t');
        }
        self.print_event(text);
        self.pending.push(b'\n');
    }

    /// An event takes one line, whatever it took in the input. Only documents span lines.
    fn print_event(&mut self, text: &str) {
        if text.contains('\n') {
            compact(text.as_bytes(), &mut self.pending);
        } else {
            self.pending.extend_from_slice(text.as_bytes());
        }
    }

    /// The event is in the line as it is; a log line that is not JSON as a string.
    fn print_json(&mut self, raw: RawEvent<'_>, text: &str, matched: &[usize]) {
        let patterns = matched.iter().map(|&number| self.names[number].as_str()).collect();
        let found = MatchedEvent { place: self.place(Some(raw)), patterns, event: Value::Null };
        // The event comes last; its own bytes take the place of the null.
        let line = line(MatchLine::Matched(found));
        self.pending.extend_from_slice(line.strip_suffix("null}").unwrap_or(&line).as_bytes());
        let is_object = text.trim_ascii_start().starts_with('{');
        if is_object && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            self.print_event(text);
        } else {
            self.pending.extend_from_slice(Value::from(text).to_string().as_bytes());
        }
        self.pending.extend_from_slice(b"}\n");
    }

    fn flush(&mut self) -> bool {
        let pending = std::mem::take(&mut self.pending);
        let is_read = match &self.bar {
            // The bar shares the terminal with the results.
            Some(bar) if self.is_watched => bar.suspend(|| self.screen.raw(&pending)),
            _ => self.screen.raw(&pending),
        };
        self.pending = pending;
        self.pending.clear();
        is_read
    }

    fn place(&self, raw: Option<RawEvent<'_>>) -> InputPlace<'_> {
        InputPlace { input: &self.input, line: raw.map(|raw| raw.line), record: raw.and_then(|raw| raw.record) }
    }

    /// Something in the input cannot be judged.
    pub(super) fn bad(&mut self, raw: Option<RawEvent<'_>>, why: &str) {
        self.bad += 1;
        if self.style.output == Output::Json {
            let complaint = line(MatchLine::NotJudged(NotJudged { place: self.place(raw), not_judged: why }));
            self.pending.extend_from_slice(complaint.as_bytes());
            self.pending.push(b'\n');
        }
        if self.bad <= COMPLAINTS as u64 {
            let place = raw.map(place).unwrap_or_default();
            let text = plain(&format!("{}: {place}{why}", self.input)).replace('\n', " ");
            self.say(&format!("{} {text}", self.screen.paint_err.bad("error:")));
        }
    }

    /// Text follows an event; it was judged without it, as EventBridge does.
    pub(super) fn trailing(&mut self, raw: RawEvent<'_>) {
        self.trailing += 1;
        self.warn(raw, "the text after the event is ignored, as in EventBridge");
    }

    /// A document leads to events and holds none. In a folder it is beside them, so it is no failure.
    pub(super) fn pointer(&mut self, raw: RawEvent<'_>, pointer: Pointer) {
        self.pointers += 1;
        self.warn(raw, &pointer.to_string());
    }

    /// A line is no part of a record. They are counted: prose around a record has many.
    pub(super) fn words(&mut self, raw: RawEvent<'_>) {
        self.words += 1;
        if self.words == 1 {
            self.first_words = raw.line;
        }
    }

    fn tell_words(&mut self) {
        let (number, line) = (std::mem::take(&mut self.words), self.first_words);
        if number > 0 {
            let input = plain(&self.input);
            let lines = count(usize::try_from(number).unwrap_or(usize::MAX), "line");
            self.say(&format!("note: {input}: {lines} without JSON skipped, the first is line {line}"));
        }
    }

    fn warn(&mut self, raw: RawEvent<'_>, what: &str) {
        self.warnings += 1;
        if self.warnings <= COMPLAINTS as u64 {
            let warning = self.screen.paint_err.warn("warning:");
            self.say(&format!("{warning} {}: {}{what}", plain(&self.input), place(raw)));
        }
    }

    fn say(&self, text: &str) {
        let say = || self.screen.note(text);
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// So many bytes of the input were read.
    pub(super) fn progress(&mut self, bytes: u64) {
        self.last = bytes;
        if !self.screen.is_live || !self.events.is_multiple_of(1_024) {
            return;
        }
        if self.bar.is_none() && self.started.elapsed() > PATIENCE {
            self.bar = Some(progress::bytes(self.total));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.before + self.last);
            bar.set_message(format!("{} events, {} matched", self.events, self.matched));
        }
    }

    /// Prints what is left, and the counts.
    pub(super) fn finish(mut self) -> ExitStatus {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.flush();
        self.tell_words();
        self.rest("complaint", self.bad);
        self.rest("warning", self.warnings);
        if self.events + self.bad + self.pointers == 0 {
            let error = self.screen.paint_err.bad("error:");
            self.screen.note(&format!("{error} the input contains no event, so nothing was matched"));
        }
        let is_strange = self.is_strange && self.bad == 0 && self.events > 0 && self.matched == 0;
        if is_strange {
            let error = self.screen.paint_err.bad("error:");
            self.screen.note(&format!(
                "{error} the input contains JSON, but no CloudTrail record and no event: no object has `eventSource` and \
                 `eventName`, or `detail`; give the records themselves"
            ));
        }
        let code = if self.bad > 0 || self.events == 0 || is_strange {
            ExitStatus::Usage
        } else if self.matched > 0 {
            ExitStatus::Fine
        } else {
            ExitStatus::Failed
        };
        match self.style.output {
            Output::Json => self.print_totals(code),
            Output::Text if self.style.count => self.print_counts(),
            Output::Text => {}
        }
        code
    }

    fn rest(&self, what: &str, number: u64) {
        let rest = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(COMPLAINTS);
        if rest > 0 {
            self.screen.note(&format!("… and {rest} more {what}s"));
        }
    }

    fn print_counts(&self) {
        if self.names.len() == 1 || self.style.invert {
            self.screen.result(&self.matched.to_string());
            return;
        }
        for (name, number) in self.names.iter().zip(&self.by_pattern) {
            self.screen.result(&format!("{number}\t{name}"));
        }
        self.screen.result(&format!("{}\t(any)", self.matched));
    }

    fn print_totals(&self, code: ExitStatus) {
        let by_pattern = || self.names.iter().cloned().zip(self.by_pattern.iter().copied()).collect();
        let totals = MatchTotals {
            events: self.events,
            matched: self.matched,
            not_judged: self.bad,
            text_after: self.trailing,
            by_pattern: (!self.style.invert).then(by_pattern),
            exit_code: code.number(),
        };
        self.screen.json_line(&Versioned::new(MatchLine::Totals(totals)));
    }
}

/// A line for machines.
fn line(one: MatchLine) -> String {
    json!(Versioned::new(one)).to_string()
}

fn place(raw: RawEvent<'_>) -> String {
    match raw.record {
        Some(record) => format!("record {record}: "),
        None => format!("line {}: ", raw.line),
    }
}
