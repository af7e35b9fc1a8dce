//! What reaches Slack, as people read it.

use serde_json::Value;

use super::style::{Paint, plain};
use crate::provider::sandbox::{Outcome, Request, Sent};

/// What one rule did with an event.
#[must_use]
pub fn sent(sent: &Sent, paint: Paint) -> String {
    match &sent.outcome {
        Outcome::NotMatched { why } => format!("{} does not ring: {}", paint.bold(&sent.id), plain(why)),
        Outcome::Undecided { why } => {
            format!("{} {}: {}", paint.bold(&sent.id), paint.warn("cannot be decided offline"), plain(why))
        }
        Outcome::DeadLetter { code, why, .. } => {
            format!(
                "{} rings, {}: {code}, {}",
                paint.bold(&sent.id),
                paint.bad("and is lost to the dead-letter queue"),
                plain(why)
            )
        }
        Outcome::Request(request) => format!("{} rings:\n{}", paint.bold(&sent.id), http(request, paint)),
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

/// A message as it reads in the channel.
#[must_use]
pub fn bubble(body: &str, paint: Paint) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let text = body.get("text")?.as_str()?;
    let quoted: Vec<String> = plain(text).lines().map(|line| format!("  │ {line}")).collect();
    Some(format!("  {}\n{}", paint.bold("# your Slack channel"), quoted.join("\n")))
}
