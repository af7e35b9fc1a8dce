//! What an organization requires of a stack: tags, a permissions boundary, and a path of roles, on both emulators.

use serde_json::{Value, json};

use super::drift::{Hand, QUEUE, ROLE, RULE};
use super::logs;
use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::stack::{Stack, changes};
use super::support::survey::{names, survey};

const TAGS: &str = "tags: { team: security, cost-center: \"1234\" }\n";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"events:*","Resource":"*"}]}"#;

/// An account with a policy that can be a boundary; its ARN.
fn boundary(account: &Account, name: &str) -> String {
    let (status, xml) = account.query("iam", "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", POLICY)]);
    assert_eq!(status, 200, "{xml}");
    format!("arn:aws:iam::{}:policy/{name}", account.id)
}

fn role(account: &Account) -> String {
    survey(account)["roles"][ROLE]["role"].as_str().expect("the role").to_owned()
}

fn required(emulator: &Emulator) {
    let account = Account::new(emulator);
    logs::group(&account);
    let arn = boundary(&account, "boundary");
    let text = logs::text().replace("log_group: my-trail", "log_group: my-trail, metric_alarm: true");
    let stack = Stack::new(&text, &account.env(&emulator.url));
    stack.apply();
    let iam = format!("iam: {{ boundary: \"{arn}\", path: /security/ }}\n");
    stack.write("trailbell.yaml", &format!("{text}{TAGS}{iam}"));
    let (_, plan) = stack.plan();
    let all = changes(&plan);
    for expected in [
        "replace role.slack: path, permissions_boundary, tags",
        "replace role.notifier-function: path, permissions_boundary, tags",
        "update alarm.cloudtrail-access-denied-logs: tags",
        "update event_bus.relay: tags",
        "update function.notifier: role, tags",
        "update log_group.notifier: tags",
        "update queue.slack: tags",
        "update rule.cloudtrail-stop-logging: tags",
        "update target.relay@relay: role_arn",
    ] {
        assert!(all.contains(&expected.to_owned()), "{expected} is not in {all:#?}");
    }
    stack.apply();
    stack.assert_unchanged();
    let xml = role(&account);
    assert!(xml.contains("<Path>/security/</Path>") && xml.contains(&arn), "{xml}");
    drifts(&account, &stack);
    others_tags_stay(&account, &stack, &format!("{text}{iam}"));
    // Without the file, and with a role under a path that nothing tells.
    stack.run(&["destroy", "--stack", "sec", "--region", "us-east-1", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
}

/// A change by hand, and the drift that it is.
type Line<'a> = (&'a dyn Fn(), &'static str);

fn drifts(account: &Account, stack: &Stack) {
    let other = boundary(account, "other");
    let hand = Hand { account };
    let lines: [Line<'_>; 5] = [
        (&|| hand.iam("UntagRole", &[("RoleName", ROLE), ("TagKeys.member.1", "team")]), "update role.slack: tags"),
        (&|| hand.sqs("TagQueue", &json!({ "Tags": { "team": "others" } })), "update queue.slack: tags"),
        (
            &|| {
                let arn = hand.rule_arn(RULE);
                hand.events("UntagResource", &json!({ "ResourceARN": arn, "TagKeys": ["cost-center"] }));
            },
            "update rule.cloudtrail-stop-logging: tags",
        ),
        (
            &|| hand.iam("DeleteRolePermissionsBoundary", &[("RoleName", ROLE)]),
            "update role.slack: permissions_boundary",
        ),
        (
            &|| {
                let form = [("RoleName", ROLE), ("PermissionsBoundary", other.as_str())];
                hand.iam("PutRolePermissionsBoundary", &form);
            },
            "update role.slack: permissions_boundary",
        ),
    ];
    for (change, expected) in lines {
        change();
        let (code, plan) = stack.plan();
        assert_eq!((code, changes(&plan)), (3, vec![expected.to_owned()]));
        stack.apply();
        stack.assert_unchanged();
    }
}

/// Tags that someone else set are neither drift nor removed, not even by an update of tags.
fn others_tags_stay(account: &Account, stack: &Stack, text: &str) {
    let hand = Hand { account };
    hand.iam("TagRole", &[("RoleName", ROLE), ("Tags.member.1.Key", "theirs"), ("Tags.member.1.Value", "x")]);
    hand.sqs("TagQueue", &json!({ "Tags": { "theirs": "x" } }));
    let arn = hand.rule_arn(RULE);
    hand.events("TagResource", &json!({ "ResourceARN": arn, "Tags": [{ "Key": "theirs", "Value": "x" }] }));
    stack.assert_unchanged();
    stack.write("trailbell.yaml", &format!("{text}tags: {{ team: platform }}\n"));
    stack.apply();
    stack.assert_unchanged();
    let found = survey(account);
    assert_eq!(
        found["queues"][QUEUE]["tags"],
        json!({
            "theirs": "x", "team": "platform", "cost-center": "1234", "trailbell:stack": "sec",
        })
    );
    let keys = |tags: &Value| tags.to_string().matches("theirs").count();
    assert_eq!(keys(&found["rules"][RULE]["tags"]), 1);
    assert!(role(account).contains("theirs"));
}

#[test]
fn on_ministack() {
    required(ministack());
}

#[test]
fn on_moto() {
    required(moto());
}

/// A boundary that leaves the file is not taken off unasked: it limits what the stack can do.
#[test]
fn a_boundary_that_leaves_the_file_is_removed_only_on_request() {
    let account = Account::new(ministack());
    let arn = boundary(&account, "boundary");
    let text = super::support::stack::WEBHOOK;
    let stack = Stack::new(&format!("{text}iam: {{ boundary: \"{arn}\" }}\n"), &account.env(&ministack().url));
    stack.apply();
    stack.assert_unchanged();
    stack.write("trailbell.yaml", text);
    let found = stack.run(&["plan", "--detailed-exitcode"]).expect(3);
    assert!(found.out.contains(&format!("role.slack/permissions-boundary.{arn}")), "{found:#?}");
    stack.run(&["apply", "--yes", "--remove-unmanaged", &format!("role.slack/permissions-boundary.{arn}")]).expect(0);
    stack.assert_unchanged();
    assert!(!role(&account).contains("PermissionsBoundary"));
    stack.run(&["destroy", "--yes"]).expect(0);
}
