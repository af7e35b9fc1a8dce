//! `doctor` on ministack: what it says before and after apply, and of what someone broke by hand.

use serde_json::{Value, json};

use super::drift::{Hand, RULE};
use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK};
use super::support::trail;

/// A stack in an account of its own, behind a proxy that can break calls.
struct Ward {
    account: Account,
    proxy: Proxy,
    stack: Stack,
}

impl Ward {
    fn new(text: &str) -> Self {
        let account = Account::new(ministack());
        trail::logging(&account, "main");
        let proxy = Proxy::start(&ministack().url, Script::new());
        let stack = Stack::new(text, &account.env(&proxy.url));
        Self { account, proxy, stack }
    }

    /// The check of this id, after making sure of its verdict and words.
    fn says(&self, id: &str, verdict: &str, words: &[&str]) -> Value {
        let run = self.stack.run(&["doctor", "--output", "json"]);
        let checks = run.json()["checks"].as_array().expect("checks").clone();
        let found = checks.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id}: {checks:#?}"));
        assert_eq!(found["verdict"], verdict, "{found:#}");
        for word in words {
            assert!(found.to_string().contains(word), "{word}: {found:#}");
        }
        found.clone()
    }
}

#[test]
fn a_stack_is_well_before_and_after_apply() {
    let ward = Ward::new(WEBHOOK);
    ward.says("drift", "ok", &["not applied yet"]);
    ward.stack.apply();
    let run = ward.stack.run(&["doctor"]);
    assert!(run.out.contains("✓ drift: the account is as the stack file describes"), "{run:#?}");
    ward.says("state", "ok", &[]);
}

#[test]
fn what_someone_broke_is_named() {
    let ward = Ward::new(WEBHOOK);
    ward.stack.apply();
    let hand = Hand { account: &ward.account };
    hand.events("DisableRule", &json!({ "Name": RULE }));
    ward.says("state/rule.cloudtrail-stop-logging", "failed", &["DISABLED"]);
    hand.sqs("DeleteQueue", &json!({}));
    ward.says("state/queue.slack", "failed", &["does not exist"]);
    ward.says("drift", "failed", &["queue.slack is missing"]);
    ward.stack.run(&["doctor"]).expect(3);
}

#[test]
fn credentials_that_aws_rejects_are_said() {
    let ward = Ward::new(WEBHOOK);
    ward.proxy.set_script(Script::new().every("GetCallerIdentity", Action::error(403, "ExpiredToken", "too old")));
    ward.says("credentials", "failed", &["ExpiredToken", "aws sso login"]);
    ward.says("rest", "not_known", &[]);
}
