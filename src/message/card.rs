//! Cards: a heading, what happened, the facts, and a link to the event, in Slack's own idiom.
//!
//! The text above the blocks is what notifications show. What CloudTrail tells of the caller is shown without being
//! asked for, as far as it is safe for the events of this alert; each value is beside words, so that a missing one
//! leaves a gap and never an empty text. Neighbors: `sentence` (the author's words), `certainty` (what is safe).

use serde_json::json;

use super::layout::Certainties;
use super::part::{Piece, TemplatePart};
use super::sentence::{self, boxes, is_free, pieces, rich, text};
use crate::blueprint::parameters::Values;
use crate::blueprint::{Blueprint, Card, Urgency};
use crate::cloudtrail::fields::{Certainty, Holds};

/// How the names begin that a card gives to values of the event; authors' names may not.
pub const OWN: &str = "card-";

/// The values of any event that cards show, under their names.
const OF_EVENT: [(&str, &str); 3] =
    [("card-account", "$.account"), ("card-region", "$.region"), ("card-time", "$.time")];

/// The values of a CloudTrail record that cards show, under their names.
const OF_RECORD: [(&str, &str); 9] = [
    ("card-id", "$.detail.eventID"),
    ("card-call", "$.detail.eventName"),
    ("card-type", "$.detail.userIdentity.type"),
    ("card-user", "$.detail.userIdentity.userName"),
    ("card-role", "$.detail.userIdentity.sessionContext.sessionIssuer.userName"),
    ("card-service", "$.detail.userIdentity.invokedBy"),
    ("card-identity", "$.detail.userIdentity.sessionContext.sourceIdentity"),
    ("card-principal", "$.detail.userIdentity.principalId"),
    ("card-address", "$.detail.sourceIPAddress"),
];

/// The facts a card adds, as label and words. A value that is not safe for this alert is left out, and so is a fact
/// without any.
pub(super) const OWN_FACTS: [(&str, &[&str]); 4] = [
    ("Call", &["card-call"]),
    // Of user, role and service an event has one, as a rule; together they are never nothing.
    // The session's name is part of the principal's id: of a user of IAM Identity Center it is who signed in.
    (
        "Who",
        &["card-type", " ", "card-user", "card-role", " ", "card-principal", " ", "card-identity", " ", "card-service"],
    ),
    ("From", &["card-address"]),
    ("Where", &["account ", "card-account", ", ", "card-region"]),
];

/// The names and paths of the values a card may show by itself.
pub(super) fn paths() -> impl Iterator<Item = (String, String)> {
    OF_EVENT.into_iter().chain(OF_RECORD).map(|(name, path)| (name.to_owned(), path.to_owned()))
}

/// Everything a card is made of.
pub(super) struct Making<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) card: &'a Card,
    pub(super) values: &'a Values,
    pub(super) certainties: &'a Certainties,
    /// The domain of the AWS console, where it is known.
    pub(super) console: Option<&'static str>,
    /// The name of the account that all events are from.
    pub(super) account_name: Option<&'a str>,
}

