//! Rules written for these tests, and a slow reading of Sigma that the patterns are compared with.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::logic::SigmaField;
use super::value::{SigmaValue, TextPart, wildcards};
use super::*;
use crate::pattern::Verdict;

const URL: &str = "https://rules.example.com/cloudtrail";

fn rule(detection: &str) -> String {
    format!(
        "title: A test\nid: 00000000-0000-4000-8000-000000000001\nstatus: test\ndescription: Somebody does something.\n\
         author: Alice Example, Bob Example\nreferences: [https://example.com/a, http://example.com/b]\n\
         logsource: {{ product: aws, service: cloudtrail }}\ndetection:\n{detection}\nfalsepositives: [Unknown, Deployments]\n\
         tags: [attack.t1562.008, attack.defense-evasion]\nlevel: high\n"
    )
}

fn imported(detection: &str) -> ImportedRule {
    import("a_test", &rule(detection), URL)
}

fn pattern_of(detection: &str) -> Value {
    let found = imported(detection);
    let made = found.blueprint.unwrap_or_else(|| panic!("{:#?}", found.notes));
    Document::parse("t", &made.text).expect("YAML").root.to_json()["alert"]["pattern"].clone()
}

#[test]
fn a_rule_becomes_a_blueprint_with_its_author_and_license() {
    let found = imported(
        "  selection:\n    eventSource: cloudtrail.amazonaws.com\n    eventName: [StopLogging, deletetrail]\n  condition: selection",
    );
    let made = found.blueprint.expect("a blueprint");
    assert_eq!(made.name, "a-test");
    for part in [
        "# License: Detection Rule License 1.1 (https://github.com/SigmaHQ/Detection-Rule-License).\n",
        "# Author: Alice Example, Bob Example.\n",
        "severity: high\n",
        "techniques: [T1562.008]\n",
        "false_positives: [Deployments]\n",
        "https://example.com/a",
        "https://rules.example.com/cloudtrail",
        "Rule by\": \"Alice Example, Bob Example (Sigma)\"",
        "eventName: [StopLogging, DeleteTrail]",
    ] {
        assert!(made.text.contains(part), "{part}: {}", made.text);
    }
    let notes: Vec<&str> = found.notes.iter().map(|note| note.what.as_str()).collect();
    assert_eq!(notes, ["references that are not URLs with `https://` were left out: http://example.com/b"]);
}

#[test]
fn rules_as_people_write_them_become_patterns() {
    for (detection, expected) in [
        (
            "  selection:\n    eventName: ConsoleLogin\n    responseElements.ConsoleLogin: Success\n    additionalEventData.MFAUsed: 'No'\n  condition: selection",
            json!({
                "source": ["aws.signin"], "detail-type": crate::cloudtrail::SIGN_IN_TYPES,
                "detail": {
                    "eventName": ["ConsoleLogin"], "additionalEventData": { "MFAUsed": [{ "equals-ignore-case": "No" }] },
                    "responseElements": { "ConsoleLogin": [{ "equals-ignore-case": "Success" }] },
                },
            }),
        ),
        (
            "  selection:\n    eventSource: ec2.amazonaws.com\n    eventName: CreateInstanceExportTask\n  filter1:\n    errorMessage|contains: '*'\n  filter2:\n    errorCode|contains: '*'\n  condition: selection and not 1 of filter*",
            json!({
                "source": ["aws.ec2"],
                "detail": {
                    "eventSource": ["ec2.amazonaws.com"], "eventName": ["CreateInstanceExportTask"],
                    "errorCode": [{ "exists": false }], "errorMessage": [{ "exists": false }],
                },
            }),
        ),
        (
            "  one:\n    eventSource: iam.amazonaws.com\n    eventName: CreateUser\n  two:\n    eventSource: sts.amazonaws.com\n    eventName: GetFederationToken\n    userIdentity.type: iamuser\n  condition: 1 of them",
            json!({
                "source": ["aws.iam", "aws.sts"],
                "detail": { "$or": [
                    { "eventSource": ["iam.amazonaws.com"], "eventName": ["CreateUser"] },
                    { "eventSource": ["sts.amazonaws.com"], "eventName": ["GetFederationToken"], "userIdentity": { "type": ["IAMUser"] } },
                ] },
            }),
        ),
        (
            "  selection:\n    eventSource: ec2.amazonaws.com\n    eventName: [RunInstances, StopInstances]\n  filter:\n    eventName: StopInstances\n  condition: selection and not filter",
            json!({
                "source": ["aws.ec2"],
                "detail": { "eventSource": ["ec2.amazonaws.com"], "eventName": ["RunInstances"] },
            }),
        ),
    ] {
        assert_eq!(pattern_of(detection), expected, "{detection}");
    }
}

