//! Findings about a blueprint's message: its form, its values, and whether it could be lost or abused.

use std::collections::BTreeSet;

use super::super::{Blueprint, parameters};
use crate::cloudtrail::fields::Standing;
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::message::transformer::{self, placeholders};
use crate::message::{self, CLAIMED_IDENTIFIER, CLAIMED_TEXT, Extreme, Flaw, Form, OWN, Posting, Why};
use crate::slack;

const FORMS: &str = "exactly one of `card`, `text` and `template`";

/// The texts an author wrote, each with its place.
pub(super) fn texts(blueprint: &Blueprint) -> Vec<(String, &str)> {
    let message = &blueprint.alert.message;
    let mut texts = vec![
        ("/alert/message/text".to_owned(), message.text.as_deref()),
        ("/alert/message/template".to_owned(), message.template.as_deref()),
    ];
    if let Some(card) = &message.card {
        texts.push(match &card.text {
            Some(text) => ("/alert/message/card/text".to_owned(), Some(text)),
            None => ("/description".to_owned(), Some(&blueprint.description)),
        });
        let facts = card.facts.iter();
        texts
            .extend(facts.map(|(label, words)| (format!("/alert/message/card/facts/{}", step(label)), words.as_str())));
    }
    texts.into_iter().filter_map(|(pointer, text)| Some((pointer, text?))).collect()
}

pub(super) fn form(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let given = [message.card.is_some(), message.text.is_some(), message.template.is_some()];
    let found = match given.iter().filter(|is_given| **is_given).count() {
        0 => "none of them",
        1 if message.text.as_deref().is_some_and(|text| text.trim().is_empty()) => {
            "an empty `text`, which Slack refuses"
        }
        1 => return Vec::new(),
        _ => "more than one of them",
    };
    let finding = document.finding("/alert/message", Code::MessageForm, format!("a message has {FORMS}"));
    let help = "`card` has a heading, facts and a link; `text` is a sentence; `template` is the raw JSON body";
    vec![finding.found(found).help(help)]
}

pub(super) fn paths(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, path) in &blueprint.alert.message.input_paths {
        let pointer = format!("/alert/message/input_paths/{}", step(name));
        let own = name.starts_with(OWN).then(|| format!("names that begin with `{OWN}` are those of cards"));
        if let Some(error) = transformer::check_key(name).map(|error| error.to_string()).or(own) {
            let mut finding = document.finding(&pointer, Code::BadInputPath, error);
            finding.span = document.key_span(&pointer);
            findings.push(finding);
        }
        if let Some(error) = transformer::check_path(name, path) {
            let finding = document.finding(&pointer, Code::BadInputPath, error.to_string());
            findings.push(finding.expected("a path such as `$.detail.userIdentity.arn`"));
        }
    }
    findings
}

/// An author's word counts for input paths of the message, and only for fields trailbell does not know.
pub(super) fn claims(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let mut findings = Vec::new();
    for name in message.holds.keys() {
        let pointer = format!("/alert/message/holds/{}", step(name));
        let Some(path) = message.input_paths.get(name) else {
            let mut finding =
                document.finding(&pointer, Code::UndefinedPlaceholder, format!("no input path is called `{name}`"));
            finding.span = document.key_span(&pointer);
            findings.push(finding.suggest(name, message.input_paths.keys().map(String::as_str)));
            continue;
        };
        if let Some(standing) = message::known(blueprint, &parameters::samples(blueprint), path) {
            let finding = document.finding(&pointer, Code::NotAllowed, format!("trailbell knows what `{path}` holds"));
            findings.push(finding.expected(in_words(standing)).help(format!("remove `{name}` from `holds`")));
        }
    }
    findings
}

fn in_words(standing: Standing) -> String {
    let length =
        standing.longest.map_or_else(|| "of unknown length".into(), |length| format!("up to {length} characters"));
    let presence = if standing.always { "always there" } else { "maybe missing" };
    format!("{}, {length}, {presence}", format!("{:?}", standing.holds).to_lowercase())
}

pub(super) fn used(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let message = &blueprint.alert.message;
    let known = message.input_paths.keys().map(String::as_str);
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for (pointer, text) in texts(blueprint) {
        for one in placeholders(text) {
            if !message.input_paths.contains_key(&one.name) && !transformer::is_reserved(&one.name) {
                let text = format!("no input path is called `{}`", one.name);
                let mut finding = document.finding(&pointer, Code::UndefinedPlaceholder, text);
                finding.span = document.part_span(&pointer, &one.range);
                findings.push(finding.suggest(&one.name, known.clone()));
            }
            used.insert(one.name);
        }
    }
    for name in message.input_paths.keys().filter(|name| !used.contains(*name)) {
        let pointer = format!("/alert/message/input_paths/{}", step(name));
        let mut finding =
            document.finding(&pointer, Code::UnusedInputPath, format!("the message does not use `<{name}>`"));
        finding.span = document.key_span(&pointer);
        findings.push(finding.help(format!("write `<{name}>` where the value belongs, or remove the path")));
    }
    findings
}

/// The compiled template must be one EventBridge accepts, and safe for every event that matches.
pub(super) fn compiled(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    if !form(blueprint, document).is_empty() {
        return Vec::new();
    }
    check_message(blueprint, &parameters::samples(blueprint), document, "/alert/message")
}

