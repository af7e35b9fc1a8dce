//! CloudWatch alarms on one metric. What bears our name and is no such alarm is someone else's.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, CompositeAlarm, Dimension, EvaluationWindow, MetricAlarm, Statistic, Tag,
    WarmUpConfiguration,
};

use super::call::Service;
use super::wait::{gone_is_fine, unless_conflict, until_visible};
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::Scope;
use crate::provider::{Context, ProviderError};
use crate::resource::mark::{is_marked, is_tagged};
use crate::resource::{Address, Alarm, Id, Metric, Resource};

const PUT: &str = "cloudwatch:PutMetricAlarm";
const TAG: &str = "cloudwatch:TagResource";
/// As many as CloudWatch gives at once.
const PAGE: i32 = 100;
/// What CloudWatch does about periods without data when nothing is set.
const DEFAULT_MISSING_DATA: &str = "missing";

impl Manage for Alarm {
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let all = aws.recent.alarms.get("", list(aws, scope)).await?;
        let (alarms, composites) = &*all;
        if let Some(found) = alarms.iter().find(|one| one.alarm_name() == Some(&self.name)) {
            return observe(aws, scope, self.address.clone(), found.clone()).await.map(Some);
        }
        let composite = composites.iter().find(|one| one.alarm_name() == Some(&self.name));
        Ok(composite.and_then(|one| stranger(scope, one)))
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        unless_conflict(context, || put(aws, self, Some(tags(self)))).await?;
        Ok(Some(scope.alarm_arn(&self.name)))
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let untagged = |alarm: &Self| Self { tags: self.tags.clone(), ..alarm.clone() };
        if untagged(live) != untagged(self) {
            // Tags given on an update are ignored by AWS.
            unless_conflict(context, || put(aws, self, None)).await?;
        }
        if live.tags != self.tags {
            let arn = scope.alarm_arn(&self.name);
            let request = || aws.cloudwatch.tag_resource().resource_arn(&arn).set_tags(Some(tags(self)));
            let send = || aws.call(Service::CloudWatch, TAG, || request().send());
            until_visible(context, "until CloudWatch knows the alarm", send).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.cloudwatch.delete_alarms().alarm_names(&self.name);
        let action = "cloudwatch:DeleteAlarms";
        let sent = unless_conflict(context, || aws.call(Service::CloudWatch, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// `PutMetricAlarm` replaces the whole alarm, so everything is always sent, and what is not sent goes away.
async fn put(aws: &Aws, alarm: &Alarm, tags: Option<Vec<Tag>>) -> Result<(), ProviderError> {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let dimension = |(name, value): (&String, &String)| Dimension::builder().name(name).value(value).build();
    let dimensions = alarm.dimensions.iter().map(dimension).collect();
    let request = aws
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(&alarm.name)
        .alarm_description(&alarm.description)
        .namespace(&alarm.metric.namespace)
        .metric_name(&alarm.metric.name)
        .set_dimensions(Some(dimensions).filter(|all: &Vec<Dimension>| !all.is_empty()))
        .statistic(Statistic::from(alarm.statistic.as_str()))
        .period(number(alarm.period_seconds))
        .evaluation_periods(number(alarm.evaluation_periods))
        .threshold(alarm.threshold)
        .comparison_operator(ComparisonOperator::from(alarm.comparison.as_str()))
        .treat_missing_data(&alarm.missing_data)
        .actions_enabled(alarm.is_enabled)
        .set_alarm_actions(Some(alarm.actions.clone()).filter(|actions| !actions.is_empty()))
        .set_tags(tags);
    aws.call(Service::CloudWatch, PUT, || request.clone().send()).await.map(|_| ())
}

fn tags(alarm: &Alarm) -> Vec<Tag> {
    alarm.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Every alarm under the names of a stack.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<Vec<Observed>, ProviderError> {
    let (alarms, composites) = list(aws, scope).await?;
    let looks = alarms.into_iter().filter_map(|alarm| {
        let address = address_of(scope, alarm.alarm_name()?)?;
        Some(observe(aws, scope, address, alarm))
    });
    let mut observed = futures_util::future::try_join_all(looks).await?;
    observed.extend(composites.iter().filter_map(|one| stranger(scope, one)));
    Ok(observed)
}

/// Alarms on metrics, and alarms on other alarms.
pub(super) type List = (Vec<MetricAlarm>, Vec<CompositeAlarm>);

async fn list(aws: &Aws, scope: &Scope) -> Result<List, ProviderError> {
    let (mut alarms, mut composites) = (Vec::new(), Vec::new());
    let mut token = None;
    loop {
        let request = aws
            .cloudwatch
            .describe_alarms()
            .alarm_name_prefix(scope.prefix())
            // Without types, only alarms on metrics come.
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(PAGE)
            .set_next_token(token);
        let page = aws.call(Service::CloudWatch, "cloudwatch:DescribeAlarms", || request.clone().send()).await?;
        alarms.extend(page.metric_alarms.unwrap_or_default());
        composites.extend(page.composite_alarms.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok((alarms, composites));
        }
    }
}

fn address_of(scope: &Scope, name: &str) -> Option<Address> {
    Some(Address::new(scope.region(), Id::Alarm(Alarm::id_of(scope, name)?)))
}

async fn observe(aws: &Aws, scope: &Scope, address: Address, found: MetricAlarm) -> Result<Observed, ProviderError> {
    let name = found.alarm_name.clone().unwrap_or_default();
    let arn = found.alarm_arn.clone().unwrap_or_else(|| scope.alarm_arn(&name));
    // One that computes is not of the form that trailbell makes, whatever it says.
    let is_plain = found.metrics().is_empty() && found.threshold_metric_id().is_none() && found.metric_name().is_some();
    let tags = if is_plain { tags_of(aws, &arn).await? } else { BTreeMap::new() };
    let alarm = read(address, name, &found, tags);
    let is_marked = is_plain && (is_tagged(&alarm.tags, scope) || is_marked(&alarm.description, scope));
    Ok(Observed { resource: Resource::Alarm(alarm), arn: Some(arn), is_marked })
}

async fn tags_of(aws: &Aws, arn: &str) -> Result<BTreeMap<String, String>, ProviderError> {
    let request = aws.cloudwatch.list_tags_for_resource().resource_arn(arn);
    let action = "cloudwatch:ListTagsForResource";
    let found = gone_is_fine(aws.call(Service::CloudWatch, action, || request.clone().send()).await)?;
    let tags = found.and_then(|answer| answer.tags).unwrap_or_default().into_iter();
    Ok(tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect())
}

fn read(address: Address, name: String, found: &MetricAlarm, tags: BTreeMap<String, String>) -> Alarm {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let dimension = |one: &Dimension| (text(one.name()), text(one.value()));
    let number = |number: Option<i32>| number.and_then(|one| u32::try_from(one).ok()).unwrap_or_default();
    Alarm {
        address,
        name,
        description: text(found.alarm_description()),
        metric: Metric { namespace: text(found.namespace()), name: text(found.metric_name()) },
        dimensions: found.dimensions().iter().map(dimension).collect(),
        statistic: text(found.statistic().map(Statistic::as_str)),
        period_seconds: number(found.period()),
        evaluation_periods: number(found.evaluation_periods()),
        threshold: found.threshold().unwrap_or_default(),
        comparison: text(found.comparison_operator().map(ComparisonOperator::as_str)),
        missing_data: found.treat_missing_data().unwrap_or(DEFAULT_MISSING_DATA).to_owned(),
        actions: found.alarm_actions().to_vec(),
        is_enabled: found.actions_enabled().unwrap_or(true),
        extra: extra(found),
        tags,
    }
}

/// Choices that trailbell does not make.
fn extra(found: &MetricAlarm) -> Option<String> {
    let named =
        |what: &str, text: Option<String>| text.filter(|one| !one.is_empty()).map(|one| format!("{what} {one}"));
    // As many as are looked at is what it means when nothing is set.
    let datapoints = found.datapoints_to_alarm().filter(|number| Some(*number) != found.evaluation_periods());
    let warm_up = found.warm_up_configuration().and_then(WarmUpConfiguration::warm_up_period_duration_in_minutes);
    let warm_up = warm_up.filter(|minutes| *minutes > 0);
    // A window slides when nothing is set.
    let is_by_the_clock = found.evaluation_window().is_some_and(EvaluationWindow::is_wall_clock_window);
    let all = [
        named("unit", found.unit().map(|unit| unit.as_str().to_owned())),
        named("statistic", found.extended_statistic().map(str::to_owned)),
        named("datapoints", datapoints.map(|number| number.to_string())),
        named("when OK:", Some(found.ok_actions().join(", "))),
        named("without data:", Some(found.insufficient_data_actions().join(", "))),
        named("warm-up in minutes", warm_up.map(|minutes| minutes.to_string())),
        named("window", is_by_the_clock.then(|| "by the clock".to_owned())),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// An alarm on other alarms under a name of ours.
fn stranger(scope: &Scope, found: &CompositeAlarm) -> Option<Observed> {
    let name = found.alarm_name()?;
    let unlike = MetricAlarm::builder().set_alarm_description(found.alarm_description.clone()).build();
    let alarm = read(address_of(scope, name)?, name.to_owned(), &unlike, BTreeMap::new());
    Some(Observed { resource: Resource::Alarm(alarm), arn: found.alarm_arn.clone(), is_marked: false })
}