#[test]
fn a_rule_about_the_root_user_has_both_spellings_and_all_calls() {
    let found = imported(
        "  selection:\n    userIdentity.type: Root\n  filter:\n    eventType: AwsServiceEvent\n  condition: selection and not filter",
    );
    let text = found.blueprint.expect("a blueprint").text;
    assert!(
        text.contains("AWS Console Signin via CloudTrail") && text.contains("AWS Console Sign In via CloudTrail"),
        "{text}"
    );
    assert!(text.contains("rule_state: ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"), "{text}");
}

#[test]
fn what_is_not_exact_is_refused_with_the_reason() {
    let refused = |text: &str| {
        let found = import("a", text, URL);
        assert!(found.blueprint.is_none(), "{text}");
        found.notes.iter().map(|note| note.what.clone()).collect::<Vec<_>>().join("\n")
    };
    for (detection, word) in [
        ("  s:\n    userAgent|contains: S3 Browser\n  condition: s", "`wildcard` of EventBridge does"),
        ("  s:\n    - word\n  condition: s", "keywords"),
        ("  s:\n    eventName: A\n  condition: s | count() > 5", "aggregation"),
        ("  s:\n    eventName: A\n  timeframe: 5m\n  condition: s", "timeframe"),
        ("  s:\n    eventName: A", "no condition"),
        ("  s:\n    eventName: A\n  condition: s and not s", "never holds"),
        ("  s:\n    eventName: A\n  condition: s or not s", "every API call"),
        ("  s:\n    userIdentity.arn|contains|all: ['1', '2']\n  condition: s", "two conditions"),
        ("  s:\n    requestParameters: x\n    requestParameters.a: y\n  condition: s", "object"),
        ("  s:\n    noSuchField: x\n  condition: s", "do not have the field"),
    ] {
        let found = refused(&rule(detection));
        assert!(found.contains(word), "{detection}: {found}");
    }
    for (text, word) in [
        ("title: x", "`logsource`"),
        ("- 1", "no `detection`"),
        ("a: [", "cannot be read"),
        ("a: &x 1\nb: *x", "anchors"),
        ("title: a\nlogsource: { product: windows }\ndetection: {}", "found product `windows`"),
        ("title: a\ncorrelation: {}\n", "one event at a time"),
        ("action: global\n---\na: 1\n", "second YAML document"),
    ] {
        let found = refused(text);
        assert!(found.contains(word), "{text}: {found}");
    }
    assert!(refused(&" ".repeat(70_000)).contains("longer than"));
}

#[test]
fn hostile_words_stay_words() {
    let text = "title: \"<!channel> ${param:x} <user>\\n- name: x\\u202e\"\nid: \"\\n# evil\"\ndescription: \"<a> ${param:b}\\n\"\n\
        author: \"<script> @here <!here>\\nblueprint: other\"\nlicense: \"x\\ny\"\nlevel: low\n\
        logsource: { product: aws, service: cloudtrail }\n\
        detection: { s: { eventSource: iam.amazonaws.com, eventName: CreateUser, userAgent: \"<x> ${param:y} \\\"\\n\" }, condition: s }\n";
    let found = import("../../../etc/passwd", text, "javascript:alert(1)");
    let made = found.blueprint.unwrap_or_else(|| panic!("{:#?}", found.notes));
    assert_eq!(made.name, "etc-passwd");
    assert!(made.text.lines().filter(|line| line.starts_with("blueprint:")).count() == 1, "{}", made.text);
    assert!(!made.text.contains("<!") && !made.text.contains("references"), "{}", made.text);
}

/// Whether a record has what a condition asks for, as the specification of Sigma says.
fn holds(logic: &SigmaLogic, record: &Value) -> bool {
    match logic {
        SigmaLogic::All(all) => all.iter().all(|one| holds(one, record)),
        SigmaLogic::Any(all) => all.iter().any(|one| holds(one, record)),
        SigmaLogic::Not(one) => !holds(one, record),
        SigmaLogic::Field(field) => {
            let found = field.path.split('.').try_fold(record, |value, step| value.get(step));
            field.values.iter().any(|value| fits(value, found))
        }
    }
}

fn fits(value: &SigmaValue, found: Option<&Value>) -> bool {
    match (value, found) {
        (SigmaValue::Null, found) => found.is_none_or(Value::is_null),
        (SigmaValue::Exists(wanted), found) => found.is_some() == *wanted,
        (SigmaValue::Text { parts, is_cased }, Some(found)) => {
            let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            let folded = |text: &str| if *is_cased { text.to_owned() } else { text.to_lowercase() };
            is_like(parts, &folded(&text), &folded)
        }
        _ => false,
    }
}

