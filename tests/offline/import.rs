//! `trailbell import`: files in, blueprint files out, and a report with an exit code.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const RULE: &str = "title: Logging is turned off
author: Alice Example
logsource: { product: aws, service: cloudtrail }
detection:
  selection: { eventSource: cloudtrail.amazonaws.com, eventName: [StopLogging, DeleteTrail] }
  filter: { userIdentity.invokedBy: config.amazonaws.com }
  condition: selection and not filter
level: high
";

const REFUSED: &str = "title: A browser
logsource: { product: aws, service: cloudtrail }
detection:
  selection: { userAgent|contains: Browser }
  condition: selection
";

const TEMPLATE: &str = "Resources:
  KeyDeletion:
    Type: AWS::Events::Rule
    Properties:
      Description: A key is scheduled for deletion
      EventPattern:
        source: [aws.kms]
        detail: { eventSource: [kms.amazonaws.com], eventName: [ScheduleKeyDeletion] }
      Targets: [{ Id: a, Arn: !Ref Topic }]
  Nightly:
    Type: AWS::Events::Rule
    Properties: { ScheduleExpression: rate(1 day) }
";

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa")
        .output()
        .expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("an exit code"), String::from_utf8(text).expect("text"))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("rules")).expect("created");
    for (name, text) in files {
        std::fs::write(folder.path().join("rules").join(name), text).expect("written");
    }
    folder
}

#[test]
fn rules_of_a_folder_become_files_that_check_and_test_accept() {
    let folder = folder(&[("logging_off.yml", RULE), ("browser.yml", REFUSED), ("note.txt", "not a rule")]);
    let (code, said) = run(folder.path(), &["import", "sigma", "rules", "--to", "out"]);
    assert_eq!(code, 1, "{said}");
    for words in ["out/logging-off.yaml (", "Logging is turned off", "refused: ", "2 rules: 1 imported, 1 refused."] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (code, said) = run(folder.path(), &["check", "--strict", "out/logging-off.yaml"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(folder.path(), &["test", "--conditions", "out/logging-off.yaml"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn rules_of_a_template_become_files_that_check_and_test_accept() {
    let folder = folder(&[("template.yaml", TEMPLATE)]);
    let (code, said) = run(folder.path(), &["import", "eventbridge", "rules/template.yaml"]);
    assert!(code == 1 && said.contains("it runs on a schedule") && said.contains("2 rules: 1 imported"), "{said}");
    for arguments in [&["check", "key-deletion.yaml"][..], &["test", "--conditions", "key-deletion.yaml"]] {
        let (code, said) = run(folder.path(), arguments);
        assert_eq!(code, 0, "{said}");
    }
}

const STACK: &str = r#"stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

#[test]
fn a_rule_of_the_account_becomes_a_file() {
    let folder = folder(&[]);
    std::fs::write(folder.path().join("stack.yaml"), STACK).expect("written");
    let sandbox = "--sandbox=world.json";
    let (code, said) = run(folder.path(), &["apply", sandbox, "--yes", "stack.yaml"]);
    assert_eq!(code, 0, "{said}");
    let import = ["import", "eventbridge", sandbox, "--region", "us-east-1", "--rule"];
    let rule = "trailbell-sec_cloudtrail-stop-logging_rule";
    let (code, said) = run(folder.path(), &[&import[..], &[rule]].concat());
    assert!(code == 0 && said.contains("1 rule: 1 imported, 0 refused."), "{said}");
    let made = "trailbell-sec-cloudtrail-stop-logging-rule.yaml";
    for arguments in [["check", made].as_slice(), &["test", "--conditions", made]] {
        let (code, said) = run(folder.path(), arguments);
        assert_eq!(code, 0, "{said}");
    }
    let (code, said) = run(folder.path(), &[&import[..], &["other"]].concat());
    assert!(code == 1 && said.contains("there is no rule `other` on the event bus `default`"), "{said}");
}

#[test]
fn files_are_never_overwritten() {
    let folder = folder(&[("a.yml", RULE)]);
    assert_eq!(run(folder.path(), &["import", "sigma", "rules/a.yml"]).0, 0);
    let before = std::fs::read_to_string(folder.path().join("a.yaml")).expect("there");
    let (code, said) = run(folder.path(), &["import", "sigma", "rules/a.yml", "--from", "https://rules.example.com"]);
    assert!(code == 1 && said.contains("exists and is not overwritten"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path().join("a.yaml")).expect("there"), before);
}

#[test]
fn what_is_not_there_is_a_usage_error() {
    let folder = folder(&[]);
    for arguments in [
        &["import", "sigma", "missing.yml"][..],
        &["import", "sigma", "rules"],
        &["import", "sigma", ".", "--from", "http://rules.example.com"],
        &["import", "sigma", "--rule", "a"],
        &["import", "eventbridge", "--rule", "a"],
        &["import", "eventbridge", "--rule", "a", "file.yaml"],
    ] {
        assert_eq!(run(folder.path(), arguments).0, 2, "{arguments:?}");
    }
}
