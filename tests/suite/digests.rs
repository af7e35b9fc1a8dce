//! A digest on its whole way: events into the queue, the function called as its schedule would, one message in Slack, and nothing
//! left at the end. ministack keeps schedules and does not run them, so the test calls what the live schedule names with the
//! input that it has.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use percent_encoding::percent_decode_str;

use super::messages::parsed;
use super::support::api::{Account, element};
use super::support::emulator::{Emulator, ministack};
use super::support::proxy::{Action, Call, Proxy, Script};
use super::support::sink::Sink;
use super::support::stack::{Stack, WEBHOOK, changes};
use super::support::trail;

const PATIENCE: Duration = Duration::from_secs(20);
const ALERT: &str = "cloudtrail-stop-logging";
const SCHEDULE: &str = "trailbell-sec_cloudtrail-stop-logging_schedule";
const ROLE: &str = "trailbell-sec_digest-function-us-east-1_role";
const QUEUE: &str = "trailbell-sec_cloudtrail-stop-logging_digest-queue";

/// The stack file.
fn text() -> String {
    let digest = format!("  - blueprint: {ALERT}\n    digest: 15m\n");
    WEBHOOK.replace(&format!("  - blueprint: {ALERT}\n"), &digest)
}

struct Site {
    account: Account,
    stack: Stack,
    sink: Sink,
}

impl Site {
    fn new(emulator: &Emulator) -> Self {
        let (account, sink) = (Account::new(emulator), Sink::start());
        let mut stack = Stack::new(&text(), &account.env(&emulator.url));
        stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
        Self { account, stack, sink }
    }

    /// Changes what the digest function may do where ministack enforces IAM differently: it does not know the condition
    /// `events:source`, and it wants actions of their own for batches, which IAM does not have ("Amazon SQS API permissions" in the
    /// SQS developer guide). Gives back IAM's answer about the policy as it was.
    fn unconditioned(&self) -> String {
        let role = [("RoleName", ROLE), ("PolicyName", "run-function")];
        let (status, made) = self.account.query("iam", "GetRolePolicy", &role);
        assert_eq!(status, 200, "{made}");
        let document = element(&made, "PolicyDocument").expect("a document");
        let mut policy = parsed(&percent_decode_str(&document).decode_utf8_lossy());
        let statements = policy["Statement"].as_array_mut().expect("statements");
        let put = statements.iter_mut().find(|one| one["Action"] == "events:PutEvents").expect("it may put messages");
        let condition = put.as_object_mut().and_then(|one| one.remove("Condition"));
        assert_eq!(condition, Some(json!({ "StringEquals": { "events:source": "trailbell.sec" } })));
        let take =
            statements.iter_mut().find(|one| one["Action"][0] == "sqs:ReceiveMessage").expect("it may take events");
        let actions = take["Action"].as_array_mut().expect("actions");
        actions.extend(["sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"].map(Value::from));
        let document = policy.to_string();
        let (status, xml) =
            self.account.query("iam", "PutRolePolicy", &[role[0], role[1], ("PolicyDocument", document.as_str())]);
        assert_eq!(status, 200, "{xml}");
        made
    }

    /// Lets the rule receive events of others: those of AWS can be put on the bus by AWS alone.
    fn receive_ours(&self) {
        let name = json!({ "Name": "trailbell-sec_cloudtrail-stop-logging_rule" });
        let (_, rule) = self.account.json("events", "AWSEvents.DescribeRule", &name);
        let pattern = rule["EventPattern"].as_str().expect("a pattern").replace("aws.cloudtrail", "my.cloudtrail");
        let changed = json!({ "Name": name["Name"], "EventPattern": pattern, "Description": rule["Description"] });
        assert_eq!(self.account.json("events", "AWSEvents.PutRule", &changed).0, 200);
    }

