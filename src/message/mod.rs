//! What lands in Slack: a blueprint's message compiled into an EventBridge input transformer.
//!
//! A person writes a sentence or the facts of a card; the JSON around it, its escaping, a safe place for each value
//! and the bot's `channel` are added here, so no one has to write a template string by hand. [`flaws`] says why a
//! message could be lost or abused; a message without flaws is safe for every event that matches and obeys the table
//! of fields. Where one message does not do for all calls that a pattern names, `groups` takes them apart. Neighbors: `certainty` (what is certain of a value), `sentence` and `card` (the layouts), `layout` (the
//! proof), `transformer` (renders as EventBridge does), `compile` (puts the result into a target).

pub mod alarm;
mod card;
mod certainty;
mod groups;
mod layout;
mod notifier;
mod part;
mod plain;
mod sentence;

use serde_json::{Value, json};

use crate::blueprint::parameters::{Values, fill_text_with, in_words};
use crate::blueprint::{Blueprint, Via};
use crate::cloudtrail::console;
use crate::cloudtrail::fields::{self, Certainty};
use crate::name::DestinationId;
pub use card::{OWN, emoji};
pub use certainty::{CLAIMED_IDENTIFIER, CLAIMED_TEXT};
pub use groups::{Group, groups, unsafe_groups};
use layout::Certainties;
pub use layout::inside_brackets;
pub use layout::{Extreme, Flaw, ValueProblem};
pub use notifier::to_notifier;
use part::{TemplatePart, escape};
pub use plain::MAX_MESSAGE_BYTES;
pub use trailbell_engines::transformer;
use transformer::InputTransformer;

/// The last part of the address of Slack's method that a bot posts with.
pub const POST_MESSAGE: &str = "/chat.postMessage";

/// Longest channel id or name.
pub const MAX_CHANNEL: usize = 80;

/// Longest name of an account.
pub const MAX_ACCOUNT_NAME: usize = 50;

/// How Slack, or what is in its place, is spoken to, as far as the body of a message depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// An incoming webhook: the channel is part of the address.
    Webhook,
    /// `chat.postMessage`: the channel is part of the body.
    Bot {
        /// The channel's id, such as `C0123456789`.
        channel: String,
    },
    /// Not Slack: an SNS topic, whose messages are emails.
    Email,
    /// Not Slack: an SNS topic that Amazon Q Developer reads, which posts into a chat.
    AmazonQ,
}

impl Form {
    /// Whether the message is for an SNS topic, which has no blocks.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        matches!(self, Self::Email | Self::AmazonQ)
    }

    /// The bot's channel.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::Bot { channel } => Some(channel),
            Self::Webhook | Self::Email | Self::AmazonQ => None,
        }
    }

    /// A body as Slack wants it for this way of posting.
    #[must_use]
    pub fn body(&self, mut body: serde_json::Map<String, Value>) -> Value {
        if let Self::Bot { channel } = self {
            body.shift_insert(0, "channel".to_owned(), channel.clone().into());
        }
        Value::Object(body)
    }
}

/// Where a message goes, as far as its body depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// How Slack is spoken to.
    pub form: Form,
    /// The AWS partition, which decides where the console is.
    pub partition: String,
    /// The name of the account that all events are from; cards show it beside the id.
    pub account_name: Option<String>,
    /// The destinations that the notifier posts to, where the stack gives them names.
    pub to: Vec<DestinationId>,
}

impl Posting {
    /// A webhook's message from the `aws` partition: what tests and previews show.
    #[must_use]
    pub fn sample() -> Self {
        Self { form: Form::Webhook, partition: "aws".to_owned(), account_name: None, to: Vec::new() }
    }

    /// The posting with the longest bodies: what fits here fits everywhere.
    #[must_use]
    pub fn longest() -> Self {
        let account_name = Some("x".repeat(MAX_ACCOUNT_NAME));
        Self { form: Form::Bot { channel: "C".repeat(MAX_CHANNEL) }, account_name, ..Self::sample() }
    }
}

/// Compiles the message of a blueprint without errors; an undeclared placeholder stays as written, and EventBridge would
/// refuse it.
#[must_use]
pub fn compile(blueprint: &Blueprint, values: &Values, posting: &Posting) -> InputTransformer {
    compiled(blueprint, values, posting).0
}

/// The parameters of a message that has none.
#[must_use]
pub const fn no_values() -> Values {
    Values::new()
}

/// Whether the notifier writes the message: always for log lines, and for events as `via` says.
#[must_use]
pub fn is_by_notifier(blueprint: &Blueprint, values: &Values) -> bool {
    let message = &blueprint.alert.message;
    match message.via.unwrap_or_default() {
        _ if blueprint.is_log_route() => true,
        Via::Transformer => false,
        Via::Lambda => true,
        // A template is made for the transformer; what is wrong with it is a finding.
        Via::Auto if message.template.is_some() => false,
        Via::Auto => !flaws(blueprint, values, &Posting::longest()).is_empty() && groups(blueprint, values).is_none(),
    }
}

