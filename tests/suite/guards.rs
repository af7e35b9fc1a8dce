//! What is probably a mistake is refused before the first write, and done when it is allowed by name.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Proxy, Script};
use super::support::stack::{Run, Stack, WEBHOOK};

fn alerts(number: usize) -> String {
    let names = ["bugbust-event-changed", "bugbust-event-read", "bugbust-participation", "cloudtrail-stop-logging"];
    let list: Vec<String> = names.iter().take(number).map(|name| format!("  - blueprint: {name}\n")).collect();
    let head = WEBHOOK.split("alerts:").next().expect("a stack file");
    if number == 0 { format!("{head}alerts: []\n") } else { format!("{head}alerts:\n{}", list.concat()) }
}

fn refused(account: &Account, emulator: &Emulator, text: &str, says: &[&str]) {
    let proxy = Proxy::start(&emulator.url, Script::new());
    let told = Stack::new(text, &account.env(&proxy.url)).run(&["apply", "--yes"]).expect(5);
    for part in says {
        assert!(told.err.contains(part), "{part}: {told:?}");
    }
    assert!(told.err.contains("nothing was changed"), "{told:?}");
    let is_write =
        |one: &String| ["Put", "Create", "Delete", "Remove", "Tag"].iter().any(|start| one.starts_with(start));
    let writes: Vec<String> = proxy.operations().into_iter().filter(is_write).collect();
    assert_eq!(writes, [""; 0]);
}

fn applied(account: &Account, emulator: &Emulator, text: &str, more: &[&str]) -> Run {
    Stack::new(text, &account.env(&emulator.url)).run(&[&["apply", "--yes"], more].concat()).expect(0)
}

#[test]
fn a_file_that_was_cut_off_deletes_no_alerts_unasked() {
    let (emulator, account) = (ministack(), Account::new(ministack()));
    applied(&account, emulator, &alerts(4), &[]);
    for left in [0, 1] {
        let gone = format!("{} of the 4 rules and filters", 4 - left);
        refused(&account, emulator, &alerts(left), &[&gone, "--allow deletions"]);
    }
    applied(&account, emulator, &alerts(2), &[]);
    applied(&account, emulator, &alerts(4), &[]);
    applied(&account, emulator, &alerts(1), &["--allow", "deletions"]);
}

#[test]
fn a_changed_region_or_name_does_not_leave_the_old_stack_running_unnoticed() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        applied(&account, emulator, WEBHOOK, &[]);
        let moved = WEBHOOK.replace("us-east-1", "eu-west-1");
        let expected =
            ["the stack `sec` exists in us-east-1", "--stack sec --region us-east-1", "--allow another-region"];
        refused(&account, emulator, &moved, &expected);
        let renamed = WEBHOOK.replace("stack: sec", "stack: security");
        let expected =
            ["the stack `sec` still has alerts of this one: rule.cloudtrail-stop-logging", "--allow same-alerts"];
        refused(&account, emulator, &renamed, &expected);
        // Other alerts, a test stack, and what is allowed.
        applied(&account, emulator, &alerts(1).replace("stack: sec", "stack: other"), &[]);
        applied(&account, emulator, &renamed, &["--expires", "2h"]);
        Stack::new(WEBHOOK, &account.env(&emulator.url)).run(&["apply", "--yes", "--suffix", "pr-1"]).expect(0);
        applied(&account, emulator, &moved, &["--allow", "another-region"]);
        applied(&account, emulator, &WEBHOOK.replace("stack: sec", "stack: copy"), &["--allow", "same-alerts"]);
    }
}

#[test]
fn a_rule_of_others_that_sends_to_our_destination_is_named_before_it_is_lost() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
        stack.apply();
        let call = |operation: &str, body: &Value| {
            let (status, answer) = account.json("events", &format!("AWSEvents.{operation}"), body);
            assert_eq!(status, 200, "{operation}: {answer}");
            answer
        };
        let found = call("ListApiDestinations", &json!({ "NamePrefix": "trailbell-sec_" }));
        let arn = &found["ApiDestinations"][0]["ApiDestinationArn"];
        call("PutRule", &json!({ "Name": "their-rule", "EventPattern": r#"{"source":["theirs"]}"# }));
        let role = format!("arn:aws:iam::{}:role/theirs", account.id);
        let target = json!({ "Id": "1", "Arn": arn, "RoleArn": role });
        call("PutTargets", &json!({ "Rule": "their-rule", "Targets": [target] }));
        stack.assert_unchanged();
        let told = stack.run(&["destroy", "--yes"]).expect(5);
        let named = "the sending rule `their-rule` is attached to api_destination.slack";
        assert!(told.err.contains(named) && told.err.contains("nothing was changed"), "{told:?}");
        stack.assert_unchanged();
        call("RemoveTargets", &json!({ "Rule": "their-rule", "Ids": ["1"] }));
        // Also a rule on a bus of their own, even if it is called as one of ours is.
        for rule in ["their-rule", "trailbell-sec_cloudtrail-stop-logging_rule"] {
            call("CreateEventBus", &json!({ "Name": "their-bus" }));
            let pattern = r#"{"source":["theirs"]}"#;
            call("PutRule", &json!({ "Name": rule, "EventBusName": "their-bus", "EventPattern": pattern }));
            call("PutTargets", &json!({ "Rule": rule, "EventBusName": "their-bus", "Targets": [target] }));
            let told = stack.run(&["destroy", "--yes"]).expect(5);
            let named = format!("the sending rule `their-bus/{rule}` is attached to api_destination.slack");
            assert!(told.err.contains(&named) && told.err.contains("nothing was changed"), "{told:?}");
            call("RemoveTargets", &json!({ "Rule": rule, "EventBusName": "their-bus", "Ids": ["1"] }));
            call("DeleteRule", &json!({ "Name": rule, "EventBusName": "their-bus" }));
            call("DeleteEventBus", &json!({ "Name": "their-bus" }));
        }
        stack.assert_unchanged();
        stack.run(&["destroy", "--yes"]).expect(0);
    }
}
