//! A narrowed pattern matches exactly the events that the pattern matched and no suppression holds for.

use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::pattern::{Pattern, Verdict};

fn rule(when: &Value) -> SuppressionRule {
    let suppression = json!({ "when": when, "reason": "r", "owner": "o" });
    let suppression: Suppression = serde_json::from_value(suppression).expect("a suppression");
    suppression.read().unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

fn narrowed(pattern: &Value, all: &[Value]) -> Result<Narrowed, NotNarrowed> {
    narrow(pattern, &all.iter().map(rule).collect::<Vec<_>>())
}

fn to(pattern: &Value, all: &[Value]) -> Value {
    match narrowed(pattern, all) {
        Ok(Narrowed::To(pattern)) => pattern,
        other => panic!("{other:?}"),
    }
}

fn read(pattern: &Value) -> Pattern {
    Pattern::from_value(pattern).unwrap_or_else(|error| panic!("{error}: {pattern}"))
}

fn fits(pattern: &Pattern, event: &Value) -> bool {
    pattern.matches_value(event).expect("decidable") == Verdict::Matches
}

#[test]
fn one_field_is_denied_and_several_are_alternatives() {
    let pattern = json!({ "source": ["aws.iam"], "detail": { "eventName": ["CreateUser"] } });
    let role = json!({ "userIdentity.userName": ["deploy"] });
    assert_eq!(
        to(&pattern, std::slice::from_ref(&role)),
        json!({ "source": ["aws.iam"], "detail": { "eventName": ["CreateUser"], "userIdentity": { "userName":
            [{ "anything-but": ["deploy"] }, { "exists": false }] } } })
    );
    let both = json!({ "userIdentity.userName": ["deploy"], "userAgent": [{ "prefix": "terraform" }] });
    assert_eq!(
        to(&pattern, &[both]),
        json!({ "source": ["aws.iam"], "detail": { "eventName": ["CreateUser"], "$or": [
            { "userIdentity": { "userName": [{ "anything-but": ["deploy"] }, { "exists": false }] } },
            { "userAgent": [{ "anything-but": { "prefix": "terraform" } }, { "exists": false }] },
        ] } })
    );
    let more = json!({ "userIdentity.userName": [{ "suffix": "-ci" }] });
    assert_eq!(
        to(&pattern, &[role, more])["detail"]["userIdentity"],
        json!({ "userName": [{ "anything-but": { "wildcard": ["deploy", "*-ci"] } }, { "exists": false }] })
    );
}

#[test]
fn what_the_pattern_lists_already_is_narrowed_or_refused() {
    let left = |list: Value, denied: Value| {
        let narrowed = narrowed(&json!({ "detail": { "f": list } }), &[json!({ "f": denied })]);
        narrowed.map(|one| if let Narrowed::To(pattern) = one { pattern["detail"]["f"].clone() } else { Value::Null })
    };
    let same = Value::Null;
    for (list, denied, expected) in [
        (json!(["a", "b", 1]), json!(["a"]), json!(["b", 1])),
        (json!(["a", "b"]), json!([{ "prefix": "c" }]), same.clone()),
        (json!([{ "exists": true }]), json!(["a"]), json!([{ "anything-but": ["a"] }])),
        (json!([{ "exists": false }]), json!(["a"]), same.clone()),
        (json!([{ "anything-but": "b" }]), json!(["a"]), json!([{ "anything-but": ["b", "a"] }])),
        (
            json!([{ "anything-but": { "prefix": ["b", "c"] } }]),
            json!(["a"]),
            json!([{ "anything-but": { "wildcard": ["b*", "c*", "a"] } }]),
        ),
        (json!(["x", { "prefix": "ab" }]), json!([{ "prefix": "a" }]), json!(["x"])),
        (json!([{ "prefix": "ab" }]), json!([{ "prefix": "b" }]), same.clone()),
        (json!([{ "numeric": [">", 5] }]), json!(["a", { "suffix": "b" }]), same),
    ] {
        assert_eq!(left(list.clone(), denied.clone()), Ok(expected), "{list} {denied}");
    }
    for (list, denied) in [
        (json!([{ "prefix": "a" }]), json!(["ab"])),
        (json!([{ "prefix": "a" }]), json!([{ "suffix": "b" }])),
        (json!([{ "numeric": [">", 5] }]), json!([6])),
        (json!([{ "anything-but": 5 }]), json!(["a"])),
        (json!([{ "anything-but": "b" }]), json!([{ "equals-ignore-case": "a" }])),
    ] {
        let found = left(list.clone(), denied.clone());
        assert!(found.is_err(), "{list} {denied}: {found:?}");
    }
}

#[test]
fn nothing_may_be_left() {
    let pattern = json!({ "detail": { "f": ["a"] } });
    assert_eq!(narrowed(&pattern, &[json!({ "f": ["a"] })]), Ok(Narrowed::Nothing));
}

#[test]
fn too_many_combinations_are_counted() {
    let many: Vec<Value> = (0..11).map(|at| json!({ (format!("a{at}")): ["x"], (format!("b{at}")): ["y"] })).collect();
    let error = narrowed(&json!({ "source": ["x"] }), &many).expect_err("too many");
    assert!(error.what.contains("1024 combinations"), "{error:?}");
}

#[test]
fn addresses_are_left_out_and_everything_else_is_not() {
    let pattern = to(
        &json!({ "source": ["x"] }),
        &[
            json!({ "sourceIPAddress": [{ "cidr": "198.51.100.64/26" }, { "cidr": "10.0.16.0/20" }, "cloudformation.amazonaws.com"] }),
            json!({ "sourceIPAddress": [{ "cidr": "2001:db8::/32" }] }),
        ],
    );
    let read = read(&pattern);
    let fires = |value: Value| fits(&read, &json!({ "source": "x", "detail": { "sourceIPAddress": value } }));
    for silent in ["198.51.100.64", "10.0.31.255", "cloudformation.amazonaws.com", "2001:db8::7"] {
        assert!(!fires(json!(silent)), "{silent}");
    }
    for loud in ["198.51.100.63", "10.0.32.0", "AWS Internal", "config.amazonaws.com", "2001:db9::7", "::1", "", "10.1"]
    {
        assert!(fires(json!(loud)), "{loud}");
    }
    assert!(fires(json!(null)) && fires(json!(10)) && fits(&read, &json!({ "source": "x" })));
    assert!(pattern.to_string().len() < 2_048, "{}", pattern.to_string().len());
}

/// Texts that are alike, addresses, names, and what is no text.
fn value() -> impl Strategy<Value = Value> {
    let texts = prop::sample::select(vec![
        "",
        "a",
        "ab",
        "AB",
        "b",
        "ba",
        "a*b",
        "a\\b",
        "AWS Internal",
        "ec2.amazonaws.com",
        "é",
    ]);
    let address = prop::sample::select(vec![
        "10.0.0.1",
        "10.0.16.9",
        "10.9.0.1",
        "198.51.100.7",
        "198.51.100.200",
        "2001:db8::1",
        "2001:db9::1",
        "::1",
    ]);
    prop_oneof![
        4 => texts.prop_map(|text| json!(text)),
        2 => address.prop_map(|text| json!(text)),
        1 => prop::sample::select(vec![json!(null), json!(true), json!(1), json!(1.5), json!({}), json!([])]),
    ]
}

fn field_value() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        1 => Just(None),
        5 => value().prop_map(Some),
        1 => prop::collection::vec(value(), 0..3).prop_map(|all| Some(json!(all))),
    ]
}

