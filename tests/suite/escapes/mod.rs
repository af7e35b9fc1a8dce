//! Handlers that try to get out, each in three worlds: without walls, where it must succeed, so that the test proves something;
//! behind the boundary of the operating system alone; and as `trailbell fire` runs it. The files beside this one hold them by
//! topic. Set `PATH` to try another Node.

mod targets;

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::stack::{Stack, WEBHOOK};
use targets::{Prey, Servers};

const RUN: &str = include_str!("run.mjs");
/// What starts the boundary, as `src/cli/node/contain/linux.rs` has it.
const CONTAINED: &str = "trailbell: contained handler";
/// How long one program may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A topic: its file and the names in it.
struct Topic {
    name: &'static str,
    text: &'static str,
}

impl Topic {
    fn escapes(&self) -> Vec<String> {
        let body = self.text.split_once("export const escapes = {").expect("a table").1;
        let names = body.lines().filter_map(|line| line.strip_prefix("  \"")?.split_once("\":"));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    /// A module that runs one escape and has what `run.mjs` has.
    fn module(&self, end: &str) -> String {
        format!("{}\n{}\n{end}", self.text, RUN.replace("export async", "async"))
    }
}

const NETWORK: Topic = Topic { name: "network", text: include_str!("network.mjs") };
const PROCESSES: Topic = Topic { name: "processes", text: include_str!("processes.mjs") };
const FILES: Topic = Topic { name: "files", text: include_str!("files.mjs") };

#[test]
fn there_are_sixty() {
    let count: usize = [NETWORK, PROCESSES, FILES].iter().map(|topic| topic.escapes().len()).sum();
    assert!(count >= 60, "{count}");
}

#[test]
fn no_handler_reaches_the_network() {
    holds(&NETWORK);
}

#[test]
fn no_handler_reaches_other_processes_or_other_code() {
    holds(&PROCESSES);
}

#[test]
fn no_handler_reaches_files() {
    holds(&FILES);
}

fn holds(topic: &Topic) {
    let (mut wrong, mut absent) = (Vec::new(), Vec::new());
    let servers = Servers::new();
    for name in topic.escapes() {
        let free = alone(topic, &name, &servers, false);
        if free["absent"] == json!(true) {
            absent.push(name);
            continue;
        }
        if free["escaped"] != json!(true) {
            wrong.push(format!("{name} proves nothing: it fails without walls, too: {}", free["why"]));
        }
        let bounded = alone(topic, &name, &servers, true);
        if bounded["escaped"] != json!(false) {
            wrong.push(format!("{name} passes the boundary of the operating system: {bounded}"));
        }
    }
    let (servers, mut prey) = (Servers::new(), Prey::new());
    wrong.extend(fired(topic, &servers, &prey));
    wrong.extend(servers.reached());
    wrong.extend(prey.harmed());
    println!("{}: {} escapes; this Node has no {absent:?}", topic.name, topic.escapes().len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One escape as a program of its own, under Node without its permission model.
fn alone(topic: &Topic, name: &str, servers: &Servers, is_bounded: bool) -> Value {
    let (prey, folder) = (Prey::new(), tempfile::tempdir().expect("a folder"));
    let end = "import { text } from 'node:stream/consumers';\n\
               const { name, it } = JSON.parse(await text(process.stdin));\n\
               console.log(JSON.stringify(await run(escapes, name, it)));\nprocess.exit();\n";
    std::fs::write(folder.path().join("run.mjs"), topic.module(end)).expect("written");
    let (node, files) = node();
    let mut command = Command::new(&node);
    if is_bounded {
        command = Command::new(env!("CARGO_BIN_EXE_trailbell"));
        command.arg0(CONTAINED).arg(folder.path()).args(files).arg("--").arg(&node).arg("--openssl-config=/dev/null");
    }
    command.arg("run.mjs").current_dir(folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let asked = json!({ "name": name, "it": servers.told(&prey, false) }).to_string();
    child.stdin.take().expect("a pipe").write_all(asked.as_bytes()).expect("written");
    let end = Instant::now() + PATIENCE;
    while child.try_wait().expect("a status").is_none() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(child.kill());
    let output = child.wait_with_output().expect("it ends");
    let (said, problems) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let answer = said.lines().rfind(|line| line.starts_with('{')).and_then(|line| serde_json::from_str(line).ok());
    // One that ends Node has not got anywhere.
    answer.unwrap_or_else(|| json!({ "escaped": false, "why": format!("{} {said} {problems}", output.status) }))
}

/// The Node of the PATH, and the files that it maps.
fn node() -> (PathBuf, Vec<PathBuf>) {
    let asked = "console.log(JSON.stringify([process.execPath, \
                 [...new Set(require('fs').readFileSync('/proc/self/maps', 'utf8').match(/(?<= )\\/.*$/gm))]]))";
    let output = Command::new("node").args(["-e", asked]).output().expect("Node starts");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What succeeded of the whole topic as handlers of a stack.
fn fired(topic: &Topic, servers: &Servers, prey: &Prey) -> Vec<String> {
    let names = topic.escapes();
    let alerts: String = names.iter().flat_map(|name| ["  - { blueprint: ./", name, ".yaml }\n"]).collect();
    let stack = Stack::new(&WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", &alerts), &[]);
    let end = "export const handler = ({ detail }) => {\n\
               const { keyId, it } = detail.requestParameters;\n  return run(escapes, keyId, it);\n};\n";
    stack.write("handler.mjs", &topic.module(end));
    for name in &names {
        stack.write(&format!("{name}.yaml"), &blueprint(name, &servers.told(prey, true)).to_string());
    }
    let run = stack.run(&["fire", "--output", "json"]);
    assert!(!run.out.is_empty(), "{run:?}");
    let all = run.json();
    let rules =
        all["fired"].as_array().expect("shots").iter().flat_map(|shot| shot["rules"].as_array().into_iter().flatten());
    let ran: Vec<&Value> = rules.map(|rule| &rule["ran"]).filter(|ran| ran.is_object()).collect();
    let mut wrong: Vec<String> =
        ran.iter().filter(|ran| ran["result"]["escaped"] == json!(true)).map(ToString::to_string).collect();
    if ran.len() != names.len() {
        wrong.push(format!("{} of {} handlers ran: {}", ran.len(), names.len(), run.err));
    }
    wrong
}

/// A blueprint whose test is an event for one escape.
fn blueprint(name: &str, told: &Value) -> Value {
    let call = json!({ "eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion" });
    let mut record = call.clone();
    record["eventType"] = json!("AwsApiCall");
    record["awsRegion"] = json!("us-east-1");
    record["recipientAccountId"] = json!("123456789012");
    record["requestParameters"] = json!({ "keyId": name, "it": told });
    json!({
        "blueprint": name, "title": "An escape", "severity": "low",
        "alert": {
            "pattern": {
                "source": ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventSource": [call["eventSource"]], "eventName": [call["eventName"]],
                    "requestParameters": { "keyId": [name] },
                    "errorCode": [{ "exists": false }], "errorMessage": [{ "exists": false }],
                },
            },
            "message": { "text": "An escape was tried" },
        },
        "remediation": {
            "handler": "handler.mjs",
            "allow": [{ "actions": ["kms:CancelKeyDeletion"], "resources": ["arn:aws:kms:*:*:key/*"] }],
        },
        "tests": [{ "name": "matches", "record": record, "expect": { "matches": true } }],
    })
}
