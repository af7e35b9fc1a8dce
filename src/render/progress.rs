//! Three readers of the same events: live lines on a terminal, plain lines elsewhere, JSON lines for machines.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::style::{DONE, FAILED, Paint, count, plain};
use crate::apply::{Event, REMOVE, Report};
use crate::plan::ADOPT;
use crate::resource::Address;

const TICK: Duration = Duration::from_millis(100);
const TICKS: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ";

/// Live lines: one spinner per change under way, finished ones above.
pub struct LiveLines {
    bars: MultiProgress,
    under_way: RefCell<BTreeMap<Address, ProgressBar>>,
    paint: Paint,
}

impl LiveLines {
    /// Live lines on standard error.
    #[must_use]
    pub fn new(paint: Paint) -> Self {
        Self { bars: MultiProgress::new(), under_way: RefCell::default(), paint }
    }

    /// A line of text above the bars; anything written past them would be torn apart.
    pub fn say(&self, text: &str) {
        // A terminal that takes no line takes no bar either; the report still comes.
        let _ = self.bars.println(text);
    }

    /// Shows one event.
    pub fn show(&self, event: &Event) {
        match event {
            Event::Started { address, action } => {
                // It ticks only once it has its place: before, it would draw a line of its own that no one clears.
                let bar = self.bars.add(styled());
                bar.set_message(format!("{} {}", present(action), address.short()));
                bar.enable_steady_tick(TICK);
                self.under_way.borrow_mut().insert(address.clone(), bar);
            }
            Event::Waiting { address, wait } => {
                if let Some(bar) = self.under_way.borrow().get(address) {
                    bar.set_message(format!(
                        "{}: waiting {} (up to {} s)",
                        address.short(),
                        wait.reason,
                        wait.limit_seconds
                    ));
                }
            }
            Event::Done { address, .. } | Event::Failed { address, .. } => {
                if let Some(bar) = self.under_way.borrow_mut().remove(address) {
                    bar.finish_and_clear();
                }
                self.say(&line(event, self.paint));
            }
            Event::Finished { .. } => {
                let _ = self.bars.clear();
            }
        }
    }
}

/// A spinner for one thing that is waited for.
#[must_use]
pub fn spinner() -> ProgressBar {
    let bar = styled();
    bar.enable_steady_tick(TICK);
    bar
}

/// A bar for bytes that are read; a spinner when no one knows how many there are.
#[must_use]
pub fn bytes(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => {
            (ProgressBar::new(total), "  {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left: {msg}")
        }
        None => (ProgressBar::new_spinner(), "  {spinner} {bytes}, {bytes_per_sec}: {msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.tick_chars(TICKS));
    }
    bar
}

fn styled() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed:.dim}") {
        bar.set_style(style.tick_chars(TICKS));
    }
    bar
}

/// One event as a plain line; empty for those a log does not need.
#[must_use]
pub fn line(event: &Event, paint: Paint) -> String {
    match event {
        Event::Started { .. } | Event::Finished { .. } => String::new(),
        Event::Waiting { address, wait } => {
            format!("  … {}: waiting {} (up to {} s)", address.short(), wait.reason, wait.limit_seconds)
        }
        Event::Done { address, action } => format!("  {} {} {}", paint.good(DONE), past(action), address.short()),
        Event::Failed { address, action, error } => {
            format!("  {} {} {}: {}", paint.bad(FAILED), present(action), address.short(), plain(&error.to_string()))
        }
    }
}

/// The totals, and how to go on when something is left to do.
#[must_use]
pub fn report(report: &Report, again: &str, paint: Paint) -> String {
    let totals = [
        (report.created, "created"),
        (report.updated, "updated"),
        (report.adopted, "adopted"),
        (report.replaced, "replaced"),
        (report.deleted, "deleted"),
        (report.removed, "removed (unmanaged)"),
    ];
    let totals: Vec<String> =
        totals.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let totals = if totals.is_empty() { "nothing was changed".to_owned() } else { totals.join(", ") };
    if report.is_complete() {
        return paint.good(&format!("Done: {totals}."));
    }
    let mut lines = Vec::new();
    for failure in &report.failures {
        lines.push(format!(
            "{} {}: {}",
            paint.bad("failed:"),
            failure.address.short(),
            plain(&failure.error.to_string())
        ));
        lines.extend(failure.error.hint.iter().map(|hint| format!("  {}", plain(hint))));
    }
    if !report.skipped.is_empty() {
        let skipped: Vec<String> = report.skipped.iter().map(Address::short).collect();
        lines.push(format!("{} {}", paint.warn("not started:"), skipped.join(", ")));
    }
    if !report.unfinished.is_empty() {
        let unfinished: Vec<String> = report.unfinished.iter().map(Address::short).collect();
        lines.push(format!("{} {}", paint.warn("may or may not have been made:"), unfinished.join(", ")));
    }
    let why = if report.stopped { "Stopped" } else { "Incomplete" };
    let left = count(report.skipped.len() + report.unfinished.len() + report.failures.len(), "change");
    lines.push(paint.bold(&format!(
        "{why}: {totals}, {left} left. To continue, run `{again}`; completed changes are not \
            repeated."
    )));
    lines.join("\n")
}

fn present(action: &str) -> &'static str {
    match action {
        "create" => "creating",
        "update" => "updating",
        "replace" => "replacing",
        ADOPT => "adopting",
        REMOVE => "removing what is unmanaged from",
        _ => "deleting",
    }
}

fn past(action: &str) -> &'static str {
    match action {
        "create" => "created",
        "update" => "updated",
        "replace" => "replaced",
        ADOPT => "adopted",
        REMOVE => "removed what was unmanaged from",
        _ => "deleted",
    }
}
