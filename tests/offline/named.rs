//! Files that a person names: whatever is behind the name, the program ends soon and says what is wrong.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than any run on a slow machine, and short enough for an endless read to be stopped in time.
const DEADLINE: Duration = Duration::from_secs(10);

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: ./mine.yaml
"#;

const BLUEPRINT: &str = r"blueprint: mine
title: Something happened
severity: low
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail:
      eventSource: [cloudtrail.amazonaws.com]
      eventName: [StopLogging]
      errorCode: [{ exists: false }]
      errorMessage: [{ exists: false }]
  message: { text: something happened }
remediation:
  handler: fix.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ['*'] }]
";

/// A folder with a stack, its blueprint, and a handler next to it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder"));
        folder.write("trailbell.yaml", STACK);
        folder.write("mine.yaml", BLUEPRINT);
        folder.write("fix.mjs", "export const handler = async () => {};\n");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    /// Puts something else in the place of a file.
    fn replace(&self, name: &str, odd: Odd) {
        let path = self.path(name);
        drop(std::fs::remove_file(&path));
        match odd {
            Odd::Fifo => assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo runs").success()),
            Odd::Zero => symlink("/dev/zero", &path).expect("a link"),
            Odd::Folder => std::fs::create_dir(&path).expect("a folder"),
        }
    }

    /// The exit code and everything that was printed.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut child = start(self.0.path(), arguments);
        let begun = Instant::now();
        while child.try_wait().expect("a child").is_none() {
            if begun.elapsed() > DEADLINE {
                child.kill().expect("stopped");
                panic!("trailbell {arguments:?} does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().expect("ended");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8(text).expect("text"))
    }
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

#[derive(Clone, Copy, Debug)]
enum Odd {
    Fifo,
    Zero,
    Folder,
}

impl Odd {
    const ALL: [Self; 3] = [Self::Fifo, Self::Zero, Self::Folder];

    fn words(self) -> &'static str {
        match self {
            Self::Fifo => "it is a named pipe, not a regular file",
            Self::Zero => "it is a device, not a regular file",
            Self::Folder => "it is a folder, not a regular file",
        }
    }
}

#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], code: i32, words: &str) {
    let (ended, text) = folder.run(arguments);
    // Findings are wrapped to the width of the terminal.
    let flat = text.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
    assert!(ended == code && flat.contains(words), "{arguments:?} ended with {ended}:\n{text}");
}

#[test]
fn a_stack_a_blueprint_and_a_handler_are_regular_files() {
    for name in ["trailbell.yaml", "mine.yaml", "fix.mjs"] {
        for odd in Odd::ALL {
            let folder = Folder::new();
            folder.replace(name, odd);
            if let ("trailbell.yaml", Odd::Folder) = (name, odd) {
                // A folder that is named represents the blueprints below it.
                refused(&folder, &["check", name], 2, "the folder `trailbell.yaml` does not contain a blueprint");
                refused(&folder, &["check"], 1, odd.words());
                continue;
            }
            if let ("mine.yaml" | "fix.mjs", Odd::Zero) = (name, odd) {
                refused(&folder, &["check", "trailbell.yaml"], 1, "outside of the");
            }
            refused(&folder, &["check", "trailbell.yaml", "--allow-outside"], 1, odd.words());
        }
    }
}

#[test]
fn an_event_is_a_regular_file() {
    for odd in Odd::ALL {
        let folder = Folder::new();
        folder.replace("event.json", odd);
        for command in [
            &["explain", "event.json"] as &[_],
            &["fire", "--event", "event.json"],
            &["preview", "--event", "event.json"],
        ] {
            refused(&folder, command, 2, odd.words());
        }
    }
}

#[test]
fn a_pattern_is_a_regular_file() {
    for odd in Odd::ALL {
        let folder = Folder::new();
        folder.replace("pattern.json", odd);
        refused(&folder, &["match", "--pattern", "@pattern.json"], 2, odd.words());
    }
}

#[test]
fn a_secret_and_a_sandbox_are_regular_files() {
    for odd in Odd::ALL {
        let folder = Folder::new();
        folder.write("trailbell.yaml", &STACK.replace("${env:SLACK_WEBHOOK_URL}", "${file:secret}"));
        folder.replace("secret", odd);
        refused(&folder, &["apply", "--yes", "--sandbox=box.json"], 1, odd.words());
        folder.replace("box.json", odd);
        refused(&folder, &["plan", "--sandbox=box.json"], 1, odd.words());
    }
}

#[test]
fn a_file_that_is_too_long_says_how_long_it_may_be() {
    let folder = Folder::new();
    folder.write("fix.mjs", &format!("{}\n", "/".repeat(300 << 10)));
    refused(&folder, &["check", "trailbell.yaml"], 1, "cannot read `fix.mjs`: it is longer than 262144 bytes");
    folder.write("fix.mjs", &"a".repeat(2 << 20));
    refused(&folder, &["check", "fix.mjs"], 1, "it is longer than 1048576 bytes");
    let folder = Folder::new();
    folder.write("event.json", &" ".repeat(5 << 20));
    refused(&folder, &["explain", "event.json"], 2, "it is longer than 4194304 bytes");
}
