//! What leads to filters is removed by hand, and then the stack is: nothing stays, with the file or without it.

use serde_json::{Value, json};
use trailbell::name::Scope;
use trailbell::resource::{FunctionNames, Permission};

use super::support::api::{Account, REGION};
use super::support::emulator::{Emulator, ministack, moto};
use super::support::stack::{Stack, WEBHOOK};

const GROUP: &str = "my-trail";
const OTHER: &str = "other-trail";
const NOTIFIER: &str = "trailbell-sec_notifier_function";
const HANDLER: &str = "trailbell-sec_cloudtrail-stop-logging_function";
const RULE: &str = "trailbell-sec_cloudtrail-stop-logging_rule";
const ROLE: &str = "trailbell-sec_notifier-function-us-east-1_role";
const ALARM: &str = "trailbell-sec_cloudtrail-access-denied-logs_alarm";

/// Two alerts on log lines, one of which also counts them.
fn text() -> String {
    let alert = |rest: &str| format!("  - {{ blueprint: cloudtrail-access-denied-logs, {rest} }}\n");
    let first = alert("with: { log_group: my-trail, metric_alarm: true }");
    let second = alert("id: second, with: { log_group: other-trail }");
    WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", &format!("{first}{second}"))
}

fn call(account: &Account, service: &str, target: &str, body: &Value) -> Value {
    let (status, answer) = account.json(service, target, body);
    assert_eq!(status, 200, "{target} {body}: {answer}");
    answer
}

fn logs(account: &Account, operation: &str, body: &Value) -> Value {
    call(account, "logs", &format!("Logs_20140328.{operation}"), body)
}

fn lambda(account: &Account, method: &str, path: &str, body: &Value) {
    let (status, answer) = account.rest("lambda", method, &format!("/2015-03-31/functions/{NOTIFIER}{path}"), body);
    assert!((200..300).contains(&status), "{method} {path}: {answer}");
}

fn sid(account: &Account, group: &str) -> String {
    let scope = Scope::offline(Some(&account.id), REGION, "sec").expect("a good scope");
    Permission::for_log_group(&scope, &FunctionNames::new(&scope, "notifier"), group).name
}

fn remove_statement(account: &Account, group: &str) {
    lambda(account, "DELETE", &format!("/policy/{}", sid(account, group)), &Value::Null);
}

/// The statement for a log group, saying that it is for something else.
fn lead_astray(account: &Account, source: &str) {
    remove_statement(account, GROUP);
    let arn = format!("arn:aws:logs:{REGION}:{}:log-group:{source}:*", account.id);
    let statement = json!({ "StatementId": sid(account, GROUP), "Action": "lambda:InvokeFunction",
        "Principal": "logs.amazonaws.com", "SourceArn": arn, "SourceAccount": account.id });
    lambda(account, "POST", "/policy", &statement);
}

fn remove_alarm(account: &Account) {
    call(account, "monitoring", "GraniteServiceVersion20100801.DeleteAlarms", &json!({ "AlarmNames": [ALARM] }));
}

fn remove_function(account: &Account) {
    lambda(account, "DELETE", "", &Value::Null);
}

fn remove_log_group(account: &Account) {
    logs(account, "DeleteLogGroup", &json!({ "logGroupName": format!("/aws/lambda/{NOTIFIER}") }));
}

fn remove_role(account: &Account) {
    let form = [("RoleName", ROLE), ("PolicyName", "run-function")];
    assert_eq!(account.query("iam", "DeleteRolePolicy", &form).0, 200);
    assert_eq!(account.query("iam", "DeleteRole", &form[..1]).0, 200);
}

