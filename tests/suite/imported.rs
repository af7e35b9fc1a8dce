//! `import eventbridge --rule` on emulators: a rule that someone made by hand becomes a blueprint.

use serde_json::json;

use super::support::api::{Account, REGION};
use super::support::emulator::{Emulator, ministack, moto};
use super::support::stack::{Stack, WEBHOOK};

const BUS: &str = "other-bus";

fn events(account: &Account, operation: &str, body: &serde_json::Value) {
    let (status, answer) = account.json("events", &format!("AWSEvents.{operation}"), body);
    assert_eq!(status, 200, "{operation} {body}: {answer}");
}

fn imports(emulator: &Emulator) {
    let account = Account::new(emulator);
    events(&account, "CreateEventBus", &json!({ "Name": BUS }));
    let pattern = json!({ "source": ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": { "eventSource": ["kms.amazonaws.com"], "eventName": ["ScheduleKeyDeletion"] } });
    for (bus, name) in [("default", "by-hand"), ("default", "by-hand-too"), (BUS, "elsewhere")] {
        let rule = json!({ "Name": name, "EventBusName": bus, "Description": "A key will be deleted",
            "EventPattern": pattern.to_string(), "State": "ENABLED" });
        events(&account, "PutRule", &rule);
        let transformer = json!({ "InputPathsMap": { "account": "$.account" }, "InputTemplate": "{\"text\": \"A key of <account>\"}" });
        let target = json!({ "Id": "a", "Arn": format!("arn:aws:sqs:{REGION}:{}:q", account.id), "InputTransformer": transformer });
        events(&account, "PutTargets", &json!({ "Rule": name, "EventBusName": bus, "Targets": [target] }));
    }
    let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
    let import = |more: &[&str]| {
        stack.run(&[&["import", "eventbridge", "--region", REGION, "--output", "json", "--rule"], more].concat())
    };
    let run = import(&["by-hand"]);
    assert_eq!(run.code, 0, "{run:?}");
    let text = std::fs::read_to_string(stack.path("by-hand.yaml")).expect("written");
    assert!(text.contains("eventName: [ScheduleKeyDeletion]") && text.contains("A key of <account>"), "{text}");
    let run = import(&["elsewhere", "--bus", BUS]);
    assert!(run.code == 0 && run.out.contains(BUS), "{run:?}");
    let run = import(&["elsewhere"]);
    assert!(run.code == 1 && run.out.contains("there is no rule `elsewhere`"), "{run:?}");
    let run = stack.run(&["test", "--conditions", "by-hand.yaml", "elsewhere.yaml"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_rule_of_the_account_is_imported_from_ministack() {
    imports(ministack());
}

#[test]
fn a_rule_of_the_account_is_imported_from_moto() {
    imports(moto());
}
