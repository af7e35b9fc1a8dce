//! What others attached to resources of ours: found on functions, and removed where a person asks for it.

use super::call::Service;
use super::qualified::{self, UNPUBLISHED};
use super::wait::gone_is_fine;
use super::{Aws, permission, rule, subscription, target};
use crate::live::{AT, Obstacle};
use crate::name::Scope;
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::{Address, FunctionNames, Id, Kind, PERMISSIONS_BOUNDARY};

const CONFIGURE: &str = "lambda:UpdateFunctionConfiguration";
/// The bus of a rule whose address names none.
const DEFAULT_BUS: &str = "default";
const GET: &str = "lambda:GetFunction";

/// What is set on a function besides its configuration: its URL, and what becomes of events that it fails on.
pub(super) async fn on_function(aws: &Aws, names: &FunctionNames) -> Result<Vec<Obstacle>, ProviderError> {
    let (address, name) = &names.function;
    let (mut found, settings) =
        futures_util::future::try_join(url(aws, address, name, None), settings(aws, address, name)).await?;
    found.extend(settings);
    Ok(found)
}

/// The URL of a function, or of an alias of it.
pub(super) async fn url(
    aws: &Aws,
    address: &Address,
    name: &str,
    alias: Option<&str>,
) -> Result<Vec<Obstacle>, ProviderError> {
    let request = aws.lambda.get_function_url_config().function_name(name).set_qualifier(alias.map(str::to_owned));
    let found =
        gone_is_fine(aws.call(Service::Lambda, "lambda:GetFunctionUrlConfig", || request.clone().send()).await)?;
    let of = alias.map(|alias| format!("{AT}{alias}")).unwrap_or_default();
    let what = |auth: &str| format!("the function URL `{auth}{of}`");
    Ok(found.map(|one| Obstacle { address: address.clone(), what: what(one.auth_type.as_str()) }).into_iter().collect())
}

/// The last part of the ARN is the version or alias that they are for.
async fn settings(aws: &Aws, address: &Address, name: &str) -> Result<Vec<Obstacle>, ProviderError> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let request = aws.lambda.list_function_event_invoke_configs().function_name(name).set_marker(marker);
        let sent = aws.call(Service::Lambda, "lambda:ListFunctionEventInvokeConfigs", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { break };
        let configs = page.function_event_invoke_configs.unwrap_or_default();
        all.extend(configs.into_iter().map(|one| {
            let last = one.function_arn.as_deref().and_then(|arn| arn.rsplit(':').next());
            let of = last.filter(|last| *last != name).unwrap_or(UNPUBLISHED);
            Obstacle { address: address.clone(), what: format!("the event-invoke setting `{of}`") }
        }));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            break;
        }
    }
    Ok(all)
}

/// Removes it from the resource of this name. That it is gone already is a success.
pub(super) async fn remove(aws: &Aws, scope: &Scope, of: &str, found: &Obstacle) -> Result<(), ProviderError> {
    let (kind, name, qualifier) = found.qualified();
    match (found.address.kind(), kind) {
        (Kind::Role, "inline policy") => {
            let request = aws.iam.delete_role_policy().role_name(of).policy_name(name);
            gone_is_fine(aws.call(Service::Iam, "iam:DeleteRolePolicy", || request.clone().send()).await).map(|_| ())
        }
        (Kind::Role, PERMISSIONS_BOUNDARY) => {
            let request = aws.iam.delete_role_permissions_boundary().role_name(of);
            gone_is_fine(aws.call(Service::Iam, "iam:DeleteRolePermissionsBoundary", || request.clone().send()).await)
                .map(|_| ())
        }
        (Kind::Role, "managed policy") => detach(aws, of, name).await,
        (Kind::Rule, "target") => {
            let bus = match &found.address.id {
                Id::Rule(rule) => rule.bus.as_ref().map(|bus| scope.name(bus, Kind::EventBus.suffix())),
                _ => None,
            };
            gone_is_fine(target::remove(aws, of, bus.as_deref().unwrap_or(DEFAULT_BUS), name).await).map(|_| ())
        }
        (Kind::Function, "permission") => {
            let _turn = aws.turn(of).await;
            permission::remove_theirs(aws, of, name, qualifier).await
        }
        (Kind::Function, "layer") => take_layer(aws, of, name).await,
        (Kind::Function, "function URL") => {
            let request = aws.lambda.delete_function_url_config().function_name(of);
            let request = request.set_qualifier(qualifier.map(str::to_owned));
            gone_is_fine(aws.call(Service::Lambda, "lambda:DeleteFunctionUrlConfig", || request.clone().send()).await)
                .map(|_| ())
        }
        (Kind::Function, "alias") => qualified::remove_alias(aws, of, name).await,
        (Kind::Function, "version") => qualified::remove_version(aws, of, name).await,
        (Kind::Topic, "subscription") => subscription::remove_theirs(aws, scope, of, name).await,
        (Kind::EventBus, "rule") => rule::remove_theirs(aws, of, name).await,
        (Kind::Function, "event-invoke setting") => {
            // Without a qualifier it is the setting of the code that is not published.
            let qualifier = (name != UNPUBLISHED).then(|| name.to_owned());
            let request = aws.lambda.delete_function_event_invoke_config().function_name(of).set_qualifier(qualifier);
            let action = "lambda:DeleteFunctionEventInvokeConfig";
            gone_is_fine(aws.call(Service::Lambda, action, || request.clone().send()).await).map(|_| ())
        }
        _ => Err(ProviderError::new("remove", ErrorKind::Other, format!("trailbell cannot remove {}", found.what))
            .hint("remove it in the AWS console, then run this command again")),
    }
}

/// A policy is detached by its ARN, and seen by its name.
async fn detach(aws: &Aws, role: &str, name: &str) -> Result<(), ProviderError> {
    let mut marker = None;
    loop {
        let request = aws.iam.list_attached_role_policies().role_name(role).set_marker(marker);
        let sent = aws.call(Service::Iam, "iam:ListAttachedRolePolicies", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { return Ok(()) };
        let policies = page.attached_policies.unwrap_or_default();
        if let Some(arn) = policies.into_iter().find(|one| one.policy_name.as_deref() == Some(name)) {
            let request = aws.iam.detach_role_policy().role_name(role).set_policy_arn(arn.policy_arn);
            return gone_is_fine(aws.call(Service::Iam, "iam:DetachRolePolicy", || request.clone().send()).await)
                .map(|_| ());
        }
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(());
        }
    }
}

/// A function's layers are set together.
async fn take_layer(aws: &Aws, function: &str, arn: &str) -> Result<(), ProviderError> {
    let _turn = aws.turn(function).await;
    let sent = aws.call(Service::Lambda, GET, || aws.lambda.get_function().function_name(function).send()).await;
    let layers = gone_is_fine(sent)?.and_then(|found| found.configuration).and_then(|one| one.layers);
    let left = layers.unwrap_or_default().into_iter().filter_map(|one| one.arn).filter(|one| one != arn).collect();
    let request = aws.lambda.update_function_configuration().function_name(function).set_layers(Some(left));
    aws.call(Service::Lambda, CONFIGURE, || request.clone().send()).await.map(|_| ())
}
