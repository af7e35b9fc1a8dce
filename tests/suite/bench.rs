//! How long plan, apply, and destroy take where each call takes 80 ms, next to what bounds them and to a plain script that makes
//! one call after the other. Figures that `docs/performance.md` states; it takes minutes, so it runs only when asked:
//! `cargo test --test suite bench:: -- --ignored --nocapture`.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::install;
use super::support::proxy::{Action, Call, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK};

/// How long a call takes.
const CALL: Duration = Duration::from_millis(80);
/// What trailbell takes of AWS's rates in calls a second, where a run makes enough calls for it to matter.
const RATES: &[(&str, f64)] = &[("events", 40.0), ("iam", 10.0)];
const SIZES: [usize; 5] = [1, 10, 50, 200, 290];
const COMMANDS: [&str; 3] = ["apply", "plan", "destroy"];

/// A run: how long it took, and the calls it made.
struct Timed {
    seconds: f64,
    calls: Vec<Call>,
}

fn timed(proxy: &Proxy, run: impl FnOnce()) -> Timed {
    let (start, before) = (Instant::now(), proxy.calls().len());
    run();
    Timed { seconds: start.elapsed().as_secs_f64(), calls: proxy.calls().split_off(before) }
}

fn slow(url: &str) -> Proxy {
    Proxy::start(url, Script::new().with(|_| Some(Action::Delay(CALL))))
}

fn trailbell(alerts: usize, rate: &str) -> BTreeMap<&'static str, Timed> {
    let account = Account::new(ministack());
    let proxy = slow(&ministack().url);
    let more = |at| format!("  - {{ blueprint: cloudtrail-stop-logging, id: alert-{at} }}\n");
    let more: String = (1..alerts).map(more).collect();
    let mut stack = Stack::new(&format!("{WEBHOOK}{more}"), &account.env(&proxy.url));
    stack.set("TRAILBELL_CALL_RATE", rate);
    stack.set("TRAILBELL_THROTTLE_LIMIT", "300");
    let run = |command: &'static str| {
        let timed = timed(&proxy, || drop(stack.run(&[command, "--yes"]).expect(0)));
        (command, timed)
    };
    COMMANDS.map(run).into()
}

fn sequential(alerts: usize) -> BTreeMap<&'static str, Timed> {
    let account = Account::new(ministack());
    let proxy = slow(&ministack().url);
    let python = install::python().expect("an installed boto3");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/sequential.py");
    let run = |command: &'static str| {
        let mut process = Command::new(&python);
        process.args([script, command, &alerts.to_string()]).env_clear().envs(account.env(&proxy.url));
        process.env("AWS_DEFAULT_REGION", "us-east-1");
        let timed = timed(&proxy, || assert!(process.status().expect("python runs").success(), "{command}"));
        (command, timed)
    };
    COMMANDS.map(run).into()
}

/// The most calls of a run that followed one another: each began after the one before had ended.
fn chain(calls: &[Call]) -> u32 {
    let (mut length, mut ends) = (0, None);
    for call in calls {
        if ends.is_none_or(|ends| call.at >= ends) {
            length += 1;
            ends = Some(call.at + CALL);
        }
    }
    length
}

/// How long the calls of a run take at the rates of their services.
fn by_rate(calls: &[Call]) -> f64 {
    let number = |service: &str| calls.iter().filter(|call| call.service == service).count();
    let seconds = |(service, rate): &(&str, f64)| f64::from(u32::try_from(number(service)).unwrap_or(u32::MAX)) / rate;
    RATES.iter().map(seconds).fold(0.0, f64::max)
}

#[test]
#[ignore = "it takes minutes: cargo test --test suite bench:: -- --ignored --nocapture"]
fn plan_apply_and_destroy_against_their_bounds() {
    // What one alert takes without a rate is the critical path: nothing in it waits for its turn.
    let paths: BTreeMap<&str, u32> =
        trailbell(1, "unlimited").into_iter().map(|(command, run)| (command, chain(&run.calls))).collect();
    println!("calls that follow one another: {paths:?}");
    println!(
        "| Alerts | | Calls | Bound | trailbell | × bound | without a rate | Script: calls | time | × with | × without |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for alerts in SIZES {
        let (paced, free, script) = (trailbell(alerts, "1"), trailbell(alerts, "unlimited"), sequential(alerts));
        for command in COMMANDS {
            let (paced, free, script) = (&paced[command], &free[command], &script[command]);
            let bound = (f64::from(paths[command]) * CALL.as_secs_f64()).max(by_rate(&paced.calls));
            println!(
                "| {alerts} | {command} | {} | {bound:.1} s | {:.1} s | {:.2} | {:.1} s | {} | {:.1} s | {:.1} | {:.1} |",
                paced.calls.len(),
                paced.seconds,
                paced.seconds / bound,
                free.seconds,
                script.calls.len(),
                script.seconds,
                script.seconds / paced.seconds,
                script.seconds / free.seconds,
            );
        }
    }
}
