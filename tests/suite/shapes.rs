//! The same records in every shape in which people have them: what CloudTrail writes, what AWS's commands answer, what queues,
//! streams, and collectors of logs put around a record, what editors, chats, and archives make of a file.
//!
//! Each shape is read whole, to the letter, by `match`, and as one event by `explain`, `preview`, and `fire`; or one line
//! names it and says what to do, and the exit code does not say that nothing matched.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::support::stack::{Stack, WEBHOOK};

const STOP: &str = r#"{"source":["aws.cloudtrail"],"detail":{"eventName":["StopLogging"]}}"#;

/// Records with everything that quoting can break, each as text on one line.
fn records() -> Vec<String> {
    let record = |text: &str| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"o'{text}"}},"eventTime":"2026-01-02T03:04:05Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","awsRegion":"us-east-1","requestParameters":{{"name":"{text}","size":1.50}},"responseElements":null,"recipientAccountId":"111122223333"}}"#
        )
    };
    ["alice", r"a \u0022{b}\u0022, \\ \n''", "Zo\u{eb} \u{1f512} 2026-01-02 {\\\"c\\\": [1]}"].map(record).to_vec()
}

/// What comes of a shape.
enum Outcome {
    /// These texts.
    Read(Vec<String>),
    /// A line with this in it, after as many of the records.
    Named(&'static str, usize),
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).expect("packed");
    encoder.finish().expect("packed")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

fn each(all: &[String], of: impl Fn(&str) -> String) -> String {
    all.iter().fold(String::new(), |text, one| text + &of(one))
}

/// An object on one line with the record in it as it is; `X` is its place.
fn around(wrapper: &str, record: &str) -> String {
    wrapper.replacen('X', record, 1)
}

/// The same with the record as text.
fn quoted(wrapper: &str, record: &str) -> String {
    around(wrapper, &Value::from(record).to_string())
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Lines as a subscription of CloudWatch Logs delivers them.
fn delivered(records: &[String]) -> Vec<u8> {
    let events: Vec<Value> = records.iter().map(|one| json!({ "id": "1", "timestamp": 1, "message": one })).collect();
    let message = json!({ "messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s",
        "subscriptionFilters": ["f"], "logEvents": events });
    gzip(message.to_string())
}

fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = vec![0; 512];
    archive[..name.len()].copy_from_slice(name.as_bytes());
    archive[257..262].copy_from_slice(b"ustar");
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().next_multiple_of(512) + 1_024, 0);
    archive
}

type Shape = (&'static str, Vec<u8>, Outcome);

/// Every shape of these records.
fn shapes(all: &[String]) -> Vec<Shape> {
    let mut shapes = files(all);
    shapes.extend(packed(all));
    shapes.extend(answers(all));
    shapes.extend(collected(all));
    shapes.extend(copied(all));
    shapes
}

/// Layouts of files.
fn files(all: &[String]) -> Vec<Shape> {
    let read = || Outcome::Read(all.to_vec());
    let records = format!("{{\"Records\":[{}]}}", all.join(","));
    // Numbers keep their letters only in texts that no reader took apart.
    let indented = |text: &str| text.replace(",\"", ",\n    \"");
    let text = |name, text: String, outcome| (name, text.into_bytes(), outcome);
    vec![
        text("lines", all.join("\n") + "\n", read()),
        text("lines without the last newline", all.join("\n"), read()),
        text("lines of Windows", all.join("\r\n") + "\r\n", read()),
        text("lines after a mark", format!("\u{feff}{}\n", all.join("\n")), read()),
        text("lines with commas", all.join(",\n") + "\n", read()),
        text("lines with blank ones", all.join("\n\n") + "\n\n", read()),
        text("one after the other", all.concat(), read()),
        text("records", records.clone(), read()),
        text("indented records", indented(&records), read()),
        text("indented records of Windows", indented(&records).replace('\n', "\r\n"), read()),
        text("records after a mark", format!("\u{feff}{records}"), read()),
        text("records of many files", each(all, |one| format!("{{\"Records\":[{one}]}}")), read()),
        text("list", format!("[{}]", all.join(", ")), read()),
        text(
            "indented documents",
            all.iter().map(|one| indented(&one.replacen('{', "{\n", 1)) + "\n").collect(),
            read(),
        ),
        text("empty records", "{\"Records\":[]}".to_owned(), Outcome::Named("contains no event", 0)),
        text("nothing", String::new(), Outcome::Named("contains no event", 0)),
        ("UTF-16", utf16(&records), read()),
        ("UTF-16 lines", utf16(&all.join("\r\n")), read()),
    ]
}

/// Archives.
fn packed(all: &[String]) -> Vec<Shape> {
    let read = || Outcome::Read(all.to_vec());
    let records = format!("{{\"Records\":[{}]}}", all.join(","));
    let cut = gzip(&records);
    vec![
        ("gzip", gzip(&records), read()),
        ("gzip of lines", gzip(all.join("\n")), read()),
        ("gzip in members", all.iter().flat_map(|one| gzip(format!("{one}\n"))).collect(), read()),
        ("gzip twice", gzip(gzip(&records)), read()),
        ("gzip after a mark", gzip(format!("\u{feff}{records}")), read()),
        ("gzip of nothing", gzip(""), Outcome::Named("contains no event", 0)),
        ("gzip cut off", cut[..cut.len() - 9].to_vec(), Outcome::Named("gzip data is cut off", all.len())),
        ("zip", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), Outcome::Named("ZIP archive; unpack it", 0)),
        ("tar", gzip(tar("a.json.gz", &gzip(&records))), Outcome::Named("tar archive; unpack it", 0)),
    ]
}

