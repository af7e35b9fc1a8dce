//! Where messages go: one Slack destination, or several by name, and which alerts are for which.
//!
//! The file says `slack: { webhook: … }`, or `slack: { NAME: { webhook: … } }`. Which of both it is, the values tell: those of
//! one destination are texts, those of several are mappings. The first in the file is the main one: what Lambda functions fail
//! on goes to its dead-letter queue.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::blueprint::Urgency;
use crate::document::step;
use crate::name::DestinationId;
use crate::secret::SecretReference;

/// The way to Slack.
#[derive(Clone, Debug, PartialEq)]
pub enum Slack {
    /// One destination, without a name.
    One(SlackDestination),
    /// Several by name, in the order of the file.
    Named(Vec<(String, SlackDestination)>),
}

impl Slack {
    /// The destinations, each with the JSON pointer of its section.
    #[must_use]
    pub fn each(&self) -> Vec<(DestinationId, String, &SlackDestination)> {
        match self {
            Self::One(one) => vec![(DestinationId::slack(), "/slack".to_owned(), one)],
            Self::Named(all) => all
                .iter()
                .map(|(name, one)| (DestinationId::new(name), format!("/slack/{}", step(name)), one))
                .collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Slack {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        if !map.values().any(Value::is_object) {
            return SlackDestination::deserialize(Value::Object(map)).map(Self::One).map_err(D::Error::custom);
        }
        let named = |(name, value)| Ok((name, SlackDestination::deserialize(value).map_err(D::Error::custom)?));
        map.into_iter().map(named).collect::<Result<_, _>>().map(Self::Named)
    }
}

impl Serialize for Slack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(one) => one.serialize(serializer),
            Self::Named(all) => {
                let mut map = serializer.serialize_map(Some(all.len()))?;
                for (name, one) in all {
                    map.serialize_entry(name, one)?;
                }
                map.end()
            }
        }
    }
}

impl JsonSchema for Slack {
    fn schema_name() -> Cow<'static, str> {
        "Slack".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<SlackDestination>();
        json_schema!({
            "description": "The way to Slack: one destination, or several by name.",
            "anyOf": [one, { "type": "object", "additionalProperties": one }],
        })
    }
}

/// A Slack destination: an incoming webhook, or a bot token and a channel. Secrets are references.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlackDestination {
    /// The incoming webhook's URL, as a reference: `"${env:SLACK_WEBHOOK_URL}"`, `"${file:PATH}"`, `"${prompt:QUESTION}"`,
    /// `"${ssm:NAME}"`, `"${secretsmanager:NAME}"`, or `"${secretsmanager:NAME#KEY}"`. The URL is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The bot token, as a reference: `"${env:SLACK_TOKEN}"`, or any other that `webhook` accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The channel's id, with a bot token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The URL of Slack's Web API, with a bot token. Default: `https://slack.com/api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// A host that is not Slack's and receives the alerts and the secret, such as `chat.example.com`: a proxy, or a server that
    /// implements Slack's API. Without it, only Slack's hosts and this machine are accepted, and only tokens in Slack's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_host: Option<String>,
}

/// The names of destinations: one, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recipients {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Recipients {
    /// The names, each with the end of its JSON pointer.
    #[must_use]
    pub fn each(&self) -> Vec<(String, &str)> {
        match self {
            Self::One(name) => vec![(String::new(), name)],
            Self::Several(all) => all.iter().enumerate().map(|(at, name)| (format!("/{at}"), name.as_str())).collect(),
        }
    }

    /// The destinations.
    #[must_use]
    pub fn ids(&self) -> Vec<DestinationId> {
        self.each().into_iter().map(|(_, name)| DestinationId::new(name)).collect()
    }
}

impl JsonSchema for Recipients {
    fn schema_name() -> Cow<'static, str> {
        "Recipients".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of a destination, or a list of names.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        })
    }
}

/// Where messages go, by the account of the event, or by the severity of the alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// Those of critical alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<Recipients>,
    /// Those of alerts with severity `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Recipients>,
    /// Those of alerts with severity `medium`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Recipients>,
    /// Those of alerts with severity `low`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Recipients>,
    /// Those of alerts with severity `info`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<Recipients>,
    /// Those of all other alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Recipients>,
    /// Accounts whose messages go somewhere else, whatever the severity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountRoute>,
}

/// Where the messages about events of some accounts go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRoute {
    /// Account ids.
    pub accounts: Vec<String>,
    /// The name of a destination, or a list of names.
    pub to: Recipients,
}

impl Routing {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Where the messages of alerts of a severity go.
    #[must_use]
    pub fn of(&self, severity: Urgency) -> Option<&Recipients> {
        let own = match severity {
            Urgency::Critical => &self.critical,
            Urgency::High => &self.high,
            Urgency::Medium => &self.medium,
            Urgency::Low => &self.low,
            Urgency::Info => &self.info,
        };
        own.as_ref().or(self.default.as_ref())
    }

    /// What it says, each with its JSON pointer below the section.
    #[must_use]
    pub fn each(&self) -> Vec<(String, &Recipients)> {
        let all = [
            ("critical", &self.critical),
            ("high", &self.high),
            ("medium", &self.medium),
            ("low", &self.low),
            ("info", &self.info),
            ("default", &self.default),
        ];
        let by_severity = all.into_iter().filter_map(|(key, to)| Some((key.to_owned(), to.as_ref()?)));
        let by_account = self.accounts.iter().enumerate().map(|(at, one)| (format!("accounts/{at}/to"), &one.to));
        by_severity.chain(by_account).collect()
    }
}

/// A destination of a checked stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDestination {
    /// Its id.
    pub id: DestinationId,
    /// The JSON pointer of its section in the stack file.
    pub pointer: String,
    /// How to post there.
    pub way: Destination,
}

impl NamedDestination {
    /// The destination without a name.
    #[must_use]
    pub fn slack(way: Destination) -> Self {
        Self { id: DestinationId::slack(), pointer: "/slack".to_owned(), way }
    }
}

/// How to post to Slack, once the file has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The URL is the secret.
    Webhook {
        /// Where the address comes from.
        address: SecretReference,
    },
    /// `chat.postMessage`.
    Bot {
        /// Where the token comes from.
        token: SecretReference,
        /// The channel's id.
        channel: String,
        /// The URL of the method.
        endpoint: String,
    },
}

impl Destination {
    /// The one secret of the destination.
    #[must_use]
    pub fn reference(&self) -> &SecretReference {
        match self {
            Self::Webhook { address } => address,
            Self::Bot { token, .. } => token,
        }
    }
}