/// Everything for which the message could be lost or abused by an event that matches the alert.
#[must_use]
pub fn flaws(blueprint: &Blueprint, values: &Values, posting: &Posting) -> Vec<Flaw> {
    let (transformer, certainties) = compiled(blueprint, values, posting);
    if posting.form.is_plain() {
        return plain::flaws(&posting.form, &transformer, &certainties);
    }
    layout::flaws(&transformer.template, &certainties)
}

/// What is certain about the value at an input path, without the author's word for it.
#[must_use]
pub fn known(blueprint: &Blueprint, values: &Values, path: &str) -> Option<Certainty> {
    certainty::of_path(path, None, blueprint.pattern(values).ok().as_ref()).ok()
}

/// What would be certain about it if the alert fired only for calls that were not refused.
#[must_use]
pub fn known_of_success(blueprint: &Blueprint, values: &Values, path: &str) -> Option<Certainty> {
    known(&of_success(blueprint, values)?, values, path)
}

/// Whether the message would be safe if the alert fired only for calls that were not refused.
#[must_use]
pub fn is_safe_of_success(blueprint: &Blueprint, values: &Values) -> bool {
    of_success(blueprint, values)
        .is_some_and(|one| flaws(&one, values, &Posting::longest()).is_empty() || groups(&one, values).is_some())
}

/// The blueprint with a pattern that asks for calls that were not refused, its parameters filled in.
fn of_success(blueprint: &Blueprint, values: &Values) -> Option<Blueprint> {
    let Value::Object(mut pattern) = blueprint.filled_pattern(values) else { return None };
    let detail = pattern.get_mut("detail")?.as_object_mut()?;
    for field in ["errorCode", "errorMessage"] {
        detail.entry(field).or_insert_with(|| json!([{ "exists": false }]));
    }
    let mut one = blueprint.clone();
    one.alert.pattern = pattern;
    Some(one)
}

/// Whether the alert fires only for calls that were not refused.
#[must_use]
pub fn asks_for_success(blueprint: &Blueprint, values: &Values) -> bool {
    blueprint.pattern(values).is_ok_and(|pattern| fields::asks_for_success(&pattern))
}

/// The calls the pattern names of which the table does not know the field, although it knows it of others.
#[must_use]
pub fn lacking(blueprint: &Blueprint, values: &Values, path: &str) -> Vec<String> {
    let dotted = transformer::parse_path(path).ok().and_then(|path| path.dotted());
    let known = blueprint.pattern(values).ok().zip(dotted).map(|(pattern, path)| fields::lacking(&pattern, &path));
    known.unwrap_or_default()
}

fn compiled(blueprint: &Blueprint, values: &Values, posting: &Posting) -> (InputTransformer, Certainties) {
    let message = &blueprint.alert.message;
    let mut input_paths = message.input_paths.clone();
    let has_own = message.card.is_some() || posting.form.is_plain();
    if has_own {
        input_paths.extend(card::paths());
    }
    let certainties = certainty::certainties(&input_paths, message, blueprint.pattern(values).ok().as_ref());
    let (console, account_name) = (console(&posting.partition), posting.account_name.as_deref());
    let plain = plain::PlainMaking { blueprint, values, certainties: &certainties, console, account_name };
    let template = match (&message.card, &message.text, &message.template) {
        _ if posting.form == Form::Email => plain.email(),
        _ if posting.form == Form::AmazonQ => plain.notification(),
        (Some(card), ..) => written(
            card::Making { blueprint, card, values, certainties: &certainties, console, account_name }.body(),
            &posting.form,
        ),
        (None, Some(text), _) => written(sentence::body(text, message, values, &certainties), &posting.form),
        (None, None, Some(template)) => {
            with_channel(&fill_text_with(template.trim(), values, |value| escape(&in_words(value))), &posting.form)
        }
        (None, None, None) => "{}".to_owned(),
    };
    if has_own {
        // A card brings the paths of the values it shows, and no others.
        let used: Vec<String> = transformer::placeholders(&template).into_iter().map(|one| one.name).collect();
        input_paths.retain(|name, _| !name.starts_with(OWN) || used.contains(name));
    }
    (InputTransformer { input_paths, template }, certainties)
}

/// A body's fields as a template.
fn written(mut fields: Vec<(&'static str, TemplatePart)>, form: &Form) -> String {
    if let Form::Bot { channel } = form {
        fields.insert(0, ("channel", TemplatePart::fixed(channel)));
    }
    TemplatePart::Object(fields).write()
}

/// Puts a bot's channel first into a body that is a JSON object.
fn with_channel(body: &str, form: &Form) -> String {
    let Form::Bot { channel } = form else { return body.to_owned() };
    let rest = body.trim_start().strip_prefix('{').unwrap_or(body).trim_start();
    let comma = if rest.starts_with('}') { "" } else { "," };
    format!("{{\"channel\":{}{comma}{rest}", Value::from(channel.as_str()))
}

#[cfg(test)]
mod tests;
