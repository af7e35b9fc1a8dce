//! Why an event fires or not, for people: a line per alert, then the way to Slack and the message.

use serde_json::Value;

use super::messages::frame;
use super::slack::terminal::terminal;
use super::style::{DONE, FAILED, Paint, count, plain};
use crate::explain::{Explained, Explanation, Input, Route, Stop};
use crate::slack;

/// The event and what becomes of it at every alert; those that fire come first.
#[must_use]
pub fn text(input: Input<'_>, explained: &[Explained], paint: Paint, width: usize) -> String {
    let (headline, event) = match input {
        Input::Event(event) => (headline(event, paint), event),
        Input::Line(line) => (format!("{} {}", paint.bold("log line"), plain(&shortened(line))), &Value::Null),
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
    let firing = explained.iter().filter(fires).count();
    let verb = if firing == 1 || explained.len() == 1 { "fires" } else { "fire" };
    let total = format!("{firing} of {} {verb}.", count(explained.len(), "alert"));
    lines.extend([String::new(), if firing > 0 { paint.good(&total) } else { paint.warn(&total) }]);
    // Two empty lines in a row say no more than one.
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n")
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
            lines.extend(message(body, event, paint, width));
            lines
        }
        Explanation::FiresUnseen { why } => vec![
            format!("{} {name} fires", paint.good(DONE)),
            format!("    {}", route(&one.route, paint)),
            format!("    the message is not shown: {}", plain(why)),
        ],
        Explanation::Stopped { by } => {
            let why = stop(by, paint).into_iter().map(|line| format!("    {line}"));
            std::iter::once(format!("{} {name} does not fire", paint.dim(FAILED))).chain(why).collect()
        }
        Explanation::Undecided { why } => {
            vec![format!("{} {name} cannot be decided offline: {}", paint.warn("?"), plain(why))]
        }
    }
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
    let notifier = if route.notifier { "notifier → relay rule → " } else { "" };
    paint.dim(&format!("{start} → {notifier}API destination → Slack"))
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

fn stop(stop: &Stop, paint: Paint) -> Vec<String> {
    let pair = |what: &str, wanted: &str, found: &str| {
        let [wanted, found] = [wanted, found].map(|text| plain(&shortened(text)));
        vec![format!("{what}: expected {}, found {}", paint.good(&wanted), paint.bad(&found))]
    };
    match stop {
        Stop::Pattern { field, operators, wanted, found, other_element } => {
            let what = format!("{} ({})", plain(field), operators.join(", "));
            let mut lines = pair(&what, wanted, found.as_deref().unwrap_or("no value"));
            if *other_element {
                lines.push("the value matches, but in a different array element than the fields before it".into());
            }
            lines
        }
        Stop::Filter { why } => vec![plain(&shortened(why))],
        Stop::OtherRoute { wanted, found } => vec![format!("it matches {wanted}, but this is {found}")],
        Stop::LeftOut => vec!["the notifier skips its own denied calls, which would invoke it again".into()],
        Stop::Account { wanted, found } => pair("the pattern matches; account", wanted, found),
        Stop::Region { wanted, found } => {
            let mut lines = pair("the pattern matches; region", wanted, found);
            lines.push("a rule receives only the events of its own region".into());
            lines
        }
        Stop::State { wanted, found } => {
            let mut lines = pair("the pattern matches; rule state", wanted, found);
            lines.push("a rule in the state ENABLED does not receive read-only calls; see `rule_state`".into());
            lines
        }
        Stop::Slack { problems } => {
            let mut lines = vec!["the pattern matches; Slack rejects the message, or it mentions someone:".to_owned()];
            lines.extend(problems.iter().map(|problem| format!("  {}", plain(problem))));
            lines
        }
        Stop::NoTarget | Stop::Judged { .. } => vec![plain(&stop.to_string())],
        Stop::Delivery { .. } | Stop::Function { .. } | Stop::Redirected { .. } => {
            vec![format!("the pattern matches; {}", plain(&stop.to_string()))]
        }
        Stop::Message { why } => vec![format!("the pattern matches; EventBridge does not deliver: {}", plain(why))],
    }
}
