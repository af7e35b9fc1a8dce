//! `verify` as a proof, end to end: what it says yes to, what it does not, and how it ends.
//!
//! `letters`: what is in the dead-letter queue while it watches. `trails`: whether CloudTrail records the event at
//! all. `answers`: what a person at a terminal says. `by_hand`: whatever is changed in the account, it never says yes.

mod answers;
mod by_hand;
mod letters;
mod trails;

use serde_json::Value;

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Proxy, Script};
use super::support::sink::Sink;
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::trail;

/// An applied stack whose webhook is a sink, on ministack behind a proxy, in an account with a trail.
struct Site {
    account: Account,
    proxy: Proxy,
    stack: Stack,
    sink: Sink,
    /// The ARN of the trail.
    trail: String,
}

impl Site {
    fn new(text: &str) -> Self {
        let (account, sink) = (Account::new(ministack()), Sink::start());
        let trail = trail::logging(&account, "main");
        let proxy = Proxy::start(&ministack().url, Script::new());
        let mut stack = Stack::new(text, &account.env(&proxy.url));
        stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
        stack.apply();
        Self { account, proxy, stack, sink, trail }
    }

    /// A stack with one alert.
    fn webhook() -> Self {
        Self::new(WEBHOOK)
    }

    /// Runs `verify` as a pipeline does, watching for some seconds.
    fn verify(&self, seconds: &str) -> Run {
        self.stack.run(&["verify", "--accept-unconfirmed", "--wait", seconds, "--output", "json"])
    }

    /// The result of the only alert, after making sure that it is the verdict and that the exit code is the one given.
    fn result(&self, seconds: &str, code: i32) -> Value {
        let told = self.verify(seconds).expect(code).json();
        let alert = told["alerts"][0].clone();
        assert_eq!((&told["verdict"], &told["exit_code"]), (&alert["result"], &Value::from(code)), "{told:#}");
        alert
    }
}

/// Panics unless a result has this name and gives a reason with these words in it, and something to do.
fn says(alert: &Value, result: &str, words: &[&str]) {
    assert_eq!(alert["result"], Value::from(result), "{alert:#}");
    let why = alert["why"].as_str().unwrap_or_default();
    assert!(words.iter().all(|word| why.contains(word)), "{words:?} in {alert:#}");
    assert!(!alert["hint"].as_str().unwrap_or_default().is_empty(), "{alert:#}");
}
