//! Runs as others see them: log streams, made and read by raw calls.

use serde_json::{Value, json};

use super::api::Account;

/// The log group of the runs of the stack `sec`.
pub const LOG: &str = "/trailbell/sec/runs";

/// Calls an operation of CloudWatch Logs.
pub fn logs(account: &Account, operation: &str, body: &Value) -> Value {
    let (status, answer) = account.json("logs", &format!("Logs_20140328.{operation}"), body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// Whether the log group exists.
pub fn has_log(account: &Account) -> bool {
    let found = logs(account, "DescribeLogGroups", &json!({ "logGroupNamePrefix": LOG }));
    found["logGroups"].as_array().is_some_and(|all| !all.is_empty())
}

/// The names of the streams; none without a log group.
pub fn streams(account: &Account) -> Vec<String> {
    if !has_log(account) {
        return Vec::new();
    }
    let asked = json!({ "logGroupName": LOG, "orderBy": "LogStreamName" });
    let all = logs(account, "DescribeLogStreams", &asked)["logStreams"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one["logStreamName"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Makes a stream with an entry.
pub fn written(account: &Account, stream: &str, text: &str) {
    logs(account, "CreateLogStream", &json!({ "logGroupName": LOG, "logStreamName": stream }));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let entry = json!([{ "timestamp": u64::try_from(now).expect("soon enough"), "message": text }]);
    logs(account, "PutLogEvents", &json!({ "logGroupName": LOG, "logStreamName": stream, "logEvents": entry }));
}

/// Ends the run that a killed process has left, as the process would have, so that no one waits for what it may still do.
pub fn end_killed(account: &Account) {
    let streams = streams(account);
    let Some(newest) = streams.iter().filter(|name| !name.contains('.')).max() else { return };
    if !streams.contains(&format!("{newest}.done")) {
        written(account, &format!("{newest}.done"), r#"{"result":"stopped","by":"the test"}"#);
    }
}
