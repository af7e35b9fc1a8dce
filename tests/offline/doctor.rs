//! `doctor` in the sandbox: what it says before and after apply, and each condition that it names, made to fail.

mod arrival;

use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

const STACK: &str = r#"version: 1
stack: sec
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;
const HOOK: &str = "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa";

/// A stack and its account.
struct Patient {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
    /// What else `doctor` is asked.
    asked: Vec<String>,
}

impl Patient {
    fn new(stack: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("trailbell.yaml"), stack).expect("written");
        Self { folder, env: vec![("SLACK_WEBHOOK_URL", HOOK.to_owned())], asked: Vec::new() }
    }

    /// One whose stack is in the account.
    fn applied(stack: &str) -> Self {
        let patient = Self::new(stack);
        let (out, code) = patient.run(&["apply", "--yes"]);
        assert_eq!(code, 0, "{out}");
        patient
    }

    fn run(&self, arguments: &[&str]) -> (String, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_trailbell"))
            .args(arguments)
            .arg("--sandbox=box.json")
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .env_remove("AWS_PROFILE")
            .env_remove("SLACK_WEBHOOK_URL")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("the program runs");
        (String::from_utf8(output.stdout).expect("text"), output.status.code().unwrap_or(-1))
    }

    /// The checks and the exit code.
    fn doctor(&self) -> (Vec<Value>, i32) {
        let asked: Vec<&str> = self.asked.iter().map(String::as_str).collect();
        let (out, code) = self.run(&[&["doctor", "--output", "json"][..], &asked].concat());
        let result: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("not JSON: {out}"));
        assert_eq!(result["exit_code"], code);
        (result["checks"].as_array().expect("checks").clone(), code)
    }

    /// Changes the account by hand.
    fn by_hand(&self, change: impl FnOnce(&mut Value)) -> &Self {
        let path = self.folder.path().join("box.json");
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|_| r#"{"format":2,"created":0,"objects":{}}"#.to_owned());
        let mut world: Value = serde_json::from_str(&text).expect("JSON");
        change(&mut world);
        std::fs::write(path, world.to_string()).expect("written");
        self
    }

    /// Changes the resource whose key ends so.
    fn resource(&self, end: &str, change: impl FnOnce(&mut Value)) -> &Self {
        self.by_hand(|world| {
            let objects = world["objects"].as_object_mut().expect("objects");
            let keys: Vec<String> = objects.keys().cloned().collect();
            let (_, one) = objects.iter_mut().find(|(key, _)| key.ends_with(end)).unwrap_or_else(|| panic!("{keys:?}"));
            change(&mut one["resource"]);
        })
    }

    /// The check of this id, after making sure of its verdict, its words, and the exit code.
    fn says(&self, id: &str, verdict: &str, words: &[&str]) -> Value {
        let (checks, code) = self.doctor();
        let found = checks.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id}: {checks:#?}"));
        assert_eq!(found["verdict"], verdict, "{found:#}");
        let text = found.to_string();
        for word in words {
            assert!(text.contains(word), "{word}: {found:#}");
        }
        let has = |verdict: &str| checks.iter().any(|one| one["verdict"] == verdict);
        let expected = if has("failed") { 3 } else { i32::from(has("not_known")) };
        assert_eq!(code, expected, "{checks:#?}");
        assert!(checks.iter().all(|one| (one["verdict"] == "ok") == one["fix"].is_null()), "{checks:#?}");
        found.clone()
    }
}

fn error(action: &str, kind: &str, message: &str) -> impl Fn(&mut Value) {
    let (action, one) = (action.to_owned(), json!({ "kind": kind, "message": message }));
    move |world| world["errors"][&action] = one.clone()
}

#[test]
fn a_stack_that_is_not_applied_yet_is_not_a_failure() {
    let patient = Patient::new(STACK);
    patient.says("state", "ok", &["not applied yet"]);
    patient.says("drift", "ok", &["not applied yet", "trailbell apply"]);
    let (out, code) = patient.run(&["doctor"]);
    assert!(code == 0 && out.contains("✓ drift: not applied yet"), "{out}");
}

#[test]
fn a_stack_that_is_applied_is_well() {
    let patient = Patient::applied(STACK);
    let (checks, code) = patient.doctor();
    assert_eq!(code, 0, "{checks:#?}");
    patient.says("state", "ok", &["authorized"]);
    patient.says("drift", "ok", &["as the stack file describes"]);
}

