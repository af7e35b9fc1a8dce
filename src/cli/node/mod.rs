//! Runs the functions of a stack offline, under the Node of this machine: the same files that Lambda gets.
//!
//! Whatever a handler asks of AWS goes to a server inside the same process and no further; it gets no credentials, no
//! environment and no home, and Node keeps it from other files, from processes and from threads. A handler of a blueprint is
//! behind a boundary of the operating system, too: `contain`. Users: `fire`, `test`, `explain`, `preview`, `verify`.

pub(super) mod contain;
mod program;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use program::NodeProgram;

use crate::alert::{Alert, DestinationForm, Home};
use crate::compile::alerts::{Deployed, LineRoutes, notifier_of};
use crate::compile::digest::function_of as digest_of;
use crate::lambda::{Sources, Unwritten, Written};
use crate::message::Form;
use crate::name::{DEFAULT_BUS, Scope};
use crate::stack::Forwarded;
use crate::trace::{Put, is_writer};

/// How long a handler may take; Lambda gives it as long.
const PATIENCE: Duration = Duration::from_mins(1);
/// The words for a handler that takes too long.
const UNENDED: &str = "did not finish within";
/// What is before the answer: RECORD SEPARATOR.
const MARK: char = '\u{1e}';
const HARNESS: &str = include_str!("harness.mjs");
/// The harness is not a file of the function's: no handler is called so, since `.` begins no name of one.
const HARNESS_NAME: &str = ".harness.mjs";

/// What keeps a function from everything else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Walls {
    /// Node's permission model alone: for our own functions, and for handlers that the person trusts.
    Node,
    /// A boundary of the operating system around that.
    System,
}

/// Why a function was not run.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum NotRun {
    /// Something that it needs is not there.
    #[error("{0}")]
    Unavailable(String),
    /// The operating system draws no boundary around it.
    #[error("this machine cannot contain handlers: {0}")]
    Uncontained(String),
}

impl From<String> for NotRun {
    fn from(why: String) -> Self {
        Self::Unavailable(why)
    }
}

/// What a handler did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ran {
    /// What it asked of AWS, in order.
    pub(super) calls: Vec<Call>,
    /// What it wrote to its log.
    pub(super) log: Vec<String>,
    /// What it gave back.
    #[serde(default)]
    pub(super) result: Value,
    /// What it threw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// One call to AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    /// The service, as signatures name it.
    #[serde(default)]
    pub(super) service: String,
    /// The region.
    #[serde(default)]
    pub(super) region: String,
    /// The operation.
    pub(super) operation: String,
    /// What it was given.
    pub(super) input: Value,
}

