//! Secrets that AWS keeps: parameters of Systems Manager's Parameter Store, and secrets of Secrets Manager, in the account and
//! region of the stack.

use serde_json::{Value, json};

use super::Aws;
use super::json::{SECRETS_MANAGER, SSM};
use crate::provider::{ErrorKind, ProviderError};
use crate::secret::{Secret, StoredSecret};

/// The value that a reference names.
pub(super) async fn read(aws: &Aws, reference: &StoredSecret) -> Result<Secret, ProviderError> {
    match reference {
        StoredSecret::Parameter(name) => {
            let body = json!({ "Name": name, "WithDecryption": true });
            let answer = aws.json(&SSM, "GetParameter", &body).await?;
            text(&answer.0["Parameter"]["Value"], "ssm:GetParameter", "the parameter has no value")
        }
        StoredSecret::Secret { name, key } => {
            let action = "secretsmanager:GetSecretValue";
            let answer = aws.json(&SECRETS_MANAGER, "GetSecretValue", &json!({ "SecretId": name })).await?;
            let whole = text(&answer.0["SecretString"], action, "the secret is binary, not text")?;
            match key {
                Some(key) => whole.field(key).map_err(|why| ProviderError::new(action, ErrorKind::Absent, why)),
                None => Ok(whole),
            }
        }
    }
}

fn text(value: &Value, action: &str, otherwise: &str) -> Result<Secret, ProviderError> {
    value.as_str().map(Secret::new).ok_or_else(|| ProviderError::new(action, ErrorKind::Absent, otherwise))
}
