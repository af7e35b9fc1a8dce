//! Calls of services that trailbell asks one thing: Parameter Store, Secrets Manager, KMS, and Organizations. Their SDK crates are
//! hundreds of thousands of lines; what they have in common is a small JSON protocol.
//!
//! Everything else is the SDK's own: credentials, signature, retries, timeouts, and URL come from the same configuration, and
//! errors are sorted by the same `call`. An answer can hold a secret, so it cannot be printed.

use std::fmt;

use aws_config::{Region, SdkConfig};
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_sdk_eventbridge::error::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;

use super::Aws;
use super::answer::NoteOrigin;
use super::call::{LeaveToUs, Service};
use crate::name::{host_suffix, partition_of};
use crate::provider::{ErrorKind, ProviderError};

/// A service of the JSON protocol.
#[derive(Debug)]
pub(super) struct JsonService {
    /// Whose turn it is when many calls wait.
    gate: Service,
    /// As in IAM actions, signatures, and host names.
    name: &'static str,
    /// What the name of an operation follows in a request.
    target: &'static str,
    /// As in `AWS_ENDPOINT_URL_…`.
    id: &'static str,
    /// Where it is, for a service that is in one region of a partition.
    only_in: fn(partition: &str) -> Option<&'static str>,
}

pub(super) const KMS: JsonService =
    JsonService { gate: Service::Kms, name: "kms", target: "TrentService", id: "KMS", only_in: everywhere };
pub(super) const SSM: JsonService =
    JsonService { gate: Service::Ssm, name: "ssm", target: "AmazonSSM", id: "SSM", only_in: everywhere };
pub(super) const ORGANIZATIONS: JsonService = JsonService {
    gate: Service::Organizations,
    name: "organizations",
    target: "AWSOrganizationsV20161128",
    id: "Organizations",
    only_in: of_organizations,
};
pub(super) const SECRETS_MANAGER: JsonService = JsonService {
    gate: Service::SecretsManager,
    name: "secretsmanager",
    target: "secretsmanager",
    id: "Secrets Manager",
    only_in: everywhere,
};

fn everywhere(_: &str) -> Option<&'static str> {
    None
}

/// The region of Organizations in a partition (botocore 1.43.106, `data/organizations/2016-11-28/endpoint-rule-set-1.json`).
fn of_organizations(partition: &str) -> Option<&'static str> {
    Some(match partition {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws" => "us-east-1",
        _ => return None,
    })
}

/// An answer, which can hold a secret.
pub(super) struct JsonAnswer(pub(super) Value);

impl fmt::Debug for JsonAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonAnswer(***)")
    }
}

/// An error of the service.
#[derive(Debug)]
pub(super) struct JsonError(ErrorMetadata);

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for JsonError {}

impl ProvideErrorMetadata for JsonError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Aws {
    /// Calls an operation of a service; the IAM action has the same name.
    pub(super) async fn json(
        &self,
        service: &JsonService,
        operation: &'static str,
        body: &Value,
    ) -> Result<JsonAnswer, ProviderError> {
        let action = format!("{}:{operation}", service.name);
        let built = prepared(&self.config, service, operation);
        let call = built.map_err(|why| ProviderError::new(&action, ErrorKind::Other, why))?;
        self.call(service.gate, &action, || call.invoke(body.to_string())).await
    }
}

fn prepared(
    config: &SdkConfig,
    service: &JsonService,
    operation: &'static str,
) -> Result<Operation<String, JsonAnswer, JsonError>, &'static str> {
    let own = config.region().ok_or("no region is set")?;
    let region = (service.only_in)(partition_of(own.as_ref())).map_or_else(|| own.clone(), Region::from_static);
    let credentials = config.credentials_provider().ok_or("no credentials are set")?;
    let mut layer = Layer::new("json");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region.clone())),
        name: Some(SigningName::from_static(service.name)),
        ..SigV4OperationSigningConfig::default()
    });
    layer.store_put(SensitiveOutput);
    let auth = SharedAuthSchemeOptionResolver::new(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]));
    let mut components = RuntimeComponentsBuilder::new("json")
        .with_auth_scheme_option_resolver(Some(auth))
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_identity_cache(config.identity_cache())
        .with_http_client(config.http_client());
    components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    let target = format!("{}.{operation}", service.target);
    let mut builder = Operation::builder()
        .service_name(service.name)
        .operation_name(operation)
        .endpoint_url(&url(config, service, region.as_ref()))
        .interceptor(NoteOrigin)
        .interceptor(ServiceClockSkewInterceptor::new())
        .with_connection_poisoning()
        .retry_classifier(TransientErrorClassifier::<JsonError>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(AwsErrorCodeClassifier::<JsonError>::new())
        .retry_classifier(LeaveToUs)
        .runtime_plugin(StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components));
    if let Some(retries) = config.retry_config() {
        builder = builder.standard_retry(retries);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    Ok(builder.serializer(move |body: String| request(&target, body)).deserializer(read).build())
}

/// Where the service is: what the environment and the configuration files say, or AWS's own host.
fn url(config: &SdkConfig, service: &JsonService, region: &str) -> String {
    let key =
        ServiceConfigKey::builder().service_id(service.id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_service = config.service_config().zip(key.ok()).and_then(|(files, key)| files.load_config(key));
    // The SDK's order: what the command line says, what is said of the service, what is said of all.
    let own = || {
        let fips = if config.use_fips().unwrap_or_default() { "-fips" } else { "" };
        format!("https://{}{fips}.{region}.{}", service.name, host_suffix(partition_of(region)))
    };
    of_service.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(own)
}

fn request(target: &str, body: String) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri("/")?;
    request.headers_mut().insert("content-type", "application/x-amz-json-1.1");
    request.headers_mut().insert("x-amz-target", target.to_owned());
    Ok(request)
}

/// Reads an answer. Nothing of one that cannot be read is told: it could be a part of a secret.
fn read(response: &HttpResponse) -> Result<JsonAnswer, OrchestratorError<JsonError>> {
    let body = response.body().bytes().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    match body {
        Some(body) if response.status().is_success() => Ok(JsonAnswer(body)),
        None if response.status().is_success() => Err(OrchestratorError::other("the response is not JSON")),
        body => {
            let text = |key: &str| body.as_ref().and_then(|body| body[key].as_str()).map(str::to_owned);
            let code = response.headers().get("x-amzn-errortype").map(str::to_owned).or_else(|| text("__type"));
            // `Type#Code:https://…` in full.
            let code = code.map(|code| code.split(':').next().unwrap_or_default().to_owned());
            let code = code.map(|code| code.rsplit('#').next().unwrap_or_default().to_owned());
            let mut metadata = ErrorMetadata::builder();
            if let Some(code) = code {
                metadata = metadata.code(code);
            }
            if let Some(message) = text("message").or_else(|| text("Message")) {
                metadata = metadata.message(message);
            }
            Err(OrchestratorError::operation(JsonError(metadata.build())))
        }
    }
}