#[test]
fn credentials_that_do_not_work_are_said_with_the_command() {
    let patient = Patient::new(STACK);
    patient.by_hand(error("sts:GetCallerIdentity", "credentials", "the SSO session has expired"));
    patient.says("credentials", "failed", &["expired", "`aws sso login`"]);
    patient.says("rest", "not_known", &["the credentials do not work"]);
    let mut patient = patient;
    patient.env.push(("AWS_PROFILE", "security".to_owned()));
    patient.says("credentials", "failed", &["`aws sso login --profile security`"]);
    patient.by_hand(error("sts:GetCallerIdentity", "unreachable", "no response"));
    patient.says("credentials", "not_known", &["no response"]);
}

#[test]
fn the_account_is_compared_with_the_stack_file() {
    let bound = |account: &str| STACK.replace("stack: sec", &format!("stack: sec\naccount: \"{account}\""));
    Patient::new(&bound("123456789012")).says("account", "ok", &["as in the stack file"]);
    let other = Patient::new(&bound("999999999999"));
    other.says("account", "failed", &["999999999999", "--profile"]);
    other.says("rest", "not_known", &["another account"]);
}

#[test]
fn states_in_which_nothing_is_sent_fail() {
    for (key, field, state, id, words) in [
        (
            "/connection/trailbell-sec_slack_connection",
            "state",
            json!("DEAUTHORIZED"),
            "state/connection.slack",
            "DEAUTHORIZED",
        ),
        (
            "/api_destination/trailbell-sec_slack_destination",
            "state",
            json!("INACTIVE"),
            "state/api_destination.slack",
            "INACTIVE",
        ),
        (
            "/rule/trailbell-sec_cloudtrail-stop-logging_rule",
            "state",
            json!("DISABLED"),
            "state/rule.cloudtrail-stop-logging",
            "DISABLED",
        ),
    ] {
        let patient = Patient::applied(STACK);
        patient.resource(key, |one| one[field] = state);
        patient.says(id, "failed", &[words, "trailbell apply"]);
        patient.says("drift", "failed", &["differs", "trailbell plan"]);
    }
}

#[test]
fn a_function_that_cannot_be_called_fails() {
    let logs = format!("{STACK}  - {{ blueprint: cloudtrail-access-denied-logs, with: {{ log_group: my-trail }} }}\n");
    let patient = Patient::applied(&logs);
    patient.resource("/function/trailbell-sec_notifier_function", |one| one["state"] = json!("Failed"));
    patient.says("state/function.notifier", "failed", &["Failed", "cannot be called"]);
    let silenced = Patient::applied(&logs);
    silenced.resource("/function/trailbell-sec_notifier_function", |one| one["reserved_concurrency"] = json!(0));
    silenced.says("state/function.notifier", "failed", &["reserved concurrency is 0"]);
}

#[test]
fn a_subscription_that_no_one_confirmed_is_a_warning() {
    let topic = "sns: { on-call: { email: [a@example.com] } }";
    let patient = Patient::applied(&format!("{STACK}    to: [slack, on-call]\n{topic}\n"));
    patient.says("state/subscription.on-call/a@example.com", "warning", &["waiting for a@example.com to confirm"]);
    patient.resource("a@example.com", |one| one["is_pending"] = json!(false));
    patient.says("state", "ok", &[]);
}

#[test]
fn what_is_missing_fails() {
    let patient = Patient::applied(STACK);
    patient.by_hand(|world| {
        world["objects"]
            .as_object_mut()
            .expect("objects")
            .retain(|key, _| !key.contains("/queue/") && !key.contains("/role/"));
    });
    patient.says("state/queue.slack", "failed", &["does not exist"]);
    patient.says("state/role.slack", "failed", &["does not exist"]);
    patient.says("drift", "failed", &["is missing"]);
}

#[test]
fn an_account_that_cannot_be_read_is_not_known() {
    let patient = Patient::new(STACK);
    patient.by_hand(error("events:ListRules", "denied", "not you"));
    patient.says("drift", "not_known", &["events:ListRules", "not you"]);
}

