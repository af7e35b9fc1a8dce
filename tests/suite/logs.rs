//! The second half of the story, by the program itself: log lines reach Slack through the notifier, a remediation turns
//! logging on again, and nothing of it stays behind or holds a secret.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trailbell::slack;

use super::support::api::{Account, REGION};
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Call, Proxy, Script};
use super::support::sink::Sink;
use super::support::stack::{Stack, WEBHOOK, changes};
use super::support::survey::names;
use super::support::trail;

const PATIENCE: Duration = Duration::from_secs(30);
const GROUP: &str = "my-trail";
const NOTIFIER: &str = "trailbell-sec_notifier_function";
const LOG_ALERT: &str = "  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }\n";

/// A stack that listens to a log group and turns logging on again.
pub fn text() -> String {
    let restarting = "  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n";
    WEBHOOK.replace("  - blueprint: cloudtrail-stop-logging\n", &format!("{restarting}{LOG_ALERT}"))
}

fn logs(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("logs", &format!("Logs_20140328.{operation}"), body);
    assert_eq!(status, 200, "{operation} {body}: {answer}");
    answer
}

/// A line of the log: a call that was refused. ministack takes a filter pattern for words that must all occur, so they do.
fn refused(name: &str) -> String {
    json!({
        "eventSource": "s3.amazonaws.com", "eventName": name, "eventTime": "2026-01-02T03:04:05Z",
        "errorCode": "AccessDenied", "errorMessage": "no UnauthorizedOperation: see $.errorCode",
        "userIdentity": { "type": "IAMUser", "userName": "alice <!channel>" }, "awsRegion": "us-east-1",
        "recipientAccountId": "123456789012",
    })
    .to_string()
}

/// The log group of someone's trail.
pub fn group(account: &Account) {
    logs(account, "CreateLogGroup", &json!({ "logGroupName": GROUP }));
    logs(account, "CreateLogStream", &json!({ "logGroupName": GROUP, "logStreamName": "s" }));
}

fn put(account: &Account, lines: &[&str]) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let event = |line: &&str| json!({ "timestamp": u64::try_from(now).expect("small"), "message": line });
    let events: Vec<Value> = lines.iter().map(event).collect();
    logs(account, "PutLogEvents", &json!({ "logGroupName": GROUP, "logStreamName": "s", "logEvents": events }));
}

/// The notifier's role and its policy.
const ROLE: [(&str, &str); 2] =
    [("RoleName", "trailbell-sec_notifier-function-us-east-1_role"), ("PolicyName", "run-function")];

/// Takes `events:source` out of the notifier's permission: ministack enforces IAM and does not know that condition, which
/// EventBridge has. That the role has it is asserted first. Gives back IAM's answer about the policy as it was.
pub fn without_condition(account: &Account) -> String {
    let (status, made) = account.query("iam", "GetRolePolicy", &ROLE);
    assert_eq!(status, 200, "{made}");
    assert!(made.contains("events%3Asource") || made.contains("events:source"), "{made}");
    let bus = format!("arn:aws:events:{REGION}:{}:event-bus/trailbell-sec_relay_bus", account.id);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus },
        { "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"], "Resource": "*" },
    ] });
    let document = policy.to_string();
    let put = [ROLE[0], ROLE[1], ("PolicyDocument", document.as_str())];
    let (status, xml) = account.query("iam", "PutRolePolicy", &put);
    assert_eq!(status, 200, "{xml}");
    made
}

/// A proxy behind which the notifier may send on ministack, and its role looks as it was made: `verify` takes no other.
pub fn sending(account: &Account) -> Proxy {
    let made = without_condition(account);
    let shown = Action::rewrite(move |_| made.clone());
    let is_it = |call: &Call| call.operation == "GetRolePolicy" && call.body.contains(ROLE[0].1);
    Proxy::start(&ministack().url, Script::new().with(move |call| is_it(call).then(|| shown.clone())))
}

