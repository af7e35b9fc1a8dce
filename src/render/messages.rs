//! What reaches Slack, as people read it.

use serde_json::Value;

use super::slack::Frame;
use super::slack::terminal::terminal;
use super::style::{Paint, plain};
use crate::name::DestinationId;
use crate::provider::sandbox::{DeliveryOutcome, Request, Sent};
use crate::slack;

/// What one rule did with an event.
#[must_use]
pub fn sent(sent: &Sent, paint: Paint) -> String {
    match &sent.outcome {
        DeliveryOutcome::NotMatched { why } => format!("{} does not match: {}", paint.bold(&sent.id), plain(why)),
        DeliveryOutcome::Counted { why } => format!("{} matches: {}", paint.bold(&sent.id), plain(why)),
        DeliveryOutcome::Undecided { why } => {
            format!("{} {}: {}", paint.bold(&sent.id), paint.warn("cannot be decided offline"), plain(why))
        }
        DeliveryOutcome::DeadLetter { code, why, .. } => {
            format!(
                "{} matches, {}: {code}, {}",
                paint.bold(&sent.id),
                paint.bad("and goes to the dead-letter queue"),
                plain(why)
            )
        }
        DeliveryOutcome::Lost { code, why } => {
            let lost = paint.bad("and cannot be delivered");
            format!("{} matches, {lost}: {code}, {}", paint.bold(&sent.id), plain(why))
        }
        DeliveryOutcome::Invocation { function, .. } => {
            format!("{} calls the function {}", paint.bold(&sent.id), plain(function))
        }
        DeliveryOutcome::Publication { topic, body } => {
            let first = format!("{} matches, and publishes to the SNS topic {}:", paint.bold(&sent.id), plain(topic));
            let lines = body.lines().map(|line| format!("  {}", plain(line)));
            std::iter::once(first).chain(lines).collect::<Vec<_>>().join("\n")
        }
        DeliveryOutcome::Request(request) if DestinationId::of_relay(&sent.id).is_some() => {
            format!("the {} rule posts:\n{}", paint.bold(&sent.id), http(request, paint))
        }
        DeliveryOutcome::Request(request) => format!("{} matches:\n{}", paint.bold(&sent.id), http(request, paint)),
    }
}

/// The HTTP request, secrets masked.
#[must_use]
pub fn http(request: &Request, paint: Paint) -> String {
    let mut lines = vec![format!("  {} {}", paint.bold(&request.method), plain(&request.url))];
    for (name, value) in &request.headers {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        lines.push(paint.dim(&format!("  {name}: {}", plain(&value))));
    }
    lines.push(String::new());
    lines.push(format!("  {}", plain(&request.body)));
    lines.join("\n")
}

/// A message as it looks in the channel; nothing when Slack rejects it.
#[must_use]
pub fn bubble(body: &str, event: &Value, paint: Paint, width: usize) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let message = slack::read(&body).ok()?;
    let text = terminal(&message, &frame(None, event), paint, width.saturating_sub(2));
    Some(text.trim_end().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
}

/// What is around the message of an event. Slack shows the time in the reader's zone; here it is the event's.
#[must_use]
pub fn frame(channel: Option<&str>, event: &Value) -> Frame {
    let time = event["time"].as_str().and_then(|time| time.get(11..16)).unwrap_or("now");
    Frame { channel: channel.unwrap_or("your-channel").to_owned(), app: "trailbell".to_owned(), time: time.to_owned() }
}