fn is_like(parts: &[TextPart], text: &str, folded: &dyn Fn(&str) -> String) -> bool {
    match parts {
        [] => text.is_empty(),
        [TextPart::Plain(plain), rest @ ..] => {
            text.strip_prefix(&folded(plain)).is_some_and(|text| is_like(rest, text, folded))
        }
        [TextPart::Any, rest @ ..] => {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| is_like(rest, &text[at..], folded))
        }
        [TextPart::One, rest @ ..] => text.chars().next().is_some_and(|c| is_like(rest, &text[c.len_utf8()..], folded)),
    }
}

fn any_value() -> impl Strategy<Value = SigmaValue> {
    let text = prop::sample::select(vec![
        "Root",
        "root",
        "x",
        "X1",
        "1",
        "12",
        "true",
        "*",
        "1*",
        "*2",
        "X*",
        "*x",
        "1*2",
        "stoplogging",
        "StopLogging",
        "St*",
        "",
    ]);
    prop_oneof![
        6 => (text, any::<bool>()).prop_map(|(text, is_cased)| SigmaValue::Text { parts: wildcards(text), is_cased }),
        1 => Just(SigmaValue::Null),
        1 => any::<bool>().prop_map(SigmaValue::Exists),
    ]
}

const PATHS: [&str; 6] =
    ["eventName", "userAgent", "errorCode", "userIdentity.type", "requestParameters.a", "readOnly"];

fn any_logic() -> impl Strategy<Value = SigmaLogic> {
    let field = (prop::sample::select(PATHS.to_vec()), prop::collection::vec(any_value(), 1..3))
        .prop_map(|(path, values)| SigmaLogic::Field(SigmaField { path: path.to_owned(), values }));
    field.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(SigmaLogic::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(SigmaLogic::Any),
            inner.prop_map(|one| SigmaLogic::Not(Box::new(one))),
        ]
    })
}

/// A record with some of the fields; only a record's own kinds of values, since the table of fields is right.
fn any_record() -> impl Strategy<Value = Value> {
    let text =
        || prop::option::of(prop::sample::select(vec!["Root", "x", "X", "X1", "1", "12", "102", "true", "", "y"]));
    let name = prop::sample::select(vec!["StopLogging", "StartLogging", "X1"]);
    let parameter = prop::option::of(prop_oneof![
        Just(json!("X")),
        Just(json!(1)),
        Just(json!("1")),
        Just(json!(true)),
        Just(json!("TRUE")),
        Just(json!(12))
    ]);
    let kind = prop::option::of(prop::sample::select(vec!["Root", "IAMUser"]));
    (name, text(), text(), kind, parameter, prop::option::of(any::<bool>())).prop_map(
        |(name, agent, error, kind, parameter, read_only)| {
            let mut record =
                json!({ "eventSource": "cloudtrail.amazonaws.com", "eventName": name, "eventType": "AwsApiCall" });
            let fields = [
                ("userAgent", agent.map(Value::from)),
                ("errorCode", error.map(Value::from)),
                ("readOnly", read_only.map(Value::from)),
            ];
            for (field, value) in fields.into_iter().filter_map(|(field, value)| Some((field, value?))) {
                record[field] = value;
            }
            if let Some(kind) = kind {
                record["userIdentity"] = json!({ "type": kind });
            }
            if let Some(parameter) = parameter {
                record["requestParameters"] = json!({ "a": parameter });
            }
            record
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// What is not refused matches exactly the records that the rule means.
    #[test]
    fn patterns_match_what_the_rule_means(logic in any_logic(), records in prop::collection::vec(any_record(), 12)) {
        let Ok(alternatives) = alternatives::of(&logic) else { return Ok(()) };
        prop_assert_eq!(pattern::overlap(&alternatives), None);
        let pattern = Value::Object(pattern::of(&alternatives));
        let read = Pattern::from_value(&pattern);
        prop_assert!(read.is_ok(), "{} {:?}", pattern, read);
        for record in records {
            let event = crate::sample::of_record(record.as_object().expect("a record"));
            let matches = read.clone().expect("valid").matches_value(&event).expect("judged") == Verdict::Matches;
            prop_assert_eq!(matches, holds(&logic, &record), "{} {} {:?}", pattern, record, logic);
        }
    }

    #[test]
    fn no_text_ends_in_a_panic(text in any::<String>(), name in any::<String>(), condition in "[a-z0-9 ()*|_]{0,40}", key in "[a-zA-Z.|]{0,30}", value in any::<String>()) {
        let _ = import(&name, &text, &text);
        let fields = json!({
            "title": text, "author": value, "logsource": { "product": "aws", "service": "cloudtrail" },
            "detection": { "a": { key.as_str(): value, "eventName": name }, "condition": condition },
        });
        let _ = import(&name, &fields.to_string(), URL);
    }
}
