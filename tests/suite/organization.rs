//! What an organization requires of a stack: tags, a permissions boundary, and a path of roles, on both emulators.

use serde_json::{Value, json};

use super::drift::{Hand, QUEUE, ROLE, RULE};
use super::logs;
use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Proxy, Script};
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

/// What a policy of a key must allow to EventBridge and CloudWatch Logs.
fn key_policy(account: &Account) -> Value {
    let groups = format!("arn:aws:logs:us-east-1:{}:*", account.id);
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{}:root", account.id) }, "Action": "kms:*",
          "Resource": "*" },
        { "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
          "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*",
          "Condition": { "StringEquals": { "aws:SourceAccount": account.id } } },
        { "Effect": "Allow", "Principal": { "Service": "logs.us-east-1.amazonaws.com" },
          "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"], "Resource": "*",
          "Condition": { "ArnLike": { "kms:EncryptionContext:aws:logs:arn": groups } } },
    ] })
}

/// The emulator does not keep the key of a connection, so the proxy adds it where EventBridge would tell it.
#[test]
fn a_key_encrypts_queue_log_groups_and_connection_if_its_policy_lets_the_services_in() {
    let account = Account::new(ministack());
    logs::group(&account);
    let (_, made) = account.json("kms", "TrentService.CreateKey", &json!({}));
    let key = made["KeyMetadata"]["Arn"].as_str().expect("a key").to_owned();
    let told = format!("{{\"KmsKeyIdentifier\":\"{key}\",");
    let tell =
        Action::rewrite(
            move |body| if body.contains("ConnectionState") { body.replacen('{', &told, 1) } else { body.to_owned() },
        );
    let proxy = Proxy::start(&ministack().url, Script::new().every("DescribeConnection", tell));
    let stack = Stack::new(&format!("{}kms_key: {key}\n", logs::text()), &account.env(&proxy.url));
    let refused = stack.run(&["apply", "--yes"]).expect(5);
    let why = format!("the policy of the key `{key}` does not allow `kms:Decrypt` to events.amazonaws.com");
    assert!(refused.err.contains(&why) && refused.err.contains("nothing was changed"), "{refused:#?}");
    assert_eq!(names(&account), Vec::<String>::new());

    let body = json!({ "KeyId": key, "PolicyName": "default", "Policy": key_policy(&account).to_string() });
    assert_eq!(account.json("kms", "TrentService.PutKeyPolicy", &body).0, 200);
    stack.apply();
    stack.assert_unchanged();
    let found = survey(&account);
    assert_eq!(found["queues"][QUEUE]["attributes"]["KmsMasterKeyId"], json!(key));
    let (_, groups) = account.json(
        "logs",
        "Logs_20140328.DescribeLogGroups",
        &json!({ "logGroupNamePrefix": "/aws/lambda/trailbell-sec_" }),
    );
    let groups = groups["logGroups"].as_array().expect("log groups");
    assert!(groups.len() == 2 && groups.iter().all(|one| one["kmsKeyId"] == json!(key)), "{groups:?}");
    let created = proxy.calls().into_iter().find(|call| call.operation == "CreateConnection").expect("made");
    assert!(created.body.contains(&key), "{}", created.body);

    Hand { account: &account }.sqs("SetQueueAttributes", &json!({ "Attributes": { "KmsMasterKeyId": "" } }));
    let (code, plan) = stack.plan();
    assert_eq!((code, changes(&plan)), (3, vec!["update queue.slack: kms_master_key_id".to_owned()]));
    stack.apply();
    stack.assert_unchanged();

    let disabled = json!({ "KeyId": key });
    assert_eq!(account.json("kms", "TrentService.DisableKey", &disabled).0, 200);
    let noted = stack.run(&["plan"]).expect(0);
    assert!(noted.out.contains("its state is Disabled"), "{noted:#?}");
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
}
