//! CloudWatch Logs metric filters: on the log groups of the stack file, and by the metrics that alarms of ours watch.

use std::collections::{BTreeMap, BTreeSet};

pub(super) use aws_sdk_cloudwatchlogs::types::MetricFilter as SdkFilter;
use aws_sdk_cloudwatchlogs::types::{MetricTransformation, StandardUnit};
use futures_util::future::{try_join, try_join_all};

use super::call::Service;
use super::wait::{gone_is_fine, unless_conflict};
use super::{Aws, Manage};
use crate::live::{FilterPlaces, Holder, Observed};
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, Search, SearchProgress};
use crate::resource::{Address, Alarm, Kind, MAX_METRIC_FILTERS, Metric, MetricFilter, Resource};

const PUT: &str = "logs:PutMetricFilter";
const DESCRIBE: &str = "logs:DescribeMetricFilters";
/// Why a search takes long.
const MISSING: &str = "reading all metric filters, because a stack's alarm has no metric filter where it should be";
/// The same without a stack file.
const NO_FILE: &str = "reading all metric filters, because no stack file says where the stack's metric filters are";

impl Manage for MetricFilter {
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let look = describe(aws, Which::On(&self.log_group), |_| ());
        let filters = aws.recent.metric_filters.get(&self.log_group, look).await?;
        let found = filters.iter().flatten().find(|one| one.filter_name() == Some(&self.name));
        let observed = |filter| Observed { resource: Resource::MetricFilter(filter), arn: None, is_marked: true };
        Ok(found.and_then(|found| self::observed(scope, found)).map(observed))
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
        let request = || aws.logs.delete_metric_filter().log_group_name(&self.log_group).filter_name(&self.name);
        let action = "logs:DeleteMetricFilter";
        let sent = unless_conflict(context, || aws.call(Service::Logs, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// Makes or replaces the filter: everything is always sent, and what is not sent goes away.
async fn put(aws: &Aws, filter: &MetricFilter, context: &Context<'_>) -> Result<(), ProviderError> {
    let metric = MetricTransformation::builder()
        .metric_namespace(&filter.metric.namespace)
        .metric_name(&filter.metric.name)
        .metric_value(&filter.value)
        .set_default_value(filter.default_value)
        .build()
        .map_err(|error| ProviderError::new(PUT, ErrorKind::Other, error.to_string()))?;
    let request = || {
        aws.logs
            .put_metric_filter()
            .log_group_name(&filter.log_group)
            .filter_name(&filter.name)
            .filter_pattern(&filter.pattern)
            .apply_on_transformed_logs(filter.on_transformed)
            .metric_transformations(metric.clone())
    };
    let sent = unless_conflict(context, || aws.call(Service::Logs, PUT, || request().send())).await;
    sent.map(|_| ()).map_err(|error| explained(error, &filter.log_group))
}

/// What changed after the plan was made, and the fix.
fn explained(error: ProviderError, group: &str) -> ProviderError {
    match error.kind {
        ErrorKind::Absent => error.hint(format!(
            "the log group `{group}` does not exist in this account and region: correct its name in the stack file, \
            or create it first"
        )),
        ErrorKind::Quota => error.hint(format!(
            "a log group can have {MAX_METRIC_FILTERS} metric filters and five regular expressions: remove filters of \
            `{group}` that are not needed"
        )),
        _ => error,
    }
}

/// Which filters are asked for.
#[derive(Clone, Copy)]
enum Which<'a> {
    /// Those on a log group.
    On(&'a str),
    /// Those that write to a metric.
    To(&'a Metric),
    /// All of the region.
    All,
}

/// Asks for filters, all pages; `None` when there is no such log group. `page` is told how many there are by now.
async fn describe(aws: &Aws, which: Which<'_>, page: impl Fn(usize)) -> Result<Option<Vec<SdkFilter>>, ProviderError> {
    let mut filters = Vec::new();
    let mut token = None;
    loop {
        let request = aws.logs.describe_metric_filters().set_next_token(token);
        let request = match which {
            Which::On(group) => request.log_group_name(group),
            Which::To(metric) => request.metric_namespace(&metric.namespace).metric_name(&metric.name),
            Which::All => request,
        };
        let Some(answer) = gone_is_fine(aws.call(Service::Logs, DESCRIBE, || request.clone().send()).await)? else {
            return Ok(None);
        };
        filters.extend(answer.metric_filters.unwrap_or_default());
        page(filters.len());
        token = answer.next_token;
        if token.is_none() {
            return Ok(Some(filters));
        }
    }
}

/// The filters under our names, by address: one that the stack file and an alarm lead to is seen twice.
#[derive(Default)]
struct Seen(BTreeMap<Address, MetricFilter>);

impl Seen {
    fn add(&mut self, scope: &Scope, filters: &[SdkFilter]) {
        let ours = filters.iter().filter_map(|one| observed(scope, one));
        self.0.extend(ours.map(|one| (one.address.clone(), one)));
    }

    fn observed(self) -> Vec<Observed> {
        let observed = |filter| Observed { resource: Resource::MetricFilter(filter), arn: None, is_marked: true };
        self.0.into_values().map(observed).collect()
    }

    fn lacks_one_of(&self, alarms: &[&Alarm]) -> bool {
        let has_filter = |alarm: &&Alarm| self.0.values().any(|filter| filter.is_of(&alarm.address));
        !alarms.iter().all(has_filter)
    }
}

/// What was found of alarms and metric filters.
pub(super) struct Metrics {
    pub(super) observed: Vec<Observed>,
    pub(super) places: FilterPlaces,
    /// Every filter of the region was looked at.
    pub(super) is_complete: bool,
}

/// The filters under our names that the stack file or an alarm of ours leads to, and who holds the places of the log
/// groups that the stack file names.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
    alarms: &[Observed],
) -> Result<Metrics, ProviderError> {
    let ours = alarms.iter().filter(|one| one.is_marked).filter_map(alarm);
    let ours: Vec<&Alarm> = ours.filter(|alarm| alarm.is_counted_into()).collect();
    let metrics: BTreeSet<&Metric> = ours.iter().map(|alarm| &alarm.metric).filter(|one| is_countable(one)).collect();
    let groups: BTreeSet<&str> = search.log_groups(Kind::MetricFilter).collect();
    let to_metrics = try_join_all(metrics.iter().map(|metric| describe(aws, Which::To(metric), |_| ())));
    let on_groups = try_join_all(groups.iter().map(|group| describe(aws, Which::On(group), |_| ())));
    let (to_metrics, on_groups) = try_join(to_metrics, on_groups).await?;
    let (mut seen, mut places) = (Seen::default(), FilterPlaces::new());
    to_metrics.iter().flatten().for_each(|filters| seen.add(scope, filters));
    for (group, filters) in groups.iter().zip(on_groups) {
        seen.add(scope, filters.as_deref().unwrap_or_default());
        let holders = filters.map(|filters| filters.iter().map(holder).collect());
        places.insert((Kind::MetricFilter, (*group).to_owned()), holders);
    }
    let is_complete = seen.lacks_one_of(&ours);
    if is_complete {
        // Someone changed the metric of one of the two, or a run was interrupted between them.
        seen.add(scope, &list_all(aws, search, MISSING).await?);
    }
    Ok(Metrics { observed: seen.observed(), places, is_complete })
}

/// The filters under our names among all of the region.
pub(super) async fn search_all(aws: &Aws, scope: &Scope, search: Search<'_>) -> Result<Vec<Observed>, ProviderError> {
    let mut seen = Seen::default();
    seen.add(scope, &list_all(aws, search, NO_FILE).await?);
    Ok(seen.observed())
}

/// Whether a filter can write to a metric: asking for others is refused, and an alarm may have been led to any.
fn is_countable(metric: &Metric) -> bool {
    [&metric.namespace, &metric.name].iter().all(|name| !name.is_empty() && !name.contains([':', '*', '$']))
}

fn alarm(observed: &Observed) -> Option<&Alarm> {
    match &observed.resource {
        Resource::Alarm(alarm) => Some(alarm),
        _ => None,
    }
}

/// Every metric filter of the region, telling why and how far it is.
async fn list_all(aws: &Aws, search: Search<'_>, why: &str) -> Result<Vec<SdkFilter>, ProviderError> {
    let tell = |done| (search.progress)(SearchProgress { what: why.to_owned(), done, total: done });
    tell(0);
    Ok(describe(aws, Which::All, tell).await?.unwrap_or_default())
}

fn holder(found: &SdkFilter) -> Holder {
    let metric = found.metric_transformations().first();
    let leads_to = metric.map(|one| format!("{}/{}", one.metric_namespace(), one.metric_name()));
    Holder { name: found.filter_name().unwrap_or_default().to_owned(), leads_to: leads_to.unwrap_or_default() }
}

/// A filter under a name of ours, which is its mark.
fn observed(scope: &Scope, found: &SdkFilter) -> Option<MetricFilter> {
    let name = found.filter_name.clone()?;
    let group = found.log_group_name.clone()?;
    let id = MetricFilter::id_of(scope, &name)?;
    let metric = found.metric_transformations().first();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some(MetricFilter {
        address: MetricFilter::address_of(scope, &id, &group),
        log_group: group,
        pattern: text(found.filter_pattern()),
        metric: Metric {
            namespace: text(metric.map(MetricTransformation::metric_namespace)),
            name: text(metric.map(MetricTransformation::metric_name)),
        },
        value: text(metric.map(MetricTransformation::metric_value)),
        default_value: metric.and_then(MetricTransformation::default_value),
        on_transformed: found.apply_on_transformed_logs(),
        extra: extra(found),
        name,
    })
}

/// Choices that trailbell does not make.
fn extra(found: &SdkFilter) -> Option<String> {
    let metric = found.metric_transformations().first();
    let mut dimensions: Vec<String> = metric
        .and_then(MetricTransformation::dimensions)
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    dimensions.sort_unstable();
    let unit = metric.and_then(MetricTransformation::unit).map(StandardUnit::as_str).filter(|unit| *unit != "None");
    let criteria = found.field_selection_criteria().map(str::to_owned);
    let fields = found.emit_system_field_dimensions().join(", ");
    let all = [Some(dimensions.join(", ")), unit.map(str::to_owned), criteria, Some(fields)];
    let all: Vec<String> = all.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
