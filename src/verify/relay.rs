//! The relay as it is in the account: whether it is open, and whether it would carry a message.
//!
//! An event that no rule matches is gone without a trace, so each message is walked through the live relay rule of its
//! destination before it is put on the bus.

use serde_json::{Value, json};

use super::sending::{stopped, walk};
use super::{Proof, failed};
use crate::compile::relay::{channel, names_destination};
use crate::graph::Graph;
use crate::live::Live;
use crate::name::{DestinationId, Scope};
use crate::provider::{Provider, ProviderError};
use crate::resource::{Resource, ResourceSet, Rule};
use crate::trace::{self, Input, Put};

/// The fix for what is not as the file describes.
pub(super) const APPLY: &str = "`trailbell plan` shows the differences, and `trailbell apply` fixes them";

/// The live relay of a stack to one of its destinations.
#[derive(Debug)]
pub struct Relay<'a> {
    scope: &'a Scope,
    to: DestinationId,
    graph: Graph,
}

impl<'a> Relay<'a> {
    /// The relay to a destination in what was read from an account, with the URL that the stack file says.
    #[must_use]
    pub fn new(scope: &'a Scope, to: &DestinationId, desired: &ResourceSet, live: &Live) -> Self {
        let relay = Rule::relay_in(scope.region(), to);
        let graph = Graph::live(scope, live).keeping(|resource| match resource {
            Resource::Rule(rule) => rule.address == relay,
            Resource::SubscriptionFilter(_) => false,
            _ => true,
        });
        Self { scope, to: to.clone(), graph: graph.expecting(desired) }
    }

    /// Its destination.
    #[must_use]
    pub fn to(&self) -> &DestinationId {
        &self.to
    }

    /// Why it would not carry any message; nothing when it would.
    ///
    /// # Errors
    /// A call failed.
    pub async fn closed<P: Provider>(&self, provider: &P) -> Result<Option<Proof>, ProviderError> {
        let put = self.put(&self.posted(json!({ "text": "test" })));
        let (ways, _) = walk(&self.graph, Input::Put(&put), provider).await?;
        Ok(match ways.first() {
            Some(way) => stopped(way),
            None => Some(failed("the relay rule is not in the account", APPLY)),
        })
    }

    /// Why it would not carry this message, as our engines judge it; nothing when it would.
    #[must_use]
    pub fn rejects(&self, message: &Value) -> Option<Proof> {
        let put = self.put(message);
        trace::follow(&self.graph, Input::Put(&put), trace::answer).first().and_then(stopped)
    }

    /// A message as it is posted: with the channel that the relay rule lets pass, or without one for a webhook.
    #[must_use]
    pub fn posted(&self, mut message: Value) -> Value {
        let Some(rule) = self.rule() else { return message };
        match (channel(&rule.pattern), message.as_object_mut()) {
            (Some(channel), Some(fields)) => drop(fields.insert("channel".to_owned(), channel.into())),
            (None, Some(fields)) => drop(fields.remove("channel")),
            (_, None) => {}
        }
        message
    }

    /// The detail of the event that carries a message.
    #[must_use]
    pub fn detail(&self, message: &Value) -> Value {
        let is_named = self.rule().is_some_and(|rule| names_destination(&rule.pattern));
        trace::relay_detail(message, is_named.then_some(&self.to))
    }

    fn put(&self, message: &Value) -> Put {
        Put::relayed(self.scope, &self.detail(message))
    }

    fn rule(&self) -> Option<&Rule> {
        match self.graph.at(&Rule::relay_in(self.scope.region(), &self.to)).map(|part| &part.resource) {
            Some(Resource::Rule(rule)) => Some(rule),
            _ => None,
        }
    }
}
