//! EventBridge API destinations.

use aws_sdk_eventbridge::types::ApiDestinationHttpMethod;

use super::call::Service;
use super::error::unmanaged;
use super::read::addressed;
use super::wait::{gone_is_fine, unless_conflict, until_visible};
use super::{Aws, Manage, event_bus};
use crate::compile::seal_endpoint;
use crate::live::{Observed, Obstacle};
use crate::name::{DEFAULT_BUS, Scope};
use crate::provider::{Context, ErrorKind, ProviderError, Search, secret_missing};
use crate::resource::mark::is_marked;
use crate::resource::{Address, ApiDestination, Arn, Id, Resource};
use crate::secret::Secret;

const CREATE: &str = "events:CreateApiDestination";
const UPDATE: &str = "events:UpdateApiDestination";
const DESCRIBE: &str = "events:DescribeApiDestination";
/// What AWS assumes when no rate is set.
const DEFAULT_RATE: u32 = 300;

impl Manage for ApiDestination {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope, &self.address, &self.name).await
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let endpoint = endpoint(self, CREATE)?.ok_or_else(|| secret_missing(CREATE, None))?;
        let connection = context.resolve(&self.connection, CREATE)?;
        let send = || {
            let request = aws
                .events
                .create_api_destination()
                .name(&self.name)
                .description(&self.description)
                .connection_arn(&connection)
                .invocation_endpoint(endpoint.expose())
                .http_method(ApiDestinationHttpMethod::from(self.method.as_str()))
                .invocation_rate_limit_per_second(rate(self));
            aws.call(Service::Events, CREATE, move || request.clone().send())
        };
        match until_visible(context, "until EventBridge sees the new connection", send).await {
            Err(error) if error.kind == ErrorKind::Exists => {
                match observe(aws, scope, &self.address, &self.name).await? {
                    // An earlier attempt of ours whose answer was lost.
                    Some(found) if found.is_marked => self.update(self, aws, scope, context).await.map(|()| found.arn),
                    _ => Err(unmanaged(error)),
                }
            }
            other => Ok(other?.api_destination_arn),
        }
    }

    async fn update(
        &self,
        _live: &Self,
        aws: &Aws,
        _scope: &Scope,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        let endpoint = endpoint(self, UPDATE)?;
        let connection = context.resolve(&self.connection, UPDATE)?;
        let send = || {
            let request = aws
                .events
                .update_api_destination()
                .name(&self.name)
                .description(&self.description)
                .connection_arn(&connection)
                .set_invocation_endpoint(endpoint.as_ref().map(|one| one.expose().to_owned()))
                .http_method(ApiDestinationHttpMethod::from(self.method.as_str()))
                .invocation_rate_limit_per_second(rate(self));
            aws.call(Service::Events, UPDATE, move || request.clone().send())
        };
        unless_conflict(context, send).await.map(|_| ())
    }

    // `UpdateApiDestination` keeps what is not given.
    async fn mark(&self, _found: &Self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.events.update_api_destination().name(&self.name).description(&self.description);
        unless_conflict(context, || aws.call(Service::Events, UPDATE, || request().send())).await.map(|_| ())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let action = "events:DeleteApiDestination";
        let send = || aws.call(Service::Events, action, || aws.events.delete_api_destination().name(&self.name).send());
        gone_is_fine(unless_conflict(context, send).await).map(|_| ())
    }
}

/// The address; `None` when it is not to be changed because it is not known.
fn endpoint(destination: &ApiDestination, action: &str) -> Result<Option<Secret>, ProviderError> {
    match (&destination.endpoint.value, &destination.endpoint.reference) {
        (Some(value), _) => Ok(Some(value.clone())),
        (None, Some(reference)) => Err(secret_missing(action, Some(reference))),
        (None, None) => Ok(None),
    }
}

fn rate(destination: &ApiDestination) -> i32 {
    i32::try_from(destination.rate_limit).unwrap_or(i32::MAX)
}