const FIELDS: [&str; 4] = ["userName", "who.name", "who.kind", "sourceIPAddress"];

fn event() -> impl Strategy<Value = Value> {
    prop::collection::vec(field_value(), FIELDS.len()).prop_map(|values| {
        let mut detail = json!({});
        for (path, value) in FIELDS.iter().zip(values) {
            let Some(value) = value else { continue };
            match path.split_once('.') {
                Some((outer, inner)) => detail[outer][inner] = value,
                None => detail[*path] = value,
            }
        }
        json!({ "source": "x", "detail": detail })
    })
}

fn condition() -> impl Strategy<Value = Value> {
    let text = || prop::sample::select(vec!["a", "ab", "b", "AB", "AWS", "é"]);
    prop_oneof![
        text().prop_map(|text| json!(text)),
        text().prop_map(|text| json!({ "prefix": text })),
        text().prop_map(|text| json!({ "suffix": text })),
        text().prop_map(|text| json!({ "wildcard": format!("{text}*b") })),
        text().prop_map(|text| json!({ "equals-ignore-case": text })),
        prop::sample::select(vec!["10.0.0.0/16", "10.0.0.0/20", "198.51.100.0/25", "2001:db8::/32"])
            .prop_map(|text| json!({ "cidr": text })),
        Just(json!(1)),
    ]
}

fn entry() -> impl Strategy<Value = Value> {
    prop_oneof![
        condition(),
        prop::sample::select(vec!["a", "b"]).prop_map(|text| json!({ "anything-but": [text] })),
        prop::sample::select(vec!["a", "b"]).prop_map(|text| json!({ "anything-but": { "prefix": text } })),
        any::<bool>().prop_map(|is| json!({ "exists": is })),
        Just(json!(null)),
        Just(json!({ "numeric": [">", 1] })),
    ]
}

