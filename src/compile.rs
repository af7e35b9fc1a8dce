//! Installation → desired resources. Names, marks, policies and limits are decided here and nowhere else.
//!
//! Pure: the account comes in as a [`Scope`], the secret as a value that was resolved elsewhere, or not at all: a plan
//! without the secret works and says what it could not check.

pub mod alarm;
pub mod alerts;
pub mod example;
pub mod function;
pub mod metric;
pub mod relay;
pub(crate) mod required;
pub mod schedule;
pub mod threshold;
pub mod topic;

use serde_json::{Value, json};

use crate::alert::{Alert, Installation, MessageOf, ReceivedEvents};
use crate::message::{POST_MESSAGE, Posting};
use crate::name::{DEFAULT_BUS, SLACK, Scope};
use crate::resource::mark::{description, tags};
use crate::resource::{
    ACTIVE, API_KEY, AUTHORIZED, Address, ApiDestination, Arn, Authorization, Connection, ENABLED, HEADER, Id, Kind,
    Leads, Policy, Queue, RETENTION_SECONDS, Resource, ResourceSet, RetryPolicy, Role, Rule, RuleId, Target,
    TargetInput, set,
};
use crate::secret::{Sealed, Secret, fingerprint, mask_url};
use crate::stack::{Destination, SLACK_APIS};

/// Slack takes about one message a second and channel.
const RATE_LIMIT: u32 = 1;

/// Six hours of retries ride out an outage of Slack; what fails longer is kept in the dead-letter queue for 14 days.
const RETRY: RetryPolicy = RetryPolicy { maximum_event_age_seconds: 21_600, maximum_attempts: 185 };

/// Everything a stack should have.
#[must_use]
pub fn compile(installation: &Installation, scope: &Scope, secret: Option<&Secret>) -> ResourceSet {
    let names = SharedNames::new(scope);
    let mut resources = vec![
        Resource::Connection(connection(installation, scope, &names, secret)),
        Resource::ApiDestination(api_destination(installation, scope, &names, secret)),
        Resource::Role(role(scope, &names)),
        Resource::Queue(queue(scope, &names)),
    ];
    resources.extend(relay::relay(&installation.home().form, scope));
    let posting = installation.home().posting();
    for alert in &installation.alerts {
        resources.extend(alerts::alert(alert, scope, &posting));
    }
    for function in alerts::functions(installation, scope) {
        resources.extend(function.resources(scope));
    }
    required::impose(&installation.requirements, scope, &mut resources);
    set(resources)
}

/// What an alert has of its own: its rule with targets, or its filter, and the handler of its remediation.
#[must_use]
pub fn of_alert(alert: &Alert, scope: &Scope) -> Vec<Resource> {
    let mut resources = alerts::alert(alert, scope, &Posting::longest());
    resources.extend(alerts::handler(alert, scope).into_iter().flat_map(|handler| handler.resources(scope)));
    resources
}

/// The addresses and names of what a stack has once, whatever its alerts.
#[derive(Clone, Debug)]
pub struct SharedNames {
    /// The connection.
    pub connection: (Address, String),
    /// The API destination.
    pub destination: (Address, String),
    /// The role.
    pub role: (Address, String),
    /// The dead-letter queue.
    pub queue: (Address, String),
}

impl SharedNames {
    /// The names in a scope.
    #[must_use]
    pub fn new(scope: &Scope) -> Self {
        let of = |id: fn(String) -> Id| Address::new(scope.region(), id(SLACK.to_owned()));
        let named = |address: Address| {
            let name = scope.name(SLACK, address.kind().suffix());
            (address, name)
        };
        Self {
            connection: named(of(Id::Connection)),
            destination: named(of(Id::ApiDestination)),
            role: (of(Id::Role), scope.name(&scope.regional(SLACK), Kind::Role.suffix())),
            queue: named(of(Id::Queue)),
        }
    }
}

