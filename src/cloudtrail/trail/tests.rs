//! Trails and events: which events a trail records, which it does not, and what cannot be told.

use serde_json::{Value, json};

use super::*;

fn trail(selectors: Vec<TrailSelector>) -> Trail {
    Trail {
        arn: "arn:t".to_owned(),
        home_region: "us-east-1".to_owned(),
        is_multi_region: false,
        has_global_services: true,
        log_group_arn: Some("arn:group:*".to_owned()),
        is_logging: Some(true),
        selectors: Some(selectors),
    }
}

fn basic(reads: bool, writes: bool) -> TrailSelector {
    let (excluded_sources, data_types) = (vec!["kms.amazonaws.com".to_owned()], vec!["AWS::S3::Object".to_owned()]);
    TrailSelector::Basic {
        reads,
        writes,
        management: true,
        excluded_sources,
        data_types,
        partial_data_types: Vec::new(),
    }
}

/// A selector of the objects of some buckets.
fn of_some_objects() -> TrailSelector {
    let partial_data_types = vec!["AWS::S3::Object".to_owned()];
    let (excluded_sources, data_types) = (Vec::new(), Vec::new());
    TrailSelector::Basic {
        reads: true,
        writes: true,
        management: true,
        excluded_sources,
        data_types,
        partial_data_types,
    }
}

fn field(field: &str, equals: &[&str]) -> FieldSelector {
    let equals = equals.iter().map(|one| (*one).to_owned()).collect();
    FieldSelector { field: field.to_owned(), equals, ..FieldSelector::default() }
}

fn need(source: &str, name: &str, more: &Value) -> Need {
    let mut record = json!({ "eventSource": format!("{source}.amazonaws.com"), "eventName": name });
    let fields = more.as_object().expect("an object").clone();
    record.as_object_mut().expect("an object").extend(fields);
    Need::of_line(&record.to_string()).expect("a record")
}

#[test]
fn a_trail_records_what_its_selectors_select() {
    let write = need("cloudtrail", "StopLogging", &json!({ "readOnly": false }));
    let read = need("cloudtrail", "GetTrail", &json!({}));
    let kms = need("kms", "DisableKey", &json!({ "readOnly": false }));
    let object = need("s3", "GetObject", &json!({}));
    let item = need("dynamodb", "PutItem", &json!({}));
    let silent = need("ec2", "RunInstances", &json!({}));
    let advanced = |fields: Vec<FieldSelector>| trail(vec![TrailSelector::Advanced(fields)]);
    let management = || field("eventCategory", &["Management"]);
    let cases = [
        (trail(vec![basic(true, true)]), &write, Some(true)),
        (trail(vec![basic(true, true)]), &read, Some(true)),
        (trail(vec![basic(false, true)]), &read, Some(false)),
        (trail(vec![basic(true, false)]), &write, Some(false)),
        (trail(vec![basic(true, false)]), &silent, None),
        (trail(vec![basic(true, true)]), &silent, Some(true)),
        (trail(vec![basic(true, true)]), &kms, Some(false)),
        (trail(vec![basic(true, true)]), &object, Some(true)),
        (trail(vec![of_some_objects()]), &object, None),
        (trail(vec![of_some_objects(), basic(true, true)]), &object, Some(true)),
        (trail(vec![of_some_objects()]), &item, Some(false)),
        (trail(vec![basic(true, true)]), &item, Some(false)),
        (trail(Vec::new()), &write, Some(false)),
        (Trail { selectors: None, ..trail(Vec::new()) }, &write, None),
        (advanced(vec![management()]), &write, Some(true)),
        (advanced(vec![management(), field("readOnly", &["true"])]), &write, Some(false)),
        (advanced(vec![management(), field("readOnly", &["true"])]), &silent, None),
        (advanced(vec![management(), field("userIdentity.arn", &["x"])]), &write, None),
        (
            advanced(vec![field("eventCategory", &["Data"]), field("resources.type", &["AWS::S3::Object"])]),
            &object,
            Some(true),
        ),
        (advanced(vec![field("eventCategory", &["Data"]), field("resources.ARN", &["a"])]), &object, None),
    ];
    for (trail, need, expected) in cases {
        assert_eq!(records(&trail, need), expected, "{need:?}\n{trail:?}");
    }
}

#[test]
fn coverage_needs_a_trail_that_is_logging_here() {
    let write = need("cloudtrail", "StopLogging", &json!({ "readOnly": false }));
    let good = trail(vec![basic(true, true)]);
    let stopped = Trail { is_logging: Some(false), ..good.clone() };
    let silent = Trail { is_logging: None, ..good.clone() };
    let is_missing = |coverage| matches!(coverage, Coverage::Missing { .. });
    assert!(is_missing(coverage(&[], "us-east-1", &write)));
    assert!(is_missing(coverage(std::slice::from_ref(&good), "eu-west-1", &write)));
    assert!(is_missing(coverage(std::slice::from_ref(&stopped), "us-east-1", &write)));
    assert!(matches!(coverage(std::slice::from_ref(&silent), "us-east-1", &write), Coverage::Unknown { .. }));
    assert!(matches!(coverage(&[stopped, silent, good.clone()], "us-east-1", &write), Coverage::Recorded { .. }));
    let everywhere = Trail { is_multi_region: true, ..good.clone() };
    assert!(matches!(coverage(&[everywhere], "eu-west-1", &write), Coverage::Recorded { .. }));
    let iam = need("iam", "CreateUser", &json!({ "readOnly": false }));
    let regional = Trail { has_global_services: false, ..good.clone() };
    assert!(is_missing(coverage(&[regional], "us-east-1", &iam)));
    assert!(matches!(feeds(std::slice::from_ref(&good), "arn:group", &write), Coverage::Recorded { .. }));
    assert!(matches!(feeds(&[good], "arn:other", &write), Coverage::Unknown { .. }));
}

#[test]
fn only_events_of_cloudtrail_need_a_trail() {
    let event = |source: &str, kind: &str| json!({ "source": source, "detail-type": kind, "detail": {} });
    assert_eq!(Need::of_event(&event("aws.guardduty", "GuardDuty Finding")), None);
    assert_eq!(Need::of_event(&event("my.app", "AWS API Call via CloudTrail")), None);
    assert!(Need::of_event(&event("aws.s3", "AWS API Call via CloudTrail")).is_some());
    assert_eq!(Need::of_line("a line"), None);
}
