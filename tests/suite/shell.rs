//! The shell blocks of the README and the docs, run as written: in a folder and a home of their own, in a terminal, with
//! nothing in the environment but what the page tells its reader to set.
//!
//! Replaced are only the placeholder of the webhook and ports that another program may have; a program of others that the
//! page uses and that is not there (`aws`) or would start these tests again (`cargo`) is a stand-in.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use trailbell::archive::code_sha256;

use super::documents::{blocks, read};
use super::support::api::{Account, REGION};
use super::support::emulator::{free_port, ministack};
use super::support::install;
use super::support::sink::Sink;
use super::support::stack::WEBHOOK;
use super::support::trail;

/// The pages and how many shell blocks the tests below run of each.
const PAGES: [(&str, usize); 4] =
    [("README.md", 6), ("docs/blueprints.md", 1), ("docs/ci.md", 2), ("docs/remediation.md", 1)];

/// A folder with nothing in it, and a home with the program and stand-ins.
struct Reader {
    home: tempfile::TempDir,
    work: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let work = home.path().join("work");
        fs::create_dir(&work).expect("a folder");
        Self::within(home, work)
    }

    fn within(home: tempfile::TempDir, work: PathBuf) -> Self {
        fs::create_dir(home.path().join("bin")).expect("a folder");
        symlink(env!("CARGO_BIN_EXE_trailbell"), home.path().join("bin/trailbell")).expect("a link");
        Self { home, work }
    }

    /// Makes a file in the folder.
    fn has(&self, name: &str, text: &str) {
        fs::write(self.work.join(name), text).expect("written");
    }

    /// Makes a program that the page uses.
    fn stand_in(&self, name: &str, script: &str) {
        let path = self.home.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\nset -eu\n{script}\n")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
    }

    /// Runs shell text in a terminal, where every question is answered with yes, and gives what it printed.
    fn runs(&self, text: &str, environment: &[(&str, String)]) -> String {
        // What runs in the background ends with the block.
        let ends = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT";
        let script = format!("set -euo pipefail\nPATH=\"$HOME/bin:$PATH\"\n{ends}\n{text}");
        let output = Command::new("python3")
            .args(["-c", include_str!("support/terminal.py"), "bash", "-c", &script])
            .current_dir(&self.work)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TERM", "dumb")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("python3 runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }
}

/// An account in which a trail records everything, without which `verify` proves nothing.
fn account_with_a_trail() -> Account {
    let account = Account::new(ministack());
    trail::logging(&account, "main");
    account
}

/// The shell block of a page that contains a text.
fn block(page: &str, part: &str) -> String {
    let mut found = blocks(&read(page), "sh").into_iter().filter(|block| block.contains(part));
    let block = found.next().unwrap_or_else(|| panic!("no block of {page} has {part}"));
    assert_eq!(found.next(), None, "several blocks of {page} have {part}");
    block
}

#[test]
fn no_shell_block_is_left_out() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let mut pages = vec!["README.md".to_owned()];
    for folder in ["", "decisions/"] {
        for entry in fs::read_dir(Path::new(docs).join(folder)).expect("a folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("text");
            if Path::new(&name).extension().is_some_and(|one| one == "md") {
                pages.push(format!("docs/{folder}{name}"));
            }
        }
    }
    for page in pages {
        let text = read(&page);
        let expected = PAGES.iter().find(|(name, _)| *name == page).map_or(0, |(_, count)| *count);
        assert_eq!(blocks(&text, "sh").len(), expected, "{page}");
        for other in ["bash", "shell", "console", "zsh"] {
            assert!(!text.contains(&format!("```{other}")), "{page}: a shell block is `sh`, so that it is run");
        }
    }
}

#[test]
fn the_two_commands() {
    let reader = Reader::new();
    reader.stand_in(
        "cargo",
        "case $1 in\n run) shift 2; exec trailbell \"$@\" ;;\n test) exit 0 ;; # it started this test\n *) exit 2 ;;\nesac",
    );
    let said = reader.runs(&block("README.md", "cargo run"), &[]);
    assert!(said.contains("destroy"), "{said}");
}

#[test]
fn a_blueprint_from_a_built_in_one() {
    let reader = Reader::new();
    let said = reader.runs(&block("docs/blueprints.md", "--copy-to"), &[]);
    assert!(said.contains("no findings") && said.contains("passed"), "{said}");
}

#[test]
fn five_minutes_to_an_alert() {
    let (reader, sink, account) = (Reader::new(), Sink::start(), account_with_a_trail());
    let [set, init, steps] =
        ["export SLACK_WEBHOOK_URL='https", "trailbell init", "trailbell verify"].map(|part| block("README.md", part));
    let set = set.replace("https://hooks.slack.com/services/…", &sink.url("/hook"));
    assert!(set.contains("127.0.0.1"), "{set}");
    let environment = account.env(&ministack().url);
    let said = reader.runs(&format!("{set}\n{init}\n{steps}"), &environment);
    assert!(said.contains("No changes"), "{said}");
    // What the page shows is what `init` writes.
    let written = fs::read_to_string(reader.work.join("trailbell.yaml")).expect("a stack file");
    let shown =
        blocks(&read("README.md"), "yaml").into_iter().find(|one| one.contains("stack:")).expect("a stack file");
    for line in shown.lines() {
        assert!(written.lines().any(|one| one.trim_end() == line), "`{line}` is not in\n{written}");
    }
    let _ = sink.wait_for(1, Duration::from_secs(20));
}

