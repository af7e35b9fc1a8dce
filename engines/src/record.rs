//! CloudTrail records, and the events EventBridge makes of them.
//!
//! The envelope follows the EventBridge user guide's page on events delivered via CloudTrail and its reference pages per
//! service: `source` is `aws.` and the first label of `eventSource`, `account` is the recipient's, the detail type
//! follows `eventType`. Users: `cases`, `pattern::matcher`, commands that read events.

use serde_json::{Map, Value, json};

use crate::json::Json;

/// What the envelope of a record says, apart from the record itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope<'r> {
    /// `eventSource` up to its first dot; the event's source is `aws.` and this.
    pub service: &'r str,
    /// The detail type.
    pub detail_type: &'static str,
    /// The account, or nothing.
    pub account: &'r str,
    /// The record's id; zeros where it has none.
    pub id: &'r str,
    /// When it happened.
    pub time: &'r str,
    /// Where it happened.
    pub region: &'r str,
}

/// The fields of a record that its envelope is made of, as the path below the record.
pub const ENVELOPE_FIELDS: [&str; 7] =
    ["eventSource", "eventType", "recipientAccountId", "userIdentity.accountId", "eventID", "eventTime", "awsRegion"];

impl<'r> Envelope<'r> {
    /// The envelope for the texts of [`ENVELOPE_FIELDS`], in that order.
    #[must_use]
    pub fn of(texts: [Option<&'r str>; 7]) -> Self {
        let [source, kind, recipient, caller, id, time, region] = texts.map(Option::unwrap_or_default);
        Self {
            service: source.split('.').next().unwrap_or_default(),
            detail_type: detail_type(kind),
            account: if recipient.is_empty() { caller } else { recipient },
            id: if id.is_empty() { "00000000-0000-0000-0000-000000000000" } else { id },
            time,
            region,
        }
    }
}

/// The detail type for a record's `eventType`.
#[must_use]
pub fn detail_type(kind: &str) -> &'static str {
    match kind {
        "AwsConsoleSignIn" => "AWS Console Sign In via CloudTrail",
        "AwsConsoleAction" => "AWS Console Action via CloudTrail",
        "AwsServiceEvent" => "AWS Service Event via CloudTrail",
        "AwsCloudTrailInsight" => "AWS Insight via CloudTrail",
        "AwsVpceEvent" | "AwsVpceEvents" => "AWS Network Activity Event via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    }
}

/// Whether an object with these field names is a CloudTrail record rather than an event: it names the API call at the
/// top.
fn names_a_call(has: impl Fn(&str) -> bool) -> bool {
    has("eventSource") && has("eventName") && !has("detail")
}

/// Whether a JSON object is a CloudTrail record rather than an event.
#[must_use]
pub fn is_record(object: &Map<String, Value>) -> bool {
    names_a_call(|key| object.contains_key(key))
}

/// The event EventBridge makes of a CloudTrail record.
#[must_use]
pub fn event(record: &Map<String, Value>) -> Value {
    let text = |path: &str| {
        let mut steps = path.split('.');
        let first = record.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))?.as_str()
    };
    let Envelope { service, detail_type, account, id, time, region } = Envelope::of(ENVELOPE_FIELDS.map(text));
    json!({
        "version": "0", "id": id, "detail-type": detail_type, "source": format!("aws.{service}"), "account": account,
        "time": time, "region": region, "resources": [], "detail": record,
    })
}

/// A document as an event: a bare CloudTrail record gets its envelope, anything else is the event itself. The second
/// part says whether it was a record.
#[must_use]
pub fn as_event(document: Json) -> (Json, bool) {
    let Json::Object(fields) = &document else { return (document, false) };
    if !names_a_call(|key| last(fields, key).is_some()) {
        return (document, false);
    }
    let text = |path: &str| {
        let mut steps = path.split('.');
        let first = last(fields, steps.next()?)?;
        let found = steps.try_fold(first, |value, step| match value {
            Json::Object(fields) => last(fields, step),
            _ => None,
        })?;
        if let Json::String(text) = found { Some(text.as_str()) } else { None }
    };
    let envelope = Envelope::of(ENVELOPE_FIELDS.map(text));
    let field = |name: &str, text: String| (name.to_owned(), Json::String(text));
    let event = vec![
        field("version", "0".into()),
        field("id", envelope.id.into()),
        field("detail-type", envelope.detail_type.into()),
        field("source", format!("aws.{}", envelope.service)),
        field("account", envelope.account.into()),
        field("time", envelope.time.into()),
        field("region", envelope.region.into()),
        ("resources".into(), Json::Array(Vec::new())),
        ("detail".into(), document),
    ];
    (Json::Object(event), true)
}

/// The field of that name; of several, the last, as parsers that keep only one do.
fn last<'j>(fields: &'j [(String, Json)], name: &str) -> Option<&'j Json> {
    fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn a_record_gets_its_envelope_either_way() {
        let records = [
            r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","recipientAccountId":"1"}"#,
            r#"{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn",
                "userIdentity":{"accountId":"2"},"eventID":"x","eventTime":"t","awsRegion":"r"}"#,
            r#"{"eventSource":5,"eventName":null,"userIdentity":"none"}"#,
        ];
        for text in records {
            let document = json::read(text).unwrap().json;
            let value = document.to_value().unwrap();
            let expected = event(value.as_object().unwrap());
            assert_eq!(as_event(document), (Json::from(&expected), true));
        }
    }

    #[test]
    fn anything_else_is_the_event_itself() {
        for text in [r#"{"eventSource":"x"}"#, r#"{"eventSource":"x","eventName":"y","detail":1}"#, "[1]", "5"] {
            let document = json::read(text).unwrap().json;
            assert_eq!(as_event(document.clone()), (document, false));
        }
    }
}
