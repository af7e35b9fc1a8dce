//! All packs in one stack on an emulator: applied, planned without changes, proven, and destroyed to nothing.
//!
//! It prints how many calls and how much time each command takes, which `docs/performance.md` states.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trailbell::blueprint::pack;

use super::leftovers::left;
use super::logs;
use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Proxy, Script};
use super::support::sink::Sink;
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::trail;

const PATIENCE: Duration = Duration::from_secs(30);

/// The pack of alerts on the log route.
const LOGS: &str = "cis-aws-foundations-logs";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:security";

/// A stack that uses these packs.
fn using(packs: &[&str]) -> String {
    let head = WEBHOOK.split("alerts:").next().unwrap_or_default();
    let of = |pack: &&str| match *pack {
        LOGS => format!("  - {{ use: {LOGS}, with: {{ log_group: my-trail, alarm_topic: \"{TOPIC}\" }} }}\n"),
        pack => format!("  - use: {pack}\n"),
    };
    let uses: Vec<String> = packs.iter().map(of).collect();
    format!("{head}alerts:\n{}", uses.concat())
}

/// Runs a command, and prints its calls and its time.
fn counted(stack: &Stack, proxy: &Proxy, arguments: &[&str], code: i32) -> Run {
    let (before, start) = (proxy.calls().len(), Instant::now());
    let run = stack.run(arguments).expect(code);
    let (calls, took) = (proxy.calls().len() - before, start.elapsed());
    println!("{}: {calls} calls, {:.1} s", arguments[0], took.as_secs_f64());
    run
}

fn come_and_go(packs: &[&str]) {
    let (account, sink) = (Account::new(ministack()), Sink::start());
    logs::group(&account);
    trail::delivering(&account, "main", "my-trail");
    let proxy = Proxy::start(&ministack().url, Script::new());
    let mut stack = Stack::new(&using(packs), &account.env(&proxy.url));
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    counted(&stack, &proxy, &["apply", "--yes"], 0);
    let rules = proxy.operations().iter().filter(|one| *one == "PutRule").count();
    // The notifier writes some of the messages, and needs a permission that ministack understands.
    let proxy = logs::sending(&account);
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    println!("{packs:?}: {rules} rules, with that of the relay");
    let planned = counted(&stack, &proxy, &["plan", "--detailed-exitcode", "--output", "json"], 0).json();
    assert_eq!(planned["plan"]["steps"], json!([]));
    let verified = counted(&stack, &proxy, &["verify", "--wait", "0", "--output", "json"], 6).json();
    let alerts = verified["alerts"].as_array().expect("a list");
    let failed: Vec<&Value> = alerts.iter().filter(|alert| alert["result"] != json!("accepted")).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let sent: usize = alerts.iter().map(|alert| alert["bodies"].as_array().map_or(0, Vec::len)).sum();
    assert!(sent + 1 >= rules, "{sent} messages for {rules} rules");
    assert!(sink.wait_for(sent, PATIENCE).len() >= sent);
    counted(&stack, &proxy, &["destroy", "--yes"], 0);
    assert_eq!(left(&account), Vec::<String>::new());
}

#[test]
fn all_packs_come_and_go_in_one_stack() {
    come_and_go(&pack::names());
}

/// The figures of the pack with the most alerts alone.
#[test]
#[ignore = "its alerts are also in the test of all packs; run it for its figures"]
fn the_largest_pack_comes_and_goes() {
    come_and_go(&["threat-detection"]);
}
