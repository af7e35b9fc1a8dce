//! Secrets that AWS keeps: read where the stack is, never shown, and named with the fix where they cannot be read.

use std::sync::Arc;

use serde_json::{Value, json};

use super::documents::{allowed, documented};
use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::survey::survey;

/// The part of the secrets that must not appear anywhere.
const DISTINCTIVE: &str = "Zq9VeryDistinctiveStoredPartXy7";
const DESTINATION: &str = "trailbell-sec_slack_destination";

fn webhook() -> String {
    format!("https://hooks.slack.com/services/T/B/{DISTINCTIVE}")
}

fn put_parameter(account: &Account, name: &str, value: &str) {
    let body = json!({ "Name": name, "Value": value, "Type": "SecureString", "Overwrite": true });
    let (status, answer) = account.json("ssm", "AmazonSSM.PutParameter", &body);
    assert_eq!(status, 200, "{answer}");
}

fn create_secret(account: &Account, name: &str, value: &str) {
    let (status, answer) =
        account.json("secretsmanager", "secretsmanager.CreateSecret", &json!({ "Name": name, "SecretString": value }));
    assert_eq!(status, 200, "{answer}");
}

fn with(reference: &str) -> String {
    WEBHOOK.replace("${env:SLACK_WEBHOOK_URL}", reference)
}

fn clean(run: Run) -> Run {
    assert!(!format!("{run:?}").contains(DISTINCTIVE), "{run:#?}");
    run
}

fn endpoint(account: &Account) -> Value {
    survey(account)["destinations"][DESTINATION]["InvocationEndpoint"].clone()
}

fn kept(emulator: &Emulator) {
    let account = Account::new(emulator);
    put_parameter(&account, "/trailbell/slack", &webhook());
    create_secret(&account, "trailbell/slack", &webhook());
    create_secret(&account, "trailbell/json", &json!({ "url": webhook(), "port": 1 }).to_string());
    for reference in
        ["${ssm:/trailbell/slack}", "${secretsmanager:trailbell/slack}", "${secretsmanager:trailbell/json#url}"]
    {
        let stack = Stack::new(&with(reference), &account.env(&emulator.url));
        for command in [&["plan"][..], &["apply", "--yes"], &["plan", "--output", "json"], &["status"]] {
            clean(stack.run(command).expect(0));
        }
        assert_eq!(endpoint(&account), json!(webhook()), "{reference}");
        clean(stack.run(&["destroy", "--yes"]).expect(0));
    }
    // One that changes is seen.
    let stack = Stack::new(&with("${ssm:/trailbell/slack}"), &account.env(&emulator.url));
    stack.apply();
    stack.assert_unchanged();
    put_parameter(&account, "/trailbell/slack", &webhook().replace("Xy7", "Xy8"));
    let run = clean(stack.run(&["plan", "--detailed-exitcode"]).expect(3));
    assert!(run.out.contains("invocation_endpoint"), "{run:#?}");
}

fn missing(emulator: &Emulator) {
    let account = Account::new(emulator);
    create_secret(&account, "trailbell/json", &json!({ "url": webhook() }).to_string());
    let cases = [
        ("${ssm:/none}", "ssm:GetParameter"),
        ("${secretsmanager:none}", "secretsmanager:GetSecretValue"),
        ("${secretsmanager:trailbell/json#other}", "the secret has no key `other`"),
    ];
    for (reference, why) in cases {
        let stack = Stack::new(&with(reference), &account.env(&emulator.url));
        let planned = clean(stack.run(&["plan"]).expect(0));
        assert!(planned.out.contains("planned without the secret") && planned.out.contains(why), "{planned:#?}");
        let refused = clean(stack.run(&["apply", "--yes"]).expect(1));
        assert!(refused.err.contains(&format!("apply requires the secret {reference}")), "{refused:#?}");
        assert!(refused.err.contains(why) && refused.err.contains("nothing was changed"), "{refused:#?}");
        assert_eq!(endpoint(&account), Value::Null);
    }
}

#[test]
fn on_ministack() {
    kept(ministack());
    missing(ministack());
}

#[test]
fn on_moto() {
    kept(moto());
    missing(moto());
}

#[test]
fn without_the_permission_the_action_is_named() {
    let account = Account::new(ministack());
    put_parameter(&account, "/trailbell/slack", &webhook());
    let policies = ["plan", "verify", "apply", "adopt"].map(documented);
    let user = account.user("without", &allowed(&policies.each_ref().map(String::as_str)));
    let stack = Stack::new(&with("${ssm:/trailbell/slack}"), &user.env(&ministack().url));
    let refused = clean(stack.run(&["apply", "--yes"]).expect(1));
    assert!(refused.err.contains("grant `ssm:GetParameter`"), "{refused:#?}");
}

#[test]
fn what_goes_wrong_on_the_way_is_retried_or_told_without_the_secret() {
    let account = Account::new(ministack());
    put_parameter(&account, "/trailbell/slack", &webhook());
    let busy = Action::error(400, "ThrottlingException", "Rate exceeded");
    let proxy =
        Proxy::start(&ministack().url, Script::new().on("GetParameter", 1, busy).on("GetParameter", 2, Action::Drop));
    let stack = Stack::new(&with("${ssm:/trailbell/slack}"), &account.env(&proxy.url));
    clean(stack.run(&["plan"]).expect(0));
    assert_eq!(proxy.operations().iter().filter(|one| *one == "GetParameter").count(), 3);
    // Cut off in the middle of the secret.
    let cut = |body: &str| body.split("PartXy7").next().unwrap_or_default().to_owned();
    let cut = Action::Rewrite(Arc::new(cut));
    proxy.set_script(Script::new().every("GetParameter", cut));
    let broken = stack.run(&["plan"]).expect(1);
    assert!(!format!("{broken:?}").contains("VeryDistinctive"), "{broken:#?}");
    assert!(broken.err.contains("is not a response of AWS"), "{broken:#?}");
    let gone = Action::error(500, "InternalServerError", "later");
    proxy.set_script(Script::new().every("GetParameter", gone));
    let failed = clean(stack.run(&["plan"]).expect(1));
    assert!(failed.err.contains("ssm:GetParameter"), "{failed:#?}");
}

#[test]
fn the_sandbox_says_that_it_keeps_none() {
    let stack = Stack::new(&with("${ssm:/trailbell/slack}"), &[]);
    let refused = stack.run(&["apply", "--yes", "--sandbox=box.json"]).expect(1);
    assert!(
        refused.err.contains("the sandbox keeps no secrets") && refused.err.contains("${env:NAME}"),
        "{refused:#?}"
    );
    stack.run(&["check"]).expect(0);
}
