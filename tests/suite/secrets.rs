//! No secret in anything a run writes: every command, text and JSON, going well and going wrong.

use std::path::Path;

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Action, Proxy, Script};
use super::support::sink::Sink;
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::trail;

/// The part of the secrets that must not appear anywhere.
const DISTINCTIVE: &str = "Zq9VeryDistinctiveSecretPartXy7";

struct Collected(Vec<(String, String)>);

impl Collected {
    fn run(&mut self, stack: &Stack, arguments: &[&str]) -> Run {
        let run = stack.run(arguments);
        self.0.push((format!("{arguments:?} stdout"), run.out.clone()));
        self.0.push((format!("{arguments:?} stderr"), run.err.clone()));
        run
    }

    fn files(&mut self, folder: &Path, given: &[&str]) {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_file() && !given.contains(&name.as_str()) {
                self.0.push((name, std::fs::read_to_string(&path).expect("text")));
            }
        }
    }

    fn assert_clean(&self) {
        assert!(self.0.len() > 10, "something was run");
        for (place, text) in &self.0 {
            assert!(!text.contains(DISTINCTIVE), "{place}: {text}");
        }
    }
}

const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["plan"],
    &["apply", "--yes"],
    &["plan"],
    &["status"],
    &["verify", "--wait", "0", "--accept-unconfirmed"],
    &["fire"],
    &["destroy", "--yes"],
];

fn every_command(collected: &mut Collected, stack: &Stack) {
    for output in ["text", "json"] {
        for command in COMMANDS {
            collected.run(stack, &[command, &["--output", output][..]].concat()).expect(0);
        }
    }
}

fn webhook(account: &Account, endpoint: &str, sink: &Sink) -> Stack {
    let mut stack = Stack::new(WEBHOOK, &account.env(endpoint));
    stack.set("SLACK_WEBHOOK_URL", &sink.url(&format!("/services/{DISTINCTIVE}")));
    stack
}