fn connection(installation: &Installation, scope: &Scope, names: &SharedNames, secret: Option<&Secret>) -> Connection {
    let (address, name) = names.connection.clone();
    let authorization = match &installation.destination {
        Destination::Webhook { .. } => Authorization::Unused,
        Destination::Bot { token, .. } => Authorization::Bearer(Sealed {
            reference: Some(token.to_string()),
            fingerprint: secret.map(|secret| Sealed::fingerprint_of(secret, &scope.fingerprint_context(&name))),
            shown: None,
            value: secret.cloned(),
        }),
    };
    Connection {
        address,
        description: description(
            &format!("The way to Slack of the trailbell stack {}.", scope.stack()),
            scope,
            Kind::Connection,
        ),
        name,
        authorization_type: API_KEY.to_owned(),
        header: HEADER.to_owned(),
        authorization,
        extra_parameters: false,
        kms_key: None,
        state: AUTHORIZED.to_owned(),
    }
}

fn api_destination(
    installation: &Installation,
    scope: &Scope,
    names: &SharedNames,
    secret: Option<&Secret>,
) -> ApiDestination {
    let (address, name) = names.destination.clone();
    let endpoint = match &installation.destination {
        Destination::Webhook { address } => {
            Sealed { reference: Some(address.to_string()), ..seal_endpoint(secret, &scope.fingerprint_context(&name)) }
        }
        // The address of the Web API is not a secret.
        Destination::Bot { endpoint, .. } => Sealed::public(endpoint),
    };
    ApiDestination {
        address,
        description: description(
            &format!("Slack, for the trailbell stack {}.", scope.stack()),
            scope,
            Kind::ApiDestination,
        ),
        name,
        connection: Arn::Of(names.connection.0.clone()),
        endpoint,
        method: "POST".to_owned(),
        rate_limit: RATE_LIMIT,
        state: ACTIVE.to_owned(),
    }
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

fn role(scope: &Scope, names: &SharedNames) -> Role {
    let (address, name) = names.role.clone();
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
        "Resource": scope.events_arn(&format!("api-destination/{}/*", names.destination.1)),
    });
    Role {
        address,
        description: description(
            &format!("Lets EventBridge call Slack for the trailbell stack {} in {}.", scope.stack(), scope.region()),
            scope,
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

/// The ARNs of the stack's rules on every bus: on the default bus `rule/NAME`, on its own `rule/BUS/NAME`.
fn rules(scope: &Scope) -> String {
    scope.events_arn(&format!("rule/{}*", scope.prefix()))
}

/// The queue accepts what rules of this stack could not deliver. One condition for all: the policy may have 8,192 bytes,
/// however many alerts there are (SQS developer guide, quotas).
fn queue(scope: &Scope, names: &SharedNames) -> Queue {
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

fn alert_rule(alert: &Alert, events: &ReceivedEvents, message: &MessageOf, scope: &Scope) -> Rule {
    let state = events.state.word().to_owned();
    let id = RuleId::of_alert(scope, &alert.id, message.group.as_deref());
    Rule { state, ..rule_of(id, &alert.blueprint.title, pattern_of(events, message, scope), scope) }
}

/// The pattern of an alert's rule. A handler runs only on what happened in the stack's own account: the events of others may
/// be forwarded to the bus. (`check` sees to it that the pattern does not ask for another account.)
fn pattern_of(events: &ReceivedEvents, message: &MessageOf, scope: &Scope) -> Value {
    let mut pattern = message.pattern.clone();
    if let Some(pattern) = pattern.as_object_mut().filter(|_| events.remediation.is_some()) {
        pattern.entry("account").or_insert_with(|| json!([scope.account()]));
    }
    pattern
}

fn rule_of(id: RuleId, words: &str, pattern: Value, scope: &Scope) -> Rule {
    Rule {
        name: scope.name(&id.rule, &id.suffix()),
        address: Address::new(scope.region(), Id::Rule(id)),
        bus: DEFAULT_BUS.to_owned(),
        description: description(words, scope, Kind::Rule),
        pattern,
        schedule: None,
        state: ENABLED.to_owned(),
        tags: tags(scope),
    }
}

fn target(rule: &Rule, input: TargetInput, scope: &Scope) -> Target {
    let names = SharedNames::new(scope);
    Target {
        address: Target::address_of(&rule.address, Leads::Slack),
        rule: rule.name.clone(),
        bus: rule.bus.clone(),
        arn: Arn::Of(names.destination.0.clone()),
        role_arn: Some(scope.role_arn(&names.role.1)),
        input,
        retry: RETRY,
        dead_letter_arn: Some(scope.queue_arn(&names.queue.1)),
        extra_parameters: false,
    }
}
