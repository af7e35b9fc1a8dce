//! The provider's contract: the same scenarios in three worlds, trailbell's own sandbox and the two emulators.
//!
//! They run through the program, so the whole chain is the same in each; what differs is only the provider.

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::stack::{Stack, WEBHOOK, changes};

/// A world and how the program is told about it.
struct World {
    name: &'static str,
    stack: Stack,
    arguments: Vec<&'static str>,
}

fn worlds() -> Vec<World> {
    let emulated = |emulator: &'static Emulator| {
        let stack = Stack::new(WEBHOOK, &Account::new(emulator).env(&emulator.url));
        World { name: emulator.name, stack, arguments: Vec::new() }
    };
    let sandbox = World { name: "sandbox", stack: Stack::new(WEBHOOK, &[]), arguments: vec!["--sandbox=box.json"] };
    vec![sandbox, emulated(ministack()), emulated(moto())]
}

impl World {
    fn run(&self, arguments: &[&str], code: i32) -> String {
        let run = self.stack.run(&[arguments, &self.arguments].concat());
        assert_eq!(run.code, code, "{}: {run:#?}", self.name);
        run.out
    }

    fn changes(&self) -> Vec<String> {
        let plan = self.run(&["plan", "--output", "json"], 0);
        let plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
        changes(&plan["plan"])
    }

    fn write(&self, text: &str) {
        self.stack.write("trailbell.yaml", text);
    }
}

const BOT: &str = r#"{ token: "${env:SLACK_TOKEN}", channel: C0123456789 }"#;

/// Stack files one after the other, and what the plan must say before each is applied.
fn story() -> Vec<(String, Vec<&'static str>)> {
    let second = format!("{WEBHOOK}  - blueprint: cloudtrail-stop-logging\n    id: second\n");
    let long = second.replace("id: second", "id: an-alert-whose-id-is-far-too-long-to-fit-into-a-name-in-aws");
    let bot = WEBHOOK.replace(r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#, BOT);
    let other_channel = bot.replace("C0123456789", "C9876543210");
    vec![
        (
            WEBHOOK.to_owned(),
            vec![
                "create api_destination.slack: ",
                "create connection.slack: ",
                "create event_bus.relay: ",
                "create queue.slack: ",
                "create role.slack: ",
                "create rule.cloudtrail-stop-logging: ",
                "create rule.relay@relay: ",
                "create target.cloudtrail-stop-logging: ",
                "create target.relay@relay: ",
            ],
        ),
        (WEBHOOK.to_owned(), vec![]),
        (second, vec!["create rule.second: ", "create target.second: "]),
        (
            long,
            vec![
                "create rule.an-alert-whose-id-is-far-too-long-to-c810ee15: ",
                "create target.an-alert-whose-id-is-far-too-long-to-c810ee15: ",
                "delete rule.second: ",
                "delete target.second: ",
            ],
        ),
        (
            bot,
            vec![
                "delete rule.an-alert-whose-id-is-far-too-long-to-c810ee15: ",
                "delete target.an-alert-whose-id-is-far-too-long-to-c810ee15: ",
                "update api_destination.slack: invocation_endpoint",
                "update connection.slack: api_key_value",
                "update rule.relay@relay: event_pattern",
                "update target.cloudtrail-stop-logging: input_template",
            ],
        ),
        (
            other_channel,
            vec!["update rule.relay@relay: event_pattern", "update target.cloudtrail-stop-logging: input_template"],
        ),
        (
            WEBHOOK.to_owned(),
            vec![
                "update api_destination.slack: invocation_endpoint",
                "update connection.slack: api_key_value",
                "update rule.relay@relay: event_pattern",
                "update target.cloudtrail-stop-logging: input_template",
            ],
        ),
    ]
}

#[test]
fn the_same_story_has_the_same_changes_in_every_world() {
    for mut world in worlds() {
        world.stack.set("SLACK_TOKEN", &format!("xox{}-1-2-{}", 'b', "a".repeat(24)));
        for (at, (text, expected)) in story().iter().enumerate() {
            world.write(text);
            assert_eq!(world.changes(), *expected, "{}, chapter {at}", world.name);
            world.run(&["apply", "--yes"], 0);
            assert_eq!(world.changes(), Vec::<String>::new(), "{}, after chapter {at}", world.name);
        }
        world.run(&["destroy", "--yes"], 0);
        assert_eq!(world.changes().len(), 9, "{}", world.name);
        assert!(world.run(&["destroy", "--yes"], 0).contains("Nothing to destroy"));
    }
}

#[test]
fn two_stacks_in_one_account_do_not_see_each_other() {
    for world in worlds() {
        let other = WEBHOOK.replace("stack: sec", "stack: sec-b");
        world.run(&["apply", "--yes"], 0);
        world.stack.write("other.yaml", &other);
        world.run(&["apply", "other.yaml", "--yes", "--allow", "same-alerts"], 0);
        world.run(&["plan", "--detailed-exitcode"], 0);
        world.run(&["destroy", "--yes"], 0);
        world.run(&["plan", "other.yaml", "--detailed-exitcode"], 0);
        world.run(&["destroy", "other.yaml", "--yes"], 0);
    }
}

#[test]
fn a_name_that_another_region_uses_is_free_here() {
    for world in worlds() {
        world.run(&["apply", "--yes"], 0);
        world.stack.write("west.yaml", &WEBHOOK.replace("us-east-1", "eu-west-1"));
        world.run(&["apply", "west.yaml", "--yes", "--allow", "another-region"], 0);
        world.run(&["plan", "--detailed-exitcode"], 0);
        world.run(&["destroy", "--yes"], 0);
        world.run(&["plan", "west.yaml", "--detailed-exitcode"], 0);
        world.run(&["destroy", "west.yaml", "--yes"], 0);
    }
}
