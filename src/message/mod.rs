//! What lands in Slack: a blueprint's message compiled into an EventBridge input transformer.
//!
//! A person writes a sentence; the JSON around it, its escaping and the bot's `channel` are added here, so nobody has to
//! write a template string by hand. Neighbours: `transformer` (renders as EventBridge does), `compile` (puts the result
//! into a target).

mod body;
mod path;
mod placeholder;
pub mod transformer;

use serde_json::Value;

use crate::blueprint::Message;
use crate::blueprint::parameters::{Values, in_words, uses};
use transformer::{InputTransformer, placeholders};

/// The last part of the address of Slack's method that a bot posts with.
pub const POST_MESSAGE: &str = "/chat.postMessage";

/// How Slack is spoken to, as far as the body of a message depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// An incoming webhook: the channel is part of the address.
    Webhook,
    /// `chat.postMessage`: the channel is part of the body.
    Bot {
        /// The channel's id, such as `C0123456789`.
        channel: String,
    },
}

impl Form {
    /// A body as Slack wants it for this way of posting.
    #[must_use]
    pub fn body(&self, mut body: serde_json::Map<String, Value>) -> Value {
        if let Self::Bot { channel } = self {
            body.shift_insert(0, "channel".to_owned(), channel.clone().into());
        }
        Value::Object(body)
    }
}

/// Compiles a message. Call it for blueprints without findings; an undeclared placeholder stays as written, and
/// EventBridge would refuse it.
#[must_use]
pub fn compile(message: &Message, values: &Values, form: &Form) -> InputTransformer {
    let body = match (&message.text, &message.template) {
        (Some(text), _) => format!("{{\"text\":\"{}\"}}", escape_text(&fill_words(text, values), message)),
        (None, Some(template)) => fill_template(template.trim(), values),
        (None, None) => "{}".to_owned(),
    };
    let template = match form {
        Form::Webhook => body,
        Form::Bot { channel } => with_channel(&body, channel),
    };
    InputTransformer { input_paths: message.input_paths.clone(), template }
}

/// A sentence with parameters in words. Their `<` and `>` must not begin a placeholder, so they are set apart first.
fn fill_words(text: &str, values: &Values) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    for one in uses(text) {
        parts.push(Part::Written(text[at..one.range.start].to_owned()));
        let value = values.get(&one.name).map_or_else(|| text[one.range.clone()].to_owned(), in_words);
        parts.push(Part::Value(value));
        at = one.range.end;
    }
    parts.push(Part::Written(text[at..].to_owned()));
    parts
}

enum Part {
    /// The author's words, in which `<name>` is a placeholder.
    Written(String),
    /// A parameter's value, in which nothing is.
    Value(String),
}

fn escape_text(parts: &[Part], message: &Message) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Value(value) => json_escape(value),
            Part::Written(text) => escape_written(text, message),
        })
        .collect()
}

fn escape_written(text: &str, message: &Message) -> String {
    let mut escaped = String::new();
    let mut at = 0;
    for one in placeholders(text).into_iter().filter(|one| is_known(&one.name, message)) {
        escaped.push_str(&json_escape(&text[at..one.range.start]));
        escaped.push_str(&text[one.range.clone()]);
        at = one.range.end;
    }
    escaped + &json_escape(&text[at..])
}

fn is_known(name: &str, message: &Message) -> bool {
    message.input_paths.contains_key(name) || transformer::is_reserved(name)
}

/// The inside of a JSON string. Angle brackets are written as escapes: in a template a raw `<` begins a placeholder.
fn json_escape(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].replace('<', "\\u003c").replace('>', "\\u003e")
}

fn fill_template(template: &str, values: &Values) -> String {
    let mut filled = String::new();
    let mut at = 0;
    for one in uses(template) {
        filled.push_str(&template[at..one.range.start]);
        match values.get(&one.name) {
            Some(value) => filled.push_str(&json_escape(&in_words(value))),
            None => filled.push_str(&template[one.range.clone()]),
        }
        at = one.range.end;
    }
    filled + &template[at..]
}

/// Puts the channel first into a body that is a JSON object.
fn with_channel(body: &str, channel: &str) -> String {
    let rest = body.trim_start().strip_prefix('{').unwrap_or(body).trim_start();
    let comma = if rest.starts_with('}') { "" } else { "," };
    format!("{{\"channel\":{}{comma}{rest}", Value::from(channel))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(text: Option<&str>, template: Option<&str>) -> Message {
        let input_paths = [("user".to_owned(), "$.detail.user".to_owned())].into();
        Message { input_paths, text: text.map(Into::into), template: template.map(Into::into) }
    }

    fn values() -> Values {
        Values::from([("team".to_owned(), json!("\"ops\" <user>"))])
    }

    #[test]
    fn a_sentence_becomes_a_json_body_with_its_placeholders() {
        let cases = [
            ("<user> did it", r#"{"text":"<user> did it"}"#),
            ("a < b, \"c\" & <nobody>\n", r#"{"text":"a \u003c b, \"c\" & \u003cnobody\u003e\n"}"#),
            ("for ${param:team}: <user>", r#"{"text":"for \"ops\" \u003cuser\u003e: <user>"}"#),
            ("by <aws.events.rule-name>", r#"{"text":"by <aws.events.rule-name>"}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(compile(&message(Some(text), None), &values(), &Form::Webhook).template, expected);
        }
    }

    #[test]
    fn a_bot_needs_the_channel_in_the_body() {
        let bot = Form::Bot { channel: "C0123456789".into() };
        let of = |text, template| compile(&message(text, template), &values(), &bot).template;
        assert_eq!(of(Some("<user>"), None), r#"{"channel":"C0123456789","text":"<user>"}"#);
        assert_eq!(
            of(None, Some(" {\n \"text\": \"x ${param:team}\"}")),
            r#"{"channel":"C0123456789","text": "x \"ops\" \u003cuser\u003e"}"#
        );
        assert_eq!(of(None, Some("{ }")), r#"{"channel":"C0123456789"}"#);
    }
}
