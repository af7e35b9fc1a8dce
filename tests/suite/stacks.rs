//! Test stacks: what an account has, what has expired, and that only that is removed.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::{ministack, moto};
use super::support::stack::{Stack, WEBHOOK};

const IN_REGION: [&str; 2] = ["--region", "us-east-1"];

fn listed(stack: &Stack) -> Vec<Value> {
    let arguments = [&["list", "--output", "json"][..], &IN_REGION].concat();
    stack.run(&arguments).expect(0).json()["stacks"].as_array().expect("stacks").clone()
}

fn names(stack: &Stack) -> Vec<String> {
    listed(stack).iter().map(|one| one["stack"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Makes it so that a stack expired a year ago.
fn expire(account: &Account, stack: &str) {
    let arn = format!("arn:aws:logs:us-east-1:{}:log-group:/trailbell/{stack}/runs", account.id);
    let body = json!({ "resourceArn": arn, "tags": { "trailbell:expires": "2025-11-28T00:00:00Z" } });
    let (status, answer) = account.json("logs", "Logs_20140328.TagResource", &body);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn what_has_expired_is_removed_and_nothing_else() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
        assert_eq!(names(&stack), [""; 0]);
        stack.apply();
        for suffix in ["pr-1", "pr-2", "pr-3"] {
            let told = stack.run(&["apply", "--yes", "--suffix", suffix, "--expires", "2h"]).expect(0);
            assert!(told.out.contains("The stack expires at 20"), "{told:?}");
        }
        assert_eq!(names(&stack), ["sec", "sec-pr-1", "sec-pr-2", "sec-pr-3"], "{}", emulator.name);
        let all = listed(&stack);
        assert!(all[0]["expires_at"].is_null() && all[1]["expires_at"].is_i64(), "{all:#?}");
        assert!(all.iter().all(|one| one["owner"].as_str().is_some_and(|arn| arn.contains(&account.id))), "{all:#?}");
        assert_eq!(all[0]["version"], env!("CARGO_PKG_VERSION"));
        for expired in ["sec-pr-1", "sec-pr-2"] {
            expire(&account, expired);
        }
        // An apply gives it more time, even if it changes nothing else.
        stack.run(&["apply", "--yes", "--suffix", "pr-2", "--expires", "2h"]).expect(0);
        let told = stack.run(&[&["reap"][..], &IN_REGION].concat()).expect(0);
        assert!(told.out.contains("sec-pr-1") && !told.out.contains("sec-pr-2"), "{told:?}");
        assert!(told.err.contains("Nothing was removed"), "{told:?}");
        assert_eq!(names(&stack).len(), 4, "a dry run");
        stack.run(&[&["reap", "--yes"][..], &IN_REGION].concat()).expect(0);
        assert_eq!(names(&stack), ["sec", "sec-pr-2", "sec-pr-3"], "{}", emulator.name);
        stack.assert_unchanged();
    }
}

#[test]
fn an_apply_without_an_expiry_takes_it_away() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = Stack::new(&format!("{WEBHOOK}expires: 2h\n"), &account.env(&emulator.url));
        stack.apply();
        assert!(listed(&stack)[0]["expires_at"].is_i64());
        stack.write("trailbell.yaml", WEBHOOK);
        let told = stack.apply();
        assert!(told.out.contains("The stack does not expire anymore."), "{told:?}");
        assert!(listed(&stack)[0]["expires_at"].is_null(), "{}", emulator.name);
    }
}

#[test]
fn a_stack_with_a_run_in_progress_is_not_reaped() {
    let account = Account::new(ministack());
    let stack = Stack::new(WEBHOOK, &account.env(&ministack().url));
    stack.run(&["apply", "--yes", "--expires", "2h"]).expect(0);
    expire(&account, "sec");
    let body = json!({ "logGroupName": "/trailbell/sec/runs", "logStreamName": "00000002" });
    assert_eq!(account.json("logs", "Logs_20140328.CreateLogStream", &body).0, 200);
    let told = stack.run(&[&["reap", "--yes", "--output", "json"][..], &IN_REGION].concat()).expect(0);
    let last: Value = serde_json::from_str(told.out.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["reaped"][0]["outcome"], "kept", "{told:?}");
    assert!(told.err.contains("run 2 of the stack `sec`"), "{told:?}");
    stack.assert_unchanged();
}

#[test]
fn a_name_that_nothing_has_is_not_a_success() {
    for emulator in [ministack(), moto()] {
        let account = Account::new(emulator);
        let stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
        let destroy = |name| stack.run(&[&["destroy", "--yes", "--stack", name][..], &IN_REGION].concat());
        assert!(destroy("sec").expect(1).err.contains("there are no stacks there at all"));
        stack.apply();
        assert!(destroy("secc").expect(1).err.contains("the stacks there are `sec`"));
        // Also one whose record of runs is gone is found, by the names of what it has.
        let gone =
            account.json("logs", "Logs_20140328.DeleteLogGroup", &json!({ "logGroupName": "/trailbell/sec/runs" }));
        assert_eq!(gone.0, 200);
        assert_eq!(names(&stack), ["sec"], "{}", emulator.name);
        assert!(listed(&stack)[0]["created_at"].is_null());
        destroy("sec").expect(0);
        destroy("sec").expect(1);
    }
}
