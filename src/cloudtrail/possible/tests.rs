//! What can never be is found, and nothing else.

use super::*;

const CALL: &str = r#""source":["aws.cloudtrail"],"detail-type":["AWS API Call via CloudTrail"]"#;

fn found(pattern: &str) -> Vec<(ImpossibilityKind, String, String)> {
    let pattern = Pattern::read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let short = |one: Impossibility| (one.kind, one.field, one.entry.unwrap_or_default());
    troubles(&pattern).into_iter().map(short).collect()
}

/// Kind, field, entry.
type Expected = &'static [(ImpossibilityKind, &'static str, &'static str)];

#[test]
fn what_can_never_be_is_found_and_nothing_else() {
    use ImpossibilityKind::{DataEvents, DeadEntry, Never, SignInSpelling, UnknownEvent, UnknownSource};
    let call = |detail: &str| format!(r#"{{{CALL},"detail":{{{detail}}}}}"#);
    let sign_in = |types: &str, name: &str| {
        format!(r#"{{"source":["aws.signin"],"detail-type":[{types}],"detail":{{"eventName":["{name}"]}}}}"#)
    };
    let both = r#""AWS Console Sign In via CloudTrail","AWS Console Signin via CloudTrail""#;
    let cases: Vec<(String, Expected)> = vec![
        (call(r#""eventSource":["cloudtrail.amazonaws.com"],"eventName":["StopLogging"]"#), &[]),
        (call(r#""eventSource":["s3.amazonaws.com"]"#), &[(Never, "detail.eventSource", "s3.amazonaws.com")]),
        (
            r#"{"source":["aws.iam","aws.sts"],"detail":{"eventSource":["iam.amazonaws.com"]}}"#.into(),
            &[(DeadEntry, "source", "aws.sts")],
        ),
        (
            r#"{"source":["aws.iam"],"detail-type":["AWS API call via CloudTrail","AWS API Call via CloudTrail"]}"#.into(),
            &[(DeadEntry, "detail-type", "AWS API call via CloudTrail")],
        ),
        // What services and applications send themselves has fields of its own.
        (r#"{"source":["aws.ecs"],"detail-type":["ECS Service Action"],"detail":{"eventType":["ERROR"],"eventName":["SERVICE_STEADY_STATE"]}}"#.into(), &[]),
        (r#"{"source":["my.shop"],"detail-type":["order"],"detail":{"eventType":["OrderPlaced"],"userIdentity":{"x":["y"]}}}"#.into(), &[]),
        (
            r#"{"source":["aws.iam"],"detail-type":["Alert when IAM are changed"],"detail":{"eventName":["CreateRole"]}}"#.into(),
            &[(Never, "detail.eventName", "")],
        ),
        (
            r#"{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"],"detail":{"userIdentity":{"type":["Root"]}}}"#.into(),
            &[(Never, "detail.userIdentity.type", "")],
        ),
        (
            r#"{"source":["aws.cloudtrail"],"detail-type":["AWS Insight via CloudTrail"],"detail":{"eventName":["RunInstances"]}}"#.into(),
            &[(Never, "detail.eventName", "")],
        ),
        (r#"{"source":["aws.cloudtrail"],"detail-type":["AWS Insight via CloudTrail"],"detail":{"insightDetails":{"eventName":["RunInstances"],"state":["Start"]}}}"#.into(), &[]),
        (call(r#""eventName":["cloudtrail:StopLogging"]"#), &[(Never, "detail.eventName", "cloudtrail:StopLogging")]),
        (
            call(r#""eventName":["StopLogging","cloudtrail:StopLogging"]"#),
            &[(DeadEntry, "detail.eventName", "cloudtrail:StopLogging")],
        ),
        (
            r#"{"source":["aws.s3"],"detail":{"eventSource":["s3.amazonaws.com"],"eventName":["PutObject","DeleteObject"]}}"#.into(),
            &[(DataEvents, "detail.eventName", "PutObject")],
        ),
        (r#"{"source":["aws.s3"],"detail":{"eventSource":["s3.amazonaws.com"],"eventName":["PutObject"],"eventCategory":["Data"]}}"#.into(), &[]),
        (r#"{"source":["my.app"],"detail":{"eventSource":["iam.amazonaws.com"]}}"#.into(), &[]),
        (r#"{"region":["us-east-1"],"detail":{"awsRegion":["eu-west-1"]}}"#.into(), &[(Never, "detail.awsRegion", "")]),
        (r#"{"region":["us-east-1"],"detail":{"awsRegion":["eu-west-1","us-east-1"]}}"#.into(), &[]),
        (
            r#"{"source":["aws.s3"],"detail-type":["AWS API call via CloudTrail"]}"#.into(),
            &[(Never, "detail-type", "AWS API call via CloudTrail")],
        ),
        (call(r#""eventType":["AwsServiceEvent"]"#), &[(Never, "detail.eventType", "AwsServiceEvent")]),
        (call(r#""eventType":["AwsApiCall"]"#), &[]),
        (call(r#""readOnly":["false"]"#), &[(Never, "detail.readOnly", "")]),
        (call(r#""readOnly":[false]"#), &[]),
        (call(r#""userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":[false]}}}"#), &[(
            Never,
            "detail.userIdentity.sessionContext.attributes.mfaAuthenticated",
            "",
        )]),
        (call(r#""userIdentity":["x"]"#), &[(Never, "detail.userIdentity", "")]),
        (call(r#""eventTime":[{"exists":false}]"#), &[(Never, "detail.eventTime", "")]),
        (call(r#""errorCode":[{"exists":false}]"#), &[]),
        (call(r#""eventName":["StopLoging"]"#), &[(UnknownEvent, "detail.eventName", "StopLoging")]),
        (call(r#""eventName":[{"prefix":"Stop"}]"#), &[]),
        (call(r#""eventName":[{"prefix":"Stopp"}]"#), &[(UnknownEvent, "detail.eventName", "")]),
        (call(r#""eventName":[{"anything-but":["StopLogging"]}]"#), &[]),
        (
            r#"{"source":["aws.cloudtrial"],"detail-type":["AWS API Call via CloudTrail"]}"#.into(),
            &[(UnknownSource, "source", "aws.cloudtrial")],
        ),
        (
            r#"{"source":["aws.cloudtrial"],"detail":{"eventSource":["cloudtrial.amazonaws.com"],"eventName":["StopLogging"]}}"#.into(),
            &[(UnknownSource, "detail.eventSource", "cloudtrial.amazonaws.com")],
        ),
        (sign_in(both, "ConsoleLogin"), &[]),
        (
            sign_in(r#""AWS Console Sign In via CloudTrail""#, "ConsoleLogin"),
            &[(SignInSpelling, "detail-type", "AWS Console Sign In via CloudTrail")],
        ),
        (
            sign_in(r#""AWS API Call via CloudTrail""#, "ConsoleLogin"),
            &[(Never, "detail.eventName", "ConsoleLogin")],
        ),
        (
            format!(r#"{{"source":["aws.iam"],"detail-type":[{both}]}}"#),
            &[(Never, "detail-type", "")],
        ),
        // Each branch of an `$or` is judged alone.
        (
            format!(r#"{{{CALL},"$or":[{{"detail":{{"eventName":["StopLogging"]}}}},{{"detail":{{"eventName":["Nope"]}}}}]}}"#),
            &[(UnknownEvent, "detail.eventName", "Nope")],
        ),
    ];
    check(cases);
}

#[test]
fn an_operator_that_asks_for_a_colon_is_found() {
    use ImpossibilityKind::{DeadEntry, Never};
    let call = |entries: &str| format!(r#"{{{CALL},"detail":{{"eventName":[{entries}]}}}}"#);
    let whole: Expected = &[(Never, "detail.eventName", "")];
    check(vec![
        (call(r#"{"prefix":"cloudtrail:"}"#), whole),
        (call(r#"{"prefix":{"equals-ignore-case":"cloudtrail:stop"}}"#), whole),
        (call(r#"{"wildcard":"cloudtrail:*"}"#), whole),
        (call(r#"{"equals-ignore-case":"cloudtrail:stoplogging"}"#), whole),
        (call(r#"{"suffix":":StopLogging"}"#), whole),
        (
            call(r#""cloudtrail:StopLogging",{"prefix":"cloudtrail:"}"#),
            &[(Never, "detail.eventName", "cloudtrail:StopLogging"), (Never, "detail.eventName", "")],
        ),
        (call(r#""StopLogging",{"prefix":"cloudtrail:"}"#), &[(DeadEntry, "detail.eventName", "")]),
        (call(r#"{"anything-but":{"prefix":"cloudtrail:"}}"#), &[]),
    ]);
}

#[test]
fn a_branch_that_no_event_can_match_is_an_error_only_alone() {
    use ImpossibilityKind::{DeadEntry, Never};
    check(vec![
        (
            format!(r#"{{{CALL},"detail":{{"$or":[{{"eventName":["cloudtrail:StopLogging"]}},{{"eventName":["DeleteTrail"]}}]}}}}"#),
            &[(DeadEntry, "detail.eventName", "cloudtrail:StopLogging")],
        ),
        (
            r#"{"$or":[{"source":["aws.iam"]},{"source":["aws.sts"]}],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventSource":["iam.amazonaws.com"],"eventName":["CreateAccessKey"]}}"#.into(),
            &[(DeadEntry, "detail.eventSource", "iam.amazonaws.com")],
        ),
        (
            format!(r#"{{{CALL},"$or":[{{"detail":{{"readOnly":["true"]}}}},{{"detail":{{"eventName":["a:B"]}}}}]}}"#),
            &[(Never, "detail.readOnly", ""), (Never, "detail.eventName", "a:B")],
        ),
    ]);
}

fn check(cases: Vec<(String, Expected)>) {
    for (pattern, expected) in cases {
        let expected: Vec<_> =
            expected.iter().map(|(kind, field, entry)| (*kind, (*field).to_owned(), (*entry).to_owned())).collect();
        assert_eq!(found(&pattern), expected, "{pattern}");
    }
}

#[test]
fn a_misspelt_or_renamed_event_has_a_way_out() {
    let help = |source: &str, name: &str| {
        let text = format!(
            r#"{{"source":["aws.{source}"],"detail-type":["AWS API Call via CloudTrail"],"detail":{{"eventName":["{name}"]}}}}"#
        );
        troubles(&Pattern::read(&text).expect("valid")).pop().and_then(|one| one.help).unwrap_or_default()
    };
    assert_eq!(help("cloudtrail", "StopLoging"), "did you mean `StopLogging`?");
    assert_eq!(help("cloudtrail", "RunInstances"), "`ec2.amazonaws.com` has it");
    assert!(help("cloudtrail", "FrobnicateEverything").contains("to silence this warning"));
}

#[test]
fn read_only_calls_are_seen() {
    let call = |detail: &str| {
        let text = format!(r#"{{{CALL},"detail":{{{detail}}}}}"#);
        read_only(&Pattern::read(&text).expect("valid"))
    };
    let named = |names: &[&str]| ReadOnly::Named(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(call(r#""eventName":["StopLogging"]"#), ReadOnly::None);
    assert_eq!(call(r#""eventName":["StopLogging","GetTrail","LookupEvents"]"#), named(&["GetTrail"]));
    assert_eq!(call(r#""eventName":[{"prefix":"GetTrail"}]"#), named(&["GetTrail"]));
    assert_eq!(call(r#""eventName":[{"prefix":"S"},{"prefix":"Get"}]"#), ReadOnly::Open);
    assert_eq!(call(r#""readOnly":[true]"#), named(&["Describe…"]));
    assert_eq!(call(r#""eventName":[{"prefix":"Stop"}]"#), ReadOnly::None);
    assert_eq!(call(r#""errorCode":["AccessDenied"]"#), ReadOnly::Open);
    assert_eq!(call(r#""errorCode":["AccessDenied"],"readOnly":[false]"#), ReadOnly::None);
    assert_eq!(read_only(&Pattern::read(r#"{"source":["my.app"]}"#).expect("valid")), ReadOnly::None);
}

#[test]
fn hundreds_of_unknown_names_are_looked_up_in_no_time() {
    let names: Vec<String> = (0..250).map(|at| format!("\"Create{at}User\"")).collect();
    let open = format!(r#"{{"source":[{{"prefix":"aws."}}],"detail":{{"eventName":[{}]}}}}"#, names.join(","));
    let iam = open.replace(r#"{"prefix":"aws."}"#, r#""aws.iam""#);
    let colons = iam.replace("Create", "iam:Create");
    assert!(!troubles(&Pattern::read(&iam).expect("valid")).is_empty(), "the dictionary is read");
    for pattern in [open, iam, colons] {
        let pattern = Pattern::read(&pattern).expect("valid");
        let start = std::time::Instant::now();
        let found = troubles(&pattern);
        // It was five seconds; a busy machine gets one.
        assert!(start.elapsed() < std::time::Duration::from_secs(1), "{:?}", start.elapsed());
        assert_eq!(found.len(), 250);
    }
}
