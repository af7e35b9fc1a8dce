//! Resource policies of CloudWatch Logs. There are ten at most, so looking for one is one call.

use super::call::Service;
use super::wait::{gone_is_fine, unless_conflict};
use super::{Aws, Manage};
use crate::live::{Count, Observed};
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, Search};
use crate::resource::{LogPolicy, Policy, Resource};

/// The call that lists policies.
pub(super) const DESCRIBE: &str = "logs:DescribeResourcePolicies";

impl Manage for LogPolicy {
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let found = list(aws).await?.into_iter().find(|(name, _)| *name == self.name);
        Ok(found.map(|(name, document)| observed(scope, name, &document)))
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
        let request = || aws.logs.delete_resource_policy().policy_name(&self.name);
        let action = "logs:DeleteResourcePolicy";
        let sent = unless_conflict(context, || aws.call(Service::Logs, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

async fn put(aws: &Aws, policy: &LogPolicy, context: &Context<'_>) -> Result<(), ProviderError> {
    let document = policy.policy.to_json();
    let request = || aws.logs.put_resource_policy().policy_name(&policy.name).policy_document(&document);
    let send = || aws.call(Service::Logs, "logs:PutResourcePolicy", || request().send());
    unless_conflict(context, send).await.map(|_| ())
}

/// The policy of a stack, where it should have one, or has log groups that one is for, or is to be removed.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    has_log_groups: bool,
) -> Result<Vec<Observed>, ProviderError> {
    let address = LogPolicy::address_in(scope);
    let is_expected = has_log_groups || search.desired.contains_key(&address);
    if !is_expected && !search.is_thorough {
        return Ok(Vec::new());
    }
    let found = match list(aws).await {
        // Nothing says that there is one, so that no one may look is no reason to stop.
        Err(error) if !is_expected && error.kind == ErrorKind::Denied => Vec::new(),
        found => found?,
    };
    let name = LogPolicy::name_in(scope);
    let ours = found.into_iter().filter(|(found, _)| *found == name);
    Ok(ours.map(|(name, document)| observed(scope, name, &document)).collect())
}

/// How many the account has in the region, those of others among them.
pub(super) async fn count(aws: &Aws) -> Result<Count, ProviderError> {
    Ok(Count::Known { number: list(aws).await?.len(), quota: None })
}

fn observed(scope: &Scope, name: String, document: &str) -> Observed {
    let policy = LogPolicy { address: LogPolicy::address_in(scope), name, policy: Policy::parse(document) };
    Observed { resource: Resource::LogPolicy(policy), arn: None, is_marked: true }
}

/// The names and documents of all policies.
async fn list(aws: &Aws) -> Result<Vec<(String, String)>, ProviderError> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let request = aws.logs.describe_resource_policies().set_next_token(token);
        let page = aws.call(Service::Logs, DESCRIBE, || request.clone().send()).await?;
        let read = |one: aws_sdk_cloudwatchlogs::types::ResourcePolicy| {
            Some((one.policy_name?, one.policy_document.unwrap_or_default()))
        };
        all.extend(page.resource_policies.unwrap_or_default().into_iter().filter_map(read));
        token = page.next_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}
