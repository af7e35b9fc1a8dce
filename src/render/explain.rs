//! Why an event fires or not, for people: a line per alert, then the way to Slack and the message.

use serde_json::Value;

use super::messages::frame;
use super::slack::terminal::terminal;
use super::style::{DONE, FAILED, Paint, count, plain};
use crate::explain::{DestinationOutcome, ExplainInput, Explained, Explanation, FiringTotals, Route, Stop};
use crate::slack;
use crate::trace::{Span, Step};

/// The event and what becomes of it at every alert; those that fire come first.
#[must_use]
pub fn text(input: ExplainInput<'_>, explained: &[Explained], paint: Paint, width: usize) -> String {
    let (headline, event) = match input {
        ExplainInput::Event(event) => (headline(event, paint), event),
        ExplainInput::Line(line) => (format!("{} {}", paint.bold("log line"), plain(&shortened(line))), &Value::Null),
    };
    let mut lines = vec![headline, String::new()];
    let fires = |one: &&Explained| one.outcome.fires();
    for one in explained.iter().filter(fires) {
        lines.extend(alert(one, event, paint, width));
        lines.push(String::new());
    }
    for one in explained.iter().filter(|one| !fires(one)) {
        lines.extend(alert(one, event, paint, width));
    }
    lines.extend([String::new(), total(FiringTotals::of(explained), paint)]);
    // Two empty lines in a row say no more than one.
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n")
}

fn total(FiringTotals { alerts, firing, undecided }: FiringTotals, paint: Paint) -> String {
    let verb = if firing == 1 || alerts == 1 { "fires" } else { "fire" };
    let total = format!("{firing} of {} {verb}", count(alerts, "alert"));
    match undecided {
        0 if firing > 0 => paint.good(&format!("{total}.")),
        0 => paint.warn(&format!("{total}.")),
        _ => paint.warn(&format!("{total}; {undecided} cannot be decided offline.")),
    }
}

/// What the event is, in few words.
fn headline(event: &Value, paint: Paint) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(|text| plain(&shortened(text)));
    let what = text("/detail/eventName").or_else(|| text("/detail-type")).unwrap_or_else(|| "an event".to_owned());
    let source = text("/detail/eventSource").or_else(|| text("/source")).unwrap_or_else(|| "nobody".to_owned());
    let account = text("/account").filter(|id| !id.is_empty()).map(|id| format!("account {id}"));
    let place = [account, text("/region"), text("/time")];
    let place: Vec<String> = place.into_iter().flatten().filter(|word| !word.is_empty()).collect();
    format!("{} of {source}  {}", paint.bold(&what), paint.dim(&place.join(", ")))
}

fn alert(one: &Explained, event: &Value, paint: Paint, width: usize) -> Vec<String> {
    let name = paint.bold(&plain(&one.alert));
    match &one.outcome {
        Explanation::Fires { body } => {
            let mut lines = vec![format!("{} {name} fires", paint.good(DONE))];
            lines.push(format!("    {}", route(&one.route, paint)));
            if one.destinations.is_empty() {
                lines.extend(message(body, event, paint, width));
            }
            lines.extend(one.destinations.iter().flat_map(|to| at_destination(to, event, paint, width)));
            lines
        }
        Explanation::FiresUnseen { why } => vec![
            format!("{} {name} fires", paint.good(DONE)),
            format!("    {}", route(&one.route, paint)),
            format!("    the message is not shown: {}", plain(why)),
        ],
        Explanation::Stopped { by } => {
            let why = stop(one, by, paint).into_iter().map(|line| format!("    {line}"));
            std::iter::once(format!("{} {name} does not fire", paint.dim(FAILED))).chain(why).collect()
        }
        Explanation::Undecided { why } => {
            vec![format!("{} {name} cannot be decided offline: {}", paint.warn("?"), plain(why))]
        }
    }
}

/// What one destination gets.
fn at_destination(one: &DestinationOutcome, event: &Value, paint: Paint, width: usize) -> Vec<String> {
    let to = paint.bold(&plain(&one.to));
    let (why, body) = match &one.outcome {
        Explanation::Fires { body } => (String::new(), Some(body)),
        Explanation::FiresUnseen { why } | Explanation::Undecided { why } => (format!(" {}", plain(why)), None),
        Explanation::Stopped { by } => (format!(" {}", plain(&by.to_string())), None),
    };
    let shown = body.map(|body| message(body, event, paint, width)).unwrap_or_default();
    std::iter::once(format!("    to {to}:{why}")).chain(shown).collect()
}

fn route(route: &Route, paint: Paint) -> String {
    let rule = match (&route.rule, &route.region) {
        (Some(rule), Some(region)) => format!("default event bus of {region} → rule {rule}"),
        _ => "default event bus → rule".to_owned(),
    };
    let start = match (&route.log_group, route.state) {
        (Some(group), _) => format!("log group {} → subscription filter", plain(group)),
        (None, Some(state)) => format!("{rule} ({state})"),
        (None, None) => rule,
    };
    let digest = route.digest.as_ref();
    let writer = match digest.map(|every| format!("queue → digest every {every} → relay rule → ")) {
        Some(digest) => digest,
        None if route.notifier => "notifier → relay rule → ".to_owned(),
        None => String::new(),
    };
    let when = if digest.is_some() { "; the message comes with the next digest" } else { "" };
    paint.dim(&format!("{start} → {writer}API destination → Slack{when}"))
}

fn message(body: &Value, event: &Value, paint: Paint, width: usize) -> Vec<String> {
    let shown = match slack::read(body) {
        Ok(message) => terminal(&message, &frame(None, event), paint, width.saturating_sub(4)),
        // What fires is a message Slack takes.
        Err(_) => plain(&body.to_string()),
    };
    shown.trim_end().lines().map(|line| format!("    {line}").trim_end().to_owned()).collect()
}

/// A long list of a pattern, or a long value, up to where it says enough.
fn shortened(text: &str) -> String {
    const ENOUGH: usize = 120;
    if text.chars().count() <= ENOUGH {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(ENOUGH).collect::<String>())
}

/// What stops it, line by line; that it matches comes first when something else does.
fn stop(one: &Explained, stop: &Stop, paint: Paint) -> Vec<String> {
    let matches = one.hops.iter().any(|hop| hop.step == Step::Matches && hop.verdict.is_yes());
    let what = if one.route.log_group.is_some() { "filter" } else { "pattern" };
    let mut before = if matches { format!("the {what} matches; ") } else { String::new() };
    let shown = |span: &Span| match span {
        Span::Words(text) => plain(text),
        Span::Quoted(text) => plain(&shortened(text)),
        Span::Expected(text) => paint.good(&plain(&shortened(text))),
        Span::Found(text) => paint.bad(&plain(&shortened(text))),
    };
    let line = |spans: &Vec<Span>| std::mem::take(&mut before) + &spans.iter().map(shown).collect::<String>();
    stop.lines().iter().map(line).collect()
}
