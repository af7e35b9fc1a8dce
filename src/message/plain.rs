//! A message without Slack's blocks, for SNS: the lines of an email, or a custom notification of Amazon Q Developer.
//!
//! Made of the same words and values as a card. EventBridge escapes nothing, so a line has only values that cannot hold a quote:
//! free text is `…` there, as in Slack's notifications, and the link leads to the event that has it. A notification, which is JSON,
//! also carries free text as a value of its own in `additionalContext`, where EventBridge quotes it.
//!
//! An email is a template of quoted lines: EventBridge delivers each with its quotes, and a backslash in one is not documented
//! (engines/docs/input-transformer.md), so words have neither. Neighbors: `card` (the same facts in Slack's idiom), `layout` (what
//! is certain of values).

use serde_json::{Value, json};

use super::Form;
use super::card::{self, OWN_FACTS};
use super::layout::{Certainties, Flaw, flaws_of_values, longest_values, skeleton};
use super::part::{Piece, TemplatePart};
use super::sentence::{is_free, pieces, without_free};
use super::transformer::{InputTransformer, MAX_TEMPLATE};
use crate::blueprint::Blueprint;
use crate::blueprint::parameters::Values;

/// The version of Amazon Q Developer's custom notifications
/// (<https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>).
const NOTIFICATION: &str = "1.0";

/// The longest message that SNS takes, in bytes (docs of aws-sdk-sns 1.121.0, `Publish`).
pub const MAX_MESSAGE_BYTES: usize = 262_144;

/// Everything a plain message is made of.
pub(super) struct PlainMaking<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) values: &'a Values,
    pub(super) certainties: &'a Certainties,
    /// The domain of the AWS console, where it is known.
    pub(super) console: Option<&'static str>,
    /// The name of the account that all events are from.
    pub(super) account_name: Option<&'a str>,
}

/// A fact: what it is about, and what it says.
type Fact = (String, Vec<Piece>);

impl PlainMaking<'_> {
    /// The lines of an email.
    pub(super) fn email(&self) -> String {
        let severity = self.blueprint.severity.word();
        let title = vec![Piece::words(format!("[{severity}] {}", self.blueprint.title))];
        let facts = self.facts().into_iter().map(|(label, words)| labeled(&format!("{label}: "), words));
        let steps = self.steps().into_iter().map(|step| vec![Piece::words(format!("To do: {step}"))]);
        let lines = [title, self.story()].into_iter().chain(facts).chain(steps);
        lines.flat_map(|line| quoted_lines(&line)).collect::<Vec<_>>().join("\n")
    }

    /// The notification of Amazon Q Developer.
    pub(super) fn notification(&self) -> String {
        let title = format!("{} {}", card::emoji(self.blueprint.severity), self.blueprint.title);
        let facts = self.facts().into_iter().map(|(label, words)| labeled(&format!("*{label}:* "), words));
        let mut description = Vec::new();
        for line in std::iter::once(self.story()).chain(facts).filter(|line| !line.is_empty()) {
            if !description.is_empty() {
                description.push(Piece::words("\n"));
            }
            description.extend(line.into_iter().map(|piece| match piece {
                Piece::Words(words) => Piece::Words(without_brackets(&words)),
                value @ Piece::Value(_) => value,
            }));
        }
        let mut content = vec![
            ("textType", TemplatePart::fixed("client-markdown")),
            ("title", TemplatePart::fixed(without_brackets(&title))),
            ("description", TemplatePart::Text(description)),
        ];
        let steps: Vec<String> = self.steps().iter().map(|step| without_brackets(step)).collect();
        if !steps.is_empty() {
            content.push(("nextSteps", TemplatePart::Fixed(json!(steps))));
        }
        let keywords = json!([self.blueprint.severity.word(), self.blueprint.blueprint]);
        content.push(("keywords", TemplatePart::Fixed(keywords)));
        let mut metadata = vec![
            ("summary", TemplatePart::Text(self.summary())),
            ("eventType", TemplatePart::fixed(&self.blueprint.blueprint)),
        ];
        let free = self.free();
        if !free.is_empty() {
            metadata.push(("additionalContext", TemplatePart::Named(free)));
        }
        TemplatePart::Object(vec![
            ("version", TemplatePart::fixed(NOTIFICATION)),
            ("source", TemplatePart::fixed("custom")),
            ("content", TemplatePart::Object(content)),
            ("metadata", TemplatePart::Object(metadata)),
        ])
        .write()
    }

    fn summary(&self) -> Vec<Piece> {
        let words = without_brackets(&format!("{} in account ", self.blueprint.title));
        vec![Piece::words(words), Piece::value("card-account"), Piece::words(", "), Piece::value("card-region")]
    }

    /// What happened: the author's sentence, or the description.
    fn story(&self) -> Vec<Piece> {
        match (self.sentence(), self.blueprint.description.trim()) {
            (Some(text), _) => self.pieces(text.trim()),
            (None, "") => Vec::new(),
            (None, description) => vec![Piece::words(description)],
        }
    }

    /// The author's sentence, of a card or alone.
    fn sentence(&self) -> Option<&str> {
        let message = &self.blueprint.alert.message;
        message.card.as_ref().and_then(|card| card.text.as_deref()).or(message.text.as_deref())
    }

    /// The author's facts, those of every record, the time, and where the event is.
    fn facts(&self) -> Vec<Fact> {
        let card = self.blueprint.alert.message.card.as_ref();
        let authors = card.into_iter().flat_map(|card| &card.facts);
        let mut facts: Vec<Fact> =
            authors.map(|(label, words)| (label.clone(), self.pieces(words.as_str().unwrap_or_default()))).collect();
        facts.extend(OWN_FACTS.iter().filter_map(|(label, words)| self.own_fact(label, words)));
        facts.push(("When".to_owned(), vec![Piece::value("card-time")]));
        facts.extend(self.link().map(|url| ("Event".to_owned(), url)));
        facts
    }

    /// A fact; nothing when no value of it is safe.
    fn own_fact(&self, label: &str, words: &[&str]) -> Option<Fact> {
        let pieces = card::own_pieces(words, self.certainties, self.account_name);
        (!pieces.is_empty()).then(|| (label.to_owned(), pieces))
    }

    /// The URL of the event in the console, where there is one.
    fn link(&self) -> Option<Vec<Piece>> {
        let console = self.console.filter(|_| card::is_safe("card-id", self.certainties))?;
        Some(card::url(console))
    }

    /// What to do: the page about it, or the steps that the blueprint recommends.
    fn steps(&self) -> Vec<String> {
        match &self.blueprint.runbook {
            Some(page) => vec![page.clone()],
            None => self.blueprint.response.clone(),
        }
    }

    /// The free texts of the author's words.
    fn free(&self) -> Vec<(String, TemplatePart)> {
        let message = &self.blueprint.alert.message;
        let facts = message.card.iter().flat_map(|card| card.facts.values().filter_map(Value::as_str));
        let texts = self.sentence().into_iter().chain(facts);
        let mut found: Vec<String> = Vec::new();
        for piece in texts.flat_map(|text| pieces(text, message, self.values)) {
            if let Piece::Value(name) = piece
                && is_free(&name, self.certainties)
                && !found.contains(&name)
            {
                found.push(name);
            }
        }
        found.into_iter().map(|name| (name.clone(), TemplatePart::Bare(name))).collect()
    }

    fn pieces(&self, written: &str) -> Vec<Piece> {
        let pieces = pieces(written, &self.blueprint.alert.message, self.values);
        without_free(&pieces, |name| is_free(name, self.certainties))
    }
}

