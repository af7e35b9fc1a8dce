//! The flaws of a message in words: what could happen, and a fix that works.

use super::message::texts;
use crate::blueprint::{Blueprint, parameters};
use crate::cloudtrail::fields::Holds;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::transformer::{Placeholder, placeholders};
use crate::message::{self, CLAIMED_IDENTIFIER, CLAIMED_TEXT, Extreme, ValueProblem};
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
    pub(super) fn about_value(&self, name: &str, why: ValueProblem) -> Finding {
        let placeholder = format!("<{name}>");
        let path = self.blueprint.alert.message.input_paths.get(name).unwrap_or(&placeholder);
        let code = if matches!(why, ValueProblem::Unknown | ValueProblem::Forgeable) {
            Code::UnknownField
        } else {
            Code::UnsafeValue
        };
        let (what, mut help) = match why {
            ValueProblem::Unknown => self.unknown(name, path),
            ValueProblem::Forgeable => (
                format!(
                    "`{path}` is a CloudTrail field, but the pattern does not ensure that the events come from \
                    CloudTrail"
                ),
                "list the `source`, such as `aws.iam`, and the `detail-type`: anyone in the account can send events \
                with another `source` and any content"
                    .to_owned(),
            ),
            ValueProblem::InBrackets => (
                format!("`<{name}>` is between `<` and `>`, where Slack reads links and mentions"),
                "move it outside the brackets; a card links to the event automatically".to_owned(),
            ),
            ValueProblem::Composite => (
                format!("`{path}` is an object or a list, which EventBridge turns into invalid JSON"),
                "use the path of a single value in it".to_owned(),
            ),
            ValueProblem::FreeMayBeMissing => (
                format!("`{path}` is free text that can be missing or empty, and Slack rejects an empty text"),
                "remove it, require it in the pattern (`[{ prefix: … }]`), or let the notifier write the message \
                (`via: lambda`)"
                    .to_owned(),
            ),
            ValueProblem::Unlimited => (
                format!("the length of `{path}` is not known, and Slack rejects texts that are too long"),
                "remove it, list its values in the pattern, or let the notifier write the message (`via: lambda`)"
                    .to_owned(),
            ),
            ValueProblem::FreeInQuotes | ValueProblem::FreeElsewhere => (
                format!(
                    "`{path}` is free text: a quote in it breaks the message, `<!channel>` in it notifies everyone, and \
                    its lines can look like lines of the message"
                ),
                format!(
                    "in a template, use it only alone in a `rich_text_preformatted` or `rich_text_quote`, without quotes: \
                    `{{\"type\": \"rich_text_preformatted\", \"elements\": [{{\"type\": \"text\", \"text\": <{name}>}}]}}`"
                ),
            ),
            ValueProblem::BareMayBeMissing => (
                format!("`{path}` can be missing, and Slack rejects an empty text"),
                format!("put it in quotes next to other words: `\"… <{name}>\"`"),
            ),
            ValueProblem::BareNotText => (
                format!("`{path}` is not a string, and Slack accepts only strings"),
                format!("put it in quotes next to other words: `\"… <{name}>\"`"),
            ),
            ValueProblem::NotForAddress => (
                format!("`{path}` can contain characters that have a meaning in a URL"),
                "show it as text next to the link".to_owned(),
            ),
            ValueProblem::DecidesHost => (
                format!("`{path}` decides where the link leads"),
                format!("write the host yourself and put the value after it: `https://example.com/<{name}>`"),
            ),
            ValueProblem::Structure => (
                format!("`<{name}>` is in a place where Slack does not accept event text"),
                "use values in `text` and `url`".to_owned(),
            ),
        };
        let is_free = matches!(
            why,
            ValueProblem::FreeMayBeMissing
                | ValueProblem::Unlimited
                | ValueProblem::FreeInQuotes
                | ValueProblem::FreeElsewhere
        );
        let may_be_refused = !message::asks_for_success(self.blueprint, self.values);
        if is_free && may_be_refused && path.starts_with("$.detail.requestParameters.") {
            let success = "a denied call contains whatever the caller wrote: require calls that succeeded, with \
                `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: false }]` in `detail`";
            let if_not_refused = message::known_of_success(self.blueprint, self.values, path);
            help = match if_not_refused {
                Some(certainty) if certainty.holds < Holds::Text => success.to_owned(),
                _ => format!(
                    "{success}, and require the field itself, as `[{{ prefix: … }}]` does; remove it; or let the \
                    notifier write the message (`via: lambda`)"
                ),
            };
        }
        self.at_placeholder(name, why, self.document.finding(self.pointer, code, what).help(help))
    }

    fn unknown(&self, name: &str, path: &str) -> (String, String) {
        let claim = format!(
            "`holds: {{ {name}: identifier }}` (letters, digits, and similar, up to {CLAIMED_IDENTIFIER} characters) \
            or `text` (never missing, up to {CLAIMED_TEXT})"
        );
        let lacking = message::lacking(self.blueprint, self.values, path);
        if !message::asks_for_success(self.blueprint, self.values)
            && message::is_safe_of_success(self.blueprint, self.values)
        {
            return (
                format!("the content of `{path}` is known only in events of calls that succeeded"),
                "require calls that succeeded, with `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: false \
                }]` in `detail`"
                    .to_owned(),
            );
        }
        match lacking.as_slice() {
            [] => (
                format!("the content of `{path}` in the events of this alert is not known"),
                format!(
                    "if you know it, declare it: {claim}. CloudTrail fields are known if the pattern lists `source`, \
                    `detail-type`, `eventSource`, and `eventName`. Or let the notifier write the message (`via: \
                    lambda`)"
                ),
            ),
            [call, ..] => (
                format!("the content of `{path}` in events of `{call}` is not known"),
                format!("remove `{call}` from this alert or, if you know the content, declare it: {claim}"),
            ),
        }
    }

    /// The finding, pointing at the placeholder where the author wrote it.
    fn at_placeholder(&self, name: &str, why: ValueProblem, mut finding: Finding) -> Finding {
        for (place, text) in texts(self.blueprint).iter().filter(|_| self.pointer == "/alert/message") {
            let is_meant = |one: &Placeholder| {
                let is_inside = message::inside_brackets(&text[..one.range.start], &text[one.range.end..]);
                one.name == name && (why != ValueProblem::InBrackets || is_inside)
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
            Some(Extreme::Shortest)
                if matches!(problem.kind, slack::ProblemKind::TooLong | slack::ProblemKind::TooMany) =>
            {
                ""
            }
            Some(Extreme::Shortest) => " when every optional value is missing",
            Some(Extreme::Longest) => " when every value has its maximum length",
            Some(Extreme::Hostile) => " when a value contains a mention",
        };
        let is_mention = problem.kind == slack::ProblemKind::Mention;
        let code = if is_mention { Code::Mention } else { Code::SlackRefuses };
        let message = match code {
            Code::Mention => format!("the message can mention someone: {}", problem.what),
            _ => format!("Slack rejects the message{when}: {}", problem.what),
        };
        // The heading of a card and what notifications show are the title.
        let is_title = self.blueprint.alert.message.card.is_some()
            && (problem.at == "/text" || problem.at.starts_with("/blocks/0/"))
            && self.pointer == "/alert/message";
        let finding = self.document.finding(if is_title { "/title" } else { self.pointer }, code, message);
        let at = if problem.at.is_empty() { "the top" } else { &problem.at };
        let finding = finding.found(format!("at {at} in the body"));
        if is_title && !is_mention {
            finding.help("the emoji of the severity counts as `:rotating_light:`")
        } else {
            finding
        }
    }
}
