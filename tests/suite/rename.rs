//! A stack gets another name: the new one is complete before anything of the old one is deleted, no letter is lost, and what is
//! killed is continued by the same command.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::letter;
use super::support::proxy::{Proxy, Script};
use super::support::runs::{has_log, logs};
use super::support::stack::{Stack, WEBHOOK, ended};
use super::support::survey::names;

const RENAME: [&str; 4] = ["adopt", "--from-stack", "sec", "--yes"];

fn renamed() -> String {
    WEBHOOK.replace("stack: sec", "stack: security")
}

/// The stack under its old name, and the folder whose file has the new name.
fn stacks(account: &Account, emulator: &Emulator, url: &str) -> (Stack, Stack) {
    let old = Stack::new(WEBHOOK, &account.env(&emulator.url));
    old.apply();
    (old, Stack::new(&renamed(), &account.env(url)))
}

/// Whether anything in the account has a name of the stack.
fn exists(account: &Account, stack: &str) -> bool {
    names(account).iter().any(|name| name.starts_with(&format!("trailbell-{stack}_")))
}

/// Whether an operation deletes something of the old stack.
fn deletes(operation: &str) -> bool {
    operation.starts_with("Delete") || operation.starts_with("Remove")
}

#[test]
fn the_new_stack_is_complete_before_the_old_one_is_deleted() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let proxy = Proxy::start(&emulator.url, Script::new());
        let (_, new) = stacks(&account, emulator, &proxy.url);
        let told = new.run(&["apply", "--yes"]).expect(5);
        assert!(told.err.contains("trailbell adopt --from-stack sec"), "{told:?}");
        let before = proxy.operations().len();
        let told = new.run(&RENAME).expect(0);
        for part in
            ["+ rule.cloudtrail-stop-logging", "- rule.cloudtrail-stop-logging", "Done: 9 created.", "Done: 9 deleted."]
        {
            assert!(told.out.contains(part), "{part}: {told:#?}");
        }
        assert!(told.out.contains("The stack `sec` is now `security`."), "{told:?}");
        assert!(told.err.contains("The stack `security` is complete; `sec` is deleted next."), "{told:?}");
        let operations = proxy.operations().split_off(before);
        let first = operations.iter().position(|one| deletes(one)).expect("something is deleted");
        let last = operations.iter().rposition(|one| one == "PutTargets" || one == "CreateApiDestination");
        assert!(last.is_some_and(|last| last < first), "{operations:?}");
        assert!(!exists(&account, "sec") && !has_log(&account), "{}", emulator.name);
        new.assert_unchanged();
        let again = new.run(&RENAME).expect(0);
        assert!(again.err.contains("Nothing of the stack `sec` exists: this is an ordinary apply"), "{again:?}");
        let history = new.run(&["history", "--output", "json"]).expect(0).json();
        assert_eq!(history["runs"][0]["begun"]["command"], "adopt", "{history:#}");
        new.run(&["destroy", "--yes"]).expect(0);
    }
}

#[test]
fn the_history_of_the_old_stack_stays_if_it_is_to() {
    let account = Account::new(ministack());
    let (old, new) = stacks(&account, ministack(), &ministack().url);
    new.run(&[&RENAME[..], &["--keep-history"]].concat()).expect(0);
    assert!(!exists(&account, "sec") && has_log(&account));
    let history = old.run(&["history", "--output", "json"]).expect(0).json();
    assert_eq!(history["runs"][0]["ended"]["changes"]["deleted"], 9, "{history:#}");
    // The file with the old name would make the same alerts again.
    assert!(old.run(&["apply", "--yes"]).expect(5).err.contains("the stack `security` still has alerts of this one"));
}

#[test]
fn wrong_names_are_refused() {
    let account = Account::new(ministack());
    let (old, new) = stacks(&account, ministack(), &ministack().url);
    assert!(old.run(&RENAME).expect(2).err.contains("the stack file still has the name `sec`"));
    assert!(new.run(&["adopt", "--from-stack", "Sec!", "--yes"]).expect(2).err.contains("not a valid stack name"));
    // Nothing has this name, and the old stack still has the alerts.
    let told = new.run(&["adopt", "--from-stack", "secc", "--yes"]).expect(5);
    assert!(told.err.contains("the stack `sec` still has alerts of this one"), "{told:?}");
    old.assert_unchanged();
}

#[test]
fn letters_of_the_old_stack_are_not_lost() {
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, Script::new());
    let (old, new) = stacks(&account, ministack(), &proxy.url);
    letter::put(&account, "{}");
    let told = new.run(&RENAME).expect(5);
    assert!(told.err.contains("the dead-letter queue of `sec` holds 1 undelivered alert"), "{told:?}");
    assert!(!proxy.operations().iter().any(|one| one.starts_with("Create") || deletes(one)), "{told:?}");
    let purge = || account.json("sqs", "AmazonSQS.PurgeQueue", &json!({ "QueueUrl": letter::queue(&account) })).0;
    assert_eq!(purge(), 200);
    // One that comes while the new stack is made.
    let (owner, is_put) = (account.clone(), AtomicBool::new(false));
    proxy.set_script(Script::new().with(move |call| {
        if call.operation == "PutTargets" && !is_put.swap(true, Ordering::SeqCst) {
            letter::put(&owner, "{}");
        }
        None
    }));
    let told = new.run(&RENAME).expect(5);
    for part in ["holds 1 undelivered alert", "The stack `security` is complete, and `sec` still exists"] {
        assert!(told.err.contains(part), "{part}: {told:?}");
    }
    old.assert_unchanged();
    new.assert_unchanged();
    assert_eq!(purge(), 200);
    new.run(&RENAME).expect(0);
    assert!(!exists(&account, "sec"));
    new.assert_unchanged();
}

