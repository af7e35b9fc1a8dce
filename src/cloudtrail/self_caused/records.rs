//! Examples: records of the calls that come with every function, as complete as they can be known.

use serde_json::{Value, json};

use super::Caller;

/// Records of the calls that come with every function, as a log group has them.
#[must_use]
pub fn records_of_every_function(caller: &Caller) -> [Value; 4] {
    let Caller { account, region, role, role_arn, session_arn } = caller;
    let record = |source: &str, name: &str, is_reading: bool, identity: &Value, by: &str, parameters: Value| {
        json!({
            "eventVersion": "1.11", "userIdentity": identity, "eventTime": "2026-01-02T03:04:05Z",
            "eventSource": source, "eventName": name, "awsRegion": region, "sourceIPAddress": by, "userAgent": by,
            "requestParameters": parameters, "responseElements": null,
            "requestID": "00000000-0000-4000-8000-000000000001", "eventID": "00000000-0000-4000-8000-000000000002",
            "readOnly": is_reading, "eventType": "AwsApiCall", "managementEvent": true,
            "recipientAccountId": account, "eventCategory": "Management",
        })
    };
    let service = |by: &str| json!({ "type": "AWSService", "invokedBy": by });
    let session = |arn: &str, role_arn: &str, role: &str| {
        json!({
            "type": "AssumedRole", "principalId": "AROAEXAMPLEID12345678:trailbell", "arn": arn, "accountId": account,
            "accessKeyId": "ASIAEXAMPLEID12345678", "sessionContext": {
                "attributes": { "creationDate": "2026-01-02T03:00:00Z", "mfaAuthenticated": "false" },
                "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLEID12345678", "arn": role_arn, "accountId": account, "userName": role,
                },
            },
        })
    };
    let sender = "AWSServiceRoleForAmazonEventBridgeApiDestinations";
    let sender_by = "apidestinations.events.amazonaws.com";
    let mut sending = session(
        &format!("arn:aws:sts::{account}:assumed-role/{sender}/events"),
        &format!("arn:aws:iam::{account}:role/aws-service-role/{sender_by}/{sender}"),
        sender,
    );
    sending["invokedBy"] = sender_by.into();
    let assumed = |role: &str| json!({ "roleArn": role, "roleSessionName": "trailbell", "durationSeconds": 3600 });
    let [lambda, bus] = ["lambda.amazonaws.com", "events.amazonaws.com"];
    let stream = json!({ "logGroupName": format!("/aws/lambda/{role}"), "logStreamName": "2026/01/02/[$LATEST]0" });
    let secret =
        json!({ "secretId": format!("arn:aws:secretsmanager:{region}:{account}:secret:events!connection/trailbell") });
    let reads = record("secretsmanager.amazonaws.com", "GetSecretValue", true, &sending, sender_by, secret);
    [
        record("sts.amazonaws.com", "AssumeRole", true, &service(lambda), lambda, assumed(role_arn)),
        record("sts.amazonaws.com", "AssumeRole", true, &service(bus), bus, assumed(role_arn)),
        record("logs.amazonaws.com", "CreateLogStream", false, &session(session_arn, role_arn, role), lambda, stream),
        reads,
    ]
}