/// What AWS's commands answer and its services deliver.
fn answers(all: &[String]) -> Vec<Shape> {
    let read = || Outcome::Read(all.to_vec());
    let list = |key: &str, of: &dyn Fn(&String) -> Value| {
        pretty(&json!({ key: all.iter().map(of).collect::<Vec<_>>(), "nextToken": "x" })).into_bytes()
    };
    let event = |one: &str| {
        around(
            r#"{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.cloudtrail","account":"1","time":"","region":"us-east-1","resources":[],"detail":X}"#,
            one,
        )
    };
    let events = || Outcome::Read(all.iter().map(|one| event(one)).collect());
    let base64 = |one: &String| STANDARD.encode(delivered(std::slice::from_ref(one)));
    vec![
        ("lookup-events", list("Events", &|one| json!({"EventId": "1", "EventName": "StopLogging", "CloudTrailEvent": one})), read()),
        ("filter-log-events", list("events", &|one| json!({"logStreamName": "s", "timestamp": 1, "message": one, "ingestionTime": 2, "eventId": "3"})), read()),
        ("get-log-events", list("events", &|one| json!({"timestamp": 1, "message": one, "ingestionTime": 2})), read()),
        ("get-query-results", list("results", &|one| json!([{"field": "@timestamp", "value": "2026"}, {"field": "@message", "value": one}, {"field": "@ptr", "value": "x"}])), read()),
        ("get-query-results of CloudTrail Lake", list("QueryResultRows", &|one| json!([{"eventJson": one}])), read()),
        ("receive-message", list("Messages", &|one| json!({"MessageId": "1", "Body": event(one)})), events()),
        ("lookup-events in YAML", format!("Events:\n{}", each(all, |one| format!("- CloudTrailEvent: {}\n  EventName: StopLogging\n", json!(one)))).into_bytes(), read()),
        ("lookup-events in simple YAML", each(all, |one| format!("- CloudTrailEvent: '{}'\n", one.replace('\'', "''"))).into_bytes(), read()),
        ("lookup-events as text", each(all, |one| format!("EVENTS\tAKIA\t{one}\t1\tStopLogging\n")).into_bytes(), read()),
        ("lookup-events, the records alone", pretty(&json!(all)).into_bytes(), read()),
        ("exported log", gzip(each(all, |one| format!("2026-01-02T03:04:05.000Z {one}\n"))), read()),
        ("Firehose", gzip(each(all, |one| String::from_utf8_lossy(&unzipped(&delivered(&[one.to_owned()]))).into_owned())), read()),
        ("Firehose in a function", list("records", &|one| json!({"recordId": "1", "data": base64(one)})), read()),
        ("subscription in a function", json!({"awslogs": {"data": STANDARD.encode(delivered(all))}}).to_string().into_bytes(), read()),
        ("Kinesis in a function", list("Records", &|one| json!({"kinesis": {"data": base64(one)}, "eventSource": "aws:kinesis", "eventName": "aws:kinesis:record"})), read()),
        ("SNS in a function", list("Records", &|one| json!({"EventSource": "aws:sns", "Sns": {"Message": event(one)}})), events()),
        ("SQS in a function", list("Records", &|one| json!({"messageId": "1", "body": json!({"Type": "Notification", "Message": event(one)}).to_string(), "eventSource": "aws:sqs"})), events()),
        ("events", each(all, |one| event(one) + "\n").into_bytes(), events()),
        ("CSV of Insights", format!("@timestamp,@message\r\n{}", each(all, |one| format!("2026-01-02 03:04:05.000,\"{}\"\r\n", one.replace('"', "\"\"")))).into_bytes(), read()),
        ("notification of S3", json!({"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"object": {"key": "AWSLogs/x.json.gz"}}}]}).to_string().into_bytes(), Outcome::Named("give the log file", 0)),
        ("digest", json!({"awsAccountId": "1", "digestStartTime": "2026-01-02T02:04:05Z", "logFiles": [{"s3Object": "x"}]}).to_string().into_bytes(), Outcome::Named("CloudTrail digest file", 0)),
    ]
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut text).expect("packed");
    text
}

/// What collectors of logs write.
fn collected(all: &[String]) -> Vec<Shape> {
    let lines =
        |of: &dyn Fn(&String) -> String| (all.iter().map(of).collect::<Vec<_>>().join("\n") + "\n").into_bytes();
    let read = || Outcome::Read(all.to_vec());
    let changed = |one: &String| one.replacen("{\"eventVersion\"", "{\"@version\":\"1\",\"eventVersion\"", 1);
    vec![
        (
            "containers",
            lines(&|one| json!({"log": format!("{one}\n"), "stream": "stdout", "time": "2026"}).to_string()),
            read(),
        ),
        (
            "containers of fluentd",
            lines(&|one| json!({"source": "stdout", "log": one, "container_id": "1"}).to_string()),
            read(),
        ),
        ("Elastic", lines(&|one| json!({"@timestamp": "2026", "event": {"original": one}}).to_string()), read()),
        ("Splunk", lines(&|one| quoted(r#"{"preview":false,"result":{"_raw":X}}"#, one)), read()),
        ("Wazuh", lines(&|one| around(r#"{"integration":"aws","aws":X}"#, one)), read()),
        ("Logstash", lines(&changed), Outcome::Read(all.iter().map(changed).collect())),
        ("syslog", lines(&|one| format!("Jan  2 03:04:05 host app[1]: {one}")), read()),
        ("unknown object", lines(&|one| quoted(r#"{"a":[{"b":{"c":X}}]}"#, one)), read()),
    ]
}

/// What people copy, and what editors and chats make of it.
fn copied(all: &[String]) -> Vec<Shape> {
    let first = &all[0];
    let only = || Outcome::Read(vec![first.clone()]);
    let indented = first.replacen('{', "{\n  ", 1);
    let text = |name, text: String, outcome| (name, text.into_bytes(), outcome);
    let latin = first.replacen("o'", "\u{1}", 1).into_bytes();
    let latin = latin.into_iter().map(|byte| if byte == 1 { 0xfc } else { byte }).collect();
    let records = format!("{{\"Records\":[{}]}}", all.join(","));
    vec![
        text("Markdown", format!("Here is the event:\n```json\n{indented}\n```\n"), only()),
        text("text below", format!("{indented}\n\n# end\n"), only()),
        text("comment above", format!("// copied from the console\n{indented}"), only()),
        text("comma too many", format!("{{\"Records\": [{indented},]}}"), only()),
        text("curly quotes", indented.replacen('"', "\u{201c}", 1), Outcome::Named("curly quotes", 0)),
        text(
            "left out",
            format!("{{\"Records\": [{indented},\n ... additional entries ...\n]}}"),
            Outcome::Named("abridged", 1),
        ),
        text("odd spaces", indented.replace("  ", "\u{a0}\u{a0}"), Outcome::Named("U+00A0", 0)),
        ("Latin-1", latin, Outcome::Named("iconv -f ISO-8859-1", 0)),
        text("Python", first.replace("o'", "o").replace('"', "'"), Outcome::Named("json.dumps", 0)),
        text("cut off", records[..records.len() - 20].to_owned(), Outcome::Named("may be incomplete", all.len() - 1)),
    ]
}

/// A name for a file: nothing may depend on it.
fn file(stack: &Stack, bytes: &[u8]) -> &'static str {
    std::fs::write(stack.path("input"), bytes).expect("written");
    "input"
}

#[test]
fn every_shape_is_read_to_the_letter_or_named() {
    let stack = Stack::new(WEBHOOK, &[]);
    let shapes = shapes(&records());
    assert!(shapes.len() >= 57, "{}", shapes.len());
    for (name, bytes, outcome) in shapes {
        let run = stack.run(&["match", "--pattern", STOP, file(&stack, &bytes)]);
        let printed: Vec<&str> = run.out.lines().collect();
        match outcome {
            Outcome::Read(expected) => {
                assert_eq!(run.code, 0, "{name}: {}", run.err);
                assert_eq!(printed, expected, "{name}");
                let notes = run.err.lines().filter(|line| !line.starts_with("note: input: ")).count();
                assert_eq!(notes, 0, "{name}: {}", run.err);
            }
            Outcome::Named(part, count) => {
                assert_eq!((run.code, printed.len()), (2, count), "{name}: {}", run.err);
                assert_eq!((run.err.matches(part).count(), run.err.lines().count()), (1, 1), "{name}: {}", run.err);
            }
        }
    }
}

#[test]
fn what_takes_one_event_reads_the_same_shapes() {
    let stack = Stack::new(WEBHOOK, &[]);
    for record in records() {
        for (name, bytes, outcome) in shapes(std::slice::from_ref(&record)) {
            let input = file(&stack, &bytes);
            let run = stack.run(&["explain", input]);
            match outcome {
                Outcome::Read(_) => assert_eq!(run.code, 0, "{name}: {}{}", run.out, run.err),
                Outcome::Named(part, _) => {
                    assert_eq!(run.code, 2, "{name}: {}", run.err);
                    assert!(run.err.contains(part), "{name}: {}", run.err);
                }
            }
        }
    }
    for (name, bytes, outcome) in shapes(&records()[..1]) {
        let input = file(&stack, &bytes);
        for command in ["preview", "fire"] {
            let run = stack.run(&[command, "--event", input]);
            let expected = if matches!(outcome, Outcome::Read(_)) { 0 } else { 2 };
            assert_eq!(run.code, expected, "{command}: {name}: {}", run.err);
        }
    }
    let run = stack.run(&["explain", file(&stack, records().join("\n").as_bytes())]).expect(2);
    assert!(run.err.contains("several events") && run.err.contains("trailbell match"), "{}", run.err);
}

#[test]
fn log_lines_come_out_of_lists_only() {
    let stack = Stack::new(WEBHOOK, &[]);
    let filter = "{ $.eventName = StopLogging }";
    let all = records();
    for (name, bytes, _) in shapes(&all) {
        let lines = match name {
            "lookup-events" | "filter-log-events" | "get-log-events" | "get-query-results" | "records" => all.len(),
            "containers" | "Wazuh" => 0,
            _ => continue,
        };
        let run = stack.run(&["match", "--count", "--filter", filter, file(&stack, &bytes)]);
        assert_eq!(run.out.trim(), lines.to_string(), "{name}: {}", run.err);
    }
}

#[test]
fn json_that_is_no_event_is_not_called_no_match() {
    let stack = Stack::new(WEBHOOK, &[]);
    let input = file(&stack, b"{\"a\":1}\n{\"b\":2}\n");
    let run = stack.run(&["match", "--pattern", STOP, input]).expect(2);
    assert!(run.err.contains("no CloudTrail record and no event"), "{}", run.err);
    // A pattern about other fields may be meant for anything.
    stack.run(&["match", "--pattern", r#"{"a":[2]}"#, input]).expect(1);
    stack.run(&["match", "--pattern", STOP, file(&stack, b"{\"a\":1}\n{\"source\":\"x\",\"detail\":{}}\n")]).expect(1);
}