#[test]
fn what_cannot_be_asked_is_not_deleted() {
    let account = Account::new(ministack());
    let (old, new) = stacks(&account, ministack(), &ministack().url);
    let is_old = |body: &str| body.contains("trailbell-sec_");
    let script = Script::new().with(move |call| {
        let is_asked = call.operation == "GetQueueAttributes" && is_old(&call.body);
        is_asked.then(|| super::support::proxy::Action::error(400, "AccessDeniedException", "not you"))
    });
    let proxy = Proxy::start(&ministack().url, script);
    let told = Stack::new(&renamed(), &account.env(&proxy.url)).run(&RENAME);
    assert!([1, 5].contains(&told.code) && told.err.contains("sqs:GetQueueAttributes"), "{told:?}");
    assert!(!proxy.operations().iter().any(|one| one.starts_with("Create") || deletes(one)), "{told:?}");
    old.assert_unchanged();
    drop(new);
}

/// Ends the run that a killed process has left on a stack.
fn unlock(account: &Account, stack: &str) {
    let group = format!("/trailbell/{stack}/runs");
    let found = logs(account, "DescribeLogGroups", &json!({ "logGroupNamePrefix": group }));
    if found["logGroups"].as_array().is_none_or(Vec::is_empty) {
        return;
    }
    let all = logs(account, "DescribeLogStreams", &json!({ "logGroupName": group }))["logStreams"].clone();
    let names: Vec<String> = all
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["logStreamName"].as_str().map(str::to_owned))
        .collect();
    for name in names.iter().filter(|name| !name.contains('.') && !names.contains(&format!("{name}.done"))) {
        let done = format!("{name}.done");
        logs(account, "CreateLogStream", &json!({ "logGroupName": group, "logStreamName": done }));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
        let entry = json!([{ "timestamp": u64::try_from(now).expect("soon enough"), "message": r#"{"result":"stopped","by":"the test"}"# }]);
        logs(account, "PutLogEvents", &json!({ "logGroupName": group, "logStreamName": done, "logEvents": entry }));
    }
}

#[test]
fn a_rename_that_is_killed_is_continued_by_the_same_command() {
    let calls = {
        let account = Account::new(ministack());
        let proxy = Proxy::start(&ministack().url, Script::new());
        let (_, new) = stacks(&account, ministack(), &proxy.url);
        new.run(&RENAME).expect(0);
        proxy.calls().len()
    };
    // Each waits until the new rules are in use, so they run side by side.
    std::thread::scope(|scope| {
        for kill in (40..calls).step_by(19) {
            scope.spawn(move || killed_at(kill, calls));
        }
    });
}

fn killed_at(kill: usize, calls: usize) {
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, Script::new().kill_from(kill));
    let (old, new) = stacks(&account, ministack(), &proxy.url);
    let mut child = new.start(&RENAME);
    while proxy.calls().len() < kill && child.try_wait().expect("it is ours").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // One that has ended cannot be killed, and need not be.
    let _ = child.kill();
    drop(ended(child));
    unlock(&account, "sec");
    unlock(&account, "security");
    let new = Stack::new(&renamed(), &account.env(&ministack().url));
    let is_whole = |stack: &Stack| stack.run(&["plan", "--detailed-exitcode"]).code == 0;
    assert!(is_whole(&old) || is_whole(&new), "{kill} of {calls}: no stack is complete");
    let told = new.run(&RENAME);
    assert_eq!(told.code, 0, "{kill} of {calls}: {told:#?}");
    assert!(!exists(&account, "sec") && !has_log(&account), "{kill} of {calls}");
    new.assert_unchanged();
}

#[test]
fn two_renames_at_once_and_an_apply_of_the_old_stack_take_turns() {
    std::thread::scope(|scope| {
        for round in 0..4 {
            scope.spawn(move || two_at_once(round));
        }
    });
}

fn two_at_once(round: usize) {
    let account = Account::new(ministack());
    let (old, new) = stacks(&account, ministack(), &ministack().url);
    let wait: &[&str] = if round.is_multiple_of(2) { &["--lock-timeout", "60s"] } else { &[] };
    let rename = [&RENAME[..], wait].concat();
    let other = if round < 2 { new.start(&rename) } else { old.start(&[&["apply", "--yes"], wait].concat()) };
    let first = new.start(&rename);
    let codes = [ended(first).code, ended(other).code];
    assert!(codes.iter().all(|code| [0, 1, 5].contains(code)) && codes.contains(&0), "{round}: {codes:?}");
    if codes[0] == 0 {
        new.assert_unchanged();
    }
    new.run(&[&RENAME[..], &["--lock-timeout", "60s"]].concat()).expect(0);
    assert!(!exists(&account, "sec"), "{round}: {codes:?}");
    new.assert_unchanged();
}
