//! The provider a command works on: AWS, or the sandbox.

use serde_json::Value;

use super::Global;
use crate::live::Live;
use crate::name::Scope;
use crate::provider::aws::{Aws, Settings};
use crate::provider::sandbox::Sandbox;
use crate::provider::{Context, DeadLetter, Identity, Provider, ProviderError, Search};
use crate::resource::Resource;

/// AWS or the sandbox, chosen at run time.
pub(super) enum Cloud {
    Aws(Box<Aws>),
    Sandbox(Sandbox),
}

impl Cloud {
    /// Opens what the command line names. Nothing is sent yet.
    pub(super) async fn open(global: &Global, region: &str) -> Result<Self, ProviderError> {
        if let Some(file) = &global.sandbox {
            return Ok(Self::Sandbox(Sandbox::open(file)?));
        }
        let settings = Settings {
            profile: global.profile.clone(),
            region: Some(region.to_owned()),
            endpoint_url: global.endpoint_url.clone(),
        };
        Ok(Self::Aws(Box::new(Aws::new(&settings).await)))
    }
}

macro_rules! either {
    ($cloud:expr, $one:ident => $call:expr) => {
        match $cloud {
            Cloud::Aws($one) => Box::pin($call).await,
            Cloud::Sandbox($one) => $call.await,
        }
    };
}

impl Provider for Cloud {
    async fn identity(&self) -> Result<Identity, ProviderError> {
        either!(self, one => one.identity())
    }

    async fn read(&self, scope: &Scope, search: Search<'_>) -> Result<Live, ProviderError> {
        either!(self, one => one.read(scope, search))
    }

    async fn create(
        &self,
        scope: &Scope,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<Option<String>, ProviderError> {
        either!(self, one => one.create(scope, wanted, context))
    }

    async fn update(
        &self,
        scope: &Scope,
        live: &Resource,
        wanted: &Resource,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        either!(self, one => one.update(scope, live, wanted, context))
    }

    async fn delete(&self, scope: &Scope, live: &Resource, context: &Context<'_>) -> Result<(), ProviderError> {
        either!(self, one => one.delete(scope, live, context))
    }

    async fn test_pattern(&self, pattern: &Value, event: &Value) -> Result<bool, ProviderError> {
        either!(self, one => one.test_pattern(pattern, event))
    }

    async fn put_relay_event(&self, scope: &Scope, detail: &Value) -> Result<String, ProviderError> {
        either!(self, one => one.put_relay_event(scope, detail))
    }

    async fn dead_letter_count(&self, scope: &Scope) -> Result<Option<u64>, ProviderError> {
        either!(self, one => one.dead_letter_count(scope))
    }

    async fn dead_letters(&self, scope: &Scope) -> Result<Vec<DeadLetter>, ProviderError> {
        either!(self, one => one.dead_letters(scope))
    }
}
