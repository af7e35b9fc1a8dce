//! Sums of a metric over the last day and the last 30 days, in one call.

use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Datapoint, Dimension, Statistic};

use super::Aws;
use super::call::Service;
use crate::provider::{ProviderError, Sums};
use crate::resource::Series;

const ACTION: &str = "cloudwatch:GetMetricStatistics";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// 720 hours: a call gives up to 1,440 data points, and CloudWatch keeps those of an hour for 455 days.
const MONTH: Duration = Duration::from_hours(30 * 24);

/// What the values add up to.
pub(super) async fn sums(aws: &Aws, series: &Series) -> Result<Sums, ProviderError> {
    let now = SystemTime::now();
    let dimension = |(name, value): (&String, &String)| Dimension::builder().name(name).value(value).build();
    let request = aws
        .cloudwatch
        .get_metric_statistics()
        .namespace(&series.metric.namespace)
        .metric_name(&series.metric.name)
        .set_dimensions(Some(series.dimensions.iter().map(dimension).collect()))
        .start_time(DateTime::from(now - MONTH))
        .end_time(DateTime::from(now))
        .period(i32::try_from(HOUR.as_secs()).unwrap_or(i32::MAX))
        .statistics(Statistic::Sum);
    let answer = aws.call(Service::CloudWatch, ACTION, || request.clone().send()).await?;
    let points = answer.datapoints.unwrap_or_default();
    let since = DateTime::from(now - DAY);
    let is_of_day = |point: &&Datapoint| point.timestamp().is_some_and(|time| *time >= since);
    let last =
        points.iter().filter(|point| point.sum().is_some_and(|sum| sum > 0.0)).filter_map(Datapoint::timestamp).max();
    let last_ms = last.and_then(|time| time.to_millis().ok());
    Ok(Sums { last_ms, day: total(points.iter().filter(is_of_day)), month: total(points.iter()) })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are whole and not negative")]
fn total<'p>(points: impl Iterator<Item = &'p Datapoint>) -> u64 {
    points.filter_map(Datapoint::sum).sum::<f64>().max(0.0).round() as u64
}
