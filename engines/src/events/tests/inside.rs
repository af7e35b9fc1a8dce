//! What is inside of a text: events and records to the letter, in bounded time and memory, whatever the text is.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::super::inside::inside_limited;
use super::super::{Inside, Pointer, inside, is_event};
use super::gzip;

const RECORD: &str =
    r#"{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"PutObject","n":1.50,"n":2}"#;

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn found(text: &str) -> Vec<String> {
    match inside(text) {
        Inside::Events { texts, .. } => texts,
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn events_come_out_as_they_are() {
    let event = r#"{"version":"0","detail-type":"x","detail":{}}"#;
    let twice = quoted(&quoted(RECORD));
    let packed = quoted(&STANDARD.encode(gzip(&gzip(RECORD.as_bytes())[..0])));
    let base64 = quoted(&STANDARD.encode(format!("{RECORD}\n{event}\n")));
    let cases: Vec<(String, Vec<&str>)> = vec![
        (format!(r#"{{"a":{RECORD}}}"#), vec![RECORD]),
        (format!(r#"{{"a":{},"b":{RECORD}}}"#, quoted(RECORD)), vec![RECORD]),
        (format!(r#"[{RECORD},5,{{"x":{event}}}] more"#), vec![RECORD, event]),
        (format!(r#"{{"a":{twice}}}"#), vec![RECORD]),
        (format!(r#"{{"data":{base64}}}"#), vec![RECORD, event]),
        (format!(r#"{{"source":"stdout","log":{}}}"#, quoted(&format!("time {RECORD}\n"))), vec![RECORD]),
        (format!("{{tag}} {RECORD}"), vec![RECORD]),
        (format!("[2026-01-02] [INFO] {RECORD}"), vec![RECORD]),
        (format!("\u{feff}words \"{}\"", RECORD.replace('"', "\"\"")), vec![RECORD]),
        (format!(r#"{{"eventSource":"aws:sqs","eventName":"x","body":{}}}"#, quoted(event)), vec![event]),
        (format!(r#"{{"data":{packed},"b":"eventSource"}}"#), vec!["Itself"]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&text), expected, "{text}");
    }
    let text = format!("  {{\"a\":{RECORD}}} rest");
    let Inside::Events { end, in_list, .. } = inside(&text) else { panic!("{text}") };
    assert_eq!((&text[end..], in_list), (" rest", false));
}

#[test]
fn what_has_nothing_around_it_is_itself() {
    let sorted = r#"{"awsRegion":"x","eventName":"y","eventSource":"z"}"#;
    let own = r#"{"detail":{"a":"eventSource"},"source":"my.app"}"#;
    let insight = r#"{"eventCategory":"Insight","eventType":"AwsCloudTrailInsight","eventVersion":"1.08"}"#;
    for text in [RECORD, sorted, own, insight, "{}", "5 {", "{\"a\":", "{\"eventSource\":\"{", "[[[["] {
        assert_eq!(inside(text), Inside::Itself, "{text}");
    }
    for text in [RECORD, sorted, own, insight, r#" {"source":"x"}"#] {
        assert!(is_event(text), "{text}");
    }
    assert!(!is_event("{\"a\":1}") && !is_event("words") && !is_event("[]"));
    assert_eq!((inside("no quotes, no braces"), inside("[1]")), (Inside::Words, Inside::Words));
    let digest = r#"{"digestStartTime":"x","logFiles":[]}"#;
    assert_eq!(inside(digest), Inside::Pointer(Pointer::Digest));
    let s3 = r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}"#;
    assert_eq!(inside(s3), Inside::Pointer(Pointer::S3Notification));
}

#[test]
fn time_and_memory_are_bounded() {
    let limit = 1 << 16;
    let bomb = STANDARD.encode(gzip(&vec![b' '; 3 * limit]));
    assert_eq!(inside_limited(&format!(r#"{{"data":"{bomb}"}}"#), limit), Inside::TooLong);
    let many = format!(r#"{{"a":[{}]}}"#, vec![RECORD; 2 * limit / RECORD.len()].join(","));
    assert_eq!(inside_limited(&many, limit), Inside::TooLong);
    let wide = 1 << 18;
    let mark = "\"eventSource\"";
    let nested = (0..12).fold(mark.to_owned(), |text, _| quoted(&text));
    let slow = [
        format!("{}{mark}{}", "[".repeat(wide), "]".repeat(wide)),
        format!("{}{mark}{}", "{\"a\":".repeat(wide / 5), "}".repeat(wide / 5)),
        format!("[{}{mark}]", "\"{\",".repeat(wide / 4)),
        format!("{mark} {}", "{\"".repeat(wide / 2)),
        format!("{mark} {}", "{".repeat(wide)),
        format!("[{}{mark}]", format!("{nested},").repeat(wide / nested.len())),
        format!("[{}]", "\"{\\\"eventSource\\\" {{{{{{{{\",".repeat(wide / 28)),
    ];
    for text in slow {
        let began = Instant::now();
        let _ = inside(&text);
        assert!(began.elapsed() < Duration::from_secs(5), "{}", &text[..40]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in "([{}\\[\\],:\"'\\\\ ]|eventSource|\"eventName\"|\"detail\"|H4sI|é|\u{feff}){0,40}") {
        if let Inside::Events { end, .. } = inside(&text) {
            prop_assert!(text.is_char_boundary(end));
        }
        let _ = is_event(&text);
    }

    #[test]
    fn any_wrapper_gives_the_record(layers in prop::collection::vec(0_usize..4, 1..7)) {
        let wrap = |text: String, layer: &usize| match layer {
            0 => format!(r#"{{"a":1,"b":{text}}}"#),
            1 => format!("[{text},null]"),
            2 => format!(r#"{{"log":{}}}"#, quoted(&text)),
            _ => format!(r#"{{"data":"{}"}}"#, STANDARD.encode(gzip(text.as_bytes()))),
        };
        let text = layers.iter().fold(RECORD.to_owned(), wrap);
        prop_assert_eq!(found(&text), vec![RECORD.to_owned()]);
    }
}
