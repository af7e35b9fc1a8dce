//! The conformance data, and one line per operator.

use serde_json::Value;

use super::{PatternError, Verdict, parse, read};

/// What the engine says about a pattern and an event given as text.
fn ask(pattern: &str, event: &str) -> Result<bool, PatternError> {
    let pattern = parse(&read(pattern)?)?;
    let event = read(event).map_err(|error| match error {
        PatternError::Invalid { message, .. } => PatternError::Event { message },
        other => other,
    })?;
    Ok(pattern.matches(&event)? == Verdict::Matches)
}

#[derive(Default, Debug)]
struct Counts {
    right: usize,
    unsupported: usize,
    wrong: usize,
    wording_differs: usize,
}

fn judge(case: &Value, counts: &mut Counts) {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let answer = ask(text("pattern"), text("event"));
    match (&answer, &case["expect"]) {
        (Err(PatternError::Unsupported { .. }), _) => {
            counts.unsupported += 1;
        }
        (Ok(answer), Value::Bool(expected)) if answer == expected => counts.right += 1,
        (Err(error), Value::String(_)) if right_stage(error, text("stage")) => {
            counts.right += 1;
            let check = case["check"].as_str();
            counts.wording_differs += usize::from(check.is_some_and(|check| !error.to_string().ends_with(check)));
        }
        _ => {
            counts.wrong += 1;
            println!(
                "WRONG {} {} {} expected {} got {answer:?}",
                case["id"],
                text("pattern"),
                text("event"),
                case["expect"]
            );
        }
    }
}

fn right_stage(error: &PatternError, stage: &str) -> bool {
    matches!(error, PatternError::Event { .. }) == (stage == "event")
}

#[test]
fn agrees_with_the_conformance_data() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");
    let data = std::fs::read_to_string(format!("{folder}/event-patterns.jsonl")).unwrap();
    let mut counts = Counts::default();
    for line in data.lines() {
        judge(&serde_json::from_str(line).unwrap(), &mut counts);
    }
    println!("event patterns: {counts:?}");
    assert_eq!(counts.wrong, 0);
}

