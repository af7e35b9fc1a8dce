//! The script of the GitHub Action, run as a runner runs it: the real program on a sandbox, and a `gh` that keeps what it was told.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

/// Answers with the comments in a file, and appends what it is told to a log: the arguments, and the body of a comment.
const GH: &str = r#"#!/bin/sh
echo "gh $*" >>gh.log
for one in "$@"; do case $one in body=@*) cat "${one#body=@}" >posted.md ;; esac; done
case "$*" in *--paginate*) cat comments.json ;; esac
"#;

/// A workspace of a runner.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(TempDir::new().expect("a folder"));
        let program = format!("#!/bin/sh\nexec '{}' --sandbox=box.json \"$@\"\n", env!("CARGO_BIN_EXE_trailbell"));
        std::fs::create_dir(workspace.path("bin")).expect("a folder");
        for (name, text) in [("bin/gh", GH), ("bin/trailbell", &program)] {
            workspace.write(name, text);
            let is_program = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(workspace.path(name), is_program).expect("it is ours");
        }
        workspace.write("trailbell.yaml", STACK);
        workspace.comments(&[]);
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The comments of the pull request, on two pages.
    fn comments(&self, all: &[(u64, &str, &str)]) {
        let one =
            |(id, author, body): &(u64, &str, &str)| json!({ "id": id, "user": { "login": author }, "body": body });
        let pages = [json!([]), Value::Array(all.iter().map(one).collect())];
        self.write("comments.json", &pages.map(|page| page.to_string()).concat());
    }

    /// Runs the script with these inputs; gives the exit code and what it printed.
    fn run(&self, command: &str, inputs: &[(&str, &str)]) -> (Option<i32>, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("action/run.sh");
        let folders = [self.path("bin"), PathBuf::from("/usr/bin"), PathBuf::from("/bin")];
        let output = Command::new(script)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", std::env::join_paths(folders).expect("a path"))
            .env("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa")
            .envs([("COMMAND", command), ("STACK", "trailbell.yaml"), ("COMMENT", "true"), ("LOCK_TIMEOUT", "10m")])
            .envs([("COMMENT_AUTHOR", "github-actions[bot]"), ("GITHUB_REPOSITORY", "us/alerts")])
            .envs([("GITHUB_EVENT_NAME", "push"), ("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_RUN_ID", "7")])
            .envs([("GITHUB_OUTPUT", "output.txt"), ("GITHUB_STEP_SUMMARY", "summary.md")])
            .envs(inputs.iter().copied())
            .output()
            .expect("bash runs");
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text")).concat();
        (output.status.code(), text)
    }
}

const OURS: [(&str, &str); 3] =
    [("GITHUB_EVENT_NAME", "pull_request"), ("PULL_REQUEST", "12"), ("HEAD_REPOSITORY", "us/alerts")];

#[test]
fn a_plan_is_one_comment_that_is_replaced() {
    let workspace = Workspace::new();
    let (code, told) = workspace.run("plan", &OURS);
    assert_eq!(code, Some(0), "{told}");
    let posted = workspace.read("posted.md");
    let (mark, body) = posted.split_once('\n').expect("two lines");
    assert!(mark.starts_with("<!-- trailbell plan ") && body.starts_with("### trailbell: plan for `sec`"), "{posted}");
    assert!(workspace.read("gh.log").contains("--method POST repos/us/alerts/issues/12/comments"));
    assert_eq!(workspace.read("output.txt"), "changes=true\n");
    assert!(workspace.read("summary.md").starts_with("### trailbell: plan for"));
    // Someone else's comment with the same mark is not ours.
    workspace.comments(&[
        (5, "mallory", &posted),
        (6, "github-actions[bot]", "hello"),
        (7, "github-actions[bot]", &posted),
    ]);
    workspace.run("plan", &OURS);
    let log = workspace.read("gh.log");
    assert!(
        log.lines().last().is_some_and(|line| line.contains("--method PATCH repos/us/alerts/issues/comments/7")),
        "{log}"
    );
    workspace.comments(&[(5, "mallory", &posted)]);
    workspace.run("plan", &OURS);
    let log = workspace.read("gh.log");
    assert!(log.lines().last().is_some_and(|line| line.contains("--method POST")), "{log}");
}

