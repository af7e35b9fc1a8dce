//! Drift by hand, on ministack: every field that its API lets someone change, of every part on an alert's way. After
//! each change `verify` must not exit with 0, even when no one is asked for a confirmation.
//!
//! The webhook's stack takes the lines of `drift`, which names what a plan shows, and more that only the relay rule, the
//! trail, and further policies have. The stack with log lines has a table of its own. Each test prints the count that
//! `docs/reliability.md` states.

use serde_json::{Value, json};

use super::Site;
use crate::drift::{self, Hand, MORE, RELAY, ROLE, RULE, TRUST, without};
use crate::logs;
use crate::support::api::Account;
use crate::support::emulator::ministack;
use crate::support::proxy::{Action, Proxy, Script};
use crate::support::stack::Stack;
use crate::support::trail;

/// A change by hand, and how it is undone where the next `apply` does not undo it.
type Line = (&'static str, fn(&Hand), fn(&Hand));

fn repaired(_: &Hand) {}

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// The only trail of the account.
fn trail_of(hand: &Hand) -> String {
    let found = trail::call(hand.account, "DescribeTrails", &json!({}));
    found["trailList"][0]["TrailARN"].as_str().expect("a trail").to_owned()
}

fn selected(hand: &Hand, selector: &Value) {
    let asked = json!({ "TrailName": trail_of(hand), "EventSelectors": [selector] });
    trail::call(hand.account, "PutEventSelectors", &asked);
}

fn recording(hand: &Hand) {
    trail::records(hand.account, &trail_of(hand), "All");
}

/// Lines that only `verify` looks at, or that are about the relay rule.
const FURTHER: &[Line] = &[
    (
        "rule: state for read-only calls",
        |hand| hand.rule(RULE, "State", &json!("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")),
        repaired,
    ),
    (
        "rule: nothing but a schedule",
        |hand| {
            hand.events("PutRule", &json!({ "Name": RULE, "ScheduleExpression": "rate(1 day)" }));
        },
        repaired,
    ),
    ("relay: state", |hand| hand.rule(RELAY, "State", &json!("DISABLED")), repaired),
    ("relay: description", |hand| hand.rule(RELAY, "Description", &json!("edited")), repaired),
    (
        "relay: tag",
        |hand| {
            let tag = json!({ "ResourceARN": hand.rule_arn(RELAY), "TagKeys": ["trailbell:stack"] });
            hand.events("UntagResource", &tag);
        },
        repaired,
    ),
    (
        "relay target: arn",
        |hand| {
            hand.target(RELAY, |one| {
                one["Arn"] = json!("arn:aws:events:us-east-1:123456789012:api-destination/theirs/1");
            })
        },
        repaired,
    ),
    (
        "relay target: role",
        |hand| {
            hand.target(RELAY, |one| {
                one["RoleArn"] = json!("arn:aws:iam::123456789012:role/theirs");
            })
        },
        repaired,
    ),
    (
        "relay target: constant",
        |hand| {
            hand.target(RELAY, |one| {
                without(one, &["InputPath"]);
                one["Input"] = json!(r#"{"text":"nothing happened"}"#);
            })
        },
        repaired,
    ),
    (
        "relay target: retries",
        |hand| {
            hand.target(RELAY, |one| {
                one["RetryPolicy"] = json!({ "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60 });
            })
        },
        repaired,
    ),
    (
        "relay target: no dead-letter queue",
        |hand| hand.target(RELAY, |one| without(one, &["DeadLetterConfig"])),
        repaired,
    ),
    (
        "relay target: another dead-letter queue",
        |hand| {
            hand.target(RELAY, |one| {
                one["DeadLetterConfig"]["Arn"] = json!("arn:aws:sqs:us-east-1:123456789012:theirs");
            })
        },
        repaired,
    ),
    (
        "relay target: headers",
        |hand| {
            hand.target(RELAY, |one| {
                one["HttpParameters"] = json!({ "HeaderParameters": { "X-More": "1" } });
            })
        },
        repaired,
    ),
    (
        "relay target: removed",
        |hand| {
            hand.events("RemoveTargets", &json!({ "Rule": RELAY, "EventBusName": drift::BUS, "Ids": ["slack"] }));
        },
        repaired,
    ),
    (
        "relay: deleted",
        |hand| {
            hand.events("RemoveTargets", &json!({ "Rule": RELAY, "EventBusName": drift::BUS, "Ids": ["slack"] }));
            hand.events("DeleteRule", &json!({ "Name": RELAY, "EventBusName": drift::BUS }));
        },
        repaired,
    ),
    (
        "target: another dead-letter queue",
        |hand| {
            hand.target(RULE, |one| {
                one["DeadLetterConfig"]["Arn"] = json!("arn:aws:sqs:us-east-1:123456789012:theirs");
            })
        },
        repaired,
    ),
    (
        "target: a path in place of the template",
        |hand| {
            hand.target(RULE, |one| {
                without(one, &["InputTransformer"]);
                one["InputPath"] = json!("$.detail");
            })
        },
        repaired,
    ),
    (
        "destination: deleted",
        |hand| {
            hand.events("DeleteApiDestination", &json!({ "Name": drift::DESTINATION }));
        },
        repaired,
    ),
    (
        "role: another inline policy",
        |hand| {
            hand.iam("PutRolePolicy", &[("RoleName", ROLE), ("PolicyName", "theirs"), ("PolicyDocument", DENY)]);
        },
        |hand| hand.iam("DeleteRolePolicy", &[("RoleName", ROLE), ("PolicyName", "theirs")]),
    ),
    (
        "role: a managed policy",
        |hand| {
            hand.iam("AttachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", "arn:aws:iam::aws:policy/AWSDenyAll")]);
        },
        |hand| hand.iam("DetachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", "arn:aws:iam::aws:policy/AWSDenyAll")]),
    ),
    (
        "trail: stopped",
        |hand| {
            trail::call(hand.account, "StopLogging", &json!({ "Name": trail_of(hand) }));
        },
        |hand| drop(trail::call(hand.account, "StartLogging", &json!({ "Name": trail_of(hand) }))),
    ),
    ("trail: read-only calls", |hand| trail::records(hand.account, &trail_of(hand), "ReadOnly"), recording),
    (
        "trail: no management events",
        |hand| {
            selected(
                hand,
                &json!({ "ReadWriteType": "All", "IncludeManagementEvents": false,
            "DataResources": [{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }] }),
            );
        },
        recording,
    ),
    (
        "trail: without this service",
        |hand| {
            selected(
                hand,
                &json!({ "ReadWriteType": "All", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["cloudtrail.amazonaws.com"] }),
            );
        },
        recording,
    ),
    (
        "trail: deleted",
        |hand| {
            trail::call(hand.account, "DeleteTrail", &json!({ "Name": trail_of(hand) }));
        },
        |hand| drop(trail::logging(hand.account, "main")),
    ),
];

