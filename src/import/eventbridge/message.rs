//! An input transformer → the messages that it could be in a blueprint, the most faithful first.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::blueprint::{Via, WrittenMessage};
use crate::message::transformer::{self, InputTransformer, placeholders};
use crate::slack;

/// The messages, each with the words for what it is.
pub(super) fn of(given: &InputTransformer) -> Vec<(WrittenMessage, &'static str)> {
    let mut found = Vec::new();
    if is_for_slack(given) {
        let message = WrittenMessage {
            template: Some(given.template.clone()),
            input_paths: used(given, &given.template),
            ..WrittenMessage::default()
        };
        found.push((message, "the template of the input transformer"));
    }
    if let Some(text) = sentence(&given.template) {
        let input_paths = used(given, &text);
        let message = WrittenMessage { text: Some(text), input_paths, ..WrittenMessage::default() };
        let by_notifier = WrittenMessage { via: Some(Via::Auto), ..message.clone() };
        found.push((message, "the text of the input transformer"));
        found.push((
            by_notifier,
            "the text of the input transformer, written by the notifier (a Lambda function of the stack)",
        ));
    }
    found
}

/// Whether what it delivers is a body that Slack takes.
fn is_for_slack(given: &InputTransformer) -> bool {
    let body = given.example().ok().and_then(|body| serde_json::from_str::<Value>(&body.to_string()).ok());
    body.is_some_and(|body| body.is_object() && slack::read(&body).is_ok())
}

/// The input paths that a text uses.
fn used(given: &InputTransformer, text: &str) -> BTreeMap<String, String> {
    let names: Vec<String> = placeholders(text).into_iter().map(|one| one.name).collect();
    let is_used = |(name, _): &(&String, &String)| names.contains(name) && !transformer::is_reserved(name);
    given.input_paths.iter().filter(is_used).map(|(name, path)| (name.clone(), path.clone())).collect()
}

/// The text of a template: of quoted lines, of a body with `text`, or of a custom notification for a chat client. Source: Amazon Q
/// Developer in chat applications, "Custom notifications".
fn sentence(template: &str) -> Option<String> {
    let line = |line: &str| serde_json::from_str::<String>(line.trim()).ok();
    let lines: Option<Vec<String>> = template.trim().lines().filter(|one| !one.trim().is_empty()).map(line).collect();
    let text = lines.map(|lines| lines.join("\n")).or_else(|| {
        let body: Value = serde_json::from_str(template).ok()?;
        let text = body.get("text").or_else(|| body.pointer("/content/description"))?;
        text.as_str().map(str::to_owned)
    });
    text.filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(template: &str) -> Vec<(Option<String>, Option<String>)> {
        let input_paths =
            [("user".to_owned(), "$.detail.userIdentity.principalId".to_owned()), ("b".to_owned(), "$.b".to_owned())];
        let given = InputTransformer { input_paths: input_paths.into(), template: template.to_owned() };
        let is_first = |one: &WrittenMessage| one.via.is_none();
        of(&given).into_iter().filter(|(one, _)| is_first(one)).map(|(one, _)| (one.template, one.text)).collect()
    }

    #[test]
    fn a_template_is_a_body_or_a_text_or_neither() {
        let body = r#"{"text": "by <user>"}"#;
        assert_eq!(forms(body), [(Some(body.to_owned()), None), (None, Some("by <user>".to_owned()))]);
        assert_eq!(forms(r#""by <user>""#), [(None, Some("by <user>".to_owned()))]);
        assert_eq!(forms("\"one\"\n\"two <user>\""), [(None, Some("one\ntwo <user>".to_owned()))]);
        let notification = r#"{"version": "1.0", "source": "custom", "content": {"description": "by <user>"}}"#;
        assert_eq!(forms(notification), [(None, Some("by <user>".to_owned()))]);
        assert_eq!(forms(r#"{"user": <user>}"#), []);
        assert_eq!(forms(""), []);
    }
}