impl Ran {
    /// The events it put on buses, as rules see them.
    pub(super) fn events(&self, scope: &Scope) -> Vec<Put> {
        let put = |entry: &Value| {
            let text = |field: &str| entry[field].as_str().unwrap_or_default();
            // A name, or an ARN that ends in it.
            let bus = entry["EventBusName"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or(DEFAULT_BUS);
            Put::new(scope, bus, text("Source"), text("DetailType"), &detail(entry))
        };
        self.entries().map(put).collect()
    }

    /// How many events it put on buses.
    pub(super) fn events_put(&self) -> usize {
        self.entries().count()
    }

    fn entries(&self) -> impl Iterator<Item = &Value> {
        let puts = self.calls.iter().filter(|call| call.operation == "PutEvents");
        puts.flat_map(|call| call.input["Entries"].as_array().into_iter().flatten())
    }
}

fn detail(entry: &Value) -> Value {
    entry["Detail"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The details of the events that the notifier puts on the bus for an input of an alert, or why they are not known.
fn messages(home: &Home, alert: Option<&Alert>, input: &Value) -> Written {
    let scope =
        Scope::offline(None, &home.region, &home.stack).map_err(|error| Unwritten::NotRun(error.to_string()))?;
    // Events that are told of together are given to what writes digests.
    let (name, sources) = match input.get("events") {
        Some(_) => digest_of(&scope, home),
        None => notifier_of(&scope, home, LineRoutes::of(alert, home, &scope)),
    };
    let ran =
        run(&sources, &name, Walls::Node, &home.region, input).map_err(|error| Unwritten::NotRun(error.to_string()))?;
    match &ran.error {
        Some(error) => Err(Unwritten::Failed(error.clone())),
        None => Ok(ran.entries().map(detail).collect()),
    }
}

/// Where an alert outside of any stack is.
fn alone() -> Home {
    Home {
        stack: "example".to_owned(),
        region: "us-east-1".to_owned(),
        account: None,
        accounts: BTreeMap::new(),
        account_names: None,
        forwarded: Forwarded::default(),
        destinations: vec![DestinationForm::slack(Form::Webhook)],
        topics: Vec::new(),
    }
}

/// The same for an alert of a stack, or for one alone.
pub(super) fn messages_at(home: Option<&Home>, alert: Option<&Alert>, input: &Value) -> Written {
    match home {
        Some(home) => messages(home, alert, input),
        None => messages(&alone(), alert, input),
    }
}

/// Runs the function of this name among those of a stack: the notifier, or a handler behind these walls.
///
/// # Errors
/// It is none of them, or cannot be run here.
pub(super) fn run_named(
    functions: &[Deployed],
    name: &str,
    walls: Walls,
    scope: &Scope,
    input: &Value,
) -> Result<Ran, NotRun> {
    let deployed = functions.iter().find(|one| one.name == name);
    let one = deployed.ok_or_else(|| format!("{name} is not a function of this stack"))?;
    let walls = if is_writer(&one.id) { Walls::Node } else { walls };
    run(&one.sources, name, walls, scope.region(), input)
}

/// Runs a function once. A function that does not come to a good end has run, too: [`Ran::error`] says why.
///
/// # Errors
/// Why it could not be run: Node is not there, or too old, or the walls are not there.
fn run(sources: &Sources, name: &str, walls: Walls, region: &str, input: &Value) -> Result<Ran, NotRun> {
    let folder = tempfile::tempdir().map_err(|error| format!("cannot create a folder for its files: {error}"))?;
    let files = sources.files.iter().map(|(name, text)| (name.as_str(), text.as_slice()));
    for (name, text) in files.chain([(HARNESS_NAME, HARNESS.as_bytes())]) {
        std::fs::write(folder.path().join(name), text).map_err(|error| format!("cannot write its files: {error}"))?;
    }
    // The way that Node itself calls the folder, without symbolic links.
    let place =
        folder.path().canonicalize().map_err(|error| format!("cannot create a folder for its files: {error}"))?;
    let mut child = start(&place, walls, name, region)?;
    let asked = json!({ "main": sources.main, "input": input }).to_string();
    let (answer, problems) = converse(&mut child, asked)?;
    // A handler may write to standard output, too; the answer is the last thing there.
    let answer = answer.rsplit_once(MARK).map_or("", |(_, answer)| answer);
    let ended = |why: String| Ran { calls: Vec::new(), log: Vec::new(), result: Value::Null, error: Some(why) };
    Ok(serde_json::from_str(answer).unwrap_or_else(|_| ended(cause(&problems))))
}

/// Why Node ended without an answer, from what it wrote.
fn cause(problems: &str) -> String {
    let is_telling = |line: &&str| line.contains("Error") || line.contains("FATAL") || line.contains(UNENDED);
    let line = problems.lines().find(is_telling).map(str::trim);
    line.unwrap_or("it ended Node without returning anything").to_owned()
}

fn start(folder: &Path, walls: Walls, name: &str, region: &str) -> Result<Child, NotRun> {
    let node = NodeProgram::find()?;
    let mut command = match walls {
        Walls::Node => Command::new(&node.program),
        Walls::System => contain::command(node, folder).map_err(NotRun::Uncontained)?,
    };
    let readable = format!("--allow-fs-read={}{}", folder.display(), std::path::MAIN_SEPARATOR);
    command.args(node.confining()).arg(readable).arg("--max-old-space-size=256").arg(HARNESS_NAME);
    command.current_dir(folder).env_clear().envs(program::kept());
    command.env("HOME", folder).env("AWS_REGION", region).env("AWS_LAMBDA_FUNCTION_NAME", name);
    command.env("AWS_ACCESS_KEY_ID", "offline").env("AWS_SECRET_ACCESS_KEY", "offline");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command.spawn().map_err(|error| program::not_there(&error))?)
}

/// Gives it its input and waits for what it writes, on both streams.
fn converse(child: &mut Child, asked: String) -> Result<(String, String), String> {
    let lost = || "cannot connect to the input and output of Node".to_owned();
    let mut stdin = child.stdin.take().ok_or_else(lost)?;
    // A handler that ends early closes its input; what it has written says why.
    let writing = std::thread::spawn(move || drop(stdin.write_all(asked.as_bytes())));
    let reading = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            stream.map(|mut stream| stream.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let stdout = reading(child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    let stderr = reading(child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    let end = Instant::now() + PATIENCE;
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if Instant::now() > end {
            drop(child.kill());
            drop(child.wait());
            return Ok((String::new(), format!("it {UNENDED} {} s", PATIENCE.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(writing.join());
    Ok((stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default()))
}