/// What is tried and what came of it.
struct Tried<'a> {
    account: &'a Account,
    stack: &'a Stack,
    verify: &'a [&'a str],
    count: usize,
    wrong: Vec<String>,
}

impl Tried<'_> {
    /// Panics unless what is in the account now is accepted: then a refusal is due to the change alone.
    fn is_good(&self, before: &str) {
        let run = self.stack.run(self.verify);
        assert_eq!(run.code, 0, "before {before}: {run:#?}");
    }

    fn try_line(&mut self, name: &str, change: fn(&Hand), undo: fn(&Hand)) {
        let hand = Hand { account: self.account };
        change(&hand);
        self.is_refused(name);
        undo(&hand);
        self.stack.apply();
    }

    fn is_refused(&mut self, name: &str) {
        let run = self.stack.run(self.verify);
        // 1: no proof; 5: a plan is refused, because something in the account is not the stack's.
        if !matches!(run.code, 1 | 5) || run.out.contains("panicked") || run.err.contains("panicked") {
            self.wrong.push(format!("{name}: {run:?}"));
        }
        self.count += 1;
    }

    fn end(self, what: &str) {
        println!("by hand: {} changes to {what}, {} taken for good", self.count, self.wrong.len());
        assert!(self.wrong.is_empty(), "{} of {}: {:#?}", self.wrong.len(), self.count, self.wrong);
    }
}

