//! What `trailbell policy` prints is enough, and each statement of it is needed, as far as an emulator that enforces IAM checks.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::documents::read;
use super::logs;
use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::trail;

/// Actions of statements without which nothing happens on the emulator; the page on permissions has their sources.
const UNCHECKED: [&str; 4] = ["iam:PassRole", "iam:CreateServiceLinkedRole", "secretsmanager:", "cloudwatch:"];

struct Site {
    root: Account,
    text: String,
}

impl Site {
    /// The policy that the program prints, in the account of the credentials.
    fn policy(&self, arguments: &[&str]) -> Vec<Value> {
        let printed = self.rooted().run(&[&["policy"], arguments].concat()).expect(0).json();
        assert_eq!(printed["Version"], "2012-10-17");
        printed["Statement"].as_array().expect("statements").iter().map(emulated).collect()
    }

    fn rooted(&self) -> Stack {
        Stack::new(&self.text, &self.root.env(&ministack().url))
    }

    /// Runs a command with the rights of these statements and no others.
    fn run(&self, statements: &[Value], arguments: &[&str]) -> Run {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("user-{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let user = self.root.user(&name, &json!({ "Version": "2012-10-17", "Statement": statements }));
        Stack::new(&self.text, &user.env(&ministack().url)).run(arguments)
    }

    /// With the policy the command ends with `code`; without any one statement it ends otherwise, or says what it could not do,
    /// and names an action of the statement.
    fn prove(&self, command: &str, arguments: &[&str], code: i32) {
        let statements = self.policy(&[command]);
        let arrange = if command == "apply" { "destroy" } else { "apply" };
        self.rooted().run(&[arrange, "--yes"]);
        self.run(&statements, arguments).expect(code);
        let mut wrong = Vec::new();
        for at in 0..statements.len() {
            self.rooted().run(&[arrange, "--yes"]);
            let mut less = statements.clone();
            let actions = actions(&less.remove(at));
            let ran = self.run(&less, arguments);
            let is_named = actions.iter().any(|action| ran.err.contains(action) || ran.out.contains(action));
            let is_not_known = ran.code != code && ran.out.contains("not known");
            let is_unchecked = actions.iter().all(|action| UNCHECKED.iter().any(|one| action.starts_with(one)));
            if (is_named || is_not_known) == is_unchecked {
                wrong.push(format!("{actions:?}: {ran:?}"));
            }
            if is_unchecked {
                let page = read("docs/permissions.md");
                let (_, table) = page.split_once("| Not checked |").expect("the table");
                assert!(actions.iter().all(|action| table.contains(&format!("`{action}`"))), "{actions:?}");
            }
        }
        assert!(wrong.is_empty(), "{command}: {wrong:#?}");
        self.rooted().run(&["destroy", "--yes"]).expect(0);
    }
}

fn actions(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::String(one) => vec![one.clone()],
        all => serde_json::from_value(all.clone()).expect("actions"),
    }
}

/// What the emulator understands of a statement. It takes everything of EventBridge for a rule, does not see the name in
/// `CreateFunction`, has no log group in `DescribeMetricFilters`, and knows no conditions of IAM and EventBridge. It also asks
/// for an action that does not exist: on AWS, `sqs:ChangeMessageVisibility` allows the batch, too.
fn emulated(statement: &Value) -> Value {
    let mut actions = actions(statement);
    let is_open =
        |one: &String| one.starts_with("events:") || one.starts_with("lambda:") || one == "logs:DescribeMetricFilters";
    let resources = if actions.iter().any(is_open) { json!("*") } else { statement["Resource"].clone() };
    if actions.iter().any(|one| one == "sqs:ChangeMessageVisibility") {
        actions.push("sqs:ChangeMessageVisibilityBatch".to_owned());
    }
    json!({ "Effect": statement["Effect"], "Action": actions, "Resource": resources })
}

#[test]
fn a_stack_with_everything_needs_each_statement() {
    let root = Account::new(ministack());
    logs::group(&root);
    let hook = format!("https://hooks.slack.com/services/T/B/{}", "a".repeat(24));
    let body = json!({ "Name": "/slack/hook", "Value": hook, "Type": "SecureString" });
    assert_eq!(root.json("ssm", "AmazonSSM.PutParameter", &body).0, 200);
    let boundary =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let form = [("PolicyName", "b"), ("PolicyDocument", &boundary.to_string())];
    assert_eq!(root.query("iam", "CreatePolicy", &form).0, 200);
    let text = logs::text().replace("log_group: my-trail", "log_group: my-trail, metric_alarm: true");
    let text = text.replace("${env:SLACK_WEBHOOK_URL}", "${ssm:/slack/hook}");
    let iam = format!("iam: {{ boundary: \"arn:aws:iam::{}:policy/b\", path: /security/ }}\n", root.id);
    let site = Site { text: format!("{text}{iam}tags: {{ team: x }}\n"), root };
    site.prove("plan", &["plan"], 0);
    site.prove("apply", &["apply", "--yes"], 0);
    site.prove("destroy", &["destroy", "--yes"], 0);
}

#[test]
fn a_stack_of_rules_needs_each_statement() {
    let root = Account::new(ministack());
    trail::logging(&root, "main");
    let site = Site { text: WEBHOOK.to_owned(), root };
    site.prove("apply", &["apply", "--yes"], 0);
    site.prove("doctor", &["doctor"], 0);
    site.prove("verify", &["verify", "--wait", "0"], 6);
    site.prove("destroy", &["destroy", "--yes"], 0);
}
