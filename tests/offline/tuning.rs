//! `docs/tuning.md`: its stack has no finding, and its events fire or are suppressed as the page says; what commands say of
//! suppressed events and of disabled alerts.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trailbell::alert::Installation;
use trailbell::check;
use trailbell::document::Document;
use trailbell::explain::{ExplainInput, Explanation, Stop, explain};
use trailbell::lambda::no_writer;

const PAGE: &str = include_str!("../../docs/tuning.md");

/// The blocks of the page in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    PAGE.split(begin.as_str()).skip(1).map(|rest| rest.split("```").next().expect("an end")).collect()
}

fn stack() -> Installation {
    let [text] = blocks("yaml")[..] else { panic!("one stack") };
    let document = Document::parse("trailbell.yaml", text).expect("YAML");
    let loaded = check::stack_on(document, PathBuf::new(), "2030-12-31".parse().expect("a date"));
    loaded.unwrap_or_else(|findings| panic!("{findings:#?}"))
}

#[test]
fn the_page_about_noise_is_as_it_says() {
    let stack = stack();
    assert_eq!((stack.warnings.len(), stack.alerts.len(), stack.disabled.len()), (0, 1, 1), "{:?}", stack.warnings);
    let mut seen = 0;
    for block in blocks("event") {
        let (record, expected) = block.trim().split_once('\n').expect("a record and what becomes of it");
        let record: Value = serde_json::from_str(record).expect("JSON");
        let event = trailbell::record::event(record.as_object().expect("an object"));
        let home = stack.home();
        let outcome = explain(&stack.alerts[0], Some(&home), ExplainInput::Event(&event), &no_writer).outcome;
        let found = match outcome {
            Explanation::Stopped { by: Stop::Suppressed { .. } } => "suppressed",
            outcome if outcome.fires() => "fires",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{record}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(arguments)
        .current_dir(folder)
        .env("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa")
        .output()
        .expect("the program runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn commands_name_what_is_suppressed_disabled_and_expired() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let [text] = blocks("yaml")[..] else { panic!("one stack") };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("trailbell.yaml", text);
    write("event.json", blocks("event")[0].lines().next().expect("a record"));
    let explained = run(folder.path(), &["explain", "event.json"]);
    let suppressed =
        "the stack suppresses it: The platform team replaces trails on Tuesdays. (owner: #platform, until 2031-03-31)";
    assert!(explained.contains(suppressed) && explained.contains("it is disabled in the stack file"), "{explained}");
    let disabled = "1 alert is disabled in the stack file: `cloudtrail-access-denied-logs`";
    assert!(run(folder.path(), &["plan", "--sandbox=world.json"]).contains(disabled));
    let fired = run(folder.path(), &["fire", "--alert", "cloudtrail-access-denied-logs"]);
    assert!(fired.contains("is disabled in the stack file"), "{fired}");
    assert!(run(folder.path(), &["test"]).contains("cloudtrail-access-denied-logs"));
    // What is in force is in the account, and what has expired is a change.
    run(folder.path(), &["apply", "--sandbox=world.json", "--yes"]);
    assert!(run(folder.path(), &["plan", "--sandbox=world.json"]).contains("No changes"));
    let status = run(folder.path(), &["status", "--sandbox=world.json"]);
    assert!(status.contains(disabled), "{status}");
    write("trailbell.yaml", &text.replace("2031-03-31", "2020-03-31"));
    let planned = run(folder.path(), &["plan", "--sandbox=world.json"]);
    assert!(planned.contains("TB0703") && planned.contains("rule.cloudtrail-stop-logging"), "{planned}");
}

/// An event of the alert that someone did.
fn done_by(identity: &str) -> String {
    format!(
        r#"{{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.9","userIdentity":{identity}}}"#
    )
}

#[test]
fn a_suppression_is_proposed_for_an_event_and_does_what_it_says() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let [text] = blocks("yaml")[..] else { panic!("one stack") };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("trailbell.yaml", text);
    let proposed = |identity: &str| {
        write("event.json", &done_by(identity));
        run(folder.path(), &["suppress", "event.json"])
    };
    let [expected] = blocks("yaml-proposed")[..] else { panic!("one proposal") };
    let role = r#"{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"userName":"nightly"}}}"#;
    let shown = proposed(role);
    for line in expected.lines() {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(
        shown.contains("`cloudtrail-stop-logging`")
            && shown.contains("With it, the alert does not fire for this event"),
        "{shown}"
    );
    // Pasted and filled in, the alert does not fire.
    let filled = expected
        .replace("reason: ", "reason: nightly tests")
        .replace("owner: ", "owner: ops")
        .replace("until: ", "until: 2031-01-31");
    let item: Vec<String> = filled.lines().map(|line| format!("      {line}")).collect();
    write("trailbell.yaml", &text.replace("    suppress:\n", &format!("    suppress:\n{}\n", item.join("\n"))));
    let explained = run(folder.path(), &["explain", "event.json"]);
    assert!(explained.contains("the stack suppresses it: nightly tests"), "{explained}");
    write("trailbell.yaml", text);
    for (identity, part) in [
        (r#"{"type":"IAMUser","userName":"deploy"}"#, r#"userIdentity.userName: ["deploy"]"#),
        (
            r#"{"type":"AWSService","invokedBy":"config.amazonaws.com"}"#,
            r#"userIdentity.invokedBy: ["config.amazonaws.com"]"#,
        ),
        (r#"{"type":"Root","userName":"main"}"#, "the root user did it"),
        ("{}", "does not say who caused it"),
        // The account of the blueprint's own test: more tells the events apart.
        (r#"{"type":"AWSAccount","accountId":"123456789012"}"#, r#"recipientAccountId: ["111122223333"]"#),
    ] {
        let shown = proposed(identity);
        assert!(shown.contains(part), "{identity}: {shown}");
    }
    write(
        "event.json",
        r#"{"eventSource":"cloudtrail.amazonaws.com","eventName":"StartLogging","awsRegion":"us-east-1"}"#,
    );
    assert!(run(folder.path(), &["suppress", "event.json"]).contains("no alert fires"));
    let named = run(folder.path(), &["suppress", "event.json", "--alert", "cloudtrail-stop-logging"]);
    assert!(named.contains("it does not fire"), "{named}");
    // A line of a log is suppressed in the same way.
    write("trailbell.yaml", &text.replace("    enabled: false\n", ""));
    let refused = done_by(r#"{"type":"IAMUser","userName":"scanner"}"#)
        .replace(r#""awsRegion""#, r#""errorCode":"AccessDenied","awsRegion""#);
    write("event.json", &refused);
    let shown = run(folder.path(), &["suppress", "event.json", "--alert", "cloudtrail-access-denied-logs"]);
    assert!(
        shown.contains(r#"userIdentity.userName: ["scanner"]"#) && shown.contains(r#"eventName: ["StopLogging"]"#),
        "{shown}"
    );
    assert!(run(folder.path(), &["suppress", "event.json", "--alert", "x"]).contains("there is no alert `x`"));
}