impl Making<'_> {
    /// The fields of the body.
    pub(super) fn body(&self) -> Vec<(&'static str, TemplatePart)> {
        let blocks = vec![self.header(), self.content(), self.context()];
        vec![("text", self.notification()), ("blocks", TemplatePart::List(blocks))]
    }

    fn notification(&self) -> TemplatePart {
        let mut words = vec![Piece::words(format!("{} in account ", self.blueprint.title))];
        words.push(Piece::value("card-account"));
        words.extend(self.account_name.map(account_name));
        words.extend([Piece::words(", "), Piece::value("card-region")]);
        TemplatePart::Text(words)
    }

    fn header(&self) -> TemplatePart {
        let title = format!("{} {}", emoji(self.blueprint.severity), self.blueprint.title);
        TemplatePart::Fixed(json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": true}}))
    }

    /// What happened and the facts, as one block, so that Slack shows all of it together. Free text is in a code block of its
    /// own below the sentence, or below the facts: whoever wrote it could otherwise add lines that look like facts.
    fn content(&self) -> TemplatePart {
        let (mut parts, mut section, mut free) = (Vec::new(), Vec::new(), Vec::new());
        let story = self.story();
        if !story.is_empty() {
            section.push(self.line(&story));
            let boxes = self.boxes(&story);
            if boxes.is_empty() {
                // Slack puts no space between sections, so what is safe is one.
                section.push(text(TemplatePart::fixed("\n\n"), None));
            } else {
                parts.push(rich("rich_text_section", std::mem::take(&mut section)));
                parts.extend(boxes);
            }
        }
        for (label, words) in &self.card.facts {
            let words = self.pieces(words.as_str().unwrap_or_default());
            let boxes = self.boxes(&words);
            if boxes.is_empty() {
                section.extend([bold(label), text(line(words), None)]);
            } else {
                // A fact that is nothing but the free text needs no words.
                let words = (words.len() > 1).then(|| [text(TemplatePart::fixed(" "), None), self.line(&words)]);
                free.push(rich(
                    "rich_text_section",
                    std::iter::once(bold(label)).chain(words.into_iter().flatten()).collect(),
                ));
                free.extend(boxes);
            }
        }
        section.extend(OWN_FACTS.iter().flat_map(|(label, words)| self.own_fact(label, words)));
        section.push(bold("When"));
        section.extend(self.when());
        section.extend(self.links());
        parts.push(rich("rich_text_section", section));
        parts.extend(free);
        rich("rich_text", parts)
    }

    /// What happened: the author's sentence, or the description, prose in which `<name>` is what it says.
    fn story(&self) -> Vec<Piece> {
        match (&self.card.text, self.blueprint.description.trim()) {
            (Some(text), _) => self.pieces(text.trim()),
            (None, "") => Vec::new(),
            (None, description) => vec![Piece::words(description)],
        }
    }

    /// The elements of a fact; none when no value of it is safe.
    fn own_fact(&self, label: &str, words: &[&str]) -> Vec<TemplatePart> {
        let pieces = own_pieces(words, self.certainties, self.account_name);
        if pieces.is_empty() { Vec::new() } else { vec![bold(label), text(line(pieces), None)] }
    }

    /// The time, and the link to the event where there is one to link to.
    fn when(&self) -> Vec<TemplatePart> {
        let mut line = vec![Piece::words(" "), Piece::value("card-time")];
        let Some(console) = self.console.filter(|_| is_safe("card-id", self.certainties)) else {
            return vec![text(TemplatePart::Text(line), None)];
        };
        line.push(Piece::words("\n"));
        let link = [
            ("type", TemplatePart::fixed("link")),
            ("url", TemplatePart::Text(url(console))),
            ("text", TemplatePart::fixed("Open in CloudTrail")),
        ];
        vec![text(TemplatePart::Text(line), None), TemplatePart::Object(link.into())]
    }

    /// The links that the card has, and that to what to do, where the blueprint has a page about that.
    fn links(&self) -> Vec<TemplatePart> {
        let own = self.card.links.iter().map(|link| (link.url.as_str(), link.text));
        let all = own.chain(self.blueprint.runbook.as_deref().map(|page| (page, "What to do")));
        let line = |(url, words): (&str, &str)| {
            let link = json!({"type": "link", "url": url, "text": words});
            [text(TemplatePart::fixed("\n"), None), TemplatePart::Fixed(link)]
        };
        all.flat_map(line).collect()
    }

    fn context(&self) -> TemplatePart {
        let severity = self.blueprint.severity.word();
        let words = format!("{severity} · {} · {}", self.blueprint.blueprint, self.blueprint.advice());
        TemplatePart::Fixed(json!({"type": "context", "elements": [{"type": "plain_text", "text": words}]}))
    }

    fn pieces(&self, written: &str) -> Vec<Piece> {
        pieces(written, &self.blueprint.alert.message, self.values)
    }

    fn line(&self, pieces: &[Piece]) -> TemplatePart {
        sentence::line(pieces, |name| is_free(name, self.certainties))
    }

    fn boxes(&self, pieces: &[Piece]) -> Vec<TemplatePart> {
        boxes(pieces, |name| is_free(name, self.certainties))
    }
}

/// Whether a value is allowed in quotes.
pub(super) fn is_safe(name: &str, certainties: &Certainties) -> bool {
    matches!(certainties.get(name), Some(Ok(Certainty { holds, .. })) if *holds != Holds::Text)
}

/// The words of a fact that a card adds, with those of its values that are safe; none when no value is.
pub(super) fn own_pieces(words: &[&str], certainties: &Certainties, account: Option<&str>) -> Vec<Piece> {
    let is_value = |word: &str| word.starts_with(OWN);
    let shown: Vec<&str> = words.iter().copied().filter(|word| !is_value(word) || is_safe(word, certainties)).collect();
    if !shown.iter().any(|word| is_value(word)) {
        return Vec::new();
    }
    let mut pieces = Vec::new();
    for word in shown {
        pieces.push(if is_value(word) { Piece::value(word) } else { Piece::words(word) });
        pieces.extend(account.filter(|_| word == "card-account").map(account_name));
    }
    pieces
}

/// The name of an account, behind its id.
fn account_name(name: &str) -> Piece {
    Piece::words(format!(" ({name})"))
}

/// The URL of the event in the console.
pub(super) fn url(console: &str) -> Vec<Piece> {
    vec![
        Piece::words("https://"),
        Piece::value("card-region"),
        Piece::words(format!(".{console}/cloudtrailv2/home?region=")),
        Piece::value("card-region"),
        Piece::words("#/events/"),
        Piece::value("card-id"),
    ]
}

fn bold(label: &str) -> TemplatePart {
    text(TemplatePart::fixed(format!("{label}:")), Some("bold"))
}

/// A line of facts, after its label.
fn line(mut words: Vec<Piece>) -> TemplatePart {
    words.insert(0, Piece::words(" "));
    words.push(Piece::words("\n"));
    TemplatePart::Text(words)
}

/// The emoji before the title of a message.
#[must_use]
pub fn emoji(severity: Urgency) -> &'static str {
    match severity {
        Urgency::Critical => ":rotating_light:",
        Urgency::High => ":red_circle:",
        Urgency::Medium => ":large_orange_circle:",
        Urgency::Low => ":large_blue_circle:",
        Urgency::Info => ":information_source:",
    }
}
