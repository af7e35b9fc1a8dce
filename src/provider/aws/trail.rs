//! CloudTrail trails, to tell whether one records what an alert waits for. Changes nothing.

use aws_config::Region;
use aws_sdk_cloudtrail::config::Config;
use aws_sdk_cloudtrail::types;

use super::Aws;
use super::call::Service;
use crate::cloudtrail::trail::{FieldSelector, Trail, TrailSelector};
use crate::provider::{ErrorKind, ProviderError};

/// The trails of the region, with the shadows of those of other regions and of the organization.
pub(super) async fn all(aws: &Aws) -> Result<Vec<Trail>, ProviderError> {
    let request = aws.cloudtrail.describe_trails().include_shadow_trails(true);
    let answer = aws.call(Service::CloudTrail, "cloudtrail:DescribeTrails", || request.clone().send()).await?;
    let mut trails = Vec::new();
    for one in answer.trail_list.unwrap_or_default() {
        let arn = one.trail_arn.unwrap_or_default();
        let home_region = one.home_region.unwrap_or_default();
        trails.push(Trail {
            is_logging: told(is_logging(aws, &arn, &home_region).await)?,
            selectors: told(selectors(aws, &arn, &home_region).await)?,
            is_multi_region: one.is_multi_region_trail.unwrap_or_default(),
            has_global_services: one.include_global_service_events.unwrap_or_default(),
            log_group_arn: one.cloud_watch_logs_log_group_arn.filter(|arn| !arn.is_empty()),
            arn,
            home_region,
        });
    }
    Ok(trails)
}

/// A member account may see the organization's trail and not be allowed to ask about it: then that is not known.
fn told<T>(answer: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::Absent | ErrorKind::Other) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A trail is asked about where it was created: elsewhere there is only its shadow.
fn at_home(region: &str) -> aws_sdk_cloudtrail::config::Builder {
    Config::builder().region(Region::new(region.to_owned()))
}

async fn is_logging(aws: &Aws, arn: &str, region: &str) -> Result<bool, ProviderError> {
    let send = || aws.cloudtrail.get_trail_status().name(arn).customize().config_override(at_home(region)).send();
    let answer = aws.call(Service::CloudTrail, "cloudtrail:GetTrailStatus", send).await?;
    Ok(answer.is_logging.unwrap_or_default())
}

async fn selectors(aws: &Aws, arn: &str, region: &str) -> Result<Vec<TrailSelector>, ProviderError> {
    let request = || aws.cloudtrail.get_event_selectors().trail_name(arn).customize();
    let send = || request().config_override(at_home(region)).send();
    let answer = aws.call(Service::CloudTrail, "cloudtrail:GetEventSelectors", send).await?;
    let basic = answer.event_selectors.unwrap_or_default().into_iter().map(basic);
    let advanced = answer.advanced_event_selectors.unwrap_or_default().into_iter().map(advanced);
    Ok(basic.chain(advanced).collect())
}

fn basic(one: types::EventSelector) -> TrailSelector {
    // CloudTrail's default is all management events.
    let resources = one.data_resources.unwrap_or_default();
    let (all, some): (Vec<_>, Vec<_>) = resources.into_iter().partition(is_of_all);
    let types = |resources: Vec<types::DataResource>| resources.into_iter().filter_map(|one| one.r#type).collect();
    let kind = one.read_write_type.unwrap_or(types::ReadWriteType::All);
    TrailSelector::Basic {
        reads: kind != types::ReadWriteType::WriteOnly,
        writes: kind != types::ReadWriteType::ReadOnly,
        management: one.include_management_events.unwrap_or(true),
        excluded_sources: one.exclude_management_event_sources.unwrap_or_default(),
        data_types: types(all),
        partial_data_types: types(some),
    }
}

/// Whether it stands for all resources of its type: an ARN that ends with the service, such as `arn:aws:s3`. Source:
/// CloudTrail API reference, `DataResource`.
fn is_of_all(resource: &types::DataResource) -> bool {
    let is_short = |arn: &String| arn.trim_end_matches(':').split(':').count() == 3;
    resource.values.iter().flatten().any(is_short)
}

fn advanced(one: types::AdvancedEventSelector) -> TrailSelector {
    let field = |field: types::AdvancedFieldSelector| FieldSelector {
        field: field.field,
        equals: field.equals.unwrap_or_default(),
        starts_with: field.starts_with.unwrap_or_default(),
        ends_with: field.ends_with.unwrap_or_default(),
        not_equals: field.not_equals.unwrap_or_default(),
        not_starts_with: field.not_starts_with.unwrap_or_default(),
        not_ends_with: field.not_ends_with.unwrap_or_default(),
    };
    TrailSelector::Advanced(one.field_selectors.into_iter().map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_counts_as_recorded_when_all_of_its_resources_are() {
        let of = |arn: &str| types::DataResource::builder().r#type("AWS::S3::Object").values(arn).build();
        assert!(is_of_all(&of("arn:aws:s3")) && is_of_all(&of("arn:aws-cn:s3:::")));
        assert!(!is_of_all(&of("arn:aws:s3:::one-bucket/")));
        assert!(!is_of_all(&types::DataResource::builder().r#type("AWS::S3::Object").build()));
    }
}
