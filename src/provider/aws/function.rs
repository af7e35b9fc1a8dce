//! Lambda functions: made once their role may be taken on, changed one step after the other, gone when AWS says so.

mod observed;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    DeadLetterConfig, Environment, FunctionCode, LastUpdateStatus, LoggingConfig, Runtime, State,
};

use super::call::Service;
use super::error::unmanaged;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted, until_there};
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError};
use crate::resource::{Function, FunctionNames, PackedCode, Resource};
use observed::{GET, find, get};
pub(super) use observed::{concurrency, list, observe};

const CREATE: &str = "lambda:CreateFunction";
const CONFIGURE: &str = "lambda:UpdateFunctionConfiguration";
const UPLOAD: &str = "lambda:UpdateFunctionCode";
const TAG: &str = "lambda:TagResource";

impl Manage for Function {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let Some(names) = FunctionNames::of_function(scope, &self.name) else { return Ok(None) };
        Ok(observe(aws, scope, &names).await?.map(|(found, _)| found))
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let turn = aws.turn(&self.name).await;
        let zip = zip(self, CREATE)?;
        let made = until_there(context, &DELETED, CREATE, || make(aws, scope, self, &zip, context)).await;
        drop(turn);
        match made? {
            // An earlier attempt of ours whose answer was lost.
            Made::Before(found) => {
                running(aws, &self.name, context).await?;
                self.update(&found, aws, scope, context).await?;
            }
            Made::Now => {
                running(aws, &self.name, context).await?;
                reserve(aws, None, self, context).await?;
            }
        }
        Ok(Some(scope.function_arn(&self.name)))
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let _turn = aws.turn(&self.name).await;
        let is_broken = live.state != self.state;
        if is_broken || configuration(live) != configuration(self) {
            until_accepted(context, &ASSUMABLE, passes, || send_configuration(aws, self)).await?;
            updated(aws, &self.name, context).await?;
        }
        if is_broken || live.code != self.code {
            let zip = zip(self, UPLOAD)?;
            let send = || {
                let request = aws.lambda.update_function_code().function_name(&self.name).zip_file(zip.clone());
                aws.call(Service::Lambda, UPLOAD, move || request.clone().send())
            };
            unless_conflict(context, send).await?;
            updated(aws, &self.name, context).await?;
        }
        reserve(aws, live.reserved_concurrency, self, context).await?;
        if live.tags != self.tags {
            let arn = scope.function_arn(&self.name);
            let tags = || self.tags.clone().into_iter().collect();
            let request = || aws.lambda.tag_resource().resource(&arn).set_tags(Some(tags()));
            unless_conflict(context, || aws.call(Service::Lambda, TAG, || request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let _turn = aws.turn(&self.name).await;
        let request = || aws.lambda.delete_function().function_name(&self.name);
        let action = "lambda:DeleteFunction";
        let sent = unless_conflict(context, || aws.call(Service::Lambda, action, || request().send())).await;
        if gone_is_fine(sent)?.is_none() {
            return Ok(());
        }
        let patience = Patience {
            reason: "until the function is deleted",
            limit: wait::FUNCTION,
            diagnosis: "Lambda is still deleting it; run this command again later",
        };
        until_there(context, &patience, GET, || async {
            Ok(gone_is_fine(get(aws, &self.name).await)?.is_none().then_some(()))
        })
        .await
    }
}

/// How a function came to be there.
enum Made {
    Now,
    Before(Box<Function>),
}

/// Makes the function, unless it is there and ours; `None` while the name is still taken by one that is being deleted.
async fn make(
    aws: &Aws,
    scope: &Scope,
    wanted: &Function,
    zip: &Blob,
    context: &Context<'_>,
) -> Result<Option<Made>, ProviderError> {
    match until_accepted(context, &ASSUMABLE, passes, || send_create(aws, wanted, zip.clone())).await {
        Ok(()) => Ok(Some(Made::Now)),
        Err(error) if error.kind == ErrorKind::Exists => match find(aws, scope, &wanted.name).await? {
            None => Ok(None),
            Some(Observed { resource: Resource::Function(found), is_marked: true, .. }) => {
                Ok(Some(Made::Before(Box::new(found))))
            }
            Some(_) => Err(unmanaged(error)),
        },
        Err(error) => Err(error),
    }
}

const DELETED: Patience<'_> = Patience {
    reason: "until the previous function with this name is deleted",
    limit: wait::FUNCTION,
    diagnosis: "Lambda reports that the name is in use but does not show the function: it is still being deleted; run \
        this command again later",
};

const ASSUMABLE: Patience<'_> = Patience {
    reason: "until Lambda can assume the function's role",
    limit: wait::PROPAGATION,
    diagnosis: "the role's trust policy must allow lambda.amazonaws.com, and its policy must allow what the function \
        needs (`trailbell plan` shows whether they do); a permissions boundary or a policy of the organization can \
        also deny it",
};

/// IAM needs a while until a new role can be used; Lambda says so in three ways.
fn passes(error: &ProviderError) -> bool {
    let texts = ["cannot be assumed by Lambda", "execution role does not have permissions", "invalid for CreateGrant"];
    error.kind == ErrorKind::Conflict || texts.iter().any(|text| error.message.contains(text))
}

