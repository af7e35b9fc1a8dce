//! Targets of EventBridge rules.

use aws_sdk_eventbridge::types::{
    DeadLetterConfig, InputTransformer as SdkTransformer, RetryPolicy as SdkRetry, Target as SdkTarget,
};

use super::call::Service;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted};
use super::{Aws, Manage};
use crate::live::{Observed, Obstacle};
use crate::message::transformer::InputTransformer;
use crate::name::Scope;
use crate::provider::{AccountTarget, Context, ErrorKind, ProviderError};
use crate::resource::{Address, Arn, Leads, Resource, RetryPolicy, Target, TargetInput};

const PUT: &str = "events:PutTargets";
const REMOVE: &str = "events:RemoveTargets";

impl Manage for Target {
    async fn present(&self, aws: &Aws, _scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        if aws.is_new_rule(&self.bus, &self.rule) {
            return Ok(None);
        }
        let id = self.leads().to_string();
        let found = list(aws, &self.bus, &self.rule).await?.into_iter().find(|one| one.id == id);
        Ok(found.map(|found| observe(self.address.clone(), &self.bus, &self.rule, found)))
    }

    async fn create(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        put(aws, self, context).await.map(|()| None)
    }

    async fn update(
        &self,
        _live: &Self,
        aws: &Aws,
        _scope: &Scope,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        put(aws, self, context).await
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let id = self.leads().to_string();
        let send = || remove(aws, &self.rule, &self.bus, &id);
        gone_is_fine(unless_conflict(context, send).await).map(|_| ())
    }
}

/// Removes one target of a rule.
pub(super) async fn remove(aws: &Aws, rule: &str, bus: &str, id: &str) -> Result<(), ProviderError> {
    let request = aws.events.remove_targets().rule(rule).event_bus_name(bus).ids(id);
    let answer = aws.call(Service::Events, REMOVE, || request.clone().send()).await?;
    let failed = answer.failed_entries.unwrap_or_default();
    let failed = failed.iter().map(|entry| (entry.error_code(), entry.error_message()));
    all_taken(REMOVE, answer.failed_entry_count, failed)
}

/// Replaces the target. IAM needs a while until EventBridge may take on a new role.
async fn put(aws: &Aws, target: &Target, context: &Context<'_>) -> Result<(), ProviderError> {
    let wanted = to_sdk(target, context)?;
    let patience = Patience {
        reason: "until EventBridge can assume the role and sees the rule",
        limit: wait::PROPAGATION,
        diagnosis: "the role's trust policy must allow events.amazonaws.com (`trailbell plan` shows whether it does)",
    };
    let send = || async {
        let request = aws.events.put_targets().rule(&target.rule).event_bus_name(&target.bus).targets(wanted.clone());
        let answer = aws.call(Service::Events, PUT, || request.clone().send()).await?;
        let failed = answer.failed_entries.unwrap_or_default();
        let failed = failed.iter().map(|entry| (entry.error_code(), entry.error_message()));
        all_taken(PUT, answer.failed_entry_count, failed)
    };
    until_accepted(context, &patience, passes, send).await
}

fn passes(error: &ProviderError) -> bool {
    matches!(error.kind, ErrorKind::Conflict | ErrorKind::Absent)
        || error.message.contains("cannot be assumed by principal")
}

/// The call succeeds as a whole even when it fails for a target.
fn all_taken<'a>(
    action: &str,
    count: i32,
    mut failed: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
) -> Result<(), ProviderError> {
    let Some((code, message)) = failed.next() else {
        return match count {
            0 => Ok(()),
            _ => Err(ProviderError::new(
                action,
                ErrorKind::Other,
                "EventBridge did not accept the target and did not give a reason",
            )),
        };
    };
    let code = code.unwrap_or_default();
    let kind = match code {
        "ConcurrentModificationException" => ErrorKind::Conflict,
        "ResourceNotFoundException" => ErrorKind::Absent,
        _ => ErrorKind::Other,
    };
    let message = format!("{code}: {}", message.unwrap_or("no reason given"));
    Err(ProviderError { code: Some(code.to_owned()), ..ProviderError::new(action, kind, message) })
}

