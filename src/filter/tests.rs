//! The conformance data, the published patterns, one line per rule, and properties.

use proptest::prelude::*;
use serde_json::Value;

use super::{Answer, Filter, parse};

fn data(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/conformance/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// `true`, `false`, `unknown` or `invalid`, as the data has it.
fn ask(pattern: &str, line: &str) -> &'static str {
    match parse(pattern).map(|filter| filter.matches(line)) {
        Err(_) => "invalid",
        Ok(Answer::Matches) => "true",
        Ok(Answer::DoesNot(_)) => "false",
        Ok(Answer::Unknown(_)) => "unknown",
    }
}

#[test]
fn agrees_with_the_conformance_data() {
    let data = data("filter-patterns.jsonl");
    let cases: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let expected = case["expect"].as_str().map_or_else(|| case["expect"].to_string(), str::to_owned);
            let answer = ask(case["pattern"].as_str().unwrap(), case["message"].as_str().unwrap());
            (answer != expected).then(|| format!("{case} got {answer}"))
        })
        .collect();
    assert_eq!(cases.len(), 143);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_published_pattern_of_the_cis_benchmark_parses() {
    let data = data("cis-aws-foundations.txt");
    assert_eq!(data.lines().count(), 15);
    for line in data.lines() {
        let pattern = line.split('\t').nth(2).unwrap();
        assert!(parse(pattern).is_ok(), "{line}: {:?}", parse(pattern));
    }
}

