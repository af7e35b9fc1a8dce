//! The hosts that messages and the secret are sent to: Slack's, this machine, or the one that the stack file trusts by name.
//!
//! Whoever writes a stack file chooses which secret is sent where. So a host that is not Slack's, or a secret without the form
//! of Slack's, needs a line in the file that a reviewer sees: `trusted_host`. Nothing here quotes a webhook's URL or a token.

use url::Url;

use crate::diagnostic::{Code, Finding};
use crate::document::{Document, Node};
use crate::secret::{is_loopback, is_slack_host, is_slack_webhook};

/// The key of a destination's section that names the host.
const TRUSTED: &str = "trusted_host";

/// Findings about the URL of a webhook; `section` is the JSON pointer of its destination.
#[must_use]
pub fn check_webhook(address: &str, section: &str, document: &Document) -> Vec<Finding> {
    let pointer = &format!("{section}/webhook");
    let found = check_host(address, section, "webhook", document);
    let is_slacks = Url::parse(address).is_ok_and(|url| url.host_str().is_some_and(is_slack_host));
    if found.is_empty() && is_slacks && !is_slack_webhook(address) {
        let finding = document.finding(pointer, Code::NotAWebhook, "this is not the URL of an incoming webhook");
        let expected = "`https://hooks.slack.com/services/T…/B…/…`, whose last part has 24 letters and digits";
        return vec![finding.expected(expected).help("copy the whole URL from Slack (Incoming Webhooks, Copy)")];
    }
    found
}

/// Findings about the URL of the Web API.
pub(super) fn check_api(address: &str, section: &str, document: &Document) -> Vec<Finding> {
    check_host(address, section, "api", document)
}

/// Findings about the host that the file trusts; `api` is the URL of the Web API in the file.
pub(super) fn check_trusted(host: &str, api: Option<&str>, section: &str, document: &Document) -> Vec<Finding> {
    let pointer = format!("{section}/{TRUSTED}");
    let report =
        |message: String, help: &str| vec![document.finding(&pointer, Code::SlackDestination, message).help(help)];
    // A URL with nothing but the host has this one as its host.
    if !Url::parse(&format!("https://{host}/")).is_ok_and(|url| url.host_str() == Some(host) && url.path() == "/") {
        return report(format!("`{host}` is not a host"), "write the host alone, in lowercase: `chat.example.com`");
    }
    match api.and_then(|api| Url::parse(api).ok()) {
        Some(url) if url.host_str() != Some(host) => report(
            format!("nothing is sent to the trusted host `{host}`"),
            "`trusted_host` must be the host of `api`; remove it if `api` is a URL of Slack",
        ),
        _ => Vec::new(),
    }
}

/// Whether the section of a destination trusts the host of a URL by name.
#[must_use]
pub fn is_trusted(address: &str, section: &str, document: &Document) -> bool {
    let trusted = document.node(&format!("{section}/{TRUSTED}")).map(Node::to_json);
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some() && trusted.as_ref().and_then(|one| one.as_str()) == host.as_deref()
}

fn check_host(address: &str, section: &str, key: &str, document: &Document) -> Vec<Finding> {
    let pointer = format!("{section}/{key}");
    let refuse = |message: &str| {
        let finding = document.finding(&pointer, Code::InsecureWebhook, message);
        vec![finding.expected("an https URL; http only on this machine (localhost, 127.0.0.1)")]
    };
    let Ok(url) = Url::parse(address) else { return refuse("this is not a URL") };
    match url.scheme() {
        _ if !url.has_host() => refuse("this is not the URL of a host"),
        "http" if is_loopback(&url) => Vec::new(),
        "https" if !url.username().is_empty() || url.password().is_some() => {
            refuse("a URL must not contain a password")
        }
        "https" if is_loopback(&url) || url.host_str().is_some_and(is_slack_host) => Vec::new(),
        "https" if is_trusted(address, section, document) => Vec::new(),
        "https" => {
            let host = url.host_str().unwrap_or_default();
            let finding = document.finding(&pointer, Code::ForeignHost, format!("`{host}` is not a Slack host"));
            vec![finding.expected("hooks.slack.com or slack.com (slack-gov.com for GovSlack)").help(format!(
                "if alerts and the secret are meant to go there, add `trusted_host: {host}` to `{}`",
                section.trim_start_matches('/').replace('/', ".")
            ))]
        }
        _ => refuse("messages would be sent unencrypted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = r#"slack: { webhook: "${env:HOOK}", trusted_host: chat.example.com }"#;

    #[test]
    fn a_webhook_is_slacks_or_trusted_by_name() {
        let document = Document::parse("t.yaml", STACK).expect("YAML");
        let random = "a".repeat(24);
        let cases = [
            (format!("https://hooks.slack.com/services/T0/B0/{random}"), None),
            (format!("https://hooks.slack-gov.com/services/T0/B0/{random}"), None),
            ("http://127.0.0.1:8080/a".to_owned(), None),
            ("http://[::1]:8080/a".to_owned(), None),
            ("https://chat.example.com/hook".to_owned(), None),
            (format!("http://hooks.slack.com/services/T0/B0/{random}"), Some("TB0403")),
            ("http://chat.example.com/hook".to_owned(), Some("TB0403")),
            ("http://127.0.0.1.example.com/".to_owned(), Some("TB0403")),
            ("ftp://hooks.slack.com/".to_owned(), Some("TB0403")),
            ("https://me:secret@hooks.slack.com/".to_owned(), Some("TB0403")),
            ("hooks.slack.com/services".to_owned(), Some("TB0403")),
            (String::new(), Some("TB0403")),
            (format!("https://hooks.slack.com.example.com/services/T0/B0/{random}"), Some("TB0404")),
            (format!("https://a.chat.example.com/services/T0/B0/{random}"), Some("TB0404")),
            // Cut off, of the Web API, or of a workflow, which takes no messages.
            ("https://hooks.slack.com/services/T0/B0/".to_owned(), Some("TB0405")),
            ("https://hooks.slack.com/services/T0/B0/aaaaaaaaaaaa".to_owned(), Some("TB0405")),
            (format!("https://hooks.slack.com/services/T0/{random}"), Some("TB0405")),
            (format!("https://hooks.slack.com/workflows/T0/B0/{random}"), Some("TB0405")),
            (format!("https://slack.com/services/T0/B0/{random}"), Some("TB0405")),
            (format!("https://hooks.slack.com/services/T0/B0/{random}?a=b"), Some("TB0405")),
            (format!("https://hooks.slack.com:444/services/T0/B0/{random}"), Some("TB0405")),
        ];
        for (address, code) in cases {
            let found = check_webhook(&address, "/slack", &document);
            assert_eq!(found.first().map(|one| one.code.id()), code, "{address}");
            assert!(!format!("{found:?}").contains(&random), "{address}");
        }
    }
}
