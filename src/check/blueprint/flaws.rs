//! The flaws of a message in words: what could happen, and a way out that works.

use super::message::texts;
use crate::blueprint::{Blueprint, parameters};
use crate::cloudtrail::fields::Holds;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::transformer::{Placeholder, placeholders};
use crate::message::{self, CLAIMED_IDENTIFIER, CLAIMED_TEXT, Extreme, Why};
use crate::slack;

/// What the words are about.
pub(super) struct Words<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) values: &'a parameters::Values,
    pub(super) document: &'a Document,
    /// What is blamed where no single word is.
    pub(super) pointer: &'a str,
}

impl Words<'_> {
    /// The finding about a value at a place where it is not safe.
    pub(super) fn about_value(&self, name: &str, why: Why) -> Finding {
        let placeholder = format!("<{name}>");
        let path = self.blueprint.alert.message.input_paths.get(name).unwrap_or(&placeholder);
        let code = if matches!(why, Why::Unknown | Why::Forgeable) { Code::UnknownField } else { Code::UnsafeValue };
        let (what, mut help) = match why {
            Why::Unknown => self.unknown(name, path),
            Why::Forgeable => (
                format!("`{path}` is CloudTrail's, but the pattern does not make sure that the events are"),
                "list the `source`, such as `aws.iam`, and the `detail-type`: anybody may send events with another \
                 `source`, and write into them what they like"
                    .to_owned(),
            ),
            Why::InBrackets => (
                format!("`<{name}>` stands between `<` and `>`, where Slack reads links and mentions"),
                "put it outside of the brackets; cards link to the event by themselves".to_owned(),
            ),
            Why::Composite => (
                format!("`{path}` is an object or a list, and EventBridge would make broken JSON of it"),
                "name a single value inside of it".to_owned(),
            ),
            Why::FreeMayBeMissing => (
                format!("`{path}` is free text and may be missing or empty, and Slack refuses an empty text"),
                "leave it out, demand it in the pattern (`[{ prefix: … }]`), or let the notifier write it (`via: lambda`)"
                    .to_owned(),
            ),
            Why::Unlimited => (
                format!("`{path}` is of unknown length, and Slack refuses texts that are too long"),
                "leave it out, list its values in the pattern, or let the notifier write the message, with `via: lambda`".to_owned(),
            ),
            Why::FreeInQuotes | Why::FreeElsewhere => (
                format!("`{path}` is free text: a quote in it breaks the message, `<!channel>` in it calls everybody"),
                format!(
                    "in a template it may only be the whole `text` of a rich_text element, without quotes: \
                     `{{\"type\": \"text\", \"text\": <{name}>}}`"
                ),
            ),
            Why::BareMayBeMissing => (
                format!("`{path}` may be missing, and Slack refuses an empty text"),
                format!("write it in quotes beside words: `\"… <{name}>\"`"),
            ),
            Why::BareNotText => (
                format!("`{path}` is not a text, and Slack takes texts only"),
                format!("write it in quotes beside words: `\"… <{name}>\"`"),
            ),
            Why::NotForAddress => (
                format!("`{path}` can hold characters that mean something in an address"),
                "show it as text beside the link".to_owned(),
            ),
            Why::DecidesHost => (
                format!("`{path}` would decide where the link leads"),
                format!("write the host yourself, and the value behind it: `https://example.com/<{name}>`"),
            ),
            Why::Structure => (
                format!("`<{name}>` stands where Slack wants no text of an event"),
                "values belong into `text` and `url`".to_owned(),
            ),
        };
        let is_free = matches!(why, Why::FreeMayBeMissing | Why::Unlimited | Why::FreeInQuotes | Why::FreeElsewhere);
        if is_free && path.starts_with("$.detail.requestParameters.") {
            let success = "a refused call carries whatever the caller wrote: ask for calls that were not refused, with \
                           `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: false }]` in `detail`";
            let if_not_refused = message::known_of_success(self.blueprint, self.values, path);
            help = match if_not_refused {
                Some(standing) if standing.holds < Holds::Text => success.to_owned(),
                _ => format!("{success}, and demand the field itself, as `[{{ prefix: … }}]` does; or leave it out"),
            };
        }
        self.at_placeholder(name, why, self.document.finding(self.pointer, code, what).help(help))
    }

    fn unknown(&self, name: &str, path: &str) -> (String, String) {
        let claim = format!(
            "`holds: {{ {name}: identifier }}` (letters, digits and the like, up to {CLAIMED_IDENTIFIER} characters) or \
             `text` (never missing, up to {CLAIMED_TEXT})"
        );
        match message::lacking(self.blueprint, self.values, path).as_slice() {
            [] => (
                format!("nothing is known of what `{path}` holds in the events of this alert"),
                format!(
                    "if you know it, say so: {claim}. A field of CloudTrail is known when the pattern lists `source`, \
                     `detail-type`, `eventSource` and `eventName`. Or let the notifier write the message, with `via: lambda`"
                ),
            ),
            [call, ..] => (
                format!("nothing is known of what `{path}` holds in events of `{call}`"),
                format!("take `{call}` out of this alert, or, if you know it, say so: {claim}"),
            ),
        }
    }

    /// The finding, pointing at the placeholder where the author wrote it.
    fn at_placeholder(&self, name: &str, why: Why, mut finding: Finding) -> Finding {
        for (place, text) in texts(self.blueprint).iter().filter(|_| self.pointer == "/alert/message") {
            let is_meant = |one: &Placeholder| {
                let is_inside = message::inside_brackets(&text[..one.range.start], &text[one.range.end..]);
                one.name == name && (why != Why::InBrackets || is_inside)
            };
            if let Some(one) = placeholders(text).into_iter().find(is_meant) {
                finding.span = self.document.part_span(place, &one.range);
                break;
            }
        }
        finding
    }

    /// The finding about a body that Slack would refuse; without an extreme it is refused whatever the event holds.
    pub(super) fn about_body(&self, extreme: Option<Extreme>, problem: &slack::Problem) -> Finding {
        let when = match extreme {
            None => "",
            // What is too long at its shortest always is.
            Some(Extreme::Shortest) if matches!(problem.kind, slack::Kind::TooLong | slack::Kind::TooMany) => "",
            Some(Extreme::Shortest) => " when everything that may be missing is missing",
            Some(Extreme::Longest) => " when every value is as long as it can be",
            Some(Extreme::Hostile) => " when a value is written to mention somebody",
        };
        let is_mention = problem.kind == slack::Kind::Mention;
        let code = if is_mention { Code::Mention } else { Code::SlackRefuses };
        let message = match code {
            Code::Mention => format!("the message could mention somebody: {}", problem.what),
            _ => format!("Slack would refuse the message{when}: {}", problem.what),
        };
        // The heading of a card and what notifications show are the title.
        let is_title = self.blueprint.alert.message.card.is_some()
            && (problem.at == "/text" || problem.at.starts_with("/blocks/0/"))
            && self.pointer == "/alert/message";
        let finding = self.document.finding(if is_title { "/title" } else { self.pointer }, code, message);
        let at = if problem.at.is_empty() { "the top" } else { &problem.at };
        let finding = finding.found(format!("at {at} of the body"));
        if is_title && !is_mention {
            finding.help("the emoji of the severity counts, as `:rotating_light:`")
        } else {
            finding
        }
    }
}