fn bot(account: &Account, endpoint: &str, sink: &Sink) -> Stack {
    let api = sink.url("/api");
    let way = format!(r#"{{ token: "${{file:token.txt}}", channel: C0123456789, api: "{api}" }}"#);
    let stack =
        Stack::new(&WEBHOOK.replace(r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#, &way), &account.env(endpoint));
    stack.write("token.txt", &format!("xox{}-1-{DISTINCTIVE}\n", 'b'));
    stack
}

#[test]
fn a_full_run_writes_no_secret() {
    let (emulator, sink) = (ministack(), Sink::start());
    let mut collected = Collected(Vec::new());
    let stacks: [fn(&Account, &str, &Sink) -> Stack; 2] = [webhook, bot];
    for make in stacks {
        let account = Account::new(emulator);
        trail::logging(&account, "main");
        let stack = make(&account, &emulator.url, &sink);
        every_command(&mut collected, &stack);
        for command in COMMANDS {
            collected.run(&stack, &[command, &["--sandbox=sandbox.json"][..]].concat());
        }
        collected.run(&stack, &["apply", "--yes", "--sandbox=sandbox.json"]).expect(0);
        let init = ["init", "new.yaml", "--write-only", "--slack", "webhook", "--alert", "cloudtrail-stop-logging"];
        collected.run(&stack, &[&init[..], &["--secret", "${env:SLACK_WEBHOOK_URL}"]].concat()).expect(0);
        collected.files(&stack.path(""), &["token.txt"]);
        assert!(stack.path("sandbox.json").exists() && stack.path("new.yaml").exists());
    }
    assert!(sink.received().iter().any(|one| one.path.contains(DISTINCTIVE)), "the secret was in use");
    collected.assert_clean();
}

#[test]
fn a_run_that_fails_writes_no_secret() {
    let (emulator, sink) = (ministack(), Sink::start());
    let mut collected = Collected(Vec::new());
    let echoed = sink.url(&format!("/services/{DISTINCTIVE}"));
    let echo = |code: &str| Action::error(400, code, &format!("Value '{echoed}' is not valid"));
    let token = format!("xox{}-1-{DISTINCTIVE}", 'b');
    let for_a_webhook = [
        Script::new().every("CreateApiDestination", echo("ValidationException")),
        Script::new().every("CreateApiDestination", echo("AccessDeniedException")),
        Script::new().every("CreateApiDestination", Action::throttle()),
    ];
    let for_a_bot = [
        Script::new()
            .every("CreateConnection", Action::error(400, "ValidationException", &format!("'Bearer {token}'"))),
        Script::new().every("CreateConnection", Action::Drop),
    ];
    let stacks: [fn(&Account, &str, &Sink) -> Stack; 2] = [webhook, bot];
    for (make, scripts) in
        stacks.iter().zip([for_a_webhook.into_iter().collect::<Vec<_>>(), for_a_bot.into_iter().collect()])
    {
        for script in scripts {
            let proxy = Proxy::start(&emulator.url, script);
            let stack = make(&Account::new(emulator), &proxy.url, &sink);
            collected.run(&stack, &["apply", "--yes"]).expect(1);
            collected.run(&stack, &["apply", "--yes", "--output", "json"]).expect(1);
        }
    }
    let broken = [
        format!("http://hooks.slack.com/services/{DISTINCTIVE}"),
        format!("https://user:{DISTINCTIVE}@hooks.slack.com/"),
        format!("{DISTINCTIVE} {DISTINCTIVE}"),
    ];
    for secret in &broken {
        for text in [
            WEBHOOK,
            &WEBHOOK.replace(
                r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#,
                r#"{ token: "${env:SLACK_WEBHOOK_URL}", channel: C1 }"#,
            ),
        ] {
            let mut stack = Stack::new(text, &Account::new(emulator).env(&emulator.url));
            stack.set("SLACK_WEBHOOK_URL", secret);
            collected.run(&stack, &["plan"]).expect(1);
        }
    }
    collected.assert_clean();
}

#[test]
fn a_secret_in_a_file_is_found_and_not_shown() {
    let mut collected = Collected(Vec::new());
    let hook = format!("https://hooks.slack.com/services/{DISTINCTIVE}");
    let token = format!("xox{}-1-{DISTINCTIVE}", 'b');
    let ways = [
        format!("slack: {{ webhook: \"{hook}\" }}"),
        format!("slack:\n  webhook: {hook}"),
        format!("slack: {{ token: {token}, channel: C1 }}"),
        format!("slack: {{ token: \"{DISTINCTIVE}\", channel: C1 }}"),
        format!("slack: {{ webhook: {hook}"),
        format!("slack: {{ webhook: \"{hook} }}"),
        format!("slack: {{ \"webhook\": '{DISTINCTIVE}', webhook: {DISTINCTIVE} }}"),
        format!("slack: {{ webhok: {hook} }}"),
        format!("slack: [{token}]"),
        format!("slack: {{ webhook: \"${{env:A}}\" }}\nnote: {token}"),
    ];
    // Pasted into the wrong place.
    let pasted = ["stack: sec", "region: us-east-1", "blueprint: cloudtrail-stop-logging", "version: 1"];
    for (place, secret) in pasted.iter().flat_map(|place| [(place, &hook), (place, &token)]) {
        let key = place.split(':').next().expect("a key");
        for written in [
            format!("{key}: {secret}"),
            format!("{key}: [{secret}]"),
            format!("{secret}: x"),
            format!("{key}: x\n{secret}: x"),
        ] {
            let stack = Stack::new(&WEBHOOK.replace(place, &written), &[]);
            collected.run(&stack, &["check"]).expect(1);
            collected.run(&stack, &["check", "--output", "json"]).expect(1);
            collected.run(&stack, &["plan"]).expect(1);
        }
    }
    for way in &ways {
        let stack = Stack::new(&WEBHOOK.replace(r#"slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }"#, way), &[]);
        for command in [&["check"][..], &["check", "--output", "json"], &["plan"], &["plan", "--output", "json"]] {
            collected.run(&stack, command).expect(1);
        }
    }
    let stack = Stack::new(WEBHOOK, &[]);
    let init = ["init", "new.yaml", "--slack", "webhook", "--alert", "cloudtrail-stop-logging", "--secret"];
    collected.run(&stack, &[&init[..], &[hook.as_str()]].concat()).expect(2);
    collected.assert_clean();
}