fn started(emulator: &Emulator, text: &str, sink: &Sink) -> (Account, Stack) {
    let account = Account::new(emulator);
    group(&account);
    let mut stack = Stack::new(text, &account.env(&emulator.url));
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    (account, stack)
}

fn body(text: &str) -> Value {
    let body = serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"));
    slack::read(&body).unwrap_or_else(|problems| panic!("{problems:?}: {body}"));
    body
}

/// Waits until something is as it should be.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited {PATIENCE:?} until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_matching_line_reaches_slack_once_and_another_does_not() {
    let sink = Sink::start();
    let (account, stack) = started(ministack(), &text(), &sink);
    stack.assert_unchanged();
    without_condition(&account);
    let fine = r#"{"eventSource":"s3.amazonaws.com","eventName":"ListBuckets","eventTime":"2026-01-02T03:04:06Z"}"#;
    put(&account, &[fine, &refused("GetBucketPolicy")]);
    let message = body(&sink.wait_for(1, PATIENCE)[0].body);
    let kinds: Vec<&str> =
        message["blocks"].as_array().expect("blocks").iter().filter_map(|one| one["type"].as_str()).collect();
    assert_eq!(kinds, ["header", "section", "divider", "section", "section", "context"]);
    assert_eq!(message["blocks"][1]["fields"][2]["text"], json!(GROUP));
    let lines = message["blocks"][4]["text"]["text"].as_str().expect("text");
    assert!(
        lines.contains("GetBucketPolicy of s3.amazonaws.com: AccessDenied") && lines.contains("alice &lt;!channel&gt;"),
        "{lines}"
    );
    assert!(!lines.contains("ListBuckets"), "{lines}");
    // A second line proves that nothing else was under way before it.
    put(&account, &[fine, &refused("GetBucketAcl")]);
    let all = sink.wait_for(2, PATIENCE);
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all[1].body.contains("GetBucketAcl"), "{all:#?}");
}

#[test]
fn verify_lets_the_live_notifier_speak() {
    let sink = Sink::start();
    let (account, mut stack) = started(ministack(), &text(), &sink);
    trail::delivering(&account, "main", GROUP);
    let proxy = sending(&account);
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let verified = stack
        .run(&["verify", "--alert", "cloudtrail-access-denied-logs", "--wait", "0", "--output", "json"])
        .expect(6)
        .json();
    let proof = &verified["alerts"][0];
    assert_eq!(proof["result"], json!("accepted"), "{proof:#}");
    let told = body(proof["bodies"][0].as_str().expect("a body"));
    assert!(told.to_string().contains(&format!("[TEST {}]", proof["test_id"].as_str().expect("an id"))), "{told}");
    assert_eq!(body(&sink.wait_for(1, PATIENCE)[0].body), told);
    // What is previewed is what arrives, but for the stream that `verify` names.
    let previewed =
        stack.run(&["preview", "--alert", "cloudtrail-access-denied-logs", "--output", "json"]).expect(0).json();
    assert_eq!(previewed["messages"][0]["body"]["blocks"][4], told["blocks"][4]);
    // Nothing was written into the log group.
    let events = logs(&account, "FilterLogEvents", &json!({ "logGroupName": GROUP }));
    assert_eq!(events["events"], json!([]));
    // Without the permission the lines are skipped, and it says so.
    let sid = {
        let (_, policy) =
            account.rest("lambda", "GET", &format!("/2015-03-31/functions/{NOTIFIER}/policy"), &Value::Null);
        let policy: Value = serde_json::from_str(policy["Policy"].as_str().expect("a policy")).expect("JSON");
        policy["Statement"][0]["Sid"].as_str().expect("a sid").to_owned()
    };
    let (status, _) =
        account.rest("lambda", "DELETE", &format!("/2015-03-31/functions/{NOTIFIER}/policy/{sid}"), &Value::Null);
    assert!(status < 300);
    let failed = stack.run(&["verify", "--alert", "cloudtrail-access-denied-logs", "--wait", "0"]).expect(1);
    assert!(failed.out.contains("permission.notifier/") && failed.out.contains("is missing"), "{failed:?}");
}