/// `(pattern, line, answer)`, one rule a line.
const CASES: &[(&str, &str, &str)] = &[
    ("", "x", "true"),
    (r#""""#, "x", "true"),
    ("a_1", "xa_1y", "true"),
    ("-a", "b", "true"),
    (r#"-"a b""#, "x a b", "false"),
    (r#""say \"hi\"""#, r#"say "hi""#, "true"),
    (r#"?"a b" ?c"#, "c", "true"),
    ("?a -b", "x", "unknown"),
    ("%a.c% b", "abc b", "true"),
    ("{ $.a = 1 }", r#"{"a":1.0}"#, "true"),
    ("{ $.a = 1 }", r#"{"a":"1"}"#, "unknown"),
    ("{ $.a = 1 }", r#"{"a":"x"}"#, "false"),
    ("{ $.a = \"1\" }", r#"{"a":1}"#, "unknown"),
    ("{ $.a = 4* }", r#"{"a":404}"#, "true"),
    ("{ $.a = 4* }", r#"{"a":4.0e2}"#, "unknown"),
    ("{ $.a = x }", r#"{"a":5}"#, "false"),
    ("{ $.a != x }", r#"{"a":5}"#, "true"),
    ("{ $.a = 9007199254740993 }", r#"{"a":9007199254740992}"#, "unknown"),
    ("{ $.a = 9007199254740993 }", r#"{"a":9007199254740993}"#, "true"),
    ("{ $.a > 5 }", r#"{"a":"7"}"#, "unknown"),
    ("{ $.a > 5 }", r#"{"a":"x"}"#, "false"),
    ("{ $.a > -1.5e1 }", r#"{"a":-14}"#, "true"),
    ("{ $.a = true }", r#"{"a":true}"#, "unknown"),
    ("{ $.a = null }", r#"{"a":null}"#, "unknown"),
    ("{ $.a != x }", r#"{"a":null}"#, "unknown"),
    ("{ $.a != x }", r#"{"a":["x"]}"#, "false"),
    ("{ $.a NOT EXISTS }", r#"{"a":null}"#, "false"),
    ("{ $.a = \"x\" }", r#"{"a":"x","a":"y"}"#, "unknown"),
    ("{ $.b = \"x\" }", r#"{"a":"x","a":"y","b":"x"}"#, "true"),
    ("{ $.a = \"x\" || $.b != \"y\" }", r#"{"a":"x"}"#, "true"),
    ("{ $.a = \"x\" && $.b != \"y\" }", r#"{"a":"z"}"#, "false"),
    ("{ $.b != \"y\" && $.a = \"x\" }", r#"{"a":"z"}"#, "false"),
    ("{ $.b != \"y\" && $.a = \"x\" }", r#"{"a":"x"}"#, "unknown"),
    ("{ $.a = \"\" }", r#"{"a":""}"#, "true"),
    ("{ $.a = \"*\" }", r#"{"a":""}"#, "true"),
    ("{ $.a-b_c[0][1].d = 1 }", r#"{"a-b_c":[[0,{"d":1}]]}"#, "true"),
    ("{ $.a = 1 }", "[1]", "false"),
    ("{ $.a = 1 }", r#"{"a":1} more"#, "false"),
    ("{ $.a = us-east-1 }", "{}", "invalid"),
    ("{ $.a = %x% }", r#"{"a":"axb"}"#, "true"),
    ("{ $.a != %x% }", r#"{"a":"axb"}"#, "false"),
    ("{ $.a is null }", "{}", "invalid"),
    ("{ $.a < \"5\" }", "{}", "invalid"),
    ("{ $ = 1 }", "{}", "invalid"),
    ("{ $.a = 1 } x", "{}", "invalid"),
    ("{ $.a = %a% && $.b = %b% && $.c = %c% }", "{}", "invalid"),
    ("[a, b]", "x  y", "true"),
    ("[a, b = 5]", "x y z", "false"),
    ("[a = x, b]", "x y z", "unknown"),
    ("[a = x, b]", "y y z", "false"),
    ("[..., b]", "x y z", "true"),
    ("[a, ...]", "x", "true"),
    ("[a, ..., b=z]", "x", "false"),
    ("[a, ..., b, ...]", "x", "invalid"),
    ("[a = 404]", "404", "true"),
    ("[a = 404]", "404.0", "unknown"),
    ("[a > 400]", "404", "true"),
    ("[a > 400]", "x", "false"),
    ("[a = x*]", "[xy]", "unknown"),
    ("[a = *x*]", "[wxy]", "true"),
    ("[a]", r#"x"y z""#, "unknown"),
    ("[a = 1 || b = 2]", "1", "invalid"),
    ("[a != x && a != y || a = z]", "q", "true"),
    ("[a] b", "x", "invalid"),
];

#[test]
fn one_rule_a_line() {
    for (pattern, line, expected) in CASES {
        assert_eq!(ask(pattern, line), *expected, "{pattern} on {line}");
    }
}

#[test]
fn says_why_not() {
    let why = |pattern: &str, line: &str| match parse(pattern).unwrap().matches(line) {
        Answer::DoesNot(why) => why,
        answer => panic!("{answer:?}"),
    };
    assert_eq!(why("{ $.n = \"a*\" }", r#"{"n":"b"}"#), r#"$.n: wanted = "a*", found "b""#);
    assert_eq!(why("{ $.n = a && $.m = b }", r#"{"n":"a"}"#), "$.m: wanted = b, found no value");
    assert_eq!(why("a -b", "a b"), "b occurs");
    assert_eq!(why("[a, b]", "x"), "1 fields found, the pattern has 2");
}

#[test]
fn errors_point_into_the_pattern() {
    let picture = |pattern: &str| {
        let error = parse(pattern).unwrap_err();
        format!("{}\n{}", error.pointed(pattern), error)
    };
    let cases = [
        ("{ $.a EXISTS }", "{ $.a EXISTS }\n      ^^^^^^\nthis is no test of a field"),
        ("{ $.a = }", "{ $.a = }\n        ^\nthere is no value"),
        ("{ $.a == 1 }", "{ $.a == 1 }\n       ^\nthere is no value"),
        ("{ a = 1 }", "{ a = 1 }\n  ^\na condition begins with a selector"),
        ("{ ($.a = 1 }", "{ ($.a = 1 }\n  ^\nthis parenthesis is not closed"),
        ("[a, b", "[a, b\n     ^\nthe field goes on after its end: the pattern ends here"),
        ("é foo.bar", "é foo.bar\n^\nthis term has other characters than letters and digits"),
        ("x foo.bar", "x foo.bar\n  ^^^^^^^\nthis term has other characters than letters and digits"),
        ("%a(b)%", "%a(b)%\n  ^\nregular expressions of filter patterns have no groups"),
        ("{ $.a = %[% }", "{ $.a = %[% }\n         ^\nthis is no regular expression: unclosed character class"),
    ];
    for (pattern, expected) in cases {
        assert_eq!(picture(pattern), expected, "{pattern}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = format!("{{{}$.a = 1{}}}", "(".repeat(65), ")".repeat(65));
    assert!(parse(&nested).is_err());
    assert!(parse(&format!("{{{}$.a = 1{}}}", "(".repeat(64), ")".repeat(64))).is_ok());
    assert!(parse(&"a".repeat(1_024)).is_ok());
    assert!(parse(&"a".repeat(1_025)).is_err());
    // Many stars against a long text that fits everywhere but at the end.
    let stars = parse(&format!("{{ $.a = \"{}b\" }}", "*a".repeat(450))).unwrap();
    let line = format!(r#"{{"a":"{}"}}"#, "a".repeat(1_000_000));
    assert!(matches!(stars.matches(&line), Answer::DoesNot(_)));
}

/// An expression and what it says, worked out without the engine.
#[derive(Clone, Debug)]
enum Known {
    One(&'static str, bool),
    All(Vec<Known>),
    Any(Vec<Known>),
}

fn write(known: &Known, out: &mut String) -> bool {
    let join = |parts: &[Known], sign: &str, out: &mut String| {
        let mut answers = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            out.push_str(if at > 0 { sign } else { "" });
            out.push('(');
            answers.push(write(part, out));
            out.push(')');
        }
        answers
    };
    match known {
        Known::One(text, answer) => {
            out.push_str(text);
            *answer
        }
        Known::All(parts) => join(parts, " && ", out).into_iter().all(|answer| answer),
        Known::Any(parts) => join(parts, "||", out).into_iter().any(|answer| answer),
    }
}

fn known() -> impl Strategy<Value = Known> {
    let ones = [
        ("$.a = 1", true),
        ("$.a > 1", false),
        ("$.b = \"x*\"", true),
        ("$.c NOT EXISTS", true),
        ("$.b IS NULL", false),
    ];
    prop::sample::select(ones.to_vec()).prop_map(|(text, answer)| Known::One(text, answer)).prop_recursive(
        4,
        24,
        4,
        |inner| {
            let parts = prop::collection::vec(inner, 1..4);
            prop_oneof![parts.clone().prop_map(Known::All), parts.prop_map(Known::Any)]
        },
    )
}

proptest! {
    #[test]
    fn expressions_mean_what_they_say(known in known()) {
        let mut pattern = String::new();
        let expected = write(&known, &mut pattern);
        prop_assume!(pattern.len() < 1_000);
        prop_assert_eq!(ask(&format!("{{{pattern}}}"), r#"{"a":1,"b":"xyz"}"#), expected.to_string());
    }

    #[test]
    fn no_text_makes_it_panic(pattern in r#"[\[\]{}$.a=!<>&|()"%*?\\ \-1,xé]{0,24}|.{0,20}"#, line in r#"[\[\]{}:"\\a1 ,xé]{0,20}"#) {
        match parse(&pattern) {
            Ok(filter) => drop(Filter::matches(&filter, &line)),
            Err(error) => drop(error.pointed(&pattern)),
        }
    }
}