    /// A call that the alert is about, as an event on the default bus.
    fn happens(&self, who: &str) {
        let detail = json!({
            "eventVersion": "1.08", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging",
            "eventTime": "2026-01-02T03:04:05Z", "awsRegion": "us-east-1", "recipientAccountId": self.account.id,
            "userIdentity": { "type": "IAMUser", "userName": who, "principalId": "AIDAEXAMPLEID12345678" },
            "readOnly": false, "managementEvent": true,
        });
        let entry = json!({
            "Source": "my.cloudtrail", "DetailType": "AWS API Call via CloudTrail", "Detail": detail.to_string(),
        });
        let (status, answer) = self.account.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
        assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(0)), "{answer}");
    }

    /// How many events are in the queue.
    fn waiting(&self) -> u64 {
        let url = format!("https://sqs.us-east-1.amazonaws.com/{}/{QUEUE}", self.account.id);
        let asked = json!({ "QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"] });
        let (status, answer) = self.account.json("sqs", "AmazonSQS.GetQueueAttributes", &asked);
        assert_eq!(status, 200, "{answer}");
        let text = answer["Attributes"]["ApproximateNumberOfMessages"].as_str().expect("a number");
        text.parse().expect("a number")
    }

    fn wait_until(&self, waiting: u64) {
        let end = Instant::now() + PATIENCE;
        while self.waiting() != waiting {
            assert!(Instant::now() < end, "{} events wait, not {waiting}", self.waiting());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the schedule does when it is due.
    fn due(&self) -> Value {
        let (status, schedule) = self.account.rest("scheduler", "GET", &format!("/schedules/{SCHEDULE}"), &Value::Null);
        assert_eq!(status, 200, "{schedule}");
        assert_eq!(
            (&schedule["ScheduleExpression"], &schedule["State"]),
            (&json!("rate(15 minutes)"), &json!("ENABLED"))
        );
        let (target, input) = (&schedule["Target"], parsed(schedule["Target"]["Input"].as_str().expect("an input")));
        let function = target["Arn"].as_str().and_then(|arn| arn.rsplit(':').next()).expect("a function");
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let (status, answer) = self.account.rest("lambda", "POST", &path, &input);
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

#[test]
fn events_become_one_message_with_counts_and_nothing_stays() {
    let site = Site::new(ministack());
    let Site { account, stack, sink } = &site;
    stack.run(&["check", "--strict"]).expect(0);
    stack.apply();
    stack.assert_unchanged();
    site.unconditioned();
    site.receive_ours();
    for who in ["alice", "bob", "alice"] {
        site.happens(who);
    }
    site.wait_until(3);
    assert!(sink.received().is_empty(), "no event has a message of its own");

    let answer = site.due();
    assert_eq!(answer["messages"].as_array().map(Vec::len), Some(1), "{answer}");
    let arrived = sink.wait_for(1, PATIENCE);
    let [request] = arrived.as_slice() else { panic!("one message: {arrived:?}") };
    let body = parsed(&request.body);
    assert_eq!(body, answer["messages"][0]);
    assert_eq!(body["text"], "CloudTrail logging turned off: 3 events");
    let shown = body["blocks"][1].to_string();
    assert!(shown.contains("2 × ") && shown.contains("by IAMUser alice in account"), "{shown}");
    assert!(shown.contains("1 × ") && shown.contains("by IAMUser bob in account"), "{shown}");
    site.wait_until(0);

    // Without events there is no message.
    assert_eq!(site.due()["messages"], json!([]));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(sink.received().len(), 1);

    // What was not counted is told before it is lost.
    site.happens("carol");
    site.wait_until(1);
    let removal = stack.run(&["destroy", "--yes"]).expect(0);
    let told = format!("digest_queue.{ALERT} is deleted with about 1 event that no digest has counted");
    assert!(format!("{}{}", removal.out, removal.err).contains(&told), "{removal:?}");
    let queues = account.json("sqs", "AmazonSQS.ListQueues", &json!({})).1;
    assert_eq!(queues["QueueUrls"].as_array().map_or(0, Vec::len), 0, "{queues}");
    let schedules = account.rest("scheduler", "GET", "/schedules", &Value::Null).1;
    assert_eq!(schedules["Schedules"], json!([]), "{schedules}");
}

#[test]
fn a_digest_is_verified_and_what_breaks_it_is_seen() {
    let mut site = Site::new(ministack());
    site.stack.apply();
    // Behind the proxy the role looks as it was made.
    let made = site.unconditioned();
    let shown = Action::rewrite(move |_| made.clone());
    let is_it = |call: &Call| call.operation == "GetRolePolicy" && call.body.contains(ROLE);
    let script = Script::new().with(move |call| is_it(call).then(|| shown.clone()));
    let proxy = Proxy::start(&ministack().url, script);
    site.stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let Site { account, stack, sink } = &site;
    trail::logging(account, "main");
    let verified = stack.run(&["verify", "--wait", "0", "--output", "json"]).expect(6).json();
    assert_eq!(verified["alerts"][0]["result"], "accepted", "{verified}");
    let arrived = parsed(&sink.wait_for(1, PATIENCE)[0].body);
    assert_eq!(arrived, parsed(verified["alerts"][0]["bodies"][0].as_str().expect("a body")));
    assert!(arrived["text"].as_str().is_some_and(|text| text.starts_with("[TEST") && text.ends_with(": 1 event")));
    assert_eq!(site.waiting(), 0, "a test is not in the queue");

    let path = format!("/schedules/{SCHEDULE}");
    let (_, schedule) = account.rest("scheduler", "GET", &path, &Value::Null);
    let mut body = json!({ "GroupName": "default", "State": "DISABLED" });
    for key in ["Description", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone", "Target"] {
        body[key] = schedule[key].clone();
    }
    let (status, answer) = account.rest("scheduler", "PUT", &path, &body);
    assert_eq!(status, 200, "{answer}");
    let expected = format!("update schedule.{ALERT}: state");
    assert_eq!(changes(&stack.plan().1), [expected]);
    let failed = stack.run(&["verify", "--wait", "0"]).expect(1);
    assert!(failed.out.contains(&format!("schedule.{ALERT} differs: state")), "{failed:?}");
    stack.apply();
    stack.assert_unchanged();
    stack.run(&["destroy", "--yes"]).expect(0);
}

#[test]
fn a_digest_is_fired_offline_with_a_kms_key_too() {
    for key in ["", "kms_key: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab\n"] {
        let stack = Stack::new(&format!("{}{key}", text()), &[]);
        let fired = stack.run(&["fire", "--output", "json"]).expect(0);
        assert!(fired.out.contains("CloudTrail logging turned off: 1 event"), "{key} {fired:?}");
    }
}

#[test]
fn a_digest_comes_and_goes_with_its_key() {
    let site = Site::new(ministack());
    let Site { stack, .. } = &site;
    stack.apply();
    let (_, plan) = stack.plan();
    assert_eq!(changes(&plan), Vec::<String>::new());
    stack.write("trailbell.yaml", WEBHOOK);
    let (_, plan) = stack.plan();
    let expected = [
        format!("create target.{ALERT}: "),
        format!("delete digest_queue.{ALERT}: "),
        "delete function.digest: ".to_owned(),
        "delete log_group.digest: ".to_owned(),
        "delete role.digest-function: ".to_owned(),
        "delete role.scheduler: ".to_owned(),
        format!("delete schedule.{ALERT}: "),
        format!("delete target.{ALERT}/digest: "),
    ];
    assert_eq!(changes(&plan), expected);
    stack.apply();
    stack.assert_unchanged();
    stack.run(&["destroy", "--yes"]).expect(0);
}