/// A trail that someone has stopped, and the event of that.
fn stopped_trail(account: &Account) -> (String, Value) {
    let arn = trail::logging(account, "stopped");
    trail::call(account, "StopLogging", &json!({ "Name": arn }));
    let record = json!({
        "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": REGION,
        "eventTime": "2026-01-02T03:04:05Z", "eventID": "00000000-0000-4000-8000-000000000000",
        "eventType": "AwsApiCall", "recipientAccountId": account.id, "requestParameters": { "name": arn },
    });
    (arn, record)
}

#[test]
fn a_remediation_runs_when_asked_and_turns_logging_on_again() {
    let sink = Sink::start();
    let (account, stack) = started(ministack(), &text(), &sink);
    let (arn, record) = stopped_trail(&account);
    stack.write("event.json", &record.to_string());
    // Another trail records that this one was stopped.
    trail::logging(&account, "main");
    let alert = ["verify", "--alert", "cloudtrail-stop-logging", "--wait", "0"];
    let run = stack.run(&alert).expect(6);
    assert!(run.out.contains("its remediation was not run"), "{run:?}");
    assert!(!trail::is_logging(&account, &arn), "verify alone changes nothing");
    let asked = [alert.as_slice(), &["--run-remediation", "--event", "event.json", "--output", "json"]].concat();
    let verified = stack.run(&asked).expect(6).json();
    assert_eq!(verified["alerts"][0]["remediation"]["result"]["outcome"], json!("started"), "{verified:#}");
    assert!(trail::is_logging(&account, &arn));
    // An event of something else is not given to it.
    stack.write("other.json", &record.to_string().replace("StopLogging", "StartLogging"));
    let other = stack.run(&[alert.as_slice(), &["--run-remediation", "--event", "other.json"]].concat()).expect(1);
    assert!(
        other.out.contains("does not match the alert") && other.err.contains("does not match any alert"),
        "{other:?}"
    );
    // Again is no harm.
    stack.run(&asked).expect(6);
    assert!(trail::is_logging(&account, &arn));
    // The event of the test is about a trail that is not there: the handler fails, and that is said.
    let failed = stack.run(&[alert.as_slice(), &["--run-remediation"]].concat()).expect(1);
    assert!(failed.out.contains("its remediation failed") && failed.out.contains("--event"), "{failed:?}");
    // The verdict for machines is that of the exit code.
    let told = stack.run(&[alert.as_slice(), &["--run-remediation", "--output", "json"]].concat()).expect(1).json();
    assert_eq!((&told["verdict"], &told["exit_code"]), (&json!("failed"), &json!(1)), "{told}");
    assert!(failed.out.contains("1 remediation failed"), "{failed:?}");
}

#[test]
fn a_rule_calls_the_remediation_and_the_notifier() {
    let sink = Sink::start();
    let account = Account::new(ministack());
    let text = WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml");
    let mut stack = Stack::new(&text, &account.env(&ministack().url));
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
    assert!(stack.path("restart-logging.mjs").is_file(), "the handler comes with it");
    stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "again.yaml"]).expect(1);
    assert!(!stack.path("again.yaml").exists(), "both or none");
    let blueprint = std::fs::read_to_string(stack.path("mine.yaml")).expect("written");
    let (head, _) = blueprint.split_once("\ntests:").expect("tests");
    let blueprint =
        head.replace("  message:\n", "  message:\n    via: lambda\n").replace("default: false", "default: true");
    stack.write("mine.yaml", &blueprint);
    stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
    stack.apply();
    without_condition(&account);
    // Events of AWS can be put on the bus by AWS alone, so the rule is changed by hand to receive others.
    let name = json!({ "Name": "trailbell-sec_cloudtrail-stop-logging_rule" });
    let (_, rule) = account.json("events", "AWSEvents.DescribeRule", &name);
    let pattern = rule["EventPattern"].as_str().expect("a pattern").replace("aws.cloudtrail", "my.cloudtrail");
    let changed = json!({ "Name": name["Name"], "EventPattern": pattern, "Description": rule["Description"] });
    assert_eq!(account.json("events", "AWSEvents.PutRule", &changed).0, 200);
    let (arn, record) = stopped_trail(&account);
    let hostile = "<!channel> \"quoted\" \\ *bold*\n```";
    let mut detail = record;
    detail["userIdentity"] = json!({ "principalId": hostile });
    let entry =
        json!({ "Source": "my.cloudtrail", "DetailType": "AWS API Call via CloudTrail", "Detail": detail.to_string() });
    let (status, answer) = account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)));
    let message = body(&sink.wait_for(1, PATIENCE)[0].body);
    let shown = message["blocks"][0]["elements"][0]["elements"][0]["text"].as_str().expect("text");
    assert!(shown.contains("<!channel> \"quoted\" \\ *bold*\u{240a}``` turned off CloudTrail logging"), "{message}");
    until("the trail is logging again", || trail::is_logging(&account, &arn));
    stack.run(&["destroy", "--yes"]).expect(0);
}