#[test]
fn what_is_in_the_way_of_apply_fails() {
    let patient = Patient::applied(STACK);
    patient.resource("_dead-letter-queue", |one| one["tags"] = json!({}));
    patient.by_hand(|world| {
        world["objects"].as_object_mut().expect("objects").retain(|key, _| key.contains("/queue/"));
    });
    patient.says("drift", "failed", &["apply is refused"]);
}

#[test]
fn an_expired_suppression_is_a_warning() {
    let suppressed = |until: &str| {
        let of =
            "    suppress:\n      - when: { userIdentity.userName: [deploy] }\n        reason: r\n        owner: o";
        format!("{STACK}{of}\n        until: \"{until}\"\n")
    };
    let patient = Patient::new(&suppressed("2020-01-31"));
    patient.says("suppressions", "warning", &["expired", "trailbell.yaml, line", "remove the suppression"]);
    Patient::new(&suppressed("2999-01-31")).says("suppressions", "ok", &["none has expired"]);
}

const LOG_ALERT: &str = "  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }\n";

/// A change of the account's one trail.
fn trail(field: &str, value: Value) -> impl FnOnce(&mut Value) {
    let (field, selectors) = (field.to_owned(), json!([basic(true, true, &[])]));
    move |world| {
        let mut one = json!({
            "arn": "arn:aws:cloudtrail:us-east-1:123456789012:trail/main", "home_region": "us-east-1",
            "is_multi_region": true, "has_global_services": true, "log_group_arn": null, "is_logging": true,
            "selectors": selectors,
        });
        one[field] = value;
        world["trails"] = json!([one]);
    }
}

fn basic(reads: bool, writes: bool, data_types: &[&str]) -> Value {
    let of = json!({
        "reads": reads, "writes": writes, "management": true, "excluded_sources": [], "data_types": data_types,
    });
    json!({ "basic": of })
}

#[test]
fn a_trail_must_be_there_and_logging() {
    let patient = Patient::new(STACK);
    patient.by_hand(trail("is_logging", json!(true))).says("trail", "ok", &["trail/main"]);
    patient.by_hand(trail("is_logging", json!(false))).says(
        "trail",
        "failed",
        &["aws cloudtrail start-logging --name arn:"],
    );
    patient.by_hand(trail("is_logging", json!(null))).says("trail", "not_known", &["is logging"]);
    patient.by_hand(|world| world["trails"] = json!([]));
    patient.says("trail", "failed", &["no trail records the events of us-east-1", "cloudtrail-stop-logging"]);
    patient.by_hand(error("cloudtrail:DescribeTrails", "denied", "not you")).says("trail", "not_known", &["not you"]);
}

#[test]
fn a_trail_must_record_what_the_alerts_need() {
    let alert = |name: &str| STACK.replace("cloudtrail-stop-logging", name);
    let reading = Patient::new(&alert("supportapp-configuration-read"));
    reading.by_hand(trail("selectors", json!([basic(false, true, &[])])));
    reading.says("trail", "failed", &["read-only management events", "put-event-selectors"]);
    let writing = Patient::new(STACK);
    writing.by_hand(trail("selectors", json!([basic(true, false, &[])])));
    writing.says("trail", "failed", &["StopLogging", "put-event-selectors"]);
    // Advanced selectors, of an organization's trail that a member sees.
    let fields = |name: &str| {
        let field = |field: &str, value: &str| {
            json!({ "field": field, "equals": [value], "starts_with": [], "ends_with": [], "not_equals": [],
                    "not_starts_with": [], "not_ends_with": [] })
        };
        json!([{ "advanced": [field("eventCategory", "Management"), field("eventName", name)] }])
    };
    writing.by_hand(trail("selectors", fields("StopLogging"))).says("trail", "ok", &[]);
    writing.by_hand(trail("selectors", fields("StartLogging"))).says("trail", "failed", &["StopLogging"]);
    writing.by_hand(trail("selectors", json!(null))).says("trail", "not_known", &["describe-trails"]);
}

#[test]
fn what_an_alert_without_a_test_waits_for_is_not_known() {
    let blueprint = "blueprint: mine\ntitle: Mine\nseverity: low\nalert:\n  pattern: { source: [aws.kms], detail-type: [AWS API Call via CloudTrail], \
        detail: { eventSource: [kms.amazonaws.com], eventName: [DisableKey] } }\n  message: { text: A key was disabled }\n";
    let patient = Patient::new(&format!("{STACK}  - blueprint: ./mine.yaml\n"));
    std::fs::write(patient.folder.path().join("mine.yaml"), blueprint).expect("written");
    patient.says(
        "trail",
        "not_known",
        &["no test has an event that it waits for (for mine)", "add a test that matches"],
    );
}

