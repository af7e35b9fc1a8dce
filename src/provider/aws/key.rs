//! The KMS key that the stack file names: whether it can be used, and what its policy says.

use serde_json::json;

use super::Aws;
use super::json::KMS;
use crate::live::KeyState;
use crate::provider::{ErrorKind, ProviderError, Search};
use crate::resource::Resource;

/// What is known of the key; nothing when the stack file names none.
pub(super) async fn look(aws: &Aws, search: Search<'_>) -> Result<Option<KeyState>, ProviderError> {
    let key = search.desired.values().find_map(|one| match one {
        Resource::Queue(queue) => queue.kms_key.clone(),
        _ => None,
    });
    let Some(key) = key else { return Ok(None) };
    let described = match aws.json(&KMS, "DescribeKey", &json!({ "KeyId": key })).await {
        Err(error) if error.kind == ErrorKind::Absent => {
            return Ok(Some(KeyState::Unusable("it does not exist".to_owned())));
        }
        Err(error) if error.kind == ErrorKind::Denied => return Ok(Some(KeyState::Denied("kms:DescribeKey"))),
        described => described?,
    };
    let state = described.0["KeyMetadata"]["KeyState"].as_str().unwrap_or("Enabled");
    if state != "Enabled" {
        return Ok(Some(KeyState::Unusable(format!("its state is {state}"))));
    }
    match aws.json(&KMS, "GetKeyPolicy", &json!({ "KeyId": key, "PolicyName": "default" })).await {
        Err(error) if error.kind == ErrorKind::Denied => Ok(Some(KeyState::Denied("kms:GetKeyPolicy"))),
        policy => Ok(Some(KeyState::Policy(policy?.0["Policy"].as_str().unwrap_or_default().to_owned()))),
    }
}