/// What a hand does before the stack is removed.
type Line = (&'static str, fn(&Account));

const LINES: &[Line] = &[
    ("nothing", |_| {}),
    ("one of two statements", |a| remove_statement(a, GROUP)),
    ("both statements", |a| {
        remove_statement(a, GROUP);
        remove_statement(a, OTHER);
    }),
    ("a statement is for all log groups", |a| lead_astray(a, "*")),
    ("a statement is for another log group", |a| lead_astray(a, "elsewhere")),
    ("the alarm", remove_alarm),
    ("the function and the alarm", |a| {
        remove_function(a);
        remove_alarm(a);
    }),
    ("the function, its log group and the alarm", |a| {
        remove_function(a);
        remove_log_group(a);
        remove_alarm(a);
    }),
    ("the log group and the alarm", |a| {
        remove_log_group(a);
        remove_alarm(a);
    }),
    ("everything of the notifier, and the alarm", |a| {
        remove_function(a);
        remove_log_group(a);
        remove_role(a);
        remove_alarm(a);
    }),
];

/// The filters that are on the log groups of others.
fn left(account: &Account) -> Vec<String> {
    let mut found = Vec::new();
    for (operation, list) in
        [("DescribeSubscriptionFilters", "subscriptionFilters"), ("DescribeMetricFilters", "metricFilters")]
    {
        for group in [GROUP, OTHER] {
            let answer = logs(account, operation, &json!({ "logGroupName": group }));
            let names = answer[list].as_array().cloned().unwrap_or_default().into_iter();
            found.extend(names.filter_map(|one| Some(format!("{group}: {}", one["filterName"].as_str()?))));
        }
    }
    found.sort();
    found
}

fn removed(emulator: &Emulator, lines: &[Line]) {
    for (what, hand) in lines {
        for with_file in [true, false] {
            let account = Account::new(emulator);
            for group in [GROUP, OTHER] {
                logs(&account, "CreateLogGroup", &json!({ "logGroupName": group }));
            }
            let stack = Stack::new(&text(), &account.env(&emulator.url));
            stack.apply();
            assert_eq!(left(&account).len(), 3, "{what}: {:?}", left(&account));
            hand(&account);
            let without = ["destroy", "--yes", "--stack", "sec", "--region", REGION];
            stack.run(if with_file { &without[..2] } else { &without }).expect(0);
            assert_eq!(left(&account), [""; 0], "{}: {what}, with a file: {with_file}", emulator.name);
        }
    }
}

#[test]
fn a_removed_stack_leaves_no_filter_whatever_led_to_it_is_gone() {
    removed(ministack(), LINES);
}

/// Whether the function of a remediation is there.
fn has_handler(account: &Account) -> bool {
    account.rest("lambda", "GET", &format!("/2015-03-31/functions/{HANDLER}"), &Value::Null).0 == 200
}

#[test]
fn a_function_that_nothing_leads_to_goes_with_its_stack() {
    for with_file in [true, false] {
        let account = Account::new(ministack());
        let text = WEBHOOK.replace("logging\n", "logging\n    with: { restart_logging: true }\n");
        let stack = Stack::new(&text, &account.env(&ministack().url));
        stack.apply();
        // Its rule, its log group, and its role.
        let events = |operation: &str, body: &Value| call(&account, "events", &format!("AWSEvents.{operation}"), body);
        let targets = events("ListTargetsByRule", &json!({ "Rule": RULE }));
        let ids: Vec<&Value> = targets["Targets"].as_array().expect("targets").iter().map(|one| &one["Id"]).collect();
        assert_eq!(ids.len(), 2, "{targets}");
        events("RemoveTargets", &json!({ "Rule": RULE, "Ids": ids }));
        events("DeleteRule", &json!({ "Name": RULE }));
        logs(&account, "DeleteLogGroup", &json!({ "logGroupName": format!("/aws/lambda/{HANDLER}") }));
        let role = "trailbell-sec_cloudtrail-stop-logging-function-us-east-1_role";
        let form = [("RoleName", role), ("PolicyName", "run-function")];
        assert_eq!(account.query("iam", "DeleteRolePolicy", &form).0, 200);
        assert_eq!(account.query("iam", "DeleteRole", &form[..1]).0, 200);
        assert!(has_handler(&account));
        // Nor does the file lead to it any more.
        stack.write("trailbell.yaml", WEBHOOK);
        let without = ["destroy", "--yes", "--stack", "sec", "--region", REGION];
        stack.run(if with_file { &without[..2] } else { &without }).expect(0);
        assert!(!has_handler(&account), "with a file: {with_file}");
    }
}

#[test]
fn the_other_emulator_says_the_same() {
    removed(moto(), &LINES[1..6]);
}
