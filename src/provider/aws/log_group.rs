//! CloudWatch log groups of our functions and of collected events, and the list of all log groups for who must search them.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types::{LogGroup as SdkGroup, LogGroupClass};

use super::call::Service;
use super::wait::{gone_is_fine, unless_conflict, until_visible};
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, Search};
use crate::resource::mark::is_tagged;
use crate::resource::{FunctionNames, Leads, LogGroup, Resource};

const CREATE: &str = "logs:CreateLogGroup";
const TAG: &str = "logs:TagResource";

impl Manage for LogGroup {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let arn = scope.log_group_arn(&self.name);
        let is_marked = is_tagged(&tags_of(aws, &arn).await?, scope);
        Ok(Some(Observed { resource: Resource::LogGroup(self.clone()), arn: Some(arn), is_marked }))
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let arn = scope.log_group_arn(&self.name);
        let tags = || self.tags.clone().into_iter().collect();
        let request = || {
            aws.logs
                .create_log_group()
                .log_group_name(&self.name)
                .set_kms_key_id(self.kms_key.clone())
                .set_tags(Some(tags()))
        };
        let created = unless_conflict(context, || aws.call(Service::Logs, CREATE, || request().send())).await;
        match created {
            Err(error) if error.kind == ErrorKind::Exists => {
                // An earlier attempt of ours whose answer was lost, or someone else's.
                if !is_tagged(&tags_of(aws, &arn).await?, scope) {
                    return Err(error.hint(
                        "not managed by trailbell; not changed: remove it, or choose another name for the stack",
                    ));
                }
                encrypt(aws, self, context).await?;
            }
            other => drop(other?),
        }
        keep(aws, self, context).await?;
        Ok(Some(arn))
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        if live.retention_days != self.retention_days {
            keep(aws, self, context).await?;
        }
        if live.kms_key != self.kms_key {
            encrypt(aws, self, context).await?;
        }
        if live.tags != self.tags {
            let arn = scope.log_group_arn(&self.name);
            let tags = || self.tags.clone().into_iter().collect();
            let request = || aws.logs.tag_resource().resource_arn(&arn).set_tags(Some(tags()));
            unless_conflict(context, || aws.call(Service::Logs, TAG, || request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.logs.delete_log_group().log_group_name(&self.name);
        let action = "logs:DeleteLogGroup";
        let sent = unless_conflict(context, || aws.call(Service::Logs, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// Encrypts it with the key of the stack file, if there is one.
async fn encrypt(aws: &Aws, group: &LogGroup, context: &Context<'_>) -> Result<(), ProviderError> {
    let Some(key) = &group.kms_key else { return Ok(()) };
    let request = || aws.logs.associate_kms_key().log_group_name(&group.name).kms_key_id(key);
    let send = || aws.call(Service::Logs, "logs:AssociateKmsKey", || request().send());
    unless_conflict(context, send).await.map(|_| ())
}

/// Sets how long events stay.
async fn keep(aws: &Aws, group: &LogGroup, context: &Context<'_>) -> Result<(), ProviderError> {
    let reason = "until CloudWatch knows the new log group";
    let name = &group.name;
    if let Some(days) = group.retention_days.and_then(|days| i32::try_from(days).ok()) {
        let request = || aws.logs.put_retention_policy().log_group_name(name).retention_in_days(days);
        let send = || aws.call(Service::Logs, "logs:PutRetentionPolicy", || request().send());
        until_visible(context, reason, send).await.map(|_| ())
    } else {
        let request = || aws.logs.delete_retention_policy().log_group_name(name);
        let send = || aws.call(Service::Logs, "logs:DeleteRetentionPolicy", || request().send());
        until_visible(context, reason, send).await.map(|_| ())
    }
}

pub(super) async fn tags_of(aws: &Aws, arn: &str) -> Result<BTreeMap<String, String>, ProviderError> {
    let request = aws.logs.list_tags_for_resource().resource_arn(arn);
    let found = gone_is_fine(aws.call(Service::Logs, "logs:ListTagsForResource", || request.clone().send()).await)?;
    Ok(found.and_then(|answer| answer.tags).unwrap_or_default().into_iter().collect())
}

/// The log groups of a stack's functions.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope, search: Search<'_>) -> Result<Vec<Observed>, ProviderError> {
    below(aws, scope, search, &FunctionNames::log_group_prefix(scope)).await
}

/// The log groups that collect events, all of them where anything leads to one. A run that is killed while it removes the last one
/// leaves nothing that does; then destroy finds it.
pub(super) async fn observe_collecting(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    observed: &[Observed],
) -> Result<Vec<Observed>, ProviderError> {
    let leads_there = |one: &Resource| match one {
        Resource::Target(target) => *target.leads() == Leads::LogGroup,
        Resource::LogPolicy(_) => true,
        Resource::MetricFilter(filter) => filter.log_group.starts_with(&LogGroup::collected_prefix(scope)),
        _ => false,
    };
    let is_led_to = observed.iter().map(|one| &one.resource).chain(search.desired.values()).any(leads_there);
    if !is_led_to && !search.is_thorough {
        return Ok(Vec::new());
    }
    below(aws, scope, search, &LogGroup::collected_prefix(scope)).await
}

async fn below(aws: &Aws, scope: &Scope, search: Search<'_>, prefix: &str) -> Result<Vec<Observed>, ProviderError> {
    let found = list(aws, Some(prefix), |_| ()).await?;
    let ours = found.into_iter().filter_map(|group| {
        let name = group.log_group_name()?.to_owned();
        Some((LogGroup::address_of_name(scope, &name)?, name, group))
    });
    let looks = ours.map(|(address, name, group)| async move {
        let arn = scope.log_group_arn(&name);
        let tags = tags_of(aws, &arn).await?;
        let is_marked = is_tagged(&tags, scope);
        let mut retention_days = group.retention_in_days.and_then(|days| u32::try_from(days).ok());
        if group.retention_policy_name.is_some()
            && let Some(Resource::LogGroup(wanted)) = search.desired.get(&address)
        {
            // A policy of the account decides: not ours to fight.
            retention_days = wanted.retention_days;
        }
        let resource = Resource::LogGroup(LogGroup { address, name, retention_days, kms_key: group.kms_key_id, tags });
        Ok::<_, ProviderError>(Observed { resource, arn: Some(arn), is_marked })
    });
    futures_util::future::try_join_all(looks).await
}

/// Log groups whose names begin so, or all; `page` is told how many there are by now.
pub(super) async fn list(
    aws: &Aws,
    prefix: Option<&str>,
    page: impl Fn(usize),
) -> Result<Vec<SdkGroup>, ProviderError> {
    let mut groups = Vec::new();
    let mut token = None;
    loop {
        let request = aws.logs.describe_log_groups().set_next_token(token);
        let request = request.limit(50).set_log_group_name_prefix(prefix.map(str::to_owned));
        let answer = aws.call(Service::Logs, "logs:DescribeLogGroups", || request.clone().send()).await?;
        groups.extend(answer.log_groups.unwrap_or_default());
        page(groups.len());
        token = answer.next_token;
        if token.is_none() {
            return Ok(groups);
        }
    }
}

/// Whether a log group can have subscription filters.
pub(super) fn takes_filters(group: &SdkGroup) -> bool {
    group.log_group_class().is_none_or(|class| *class == LogGroupClass::Standard)
}