const ACCEPTING: [&str; 4] = ["verify", "--accept-unconfirmed", "--wait", "0"];

#[test]
fn no_change_on_the_way_of_an_event_is_taken_for_good() {
    let site = Site::webhook();
    let mut tried =
        Tried { account: &site.account, stack: &site.stack, verify: &ACCEPTING, count: 0, wrong: Vec::new() };
    tried.is_good("everything");
    for (name, change, drift) in drift::LINES {
        if !drift.is_empty() {
            tried.try_line(name, *change, repaired);
        }
    }
    tried.is_good("the lines that only verify looks at");
    for (name, change, undo) in FURTHER {
        tried.try_line(name, *change, *undo);
    }
    // States that AWS sets, and that the emulator does not or cannot show.
    for (operation, good, bad) in [
        ("DescribeConnection", "\"AUTHORIZED\"", "\"DEAUTHORIZED\""),
        ("DescribeConnection", "\"AUTHORIZED\"", "\"AUTHORIZING\""),
        ("DescribeApiDestination", "\"ACTIVE\"", "\"INACTIVE\""),
    ] {
        let shown = Action::rewrite(move |body| body.replace(good, bad));
        site.proxy.set_script(Script::new().every(operation, shown));
        tried.is_refused(&format!("{operation}: {bad}"));
        site.proxy.set_script(Script::new());
    }
    tried.is_good("the end");
    tried.end("the way of an event");
}

const NOTIFIER: &str = "trailbell-sec_notifier_function";
const NOTIFIER_ROLE: &str = "trailbell-sec_notifier-function-us-east-1_role";
const GROUP: &str = "my-trail";

fn lambda(hand: &Hand, method: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = hand.account.rest("lambda", method, path, body);
    assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    answer
}

fn configure(hand: &Hand, body: &Value) {
    lambda(hand, "PUT", &format!("/2015-03-31/functions/{NOTIFIER}/configuration"), body);
}

fn logs_call(hand: &Hand, operation: &str, body: &Value) -> Value {
    let (status, answer) = hand.account.json("logs", &format!("Logs_20140328.{operation}"), body);
    assert_eq!(status, 200, "{operation} {body}: {answer}");
    answer
}

/// The alert's filter as it is, with some of it changed.
fn filter(hand: &Hand, change: &Value) {
    let found = logs_call(hand, "DescribeSubscriptionFilters", &json!({ "logGroupName": GROUP }));
    let mut one = found["subscriptionFilters"][0].clone();
    without(&mut one, &["creationTime", "roleArn", "distribution"]);
    for (key, value) in change.as_object().expect("changes") {
        one[key] = value.clone();
    }
    logs_call(hand, "PutSubscriptionFilter", &one);
}

fn filter_removed(hand: &Hand) {
    let found = logs_call(hand, "DescribeSubscriptionFilters", &json!({ "logGroupName": GROUP }));
    let name = &found["subscriptionFilters"][0]["filterName"];
    logs_call(hand, "DeleteSubscriptionFilter", &json!({ "logGroupName": GROUP, "filterName": name }));
}

/// The identity of the statement that lets the log group call the notifier.
fn statement(hand: &Hand) -> String {
    let policy = lambda(hand, "GET", &format!("/2015-03-31/functions/{NOTIFIER}/policy"), &Value::Null);
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().expect("a policy")).expect("JSON");
    policy["Statement"][0]["Sid"].as_str().expect("a sid").to_owned()
}

fn permission_removed(hand: &Hand) -> String {
    let sid = statement(hand);
    lambda(hand, "DELETE", &format!("/2015-03-31/functions/{NOTIFIER}/policy/{sid}"), &Value::Null);
    sid
}

