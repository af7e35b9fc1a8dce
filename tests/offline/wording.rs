//! What people read: every help page and one error of each kind, as snapshots, so that a change of wording is seen in review.

use std::path::Path;
use std::process::Command;

use clap::{CommandFactory, Parser};
use trailbell::cli::Cli;

/// A stack without findings, bound to an account that is not the sandbox's.
const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
account: "999999999999"
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

/// A blueprint with three findings.
const FINDINGS: &str = "blueprint: mine
title: Logging turned off
severity: urgent
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLoging] }
  message:
    input_paths: { user: $.detail.userIdentity.principalId }
    text: <usr> turned off logging
";

/// A blueprint whose test expects another event.
const FAILING: &str = "blueprint: mine
title: Logging turned off
severity: low
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] }
  message: { text: Logging was turned off }
tests:
  - name: StartLogging matches
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StartLogging }
    expect: { matches: true }
  - name: StopLogging does not match
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }
    expect: { matches: false }
";

/// One error of each kind: its name, and the command that makes it.
const ERRORS: [(&str, &[&str]); 11] = [
    ("arguments", &["plan", "--detailed-exit-code"]),
    ("usage", &["plan", "missing.yaml"]),
    ("region", &["destroy", "--stack", "sec"]),
    ("findings", &["check", "findings.yaml"]),
    ("refused", &["plan", "--sandbox", "stack.yaml"]),
    ("provider", &["plan", "--sandbox=broken.json", "stack.yaml"]),
    ("other", &["catalog", "cloudtrail-stop-logging", "--copy-to", "stack.yaml"]),
    ("failed-test", &["test", "failing.yaml"]),
    ("pattern", &["match", "--pattern", r#"{"source": "aws.iam"}"#]),
    ("json", &["--output", "json", "plan", "missing.yaml"]),
    ("unknown-blueprint", &["catalog", "cloudtrail-stop-loging"]),
];

/// What a command prints in a folder, and its exit code.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .env_remove("SLACK_WEBHOOK_URL")
        .output()
        .expect("the program runs");
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    let code = output.status.code().expect("an exit code");
    format!("$ trailbell {}\n{out}{err}exit code {code}", arguments.join(" "))
}

fn commands() -> Vec<clap::Command> {
    Cli::command().get_subcommands().filter(|one| !one.is_hide_set()).cloned().collect()
}

#[test]
fn every_help_page() {
    let folder = tempfile::tempdir().expect("a folder");
    insta::assert_snapshot!("help", run(folder.path(), &["help"]));
    for command in commands() {
        let name = command.get_name();
        insta::assert_snapshot!(format!("help-{name}"), run(folder.path(), &["help", name]));
    }
}

#[test]
fn one_error_of_each_kind() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in
        [("stack.yaml", STACK), ("findings.yaml", FINDINGS), ("failing.yaml", FAILING), ("broken.json", "{")]
    {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    for (name, arguments) in ERRORS {
        insta::assert_snapshot!(format!("error-{name}"), run(folder.path(), arguments));
    }
}

/// The words of a command line, in which only `'` quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in line.trim().split('\'').enumerate() {
        let is_quoted = index % 2 == 1;
        for (nth, piece) in part.split(|c| !is_quoted && c == ' ').enumerate() {
            if nth > 0 {
                words.push(String::new());
            }
            words.last_mut().expect("there is one").push_str(piece);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Examples are commands that clap accepts; a line that ends in `\` goes on in the next one.
#[test]
fn every_command_has_examples_that_parse() {
    for command in commands() {
        let name = command.get_name();
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let after = after.replace("\\\n", " ");
        let examples: Vec<&str> = after.lines().filter(|line| line.starts_with("  trailbell ")).collect();
        assert!(!examples.is_empty(), "`{name} --help` has no examples");
        for example in examples {
            // Redirections and pipes are the shell's.
            let own = words(example).into_iter().take_while(|word| !["<", ">", "|"].contains(&word.as_str()));
            if let Err(refused) = Cli::try_parse_from(own) {
                panic!("{example}: {refused}");
            }
        }
    }
}
