//! What shells and `man` get: completions as bash asks for them, and a manual page for each command.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use tempfile::TempDir;
use trailbell::cli::Cli;

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - { blueprint: cloudtrail-stop-logging, id: second }
  - { blueprint: root-activity }
  - { use: network, except: [vpc-vpc-changed] }
  - { blueprint: ./mine.yaml }
"#;

/// What bash offers for a command line whose last word is still being typed.
fn offered(folder: &Path, words: &[&str]) -> Vec<String> {
    let script = "source <(trailbell completions bash) || exit 1
COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
_clap_complete_trailbell trailbell \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
printf '%s\\n' \"${COMPREPLY[@]}\"";
    let program = Path::new(env!("CARGO_BIN_EXE_trailbell"));
    let path = std::env::join_paths(
        std::iter::once(program.parent().expect("a folder").to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let output = Command::new("bash")
        .args(["-c", script, "bash", "trailbell"])
        .args(words)
        .current_dir(folder)
        .env("PATH", path.expect("a path"))
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = String::from_utf8(output.stdout).expect("text");
    shown.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it is written");
    write("trailbell.yaml", STACK);
    write("other.yaml", "stack: other\nregion: us-east-1\nalerts: [{ blueprint: kms-key-deletion }]\n");
    write("mine.yaml", "blueprint: my-own-alert\n");
    write("event.json", "{}");
    folder
}

#[test]
fn commands_options_and_names_complete() {
    let folder = folder();
    let offered = |words: &[&str]| offered(folder.path(), words);
    assert_eq!(offered(&["slack-m"]), ["slack-manifest"]);
    assert_eq!(offered(&["plan", "--detail"]), ["--detailed-exitcode"]);
    assert_eq!(offered(&["catalog", "cloudtrail-stop"]), ["cloudtrail-stop-logging"]);
    assert_eq!(offered(&["catalog", "--pack", "net"]), ["network"]);
    assert_eq!(offered(&["destroy", "--stack", ""]), ["sec"]);
    assert_eq!(offered(&["plan", "--output", "mark"]), ["markdown"]);
}

#[test]
fn alerts_are_those_of_the_stack_file_on_the_command_line_or_here() {
    let folder = folder();
    let alerts = offered(folder.path(), &["fire", "--alert", ""]);
    for expected in ["second", "root-activity", "my-own-alert", "vpc-peering-changed"] {
        assert!(alerts.iter().any(|one| one == expected), "{expected}: {alerts:?}");
    }
    assert!(!alerts.iter().any(|one| one == "vpc-vpc-changed" || one == "cloudtrail-stop-logging"), "{alerts:?}");
    assert_eq!(offered(folder.path(), &["fire", "other.yaml", "--alert", ""]), ["kms-key-deletion"]);
}

#[test]
fn files_are_those_that_a_command_can_read() {
    let folder = folder();
    assert_eq!(offered(folder.path(), &["plan", "o"]), ["other.yaml"]);
    assert_eq!(offered(folder.path(), &["explain", "ev"]), ["event.json"]);
    let broken = TempDir::new().expect("a folder");
    std::fs::write(broken.path().join("trailbell.yaml"), "stack: [").expect("it is written");
    assert!(offered(broken.path(), &["fire", "--alert", ""]).is_empty());
}

#[test]
fn every_shell_has_a_script_that_asks_trailbell() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = Command::new(env!("CARGO_BIN_EXE_trailbell")).args(["completions", shell]).output();
        let output = output.expect("the program runs");
        let script = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success() && script.contains("TRAILBELL_COMPLETE"), "{shell}: {script}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = TempDir::new().expect("a folder");
    let pages = folder.path().join("man1");
    let output = Command::new(env!("CARGO_BIN_EXE_trailbell")).arg("man").arg(&pages).output();
    assert!(output.expect("the program runs").status.success());
    for command in Cli::command().get_subcommands().filter(|one| !one.is_hide_set()) {
        let page = pages.join(format!("trailbell-{}.1", command.get_name()));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.contains(".SH NAME") && text.contains(".SH OPTIONS"), "{}", page.display());
    }
    let program = std::fs::read_to_string(pages.join("trailbell.1")).expect("the page of the program");
    assert!(program.contains(".SH SUBCOMMANDS"), "{program}");
}
