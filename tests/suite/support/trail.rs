//! CloudTrail trails, made by raw calls: an emulator starts without one, and without one `verify` proves nothing.

use serde_json::{Value, json};

use super::api::{Account, REGION};

/// Calls an operation of CloudTrail.
pub fn call(account: &Account, operation: &str, body: &Value) -> Value {
    let target = format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}");
    let (status, answer) = account.json("cloudtrail", &target, body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// A trail of the account's region that is not logging yet; its ARN.
pub fn created(account: &Account, name: &str, is_multi_region: bool) -> String {
    // Names of buckets are everyone's.
    let bucket = format!("trailbell-trail-{}", account.id);
    let (status, answer) = account.in_region(REGION).rest("s3", "PUT", &format!("/{bucket}"), &Value::Null);
    assert!(status < 300, "{answer}");
    let asked = json!({ "Name": name, "S3BucketName": bucket, "IsMultiRegionTrail": is_multi_region });
    call(account, "CreateTrail", &asked)["TrailARN"].as_str().expect("an ARN").to_owned()
}

/// A trail that is logging management events of all regions, as the console creates it; its ARN.
pub fn logging(account: &Account, name: &str) -> String {
    let arn = created(account, name, true);
    records(account, &arn, "All");
    call(account, "StartLogging", &json!({ "Name": arn }));
    arn
}

/// A trail as [`logging`] makes it, that also writes into a log group.
pub fn delivering(account: &Account, name: &str, group: &str) -> String {
    let arn = logging(account, name);
    into(account, name, group);
    arn
}

/// Lets a trail write into a log group; moto knows a trail that it changes by its name alone.
pub fn into(account: &Account, name: &str, group: &str) {
    let group = format!("arn:aws:logs:us-east-1:{}:log-group:{group}:*", account.id);
    let role = format!("arn:aws:iam::{}:role/trail", account.id);
    let into = json!({ "Name": name, "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role });
    call(account, "UpdateTrail", &into);
}

/// Lets a trail record these management events: `All`, `ReadOnly` or `WriteOnly`.
pub fn records(account: &Account, arn: &str, which: &str) {
    let selector = json!({ "ReadWriteType": which, "IncludeManagementEvents": true, "DataResources": [] });
    call(account, "PutEventSelectors", &json!({ "TrailName": arn, "EventSelectors": [selector] }));
}

/// Whether it is logging.
pub fn is_logging(account: &Account, arn: &str) -> bool {
    call(account, "GetTrailStatus", &json!({ "Name": arn }))["IsLogging"] == json!(true)
}
