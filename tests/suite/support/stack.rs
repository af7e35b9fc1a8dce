//! A stack file in a folder of its own, and the program run on it as a process of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a stack file and the environment that the program gets.
pub struct Stack {
    folder: TempDir,
    env: Vec<(String, String)>,
}

/// What a run printed and how it ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A stack with one alert and a webhook.
pub const WEBHOOK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

impl Stack {
    /// The stack file with this text, in an environment with these variables and nothing else of ours.
    pub fn new(text: &str, env: &[(&str, String)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut env: Vec<(String, String)> =
            env.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        env.push(("SLACK_WEBHOOK_URL".to_owned(), format!("https://hooks.slack.com/services/T/B/{}", "a".repeat(24))));
        let stack = Self { folder, env };
        stack.write("trailbell.yaml", text);
        stack
    }

    /// Sets a variable of the environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(key, _)| key != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a variable of the environment.
    pub fn unset(&mut self, name: &str) {
        self.env.retain(|(key, _)| key != name);
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file is written");
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program in the folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        ended(self.start(arguments))
    }

    /// Runs the program, presses Ctrl-C when `is_time` says so, and waits for its end.
    pub fn interrupt(&self, arguments: &[&str], is_time: impl Fn() -> bool) -> Run {
        self.signal("INT", arguments, is_time)
    }

    /// Runs a command and sends it a signal when it is time.
    pub fn signal(&self, name: &str, arguments: &[&str], is_time: impl Fn() -> bool) -> Run {
        let child = self.start(arguments);
        while !is_time() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        ended(child)
    }

    /// Runs the program and looks at its process, by its id, again and again until it ends.
    pub fn watched(&self, arguments: &[&str], look: impl Fn(u32)) -> Run {
        let mut child = self.start(arguments);
        while child.try_wait().expect("it is ours").is_none() {
            look(child.id());
            std::thread::sleep(Duration::from_millis(20));
        }
        ended(child)
    }

    /// Starts the program in the folder.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut program = Command::new(env!("CARGO_BIN_EXE_trailbell"));
        self.isolate(program.args(arguments));
        let child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        child.expect("the program starts")
    }

    /// Gives a process the folder and the environment, and nothing else of ours.
    pub fn isolate(&self, process: &mut Command) {
        process
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            // Where Node is, which runs functions offline.
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            // An emulator has no quotas to keep to.
            .env("TRAILBELL_CALL_RATE", "unlimited")
            // What a test throttles for ever is not waited for as long as a person would.
            .env("TRAILBELL_THROTTLE_LIMIT", "10")
            .envs(self.env.iter().cloned());
    }

    /// Applies without a question.
    pub fn apply(&self) -> Run {
        self.run(&["apply", "--yes"]).expect(0)
    }

    /// The plan as JSON, with its exit code.
    pub fn plan(&self) -> (i32, Value) {
        let run = self.run(&["plan", "--detailed-exitcode", "--output", "json"]);
        (run.code, run.json()["plan"].clone())
    }

    /// Panics unless a plan finds nothing to do.
    pub fn assert_unchanged(&self) {
        let (code, plan) = self.plan();
        assert_eq!((code, changes(&plan)), (0, Vec::<String>::new()));
    }
}

/// Waits for the end of a process.
pub fn ended(child: Child) -> Run {
    let output = child.wait_with_output().expect("the program ends");
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

impl Run {
    /// The run, after making sure of its exit code.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("not JSON: {self:#?}"))
    }
}

/// The changes of a plan as `action address: fields`, sorted.
pub fn changes(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().expect("a plan has steps");
    let mut changes: Vec<String> = steps.iter().map(|step| described(&step["change"])).collect();
    changes.sort();
    changes
}

fn described(change: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resource = if change["after"].is_null() { &change["before"] } else { &change["after"] };
    let address = text(&resource["address"]);
    let fields = change["fields"].as_array().cloned().unwrap_or_default();
    let fields: Vec<String> = fields.iter().map(|field| text(&field["path"])).collect();
    format!("{} {}: {}", text(&change["action"]), address.trim_start_matches("us-east-1/"), fields.join(", "))
}
