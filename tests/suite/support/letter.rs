//! Dead letters put into a stack's queue by hand, as EventBridge leaves them there.

use serde_json::{Value, json};

use super::api::Account;

/// The dead-letter queue of the stack `sec`.
pub const QUEUE: &str = "trailbell-sec_slack_dead-letter-queue";

/// The URL of the queue.
pub fn queue(account: &Account) -> String {
    let (status, found) = account.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": QUEUE }));
    assert_eq!(status, 200, "{found}");
    found["QueueUrl"].as_str().expect("a URL").to_owned()
}

/// The rule of the alert of the stack.
pub const ALERT: &str = "trailbell-sec_cloudtrail-stop-logging_rule";
/// The relay rule on its bus.
const RELAY: &str = "trailbell-sec_relay_bus/trailbell-sec_relay_rule";

/// Puts a letter of the relay rule into the queue: an event that Slack refused.
pub fn put(account: &Account, body: &str) {
    put_of(account, RELAY, body);
}

/// Puts a letter of a rule into the queue.
pub fn put_of(account: &Account, rule: &str, body: &str) {
    let attribute = |text: &str| json!({ "DataType": "String", "StringValue": text });
    let rule = format!("arn:aws:events:us-east-1:{}:rule/{rule}", account.id);
    let attributes = json!({
        "RULE_ARN": attribute(&rule), "ERROR_CODE": attribute("SDK_CLIENT_ERROR"),
        "ERROR_MESSAGE": attribute("invalid_payload"),
    });
    let letter = json!({ "QueueUrl": queue(account), "MessageBody": body, "MessageAttributes": attributes });
    let (status, answer) = account.json("sqs", "AmazonSQS.SendMessage", &letter);
    assert_eq!(status, 200, "{answer}");
}

/// How many letters are visible in the queue.
pub fn visible(account: &Account) -> u64 {
    let asked = json!({ "QueueUrl": queue(account), "AttributeNames": ["ApproximateNumberOfMessages"] });
    let (status, answer) = account.json("sqs", "AmazonSQS.GetQueueAttributes", &asked);
    assert_eq!(status, 200, "{answer}");
    let number = answer["Attributes"]["ApproximateNumberOfMessages"].as_str().expect("a number");
    number.parse().expect("a number")
}

/// Puts ten letters into the queue at once.
pub fn put_ten(account: &Account, body: &str) {
    let entry = |at: u8| json!({ "Id": at.to_string(), "MessageBody": body });
    let entries: Vec<_> = (0..10).map(entry).collect();
    let letters = json!({ "QueueUrl": queue(account), "Entries": entries });
    let (status, answer) = account.json("sqs", "AmazonSQS.SendMessageBatch", &letters);
    assert_eq!(status, 200, "{answer}");
}

/// Sets attributes of the queue by hand.
pub fn set(account: &Account, attributes: &Value) {
    let asked = json!({ "QueueUrl": queue(account), "Attributes": attributes });
    let (status, answer) = account.json("sqs", "AmazonSQS.SetQueueAttributes", &asked);
    assert_eq!(status, 200, "{answer}");
}
