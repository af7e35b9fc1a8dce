//! `match` and `test` as a person runs them: files, exit codes, output.

use std::io::Write as _;

use serde_json::{Value, json};

use super::support::stack::{Stack, WEBHOOK};

const STOP: &str = r#"{"source":["aws.cloudtrail"],"detail":{"eventName":["StopLogging"]}}"#;
const RECORD: &str = r#"{"eventVersion":"1.08","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging"}"#;
const EVENT: &str = r#"{"version":"0","source":"aws.s3","detail":{"eventName":"PutObject"}}"#;

fn stack() -> Stack {
    Stack::new(WEBHOOK, &[])
}

#[test]
fn records_are_wrapped_and_events_are_not_in_every_layout() {
    let stack = stack();
    let lines = format!("{RECORD}\n\n{EVENT}\r\n");
    let document = format!("{{\"Records\":[{RECORD},\n {EVENT}]}}");
    let pretty = format!("{}\n{}", RECORD.replace(',', ",\n  "), EVENT.replace(',', ",\n "));
    for (name, text) in [("lines", &lines), ("document", &document), ("pretty", &pretty)] {
        stack.write(name, text);
        let run = stack.run(&["match", "--pattern", STOP, name]).expect(0);
        assert_eq!((run.out.as_str(), run.err.as_str()), (format!("{RECORD}\n").as_str(), ""), "{name}");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).expect("packed");
        std::fs::write(stack.path("packed.gz"), packed.finish().expect("packed")).expect("written");
        let packed = stack.run(&["match", "--pattern", STOP, "packed.gz"]).expect(0);
        assert_eq!(packed.out, run.out, "{name}");
    }
    let inverted = stack.run(&["match", "-v", "--pattern", STOP, "lines"]).expect(0);
    assert_eq!(inverted.out, format!("{EVENT}\n"));
}

#[test]
fn several_patterns_have_names() {
    let stack = stack();
    stack.write("events", &format!("{RECORD}\n{EVENT}\n"));
    stack.write("s3.json", r#"{"source": ["aws.s3"]}"#);
    let patterns = ["match", "--pattern", &format!("stop={STOP}"), "--pattern", "@s3.json", "events"];
    let names = stack.run(&[&patterns[..], &["--names"]].concat()).expect(0);
    assert_eq!(names.out, format!("stop\t{RECORD}\ns3\t{EVENT}\n"));
    let counts = stack.run(&[&patterns[..], &["--count"]].concat()).expect(0);
    assert_eq!(counts.out, "1\tstop\n1\ts3\n2\t(any)\n");
    let printed = stack.run(&[&patterns[..], &["--output", "json"]].concat()).expect(0);
    let lines: Vec<Value> = printed.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0]["event"], serde_json::from_str::<Value>(RECORD).expect("JSON"));
    assert_eq!((&lines[1]["line"], &lines[1]["patterns"]), (&json!(2), &json!(["s3"])));
    assert_eq!((&lines[2]["events"], &lines[2]["by_pattern"]["stop"]), (&json!(2), &json!(1)));
    stack.run(&["match", "--pattern", "a={}", "--pattern", "a={}", "events"]).expect(2);
}

