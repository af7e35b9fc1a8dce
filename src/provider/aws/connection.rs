//! EventBridge connections.

use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, ConnectionHttpParameters, CreateConnectionApiKeyAuthRequestParameters,
    CreateConnectionAuthRequestParameters, UpdateConnectionApiKeyAuthRequestParameters,
    UpdateConnectionAuthRequestParameters,
};

use super::call::Service;
use super::error::unmanaged;
use super::read::addressed;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted, until_there};
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError, secret_missing};
use crate::resource::mark::{is_marked, with_fingerprint};
use crate::resource::{API_KEY, AUTHORIZED, Address, Authorization, Connection, Id, Resource, UNUSED};
use crate::secret::Sealed;

const CREATE: &str = "events:CreateConnection";
const UPDATE: &str = "events:UpdateConnection";
const DESCRIBE: &str = "events:DescribeConnection";
const DELETING: &str = "DELETING";

impl Manage for Connection {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope, &self.address, &self.name).await
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let Some(value) = header_value(self, CREATE)? else { return Err(secret_missing(CREATE, None)) };
        let parameters = CreateConnectionAuthRequestParameters::builder()
            .api_key_auth_parameters(
                CreateConnectionApiKeyAuthRequestParameters::builder()
                    .api_key_name(&self.header)
                    .api_key_value(value)
                    .build()
                    .map_err(|error| ProviderError::new(CREATE, ErrorKind::Other, error.to_string()))?,
            )
            .build();
        let send = || {
            let request = aws
                .events
                .create_connection()
                .name(&self.name)
                .description(described(self))
                .set_kms_key_identifier(self.kms_key.clone())
                .authorization_type(ConnectionAuthorizationType::ApiKey)
                .auth_parameters(parameters.clone());
            aws.call(Service::Events, CREATE, move || request.clone().send())
        };
        let patience = Patience {
            reason: "until the previous connection with this name is deleted",
            limit: wait::CONNECTION,
            diagnosis: "a connection with this name is still being deleted; run this command again later",
        };
        let created = match send().await {
            Err(error) if error.kind == ErrorKind::Exists => {
                match observe(aws, scope, &self.address, &self.name).await? {
                    // An earlier attempt of ours whose answer was lost.
                    Some(found) if found.is_marked => {
                        return self.update(self, aws, scope, context).await.map(|()| found.arn);
                    }
                    Some(_) => return Err(unmanaged(error)),
                    None => until_accepted(context, &patience, |error| error.kind == ErrorKind::Exists, send).await?,
                }
            }
            other => other?,
        };
        authorized(aws, self, created.connection_state.map(|state| state.to_string()), context).await?;
        Ok(created.connection_arn)
    }

    async fn update(&self, live: &Self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let mut parameters = UpdateConnectionAuthRequestParameters::builder();
        let value = header_value(self, UPDATE)?;
        if let Some(value) = value.clone() {
            let key =
                UpdateConnectionApiKeyAuthRequestParameters::builder().api_key_name(&self.header).api_key_value(value);
            parameters = parameters.api_key_auth_parameters(key.build());
        }
        if live.extra_parameters {
            parameters = parameters.invocation_http_parameters(ConnectionHttpParameters::builder().build());
        }
        let parameters = (value.is_some() || live.extra_parameters).then(|| parameters.build());
        let updated = unless_conflict(context, || {
            let request = aws
                .events
                .update_connection()
                .name(&self.name)
                .description(described(self))
                .set_kms_key_identifier(self.kms_key.clone())
                .set_authorization_type(value.is_some().then_some(ConnectionAuthorizationType::ApiKey))
                .set_auth_parameters(parameters.clone());
            aws.call(Service::Events, UPDATE, move || request.clone().send())
        })
        .await?;
        if value.is_some() {
            authorized(aws, self, updated.connection_state.map(|state| state.to_string()), context).await?;
        }
        Ok(())
    }

    // `UpdateConnection` keeps what is not given.
    async fn mark(&self, _found: &Self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.events.update_connection().name(&self.name).description(described(self));
        unless_conflict(context, || aws.call(Service::Events, UPDATE, || request().send())).await.map(|_| ())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let send = || {
            aws.call(Service::Events, "events:DeleteConnection", || {
                aws.events.delete_connection().name(&self.name).send()
            })
        };
        if gone_is_fine(unless_conflict(context, send).await)?.is_none() {
            return Ok(());
        }
        let patience = Patience {
            reason: "until the connection is deleted",
            limit: wait::CONNECTION,
            diagnosis: "EventBridge is still deleting it; run this command again later",
        };
        until_there(context, &patience, DESCRIBE, || async {
            Ok(gone_is_fine(describe(aws, &self.name).await)?.is_none().then_some(()))
        })
        .await
    }
}

