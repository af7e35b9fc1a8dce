//! Whether there are credentials that work, whose they are, and whether they are for the stack's account.

use super::HealthCheck;
use crate::provider::{ErrorKind, Identity, ProviderError};

const CREDENTIALS: (&str, &str) = ("credentials", "credentials");

/// Whether the credentials work, and whose they are; `profile` is the one in use, if any.
#[must_use]
pub fn credentials(identity: &Result<Identity, ProviderError>, profile: Option<&str>) -> HealthCheck {
    let (id, title) = CREDENTIALS;
    match identity {
        Ok(who) => HealthCheck::ok(id, title, format!("{} (account {})", who.arn, who.account)),
        Err(error) if error.kind == ErrorKind::Credentials => {
            let hint = error.hint.clone().unwrap_or_default();
            let fix = if is_about_sso(&error.message) { sign_in(profile) } else { hint };
            HealthCheck::failed(id, title, error.to_string(), fix)
        }
        Err(error) => HealthCheck::not_asked(id, title, error),
    }
}

/// The SDK's words for a session of IAM Identity Center that is missing or over contain `SSO` (aws-config 1.13.0, `sso/token.rs`
/// and `sso/credentials.rs`).
fn is_about_sso(message: &str) -> bool {
    message.to_lowercase().contains("sso")
}

fn sign_in(profile: Option<&str>) -> String {
    profile.map_or_else(|| "`aws sso login`".to_owned(), |profile| format!("`aws sso login --profile {profile}`"))
}

/// Whether the account is the one that the stack file names.
#[must_use]
pub fn account(found: &str, wanted: Option<&str>) -> HealthCheck {
    let (id, title) = ("account", "account");
    match wanted {
        None => HealthCheck::ok(id, title, format!("{found} (the stack file names no `account`)")),
        Some(wanted) if wanted == found => HealthCheck::ok(id, title, format!("{found}, as in the stack file")),
        Some(wanted) => HealthCheck::failed(
            id,
            title,
            format!("the stack belongs to account {wanted}, but the credentials are for account {found}"),
            "use credentials for that account (`--profile NAME`), or change `account` in the stack file",
        ),
    }
}