async fn observe(aws: &Aws, scope: &Scope, address: &Address, name: &str) -> Result<Option<Observed>, ProviderError> {
    let request = aws.events.describe_api_destination().name(name);
    let Some(found) = gone_is_fine(aws.call(Service::Events, DESCRIBE, || request.clone().send()).await)? else {
        return Ok(None);
    };
    let description = found.description.unwrap_or_default();
    let address_of_slack = found.invocation_endpoint.map(Secret::new);
    let destination = ApiDestination {
        address: address.clone(),
        name: name.to_owned(),
        connection: Arn::Known(found.connection_arn.unwrap_or_default()),
        endpoint: seal_endpoint(address_of_slack.as_ref(), &scope.fingerprint_context(name)),
        method: found.http_method.map(|method| method.to_string()).unwrap_or_default(),
        rate_limit: found
            .invocation_rate_limit_per_second
            .and_then(|rate| u32::try_from(rate).ok())
            .unwrap_or(DEFAULT_RATE),
        state: found.api_destination_state.map(|state| state.to_string()).unwrap_or_default(),
        description,
    };
    let is_marked = is_marked(&destination.description, scope);
    Ok(Some(Observed { resource: Resource::ApiDestination(destination), arn: found.api_destination_arn, is_marked }))
}

/// Every API destination under the names of a stack; before a removal with the rules of others that send there.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
) -> Result<(Vec<Observed>, Vec<Obstacle>), ProviderError> {
    let found = all(aws, scope).await?;
    if !search.is_thorough {
        return Ok((found, Vec::new()));
    }
    let looks = found.iter().filter_map(|one| Some((one.resource.address(), one.arn.as_deref()?)));
    let looks = looks.map(|(address, arn)| async move {
        let rules = rules_that_send(aws, scope, arn).await?;
        Ok::<_, ProviderError>(rules.iter().map(|rule| Obstacle::sending_rule(address, rule)).collect::<Vec<_>>())
    });
    let obstacles = futures_util::future::try_join_all(looks).await?.into_iter().flatten().collect();
    Ok((found, obstacles))
}

/// The rules of others that send to an API destination, on every event bus of the region but the stack's own; those that are not on
/// the default one with the name of their bus.
async fn rules_that_send(aws: &Aws, scope: &Scope, arn: &str) -> Result<Vec<String>, ProviderError> {
    let mut buses = event_bus::names(aws, None).await?;
    buses.retain(|bus| *bus != scope.relay_bus());
    let looks = buses.iter().map(|bus| async move {
        let rules = rules_on(aws, bus, arn).await?.into_iter();
        Ok::<_, ProviderError>(if bus == DEFAULT_BUS {
            rules.filter(|rule| scope.parse(rule).is_none()).collect::<Vec<_>>()
        } else {
            rules.map(|rule| format!("{bus}/{rule}")).collect()
        })
    });
    Ok(futures_util::future::try_join_all(looks).await?.into_iter().flatten().collect())
}

/// The rules of a bus that send there; none when the bus is gone.
async fn rules_on(aws: &Aws, bus: &str, arn: &str) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request = aws.events.list_rule_names_by_target().event_bus_name(bus).target_arn(arn).set_next_token(token);
        let sent = aws.call(Service::Events, "events:ListRuleNamesByTarget", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { return Ok(names) };
        names.extend(page.rule_names.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

async fn all(aws: &Aws, scope: &Scope) -> Result<Vec<Observed>, ProviderError> {
    let names = names(aws, Some(scope.prefix())).await?;
    let looks = addressed(scope, Id::ApiDestination, &names)
        .map(|(address, name)| async move { observe(aws, scope, &address, name).await });
    Ok(futures_util::future::try_join_all(looks).await?.into_iter().flatten().collect())
}

/// How many there are, whoever they belong to.
pub(super) async fn count(aws: &Aws) -> Result<usize, ProviderError> {
    Ok(names(aws, None).await?.len())
}

/// The names that begin so, or all, whoever they belong to.
pub(super) async fn names(aws: &Aws, prefix: Option<String>) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request =
            aws.events.list_api_destinations().set_name_prefix(prefix.clone()).limit(100).set_next_token(token);
        let page = aws.call(Service::Events, "events:ListApiDestinations", || request.clone().send()).await?;
        names.extend(page.api_destinations.unwrap_or_default().into_iter().filter_map(|one| one.name));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}
