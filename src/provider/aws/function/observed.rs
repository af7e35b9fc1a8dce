//! Functions as they are: found by name, or, when nothing leads to them, in the list of all.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::{FunctionConfiguration, State};

use super::super::call::Service;
use super::super::wait::gone_is_fine;
use super::Aws;
use crate::live::{Concurrency, Observed, Obstacle};
use crate::name::Scope;
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::mark::{is_marked, is_tagged};
use crate::resource::{Function, FunctionNames, PackedCode, RUNNING, Resource};

pub(super) const GET: &str = "lambda:GetFunction";

type GetAnswer = aws_sdk_lambda::operation::get_function::GetFunctionOutput;

pub(super) async fn get(aws: &Aws, name: &str) -> Result<GetAnswer, ProviderError> {
    aws.call(Service::Lambda, GET, || aws.lambda.get_function().function_name(name).send()).await
}

/// The function of a name, if that is one of ours.
pub(super) async fn find(aws: &Aws, scope: &Scope, name: &str) -> Result<Option<Observed>, ProviderError> {
    match FunctionNames::of_function(scope, name) {
        Some(names) => Ok(observe(aws, scope, &names).await?.map(|(found, _)| found)),
        None => Ok(None),
    }
}

/// The function of a name as it is, and the layers that others put under its code; `None` when there is none, or it is being deleted.
pub(in super::super) async fn observe(
    aws: &Aws,
    scope: &Scope,
    names: &FunctionNames,
) -> Result<Option<(Observed, Vec<Obstacle>)>, ProviderError> {
    let name = &names.function.1;
    let Some(answer) = gone_is_fine(get(aws, name).await)? else { return Ok(None) };
    let Some(found) = answer.configuration else { return Ok(None) };
    if found.state == Some(State::Deleting) {
        return Ok(None);
    }
    let tags = answer.tags.unwrap_or_default().into_iter().collect();
    let reserved = answer.concurrency.and_then(|one| one.reserved_concurrent_executions);
    let arn = found.function_arn.clone().unwrap_or_else(|| scope.function_arn(name));
    let layers = found.layers.clone().unwrap_or_default().into_iter().filter_map(|one| one.arn);
    let layer = |arn: String| Obstacle { address: names.function.0.clone(), what: format!("the layer `{arn}`") };
    let layers = layers.map(layer).collect();
    let mut function = described(names.clone(), found);
    function.reserved_concurrency = reserved.and_then(|calls| u32::try_from(calls).ok());
    function.tags = tags;
    let is_marked = is_tagged(&function.tags, scope) || is_marked(&function.description, scope);
    function.mask_environment();
    Ok(Some((Observed { resource: Resource::Function(function), arn: Some(arn), is_marked }, layers)))
}

fn described(names: FunctionNames, found: FunctionConfiguration) -> Function {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok()).unwrap_or_default();
    let (address, name) = names.function;
    let logging = found.logging_config.and_then(|config| config.log_group).filter(|group| !group.is_empty());
    Function {
        // What posts there says it, once everything was read.
        posts_to: BTreeSet::new(),
        address,
        name,
        description: found.description.unwrap_or_default(),
        runtime: found.runtime.map(|runtime| runtime.to_string()).unwrap_or_default(),
        handler: found.handler.unwrap_or_default(),
        role_arn: found.role.unwrap_or_default(),
        timeout_seconds: number(found.timeout),
        memory_megabytes: number(found.memory_size),
        environment: found.environment.and_then(|one| one.variables).unwrap_or_default().into_iter().collect(),
        dead_letter_arn: found.dead_letter_config.and_then(|one| one.target_arn).filter(|arn| !arn.is_empty()),
        // What Lambda assumes when nothing is set.
        log_group: logging.unwrap_or(names.log_group.1),
        code: PackedCode::known(found.code_sha256.unwrap_or_default()),
        reserved_concurrency: None,
        state: match found.state {
            // It comes to life again with the first call; what is on its way is waited for when it is changed.
            None | Some(State::Inactive | State::Pending | State::Active) => RUNNING.to_owned(),
            Some(state) => state.to_string(),
        },
        tags: BTreeMap::new(),
    }
}

/// All functions under the names of a stack: the long way, one page of 50 after the other.
pub(in super::super) async fn list(aws: &Aws, scope: &Scope) -> Result<Vec<FunctionNames>, ProviderError> {
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let request = aws.lambda.list_functions().set_marker(marker);
        let page = aws.call(Service::Lambda, "lambda:ListFunctions", || request.clone().send()).await?;
        names.extend(page.functions.unwrap_or_default().into_iter().filter_map(|one| one.function_name));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            break;
        }
    }
    Ok(names.iter().filter_map(|name| FunctionNames::of_function(scope, name)).collect())
}

/// How many calls may run at once in the account and region. Who is not allowed to ask can still apply.
pub(in super::super) async fn concurrency(aws: &Aws) -> Result<Concurrency, ProviderError> {
    let request = aws.lambda.get_account_settings();
    let limits = match aws.call(Service::Lambda, "lambda:GetAccountSettings", || request.clone().send()).await {
        Ok(answer) => answer.account_limit,
        Err(error) if error.kind == ErrorKind::Denied => return Ok(Concurrency::Denied),
        Err(error) => return Err(error),
    };
    let count = |value: i32| u32::try_from(value).unwrap_or_default();
    let limit = limits.as_ref().map_or(0, |one| count(one.concurrent_executions));
    let unreserved = limits.and_then(|one| one.unreserved_concurrent_executions).map_or(limit, count);
    Ok(Concurrency::Known { limit, unreserved })
}