/// Everything that the second half of the story makes, by name.
fn left(account: &Account) -> Vec<String> {
    let list = |answer: &Value, key: &str, name: &str| -> Vec<String> {
        let all = answer[key].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|one| one[name].as_str().map(str::to_owned)).collect()
    };
    let mut found = names(account);
    found.extend(list(&logs(account, "DescribeLogGroups", &json!({})), "logGroups", "logGroupName"));
    let filters = logs(account, "DescribeSubscriptionFilters", &json!({ "logGroupName": GROUP }));
    found.extend(list(&filters, "subscriptionFilters", "filterName"));
    let (_, functions) = account.rest("lambda", "GET", "/2015-03-31/functions/", &Value::Null);
    found.extend(list(&functions, "Functions", "FunctionName"));
    found
}

#[test]
fn destroy_leaves_the_log_group_of_others_and_nothing_else() {
    for emulator in [ministack(), moto()] {
        let (account, stack) = started(emulator, &text(), &Sink::start());
        let (_, plan) = stack.plan();
        assert_eq!(changes(&plan), Vec::<String>::new());
        assert!(left(&account).len() > 10, "{:?}", left(&account));
        // Neither the file nor the secret is needed.
        let mut elsewhere = Stack::new("", &account.env(&emulator.url));
        elsewhere.unset("SLACK_WEBHOOK_URL");
        elsewhere.run(&["destroy", "--stack", "sec", "--region", "us-east-1", "--yes"]).expect(0);
        assert_eq!(left(&account), [GROUP], "{}", emulator.name);
    }
}

#[test]
fn a_log_alert_that_leaves_the_file_leaves_the_account() {
    for emulator in [ministack(), moto()] {
        let (account, stack) = started(emulator, &text(), &Sink::start());
        stack.write("trailbell.yaml", WEBHOOK);
        stack.apply();
        stack.assert_unchanged();
        let left = left(&account);
        assert!(!left.iter().any(|one| one.contains("function") || one.contains("filter")), "{left:?}");
        assert!(left.contains(&GROUP.to_owned()), "{left:?}");
    }
}