fn when() -> impl Strategy<Value = Value> {
    let field = (prop::sample::select(FIELDS.to_vec()), prop::collection::vec(condition(), 1..3));
    prop::collection::vec(field, 1..3)
        .prop_map(|fields| Value::Object(fields.into_iter().map(|(path, any)| (path.to_owned(), json!(any))).collect()))
}

fn lists() -> impl Strategy<Value = Value> {
    let field = (prop::sample::select(FIELDS.to_vec()), prop::collection::vec(entry(), 1..3));
    prop::collection::vec(field, 1..3).prop_map(|fields| {
        let mut detail = json!({});
        for (path, list) in fields {
            match path.split_once('.') {
                Some((outer, inner)) => detail[outer][inner] = json!(list),
                None => detail[path] = json!(list),
            }
        }
        json!({ "detail": detail })
    })
}

fn pattern() -> impl Strategy<Value = Value> {
    let plain = || {
        lists().prop_map(|mut one| {
            one["source"] = json!(["x"]);
            one
        })
    };
    let inside = (lists(), lists(), lists()).prop_map(|(mut outer, one, other)| {
        outer["detail"]["$or"] = json!([one["detail"], other["detail"]]);
        outer
    });
    let before = (lists(), lists(), lists())
        .prop_map(|(one, other, last)| json!({ "$or": [one, other], "detail": last["detail"] }));
    prop_oneof![Just(json!({ "source": ["x"] })), plain(), inside, before]
}

/// What a suppression says, worked out another way than in the code.
fn is_suppressed(event: &Value, when: &Value) -> bool {
    let holds = |one: &Value, found: &Value| match (one, found.as_str()) {
        (Value::Object(operator), Some(text)) => match operator.iter().next().expect("an operator") {
            (name, Value::String(wanted)) if name == "prefix" => text.starts_with(wanted.as_str()),
            (name, Value::String(wanted)) if name == "suffix" => text.ends_with(wanted.as_str()),
            (name, Value::String(wanted)) if name == "equals-ignore-case" => {
                text.to_lowercase() == wanted.to_lowercase()
            }
            (name, Value::String(wanted)) if name == "wildcard" => {
                let (front, back) = wanted.split_once('*').expect("a star");
                text.len() >= front.len() + back.len() && text.starts_with(front) && text.ends_with(back)
            }
            (_, wanted) => is_in(text, wanted.as_str().expect("a block")),
        },
        (Value::Object(_), None) => false,
        (wanted, _) => wanted == found,
    };
    let fits = |(path, any): (&String, &Value)| {
        let found = event.pointer(&format!("/detail/{}", path.replace('.', "/")));
        let values: Vec<&Value> = match found {
            Some(Value::Array(items)) => items.iter().filter(|item| !item.is_object() && !item.is_array()).collect(),
            Some(Value::Object(_)) | None => Vec::new(),
            Some(one) => vec![one],
        };
        let any = any.as_array().expect("a list");
        !values.is_empty() && values.iter().all(|value| any.iter().any(|one| holds(one, value)))
    };
    when.as_object().expect("fields").iter().all(fits)
}

fn is_in(text: &str, block: &str) -> bool {
    let (first, bits) = block.split_once('/').expect("a block");
    let bits: u32 = bits.parse().expect("bits");
    let number = |address: IpAddr| match address {
        IpAddr::V4(one) => (32, u128::from(u32::from(one))),
        IpAddr::V6(one) => (128, u128::from(one)),
    };
    let (Ok(found), Ok(first)) = (text.parse(), first.parse()) else { return false };
    let ((width, found), (other, first)) = (number(found), number(first));
    width == other && found >> (width - bits) == first >> (width - bits)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_500, ..ProptestConfig::default() })]

    #[test]
    fn a_narrowed_pattern_matches_what_is_not_suppressed_and_nothing_else(
        pattern in pattern(), all in prop::collection::vec(when(), 1..4), events in prop::collection::vec(event(), 30),
    ) {
        prop_assume!(Pattern::from_value(&pattern).is_ok_and(|pattern| pattern.doubt().is_none()));
        let narrowed = match narrowed(&pattern, &all) {
            Ok(Narrowed::To(narrowed)) => narrowed,
            Ok(Narrowed::Unchanged) => pattern.clone(),
            Ok(Narrowed::Nothing) => json!({ "never": ["x"] }),
            // Refused.
            Err(_) => return Ok(()),
        };
        let (before, after) = (read(&pattern), read(&narrowed));
        let rules: Vec<SuppressionRule> = all.iter().map(rule).collect();
        // Of a list in the event, each condition may mean another element: such fields are refused (`field`).
        let uses = |path: &str| {
            let name = format!("\"{}\"", path.rsplit('.').next().expect("a name"));
            pattern.to_string().matches(&name).count() + all.iter().filter(|when| when.get(path).is_some()).count()
        };
        let is_list = |event: &Value, path: &str| event.pointer(&format!("/detail/{}", path.replace('.', "/"))).is_some_and(Value::is_array);
        let is_clear = |event: &&Value| !FIELDS.iter().any(|path| is_list(event, path) && uses(path) > 1);
        for event in events.iter().filter(is_clear) {
            let expected = fits(&before, event) && !all.iter().any(|when| is_suppressed(event, when));
            prop_assert_eq!(fits(&after, event), expected, "{} of {} by {}: {}", event, pattern, json!(all), narrowed);
            let is_held = rules.iter().any(|rule| rule.holds(&event["detail"]));
            prop_assert_eq!(is_held, all.iter().any(|when| is_suppressed(event, when)), "{} by {}", event, json!(all));
        }
    }
}

