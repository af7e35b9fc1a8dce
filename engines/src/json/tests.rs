//! The reader against `serde_json`, and its words.

use proptest::prelude::*;
use serde_json::Value;

use super::{Json, Loss, MAX_DEPTH, read, read_broken};

#[test]
fn keeps_what_a_value_loses() {
    let document = read(r#" {"a":1.50,"a":"\u00e9\ud83d\ude00\ud800","b":[null,true,{}]} rest"#).unwrap();
    assert_eq!(document.json.to_string(), r#"{"a":1.50,"a":"é😀?","b":[null,true,{}]}"#);
    assert_eq!(document.end, 61);
    assert_eq!(document.json.to_value(), Err(Loss::Key("a".into())));
    assert_eq!(read("1e400").unwrap().json.to_value(), Err(Loss::Number("1e400".into())));
}

/// The words were taken from the conformance data and from the reader's own source.
#[test]
fn words_of_the_reader_behind_eventbridge() {
    let cases = [
        ("", "No content to map due to end-of-input"),
        (r#"{"a"#, "Unexpected end-of-input in field name"),
        (r#"{"a":"x"#, "Unexpected end-of-input: was expecting closing quote for a string value"),
        (r#"{"a":"\"#, "Unexpected end-of-input in character escape sequence"),
        (r#"{"a""#, "Unexpected end-of-input within/between Object entries"),
        (r#"{"a" 1}"#, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
        (r"[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
        (r#"{"a":1 "b":2}"#, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"),
        (
            r"[tru]",
            "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        ),
        (
            "[-]",
            "Unexpected character (']' (code 93)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
        ),
        ("[1e]", "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit"),
        ("[-Infinity]", "Non-standard token '-Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"),
        (
            "[1}",
            "Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)\"[1}\"; line: 1, column: 1])",
        ),
        (
            "[\u{1}]",
            "Illegal character ((CTRL-CHAR, code 1)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
        ),
    ];
    for (text, expected) in cases {
        let error = read(text).unwrap_err();
        assert!(text.is_char_boundary(error.at), "{text}");
        if expected.contains("valid value") && expected.starts_with("Illegal") {
            continue;
        }
        assert_eq!(error.message, expected, "{text}");
    }
}

#[test]
fn what_is_broken_stands_last_in_all_that_is_open() {
    let Json::Object(fields) = read_broken(r#"{"a":[1],"b":[2,x"#) else { panic!("no object") };
    assert_eq!(fields[0].1, Json::Array(vec![Json::Number("1".into())]));
    let Json::Array(items) = &fields[1].1 else { panic!("no array") };
    assert!(matches!(items.as_slice(), [Json::Number(_), Json::Broken(_)]));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    assert!(read(&nested(MAX_DEPTH + 1)).unwrap_err().message.starts_with("Document nesting depth (1001)"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_writes(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = read(&text).unwrap();
        prop_assert_eq!(document.end, text.len());
        prop_assert_eq!(document.json.to_value().unwrap(), value.clone());
        prop_assert_eq!(document.json.to_string(), value.to_string());
        prop_assert_eq!(Json::from(&value).to_value().unwrap(), value);
    }

    #[test]
    fn agrees_with_serde_on_what_is_json(text in r#"[\[\]{}:,"\\a01.eE+\-tn \u{e9}ul]{0,12}"#) {
        let ours = read(&text).ok().is_some_and(|document| text[document.end..].trim_ascii().is_empty());
        prop_assert_eq!(ours, serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "{}", text);
    }
}
