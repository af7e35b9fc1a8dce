//! The stack's own event bus: its policy and its key are part of it, because others could set them.

use super::call::Service;
use super::error::unmanaged;
use super::read::Observations;
use super::rule::{self, sdk_tags};
use super::wait::{gone_is_fine, unless_conflict};
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::{RELAY, Scope};
use crate::provider::{Context, ErrorKind, ProviderError};
use crate::resource::mark::is_tagged;
use crate::resource::{EventBus, Policy, Resource};

const CREATE: &str = "events:CreateEventBus";
/// The call that lists buses.
pub(super) const LIST: &str = "events:ListEventBuses";

impl Manage for EventBus {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope).await
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let tags = sdk_tags(&self.tags, CREATE)?;
        let send = || {
            let request = aws.events.create_event_bus().name(&self.name).set_tags(Some(tags.clone()));
            aws.call(Service::Events, CREATE, move || request.clone().send())
        };
        match unless_conflict(context, send).await {
            Err(error) if error.kind == ErrorKind::Exists => {
                match observe(aws, scope).await? {
                    // An earlier attempt of ours whose answer was lost.
                    Some(Observed { resource: Resource::EventBus(found), is_marked: true, arn }) => {
                        self.update(&found, aws, scope, context).await.map(|()| arn)
                    }
                    _ => Err(unmanaged(error)),
                }
            }
            created => Ok(created?.event_bus_arn),
        }
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        if live.policy.is_some() && self.policy.is_none() {
            let request = || aws.events.remove_permission().event_bus_name(&self.name).remove_all_permissions(true);
            let action = "events:RemovePermission";
            let sent = unless_conflict(context, || aws.call(Service::Events, action, || request().send())).await;
            gone_is_fine(sent)?;
        }
        if live.kms_key != self.kms_key {
            // An empty text is AWS's own key.
            let key = self.kms_key.clone().unwrap_or_default();
            let request = || aws.events.update_event_bus().name(&self.name).kms_key_identifier(&key);
            let action = "events:UpdateEventBus";
            unless_conflict(context, || aws.call(Service::Events, action, || request().send())).await?;
        }
        if live.tags != self.tags {
            let arn = scope.events_arn(&format!("event-bus/{}", self.name));
            let tags = sdk_tags(&self.tags, "events:TagResource")?;
            let request = || aws.events.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone()));
            unless_conflict(context, || aws.call(Service::Events, "events:TagResource", || request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.events.delete_event_bus().name(&self.name);
        let action = "events:DeleteEventBus";
        let sent = unless_conflict(context, || aws.call(Service::Events, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// The stack's bus as it is. Its name is known, so it is looked up by name.
async fn observe(aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
    let name = scope.relay_bus();
    let arn = scope.events_arn(&format!("event-bus/{name}"));
    let request = aws.events.describe_event_bus().name(&name);
    let described =
        gone_is_fine(aws.call(Service::Events, "events:DescribeEventBus", || request.clone().send()).await)?;
    let Some(found) = described else { return Ok(None) };
    let request = aws.events.list_tags_for_resource().resource_arn(&arn);
    let listed =
        gone_is_fine(aws.call(Service::Events, "events:ListTagsForResource", || request.clone().send()).await)?;
    let pairs = listed.and_then(|page| page.tags).unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
    let tags = pairs.collect();
    let is_marked = is_tagged(&tags, scope);
    let bus = EventBus {
        address: EventBus::address_in(scope.region(), RELAY),
        name,
        policy: found.policy.filter(|text| !text.is_empty()).map(|text| Policy::parse(&text)),
        kms_key: found.kms_key_identifier.filter(|key| !key.is_empty()),
        tags,
    };
    let arn = found.arn.unwrap_or(arn);
    Ok(Some(Observed { resource: Resource::EventBus(bus), arn: Some(arn), is_marked }))
}

/// The names of the region's buses that begin so, or of all, the default one among them.
pub(super) async fn names(aws: &Aws, prefix: Option<&str>) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request = aws.events.list_event_buses().set_name_prefix(prefix.map(str::to_owned)).limit(100);
        let request = request.set_next_token(token);
        let page = aws.call(Service::Events, LIST, || request.clone().send()).await?;
        names.extend(page.event_buses.unwrap_or_default().into_iter().filter_map(|one| one.name));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

/// The stack's bus with the rules on it.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<Observations, ProviderError> {
    let Some(bus) = observe(aws, scope).await? else { return Ok(Observations::default()) };
    let rules = rule::observe_on(aws, scope, bus.resource.address(), bus.resource.name()).await?;
    Ok(Observations::from(vec![bus]).and(rules))
}