#[test]
fn a_filter_pattern_is_narrowed_or_refused() {
    let narrowed = |filter: &str, when: &Value| narrow_filter(filter, &[rule(when)]);
    let user = json!({ "userIdentity.userName": ["deploy", { "prefix": "ci-" }], "awsRegion": [{ "suffix": "-1" }] });
    assert_eq!(
        narrowed("{ $.eventName = StopLogging || $.eventName = DeleteTrail }", &user).as_deref(),
        Ok("{ ($.eventName = StopLogging || $.eventName = DeleteTrail) && ($.userIdentity.userName NOT EXISTS || \
             $.userIdentity.userName IS NULL || ($.userIdentity.userName != \"deploy\" && $.userIdentity.userName != \"ci-*\") \
             || $.awsRegion NOT EXISTS || $.awsRegion IS NULL || ($.awsRegion != \"*-1\")) }")
    );
    let name = json!({ "userIdentity.userName": ["deploy"] });
    for (filter, when) in [
        ("ERROR", name.clone()),
        ("[a, b]", name),
        ("{ $.a = 1 }", json!({ "userIdentity.userName": ["a*"] })),
        ("{ $.a = 1 }", json!({ "userIdentity.userName": [{ "equals-ignore-case": "a" }] })),
        ("{ $.a = 1 }", json!({ "sourceIPAddress": [{ "cidr": "10.0.0.0/8" }] })),
        ("{ $.a = 1 }", json!({ "readOnly": ["true"] })),
        ("{ $.a = 1 }", json!({ "mine": ["x"] })),
        ("{ $.a = 1 }", json!({ "userIdentity.userName": ["x".repeat(1_024)] })),
    ] {
        assert!(narrowed(filter, &when).is_err(), "{filter} {when}");
    }
}

fn logged(user: Option<&Value>, region: Option<&Value>) -> Value {
    let mut record = json!({ "eventName": "StopLogging" });
    if let Some(user) = user {
        record["userIdentity"] = json!({ "userName": user });
    }
    if let Some(region) = region {
        record["awsRegion"] = region.clone();
    }
    record
}

proptest! {
    #[test]
    fn a_narrowed_filter_lets_through_what_is_not_suppressed_and_nothing_else(
        user in prop::option::of(prop::sample::select(vec![json!(null), json!(""), json!("a"), json!("ab"), json!("ba"), json!("AWS b")])),
        region in prop::option::of(prop::sample::select(vec![json!(null), json!("a"), json!("é"), json!("b")])),
        all in prop::collection::vec(
            (prop::collection::vec(condition(), 1..3), prop::option::of(prop::collection::vec(condition(), 1..2))), 1..3,
        ),
        other in any::<bool>(),
    ) {
        let when: Vec<Value> = all
            .iter()
            .map(|(user, region)| match region {
                Some(region) => json!({ "userIdentity.userName": user, "awsRegion": region }),
                None => json!({ "userIdentity.userName": user }),
            })
            .collect();
        let filter = if other { "{ $.eventName = Other }" } else { "{ $.eventName = StopLogging }" };
        let Ok(narrowed) = narrow_filter(filter, &when.iter().map(rule).collect::<Vec<_>>()) else { return Ok(()) };
        let record = logged(user.as_ref(), region.as_ref());
        let is_held = when.iter().any(|when| is_suppressed(&json!({ "detail": record }), when));
        let judged = crate::filter::parse(&narrowed).expect("valid").matches(&record.to_string());
        let expected = !other && !is_held;
        prop_assert_eq!(matches!(judged, crate::filter::Judgment::Matches), expected, "{} {} {:?}", record, narrowed, judged);
        prop_assert!(!matches!(judged, crate::filter::Judgment::Unknown(_)), "{} {} {:?}", record, narrowed, judged);
    }
}