fn to_sdk(target: &Target, context: &Context<'_>) -> Result<SdkTarget, ProviderError> {
    let other =
        |error: aws_sdk_eventbridge::error::BuildError| ProviderError::new(PUT, ErrorKind::Other, error.to_string());
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let retry = SdkRetry::builder()
        .maximum_event_age_in_seconds(number(target.retry.maximum_event_age_seconds))
        .maximum_retry_attempts(number(target.retry.maximum_attempts));
    let mut wanted = SdkTarget::builder()
        .id(target.leads().to_string())
        .arn(context.resolve(&target.arn, PUT)?)
        .set_role_arn(target.role_arn.clone())
        .retry_policy(retry.build())
        .set_dead_letter_config(
            target.dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build()),
        );
    wanted = match &target.input {
        TargetInput::Transformer(one) => {
            let paths = one.input_paths.clone().into_iter().collect();
            let transformer = SdkTransformer::builder().set_input_paths_map(Some(paths)).input_template(&one.template);
            wanted.input_transformer(transformer.build().map_err(other)?)
        }
        TargetInput::Path(path) => wanted.input_path(path),
        TargetInput::Constant(text) => wanted.input(text),
        TargetInput::Event => wanted,
    };
    wanted.build().map_err(other)
}

/// The targets of a rule: ours, and those of others as obstacles.
pub(super) async fn observe_all(
    aws: &Aws,
    rule: &Address,
    bus: &str,
    name: &str,
) -> Result<(Vec<Observed>, Vec<Obstacle>), ProviderError> {
    let (mut observed, mut obstacles) = (Vec::new(), Vec::new());
    for found in list(aws, bus, name).await? {
        if let Some(leads) = Leads::read(&found.id) {
            observed.push(observe(Target::address_of(rule, leads), bus, name, found));
        } else {
            obstacles.push(Obstacle { address: rule.clone(), what: format!("the target `{}`", found.id) });
        }
    }
    Ok((observed, obstacles))
}

/// The ids of everything that a rule leads to.
pub(super) async fn ids(aws: &Aws, bus: &str, rule: &str) -> Result<Vec<String>, ProviderError> {
    Ok(list(aws, bus, rule).await?.into_iter().map(|found| found.id).collect())
}

/// The targets of a rule, whoever made it.
pub(super) async fn given(aws: &Aws, bus: &str, rule: &str) -> Result<Vec<AccountTarget>, ProviderError> {
    let read =
        |found: SdkTarget| AccountTarget { arn: found.arn, transformer: found.input_transformer.map(transformer) };
    Ok(list(aws, bus, rule).await?.into_iter().map(read).collect())
}

fn transformer(found: SdkTransformer) -> InputTransformer {
    InputTransformer {
        input_paths: found.input_paths_map.unwrap_or_default().into_iter().collect(),
        template: found.input_template,
    }
}

async fn list(aws: &Aws, bus: &str, rule: &str) -> Result<Vec<SdkTarget>, ProviderError> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let request = aws.events.list_targets_by_rule().rule(rule).event_bus_name(bus).set_next_token(token);
        let listed =
            gone_is_fine(aws.call(Service::Events, "events:ListTargetsByRule", || request.clone().send()).await)?;
        let Some(page) = listed else { return Ok(all) };
        all.extend(page.targets.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}

fn observe(address: Address, bus: &str, name: &str, found: SdkTarget) -> Observed {
    let number =
        |value: Option<i32>, default: u32| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(default);
    let retry = found.retry_policy.as_ref();
    let default = RetryPolicy::AWS_DEFAULT;
    let extra = found.http_parameters.as_ref().is_some_and(|one| {
        !one.path_parameter_values().is_empty()
            || one.header_parameters().is_some_and(|map| !map.is_empty())
            || one.query_string_parameters().is_some_and(|map| !map.is_empty())
    });
    let target = Target {
        address,
        rule: name.to_owned(),
        bus: bus.to_owned(),
        arn: Arn::Known(found.arn),
        role_arn: found.role_arn,
        input: match (found.input_transformer, found.input_path, found.input) {
            (Some(one), ..) => TargetInput::Transformer(transformer(one)),
            (None, Some(path), _) => TargetInput::Path(path),
            (None, None, Some(text)) => TargetInput::Constant(text),
            (None, None, None) => TargetInput::Event,
        },
        retry: RetryPolicy {
            maximum_event_age_seconds: number(
                retry.and_then(SdkRetry::maximum_event_age_in_seconds),
                default.maximum_event_age_seconds,
            ),
            maximum_attempts: number(retry.and_then(SdkRetry::maximum_retry_attempts), default.maximum_attempts),
        },
        dead_letter_arn: found.dead_letter_config.and_then(|config| config.arn),
        extra_parameters: extra,
    };
    Observed { resource: Resource::Target(target), arn: None, is_marked: false }
}