#[test]
fn data_events_are_recorded_where_a_trail_selects_them() {
    let custom = r"blueprint: objects
title: An object was deleted
severity: low
alert:
  pattern:
    source: [aws.s3]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [s3.amazonaws.com], eventName: [DeleteObject] }
  message: { text: an object was deleted }
tests:
  - { name: matches, record: { eventSource: s3.amazonaws.com, eventName: DeleteObject }, expect: { matches: true } }
  - { name: other, record: { eventSource: s3.amazonaws.com, eventName: PutObject }, expect: { matches: false } }
";
    let patient = Patient::new(&STACK.replace("cloudtrail-stop-logging", "./objects.yaml"));
    std::fs::write(patient.folder.path().join("objects.yaml"), custom).expect("written");
    patient.by_hand(trail("is_logging", json!(true)));
    patient.says("trail", "failed", &["data events", "AWS::S3::Object", "put-event-selectors"]);
    patient.by_hand(trail("selectors", json!([basic(true, true, &["AWS::S3::Object"])]))).says("trail", "ok", &[]);
}

fn metric(series: &str, day: u64, month: u64) -> impl FnOnce(&mut Value) {
    let series = series.to_owned();
    move |world| world["metrics"][series] = json!({ "day": day, "month": month, "last_ms": 1_700_000_000_000_i64 })
}

#[test]
fn a_log_group_must_receive_log_events() {
    let patient = Patient::applied(&format!("{STACK}{LOG_ALERT}"));
    let series = "AWS/Logs IncomingLogEvents my-trail";
    patient.says("log-group/my-trail", "ok", &["the sandbox does not count"]);
    patient.by_hand(metric(series, 5, 9)).says("log-group/my-trail", "ok", &["received 5 log events in 24 hours"]);
    patient.by_hand(metric(series, 0, 9)).says(
        "log-group/my-trail",
        "warning",
        &["no log event in 24 hours", "aws logs tail my-trail"],
    );
    patient.by_hand(metric(series, 0, 0)).says("log-group/my-trail", "failed", &["in 30 days", "update-trail"]);
    patient.by_hand(error("cloudwatch:GetMetricStatistics", "denied", "not you"));
    patient.says("log-group/my-trail", "not_known", &["not you"]);
}

#[test]
fn what_was_not_delivered_is_named() {
    let patient = Patient::applied(STACK);
    patient.says("dead-letters/slack", "ok", &["none"]);
    assert!(patient.doctor().0.iter().all(|one| one["id"] != "invocations" && one["id"] != "matches"), "no one counts");
    let rule = "trailbell-sec_cloudtrail-stop-logging_rule";
    let series = format!("AWS/Events FailedInvocations {rule}");
    patient.by_hand(metric(&series, 2, 3));
    let id = "invocations/rule.cloudtrail-stop-logging";
    patient.says(id, "failed", &["2 in 24 hours (best effort)", "redrive --dry-run"]);
    patient.by_hand(metric(&series, 0, 3)).says(id, "warning", &["3 in 30 days (best effort)"]);
    patient.by_hand(metric(&series, 0, 0)).says("invocations", "ok", &["none in 30 days"]);
    patient.by_hand(metric(&format!("AWS/Events TriggeredRules {rule}"), 1, 7));
    patient.says("matches", "ok", &["7 in 30 days", "2023-11-14T22:13:20Z", "best effort"]);
    patient.by_hand(error("cloudwatch:GetMetricStatistics", "denied", "not you"));
    patient.says("matches", "not_known", &["not you"]);
    patient.says(id, "not_known", &["not you"]);
    let queue = "arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue";
    let letter = json!({ "id": "1", "sent_ms": 1, "rule_arn": "arn:aws:events:us-east-1:123456789012:rule/trailbell-sec_cloudtrail-stop-logging_rule", "target_arn": "t", "code": "SDK_CLIENT_ERROR",
        "message": "404", "body": "{}", "queue_arn": queue });
    patient.by_hand(|world| world["dead_letters"] = json!([letter]));
    patient.says("dead-letters/slack", "failed", &["1 undelivered", "trailbell redrive"]);
    patient.by_hand(error("sqs:GetQueueAttributes", "denied", "not you"));
    patient.says("dead-letters/slack", "not_known", &["not you"]);
}

