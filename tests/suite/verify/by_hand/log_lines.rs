//! Changes on the way of log lines.

use super::*;

const NOTIFIER: &str = "trailbell-sec_notifier_function";
pub(super) const NOTIFIER_ROLE: &str = "trailbell-sec_notifier-function-us-east-1_role";
pub(super) const GROUP: &str = "my-trail";

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
pub(super) const LOG_LINES: &[Line] = &[
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
