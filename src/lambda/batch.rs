//! What a subscription filter delivers to the notifier: log events as gzip in base64.
//!
//! The shape is from the CloudWatch Logs user guide, "Subscription filters with AWS Lambda".

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

/// Where log events come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOrigin {
    /// The account the log group is in.
    pub owner: String,
    /// The log group.
    pub log_group: String,
    /// The log stream.
    pub log_stream: String,
    /// The filter they passed.
    pub filter: String,
}

/// The input of the notifier for these lines.
#[must_use]
pub fn batch(origin: &BatchOrigin, lines: &[&str]) -> Value {
    // Ids have 56 digits; times are milliseconds. Both are fixed, so that the same lines give the same batch.
    let events = lines
        .iter()
        .enumerate()
        .map(|(at, line)| json!({ "id": format!("{at:056}"), "timestamp": 1_767_323_045_000_u64, "message": line }));
    let batch = json!({
        "messageType": "DATA_MESSAGE", "owner": origin.owner, "logGroup": origin.log_group,
        "logStream": origin.log_stream, "subscriptionFilters": [origin.filter], "logEvents": events.collect::<Value>(),
    });
    packed(&batch)
}

/// A batch as the input of the notifier.
pub(super) fn packed(batch: &Value) -> Value {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let bytes = packed.write_all(batch.to_string().as_bytes()).and_then(|()| packed.finish()).unwrap_or_default();
    json!({ "awslogs": { "data": STANDARD.encode(bytes) } })
}
