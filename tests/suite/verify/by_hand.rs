//! Drift by hand, on ministack: every field that its API lets someone change, of every part on an alert's way. After
//! each change `verify` must not exit with 0, even when no one is asked for a confirmation.
//!
//! The webhook's stack takes the lines of `drift`, which names what a plan shows, and more that only the relay rule, the
//! trail, and further policies have. The stack with log lines has a table of its own. Each test prints the count that
//! `docs/reliability.md` states.

mod event;
mod log_lines;

use serde_json::{Value, json};

use super::Site;
use crate::drift::{self, Hand, MORE, RELAY, ROLE, RULE, TRUST, without};
use crate::logs;
use crate::support::api::Account;
use crate::support::emulator::ministack;
use crate::support::proxy::{Action, Proxy, Script};
use crate::support::stack::Stack;
use crate::support::trail;
use event::FURTHER;
use log_lines::{GROUP, LOG_LINES, NOTIFIER_ROLE};

/// A change by hand, and how it is undone where the next `apply` does not undo it.
type Line = (&'static str, fn(&Hand), fn(&Hand));

fn repaired(_: &Hand) {}

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// The only trail of the account.
fn trail_of(hand: &Hand) -> String {
    let found = trail::call(hand.account, "DescribeTrails", &json!({}));
    found["trailList"][0]["TrailARN"].as_str().expect("a trail").to_owned()
}

fn selected(hand: &Hand, selector: &Value) {
    let asked = json!({ "TrailName": trail_of(hand), "EventSelectors": [selector] });
    trail::call(hand.account, "PutEventSelectors", &asked);
}

fn recording(hand: &Hand) {
    trail::records(hand.account, &trail_of(hand), "All");
}

/// What is tried and what came of it.
struct Tried<'a> {
    account: &'a Account,
    stack: &'a Stack,
    verify: &'a [&'a str],
    count: usize,
    wrong: Vec<String>,
}

impl Tried<'_> {
    /// Panics unless what is in the account now is accepted: then a refusal is due to the change alone.
    fn is_good(&self, before: &str) {
        let run = self.stack.run(self.verify);
        assert_eq!(run.code, 0, "before {before}: {run:#?}");
    }

    fn try_line(&mut self, name: &str, change: fn(&Hand), undo: fn(&Hand)) {
        let hand = Hand { account: self.account };
        change(&hand);
        self.is_refused(name);
        undo(&hand);
        self.stack.apply();
    }

    fn is_refused(&mut self, name: &str) {
        let run = self.stack.run(self.verify);
        // 1: no proof; 5: a plan is refused, because something in the account is not the stack's.
        if !matches!(run.code, 1 | 5) || run.out.contains("panicked") || run.err.contains("panicked") {
            self.wrong.push(format!("{name}: {run:?}"));
        }
        self.count += 1;
    }

    fn end(self, what: &str) {
        println!("by hand: {} changes to {what}, {} taken for good", self.count, self.wrong.len());
        assert!(self.wrong.is_empty(), "{} of {}: {:#?}", self.wrong.len(), self.count, self.wrong);
    }
}

const ACCEPTING: [&str; 4] = ["verify", "--accept-unconfirmed", "--wait", "0"];

#[test]
fn no_change_on_the_way_of_an_event_is_taken_for_good() {
    let site = Site::webhook();
    let mut tried =
        Tried { account: &site.account, stack: &site.stack, verify: &ACCEPTING, count: 0, wrong: Vec::new() };
    tried.is_good("everything");
    for (name, change, drift) in drift::LINES {
        if !drift.is_empty() {
            tried.try_line(name, *change, repaired);
        }
    }
    tried.is_good("the lines that only verify looks at");
    for (name, change, undo) in FURTHER {
        tried.try_line(name, *change, *undo);
    }
    // States that AWS sets, and that the emulator does not or cannot show.
    for (operation, good, bad) in [
        ("DescribeConnection", "\"AUTHORIZED\"", "\"DEAUTHORIZED\""),
        ("DescribeConnection", "\"AUTHORIZED\"", "\"AUTHORIZING\""),
        ("DescribeApiDestination", "\"ACTIVE\"", "\"INACTIVE\""),
    ] {
        let shown = Action::rewrite(move |body| body.replace(good, bad));
        site.proxy.set_script(Script::new().every(operation, shown));
        tried.is_refused(&format!("{operation}: {bad}"));
        site.proxy.set_script(Script::new());
    }
    tried.is_good("the end");
    tried.end("the way of an event");
}

#[test]
fn no_change_on_the_way_of_log_lines_is_taken_for_good() {
    let account = Account::new(ministack());
    logs::group(&account);
    trail::delivering(&account, "main", GROUP);
    let mut stack = Stack::new(&logs::text(), &account.env(&ministack().url));
    stack.apply();
    let chosen = ["--alert", "cloudtrail-access-denied-logs"];
    // Of the notifier's role ministack must see another policy than `verify`, so these lines come first.
    let of_role: [Line; 2] = [
        (
            "notifier's role: no policy",
            |hand| {
                hand.iam("DeleteRolePolicy", &[("RoleName", NOTIFIER_ROLE), ("PolicyName", "run-function")]);
            },
            repaired,
        ),
        (
            "notifier's role: policy",
            |hand| {
                let form = [("RoleName", NOTIFIER_ROLE), ("PolicyName", "run-function"), ("PolicyDocument", MORE)];
                hand.iam("PutRolePolicy", &form);
            },
            repaired,
        ),
    ];
    let verify = [&ACCEPTING[..], &chosen].concat();
    let mut tried = Tried { account: &account, stack: &stack, verify: &verify, count: 0, wrong: Vec::new() };
    for (name, change, undo) in of_role {
        tried.try_line(name, change, undo);
    }
    let (count, wrong) = (tried.count, tried.wrong);
    let proxy: Proxy = logs::sending(&account);
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let mut tried = Tried { account: &account, stack: &stack, verify: &verify, count, wrong };
    tried.is_good("everything");
    for (name, change, undo) in LOG_LINES {
        tried.try_line(name, *change, *undo);
    }
    tried.is_good("the end");
    tried.end("the way of log lines");
    proxy.set_script(Script::new());
}
