//! The conformance data, the CIS patterns, what is said of a line, and large inputs.
//!
//! Neighbors: `answers` has one line per operator and edge, `errors` the pictures of refused patterns, `properties`
//! what holds for any text, and `guide` runs the examples of the user's document.

mod answers;
mod errors;
mod guide;
mod properties;

use serde_json::Value;

use super::{Judgment, Syntax, parse};

/// What the engine says, in the words of the conformance data.
fn ask(pattern: &str, message: &str) -> &'static str {
    match parse(pattern).map(|filter| filter.matches(message)) {
        Ok(Judgment::Matches) => "true",
        Ok(Judgment::DoesNot(_)) => "false",
        Ok(Judgment::Unknown(_)) => "unknown",
        Err(_) => "invalid",
    }
}

fn conformance(file: &str) -> String {
    let path = format!("{}/tests/conformance/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect(&path)
}

#[test]
fn agrees_with_the_conformance_data() {
    let text = conformance("filter-patterns.jsonl");
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(cases.len(), 143);
    for case in cases {
        let field = |name: &str| case[name].as_str().unwrap_or_default();
        let expected = case["expect"].as_str().map_or_else(|| case["expect"].to_string(), str::to_owned);
        assert_eq!(ask(field("pattern"), field("message")), expected, "{case}");
    }
}

#[test]
fn every_cis_pattern_parses() {
    let text = conformance("cis-aws-foundations.txt");
    let patterns: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(patterns.len(), 15);
    for line in patterns {
        let pattern = line.splitn(3, '\t').nth(2).expect(line);
        assert_eq!(parse(pattern).map(|filter| filter.kind()), Ok(Syntax::Json), "{pattern}");
    }
}

#[test]
fn says_why() {
    let why = |pattern: &str, message: &str| match parse(pattern).map(|filter| filter.matches(message)) {
        Ok(Judgment::DoesNot(why)) => why.to_string(),
        other => panic!("{pattern}: {other:?}"),
    };
    let trail = "{\"eventName\":\"StartLogging\",\"n\":1.50,\"list\":[1]}";
    for (pattern, message, expected) in [
        ("{ $.eventName = StopLogging }", trail, "$.eventName: expected = \"StopLogging\", found \"StartLogging\""),
        ("{ $.errorCode = \"AccessDenied*\" }", trail, "$.errorCode: expected = \"AccessDenied*\", found no value"),
        ("{ $.x != 1 && $.n > 2 }", trail, "$.n: expected > 2, found 1.50"),
        ("{ $.n = 7 || $.list = 1 }", trail, "$.n: expected = 7, found 1.50"),
        ("{ $.list = 4* }", trail, "$.list: expected = 4*, found an array"),
        ("{ $.list[*] = 2 }", trail, "$.list[*]: expected = 2, found no such value among 1"),
        ("{ $.n NOT EXISTS }", trail, "$.n: expected NOT EXISTS, found 1.50"),
        ("{ $.n = %^2% }", "{\"n\":\"é\\n\"}", "$.n: expected = %^2%, found \"é\\n\""),
        ("{ $.n = 1 }", "plain", "the message is not a JSON object"),
        ("ERROR \"b c\"", "ERROR b", "term \"b c\" does not occur"),
        ("ERROR", "x", "term \"ERROR\" does not occur"),
        ("a -b", "a b", "term \"b\" occurs"),
        ("?a ?b", "c", "none of the `?` terms occurs"),
        ("?a", "c", "term \"a\" does not occur"),
        ("%^a%", "ba", "%^a% does not match"),
        ("[a, b, c, d, e, f, g]", "x y z", "3 fields found, the pattern has 7"),
        ("[a, ..., b]", "x", "1 field found, the pattern has at least 2"),
        ("[a, code = 404, b]", "x 200 y", "code: expected = 404, found \"200\""),
    ] {
        assert_eq!(why(pattern, message), expected, "{pattern}");
    }
}

#[test]
fn knows_its_doubts() {
    let spans = |pattern: &str| -> Vec<String> {
        let doubts = parse(pattern).expect(pattern).doubts();
        doubts.into_iter().map(|doubt| pattern[doubt.span].to_owned()).collect()
    };
    for (pattern, expected) in [
        ("ERROR", &[][..]),
        (" ?a b ", &["?a b"]),
        ("?a ?b", &[]),
        ("%a% b", &["%a% b"]),
        (r#"a "x\"""#, &[r#""x\"""#]),
        ("{ $.a = 1 && $.b != 2 }", &["$.b != 2"]),
        ("{ $.a[*].b NOT EXISTS || $.c NOT EXISTS }", &["$.a[*].b NOT EXISTS"]),
        ("{ $.a = %x+?% }", &["%x+?%"]),
        ("[a=1, last]", &["last"]),
        ("[..., last]", &[]),
    ] {
        assert_eq!(spans(pattern), expected, "{pattern}");
    }
}

#[test]
fn unknown_answers_name_field_and_place() {
    let pattern = "{ $.a = 1 && $.b != 2 }";
    let Ok(Judgment::Unknown(doubt)) = parse(pattern).map(|filter| filter.matches("{\"a\":1}")) else {
        panic!("not unknown")
    };
    assert_eq!(&pattern[doubt.span.clone()], "$.b != 2");
    assert!(doubt.to_string().starts_with("$.b: what `!=` says"), "{doubt}");
}

#[test]
fn deep_messages_are_unknown() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(ask("{$.b NOT EXISTS}", &nested(100)), "true");
    assert_eq!(ask("{$.b NOT EXISTS}", &nested(1_000_000)), "unknown");
}

#[test]
fn large_inputs_finish() {
    let message = "a".repeat(1 << 20);
    let stars = format!("{{ $.x = \"{}b\" }}", "a*".repeat(500));
    assert_eq!(ask(&stars, &format!("{{\"x\":\"{message}\"}}")), "false");
    assert_eq!(ask(&format!("[x={}b]", "*a".repeat(500)), &message), "false");
    assert_eq!(ask(&"?b ".repeat(300), &message), "false");
    assert_eq!(ask(&format!("%{}b%", "a*".repeat(50)), &message), "false");
    assert_eq!(ask("%a{500}b%", &message), "false");
    assert_eq!(ask("[..., b=c]", &"b ".repeat(1 << 19)), "false");
    assert_eq!(ask("{$.a[*] = 2}", &format!("{{\"a\":[{}1]}}", "1,".repeat(1 << 19))), "false");
    assert_eq!(ask("{$.a = 2}", &format!("{{\"a\":{}}}", "1".repeat(1 << 20))), "false");
}
