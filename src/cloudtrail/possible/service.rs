//! Service events: what CloudTrail records although no one called an API. They have a detail type of their own.

use super::super::DETAIL_TYPES;
use super::{Impossibility, ImpossibilityKind, event_sources, texts};
use crate::pattern::Branch;

const CALL: &str = DETAIL_TYPES[0];
const SERVICE_EVENT: &str = DETAIL_TYPES[4];

/// Event source, name, and the page that shows such a record, whose `eventType` is `AwsServiceEvent`. Only what no call is named.
const EVENTS: [(&str, &str, &str); 5] = [
    ("kms.amazonaws.com", "RotateKey", "CloudTrail user guide, \"AWS service events\""),
    ("kms.amazonaws.com", "DeleteKey", "KMS developer guide, CloudTrail log entries, \"DeleteKey\""),
    (
        "organizations.amazonaws.com",
        "CreateAccountResult",
        "Organizations user guide, \"Logging API calls\", CreateAccountResult",
    ),
    (
        "secretsmanager.amazonaws.com",
        "RotationSucceeded",
        "Secrets Manager user guide, \"Match Secrets Manager events\"",
    ),
    ("secretsmanager.amazonaws.com", "RotationFailed", "Secrets Manager user guide, \"CloudTrail entries\""),
];

/// Names of service events in a pattern that asks for calls only.
pub(super) fn events(branch: Branch) -> Vec<Impossibility> {
    let wants_calls =
        texts(branch, "detail-type").is_some_and(|types| types.contains(&CALL) && !types.contains(&SERVICE_EVENT));
    let (true, Some(names)) = (wants_calls, texts(branch, "detail.eventName")) else { return Vec::new() };
    let sources = event_sources(branch);
    let is_event = |name: &&str| EVENTS.iter().any(|(source, one, _)| one == name && sources.contains(source));
    let trouble = |name: &str| {
        let what = format!("`{name}` is not a call: its detail type is `{SERVICE_EVENT}`");
        Impossibility::new(ImpossibilityKind::UnknownValue, "detail.eventName", Some(name), what)
            .help(format!("list `{SERVICE_EVENT}` in `detail-type`"))
    };
    names.into_iter().filter(is_event).map(trouble).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    #[test]
    fn service_events_have_a_detail_type_of_their_own() {
        assert!(EVENTS.iter().all(|(source, name, page)| {
            crate::cloudtrail::events::find(source, name).is_some_and(|one| !one.is_only_action) && !page.is_empty()
        }));
        let found = |kinds: &str, name: &str| {
            let text =
                format!(r#"{{"source":["aws.kms"],"detail-type":[{kinds}],"detail":{{"eventName":["{name}"]}}}}"#);
            let pattern = Pattern::read(&text).expect("valid");
            pattern.branches().flat_map(events).count()
        };
        assert_eq!(found(r#""AWS API Call via CloudTrail""#, "RotateKey"), 1);
        assert_eq!(found(r#""AWS API Call via CloudTrail""#, "DisableKey"), 0);
        assert_eq!(found(r#""AWS Service Event via CloudTrail""#, "RotateKey"), 0);
        assert_eq!(found(r#""AWS API Call via CloudTrail","AWS Service Event via CloudTrail""#, "RotateKey"), 0);
    }
}
