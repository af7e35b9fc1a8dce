//! Two Slack destinations on ministack: an alert for each, one for both, and one whose messages go by account. Each message arrives at
//! its own destinations and nowhere else, and nothing is left.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::sink::{Request, Sink};
use super::support::stack::Stack;
use super::support::{survey, trail};

/// The alerts, and how many messages of each go to the first and to the second destination.
const ALERTS: [(&str, &str); 4] =
    [("first", "to: a"), ("second", "to: b"), ("both", "to: [a, b]"), ("by-account", "severity: low")];

fn stack(account: &Account, endpoint: &str) -> Stack {
    let alerts = ALERTS.map(|(id, to)| format!("  - {{ blueprint: ./{id}.yaml, {to} }}\n")).concat();
    let text = format!(
        "version: 1\nstack: sec\nregion: us-east-1\naccount: \"{own}\"\nforwarded: {{ accounts: [\"111122223333\"] }}\n\
         slack: {{ a: {{ webhook: \"${{env:A}}\" }}, b: {{ webhook: \"${{env:B}}\" }} }}\n\
         to: {{ default: a, accounts: [{{ accounts: [\"{own}\"], to: b }}] }}\nalerts:\n{alerts}",
        own = account.id
    );
    let stack = Stack::new(&text, &account.env(endpoint));
    for (id, _) in ALERTS {
        let blueprint = format!(
            "blueprint: {id}\ntitle: Order of {id}\nseverity: low\nalert:\n  pattern: {{ source: [my.app] }}\n  from_anyone: it is a test\n  \
             message: {{ input_paths: {{ account: $.account }}, text: \"order of {id} in <account>\" }}\n\
             tests:\n  - {{ name: fires, event: {{ source: my.app, account: \"123456789012\", region: us-east-1 }}, expect: {{ matches: true }} }}\n  \
             - {{ name: does not match, event: {{ source: other.app }}, expect: {{ matches: false }} }}\n"
        );
        stack.write(&format!("{id}.yaml"), &blueprint);
    }
    stack
}

/// How many messages of each alert arrived, with the accounts that they are about.
fn counted(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in requests {
        let (_, rest) = request.body.split_once("order of ").expect("a message of an alert");
        let words: Vec<&str> = rest.split([' ', '"', '\\', '\n']).take(3).collect();
        *counts.entry(format!("{} {}", words[0], words[2])).or_insert(0) += 1;
    }
    counts
}

fn expected(of: &[(&str, &str)]) -> BTreeMap<String, usize> {
    of.iter().map(|(alert, account)| (format!("{alert} {account}"), 1)).collect()
}

#[test]
fn each_message_arrives_at_its_own_destinations_and_nowhere_else() {
    let (emulator, first, second) = (ministack(), Sink::start(), Sink::start());
    let account = Account::new(emulator);
    let mut stack = stack(&account, &emulator.url);
    stack.set("A", &first.url("/services/a"));
    stack.set("B", &second.url("/services/b"));
    stack.apply();
    stack.assert_unchanged();
    trail::logging(&account, "main");
    let own = account.id.as_str();

    let entry = json!({ "Source": "my.app", "DetailType": "order", "Detail": "{}" });
    let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)));
    let wait = Duration::from_secs(20);
    assert_eq!(counted(&first.wait_for(2, wait)), expected(&[("first", own), ("both", own)]));
    assert_eq!(counted(&second.wait_for(3, wait)), expected(&[("second", own), ("both", own), ("by-account", own)]));

    let verified = stack.run(&["verify", "--wait", "0", "--output", "json"]).json();
    let results: Vec<&Value> =
        verified["alerts"].as_array().expect("alerts").iter().map(|one| &one["result"]).collect();
    assert_eq!(results, vec!["accepted"; ALERTS.len()], "{verified}");
    // The test of the rest is as of the account that is forwarded, and the test of the group as of the stack's own.
    let (at_first, at_second) = (first.wait_for(5, wait), second.wait_for(6, wait));
    assert_eq!(counted(&at_first[2..]), expected(&[("first", own), ("both", own), ("by-account", "111122223333")]));
    assert_eq!(counted(&at_second[3..]), expected(&[("second", own), ("both", own), ("by-account", own)]));
    assert!(at_first[2..].iter().chain(&at_second[3..]).all(|one| one.body.contains("TEST")), "they are marked");

    let status = stack.run(&["status"]).expect(0).out;
    assert!(status.contains("by-account"), "{status}");
    stack.assert_unchanged();
    stack.run(&["destroy", "--yes"]).expect(0);
    let left = survey::names(&account);
    assert!(!left.iter().any(|name| name.starts_with("trailbell-sec_")), "{left:?}");
    assert_eq!((first.wait_for(5, wait).len(), second.wait_for(6, wait).len()), (5, 6), "nothing came besides");
}
