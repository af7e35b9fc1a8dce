//! Names of accounts as AWS Organizations has them: read page by page, shown in messages, a renamed account is drift, and what to
//! do where they cannot be read.

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::moto;
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK, changes};
use super::support::survey::{names, survey};

/// More than one page has.
const MEMBERS: usize = 21;
const RULE: &str = "trailbell-sec_repostspace-access-changed_rule";
const TARGET: &str = "update target.repostspace-access-changed: input_template";

fn organizations(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("organizations", &format!("AWSOrganizationsV20161128.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

fn text() -> String {
    let named = WEBHOOK.replace("cloudtrail-stop-logging", "repostspace-access-changed");
    format!("{named}account_names: organizations\n")
}

fn template(account: &Account) -> String {
    survey(account)["rules"][RULE]["targets"].to_string()
}

#[test]
fn names_are_read_from_organizations_and_a_renamed_account_is_drift() {
    let account = Account::new(moto());
    organizations(&account, "CreateOrganization", &json!({ "FeatureSet": "ALL" }));
    for at in 0..MEMBERS {
        let member = json!({ "AccountName": format!("member-{at}"), "Email": format!("m{at}@example.com") });
        organizations(&account, "CreateAccount", &member);
    }
    let proxy = Proxy::start(&moto().url, Script::new());
    let stack = Stack::new(&text(), &account.env(&proxy.url));
    stack.apply();
    assert!(proxy.operations().iter().filter(|one| *one == "ListAccounts").count() >= 2, "{:?}", proxy.operations());
    assert!(template(&account).contains("(master)"), "{}", template(&account));
    stack.assert_unchanged();
    let renamed = Action::rewrite(|body| body.replace("\"master\"", "\"R&D\""));
    proxy.set_script(Script::new().every("ListAccounts", renamed.clone()));
    let (code, plan) = stack.plan();
    assert_eq!((code, changes(&plan)), (3, vec![TARGET.to_owned()]));
    stack.apply();
    assert!(template(&account).contains("(R-D)"), "{}", template(&account));
    stack.assert_unchanged();
    // To remove the stack no one needs the names.
    proxy.set_script(Script::new().every("ListAccounts", denied()));
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
}

fn denied() -> Action {
    Action::error(400, "AccessDeniedException", "You don't have permissions to access this resource.")
}

#[test]
fn without_the_right_to_list_accounts_there_is_an_error_with_a_fix() {
    let account = Account::new(moto());
    let proxy = Proxy::start(&moto().url, Script::new().every("ListAccounts", denied()));
    let stack = Stack::new(&text(), &account.env(&proxy.url));
    let run = stack.run(&["plan"]).expect(1);
    for words in ["organizations:ListAccounts", "delegated administrator", "remove `account_names`"] {
        assert!(run.err.contains(words), "{words}: {run:#?}");
    }
    let absent = Action::error(400, "AWSOrganizationsNotInUseException", "Your account is not a member");
    proxy.set_script(Script::new().every("ListAccounts", absent));
    let run = stack.run(&["apply", "--yes"]).expect(1);
    assert!(run.err.contains("the account is in no organization"), "{run:#?}");
    assert_eq!(names(&account), Vec::<String>::new());
}
