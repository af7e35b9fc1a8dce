//! What is written about Slack: each destination is a webhook or a bot, with names that fit, and messages have a way.

use super::host::{check_api, check_trusted};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::{MAX_CHANNEL, POST_MESSAGE};
use crate::name::{DESTINATION_FORM, Scope, is_destination};
use crate::redact;
use crate::secret::{ReferenceError, SecretReference};
use crate::stack::{Destination, NamedDestination, SLACK_API, Slack, SlackDestination, Stack};

/// Findings about the destinations.
pub(super) fn check(stack: &Stack, document: &Document) -> Vec<Finding> {
    let mut findings = names(stack, document);
    for (_, section, one) in stack.slack.each() {
        findings.extend(form(one, &section, document));
        findings.extend(references(one, &section, document));
    }
    findings
}

/// Names that everything in AWS can have.
fn names(stack: &Stack, document: &Document) -> Vec<Finding> {
    // A scope that is not well formed is a finding of its own.
    let most = Scope::offline(None, &stack.region, &stack.stack).map_or(usize::MAX, |scope| scope.max_destination());
    let mut findings = Vec::new();
    for (id, section, _) in stack.slack.each() {
        let name = id.as_str();
        let mut finding = if !is_destination(name) {
            document
                .finding(&section, Code::BadDestination, format!("a destination cannot be called `{name}`"))
                .expected(format!(
                    "{DESTINATION_FORM}; not `relay`, `notifier`, or `scheduler`, and no end such as `-function` or \
                     `-0123abcd`"
                ))
        } else if name.len() > most {
            let what = format!("the name of the destination `{name}` is too long");
            let finding = document.finding(&section, Code::BadDestination, what);
            finding.found(format!("{} characters", name.len())).expected(format!(
                "at most {most} in this stack: names in AWS contain it and have at most 64 characters"
            ))
        } else {
            continue;
        };
        finding.span = document.key_span(&section);
        findings.push(finding);
    }
    findings
}

fn references(slack: &SlackDestination, section: &str, document: &Document) -> Vec<Finding> {
    let given = [("webhook", &slack.webhook), ("token", &slack.token)];
    let mut findings = Vec::new();
    for (key, text) in given {
        let pointer = format!("{section}/{key}");
        match text.as_deref().map(SecretReference::parse) {
            // Literal secrets were already found.
            None | Some(Ok(_) | Err(ReferenceError::Literal)) => {}
            Some(Err(error)) => {
                let finding = document.finding(&pointer, Code::BadSecretReference, error.to_string());
                findings.push(finding.expected(SecretReference::FORMS));
            }
        }
    }
    if let Some(api) = &slack.api {
        findings.extend(check_api(api, section, document));
    }
    if let Some(host) = &slack.trusted_host {
        findings.extend(check_trusted(host, slack.api.as_deref(), section, document));
    }
    findings
}

fn form(slack: &SlackDestination, section: &str, document: &Document) -> Vec<Finding> {
    let report = |key: &str, message: &str, help: &str| {
        vec![document.finding(&format!("{section}{key}"), Code::SlackDestination, message).help(help)]
    };
    match (&slack.webhook, &slack.token) {
        (Some(_), Some(_)) => report("", "`webhook` and `token` cannot be combined", "remove one of them"),
        (None, None) => report(
            "",
            "the Slack destination is missing",
            "`webhook: \"${env:SLACK_WEBHOOK_URL}\"`, or `token` and `channel` for a bot",
        ),
        (Some(_), None) if slack.channel.is_some() => {
            report("/channel", "a webhook already includes its channel", "remove `channel`, or use a bot `token`")
        }
        (Some(_), None) if slack.api.is_some() => report("/api", "`api` requires a bot token", "remove `api`"),
        (Some(_), None) => Vec::new(),
        (None, Some(_)) => channel(slack, section, document),
    }
}

fn channel(slack: &SlackDestination, section: &str, document: &Document) -> Vec<Finding> {
    let is_good = |channel: &str| {
        (1..=MAX_CHANNEL).contains(&channel.len())
            && channel.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'-' | b'_' | b'.'))
            // A token in this place would be shown with every message.
            && redact::message(channel) == channel
    };
    match slack.channel.as_deref() {
        Some(channel) if is_good(channel) => Vec::new(),
        Some(_) => {
            let pointer = format!("{section}/channel");
            let finding = document.finding(&pointer, Code::SlackDestination, "this is not a channel id");
            vec![finding.expected("the channel's id, such as `C0123456789` (in Slack: channel details, at the bottom)")]
        }
        None => {
            let finding = document.finding(section, Code::SlackDestination, "a bot requires a `channel`");
            vec![finding.help("add `channel: C0123456789` (in Slack: channel details, at the bottom)")]
        }
    }
}

/// The destinations that a checked file describes, in its order, without those that have findings.
pub(super) fn destinations(slack: &Slack) -> Vec<NamedDestination> {
    let named = |(id, pointer, one)| Some(NamedDestination { id, pointer, way: way(one)? });
    slack.each().into_iter().filter_map(named).collect()
}

fn way(slack: &SlackDestination) -> Option<Destination> {
    let reference = |text: &Option<String>| SecretReference::parse(text.as_deref()?).ok();
    if let Some(address) = reference(&slack.webhook) {
        return Some(Destination::Webhook { address });
    }
    let api = slack.api.as_deref().unwrap_or(SLACK_API).trim_end_matches('/');
    Some(Destination::Bot {
        token: reference(&slack.token)?,
        channel: slack.channel.clone()?,
        endpoint: format!("{api}{POST_MESSAGE}"),
    })
}
