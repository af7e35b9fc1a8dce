//! EventBridge API destination: the address of Slack and how fast it may be called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::{Edge, EdgeEnd, Relation};
use super::{About, Address, Arn, Describe, Field, Id, Kind, Room, Within, limit};
use crate::name::{DestinationId, Scope};
use crate::secret::Sealed;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:events:REGION:ACCOUNT:api-destination/trailbell-STACK_*"];

/// The state of a destination that works.
pub const ACTIVE: &str = "ACTIVE";

/// An EventBridge API destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiDestination {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Words and marker.
    pub description: String,
    /// The connection it uses.
    pub connection: Arn,
    /// The address; a webhook's is a secret.
    pub endpoint: Sealed,
    /// `POST`.
    pub method: String,
    /// Requests per second. Slack takes about one per channel.
    pub rate_limit: u32,
    /// `ACTIVE` when it can be used.
    pub state: String,
}

/// How a destination posts to Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostsAs {
    /// Through an incoming webhook, which has its channel, and does not mind one in the body.
    Webhook,
    /// As a bot. A body without a channel is refused with HTTP status 200, which EventBridge takes for success: it would be
    /// lost silently.
    Bot,
}

impl ApiDestination {
    /// The address of the one of a destination in a region.
    #[must_use]
    pub fn address_of(region: &str, id: &DestinationId) -> Address {
        Address::new(region, Id::ApiDestination(id.to_string()))
    }

    /// How it posts: the URL of a webhook is a secret, and that of the Web API is not.
    #[must_use]
    pub fn posts_as(&self) -> PostsAs {
        if self.endpoint.is_public() { PostsAs::Bot } else { PostsAs::Webhook }
    }
}

impl Describe for ApiDestination {
    const ABOUT: About = About {
        name: "api_destination",
        suffix: "destination",
        title: "API destination",
        found: "by name, in the list of the region's API destinations; its mark is in the description",
        quota: "one per destination; 3,000 per account and region",
        calls: &[
            Calls::new(When::Plan, &["events:ListApiDestinations"], ANY).needed(NeededBy::Always),
            Calls::new(When::Plan, &["events:DescribeApiDestination"], ON),
            Calls::new(When::Apply, &["events:CreateApiDestination", "events:UpdateApiDestination"], ON),
            Calls::new(When::Adopt, &["events:UpdateApiDestination"], ON),
            Calls::new(When::Destroy, &["events:ListEventBuses", "events:ListRuleNamesByTarget"], ANY)
                .needed(NeededBy::Always),
            Calls::new(When::Destroy, &["events:DeleteApiDestination"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn edges(&self, _scope: &Scope) -> Vec<Edge> {
        vec![Edge::new(Relation::ActsAs, EdgeEnd::of(&self.connection, |_| None))]
    }

    fn brings(&self, relation: Relation) -> bool {
        relation == Relation::ActsAs
    }

    fn arn(&self, scope: &Scope, id: &str) -> Option<String> {
        Some(scope.events_arn(&format!("api-destination/{}/{id}", self.name)))
    }

    fn room(&self) -> Option<Room<'_>> {
        Some(Room { kind: Kind::ApiDestination, within: Within::Region, most: limit::API_DESTINATIONS.most })
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn arns_mut(&mut self) -> Vec<&mut Arn> {
        vec![&mut self.connection]
    }

    fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        Some(&mut self.endpoint)
    }

    // An update says nothing about what it does not carry: an unknown URL stays as it is.
    fn keep(&mut self, before: Option<&Self>) {
        self.endpoint.reference = None;
        if let Some(before) = before.filter(|_| self.endpoint == Sealed::default()) {
            self.endpoint = before.endpoint.clone();
        }
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("description", self.description.as_str()),
            Field::arn("connection_arn", &self.connection),
            Field::sealed("invocation_endpoint", &self.endpoint).after_users(self.posts_as() == PostsAs::Bot),
            Field::plain("http_method", self.method.as_str()),
            Field::plain("invocation_rate_limit_per_second", self.rate_limit),
            Field::plain("state", self.state.as_str()),
        ]
    }
}
