//! Formats that one command has: Markdown of `plan`, annotations and SARIF of `check`; every other command says that it has none.

use std::process::Command;

use clap::CommandFactory;
use serde_json::Value;
use tempfile::TempDir;
use trailbell::cli::Cli;

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("trailbell.yaml"), STACK).expect("written");
    std::fs::write(folder.path().join("broken.yaml"), STACK.replace("us-east-1", "nowhere")).expect("written");
    folder
}

/// Standard output, standard error, and the exit code of a command in a folder.
fn run(folder: &TempDir, arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(arguments)
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .env_remove("SLACK_WEBHOOK_URL")
        .output()
        .expect("the program runs");
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    (out, err, output.status.code())
}

#[test]
fn a_plan_is_a_comment() {
    let (out, err, code) =
        run(&folder(), &["plan", "--sandbox=box.json", "--output", "markdown", "--detailed-exitcode"]);
    assert_eq!(code, Some(3), "{err}");
    let begin = "### trailbell: plan for `sec`, account 123456789012, us-east-1\n\n**Plan: 9 to create, ";
    assert!(out.starts_with(begin), "{out}");
    assert!(out.contains("<details><summary><code>rule.cloudtrail-stop-logging</code> create</summary>"), "{out}");
    assert!(out.contains("planned without the secret"), "{out}");
    let (_, err, code) = run(&folder(), &["plan", "--sandbox=box.json", "--output", "markdown", "broken.yaml"]);
    assert!(code == Some(1) && err.starts_with("error[TB0301]"), "{err}");
}

#[test]
fn findings_are_annotations() {
    let (out, _, code) = run(&folder(), &["check", "--output", "github", "broken.yaml"]);
    assert_eq!(code, Some(1));
    let begin = "::error file=broken.yaml,line=3,col=9,endColumn=16,title=TB0301 not an AWS region::";
    assert!(out.starts_with(begin), "{out}");
    let (out, _, code) = run(&folder(), &["check", "--output", "github"]);
    assert_eq!((out.as_str(), code), ("1 file: no findings.\n", Some(0)));
}

#[test]
fn findings_are_sarif() {
    for (file, number) in [("broken.yaml", 1), ("trailbell.yaml", 0)] {
        let (out, _, code) = run(&folder(), &["check", "--output", "sarif", file]);
        assert_eq!(code, Some(number));
        let document: Value = serde_json::from_str(&out).expect("JSON");
        let results = document["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), usize::try_from(number).expect("small"), "{document}");
    }
}

#[test]
fn other_commands_say_that_they_have_no_such_format() {
    let folder = folder();
    let commands = Cli::command();
    for command in commands.get_subcommands().map(clap::Command::get_name) {
        for (format, owner) in [("markdown", "plan"), ("github", "check"), ("sarif", "check")] {
            let arguments: &[&str] = match command {
                _ if command == owner => continue,
                "explain" => &["explain", "TB0501"],
                "schema" => &["schema", "stack"],
                "adopt" => &["adopt", "queue.slack"],
                "suppress" => &["suppress", "event.json"],
                "completions" => &["completions", "bash"],
                "man" => &["man", "pages"],
                "unlock" => &["unlock", "1"],
                "import" => &["import", "sigma", "rule.yml"],
                "match" => &["match", "--pattern", r#"{"source":["a"]}"#],
                other => &[other],
            };
            let (out, err, code) = run(&folder, &[arguments, &["--output", format]].concat());
            assert_eq!((out.as_str(), code), ("", Some(2)), "{command}: {err}");
            assert!(err.contains(&format!("this command has no `--output {format}`")), "{command}: {err}");
        }
    }
}
