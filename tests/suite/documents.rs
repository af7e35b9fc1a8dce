//! Documents that can rot are executed: the README's files are checked, its tables compared with the program.

use serde_json::json;

use super::adopt;
use super::logs;
use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::letter;
use super::support::stack::{Stack, WEBHOOK};
use super::support::trail;

/// The text of a document.
pub fn read(name: &str) -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/").to_owned() + name).expect("the document is there")
}

/// The fenced blocks of a language, without the fences; a block in a list is indented.
pub fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match &mut open {
            None if line.trim_start() == format!("```{language}") => open = Some((indent, String::new())),
            None => {}
            Some((_, block)) if line.trim_start() == "```" => {
                blocks.push(std::mem::take(block));
                open = None;
            }
            Some((indent, block)) => {
                block.push_str(line.get(*indent..).unwrap_or_default());
                block.push('\n');
            }
        }
    }
    blocks
}

#[test]
fn the_readmes_files_have_no_findings() {
    let stack = Stack::new(WEBHOOK, &[]);
    let blocks = blocks(&read("README.md"), "yaml");
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let text = if block.starts_with("slack:") {
            WEBHOOK.replace(WEBHOOK.lines().nth(3).expect("slack"), block.trim())
        } else {
            block
        };
        stack.write("example.yaml", &text);
        let run = stack.run(&["check", "example.yaml"]);
        assert_eq!(run.code, 0, "{text}\n{run:?}");
    }
}

#[test]
fn the_blueprints_of_the_page_on_messages_have_the_findings_it_says() {
    let stack = Stack::new(WEBHOOK, &[]);
    let blocks = blocks(&read("docs/messages.md"), "yaml");
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        let expected =
            block.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a first line that says it");
        stack.write("example.yaml", &block);
        let found = stack.run(&["check", "example.yaml", "--output", "json"]).json();
        let errors = found["findings"].as_array().expect("a list").iter().filter(|one| one["severity"] == "error");
        let codes: Vec<&str> = errors.filter_map(|one| one["code"].as_str()).collect();
        assert_eq!(codes, if expected == "no errors" { vec![] } else { vec![expected] }, "{block}\n{found}");
    }
}

#[test]
fn the_files_of_the_pages_on_routes_and_remediations_have_no_findings() {
    let handler = &blocks(&read("docs/remediation.md"), "js")[0];
    for page in ["docs/routes.md", "docs/remediation.md"] {
        let stack = Stack::new(WEBHOOK, &[]);
        stack.write("cancel-deletion.mjs", handler);
        let blocks = blocks(&read(page), "yaml");
        let files: Vec<&String> =
            blocks.iter().filter(|block| block.starts_with("version:") || block.starts_with("blueprint:")).collect();
        assert!(files.len() >= 2, "{page}");
        for text in files {
            stack.write("example.yaml", text);
            stack.run(&["check", "--strict", "example.yaml"]).expect(0);
            if text.starts_with("blueprint:") {
                stack.run(&["test", "example.yaml"]).expect(0);
            }
        }
    }
}

#[test]
fn the_readmes_finding_is_what_the_program_prints() {
    let stack = Stack::new(WEBHOOK, &[]);
    let text = "blueprint: mine\ntitle: Mine\nseverity: low\nalert:\n  pattern: { source: [my.app] }\n  message:\n    \
                text: <usr> turned off CloudTrail logging\n    input_paths: { user: $.detail.user }\n";
    stack.write("mine.yaml", text);
    let printed = stack.run(&["check", "mine.yaml"]).expect(1).out;
    let shown = &blocks(&read("README.md"), "text")[0];
    assert!(printed.contains(shown.trim_end()), "{printed}\nis not\n{shown}");
}

#[test]
fn the_readme_names_every_command_and_every_exit_code() {
    let readme = read("README.md");
    let help = Stack::new(WEBHOOK, &[]).run(&["--help"]).expect(0).out;
    let (commands, rest) =
        help.split_once("Commands:").and_then(|(_, rest)| rest.split_once("Options:")).expect("a help text");
    // A line of a command begins after two blanks; what it goes on with begins further right.
    let begins = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let words = commands.lines().filter(begins).filter_map(|line| line.split_whitespace().next());
    for command in words.filter(|word| *word != "help") {
        assert!(readme.contains(&format!("| `{command}` |")), "{command} is not in the README");
    }
    let codes = rest.split_once("Exit codes:").expect("exit codes").1;
    for line in codes.lines().map(str::trim).filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        let (number, meaning) = line.split_once("  ").expect("a number and its meaning");
        let first = meaning.split([':', '(', ',']).next().expect("a word").trim();
        assert!(
            readme.contains(&format!("| {number} | {first}")),
            "exit code {number} is not in the README: {meaning}"
        );
    }
}

