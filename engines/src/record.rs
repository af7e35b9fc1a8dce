//! CloudTrail records, and the events EventBridge makes of them.
//!
//! The envelope follows the EventBridge user guide's page on events delivered via CloudTrail and its reference pages per
//! service: `source` is `aws.` and the first label of `eventSource`, `account` is the recipient's, the detail type
//! follows `eventType`. Users: `cases`, `pattern::matcher`, commands that read events.

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

/// The event type of records of Insights.
const INSIGHT: &str = "AwsCloudTrailInsight";

impl<'r> Envelope<'r> {
    /// The envelope for the texts of [`ENVELOPE_FIELDS`], in that order.
    #[must_use]
    pub fn of(texts: [Option<&'r str>; 7]) -> Self {
        let [source, kind, recipient, caller, id, time, region] = texts.map(Option::unwrap_or_default);
        let service = source.split('.').next().unwrap_or_default();
        Self {
            // Records of Insights have no event source.
            service: if source.is_empty() && kind == INSIGHT { "cloudtrail" } else { service },
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
        INSIGHT => "AWS Insight via CloudTrail",
        "AwsVpceEvent" | "AwsVpceEvents" => "AWS Network Activity Event via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    }
}

/// Whether an object with these field names is a CloudTrail record rather than an event: it names the API call at the top, or
/// is of Insights, whose records name it in `insightDetails`.
#[must_use]
pub fn names_a_call(has: impl Fn(&str) -> bool) -> bool {
    (has("eventSource") && has("eventName") || has("eventVersion") && has("eventType")) && !has("detail")
}

/// A document as an event: a bare CloudTrail record gets its envelope, anything else is the event itself. The second
/// part says whether it was a record.
#[must_use]
pub fn as_event(document: Json) -> (Json, bool) {
    if !names_a_call(|key| document.get(key).is_some()) {
        return (document, false);
    }
    let text = |path: &str| path.split('.').try_fold(&document, |value, step| value.get(step))?.as_str();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn a_record_gets_its_envelope() {
        let cases = [
            (
                r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","recipientAccountId":"1"}"#,
                r#"{"version":"0","id":"00000000-0000-0000-0000-000000000000","detail-type":"AWS API Call via CloudTrail","source":"aws.cloudtrail","account":"1","time":"","region":"","resources":[],"#,
            ),
            (
                r#"{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"accountId":"2"},"eventID":"x","eventTime":"t","awsRegion":"r"}"#,
                r#"{"version":"0","id":"x","detail-type":"AWS Console Sign In via CloudTrail","source":"aws.signin","account":"2","time":"t","region":"r","resources":[],"#,
            ),
            (
                r#"{"eventVersion":"1.07","eventType":"AwsCloudTrailInsight","recipientAccountId":"1","insightDetails":{}}"#,
                r#"{"version":"0","id":"00000000-0000-0000-0000-000000000000","detail-type":"AWS Insight via CloudTrail","source":"aws.cloudtrail","account":"1","time":"","region":"","resources":[],"#,
            ),
            (
                r#"{"eventSource":5,"eventName":null,"userIdentity":"none"}"#,
                r#"{"version":"0","id":"00000000-0000-0000-0000-000000000000","detail-type":"AWS API Call via CloudTrail","source":"aws.","account":"","time":"","region":"","resources":[],"#,
            ),
        ];
        for (text, envelope) in cases {
            let (event, was_record) = as_event(json::read(text).unwrap().json);
            assert!(was_record);
            assert_eq!(event.to_string(), format!("{envelope}\"detail\":{text}}}"));
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