#[test]
fn exit_codes_are_those_of_grep() {
    let stack = stack();
    let cases: &[(&str, &str, &str, i32, &str)] = &[
        ("--pattern", STOP, RECORD, 0, ""),
        ("--pattern", STOP, EVENT, 1, ""),
        ("--pattern", STOP, "", 2, "no event"),
        ("--pattern", STOP, "{\"Records\":[]}", 2, "no event"),
        ("--pattern", r#"{"a":[]}"#, EVENT, 2, "Empty arrays are not allowed"),
        ("--pattern", STOP, "5", 2, "no event"),
        ("--pattern", STOP, "[5]", 2, "no event"),
        ("--pattern", STOP, "[\"5\"]", 2, "Event must be a JSON object"),
        ("--pattern", STOP, "[{}]", 2, "no CloudTrail record and no event"),
        ("--pattern", STOP, "{\"a\":tru}", 2, "Unrecognized token: was expecting"),
        ("--pattern", "{\"a\":[1]}", "\u{feff}{}", 1, ""),
        ("--pattern", r#"{"a":["x"]}"#, r#"{"a":"x"} junk"#, 0, "the text after the event is ignored"),
        ("--pattern", r#"{"a":["y"]}"#, r#"{"a":"x"}{"a":"y"}"#, 0, ""),
        ("--filter", "{ $.a = x }", r#"{"a":"x"}"#, 0, ""),
        ("--filter", "{ $.a = x }", "x", 1, ""),
        ("--filter", "{ $.a != x }", "{}", 2, "$.a: what `!=` says"),
        ("--filter", "{ $.a == x }", "{}", 2, "      ^^\nexpected `=`"),
        ("--filter", "[level = ERROR, code]", "[ERROR] 5", 0, ""),
        ("--filter", "[level = ERROR, text]", "ERROR disk full", 2, "cannot decide"),
        ("--filter", "ERROR", "a line\n[ERROR\n{ERROR", 0, ""),
        ("--filter", "\"    at\"", "    at com.foo.Bar", 0, ""),
        ("--filter", "\" \"", "\n", 0, ""),
        ("--pattern", STOP, "{\n\"Events\":[{\"CloudTrailEvent\":\"{}\"}]}", 2, "no CloudTrail record and no event"),
        ("--pattern", r#"{"a":["x"]}"#, r#"{"Events":[{"CloudTrailEvent":"{\"a\":\"x\"}"}]}"#, 0, ""),
        ("--pattern", r#"{"a":["x"]}"#, r#"{"timestamp":1,"message":"{\"a\":\"x\"}"}"#, 0, ""),
        ("--pattern", r#"{"a":["x"]} junk"#, r#"{"a":"x"}"#, 0, "the text after the pattern"),
    ];
    for (flag, pattern, text, code, says) in cases {
        stack.write("input", text);
        let run = stack.run(&["match", flag, pattern, "input"]).expect(*code);
        assert!(run.err.contains(says), "{pattern} on {text}: {}", run.err);
        assert!(!says.is_empty() || run.err.is_empty(), "{pattern} on {text}: {}", run.err);
    }
    stack.run(&["match", "--pattern", STOP, "nowhere"]).expect(2);
    stack.run(&["match", "trailbell.yaml"]).expect(2);
}

#[test]
fn log_lines_are_never_joined() {
    let stack = stack();
    stack.write("log", "{ level: ERROR, x: [\nERROR a\n  ERROR b\n\nfine\n");
    let run = stack.run(&["match", "--filter", "ERROR", "log"]).expect(0);
    assert_eq!(run.out, "{ level: ERROR, x: [\nERROR a\n  ERROR b\n");
    let run = stack.run(&["match", "-v", "--filter", "ERROR", "--count", "log"]).expect(0);
    assert_eq!(run.out, "2\n");
}

#[test]
fn one_filter_that_matches_decides() {
    let stack = stack();
    stack.write("log", "{\"id\":\"x\",\"e\":\"Y\"}\n");
    let filters = ["match", "--filter", "{ $.e = Y }", "--filter", "{ $.id != 5 }", "log"];
    assert_eq!(stack.run(&filters).expect(0).out.lines().count(), 1);
    stack.run(&[&filters[..], &["-v"]].concat()).expect(1);
    let told = stack.run(&[&filters[..], &["--names"]].concat()).expect(2);
    assert!(!told.err.contains("\"x\""), "no value of a line is shown: {}", told.err);
}

#[test]
fn what_cannot_be_read_or_written_is_no_silence() {
    use std::os::unix::fs::PermissionsExt as _;
    let stack = stack();
    std::fs::create_dir(stack.path("history")).expect("made");
    stack.write("history/a.json", RECORD);
    stack.write("history/c.json", RECORD);
    std::os::unix::fs::symlink(".", stack.path("history/b")).expect("linked");
    let made = std::process::Command::new("mkfifo").arg(stack.path("history/d.json")).status().expect("mkfifo runs");
    assert!(made.success());
    assert_eq!(stack.run(&["match", "--pattern", STOP, "history"]).expect(0).out.lines().count(), 2);
    let closed = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(stack.path("history/a.json"), closed).expect("closed");
    let is_root = std::fs::read(stack.path("history/a.json")).is_ok();
    let run = stack.run(&["match", "--pattern", STOP, "--count", "history"]);
    assert_eq!((run.code, run.out.as_str()), if is_root { (0, "2\n") } else { (2, "1\n") }, "{run:?}");
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
    let code = std::process::Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(["match", "--pattern", STOP, "history/c.json"])
        .current_dir(stack.path(""))
        .stdout(full)
        .status()
        .expect("it runs")
        .code();
    assert_eq!(code, Some(2));
}

#[test]
fn bad_lines_are_named_and_the_rest_is_searched() {
    let stack = stack();
    stack.write("events", &format!("{EVENT}\n{{\"cut\":\n{RECORD}\n"));
    let run = stack.run(&["match", "--pattern", STOP, "events"]).expect(2);
    assert_eq!(run.out, format!("{RECORD}\n"));
    assert!(
        run.err
            .contains("events: line 2: event: Unexpected end-of-input: expected close marker for Object (at byte 7)"),
        "{}",
        run.err
    );
    stack.write("more", &"{\n".repeat(30).replacen("{\n", "{}\n", 1));
    let run = stack.run(&["match", "--pattern", STOP, "more"]).expect(2);
    assert_eq!(run.err.matches("error:").count(), 10, "{}", run.err);
    assert!(run.err.contains("… and 19 more complaints"), "{}", run.err);
}

#[test]
fn a_folder_stands_for_its_files() {
    let stack = stack();
    std::fs::create_dir_all(stack.path("history/2026/11")).expect("made");
    stack.write("history/2026/11/b.json", &format!("{{\"Records\":[{EVENT}]}}"));
    stack.write("history/2026/a.json", RECORD);
    let run = stack.run(&["match", "--pattern", r#"{"source":[{"prefix":"aws."}]}"#, "history"]).expect(0);
    assert_eq!(run.out, format!("{EVENT}\n{RECORD}\n"));
}

#[test]
fn tests_of_blueprints_say_what_differs() {
    let stack = stack();
    stack.run(&["test"]).expect(0);
    stack.run(&["test", "trailbell.yaml"]).expect(0);
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
    let text = std::fs::read_to_string(stack.path("mine.yaml")).expect("read");
    stack.write("mine.yaml", &text.replace("alice turned off", "bob turned off"));
    let run = stack.run(&["test", "mine.yaml", "--junit", "junit.xml"]).expect(4);
    assert!(run.out.contains("- AROAEXAMPLEID12345678:bob turned off"), "{}", run.out);
    assert!(run.out.contains("+ AROAEXAMPLEID12345678:alice turned off"), "{}", run.out);
    let junit = std::fs::read_to_string(stack.path("junit.xml")).expect("written");
    assert!(junit.contains(r#"tests="7" failures="1" errors="0""#), "{junit}");
    let told = stack.run(&["test", "mine.yaml", "--output", "json"]).expect(4).json();
    assert_eq!((&told["totals"]["failed"], &told["exit_code"]), (&json!(1), &json!(4)));
    stack.write("mine.yaml", &text.replace("severity: critical", "severity: crit"));
    stack.run(&["test", "mine.yaml"]).expect(1);
    stack.run(&["test", "nowhere"]).expect(2);
    std::fs::create_dir(stack.path("empty")).expect("made");
    stack.run(&["test", "empty"]).expect(2);
}
