//! A label in what the notifier is given, so that what it writes of it has the label: the code that runs is the code that is
//! deployed.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::batch::packed;

/// The longest batch that the notifier reads: `MOST_BYTES` of `logs.mjs`.
const MOST_BYTES: u64 = 16 << 20;

/// The input for an event, with a label such as `[TEST 0123]` before its title and its sentence.
#[must_use]
pub fn input(input: &Value, label: &str) -> Value {
    let mut marked = input.clone();
    let alert = &mut marked["trailbell"];
    let before = |field: &Value| field.as_str().unwrap_or("Alert").to_owned();
    alert["title"] = format!("{label} {}", before(&alert["title"])).into();
    if let Some(parts) = alert["message"]["sentence"].as_array_mut() {
        parts.insert(0, format!("{label} ").into());
    }
    marked
}

/// The name of a log group, with a label before it.
#[must_use]
pub fn log_group(name: &str, label: &str) -> String {
    format!("{label} {name}")
}

/// The batch that CloudWatch Logs delivered, as JSON.
///
/// # Errors
/// Why it is not one.
pub fn unpacked(input: &Value) -> Result<Value, String> {
    let data = input["awslogs"]["data"].as_str().ok_or("it has no `awslogs.data`")?;
    let bytes = STANDARD.decode(data).map_err(|_| "`awslogs.data` is not base64")?;
    let mut text = String::new();
    let mut unzipped = GzDecoder::new(bytes.as_slice()).take(MOST_BYTES + 1);
    unzipped.read_to_string(&mut text).map_err(|_| "`awslogs.data` is not gzip of text")?;
    if text.len() as u64 > MOST_BYTES {
        return Err(format!("`awslogs.data` has more than {MOST_BYTES} bytes"));
    }
    let batch: Value = serde_json::from_str(&text).map_err(|_| "`awslogs.data` is not JSON")?;
    let is_batch = batch["messageType"] == "DATA_MESSAGE" && batch["logEvents"].is_array();
    if is_batch { Ok(batch) } else { Err("`awslogs.data` is not a batch of log events".to_owned()) }
}

/// The same batch as the input of the notifier, with a label before the name of its log group.
#[must_use]
pub fn relabeled(mut batch: Value, label: &str) -> Value {
    let name = batch["logGroup"].as_str().unwrap_or("unknown").to_owned();
    batch["logGroup"] = log_group(&name, label).into();
    packed(&batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::batch::{BatchOrigin, batch};

    #[test]
    fn a_batch_is_unpacked_and_labeled() {
        let origin = BatchOrigin {
            owner: "123456789012".to_owned(),
            log_group: "/trail".to_owned(),
            log_stream: "s".to_owned(),
            filter: "trailbell-sec_a_filter".to_owned(),
        };
        let input = batch(&origin, &["line"]);
        let labeled = relabeled(unpacked(&input).expect("a batch"), "[LATE]");
        let batch = unpacked(&labeled).expect("a batch");
        assert_eq!((&batch["logGroup"], &batch["logEvents"][0]["message"]), (&"[LATE] /trail".into(), &"line".into()));
    }

    #[test]
    fn what_is_not_a_batch_is_said() {
        let control = packed(&serde_json::json!({ "messageType": "CONTROL_MESSAGE", "logEvents": [] }));
        let bomb = packed(&Value::String("a".repeat(17 << 20)));
        for (input, why) in [
            (serde_json::json!({ "awslogs": {} }), "no `awslogs.data`"),
            (serde_json::json!({ "awslogs": { "data": "%" } }), "base64"),
            (serde_json::json!({ "awslogs": { "data": "AAAA" } }), "gzip"),
            (control, "not a batch"),
            (bomb, "more than"),
        ] {
            let told = unpacked(&input).expect_err("it is not one");
            assert!(told.contains(why), "{told}");
        }
    }
}
