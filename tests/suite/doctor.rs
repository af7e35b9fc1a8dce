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
    ward.says("clock", "ok", &[]);
    ward.says("quota", "ok", &["apply creates"]);
    ward.stack.run(&["doctor"]).expect(0);
    ward.stack.apply();
    let run = ward.stack.run(&["doctor"]).expect(0);
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
fn what_cannot_be_counted_is_not_known() {
    let ward = Ward::new(WEBHOOK);
    let denied = Action::error(403, "AccessDeniedException", "User is not authorized");
    ward.proxy.set_script(Script::new().every("GetAccountSummary", denied));
    ward.says("quota/role", "not_known", &["iam:GetAccountSummary"]);
    ward.stack.run(&["doctor"]).expect(1);
}

#[test]
fn credentials_that_aws_rejects_are_said() {
    let ward = Ward::new(WEBHOOK);
    ward.proxy.set_script(Script::new().every("GetCallerIdentity", Action::error(403, "ExpiredToken", "too old")));
    ward.says("credentials", "failed", &["ExpiredToken", "aws sso login"]);
    ward.says("rest", "not_known", &[]);
    let unknown = Action::error(403, "InvalidClientTokenId", "not valid");
    ward.proxy.set_script(Script::new().every("GetCallerIdentity", unknown));
    ward.says("region", "not_known", &["get-region-opt-status"]);
}

#[test]
fn what_no_trail_records_is_said() {
    let ward = Ward::new(WEBHOOK);
    let arn = ward.says("trail", "ok", &["trail/main"]);
    let arn = arn["detail"].as_str().and_then(|text| text.split(' ').next_back()).expect("an ARN").to_owned();
    trail::call(&ward.account, "StopLogging", &json!({ "Name": arn }));
    ward.says("trail", "failed", &["no trail is logging", "aws cloudtrail start-logging"]);
    trail::call(&ward.account, "DeleteTrail", &json!({ "Name": arn }));
    ward.says("trail", "failed", &["no trail records the events of us-east-1"]);
    ward.proxy
        .set_script(Script::new().every("DescribeTrails", Action::error(400, "AccessDeniedException", "not you")));
    ward.says("trail", "not_known", &["AccessDenied"]);
}

#[test]
fn what_was_not_delivered_and_matched_is_counted() {
    let ward = Ward::new(WEBHOOK);
    ward.stack.apply();
    ward.says("dead-letters/slack", "ok", &["none"]);
    Hand { account: &ward.account }.sqs("SendMessage", &json!({ "MessageBody": "{}" }));
    ward.says("dead-letters/slack", "failed", &["1 undelivered"]);
    ward.says("matches", "ok", &["best effort"]);
    let put = |metric: &str, value: &str| {
        let form = [
            ("Namespace", "AWS/Events"),
            ("MetricData.member.1.MetricName", metric),
            ("MetricData.member.1.Value", value),
            ("MetricData.member.1.Dimensions.member.1.Name", "RuleName"),
            ("MetricData.member.1.Dimensions.member.1.Value", RULE),
        ];
        let (status, xml) = ward.account.query("monitoring", "PutMetricData", &form);
        assert_eq!(status, 200, "{xml}");
    };
    put("TriggeredRules", "4");
    put("FailedInvocations", "2");
    ward.says("matches", "ok", &["4 in 30 days, last in the hour after 20"]);
    ward.says("invocations/rule.cloudtrail-stop-logging", "failed", &["2 in 24 hours"]);
    let denied = Action::error(403, "AccessDenied", "not you");
    ward.proxy.set_script(Script::new().every("GetMetricStatistics", denied));
    ward.says("matches", "not_known", &["AccessDenied"]);
}

#[test]
fn a_secret_that_was_rotated_is_seen() {
    let mut ward = Ward::new(WEBHOOK);
    ward.stack.apply();
    ward.says("secret/slack", "ok", &["is the one in use"]);
    ward.stack.set("SLACK_WEBHOOK_URL", &format!("https://hooks.slack.com/services/T/B/{}", "b".repeat(24)));
    ward.says("secret/slack", "failed", &["another secret is in use"]);
}

#[test]
fn an_event_is_followed_through_the_account() {
    let ward = Ward::new(WEBHOOK);
    let record = json!({
        "eventVersion": "1.08", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging",
        "awsRegion": "us-east-1", "eventType": "AwsApiCall", "readOnly": false, "recipientAccountId": ward.account.id,
    });
    ward.stack.write("event.json", &record.to_string());
    let arrival = |code: i32| {
        let asked = ["doctor", "--alert", "cloudtrail-stop-logging", "--event", "event.json"];
        ward.stack.run(&asked).expect(code).out
    };
    assert!(arrival(3).contains("does not have a rule or filter in the account"));
    ward.stack.apply();
    let open = arrival(0);
    assert!(open.contains("has a body that Slack takes to slack: yes"), "{open}");
    let hand = Hand { account: &ward.account };
    hand.events("DisableRule", &json!({ "Name": RULE }));
    let stopped = arrival(3);
    assert!(stopped.contains("the rule is DISABLED") && stopped.contains("trailbell apply"), "{stopped}");
    ward.stack.apply();
    hand.sqs("SendMessage", &json!({ "MessageBody": "{}" }));
    arrival(0);
}

#[test]
fn a_log_group_that_does_not_exist_is_said() {
    let logs = "  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }\n";
    let ward = Ward::new(&format!("{WEBHOOK}{logs}"));
    ward.says("log-group/my-trail", "failed", &["does not exist", "create-log-group"]);
}