/// The findings about a message with these parameter values; `pointer` is blamed for what no single value is to blame for.
pub(crate) fn check_message(
    blueprint: &Blueprint,
    values: &parameters::Values,
    document: &Document,
    pointer: &str,
) -> Vec<Finding> {
    // The bot's form is the longer one, so what fits there fits a webhook too.
    let form = Form::Bot { channel: "C".repeat(crate::stack::MAX_CHANNEL) };
    let posting = Posting { form, ..Posting::sample() };
    let compiled = message::compile(blueprint, values, &posting);
    let mut findings = Vec::new();
    let length = compiled.template.chars().count();
    if length > transformer::MAX_TEMPLATE {
        let finding = document.finding(pointer, Code::BadTemplate, "the message is too long for EventBridge");
        let expected = format!("at most {} characters", transformer::MAX_TEMPLATE);
        findings.push(finding.found(format!("{length} characters")).expected(expected));
    }
    let count = compiled.input_paths.len();
    if count > transformer::MAX_PATHS {
        let finding = document.finding(pointer, Code::BadTemplate, "too many input paths");
        findings.push(finding.found(count.to_string()).expected(format!("at most {}", transformer::MAX_PATHS)));
    }
    let is_sound = |name: &str| match compiled.input_paths.get(name) {
        Some(path) => transformer::check_path(name, path).is_none(),
        None => transformer::is_reserved(name),
    };
    for flaw in message::flaws(blueprint, values, &posting) {
        match flaw {
            Flaw::NotJson(why) => {
                let finding =
                    document.finding(pointer, Code::BadTemplate, format!("the template does not give JSON: {why}"));
                findings.push(finding.expected("a body such as `{\"text\": \"<user> …\"}`"));
            }
            // A name without a path, or with a broken one, is a finding of its own.
            Flaw::Value { name, .. } if !is_sound(&name) => {}
            Flaw::Value { name, why } => findings.push(about_value(blueprint, document, pointer, &name, why)),
            Flaw::Refused { extreme, problem } => findings.push(about_body(document, pointer, extreme, &problem)),
        }
    }
    findings.dedup();
    findings
}

fn about_value(blueprint: &Blueprint, document: &Document, pointer: &str, name: &str, why: Why) -> Finding {
    let path = blueprint.alert.message.input_paths.get(name).map_or("it", String::as_str);
    let (code, message, help) = match why {
        Why::Unknown => (
            Code::UnknownField,
            format!("nothing is known of what `{path}` holds in the events of this alert"),
            format!(
                "if you know it, say so: `holds: {{ {name}: identifier }}` (letters, digits and the like, up to \
                 {CLAIMED_IDENTIFIER} characters) or `text` (never missing, up to {CLAIMED_TEXT}). A field of CloudTrail \
                 is known when the pattern lists `source`, `detail-type`, `eventSource` and `eventName`"
            ),
        ),
        Why::Composite => (
            Code::UnsafeValue,
            format!("`{path}` is an object or a list, and EventBridge would make broken JSON of it"),
            "name a single value inside of it, without list indexes".to_owned(),
        ),
        Why::FreeMayBeMissing => (
            Code::UnsafeValue,
            format!("`{path}` is free text and may be missing or empty, and Slack refuses an empty text"),
            "leave it out, or demand it in the pattern, as `[{ prefix: … }]` does: only events with it ring then"
                .to_owned(),
        ),
        Why::FreeUnlimited => (
            Code::UnsafeValue,
            format!("`{path}` is free text of unknown length, and Slack refuses texts that are too long"),
            "leave it out, or list its values in the pattern".to_owned(),
        ),
        Why::FreeInQuotes | Why::FreeElsewhere => (
            Code::UnsafeValue,
            format!("`{path}` is free text: a quote in it breaks the message, `<!channel>` in it calls everybody"),
            "in a template it may only be the whole `text` of a rich_text element, without quotes: \
             `{\"type\": \"text\", \"text\": <name>}`"
                .replace("<name>", &format!("<{name}>")),
        ),
        Why::BareMayBeMissing => (
            Code::UnsafeValue,
            format!("`{path}` may be missing, and Slack refuses an empty text"),
            format!("write it in quotes beside words: `\"… <{name}>\"`"),
        ),
        Why::BareNotText => (
            Code::UnsafeValue,
            format!("`{path}` is not a text, and Slack takes texts only"),
            format!("write it in quotes: `\"<{name}>\"`"),
        ),
        Why::NotForAddress => (
            Code::UnsafeValue,
            format!("`{path}` can hold characters that mean something in an address"),
            "show it as text beside the link".to_owned(),
        ),
        Why::DecidesHost => (
            Code::UnsafeValue,
            format!("`{path}` would decide where the link leads"),
            "write the host yourself, and the value behind it: `https://example.com/<name>`"
                .replace("<name>", &format!("<{name}>")),
        ),
        Why::Structure => (
            Code::UnsafeValue,
            format!("`<{name}>` stands where Slack wants no text of an event"),
            "values belong into `text` and `url`".to_owned(),
        ),
    };
    let mut finding = document.finding(pointer, code, message).help(help);
    for (place, text) in texts(blueprint).iter().filter(|_| pointer == "/alert/message") {
        if let Some(one) = placeholders(text).into_iter().find(|one| one.name == name) {
            finding.span = document.part_span(place, &one.range);
            break;
        }
    }
    finding
}

fn about_body(document: &Document, pointer: &str, extreme: Extreme, problem: &slack::Problem) -> Finding {
    let code = if problem.kind == slack::Kind::Mention { Code::Mention } else { Code::SlackRefuses };
    let when = match extreme {
        Extreme::Shortest => "when everything that may be missing is missing",
        Extreme::Longest => "when every value is as long as it can be",
        Extreme::Hostile => "when a value is written to mention somebody",
    };
    let message = match code {
        Code::Mention => format!("the message could mention somebody: {}", problem.what),
        _ => format!("Slack would refuse the message {when}: {}", problem.what),
    };
    document
        .finding(pointer, code, message)
        .found(format!("at {} of the body", if problem.at.is_empty() { "the top" } else { &problem.at }))
}