fn labeled(label: &str, mut words: Vec<Piece>) -> Vec<Piece> {
    words.insert(0, Piece::words(label));
    words
}

/// Words without what Slack reads as the beginning of a link or a mention.
fn without_brackets(words: &str) -> String {
    words.replace('<', "‹").replace('>', "›")
}

/// A line of the message as lines of the template.
fn quoted_lines(pieces: &[Piece]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces {
        match piece {
            Piece::Value(name) => {
                if let Some(line) = lines.last_mut() {
                    line.extend(["<", name, ">"]);
                }
            }
            Piece::Words(words) => {
                for (at, part) in words.split('\n').enumerate() {
                    if at > 0 {
                        lines.push(String::new());
                    }
                    if let Some(line) = lines.last_mut() {
                        line.push_str(&quotable(part));
                    }
                }
            }
        }
    }
    lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).map(|line| format!("\"{line}\"")).collect()
}

/// Words that need no backslash inside of quotes, and begin no placeholder.
fn quotable(words: &str) -> String {
    let replaced = |c: char| match c {
        '"' => '\'',
        '\\' => '＼',
        c if c.is_control() => ' ',
        c => c,
    };
    without_brackets(words).chars().map(replaced).collect()
}

/// Everything that keeps a plain message from being safe.
pub(super) fn flaws(form: &Form, transformer: &InputTransformer, certainties: &Certainties) -> Vec<Flaw> {
    let template = &transformer.template;
    let mut flaws = flaws_of_values(template, certainties);
    let wrong = match form {
        Form::Email => template.contains('\\').then(|| "a line has a backslash".to_owned()),
        _ => skeleton(template).err(),
    };
    let (length, bytes) = (template.chars().count(), template.len() + 4 * longest_values(template, certainties));
    let too_long =
        || (length > MAX_TEMPLATE).then(|| format!("it has {length} characters, and EventBridge takes {MAX_TEMPLATE}"));
    let too_big =
        || (bytes > MAX_MESSAGE_BYTES).then(|| format!("it can have {bytes} bytes, and SNS takes {MAX_MESSAGE_BYTES}"));
    flaws.extend(wrong.or_else(too_long).or_else(too_big).map(Flaw::NotJson));
    flaws
}
