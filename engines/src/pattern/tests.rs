//! The conformance data, and one line per operator.

use serde_json::Value;

use super::{Pattern, PatternError, Verdict, read_event};

/// What the engine says about a pattern and an event given as text.
fn ask(pattern: &str, event: &str) -> Result<bool, PatternError> {
    let pattern = Pattern::read(pattern)?;
    Ok(pattern.matches(&read_event(event)?.0)? == Verdict::Matches)
}

/// What is wrong with the answer to a case of the conformance data.
fn complaint(case: &Value) -> Option<String> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let answer = ask(text("pattern"), text("event"));
    let right = match (&answer, &case["expect"]) {
        (Ok(answer), Value::Bool(expected)) => answer == expected,
        (Err(error), Value::String(_)) => {
            let words = case["check"].as_str().unwrap_or_default();
            right_stage(error, text("stage")) && error.to_string().ends_with(words)
        }
        _ => false,
    };
    (!right).then(|| format!("{case} got {answer:?}"))
}

fn right_stage(error: &PatternError, stage: &str) -> bool {
    matches!(error, PatternError::Event { .. }) == (stage == "event")
}

#[test]
fn agrees_with_the_conformance_data() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");
    let data = std::fs::read_to_string(format!("{folder}/event-patterns.jsonl")).unwrap();
    let cases: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let complaints: Vec<String> = cases.iter().filter_map(complaint).collect();
    assert_eq!(cases.len(), 14_889);
    assert!(complaints.is_empty(), "{} of {} wrong:\n{}", complaints.len(), cases.len(), complaints.join("\n"));
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
    // AWS mixes up an `equals-ignore-case` with a wildcard before it.
    (r#"{"a":[{"wildcard":"*x"},{"equals-ignore-case":"abc"}]}"#, r#"{"a":"zzbc"}"#, true),
    (r#"{"a":[{"wildcard":"*x"},{"equals-ignore-case":"abc"}]}"#, r#"{"a":"bc"}"#, false),
    (r#"{"a":[{"equals-ignore-case":"abc"},{"wildcard":"*x"}]}"#, r#"{"a":"zzbc"}"#, false),
    (r#"{"a":[{"wildcard":"a*"},{"equals-ignore-case":"abc"}]}"#, r#"{"a":"zzbc"}"#, false),
    (r#"{"a":[{"wildcard":"5*x"},{"equals-ignore-case":"5bc"}]}"#, r#"{"a":"5zzc"}"#, true),
    (r#"{"a":[{"wildcard":"*x"},{"equals-ignore-case":"5bc"}]}"#, r#"{"a":"5zzc"}"#, false),
    (r#"{"a":[{"wildcard":"*x"},{"prefix":{"equals-ignore-case":"ab"}}]}"#, r#"{"a":"zzbz"}"#, true),
    (r#"{"a":[{"wildcard":"*x"},{"prefix":{"equals-ignore-case":"a"}}]}"#, r#"{"a":"zza"}"#, false),
    (r#"{"a":[{"wildcard":"*x"},{"suffix":{"equals-ignore-case":"ab"}}]}"#, r#"{"a":"zazz"}"#, true),
    (r#"{"a":[{"wildcard":"*x"},{"anything-but":{"equals-ignore-case":"k"}}]}"#, r#"{"a":"zz"}"#, false),
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
        (r#"{"detail":{"n":["a"]}}"#, r#"{"detail":{"n":"b"}}"#, r#"detail.n: expected ["a"], found "b""#),
        (r#"{"detail":{"n":["a"]}}"#, r"{}", r#"detail.n: expected ["a"], found no value"#),
        (r#"{"a":["x"],"b":[1]}"#, r#"{"a":"x","b":[2,3]}"#, "b: expected [1], found [2,3]"),
        (r#"{"$or":[{"a":[1]},{"b":[1],"c":[2]}]}"#, r#"{"b":1}"#, "c: expected [2], found no value"),
        (
            r#"{"a":{"b":[1],"c":[2]}}"#,
            r#"{"a":[{"b":1},{"c":2}]}"#,
            "a.c: expected [2], found 2 (in another array element than the other fields)",
        ),
    ];
    for (pattern, event, expected) in cases {
        let Verdict::DoesNot(mismatch) =
            Pattern::read(pattern).unwrap().matches(&read_event(event).unwrap().0).unwrap()
        else {
            panic!("{pattern} matches {event}");
        };
        assert_eq!(mismatch.to_string(), expected);
    }
}

/// `levels` times the text around another.
fn nested(levels: usize, before: &str, inner: &str, after: &str) -> String {
    format!("{}{inner}{}", before.repeat(levels), after.repeat(levels))
}

#[test]
fn depth_and_breadth_are_bounded() {
    assert!(Pattern::read(&nested(999, r#"{"a":"#, r#"["x"]"#, "}")).is_ok());
    let too_deep = Pattern::read(&nested(1_001, r#"{"a":"#, r#"["x"]"#, "}")).unwrap_err();
    assert!(too_deep.to_string().contains("nesting depth"), "{too_deep}");
    let ors = nested(300, r#"{"$or":["#, r#"{"a":["x"]}"#, r#",{"b":["x"]}]}"#);
    assert!(Pattern::read(&ors).is_ok());
    let groups: Vec<String> = (0..17).map(|n| format!(r#""k{n}":{{"$or":[{{"a":[1]}},{{"b":[1]}}]}}"#)).collect();
    let refused = Pattern::read(&format!("{{{}}}", groups.join(","))).unwrap_err();
    assert!(refused.to_string().starts_with("Rule is too complex"), "{refused}");
}

#[test]
fn long_arrays_of_objects_are_joined_not_multiplied() {
    let items: Vec<String> = (0..20_000).map(|n| format!(r#"{{"b":"x","c":{n}}}"#)).collect();
    let event = format!(r#"{{"a":[{}]}}"#, items.join(","));
    assert_eq!(ask(r#"{"a":{"b":["x"],"c":[19999]}}"#, &event), Ok(true));
    assert_eq!(ask(r#"{"a":{"b":["x"],"c":[20000]}}"#, &event), Ok(false));
}

#[test]
fn independent_arrays_do_not_multiply() {
    let element = |name: &str| format!(r#""{name}":[{}]"#, vec![r#"{"x":1,"y":1}"#; 200].join(","));
    let event = format!("{{{},{},{},{}}}", element("a"), element("b"), element("c"), element("d"));
    let field = |name: &str| format!(r#""{name}":{{"x":[1],"y":[1]}}"#);
    let text = format!(r#"{{{},{},{},{},"z":[1]}}"#, field("a"), field("b"), field("c"), field("d"));
    assert_eq!(ask(&text, &event), Ok(false));
}

#[test]
fn wildcards_that_only_aws_can_judge_are_doubtful() {
    let doubt = |wildcard: &str| {
        let text = format!(r#"{{"a":[{{"wildcard":"{wildcard}"}}]}}"#);
        Pattern::read(&text).expect("valid").doubt().is_some()
    };
    for complex in ["*:*:*:*:*:event-bus/*", "a*b*c*d*e*f", "*a*ab*ac"] {
        assert!(doubt(complex), "{complex}");
    }
    for simple in ["arn:aws:iam::*:role/*", "*:role/*", "a*b*c*d", "trailbell-*"] {
        assert!(!doubt(simple), "{simple}");
    }
}
