//! The recorded deliveries, and one line per rule.

use serde_json::Value;

use super::*;
use crate::json;

type Paths<'a> = &'a [(&'a str, &'a str)];

fn transformer(paths: Paths, template: &str) -> InputTransformer {
    let input_paths = paths.iter().map(|&(key, path)| (key.to_owned(), path.to_owned())).collect();
    InputTransformer { input_paths, template: template.to_owned() }
}

fn agrees(case: &Value, delivery: &Delivery) -> bool {
    match (delivery, &case["output"]) {
        (Delivery::NotDelivered { .. }, _) => case["delivered"] == false,
        (Delivery::Body(body), Value::String(text)) => body == text,
        (Delivery::Body(body), output) => serde_json::from_str::<Value>(body).is_ok_and(|body| body == *output),
    }
}

#[test]
fn agrees_with_the_recorded_deliveries() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");
    let data = std::fs::read_to_string(format!("{folder}/input-transformer.jsonl")).unwrap();
    let (mut right, mut unknown, mut wrong) = (0, 0, 0);
    for line in data.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let paths = case["input_paths"].as_object().unwrap().iter();
        let input_paths = paths.map(|(key, path)| (key.clone(), path.as_str().unwrap().to_owned())).collect();
        let template = case["template"].as_str().unwrap().to_owned();
        let answer =
            InputTransformer { input_paths, template }.render(&Json::from(&case["event"]), &Reserved::default());
        match answer {
            Err(TransformError::Unknown { why }) => {
                unknown += 1;
                println!("unknown {}: {why}", case["id"]);
            }
            Ok(delivery) if agrees(&case, &delivery) => right += 1,
            answer => {
                wrong += 1;
                println!("WRONG {case} got {answer:?}");
            }
        }
    }
    assert_eq!((right, unknown, wrong), (24, 0, 0));
}

fn event() -> Json {
    let text = r#"{"version": "0", "detail-type": "T", "source": "s", "detail": {
        "name": "alice", "n": 5, "f": 0.5, "nul": null, "ok": true, "quote": "say \"hi\"", "line": "a\nb",
        "list": ["x", 1], "object": {"k": "v"}, "bad": {"k": "a\"b"}, "unordered": {"z": 1, "a": {"y": 2, "b": 3}},
        "long": 9007199254740993, "spelled": [1.50, 1e2, 0.30000000000000004], "minus": -0, "huge": 1e400
    }}"#;
    json::read(text).unwrap().json
}

/// The body, `-` for no delivery and `?` for unknown, of a template over every field of `event`.
fn body(template: &str) -> String {
    let names = [
        "name",
        "n",
        "f",
        "nul",
        "ok",
        "quote",
        "line",
        "list",
        "object",
        "bad",
        "missing",
        "unordered",
        "long",
        "spelled",
        "minus",
        "huge",
    ];
    let paths: Vec<_> = names.iter().map(|name| (*name, format!("$.detail.{name}"))).collect();
    let paths: Vec<_> = paths.iter().map(|(name, path)| (*name, path.as_str())).collect();
    let reserved = Reserved { rule_arn: "arn:r".into(), rule_name: "r".into(), ingestion_time: "t".into() };
    match transformer(&paths, template).render(&event(), &reserved) {
        Ok(Delivery::Body(body)) => body,
        Ok(Delivery::NotDelivered { .. }) => "-".to_owned(),
        Err(TransformError::Unknown { .. }) => "?".to_owned(),
        Err(TransformError::Invalid(error)) => error.to_string(),
    }
}

