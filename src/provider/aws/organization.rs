//! The names of the accounts of an organization. Changes nothing.

use std::collections::BTreeMap;

use serde_json::json;

use super::Aws;
use super::json::ORGANIZATIONS;
use crate::provider::{ErrorKind, ProviderError};

/// The most accounts that one answer has (API reference, `ListAccounts`).
const PAGE: usize = 20;

/// What an account gets that is in no organization.
const NOT_IN_USE: &str = "AWSOrganizationsNotInUseException";

/// The names of all accounts, by id.
pub(super) async fn account_names(aws: &Aws) -> Result<BTreeMap<String, String>, ProviderError> {
    let mut names = BTreeMap::new();
    let mut body = json!({ "MaxResults": PAGE });
    loop {
        let answer = aws.json(&ORGANIZATIONS, "ListAccounts", &body).await.map_err(explained)?.0;
        for one in answer["Accounts"].as_array().into_iter().flatten() {
            if let (Some(id), Some(name)) = (one["Id"].as_str(), one["Name"].as_str()) {
                names.insert(id.to_owned(), name.to_owned());
            }
        }
        // A page can be empty and not the last one.
        match answer["NextToken"].as_str() {
            Some(token) => body["NextToken"] = token.into(),
            None => return Ok(names),
        }
    }
}

fn explained(error: ProviderError) -> ProviderError {
    let otherwise = "or remove `account_names` from the stack file and write the names under `accounts`";
    match error.kind {
        ErrorKind::Denied => error.hint(format!(
            "only the management account of the organization and its delegated administrators are allowed to list accounts, \
             and the credentials need `organizations:ListAccounts`: apply the stack from there, make its account a delegated \
             administrator, {otherwise}"
        )),
        _ if error.code.as_deref() == Some(NOT_IN_USE) => {
            error.hint(format!("the account is in no organization: use credentials of one that is, {otherwise}"))
        }
        _ => error,
    }
}