/// What the header will say; `None` when only the rest is to be changed because the secret is not known.
fn header_value(connection: &Connection, action: &str) -> Result<Option<String>, ProviderError> {
    match &connection.authorization {
        Authorization::Unused => Ok(Some(UNUSED.to_owned())),
        Authorization::Bearer(Sealed { value: Some(secret), .. }) => Ok(Some(format!("Bearer {}", secret.expose()))),
        // What was desired has a reference: going on without its value would leave an old token in place.
        Authorization::Bearer(Sealed { reference: Some(reference), .. }) => {
            Err(secret_missing(action, Some(reference)))
        }
        Authorization::Bearer(_) | Authorization::Unknown => Ok(None),
    }
}

fn described(connection: &Connection) -> String {
    match &connection.authorization {
        Authorization::Bearer(sealed) => with_fingerprint(&connection.description, sealed.fingerprint.as_deref()),
        Authorization::Unused | Authorization::Unknown => connection.description.clone(),
    }
}

async fn authorized(
    aws: &Aws,
    connection: &Connection,
    state: Option<String>,
    context: &Context<'_>,
) -> Result<(), ProviderError> {
    if state.as_deref() == Some(AUTHORIZED) {
        return Ok(());
    }
    let patience = Patience {
        reason: "until the connection is authorized",
        limit: wait::CONNECTION,
        diagnosis: "see the state of the connection in the EventBridge console",
    };
    until_there(context, &patience, DESCRIBE, || async {
        // What was just made may not be visible yet.
        let Some(found) = gone_is_fine(describe(aws, &connection.name).await)? else { return Ok(None) };
        let state = found.connection_state.map(|state| state.to_string()).unwrap_or_default();
        match state.as_str() {
            AUTHORIZED => Ok(Some(())),
            "CREATING" | "UPDATING" | "AUTHORIZING" | "DEAUTHORIZING" => Ok(None),
            other => {
                let why = found.state_reason.unwrap_or_else(|| "no reason given".to_owned());
                let message = format!("the connection is {other}: {why}");
                Err(ProviderError::new(DESCRIBE, ErrorKind::Other, message).hint(patience.diagnosis))
            }
        }
    })
    .await
}

type Described = aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;

async fn describe(aws: &Aws, name: &str) -> Result<Described, ProviderError> {
    aws.call(Service::Events, DESCRIBE, || aws.events.describe_connection().name(name).send()).await
}

/// The connection of a name as it is; `None` when there is none, or it is being deleted.
async fn observe(aws: &Aws, scope: &Scope, address: &Address, name: &str) -> Result<Option<Observed>, ProviderError> {
    let Some(found) = gone_is_fine(describe(aws, name).await)? else { return Ok(None) };
    let state = found.connection_state.map(|state| state.to_string()).unwrap_or_default();
    if state == DELETING {
        return Ok(None);
    }
    let (description, authorization) = Authorization::told(scope, found.description.as_deref().unwrap_or_default());
    let is_marked = is_marked(&description, scope);
    let parameters = found.auth_parameters;
    let extra = parameters.as_ref().and_then(|one| one.invocation_http_parameters.as_ref());
    let is_empty = |one: &ConnectionHttpParameters| {
        one.header_parameters().is_empty()
            && one.query_string_parameters().is_empty()
            && one.body_parameters().is_empty()
    };
    let header = parameters.as_ref().and_then(|one| one.api_key_auth_parameters()).and_then(|key| key.api_key_name());
    let connection = Connection {
        address: address.clone(),
        name: name.to_owned(),
        authorization_type: found.authorization_type.map_or_else(|| API_KEY.to_owned(), |kind| kind.to_string()),
        header: header.unwrap_or_default().to_owned(),
        extra_parameters: extra.is_some_and(|one| !is_empty(one)),
        kms_key: found.kms_key_identifier.filter(|key| !key.is_empty()),
        description,
        authorization,
        state,
    };
    Ok(Some(Observed { resource: Resource::Connection(connection), arn: found.connection_arn, is_marked }))
}

/// Every connection under the names of a stack.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<Vec<Observed>, ProviderError> {
    let names = names(aws, Some(scope.prefix())).await?;
    let looks = addressed(scope, Id::Connection, &names)
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
        let request = aws.events.list_connections().set_name_prefix(prefix.clone()).limit(100).set_next_token(token);
        let page = aws.call(Service::Events, "events:ListConnections", || request.clone().send()).await?;
        names.extend(page.connections.unwrap_or_default().into_iter().filter_map(|one| one.name));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}
