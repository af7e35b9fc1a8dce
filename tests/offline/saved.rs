//! `plan --out` and `apply FILE`, on the sandbox: exactly what was planned is applied, or nothing is.

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

const MORE: &str = "  - blueprint: repostspace-case-resolved\n";

/// A folder with a stack file and a sandbox.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("a folder"));
        folder.write("trailbell.yaml", STACK);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("readable")
    }

    /// Standard output and error of a command that ends with this code.
    fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_trailbell"))
            .args(arguments)
            .arg("--sandbox=box.json")
            .current_dir(self.0.path())
            .env("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa")
            .output()
            .expect("the program runs");
        let [out, err] = [stdout, stderr].map(|text| String::from_utf8(text).expect("text"));
        assert_eq!(status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        (out, err)
    }

    /// What a refusal says. Nothing was changed.
    fn refused(&self, arguments: &[&str], code: i32, part: &str) {
        let before = std::fs::read(self.path("box.json")).ok();
        let (_, told) = self.run(arguments, code);
        assert!(told.contains(part), "{arguments:?}: {told}");
        assert_eq!(std::fs::read(self.path("box.json")).ok(), before, "something was changed");
    }
}

#[test]
fn a_saved_plan_is_applied_without_asking() {
    let folder = Folder::new();
    let (_, told) = folder.run(&["plan", "--out", "release.plan"], 0);
    assert!(told.contains("trailbell apply release.plan"), "{told}");
    folder.refused(&["apply"], 2, "cannot ask for confirmation");
    let (out, _) = folder.run(&["apply", "release.plan"], 0);
    assert!(out.contains("Done: 9 created."), "{out}");
    folder.run(&["plan", "--detailed-exitcode"], 0);
    // Once applied, it is out of date.
    folder.refused(&["apply", "release.plan"], 5, "rule.cloudtrail-stop-logging: planned: create; now: no change");
    // A plan without changes can be applied, too, and asks for nothing.
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.run(&["apply", "release.plan"], 0);
}

#[test]
fn the_name_of_the_stack_is_that_of_the_plan() {
    let folder = Folder::new();
    folder.run(&["plan", "--suffix", "pr-7", "--out", "release.plan"], 0);
    folder.refused(
        &["apply", "release.plan", "--suffix", "pr-8"],
        5,
        "it is for stack sec-pr-7, and this is stack sec-pr-8",
    );
    folder.run(&["apply", "release.plan"], 0);
    folder.run(&["plan", "--suffix", "pr-7", "--detailed-exitcode"], 0);
    folder.run(&["plan", "--detailed-exitcode"], 3);
    folder.refused(&["apply", "release.plan"], 5, "trailbell plan --out release.plan trailbell.yaml --suffix pr-7`");
}