#[test]
fn what_was_planned_is_applied_and_drift_is_seen() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run("plan", &[]).0, Some(0));
    assert_eq!(workspace.read("gh.log"), "", "without a pull request there is no comment");
    assert_eq!(workspace.run("drift", &[]).0, Some(3));
    let (code, told) = workspace.run("apply", &[("PLAN_FILE", "trailbell.plan")]);
    assert!(code == Some(0) && told.contains("Done: 9 created."), "{told}");
    assert_eq!(workspace.run("drift", &[]).0, Some(0));
    let (code, told) = workspace.run("apply", &[("PLAN_FILE", "trailbell.plan")]);
    assert!(code == Some(5) && told.contains("is out of date"), "{told}");
    assert_eq!(workspace.run("apply", &[("PLAN_FILE", "missing.plan")]).0, Some(2));
    assert_eq!(workspace.run("apply", &[]).0, Some(0));
}

#[test]
fn a_plan_that_fails_is_a_comment_and_a_failure() {
    let workspace = Workspace::new();
    workspace.write("trailbell.yaml", &STACK.replace("us-east-1", "nowhere"));
    let (code, told) = workspace.run("plan", &OURS);
    assert!(code == Some(1) && told.contains("TB0301"), "{told}");
    let posted = workspace.read("posted.md");
    assert!(posted.ends_with("The log of the run says why: https://github.com/us/alerts/actions/runs/7\n"), "{posted}");
    let (code, told) = workspace.run("check", &OURS);
    assert!(code == Some(1) && told.starts_with("::error file=trailbell.yaml,line=3,"), "{told}");
}

#[test]
fn a_fork_gets_checks_and_nothing_else() {
    let workspace = Workspace::new();
    let fork = |event| [("GITHUB_EVENT_NAME", event), ("PULL_REQUEST", "12"), ("HEAD_REPOSITORY", "them/alerts")];
    let (code, told) = workspace.run("check", &fork("pull_request"));
    assert_eq!(code, Some(0), "{told}");
    for command in ["plan", "apply", "drift", "reap"] {
        let (code, told) = workspace.run(command, &fork("pull_request"));
        assert!(code == Some(2) && told.contains("from a fork"), "{command}: {told}");
    }
    let gone = [("GITHUB_EVENT_NAME", "pull_request"), ("PULL_REQUEST", "12"), ("HEAD_REPOSITORY", "")];
    assert_eq!(workspace.run("plan", &gone).0, Some(2));
    for command in ["check", "plan"] {
        let (code, told) = workspace.run(command, &fork("pull_request_target"));
        assert!(code == Some(2) && told.contains("pull_request_target"), "{command}: {told}");
    }
    assert!(!workspace.path("box.json").exists() && workspace.read("gh.log").is_empty());
}

#[test]
fn expired_stacks_are_removed_where_a_region_is_named() {
    let workspace = Workspace::new();
    let (code, told) = workspace.run("reap", &[("REGION", "us-east-1")]);
    assert!(code == Some(0) && told.contains("No stack has expired."), "{told}");
    assert_eq!(workspace.run("reap", &[]).0, Some(2));
}

#[test]
fn an_input_is_never_run() {
    let workspace = Workspace::new();
    let hostile = "$(touch pwned) `touch pwned`; touch pwned";
    for command in ["check", "plan", "apply", "drift"] {
        let (code, _) = workspace.run(command, &[("STACK", hostile)]);
        assert_ne!(code, Some(0), "{command}");
    }
    assert_eq!(workspace.run(hostile, &[]).0, Some(2));
    assert!(!workspace.path("pwned").exists());
}