async fn send_create(aws: &Aws, wanted: &Function, zip: Blob) -> Result<(), ProviderError> {
    let request = aws
        .lambda
        .create_function()
        .function_name(&wanted.name)
        .description(&wanted.description)
        .runtime(Runtime::from(wanted.runtime.as_str()))
        .handler(&wanted.handler)
        .role(&wanted.role_arn)
        .timeout(number(wanted.timeout_seconds))
        .memory_size(number(wanted.memory_megabytes))
        .environment(environment(wanted))
        .logging_config(LoggingConfig::builder().log_group(&wanted.log_group).build())
        .set_dead_letter_config(
            wanted.dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().target_arn(arn).build()),
        )
        .set_tags(Some(wanted.tags.clone().into_iter().collect()))
        .code(FunctionCode::builder().zip_file(zip).build());
    aws.call(Service::Lambda, CREATE, || request.clone().send()).await.map(|_| ())
}

async fn send_configuration(aws: &Aws, wanted: &Function) -> Result<(), ProviderError> {
    // An empty target takes the queue away.
    let queue = DeadLetterConfig::builder().target_arn(wanted.dead_letter_arn.clone().unwrap_or_default());
    let request = aws
        .lambda
        .update_function_configuration()
        .function_name(&wanted.name)
        .description(&wanted.description)
        .runtime(Runtime::from(wanted.runtime.as_str()))
        .handler(&wanted.handler)
        .role(&wanted.role_arn)
        .timeout(number(wanted.timeout_seconds))
        .memory_size(number(wanted.memory_megabytes))
        .environment(environment(wanted))
        .logging_config(LoggingConfig::builder().log_group(&wanted.log_group).build())
        .dead_letter_config(queue.build());
    aws.call(Service::Lambda, CONFIGURE, || request.clone().send()).await.map(|_| ())
}

/// Sets or removes the bound on calls at once.
async fn reserve(aws: &Aws, live: Option<u32>, wanted: &Function, context: &Context<'_>) -> Result<(), ProviderError> {
    let name = &wanted.name;
    match wanted.reserved_concurrency {
        same if same == live => Ok(()),
        Some(calls) => {
            let request = || {
                let request = aws.lambda.put_function_concurrency().function_name(name);
                request.reserved_concurrent_executions(number(calls))
            };
            let action = "lambda:PutFunctionConcurrency";
            unless_conflict(context, || aws.call(Service::Lambda, action, || request().send())).await.map(|_| ())
        }
        None => {
            let request = || aws.lambda.delete_function_concurrency().function_name(name);
            let action = "lambda:DeleteFunctionConcurrency";
            unless_conflict(context, || aws.call(Service::Lambda, action, || request().send())).await.map(|_| ())
        }
    }
}

/// What `UpdateFunctionConfiguration` sets: it must not be called when nothing of it differs.
fn configuration(function: &Function) -> Function {
    Function {
        code: PackedCode::default(),
        reserved_concurrency: None,
        state: String::new(),
        tags: std::collections::BTreeMap::new(),
        ..function.clone()
    }
}

fn environment(function: &Function) -> Environment {
    Environment::builder().set_variables(Some(function.environment.clone().into_iter().collect())).build()
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn zip(function: &Function, action: &str) -> Result<Blob, ProviderError> {
    let zip = function.code.zip.as_ref().map(|zip| Blob::new(zip.as_slice()));
    zip.ok_or_else(|| {
        ProviderError::new(action, ErrorKind::Other, format!("the code of {} is not available", function.name))
            .hint("a plan contains only its digest: run `trailbell apply` with the stack file")
    })
}

/// Waits until a new function can be called.
async fn running(aws: &Aws, name: &str, context: &Context<'_>) -> Result<(), ProviderError> {
    let patience = Patience {
        reason: "until the function is ready",
        limit: wait::FUNCTION,
        diagnosis: "see the state of the function in the Lambda console",
    };
    until_there(context, &patience, GET, || async {
        // What was just made may not be visible yet.
        let Some(found) = gone_is_fine(get(aws, name).await)?.and_then(|one| one.configuration) else {
            return Ok(None);
        };
        match found.state {
            Some(State::Pending) => Ok(None),
            Some(State::Failed) => Err(failed(found.state_reason, &patience)),
            _ => Ok(Some(())),
        }
    })
    .await
}

/// Waits until a change of a function has taken effect.
async fn updated(aws: &Aws, name: &str, context: &Context<'_>) -> Result<(), ProviderError> {
    let patience = Patience {
        reason: "until the change of the function is in effect",
        limit: wait::FUNCTION,
        diagnosis: "see the last update of the function in the Lambda console",
    };
    until_there(context, &patience, GET, || async {
        let found = get(aws, name).await?.configuration;
        let status = found.as_ref().and_then(|one| one.last_update_status.clone());
        match status {
            Some(LastUpdateStatus::InProgress) => Ok(None),
            Some(LastUpdateStatus::Failed) => {
                Err(failed(found.and_then(|one| one.last_update_status_reason), &patience))
            }
            _ => Ok(Some(())),
        }
    })
    .await
}

fn failed(reason: Option<String>, patience: &Patience<'_>) -> ProviderError {
    let why = reason.unwrap_or_else(|| "no reason given".to_owned());
    ProviderError::new(GET, ErrorKind::Other, format!("the function failed: {why}")).hint(patience.diagnosis)
}
