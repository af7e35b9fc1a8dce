//! Where an answer came from, and what is said of one that no service of AWS gives: a proxy, a sign-in page, an emulator
//! that lacks something.

use aws_sdk_eventbridge::config::http::HttpResponse;
use aws_sdk_eventbridge::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_eventbridge::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_eventbridge::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use crate::provider::{ErrorKind, ProviderError};
use crate::redact;

/// Notes with each answer which URL was asked: errors of the SDK do not say it.
#[derive(Debug)]
pub(super) struct NoteOrigin;

/// The URL that was asked.
#[derive(Clone, Debug)]
struct AskedUrl(String);

impl Storable for AskedUrl {
    type Storer = StoreReplace<Self>;
}

impl Intercept for NoteOrigin {
    fn name(&self) -> &'static str {
        "note the origin"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Without the query: it can hold what was asked.
        let url = context.request().uri().split('?').next().unwrap_or_default();
        notes.interceptor_state().store_put(AskedUrl(url.to_owned()));
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(origin) = notes.load::<AskedUrl>() {
            context.response_mut().add_extension(origin.clone());
        }
        Ok(())
    }
}

/// The error for an answer that is not in the service's protocol.
pub(super) fn unreadable(action: &str, response: &HttpResponse) -> ProviderError {
    let origin = response.extension::<AskedUrl>().map(|origin| format!(" from {}", origin.0)).unwrap_or_default();
    let kind = response.headers().get("content-type").map(|kind| format!(", {kind}")).unwrap_or_default();
    let status = response.status().as_u16();
    let message = format!("the response{origin} is not a response of AWS (HTTP status {status}{kind})");
    ProviderError::new(action, ErrorKind::Other, redact::message(&message))
        .hint("another server may be answering: check --endpoint-url, AWS_ENDPOINT_URL, and proxies")
}