#[test]
fn the_metric_and_its_alarm_come_with_a_switch() {
    let topic = "arn:aws:sns:us-east-1:123456789012:security";
    let counted = text().replace("my-trail }", &format!("my-trail, metric_alarm: true, alarm_topic: \"{topic}\" }}"));
    for emulator in [ministack(), moto()] {
        let (account, stack) = started(emulator, &text(), &Sink::start());
        let metrics =
            || logs(&account, "DescribeMetricFilters", &json!({ "logGroupName": GROUP }))["metricFilters"].clone();
        assert_eq!(metrics(), json!([]));
        stack.write("trailbell.yaml", &counted);
        let (_, plan) = stack.plan();
        let created: Vec<String> = changes(&plan).into_iter().filter(|one| one.starts_with("create")).collect();
        let expected = ["alarm.cloudtrail-access-denied-logs", "metric_filter.cloudtrail-access-denied-logs@my-trail"];
        assert_eq!(created, expected.map(|one| format!("create {one}: ")));
        stack.apply();
        let made = &metrics()[0];
        assert_eq!(
            made["filterPattern"],
            json!(r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#)
        );
        let transformation = &made["metricTransformations"][0];
        assert_eq!(transformation["metricNamespace"], json!("CloudTrailMetrics"));
        assert_eq!(transformation["metricName"], json!("AuthorizationFailureCount"));
        stack.write("trailbell.yaml", &text());
        stack.apply();
        assert_eq!(metrics(), json!([]), "turned off, it is gone");
    }
}

#[test]
fn functions_hold_no_secret() {
    const TOKEN: &str = "xoxb-0000-0000-atokenthatnobodymayseeatall";
    let (emulator, sink) = (ministack(), Sink::start());
    let account = Account::new(emulator);
    group(&account);
    let bot = format!(r#"{{ token: "${{env:SLACK_TOKEN}}", channel: C0123456789, api: "{}" }}"#, sink.url("/api"));
    let text = text().replace(r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#, &bot);
    let mut stack = Stack::new(&text, &account.env(&emulator.url));
    stack.set("SLACK_TOKEN", TOKEN);
    stack.apply();
    without_condition(&account);
    put(&account, &[&refused("GetBucketPolicy")]);
    let request = &sink.wait_for(1, PATIENCE)[0];
    assert_eq!(body(&request.body)["channel"], json!("C0123456789"));
    assert_eq!(request.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    let of_notifier = json!({ "logGroupName": format!("/aws/lambda/{NOTIFIER}") });
    let written = || logs(&account, "FilterLogEvents", &of_notifier)["events"] != json!([]);
    until("the notifier's log can be looked at", written);
    for function in [NOTIFIER, "trailbell-sec_cloudtrail-stop-logging_function"] {
        let (status, found) = account.rest("lambda", "GET", &format!("/2015-03-31/functions/{function}"), &Value::Null);
        assert_eq!(status, 200, "{found}");
        assert!(!found.to_string().contains(TOKEN), "{function}");
        let address = found["Code"]["Location"].as_str().expect("where its code is");
        let code = super::support::http1::agent()
            .get(address)
            .call()
            .expect("the code")
            .into_body()
            .read_to_vec()
            .expect("bytes");
        assert!(code.starts_with(b"PK") && !contains(&code, TOKEN.as_bytes()), "{function}");
        let lines = logs(&account, "FilterLogEvents", &json!({ "logGroupName": format!("/aws/lambda/{function}") }));
        assert!(!lines.to_string().contains(TOKEN), "{function}");
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_same_sources_give_the_same_code_everywhere() {
    let digests = |seconds: u64, mode: u32, user: &str| -> Vec<String> {
        let mut stack = Stack::new(&text().replace("cloudtrail-stop-logging", "./mine.yaml"), &[]);
        stack.set("USER", user);
        stack.set("TZ", if seconds == 0 { "UTC" } else { "Asia/Tokyo" });
        stack.run(&["catalog", "cloudtrail-stop-logging", "--copy-to", "mine.yaml"]).expect(0);
        let handler = std::fs::File::open(stack.path("restart-logging.mjs")).expect("there");
        handler.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(seconds)).expect("a time");
        let permissions = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode);
        handler.set_permissions(permissions).expect("a mode");
        let plan = stack.run(&["plan", "--sandbox=s.json", "--output", "json"]).expect(0).json();
        let steps = plan["plan"]["steps"].as_array().expect("steps").clone();
        let after = steps.iter().map(|step| &step["change"]["after"]);
        after.filter_map(|one| one.pointer("/code")?.as_str().map(str::to_owned)).collect()
    };
    let first = digests(0, 0o644, "alice");
    assert_eq!(first.len(), 2, "{first:?}");
    assert_eq!(first, digests(2_000_000_000, 0o600, "bob"));
}
