//! AWS's quotas: what does not fit beside what others have is refused before the first write, and what just fits is made.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Action, Call, Proxy, Script};
use super::support::stack::{Stack, WEBHOOK};

/// A stack file with so many alerts.
fn text(name: &str, region: &str, alerts: usize, more: &str) -> String {
    let alert = |at| format!("  - {{ blueprint: cloudtrail-stop-logging, id: alert-{at} }}\n");
    let alerts: String = (0..alerts).map(alert).collect();
    format!(
        "version: 1\nstack: {name}\nregion: {region}\n{more}slack: {{ webhook: \"${{env:SLACK_WEBHOOK_URL}}\" }}\nalerts:\n{alerts}"
    )
}

fn is_write(operation: &str) -> bool {
    let reads = ["Get", "List", "Describe", "POST /service/GraniteServiceVersion20100801"];
    !reads.iter().any(|read| operation.starts_with(read))
}

fn writes(proxy: &Proxy) -> Vec<String> {
    proxy.operations().into_iter().filter(|one| is_write(one)).collect()
}

/// Takes a rule on the default bus beyond the most as AWS does.
fn most_rules(others: usize, most: usize) -> Script {
    let names = Mutex::new(BTreeSet::new());
    Script::new().with(move |call: &Call| {
        let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
        let is_default = body["EventBusName"].as_str().is_none_or(|bus| bus == "default");
        if call.operation != "PutRule" || !is_default {
            return None;
        }
        let mut names = names.lock().expect("no test panics in here");
        names.insert(body["Name"].to_string());
        let why = "The requested resource exceeds the maximum number allowed.";
        (others + names.len() > most).then(|| Action::error(400, "LimitExceededException", why))
    })
}

/// Rules of someone else on the default bus.
fn others(account: &Account, count: usize) {
    for at in 0..count {
        let rule = json!({ "Name": format!("theirs-{at}"), "EventPattern": "{\"source\":[\"theirs\"]}" });
        let (status, answer) = account.json("events", "AWSEvents.PutRule", &rule);
        assert_eq!(status, 200, "{answer}");
    }
}

#[test]
fn rules_that_do_not_fit_on_the_bus_are_refused_before_the_first_write() {
    for (alerts, theirs, region, most) in [
        (301, 0, "us-east-1", 300),
        (400, 0, "us-east-1", 300),
        (290, 11, "us-east-1", 300),
        (1, 300, "us-east-1", 300),
        (101, 0, "af-south-1", 100),
        (3, 98, "eu-south-1", 100),
    ] {
        let account = Account::new(ministack()).in_region(region);
        others(&account, theirs);
        let proxy = Proxy::start(&ministack().url, most_rules(theirs, most));
        let mut stack = Stack::new(&text("sec", region, alerts, ""), &account.env(&proxy.url));
        stack.set("AWS_REGION", region);
        for arguments in [&["plan"][..], &["apply", "--yes"]] {
            let told = stack.run(arguments).expect(5).err;
            let found =
                format!("the event bus `default` in {region} can have {most} rules and has {theirs}; {alerts} more");
            for part in [&found[..], "\"Number of rules\" (L-244521F2)", "nothing was changed", "quotas: { rules: "] {
                assert!(told.contains(part), "{part}: {told}");
            }
        }
        assert_eq!(writes(&proxy), [""; 0], "{alerts} alerts, {theirs} of others");
    }
}

#[test]
fn stacks_that_just_fit_are_made_changed_and_removed() {
    for (alerts, theirs) in [(1, 299), (290, 0), (299, 1)] {
        let account = Account::new(ministack());
        others(&account, theirs);
        let proxy = Proxy::start(&ministack().url, most_rules(theirs, 300));
        let stack = Stack::new(&text("sec", "us-east-1", alerts, ""), &account.env(&proxy.url));
        stack.apply();
        stack.assert_unchanged();
        // One alert for another: what leaves makes room.
        let renamed = text("sec", "us-east-1", alerts, "").replace("id: alert-0 ", "id: another ");
        stack.write("trailbell.yaml", &renamed);
        proxy.set_script(Script::new());
        stack.apply();
        stack.assert_unchanged();
        stack.run(&["destroy", "--yes"]).expect(0);
        let (_, left) = account.json("events", "AWSEvents.ListRules", &json!({ "NamePrefix": "trailbell" }));
        assert_eq!(left["Rules"], json!([]), "{alerts}");
    }
}