#[test]
fn json_needs_no_yes_either() {
    let folder = Folder::new();
    folder.run(&["plan", "--out", "release.plan", "--output", "json"], 0);
    let (out, _) = folder.run(&["apply", "release.plan", "--output", "json"], 0);
    assert!(out.lines().next().is_some_and(|line| line.contains(r#""event":"planned""#)), "{out}");
}

#[test]
fn what_changed_since_is_told_and_nothing_is_applied() {
    let folder = Folder::new();
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.write("trailbell.yaml", &format!("{STACK}{MORE}"));
    folder.refused(&["apply", "release.plan"], 5, "rule.repostspace-case-resolved: planned: no change; now: create\n");
    folder.run(&["apply", "--yes"], 0);
    folder.write("trailbell.yaml", STACK);
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.write("box.json", &folder.read("box.json").replace("\"ENABLED\"", "\"DISABLED\""));
    folder.refused(&["apply", "release.plan"], 5, "now: update state\n");
    folder.refused(&["apply", "release.plan", "--yes", "--output", "json"], 5, "");
    // Only the same place.
    folder.write("trailbell.yaml", &STACK.replace("stack: sec", "stack: other"));
    folder.refused(&["apply", "release.plan"], 5, "it is for stack sec, and this is stack other");
    folder.write("trailbell.yaml", &STACK.replace("us-east-1", "eu-west-1"));
    folder.refused(&["apply", "release.plan"], 5, "it is for region us-east-1, and this is region eu-west-1");
    std::fs::remove_file(folder.path("trailbell.yaml")).expect("removed");
    folder.refused(&["apply", "release.plan"], 2, "is of `trailbell.yaml`, which does not exist");
}

#[test]
fn an_outdated_plan_says_how_many_runs_there_were_since() {
    let folder = Folder::new();
    let outdated = |part: &str| folder.refused(&["apply", "release.plan"], 5, part);
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.run(&["apply", "--yes"], 0);
    outdated("there was 1 run since, which `trailbell history` shows");
    folder.write("trailbell.yaml", &format!("{STACK}{MORE}"));
    folder.run(&["apply", "--yes"], 0);
    outdated("there were 2 runs since");
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.write("box.json", &folder.read("box.json").replace("\"ENABLED\"", "\"DISABLED\""));
    outdated("there was no run since: the files have changed, or the account was changed by hand");
    folder.run(&["destroy", "--yes"], 0);
    outdated("the stack was destroyed since");
}

#[test]
fn the_expiry_that_was_approved_stays() {
    let folder = Folder::new();
    let expiry = || {
        let (out, _) = folder.run(&["list", "--region", "us-east-1", "--output", "json"], 0);
        let listed: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        listed["stacks"][0]["expires_at"].as_i64()
    };
    folder.refused(&["plan", "--expires", "2h"], 2, "--out");
    folder.run(&["plan", "--expires", "2h", "--out", "release.plan"], 0);
    // What the file of the stack says now does not count.
    folder.write("trailbell.yaml", &format!("{STACK}expires: 300d\n"));
    let (out, _) = folder.run(&["apply", "release.plan"], 0);
    assert!(out.contains("The stack expires at"), "{out}");
    let soon = expiry().expect("it expires");
    folder.write("trailbell.yaml", &format!("{STACK}{MORE}"));
    folder.run(&["plan", "--out", "release.plan"], 0);
    let (out, _) = folder.run(&["apply", "release.plan"], 0);
    assert!(out.contains("The stack expires at"), "{out}");
    assert_eq!(expiry(), Some(soon), "a plan without an expiry leaves it as it is");
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.run(&["apply", "release.plan", "--expires", "3d"], 0);
    assert!(expiry() > Some(soon), "what is said last counts");
    folder.run(&["apply", "--yes"], 0);
    assert_eq!(expiry(), None, "the stack file says that it does not expire");
}

#[test]
fn a_file_that_is_not_a_usable_plan_is_refused_by_name() {
    let folder = Folder::new();
    folder.run(&["plan", "--out", "release.plan"], 0);
    let text = folder.read("release.plan");
    let refused = |text: &str, part: &str| {
        folder.write("bad.plan", text);
        folder.refused(&["apply", "bad.plan"], 5, part);
    };
    refused(&text.replace("\"trailbell_plan\": 1", "\"trailbell_plan\": 2"), "it has format 2, which is newer");
    refused(&text.replace("\"create\"", "\"delete\""), "it is damaged: its digest does not match");
    refused(&text[..text.len() / 2], "it is damaged: EOF");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    refused(&text.replace(&version, "\"version\": \"99.0.0\""), "it was made by trailbell 99.0.0");
    let (output, _) = folder.run(&["plan", "--output", "json"], 0);
    refused(&output, "it is the output of `trailbell plan --output json`");
    folder.write("notes.txt", "hello");
    folder.refused(&["apply", "notes.txt", "--yes"], 1, "notes.txt");
    folder.refused(&["apply", "release.plan", "--remove-unmanaged", "x"], 2, "cannot be added to the saved plan");
    // Without that, the stack file is the only thing that says what is done.
    folder.run(&["apply", "release.plan"], 0);
}

#[test]
fn only_an_earlier_plan_is_overwritten() {
    let folder = Folder::new();
    folder.write("notes.txt", "mine");
    for name in ["notes.txt", "trailbell.yaml", ".", "nowhere/release.plan"] {
        let code = if name.starts_with("nowhere") { 1 } else { 2 };
        folder.refused(&["plan", "--out", name], code, "cannot save the plan in");
    }
    assert_eq!(folder.read("notes.txt"), "mine");
    assert_eq!(folder.read("trailbell.yaml"), STACK);
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.write("trailbell.yaml", &format!("{STACK}{MORE}"));
    folder.run(&["plan", "--out", "release.plan"], 0);
    folder.run(&["apply", "release.plan"], 0);
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_it_and_a_link_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new();
    folder.run(&["plan", "--out", "release.plan"], 0);
    let mode = std::fs::metadata(folder.path("release.plan")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    symlink("release.plan", folder.path("link")).expect("a link");
    folder.run(&["plan", "--out", "link"], 0);
    assert!(folder.path("link").is_symlink());
    symlink("nothing", folder.path("dangling")).expect("a link");
    folder.refused(&["plan", "--out", "dangling"], 2, "cannot save the plan in");
    folder.refused(&["plan", "--out", "/dev/null"], 2, "it is a device, not a regular file");
}

#[test]
fn the_file_fits_its_schema_and_holds_no_secret() {
    let folder = Folder::new();
    folder.run(&["plan", "--out", "release.plan"], 0);
    let (schema, _) = folder.run(&["schema", "saved-plan"], 0);
    let [schema, saved] = [schema, folder.read("release.plan")]
        .map(|text| serde_json::from_str::<serde_json::Value>(&text).expect("JSON"));
    assert_eq!(super::schemas::misfit(&saved, &schema, &schema), None);
    assert!(!folder.read("release.plan").contains("aaaaaaaa"));
}