#[test]
fn the_secret_resolves_and_is_the_one_in_use() {
    let mut patient = Patient::new(STACK);
    patient.says("secret/slack", "ok", &["${env:SLACK_WEBHOOK_URL} resolves; not applied yet"]);
    assert_eq!(patient.run(&["apply", "--yes"]).1, 0);
    patient.says("secret/slack", "ok", &["is the one in use"]);
    patient.env = vec![("SLACK_WEBHOOK_URL", HOOK.replace("aaaa", "bbbb"))];
    let found = patient.says("secret/slack", "failed", &["another secret is in use", "trailbell apply"]);
    assert!(!found.to_string().contains("bbbb"), "{found}");
    patient.env = vec![("SLACK_WEBHOOK_URL", "https://example.com/x".to_owned())];
    patient.says("secret/slack", "failed", &["`example.com` is not a Slack host"]);
    patient.env.clear();
    patient.says("secret/slack", "failed", &["SLACK_WEBHOOK_URL is not set"]);
    let prompted = Patient::new(&STACK.replace("env:SLACK_WEBHOOK_URL", "prompt:Webhook"));
    prompted.says("secret/slack", "not_known", &["a person types it"]);
    let stored = Patient::new(&STACK.replace("env:SLACK_WEBHOOK_URL", "ssm:/slack"));
    stored.says("secret/slack", "failed", &["the sandbox keeps no secrets"]);
}

#[test]
fn the_region_and_what_reaches_it() {
    let patient = Patient::new(STACK);
    patient.says("region", "ok", &["us-east-1, from `region` in the stack file"]);
    patient.says("event-sources", "ok", &[]);
    let rejected = json!({ "kind": "credentials", "code": "InvalidClientTokenId", "message": "not valid" });
    patient.by_hand(|world| world["errors"]["sts:GetCallerIdentity"] = rejected);
    patient.says(
        "region",
        "not_known",
        &["not enabled", "get-region-opt-status --region us-east-1 --region-name us-east-1"],
    );
    patient.by_hand(error("sts:GetCallerIdentity", "unreachable", "no response"));
    patient.says("region", "not_known", &["was not reached"]);
    let elsewhere =
        STACK.replace("us-east-1", "eu-west-1").replace("cloudtrail-stop-logging", "signin-console-login-without-mfa");
    Patient::new(&elsewhere).says("event-sources", "warning", &["sign-in"]);
}

#[test]
fn the_clock_is_compared_with_that_of_aws() {
    let patient = Patient::new(STACK);
    patient.says("clock", "ok", &["within 30 s"]);
    for (ahead, verdict, words) in
        [(-90, "warning", "90 s behind"), (90, "warning", "90 s ahead of"), (900, "failed", "five minutes")]
    {
        patient.by_hand(|world| world["clock_ahead"] = json!(ahead)).says("clock", verdict, &[words, "timedatectl"]);
    }
}

#[test]
fn what_apply_creates_must_fit() {
    let patient = Patient::applied(STACK);
    patient.says("quota", "ok", &["creates nothing"]);
    let more = format!("{STACK}  - blueprint: supportapp-configuration-changed\n");
    std::fs::write(patient.folder.path().join("trailbell.yaml"), more).expect("written");
    patient.says("quota", "ok", &["of 300 rules", "apply creates 1 more"]);
    // Others have 299 rules.
    patient.by_hand(|world| {
        let key = "us-east-1/rule/trailbell-sec_cloudtrail-stop-logging_rule";
        let rule = world["objects"][key].clone();
        for number in 0..299 {
            let mut one = rule.clone();
            one["resource"]["name"] = json!(format!("theirs-{number}"));
            one["resource"]["address"] = json!(format!("us-east-1/rule.theirs-{number}"));
            one["resource"]["tags"] = json!({});
            world["objects"][format!("us-east-1/rule/theirs-{number}")] = one;
        }
    });
    patient.says("quota/rule", "failed", &["apply creates 1 more", "Service Quotas"]);
}