#[test]
fn the_sandbox_has_the_same_quotas() {
    let stack = Stack::new(&text("sec", "us-east-1", 290, ""), &[]);
    let run = |arguments: &[&str]| stack.run(&[arguments, &["--sandbox=box.json"]].concat());
    run(&["apply", "--yes"]).expect(0);
    run(&["plan", "--detailed-exitcode"]).expect(0);
    let before = std::fs::read_to_string(stack.path("box.json")).expect("the sandbox's file");
    for alerts in [11, 100] {
        stack.write("other.yaml", &text("other", "us-east-1", alerts, ""));
        for command in ["plan", "apply"] {
            let told = run(&[command, "other.yaml", "--yes"]).expect(5).err;
            assert!(told.contains(&format!("can have 300 rules and has 290; {alerts} more are required")), "{told}");
            assert!(told.contains("there is no room from `rule."), "{told}");
        }
    }
    assert_eq!(std::fs::read_to_string(stack.path("box.json")).expect("the sandbox's file"), before);
    stack.write("other.yaml", &text("other", "us-east-1", 10, ""));
    run(&["apply", "other.yaml", "--yes", "--allow", "same-alerts"]).expect(0);
    run(&["destroy", "--yes"]).expect(0);
    run(&["destroy", "other.yaml", "--yes"]).expect(0);
}

#[test]
fn a_quota_that_was_raised_is_believed() {
    let account = Account::new(ministack());
    others(&account, 299);
    let proxy = Proxy::start(&ministack().url, most_rules(299, 310));
    let stack = Stack::new(&text("sec", "us-east-1", 2, ""), &account.env(&proxy.url));
    stack.run(&["apply", "--yes"]).expect(5);
    stack.write("trailbell.yaml", &text("sec", "us-east-1", 2, "quotas: { rules: 310 }\n"));
    stack.apply();
    stack.write("trailbell.yaml", &text("sec", "us-east-1", 12, "quotas: { rules: 310 }\n"));
    let told = stack.run(&["plan"]).expect(5).err;
    assert!(told.contains("can have 310 rules and has 301; 10 more"), "{told}");
}

#[test]
fn full_accounts_are_refused_by_name() {
    let buses: Vec<Value> = (0..100).map(|at| json!({ "Name": format!("theirs-{at}"), "Arn": "arn:theirs" })).collect();
    let buses = json!({ "EventBuses": buses }).to_string();
    let summary = "<GetAccountSummaryResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetAccountSummaryResult><SummaryMap>\
        <entry><key>Roles</key><value>1000</value></entry><entry><key>RolesQuota</key><value>1000</value></entry>\
        </SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>";
    let cases = [
        ("ListEventBuses", buses, "can have 100 event buses and has 100; 1 more", "L-658A4FD9"),
        ("GetAccountSummary", summary.to_owned(), "can have 1000 IAM roles and has 1000; 1 more", "L-FE177D64"),
    ];
    for (operation, body, found, code) in cases {
        let account = Account::new(ministack());
        let proxy =
            Proxy::start(&ministack().url, Script::new().every(operation, Action::rewrite(move |_| body.clone())));
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        let told = stack.run(&["apply", "--yes"]).expect(5).err;
        assert!(told.contains(found) && told.contains(code), "{told}");
        assert_eq!(writes(&proxy), [""; 0], "{operation}");
    }
}

#[test]
fn who_is_not_allowed_to_count_gets_a_note() {
    let denied = || Action::error(403, "AccessDeniedException", "User is not authorized");
    let script = Script::new().every("ListEventBuses", denied()).every("GetAccountSummary", denied());
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, script);
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let told = stack.run(&["plan"]).expect(0).out;
    for part in ["room for more event buses (`events:ListEventBuses` is not allowed)", "`iam:GetAccountSummary` is not"]
    {
        assert!(told.contains(part), "{told}");
    }
    stack.apply();
    let before = proxy.operations().iter().filter(|one| *one == "ListEventBuses").count();
    stack.assert_unchanged();
    let after = proxy.operations().iter().filter(|one| *one == "ListEventBuses").count();
    assert_eq!(before, after, "nothing is counted when nothing is created");
}

#[test]
fn a_status_of_403_is_not_always_a_missing_permission() {
    for (code, kind, part) in [
        ("OverLimit", "quota", "Service Quotas"),
        ("ServiceQuotaExceededException", "quota", "Service Quotas"),
        ("AccessDeniedException", "denied", "grant `events:PutRule`"),
        ("SomethingElse", "other", "SomethingElse: the words of AWS"),
    ] {
        let account = Account::new(ministack());
        let proxy = Proxy::start(
            &ministack().url,
            Script::new().every("PutRule", Action::error(403, code, "the words of AWS")),
        );
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        let run = stack.run(&["apply", "--yes", "--output", "json"]).expect(1);
        assert!(run.out.contains(&format!("\"kind\":\"{kind}\"")) && run.out.contains(part), "{code}: {run:#?}");
        assert!(kind == "denied" || !run.out.contains("grant `"), "{code}: {run:#?}");
    }
}
