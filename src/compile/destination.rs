//! What each Slack destination has of its own: a connection, an API destination, a role, and a dead-letter queue.

use serde_json::json;

use crate::message::POST_MESSAGE;
use crate::name::{DestinationId, Scope};
use crate::resource::mark::{description, tags};
use crate::resource::{
    ACTIVE, API_KEY, AUTHORIZED, Address, ApiDestination, Arn, Authorization, Connection, HEADER, Id, Kind, Policy,
    Queue, RETENTION_SECONDS, Resource, Role,
};
use crate::secret::{Sealed, Secret, fingerprint, mask_url};
use crate::stack::{Destination, NamedDestination, SLACK_APIS};

/// Slack takes about one message a second and channel.
const RATE_LIMIT: u32 = 1;

/// The addresses and names of what a destination has, whatever the alerts of the stack.
#[derive(Clone, Debug)]
pub struct DestinationNames {
    /// The connection.
    pub connection: (Address, String),
    /// The API destination.
    pub destination: (Address, String),
    /// The role.
    pub role: (Address, String),
    /// The dead-letter queue.
    pub queue: (Address, String),
}

impl DestinationNames {
    /// The names of one destination of a stack.
    #[must_use]
    pub fn of(scope: &Scope, id: &DestinationId) -> Self {
        let of = |kind: fn(String) -> Id| Address::new(scope.region(), kind(id.to_string()));
        let named = |address: Address| {
            let name = scope.name(id.as_str(), address.kind().suffix());
            (address, name)
        };
        Self {
            connection: named(of(Id::Connection)),
            destination: named(of(Id::ApiDestination)),
            role: (of(Id::Role), scope.name(&scope.regional(id.as_str()), Kind::Role.suffix())),
            queue: named(of(Id::Queue)),
        }
    }
}

/// Everything that a destination has of its own.
#[must_use]
pub fn destination(one: &NamedDestination, scope: &Scope, secret: Option<&Secret>) -> [Resource; 4] {
    let maker = DestinationMaker { one, scope, names: DestinationNames::of(scope, &one.id), secret };
    [
        Resource::Connection(maker.connection()),
        Resource::ApiDestination(maker.api_destination()),
        Resource::Role(maker.role()),
        Resource::Queue(maker.queue()),
    ]
}

struct DestinationMaker<'a> {
    one: &'a NamedDestination,
    scope: &'a Scope,
    names: DestinationNames,
    secret: Option<&'a Secret>,
}

impl DestinationMaker<'_> {
    /// Words about it: what it is of this stack, and of which destination, if that has a name.
    fn description(&self, what: &str, place: &str, kind: Kind) -> String {
        let named = if self.one.id.is_slack() { String::new() } else { format!(" ({})", self.one.id) };
        description(&format!("{what} the trailbell stack {}{place}{named}.", self.scope.stack()), self.scope, kind)
    }

    fn connection(&self) -> Connection {
        let (address, name) = self.names.connection.clone();
        let context = self.scope.fingerprint_context(&name);
        let authorization = match &self.one.way {
            Destination::Webhook { .. } => Authorization::Unused,
            Destination::Bot { token, .. } => Authorization::Bearer(Sealed {
                reference: Some(token.to_string()),
                fingerprint: self.secret.map(|secret| Sealed::fingerprint_of(secret, &context)),
                shown: None,
                value: self.secret.cloned(),
            }),
        };
        Connection {
            address,
            description: self.description("The way to Slack of", "", Kind::Connection),
            name,
            authorization_type: API_KEY.to_owned(),
            header: HEADER.to_owned(),
            authorization,
            extra_parameters: false,
            kms_key: None,
            state: AUTHORIZED.to_owned(),
        }
    }

    fn api_destination(&self) -> ApiDestination {
        let (address, name) = self.names.destination.clone();
        let endpoint = match &self.one.way {
            Destination::Webhook { address } => {
                let sealed = seal_endpoint(self.secret, &self.scope.fingerprint_context(&name));
                Sealed { reference: Some(address.to_string()), ..sealed }
            }
            // The address of the Web API is not a secret.
            Destination::Bot { endpoint, .. } => Sealed::public(endpoint),
        };
        ApiDestination {
            address,
            description: self.description("Slack, for", "", Kind::ApiDestination),
            name,
            connection: Arn::Of(self.names.connection.0.clone()),
            endpoint,
            method: "POST".to_owned(),
            rate_limit: RATE_LIMIT,
            state: ACTIVE.to_owned(),
        }
    }

    fn role(&self) -> Role {
        let scope = self.scope;
        let (address, name) = self.names.role.clone();
        // EventBridge user guide, "Cross-service confused deputy prevention": the source is the rule.
        let trust = json!({
            "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": { "aws:SourceAccount": scope.account() }, "ArnLike": { "aws:SourceArn": rules(scope) },
            },
        });
        // The ARN ends in a random id that is not known yet; the name is, and no one else can have it.
        let invoke = json!({
            "Effect": "Allow", "Action": "events:InvokeApiDestination",
            "Resource": scope.events_arn(&format!("api-destination/{}/*", self.names.destination.1)),
        });
        Role {
            address,
            description: self.description(
                "Lets EventBridge call Slack for",
                &format!(" in {}", scope.region()),
                Kind::Role,
            ),
            path: scope.role_path(),
            boundary: None,
            name,
            trust: Policy::of(&trust),
            policy: Some(Policy::of(&invoke)),
            tags: tags(scope),
        }
    }

    fn queue(&self) -> Queue {
        queue(self.scope, &self.names)
    }
}

/// The queue accepts what rules of this stack could not deliver. One condition for all: the policy may have 8,192 bytes,
/// however many alerts there are (SQS developer guide, quotas).
pub(super) fn queue(scope: &Scope, names: &DestinationNames) -> Queue {
    let (address, name) = names.queue.clone();
    let send = json!({
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sqs:SendMessage",
        "Resource": scope.queue_arn(&name),
        "Condition": {
            "ArnLike": { "aws:SourceArn": rules(scope) }, "StringEquals": { "aws:SourceAccount": scope.account() },
        },
    });
    Queue {
        address,
        retention_seconds: RETENTION_SECONDS,
        kms_key: None,
        max_message_bytes: None,
        redrive_policy: None,
        policy: Some(Policy::of(&send)),
        tags: tags(scope),
        name,
    }
}

/// The ARNs of the stack's rules on every bus: on the default bus `rule/NAME`, on its own `rule/BUS/NAME`.
pub(super) fn rules(scope: &Scope) -> String {
    scope.events_arn(&format!("rule/{}*", scope.prefix()))
}

/// What may be told about a URL, and the URL. That of Slack's Web API is public, and says that a bot posts; any other may be a
/// webhook.
#[must_use]
pub fn seal_endpoint(address: Option<&Secret>, context: &str) -> Sealed {
    let is_web_api = |url: &&str| SLACK_APIS.iter().any(|api| url.strip_prefix(api) == Some(POST_MESSAGE));
    if let Some(url) = address.map(Secret::expose).filter(is_web_api) {
        return Sealed::public(url);
    }
    Sealed {
        reference: None,
        shown: address.map(|address| mask_url(address.expose())),
        fingerprint: address.and_then(|address| fingerprint(address, context)),
        value: address.cloned(),
    }
}
