//! CloudTrail records that are `serde_json` values; `trailbell_engines::record` says what their envelope holds.

use serde_json::{Map, Value, json};
use trailbell_engines::record::{ENVELOPE_FIELDS, names_a_call};

pub use trailbell_engines::record::{Envelope, detail_type};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn the_event_is_that_of_the_engine() {
        let records = [
            json!({"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "recipientAccountId": "1"}),
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
                "userIdentity": {"accountId": "2"}, "eventID": "x", "eventTime": "t", "awsRegion": "r"}),
            json!({"eventSource": 5, "eventName": null, "userIdentity": "none"}),
        ];
        for record in records {
            let of_engine = trailbell_engines::record::as_event(Json::from(&record));
            assert_eq!((Json::from(&event(record.as_object().unwrap())), true), of_engine);
        }
    }
}
