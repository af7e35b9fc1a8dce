//! How many calls it takes, counted by a proxy: figures that `docs/performance.md` states.

use std::collections::BTreeMap;

use super::logs;
use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Call, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK};

const READS: [&str; 3] = ["Get", "List", "Describe"];

fn alerts(number: usize) -> String {
    let more: Vec<String> =
        (1..number).map(|at| format!("  - blueprint: cloudtrail-stop-logging\n    id: alert-{at}\n")).collect();
    format!("{WEBHOOK}{}", more.concat())
}

fn counted(calls: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation.clone()).or_default() += 1;
    }
    counts
}

fn calls_of_an_unchanged_plan(number: usize) -> usize {
    let account = Account::new(ministack());
    Stack::new(&alerts(number), &account.env(&ministack().url)).apply();
    let proxy = Proxy::start(&ministack().url, Script::new());
    Stack::new(&alerts(number), &account.env(&proxy.url)).assert_unchanged();
    let calls = proxy.calls();
    println!("{number} alerts: {} calls, {:?}", calls.len(), counted(&calls));
    calls.len()
}

#[test]
fn a_plan_of_one_alert_takes_at_most_24_calls() {
    assert!(calls_of_an_unchanged_plan(1) <= 24);
}

#[test]
fn a_plan_of_50_alerts_takes_at_most_2_more_for_each() {
    assert!(calls_of_an_unchanged_plan(50) <= 24 + 2 * 50);
}

#[test]
fn a_log_alert_and_a_remediation_take_few_more() {
    let account = Account::new(ministack());
    logs::group(&account);
    let text = logs::text();
    let proxy = Proxy::start(&ministack().url, Script::new());
    let stack = Stack::new(&text, &account.env(&proxy.url));
    let of = |run: &dyn Fn()| {
        let before = proxy.calls().len();
        run();
        let calls = proxy.calls().split_off(before);
        println!("{} calls, {:?}", calls.len(), counted(&calls));
        calls.len()
    };
    let made = of(&|| drop(stack.apply()));
    let planned = of(&|| stack.assert_unchanged());
    // Two functions: what the rest takes, and for each its role, log group, policy, URL, settings, versions, and aliases; and the
    // filter's log group.
    assert!(planned <= 24 + 2 * 12 + 1, "{planned}");
    // After the changes everything is read again, and the lock takes ten calls: its log group (four), two streams, an entry in
    // each, and two looks at who has it. Seven look for the stack in other regions and for other stacks. The rest counts what the account has of what is created, and looks a second time at what
    // would be overwritten. Two note the log group of the filter.
    assert!(made <= 81 + planned, "{made}");
}

#[test]
fn applying_reads_once_before_and_once_after() {
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, Script::new());
    let stack = Stack::new(&alerts(3), &account.env(&proxy.url));
    for arguments in [&["apply", "--yes"], &["apply", "--yes"], &["destroy", "--yes"]] {
        let before = proxy.calls().len();
        stack.run(arguments).expect(0);
        let calls = proxy.calls().split_off(before);
        println!("{arguments:?}: {} calls, {:?}", calls.len(), counted(&calls));
        let mut reads = BTreeMap::new();
        for call in calls.iter().filter(|call| READS.iter().any(|read| call.operation.starts_with(read))) {
            *reads.entry((call.operation.clone(), call.body.clone())).or_insert(0) += 1;
        }
        // The stated exceptions: after it asks for the removal of a connection, trailbell looks until it is gone, and before it
        // makes what would overwrite, it looks at what is there, once a second at most. Roles also tell of other regions.
        let is_second_look = |operation: &str| matches!(operation, "ListRules" | "GetQueueUrl" | "ListRoles");
        reads.retain(|(operation, _), times| {
            let is_stated =
                if arguments[0] == "destroy" { operation == "DescribeConnection" } else { is_second_look(operation) };
            *times > 2 && !is_stated
        });
        assert!(reads.is_empty(), "{arguments:?} repeats {reads:?}");
    }
}