fn permission_given(hand: &Hand, principal: &str, source: &Value) {
    let sid = permission_removed(hand);
    let mut body = json!({ "StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal });
    if !source.is_null() {
        body["SourceArn"] = source.clone();
    }
    lambda(hand, "POST", &format!("/2015-03-31/functions/{NOTIFIER}/policy"), &body);
}

/// Changes on the way of log lines that an event's way does not have.
const LOG_LINES: &[Line] = &[
    ("function: description", |hand| configure(hand, &json!({ "Description": "edited" })), repaired),
    ("function: timeout", |hand| configure(hand, &json!({ "Timeout": 3 })), repaired),
    ("function: memory", |hand| configure(hand, &json!({ "MemorySize": 512 })), repaired),
    ("function: handler", |hand| configure(hand, &json!({ "Handler": "theirs.run" })), repaired),
    ("function: runtime", |hand| configure(hand, &json!({ "Runtime": "nodejs20.x" })), repaired),
    (
        "function: environment",
        |hand| {
            configure(hand, &json!({ "Environment": { "Variables": { "STACK": "theirs" } } }));
        },
        repaired,
    ),
    (
        "function: role",
        |hand| {
            configure(hand, &json!({ "Role": format!("arn:aws:iam::{}:role/theirs", hand.account.id) }));
        },
        repaired,
    ),
    (
        "function: dead-letter queue",
        |hand| {
            let theirs = format!("arn:aws:sqs:us-east-1:{}:theirs", hand.account.id);
            configure(hand, &json!({ "DeadLetterConfig": { "TargetArn": theirs } }));
        },
        repaired,
    ),
    (
        "function: no dead-letter queue",
        |hand| configure(hand, &json!({ "DeadLetterConfig": { "TargetArn": "" } })),
        repaired,
    ),
    (
        "function: log group",
        |hand| {
            configure(hand, &json!({ "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/theirs" } }));
        },
        repaired,
    ),
    (
        "function: code",
        |hand| {
            let zip = json!({ "ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" });
            lambda(hand, "PUT", &format!("/2015-03-31/functions/{NOTIFIER}/code"), &zip);
        },
        repaired,
    ),
    (
        "function: silenced",
        |hand| {
            let none = json!({ "ReservedConcurrentExecutions": 0 });
            lambda(hand, "PUT", &format!("/2017-10-31/functions/{NOTIFIER}/concurrency"), &none);
        },
        repaired,
    ),
    (
        "function: one call at a time",
        |hand| {
            let one = json!({ "ReservedConcurrentExecutions": 1 });
            lambda(hand, "PUT", &format!("/2017-10-31/functions/{NOTIFIER}/concurrency"), &one);
        },
        repaired,
    ),
    (
        "function: tag",
        |hand| {
            let arn = format!("arn:aws:lambda:us-east-1:{}:function:{NOTIFIER}", hand.account.id);
            lambda(hand, "DELETE", &format!("/2017-03-31/tags/{arn}?tagKeys=trailbell:stack"), &Value::Null);
        },
        repaired,
    ),
    (
        "function: deleted",
        |hand| {
            lambda(hand, "DELETE", &format!("/2015-03-31/functions/{NOTIFIER}"), &Value::Null);
        },
        repaired,
    ),
    ("permission: removed", |hand| drop(permission_removed(hand)), repaired),
    ("permission: for any log group", |hand| permission_given(hand, "logs.amazonaws.com", &Value::Null), repaired),
    (
        "permission: for another service",
        |hand| {
            let source = json!(format!("arn:aws:logs:us-east-1:{}:log-group:{GROUP}:*", hand.account.id));
            permission_given(hand, "s3.amazonaws.com", &source);
        },
        repaired,
    ),
    (
        "permission: for another log group",
        |hand| {
            let source = json!(format!("arn:aws:logs:us-east-1:{}:log-group:theirs:*", hand.account.id));
            permission_given(hand, "logs.amazonaws.com", &source);
        },
        repaired,
    ),
    ("filter: pattern", |hand| filter(hand, &json!({ "filterPattern": "theirs" })), repaired),
    ("filter: every line", |hand| filter(hand, &json!({ "filterPattern": "" })), repaired),
    ("filter: role", |hand| filter(hand, &json!({ "roleArn": "arn:aws:iam::123456789012:role/theirs" })), repaired),
    (
        "filter: destination",
        |hand| {
            let theirs = format!("arn:aws:lambda:us-east-1:{}:function:theirs", hand.account.id);
            filter(hand, &json!({ "destinationArn": theirs }));
        },
        filter_removed,
    ),
    ("filter: removed", filter_removed, repaired),
    (
        "log group of the notifier: deleted",
        |hand| {
            logs_call(hand, "DeleteLogGroup", &json!({ "logGroupName": format!("/aws/lambda/{NOTIFIER}") }));
        },
        repaired,
    ),
    (
        "notifier's role: trust",
        |hand| {
            hand.iam("UpdateAssumeRolePolicy", &[("RoleName", NOTIFIER_ROLE), ("PolicyDocument", MORE)]);
        },
        repaired,
    ),
    (
        "notifier's role: another inline policy",
        |hand| {
            hand.iam(
                "PutRolePolicy",
                &[("RoleName", NOTIFIER_ROLE), ("PolicyName", "theirs"), ("PolicyDocument", DENY)],
            );
        },
        |hand| hand.iam("DeleteRolePolicy", &[("RoleName", NOTIFIER_ROLE), ("PolicyName", "theirs")]),
    ),
    ("relay: state", |hand| hand.rule(RELAY, "State", &json!("DISABLED")), repaired),
    ("relay: pattern", |hand| hand.rule(RELAY, "EventPattern", &json!(r#"{"source":["trailbell.sec"]}"#)), repaired),
    (
        "role: trust",
        |hand| {
            hand.iam("UpdateAssumeRolePolicy", &[("RoleName", ROLE), ("PolicyDocument", TRUST)]);
        },
        repaired,
    ),
    (
        "destination: endpoint",
        |hand| {
            let theirs =
                json!({ "Name": drift::DESTINATION, "InvocationEndpoint": "https://hooks.slack.com/services/T/B/x" });
            hand.events("UpdateApiDestination", &theirs);
        },
        repaired,
    ),
    ("queue: policy", |hand| hand.sqs("SetQueueAttributes", &json!({ "Attributes": { "Policy": MORE } })), repaired),
    (
        "trail: stopped",
        |hand| {
            trail::call(hand.account, "StopLogging", &json!({ "Name": trail_of(hand) }));
        },
        |hand| drop(trail::call(hand.account, "StartLogging", &json!({ "Name": trail_of(hand) }))),
    ),
    (
        "trail: another log group",
        |hand| trail::into(hand.account, "main", "theirs"),
        |hand| trail::into(hand.account, "main", GROUP),
    ),
    ("trail: write calls", |hand| trail::records(hand.account, &trail_of(hand), "WriteOnly"), recording),
];

#[test]
fn no_change_on_the_way_of_log_lines_is_taken_for_good() {
    let account = Account::new(ministack());
    logs::group(&account);
    trail::delivering(&account, "main", GROUP);
    let mut stack = Stack::new(&logs::text(), &account.env(&ministack().url));
    stack.apply();
    let chosen = ["--alert", "cloudtrail-access-denied-logs"];
    // Of the notifier's role ministack must see another policy than `verify`, so these lines come first.
    let of_role: [Line; 2] = [
        (
            "notifier's role: no policy",
            |hand| {
                hand.iam("DeleteRolePolicy", &[("RoleName", NOTIFIER_ROLE), ("PolicyName", "run-function")]);
            },
            repaired,
        ),
        (
            "notifier's role: policy",
            |hand| {
                let form = [("RoleName", NOTIFIER_ROLE), ("PolicyName", "run-function"), ("PolicyDocument", MORE)];
                hand.iam("PutRolePolicy", &form);
            },
            repaired,
        ),
    ];
    let verify = [&ACCEPTING[..], &chosen].concat();
    let mut tried = Tried { account: &account, stack: &stack, verify: &verify, count: 0, wrong: Vec::new() };
    for (name, change, undo) in of_role {
        tried.try_line(name, change, undo);
    }
    let (count, wrong) = (tried.count, tried.wrong);
    let proxy: Proxy = logs::sending(&account);
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let mut tried = Tried { account: &account, stack: &stack, verify: &verify, count, wrong };
    tried.is_good("everything");
    for (name, change, undo) in LOG_LINES {
        tried.try_line(name, *change, *undo);
    }
    tried.is_good("the end");
    tried.end("the way of log lines");
    proxy.set_script(Script::new());
}