/// `(pattern, event, matches)`, one operator a line.
const CASES: &[(&str, &str, bool)] = &[
    (r#"{"a":["x","y"]}"#, r#"{"a":"y"}"#, true),
    (r#"{"a":["x"]}"#, r#"{"a":"X"}"#, false),
    (r#"{"a":[1.0]}"#, r#"{"a":1}"#, true),
    (r#"{"a":[100]}"#, r#"{"a":1e2}"#, true),
    (r#"{"a":["1"]}"#, r#"{"a":1}"#, false),
    (r#"{"a":[true]}"#, r#"{"a":true}"#, true),
    (r#"{"a":[null]}"#, r#"{"a":null}"#, true),
    (r#"{"a":[null]}"#, r"{}", false),
    (r#"{"a":["10.0.0.1"]}"#, r#"{"a":"010.0.0.1"}"#, true),
    (r#"{"a":[{"prefix":"ab"}]}"#, r#"{"a":"abc"}"#, true),
    (r#"{"a":[{"prefix":{"equals-ignore-case":"AB"}}]}"#, r#"{"a":"abc"}"#, true),
    (r#"{"a":[{"suffix":"bc"}]}"#, r#"{"a":"abc"}"#, true),
    (r#"{"a":[{"suffix":{"equals-ignore-case":"BC"}}]}"#, r#"{"a":"abc"}"#, true),
    (r#"{"a":[{"equals-ignore-case":"ß"}]}"#, r#"{"a":"SS"}"#, true),
    (r#"{"a":[{"equals-ignore-case":"SS"}]}"#, r#"{"a":"ß"}"#, false),
    (r#"{"a":[{"anything-but":"x"}]}"#, r#"{"a":["x","y"]}"#, true),
    (r#"{"a":[{"anything-but":["x","y"]}]}"#, r#"{"a":["x","y"]}"#, false),
    (r#"{"a":[{"anything-but":5}]}"#, r#"{"a":5.0}"#, false),
    (r#"{"a":[{"anything-but":"x"}]}"#, r"{}", false),
    (r#"{"a":[{"anything-but":{"prefix":["a","b"]}}]}"#, r#"{"a":"bc"}"#, false),
    (r#"{"a":[{"anything-but":{"suffix":"c"}}]}"#, r#"{"a":5}"#, true),
    (r#"{"a":[{"anything-but":{"equals-ignore-case":"X"}}]}"#, r#"{"a":"x"}"#, false),
    (r#"{"a":[{"anything-but":{"wildcard":["*a*","b*"]}}]}"#, r#"{"a":"cab"}"#, false),
    (r#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, r#"{"a":5}"#, true),
    (r#"{"a":[{"numeric":["=",5]}]}"#, r#"{"a":"5"}"#, false),
    (r#"{"a":[{"exists":true}]}"#, r#"{"a":{"b":1}}"#, false),
    (r#"{"a":[{"exists":false}]}"#, r#"{"a":[]}"#, true),
    (r#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, r#"{"a":"10.0.0.255"}"#, true),
    (r#"{"a":[{"cidr":"2001:db8::/32"}]}"#, r#"{"a":"2001:db9::"}"#, false),
    (r#"{"a":[{"wildcard":"a*b*c"}]}"#, r#"{"a":"aXbYbc"}"#, true),
    (r#"{"a":[{"wildcard":"a*a"}]}"#, r#"{"a":"a"}"#, false),
    (r#"{"a":[{"wildcard":"\\*"}]}"#, r#"{"a":"x"}"#, false),
    (r#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#, r#"{"b":"y"}"#, true),
    (r#"{"a":{"$or":[{"b":["x"]},{"c":["y"]}]}}"#, r#"{"a":{"b":"y","c":"x"}}"#, false),
    (r#"{"a":{"b":["x"],"c":["y"]}}"#, r#"{"a":[{"b":"x"},{"c":"y"}]}"#, false),
    (r#"{"a":{"b":["x"],"c":["y"]}}"#, r#"{"a":[{"b":"z"},{"b":"x","c":"y"}]}"#, true),
    (r#"{"a":["x"],"a.b":["y"]}"#, r#"{"a":["x",{"b":"y"}]}"#, true),
    (r#"{"a.b":["x"]}"#, r#"{"a":{"b":"x"}}"#, true),
];

#[test]
fn one_operator_a_line() {
    for (pattern, event, expected) in CASES {
        assert_eq!(ask(pattern, event), Ok(*expected), "{pattern} {event}");
    }
}

#[test]
fn says_why_not() {
    let cases = [
        (r#"{"detail":{"n":["a"]}}"#, r#"{"detail":{"n":"b"}}"#, r#"detail.n: wanted ["a"], found "b""#),
        (r#"{"detail":{"n":["a"]}}"#, r"{}", r#"detail.n: wanted ["a"], found no value"#),
        (r#"{"a":["x"],"b":[1]}"#, r#"{"a":"x","b":[2,3]}"#, "b: wanted [1], found [2,3]"),
        (r#"{"$or":[{"a":[1]},{"b":[1],"c":[2]}]}"#, r#"{"b":1}"#, "c: wanted [2], found no value"),
        (
            r#"{"a":{"b":[1],"c":[2]}}"#,
            r#"{"a":[{"b":1},{"c":2}]}"#,
            "a.c: wanted [2], found 2 (in another array element than the other fields)",
        ),
    ];
    for (pattern, event, expected) in cases {
        let Verdict::DoesNot(mismatch) =
            parse(&read(pattern).unwrap()).unwrap().matches(&read(event).unwrap()).unwrap()
        else {
            panic!("{pattern} matches {event}");
        };
        assert_eq!(mismatch.to_string(), expected);
    }
}

fn nested(levels: usize, wrap: fn(Value) -> Value) -> Value {
    (0..levels).fold(serde_json::json!(["x"]), |inner, _| wrap(inner))
}

#[test]
fn depth_and_breadth_are_bounded() {
    let deep = nested(300, |inner| serde_json::json!({"a": inner}));
    assert!(matches!(parse(&deep), Err(PatternError::Unsupported { .. })));
    let ors = nested(300, |inner| serde_json::json!({"$or": [inner, {"a": ["x"]}]}));
    assert!(matches!(parse(&ors), Err(PatternError::Unsupported { .. })));
    let pattern = parse(&read(r#"{"a":["x"]}"#).unwrap()).unwrap();
    assert!(matches!(pattern.matches(&deep), Err(PatternError::Unsupported { .. })));
    let groups: Vec<String> = (0..40).map(|n| format!(r#""k{n}":{{"$or":[{{"a":[1]}},{{"b":[1]}}]}}"#)).collect();
    let wide = read(&format!("{{{}}}", groups.join(","))).unwrap();
    assert!(matches!(parse(&wide), Err(PatternError::Unsupported { .. })));
}

#[test]
fn independent_arrays_do_not_multiply() {
    let element = |name: &str| format!(r#""{name}":[{}]"#, vec![r#"{"x":1,"y":1}"#; 200].join(","));
    let event = read(&format!("{{{},{},{},{}}}", element("a"), element("b"), element("c"), element("d"))).unwrap();
    let field = |name: &str| format!(r#""{name}":{{"x":[1],"y":[1]}}"#);
    let text = format!(r#"{{{},{},{},{},"z":[1]}}"#, field("a"), field("b"), field("c"), field("d"));
    let pattern = parse(&read(&text).unwrap()).unwrap();
    assert!(matches!(pattern.matches(&event), Ok(Verdict::DoesNot(_))));
}