#[test]
fn renders_one_rule_a_line() {
    let cases = [
        (r#"{ "a" : <name> }"#, r#"{"a":"alice"}"#),
        (r#"{"a": "u/<name>"}"#, r#"{"a":"u/alice"}"#),
        (r#"{"a": <quote>}"#, r#"{"a":"say \"hi\""}"#),
        (r#"{"a": "<quote>"}"#, "?"),
        (r#"{"a": "<line>"}"#, "?"),
        (r#"{"a": <line>}"#, r#"{"a":"a\nb"}"#),
        (r#"{"a": [<n>, <ok>, <f>]}"#, r#"{"a":[5,true,0.5]}"#),
        (r#"{"a": "<n> <ok>"}"#, r#"{"a":"5 true"}"#),
        (r#"{"a": "<f>"}"#, "?"),
        (r#"{"a": <nul>}"#, "?"),
        (r#"{"a": <missing>, "b": "x<missing>"}"#, r#"{"a":"","b":"x"}"#),
        (r#"{"a": <list>, "b": <object>}"#, r#"{"a":["x",1],"b":{"k":"v"}}"#),
        (r#"{"a": "<list>"}"#, "-"),
        (r#"{"a": "x <list>"}"#, "-"),
        (r#"{"a": "<object>"}"#, "-"),
        (r#"{"a": "x <object> y"}"#, "-"),
        (r#"{"<name>": 1}"#, "?"),
        (r#"{"a": 1<n>}"#, "?"),
        (r#""<object> <list>""#, r#""{k:v} [x,1]""#),
        (r#""<bad>""#, "?"),
        (r#""<name>" "<name>""#, "?"),
        ("\"<name>\"\n\"<n>\"", "\"alice\"\n\"5\""),
        ("\"<name>\"\n<n>", "?"),
        ("<name> did it", "-"),
        ("<object>", "?"),
        (r#"{"a": 1.50, "b": 1e2}"#, r#"{"a":1.50,"b":1e2}"#),
        (r#"{"a": "\u003chttps://x|y>"}"#, r#"{"a":"<https://x|y>"}"#),
        (r#"{"a": "\u003cname>"}"#, r#"{"a":"<name>"}"#),
        (r#"{"a": "<https://x|<name>> < "}"#, r#"{"a":"<https://x|alice> < "}"#),
        (r#"{"a": "<aws.events.rule-arn>", "b": <aws.events.rule-name>}"#, r#"{"a":"arn:r","b":"r"}"#),
        (r#"{"a": <aws.events.event.ingestion-time>}"#, r#"{"a":"t"}"#),
        (r#"{"a": <aws.events.event>}"#, r#"{"a":{"version":"0","detailType":"T","source":"s"}}"#),
        // Fields keep their order and numbers their spelling.
        (r#"{"a": <unordered>}"#, r#"{"a":{"z":1,"a":{"y":2,"b":3}}}"#),
        (r#""<unordered>""#, r#""{z:1,a:{y:2,b:3}}""#),
        (r#"{"a": <long>, "b": <spelled>}"#, r#"{"a":9007199254740993,"b":[1.50,1e2,0.30000000000000004]}"#),
        (r#"{"a": "<long>"}"#, r#"{"a":"9007199254740993"}"#),
        (r#"{"a": "<minus>"}"#, "?"),
        (r#"{"a": <huge>}"#, "?"),
        (r#"{"a": 1e400}"#, "?"),
        (r#"{"a": 1, "a": 2}"#, "?"),
        (r#"{"a": "\ud83d\ude00 \u00e9 \t \/"}"#, r#"{"a":"😀 é \t /"}"#),
        (r#"{"a": "\ud83d"}"#, "?"),
        ("{\"a\": <b>}", "InputTemplate contains invalid placeholder b"),
    ];
    for (template, expected) in cases {
        assert_eq!(body(template), expected, "{template}");
    }
}

#[test]
fn refuses_what_aws_refuses() {
    let long = "x".repeat(257);
    let many: Vec<String> = (0..101).map(|n| format!("k{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "$.a")).collect();
    let (full, over) = ("é".repeat(8192), "é".repeat(8193));
    let long_path = format!("$.{long}");
    let cases: [(Paths, &str, usize); 12] = [
        (&[("a", "$.a")], "\"<a>\"", 0),
        (&[], "", 1),
        (&[], &full, 0),
        (&[], &over, 1),
        (&[("AWSx", "$.a")], "\"\"", 1),
        (&[("a.b", "$.a")], "\"\"", 1),
        (&[("", "$.a")], "\"\"", 1),
        (&[(&long, "$.a")], "\"\"", 1),
        (&[("a", &long_path)], "\"\"", 1),
        (&[("a", "$..b")], "\"\"", 1),
        (&many, "\"\"", 1),
        (&[], "\"<b> <b> <c> <aws.events.event>\"", 2),
    ];
    for (paths, template, errors) in cases {
        assert_eq!(transformer(paths, template).validate().len(), errors, "{paths:?} {template}");
    }
}

#[test]
fn a_very_deep_value_is_unknown_not_a_crash() {
    let event = json::read(&format!("{{\"a\":{}{}}}", "[".repeat(900), "]".repeat(900))).unwrap().json;
    let answer = transformer(&[("a", "$.a")], r#"{"a": <a>}"#).render(&event, &Reserved::default());
    assert!(matches!(answer, Err(TransformError::Unknown { .. })));
}

#[test]
fn an_event_with_a_key_twice_is_unknown() {
    let event = json::read(r#"{"detail":{"a":1,"a":2}}"#).unwrap().json;
    let answer = transformer(&[("a", "$.detail.a")], r#"{"a": <a>}"#).render(&event, &Reserved::default());
    assert!(matches!(answer, Err(TransformError::Unknown { .. })));
}
