//! The relay as it is in the account: whether it is open, and whether it would carry a message.
//!
//! An event that no rule matches is gone without a trace, so each message is walked through the live relay before it is put on
//! the bus.

use serde_json::{Value, json};

use super::sending::{stopped, walk};
use super::{Proof, failed};
use crate::compile::relay::channel;
use crate::graph::Graph;
use crate::live::Live;
use crate::name::{RELAY, Scope};
use crate::provider::{Provider, ProviderError};
use crate::resource::{Resource, ResourceSet, Rule};
use crate::trace::{self, Input};

/// The fix for what is not as the file describes.
pub(super) const APPLY: &str = "`trailbell plan` shows the differences, and `trailbell apply` fixes them";

/// The live relay of a stack.
#[derive(Debug)]
pub struct Relay<'a> {
    scope: &'a Scope,
    graph: Graph,
}

impl<'a> Relay<'a> {
    /// The relay in what was read from an account, with the URL that the stack file says.
    #[must_use]
    pub fn new(scope: &'a Scope, desired: &ResourceSet, live: &Live) -> Self {
        let relay = Some(scope.digest_of_alert(RELAY));
        let graph = Graph::live(scope, live).keeping(|resource| match resource {
            Resource::Rule(_) | Resource::SubscriptionFilter(_) => resource.alert(scope) == relay,
            _ => true,
        });
        let url = desired.values().find_map(|resource| match resource {
            Resource::ApiDestination(one) => Some(one.endpoint.clone()),
            _ => None,
        });
        let graph = match url {
            Some(url) => graph.expecting(url),
            None => graph,
        };
        Self { scope, graph }
    }

    /// Why it would not carry any message; nothing when it would.
    ///
    /// # Errors
    /// A call failed.
    pub async fn closed<P: Provider>(&self, provider: &P) -> Result<Option<Proof>, ProviderError> {
        let put = trace::relayed(self.scope, &self.posted(json!({ "text": "test" })));
        let (ways, _) = walk(&self.graph, Input::Put(&put), provider).await?;
        Ok(match ways.first() {
            Some(way) => stopped(way),
            None => Some(failed("the relay rule is not in the account", APPLY)),
        })
    }

    /// Why it would not carry this message, as our engines judge it; nothing when it would.
    #[must_use]
    pub fn rejects(&self, message: &Value) -> Option<Proof> {
        let put = trace::relayed(self.scope, message);
        trace::follow(&self.graph, Input::Put(&put), trace::answer).first().and_then(stopped)
    }

    /// A message as it is posted: with the channel that the relay rule lets pass, or without one for a webhook.
    #[must_use]
    pub fn posted(&self, mut message: Value) -> Value {
        let rule = self.graph.at(&Rule::relay_in(self.scope.region())).map(|part| &part.resource);
        let Some(Resource::Rule(rule)) = rule else { return message };
        match (channel(&rule.pattern), message.as_object_mut()) {
            (Some(channel), Some(fields)) => drop(fields.insert("channel".to_owned(), channel.into())),
            (None, Some(fields)) => drop(fields.remove("channel")),
            (_, None) => {}
        }
        message
    }
}
