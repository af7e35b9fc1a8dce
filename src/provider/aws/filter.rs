//! CloudWatch subscription filters: on the log groups that a function's policy names, or, when it is gone or someone
//! changed it, on any.

use aws_sdk_cloudwatchlogs::types::Distribution;
pub(super) use aws_sdk_cloudwatchlogs::types::SubscriptionFilter as SdkFilter;

use super::call::Service;
use super::log_group::{list, takes_filters};
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted};
use super::{Aws, Manage};
use crate::live::{Holder, Observed};
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, Search, SearchProgress};
use crate::resource::{Arn, MAX_FILTERS, Resource, SubscriptionFilter};

const PUT: &str = "logs:PutSubscriptionFilter";
const DESCRIBE: &str = "logs:DescribeSubscriptionFilters";
/// Why a search takes long.
const WHY: &str = "looking for filters on every log group, because no stack file and no function's policy names all of them for certain";

impl Manage for SubscriptionFilter {
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let filters = aws.recent.filters.get(&self.log_group, describe(aws, &self.log_group, None)).await?;
        let found = filters.iter().flatten().find(|one| one.filter_name() == Some(&self.name));
        Ok(found.and_then(|found| observed(scope, &self.log_group, found)))
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
        let request = || aws.logs.delete_subscription_filter().log_group_name(&self.log_group).filter_name(&self.name);
        let action = "logs:DeleteSubscriptionFilter";
        let sent = unless_conflict(context, || aws.call(Service::Logs, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// Makes or replaces the filter. CloudWatch calls the function at once, to try it, and refuses while it may not.
async fn put(aws: &Aws, filter: &SubscriptionFilter, context: &Context<'_>) -> Result<(), ProviderError> {
    let destination = context.resolve(&filter.destination, PUT)?;
    let send = || {
        let request = aws
            .logs
            .put_subscription_filter()
            .log_group_name(&filter.log_group)
            .filter_name(&filter.name)
            .filter_pattern(&filter.pattern)
            .destination_arn(&destination);
        aws.call(Service::Logs, PUT, move || request.clone().send())
    };
    let sent = until_accepted(context, &CALLABLE, passes, send).await;
    match sent {
        Err(error) if error.kind == ErrorKind::Quota => Err(with_holders(aws, filter, error).await),
        other => other.map(|_| ()),
    }
}

const CALLABLE: Patience<'_> = Patience {
    reason: "until CloudWatch Logs is allowed to invoke the function",
    limit: wait::CALLABLE,
    diagnosis: "the function's policy must allow this log group (`trailbell plan` shows whether it does), the \
        function must be in this account and region, and no policy of the organization must deny logs.amazonaws.com",
};

fn passes(error: &ProviderError) -> bool {
    error.kind == ErrorKind::Conflict
        || ["Could not execute the lambda function", "Could not deliver test message"]
            .iter()
            .any(|text| error.message.contains(text))
}

/// Someone took the last place after the plan was made: says who holds them. Or it is something else that is used up.
async fn with_holders(aws: &Aws, filter: &SubscriptionFilter, error: ProviderError) -> ProviderError {
    let Ok(Some(found)) = describe(aws, &filter.log_group, None).await else { return error };
    let holders: Vec<Holder> = found.iter().map(holder).collect();
    error.hint(full(&filter.log_group, &holders))
}

/// CloudWatch has one code for two quotas of a log group: two filters, and five regular expressions in all its patterns.
fn full(group: &str, holders: &[Holder]) -> String {
    let held: Vec<String> = holders.iter().map(|one| format!("`{}` → {}", one.name, one.leads_to)).collect();
    if held.len() >= MAX_FILTERS {
        let held = held.join(" and ");
        return format!(
            "a log group can have two filters; those of `{group}` are {held}: remove one that is not needed"
        );
    }
    let held =
        if held.is_empty() { "there is no filter".to_owned() } else { format!("there is {}", held.join(" and ")) };
    format!(
        "a log group can have two subscription filters, and five regular expressions in the patterns of all its filters, \
        metric filters included; on `{group}` {held}: remove a filter or a regular expression that is not needed"
    )
}

/// The filters of a log group whose names begin so; `None` when there is no such log group.
async fn describe(aws: &Aws, group: &str, prefix: Option<&str>) -> Result<Option<Vec<SdkFilter>>, ProviderError> {
    let mut filters = Vec::new();
    let mut token = None;
    loop {
        let request = aws.logs.describe_subscription_filters().log_group_name(group).set_next_token(token);
        let request = request.set_filter_name_prefix(prefix.map(str::to_owned));
        let Some(page) = gone_is_fine(aws.call(Service::Logs, DESCRIBE, || request.clone().send()).await)? else {
            return Ok(None);
        };
        filters.extend(page.subscription_filters.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(Some(filters));
        }
    }
}

/// What is on a log group: filters under our names, and who holds the places.
pub(super) async fn observe(
    aws: &Aws,
    scope: &Scope,
    group: &str,
) -> Result<(Vec<Observed>, Option<Vec<Holder>>), ProviderError> {
    let Some(found) = describe(aws, group, None).await? else { return Ok((Vec::new(), None)) };
    let holders = found.iter().map(holder).collect();
    Ok((found.iter().filter_map(|one| observed(scope, group, one)).collect(), Some(holders)))
}

/// Looks at every log group but those already looked at, at CloudWatch's pace, telling how far it is.
pub(super) async fn search_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    is_known: impl Fn(&str) -> bool,
) -> Result<Vec<Observed>, ProviderError> {
    let tell = |done, total| (search.progress)(SearchProgress { what: WHY.to_owned(), done, total });
    tell(0, 0);
    let groups = list(aws, None, |total| tell(0, total)).await?;
    let names: Vec<&str> =
        groups.iter().filter(|group| takes_filters(group)).filter_map(|group| group.log_group_name()).collect();
    let mut observed = Vec::new();
    for (at, name) in names.iter().enumerate() {
        tell(at, names.len());
        if is_known(name) {
            continue;
        }
        let found = describe(aws, name, Some(&scope.prefix())).await?.unwrap_or_default();
        observed.extend(found.iter().filter_map(|one| self::observed(scope, name, one)));
    }
    tell(names.len(), names.len());
    Ok(observed)
}

fn holder(found: &SdkFilter) -> Holder {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Holder { name: text(found.filter_name()), leads_to: text(found.destination_arn()) }
}

/// A filter under a name of ours. Not every implementation honors a prefix.
fn observed(scope: &Scope, group: &str, found: &SdkFilter) -> Option<Observed> {
    let name = found.filter_name.clone()?;
    let id = SubscriptionFilter::id_of(scope, &name)?;
    let filter = SubscriptionFilter {
        address: SubscriptionFilter::address_of(scope, id, group),
        log_group: group.to_owned(),
        pattern: found.filter_pattern.clone().unwrap_or_default(),
        destination: Arn::Known(found.destination_arn.clone().unwrap_or_default()),
        role_arn: found.role_arn.clone().filter(|arn| !arn.is_empty()),
        on_transformed: found.apply_on_transformed_logs,
        extra: extra(found),
        name,
    };
    let is_marked = filter.leads_home(scope);
    Some(Observed { resource: Resource::SubscriptionFilter(filter), arn: None, is_marked })
}

/// Choices that trailbell does not make.
fn extra(found: &SdkFilter) -> Option<String> {
    let criteria = found.field_selection_criteria.clone().filter(|text| !text.is_empty());
    let fields = Some(found.emit_system_fields().join(", ")).filter(|text| !text.is_empty());
    let distribution = found.distribution.as_ref().filter(|one| **one == Distribution::Random);
    let all: Vec<String> =
        [criteria, fields, distribution.map(|one| one.as_str().to_owned())].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_explained_by_what_is_there() {
        let holder = |name: &str| Holder { name: name.to_owned(), leads_to: "arn:theirs".to_owned() };
        let both = full("/theirs", &[holder("one"), holder("two")]);
        assert!(both.contains("are `one` → arn:theirs and `two` → arn:theirs"), "{both}");
        assert!(!both.contains("regular expressions"), "{both}");
        for (holders, expected) in
            [(vec![holder("one")], "there is `one` → arn:theirs"), (vec![], "there is no filter")]
        {
            let fewer = full("/theirs", &holders);
            assert!(
                fewer.contains("two subscription filters") && fewer.contains("five regular expressions"),
                "{fewer}"
            );
            assert!(fewer.contains(expected), "{fewer}");
        }
    }

    #[test]
    fn cloudwatch_gets_as_long_as_terraform_gives_it() {
        assert_eq!(CALLABLE.limit, std::time::Duration::from_mins(5));
    }
}
