//! Statements in functions' policies. Changes of one policy come one after the other: two at once lose one of them.

use serde_json::Value;

use super::call::Service;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_there, until_visible};
use super::{Aws, Manage};
use crate::live::{AT, Observed, Obstacle, WITHOUT_ID};
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, exists};
use crate::resource::{Address, Describe, FunctionNames, INVOKE, Permission, Policy, Resource};

const ADD: &str = "lambda:AddPermission";
const REMOVE: &str = "lambda:RemovePermission";
const GET: &str = "lambda:GetPolicy";

impl Manage for Permission {
    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let _turn = aws.turn(&self.function).await;
        let send = || add(aws, self);
        let added = until_visible(context, "until Lambda knows the new function", send).await;
        match added {
            Err(error) if error.kind == ErrorKind::Exists => {
                // An earlier attempt of ours whose answer was lost, one that is being removed, or one that someone else made.
                match found(aws, scope, self).await? {
                    Some(found) if found.fields() == self.fields() => {}
                    Some(_) => return Err(exists(&Resource::Permission(self.clone()))),
                    None => {
                        remove(aws, self, context).await?;
                        add(aws, self).await?;
                    }
                }
            }
            other => other?,
        }
        let patience = Patience {
            reason: "until the permission is in the function's policy",
            limit: wait::PROPAGATION,
            diagnosis: "it may have been removed in the meantime: `trailbell plan` shows the current resources",
        };
        let look = || async { Ok(is_there(aws, scope, self).await?.then_some(())) };
        until_there(context, &patience, GET, look).await.map(|()| None)
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        // Every field forces a replacement, so this is only for completeness.
        live.delete(aws, scope, context).await?;
        self.create(aws, scope, context).await.map(|_| ())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let _turn = aws.turn(&self.function).await;
        remove(aws, self, context).await
    }
}

async fn add(aws: &Aws, permission: &Permission) -> Result<(), ProviderError> {
    let request = aws
        .lambda
        .add_permission()
        .function_name(&permission.function)
        .statement_id(&permission.name)
        .action(INVOKE)
        .principal(&permission.principal)
        .set_source_arn(permission.source_arn.clone())
        .set_source_account(permission.source_account.clone());
    aws.call(Service::Lambda, ADD, || request.clone().send()).await.map(|_| ())
}

/// Removes the statement and waits until it is gone, so that the next change of the policy does not bring it back.
async fn remove(aws: &Aws, permission: &Permission, context: &Context<'_>) -> Result<(), ProviderError> {
    let request = || aws.lambda.remove_permission().function_name(&permission.function).statement_id(&permission.name);
    gone_is_fine(unless_conflict(context, || aws.call(Service::Lambda, REMOVE, || request().send())).await)?;
    let patience = Patience {
        reason: "until the permission is removed from the function's policy",
        limit: wait::PROPAGATION,
        diagnosis: "Lambda is still removing it; run this command again later",
    };
    let look = || async {
        let (statements, _) = statements(aws, &permission.function, None).await?.unwrap_or_default();
        Ok((!statements.iter().any(|one| one["Sid"] == permission.name.as_str())).then_some(()))
    };
    until_there(context, &patience, GET, look).await
}

/// The statement of this id, as the policy has it.
async fn found(aws: &Aws, scope: &Scope, wanted: &Permission) -> Result<Option<Permission>, ProviderError> {
    let Some(names) = FunctionNames::of_function(scope, &wanted.function) else { return Ok(None) };
    let (statements, _) = statements(aws, &wanted.function, None).await?.unwrap_or_default();
    let mut all = statements.iter().filter_map(|one| Permission::read(scope, &names, one));
    Ok(all.find(|one| one.name == wanted.name))
}

/// Whether the policy has exactly this statement.
async fn is_there(aws: &Aws, scope: &Scope, wanted: &Permission) -> Result<bool, ProviderError> {
    Ok(found(aws, scope, wanted).await?.is_some_and(|found| found.fields() == wanted.fields()))
}

/// The statements of a function's policy, and how long it is; `None` when it has none.
async fn statements(
    aws: &Aws,
    function: &str,
    qualifier: Option<&str>,
) -> Result<Option<(Vec<Value>, usize)>, ProviderError> {
    let request = aws.lambda.get_policy().function_name(function).set_qualifier(qualifier.map(str::to_owned));
    let found = gone_is_fine(aws.call(Service::Lambda, GET, || request.clone().send()).await)?;
    let statements =
        found.and_then(|answer| answer.policy).map(|text| (Policy::parse(&text).statements(), text.chars().count()));
    Ok(statements.filter(|(all, _)| !all.is_empty()))
}

/// What is in a function's policy.
#[derive(Default)]
pub(super) struct PolicyRead {
    /// Statements of ours.
    pub(super) observed: Vec<Observed>,
    /// Those of others.
    pub(super) obstacles: Vec<Obstacle>,
    /// How long it is, in characters.
    pub(super) length: usize,
}

/// The statements of a function's policy: ours, and those of others as obstacles; `None` when there is no policy.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    names: &FunctionNames,
) -> Result<Option<PolicyRead>, ProviderError> {
    let (address, function) = &names.function;
    let Some((statements, length)) = statements(aws, function, None).await? else { return Ok(None) };
    let mut read = PolicyRead { length, ..PolicyRead::default() };
    for statement in statements {
        if let Some(found) = Permission::read(scope, names, &statement) {
            read.observed.push(Observed { resource: Resource::Permission(found), arn: None, is_marked: false });
        } else {
            read.obstacles.push(obstacle(address, &statement, None));
        }
    }
    Ok(Some(read))
}

fn obstacle(address: &Address, statement: &Value, qualifier: Option<&str>) -> Obstacle {
    let of = qualifier.map(|one| format!("{AT}{one}")).unwrap_or_default();
    let what = format!("the permission `{}{of}`", statement["Sid"].as_str().unwrap_or(WITHOUT_ID));
    Obstacle { address: address.clone(), what }
}

/// The statements of the policy of a version or alias: all are of others.
pub(super) async fn of_qualifier(
    aws: &Aws,
    address: &Address,
    function: &str,
    qualifier: &str,
) -> Result<Vec<Obstacle>, ProviderError> {
    let all = statements(aws, function, Some(qualifier)).await?.map(|(all, _)| all).unwrap_or_default();
    // An emulator may give the policy of the function.
    let ending = format!(":{function}:{qualifier}");
    let is_its = |one: &&Value| one["Resource"].as_str().is_some_and(|arn| arn.ends_with(&ending));
    Ok(all.iter().filter(is_its).map(|one| obstacle(address, one, Some(qualifier))).collect())
}

/// Removes a statement of others, by its id and the version or alias that it is for.
pub(super) async fn remove_theirs(
    aws: &Aws,
    function: &str,
    sid: &str,
    qualifier: Option<&str>,
) -> Result<(), ProviderError> {
    let request = aws.lambda.remove_permission().function_name(function).statement_id(sid);
    let request = request.set_qualifier(qualifier.map(str::to_owned));
    gone_is_fine(aws.call(Service::Lambda, REMOVE, || request.clone().send()).await).map(|_| ())
}