/// The actions of the document's policies, resources left open: the emulator does not know resources with paths. It also
/// asks for an action that does not exist: on AWS, `sqs:ChangeMessageVisibility` allows the batch, too.
pub fn allowed(policies: &[&str]) -> serde_json::Value {
    let statements = policies.iter().flat_map(|text| {
        let policy: serde_json::Value = serde_json::from_str(text).expect("a policy is JSON");
        policy["Statement"].as_array().expect("statements").clone()
    });
    let allow = |actions: &serde_json::Value| json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    let mut open: Vec<serde_json::Value> = statements.map(|statement| allow(&statement["Action"])).collect();
    if open.iter().any(|one| one.to_string().contains("\"sqs:ChangeMessageVisibility\"")) {
        open.push(allow(&json!("sqs:ChangeMessageVisibilityBatch")));
    }
    json!({ "Version": "2012-10-17", "Statement": open })
}

/// The policy that the page on permissions has for a command; what `plan` needs is a page of its own.
pub fn documented(command: &str) -> String {
    let page = read("docs/permissions.md");
    let heading = format!("\n## {command}");
    let (_, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("{command} has no heading"));
    blocks(rest, "json").swap_remove(0)
}

#[test]
fn the_documented_permissions_are_enough() {
    let all = ["plan", "verify", "apply", "adopt", "destroy", "redrive"].map(documented);
    let [plan, verify, apply, adopting, destroy, redrive] = all.each_ref().map(String::as_str);
    let root = Account::new(ministack());
    let user =
        |name: &str, policies: &[&str]| Stack::new(WEBHOOK, &root.user(name, &allowed(policies)).env(&ministack().url));
    user("planner", &[plan]).run(&["plan"]).expect(0);
    user("planner-too", &[plan]).run(&["apply", "--yes"]).expect(1);
    adopt::theirs(&root);
    let adopts = [&["adopt", "--yes"], &adopt::ALL[..]].concat();
    // Each action that writes a mark is needed: without it, that mark is not written.
    for action in
        ["events:UpdateConnection", "events:UpdateApiDestination", "iam:TagRole", "sqs:TagQueue", "events:TagResource"]
    {
        let root = Account::new(ministack());
        adopt::theirs(&root);
        let less = root.user("less", &allowed(&[plan, &adopting.replace(action, "events:Nothing")]));
        let told = Stack::new(WEBHOOK, &less.env(&ministack().url)).run(&adopts).expect(1);
        assert!(told.out.contains(action), "{action}: {told:?}");
    }
    user("adopter", &[plan, adopting]).run(&adopts).expect(0);
    user("applier", &[plan, apply]).apply();
    user("looker", &[plan]).run(&["status"]).expect(0);
    trail::logging(&root, "main");
    let prover = user("prover", &[plan, verify]);
    prover.run(&["verify", "--wait", "0"]).expect(6);
    // What is in the queue is looked at and given back.
    letter::put(&root, "another");
    prover.run(&["verify", "--wait", "0"]).expect(6);
    letter::put_of(&root, letter::ALERT, r#"{"text":"hello"}"#);
    // The other letter is left: it is not JSON.
    let sent = user("sender", &[plan, redrive]).run(&["redrive", "--yes"]).expect(1);
    assert!(sent.out.contains("EventBridge accepted 1 message"), "{sent:?}");
    user("remover", &[plan, destroy]).run(&["destroy", "--yes"]).expect(0);
}

#[test]
fn the_documented_permissions_are_enough_for_functions() {
    let all = ["plan", "verify", "apply", "destroy"].map(documented);
    let [plan, verify, apply, destroy] = all.each_ref().map(String::as_str);
    let root = Account::new(ministack());
    logs::group(&root);
    let text = logs::text().replace("log_group: my-trail", "log_group: my-trail, metric_alarm: true");
    let user =
        |name: &str, policies: &[&str]| Stack::new(&text, &root.user(name, &allowed(policies)).env(&ministack().url));
    user("planner", &[plan]).run(&["plan"]).expect(0);
    user("applier", &[plan, apply]).apply();
    user("looker", &[plan]).assert_unchanged();
    trail::delivering(&root, "main", "my-trail");
    let proxy = logs::sending(&root);
    let mut prover = user("prover", &[plan, verify]);
    prover.set("AWS_ENDPOINT_URL", &proxy.url);
    prover.run(&["verify", "--alert", "cloudtrail-access-denied-logs", "--wait", "0"]).expect(6);
    user("remover", &[plan, destroy]).run(&["destroy", "--yes"]).expect(0);
}

#[test]
fn every_action_the_provider_calls_is_documented() {
    let document = read("docs/permissions.md");
    let services = [
        "cloudtrail:",
        "cloudwatch:",
        "events:",
        "iam:",
        "lambda:",
        "logs:",
        "secretsmanager:",
        "sqs:",
        "ssm:",
        "sts:",
    ];
    let folders = ["/src/provider/aws", "/src/provider/aws/function"];
    let entries = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(format!("{}{folder}", env!("CARGO_MANIFEST_DIR"))).expect("readable"));
    for path in entries.map(|entry| entry.expect("readable").path()).filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(path).expect("text");
        for action in
            text.split('"').filter(|word| services.iter().any(|one| word.starts_with(one)) && !word.ends_with('*'))
        {
            assert!(document.contains(action), "{action} is not in docs/permissions.md");
        }
    }
}
