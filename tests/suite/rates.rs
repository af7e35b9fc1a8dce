//! Several pipelines in one account that share AWS's rate of calls: a proxy enforces it, and all of them succeed.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Action, Call, Proxy, Script};
use super::support::stack::{Run, Stack};

/// EventBridge's calls a second of an account: all but `PutEvents`.
const RATE: f64 = 50.0;
const PIPELINES: usize = 4;
const ALERTS: usize = 100;

/// A token bucket as AWS has them: it holds the calls of one second.
struct Quota {
    calls: f64,
    at: Instant,
}

impl Quota {
    fn takes(&mut self) -> bool {
        let now = Instant::now();
        self.calls = (now - self.at).as_secs_f64().mul_add(RATE, self.calls).min(RATE);
        self.at = now;
        let takes = self.calls >= 1.0;
        self.calls -= if takes { 1.0 } else { 0.0 };
        takes
    }
}

/// EventBridge's rate, enforced for whoever calls.
fn limited() -> Script {
    let quota = Mutex::new(Quota { calls: RATE, at: Instant::now() });
    Script::new().with(move |call: &Call| {
        let is_counted = call.service == "events" && call.operation != "PutEvents";
        let takes = || quota.lock().expect("no test panics in here").takes();
        (is_counted && !takes()).then(Action::throttle)
    })
}

fn stack(account: &Account, url: &str, name: &str, alerts: usize) -> Stack {
    let alert = |at| format!("  - {{ blueprint: cloudtrail-stop-logging, id: alert-{at} }}\n");
    let alerts: String = (0..alerts).map(alert).collect();
    let text = format!(
        "version: 1\nstack: {name}\nregion: us-east-1\nslack: {{ webhook: \"${{env:SLACK_WEBHOOK_URL}}\" }}\nalerts:\n{alerts}"
    );
    let mut stack = Stack::new(&text, &account.env(url));
    stack.set("TRAILBELL_CALL_RATE", "1");
    stack.set("TRAILBELL_THROTTLE_LIMIT", "300");
    stack
}

#[test]
fn four_pipelines_in_one_account_all_succeed() {
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, limited());
    let pipelines: Vec<Stack> =
        (0..PIPELINES).map(|at| stack(&account, &proxy.url, &format!("team-{at}"), ALERTS)).collect();
    for arguments in [&["apply", "--yes", "--allow", "same-alerts"][..], &["destroy", "--yes"]] {
        let (start, before) = (Instant::now(), proxy.calls().len());
        let runs: Vec<Run> = thread::scope(|scope| {
            let started: Vec<_> = pipelines.iter().map(|one| scope.spawn(|| one.run(arguments))).collect();
            started.into_iter().map(|one| one.join().expect("a run ends")).collect()
        });
        let calls = proxy.calls().split_off(before);
        let throttled = calls.iter().filter(|call| !call.forwarded).count();
        println!("{arguments:?}: {:.1?}, {} calls, {throttled} throttled", start.elapsed(), calls.len());
        for run in runs {
            run.expect(0);
        }
    }
}

#[test]
fn a_long_wait_is_told() {
    let account = Account::new(ministack());
    let start = Arc::new(Mutex::new(None::<Instant>));
    let since = Arc::clone(&start);
    // EventBridge takes no rule for twenty seconds: waits are random, and shorter ones may all end before it is told.
    let busy = Script::new().with(move |call: &Call| {
        let mut start = since.lock().expect("no test panics in here");
        let is_rule = call.operation == "PutRule";
        (is_rule && start.get_or_insert_with(Instant::now).elapsed() < Duration::from_secs(20)).then(Action::throttle)
    });
    let proxy = Proxy::start(&ministack().url, busy);
    let run = stack(&account, &proxy.url, "sec", 1).apply();
    let told = "waiting until EventBridge accepts more calls from this account (up to 300 s)";
    assert!(run.err.contains(told) || run.out.contains(told), "{run:#?}");
}
