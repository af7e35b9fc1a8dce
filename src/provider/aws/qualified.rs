//! Versions and aliases of a function of ours. trailbell publishes none, so all are of others: each keeps code that runs as the
//! function's role after a drift is repaired, and has a policy and a URL of its own.

use futures_util::future::{try_join, try_join_all};

use super::Aws;
use super::call::Service;
use super::wait::gone_is_fine;
use super::{extra, permission};
use crate::live::Obstacle;
use crate::provider::ProviderError;
use crate::resource::{Address, FunctionNames};

/// What Lambda calls the code that no version was made of.
pub(super) const UNPUBLISHED: &str = "$LATEST";

/// What others made of a function, in the order in which it can be removed: a version with an alias cannot be.
pub(super) async fn observe(aws: &Aws, names: &FunctionNames) -> Result<Vec<Obstacle>, ProviderError> {
    let (address, function) = &names.function;
    let (versions, aliases) = try_join(versions(aws, function), aliases(aws, function)).await?;
    let policies = versions.iter().chain(&aliases).map(|one| permission::of_qualifier(aws, address, function, one));
    let urls = aliases.iter().map(|alias| extra::url(aws, address, function, Some(alias)));
    let (policies, urls) = try_join(try_join_all(policies), try_join_all(urls)).await?;
    let mut found: Vec<Obstacle> = policies.into_iter().chain(urls).flatten().collect();
    found.extend(aliases.iter().map(|name| obstacle(address, "alias", name)));
    found.extend(versions.iter().map(|name| obstacle(address, "version", name)));
    Ok(found)
}

fn obstacle(address: &Address, kind: &str, name: &str) -> Obstacle {
    Obstacle { address: address.clone(), what: format!("the {kind} `{name}`") }
}

async fn versions(aws: &Aws, function: &str) -> Result<Vec<String>, ProviderError> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let request = aws.lambda.list_versions_by_function().function_name(function).set_marker(marker);
        let sent = aws.call(Service::Lambda, "lambda:ListVersionsByFunction", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { return Ok(all) };
        all.extend(page.versions.unwrap_or_default().into_iter().filter_map(|one| one.version));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            all.retain(|version| version != UNPUBLISHED);
            return Ok(all);
        }
    }
}

async fn aliases(aws: &Aws, function: &str) -> Result<Vec<String>, ProviderError> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let request = aws.lambda.list_aliases().function_name(function).set_marker(marker);
        let sent = aws.call(Service::Lambda, "lambda:ListAliases", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { return Ok(all) };
        all.extend(page.aliases.unwrap_or_default().into_iter().filter_map(|one| one.name));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(all);
        }
    }
}

/// Removes a version. Without a number the call would remove the function.
pub(super) async fn remove_version(aws: &Aws, function: &str, version: &str) -> Result<(), ProviderError> {
    let action = "lambda:DeleteFunction";
    if version.parse::<u64>().is_err() {
        let message = format!("`{version}` is not the number of a version");
        return Err(ProviderError::new(action, crate::provider::ErrorKind::Other, message));
    }
    let request = aws.lambda.delete_function().function_name(function).qualifier(version);
    gone_is_fine(aws.call(Service::Lambda, action, || request.clone().send()).await).map(|_| ())
}

/// Removes an alias; the version it leads to stays.
pub(super) async fn remove_alias(aws: &Aws, function: &str, alias: &str) -> Result<(), ProviderError> {
    let request = aws.lambda.delete_alias().function_name(function).name(alias);
    gone_is_fine(aws.call(Service::Lambda, "lambda:DeleteAlias", || request.clone().send()).await).map(|_| ())
}