#[test]
fn on_an_emulator() {
    let text = block("README.md", "pip install");
    // The bare environment that the block makes is kept, by the line that makes it: it is installed once.
    let line = text.lines().find(|line| line.contains("pip install")).expect("an installation");
    let kept = format!("readme-{}", code_sha256(line.as_bytes()).replace(['/', '+', '='], "-"));
    let kept = install::root().join(kept);
    fs::create_dir_all(&kept).expect("a folder");
    let _lock = install::lock(&kept.with_added_extension("lock")).expect("a lock");
    let reader = Reader::within(tempfile::tempdir().expect("a folder"), kept);
    let port = free_port().expect("a free port");
    reader.has("trailbell.yaml", WEBHOOK);
    let said =
        reader.runs(&text.replace("4566", &port.to_string()), &[("PIP_DISABLE_PIP_VERSION_CHECK", "1".to_owned())]);
    assert!(said.contains("No changes"), "{said}");
}

#[test]
fn what_would_have_matched() {
    let reader = Reader::new();
    let record = |name: &str| {
        format!(
            r#"{{"eventVersion":"1.09","eventSource":"cloudtrail.amazonaws.com","eventName":"{name}","eventTime":"2026-02-03T04:05:06Z","awsRegion":"us-east-1","recipientAccountId":"123456789012","eventType":"AwsApiCall","errorCode":"AccessDenied","userIdentity":{{"type":"Root"}}}}"#
        )
    };
    let records = format!(r#"{{"Records":[{},{}]}}"#, record("StopLogging"), record("CreateAccessKey"));
    reader.stand_in("aws", &format!("mkdir -p \"$4\"\ncat > \"$4/one.json\" <<'EOF'\n{records}\nEOF"));
    reader.has("root.json", r#"{"detail": {"userIdentity": {"type": ["Root"]}}}"#);
    reader.has("keys.json", r#"{"detail": {"eventName": ["CreateAccessKey"]}}"#);
    let said = reader.runs(&block("README.md", "trailbell match"), &[]);
    assert!(said.lines().any(|line| line.trim() == "1"), "{said}");
    assert!(said.contains("keys") && said.contains("root"), "{said}");
}

#[test]
fn a_remediation_of_your_own() {
    let (reader, sink, account) = (Reader::new(), Sink::start(), account_with_a_trail());
    let page = read("docs/remediation.md");
    let blueprint =
        blocks(&page, "yaml").into_iter().find(|one| one.starts_with("blueprint: kms")).expect("a blueprint");
    reader.has("key-deletion.yaml", &blueprint);
    reader.has("cancel-deletion.mjs", &blocks(&page, "js")[0]);
    let alert = "  - { blueprint: ./key-deletion.yaml, with: { keep_keys: true } }\n";
    reader.has("trailbell.yaml", &WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", alert));
    let key = kms(&account, "CreateKey", &json!({}))["KeyMetadata"]["KeyId"].as_str().expect("an id").to_owned();
    kms(&account, "ScheduleKeyDeletion", &json!({ "KeyId": key, "PendingWindowInDays": 7 }));
    let record = json!({
        "eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion", "awsRegion": REGION,
        "eventTime": "2026-02-03T04:05:06Z", "eventID": "3c4226b0-1e81-48a8-a333-7fa5f3cbd118",
        "eventType": "AwsApiCall", "recipientAccountId": account.id, "requestParameters": { "keyId": key },
    });
    reader.has("event.json", &record.to_string());
    let environment = [account.env(&ministack().url), vec![("SLACK_WEBHOOK_URL", sink.url("/hook"))]].concat();
    let asked = block("docs/remediation.md", "--run-remediation");
    let said = reader.runs(&format!("trailbell apply --yes\n{asked}"), &environment);
    let shown =
        blocks(&page, "text").into_iter().find(|one| one.contains("its remediation ran")).expect("what it says");
    let expected = shown.trim_end().replace("1234abcd-12ab-34cd-56ef-1234567890ab", &key);
    assert!(said.contains(expected.trim_start_matches('✓').trim_start()), "{said}");
    assert_eq!(kms(&account, "DescribeKey", &json!({ "KeyId": key }))["KeyMetadata"]["DeletionDate"], Value::Null);
}

#[test]
fn a_pipeline_in_a_plain_shell() {
    let (reader, account) = (Reader::new(), Account::new(ministack()));
    let hook = format!("https://hooks.slack.com/services/T/B/{}", "a".repeat(24));
    let environment = [account.env(&ministack().url), vec![("SLACK_WEBHOOK_URL", hook)]].concat();
    reader.has("trailbell.yaml", WEBHOOK);
    let pipeline = block("docs/ci.md", "code=0");
    assert!(reader.runs(&pipeline, &environment).contains("Done: 9 created."));
    assert!(reader.runs(&pipeline, &environment).contains("nothing to do"));
    assert!(reader.runs(&block("docs/ci.md", "reviewed by someone"), &environment).contains("No changes."));
}

fn kms(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("kms", &format!("TrentService.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}
