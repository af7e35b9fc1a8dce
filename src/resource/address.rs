//! Kinds and addresses: what identifies a resource in a plan.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The kinds of resources, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// EventBridge connection: holds the secret.
    Connection,
    /// EventBridge API destination: where Slack is.
    ApiDestination,
    /// IAM role that EventBridge takes on to call the destination.
    Role,
    /// SQS queue for what could not be delivered.
    Queue,
    /// EventBridge rule.
    Rule,
    /// EventBridge target of a rule.
    Target,
    /// CloudWatch log group, of a function of ours.
    LogGroup,
    /// Lambda function.
    Function,
    /// Statement in a function's policy: who may call it.
    Permission,
    /// CloudWatch subscription filter on a log group.
    SubscriptionFilter,
    /// CloudWatch alarm on a metric.
    Alarm,
    /// CloudWatch Logs metric filter on a log group.
    MetricFilter,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Connection,
        Self::ApiDestination,
        Self::Role,
        Self::Queue,
        Self::Rule,
        Self::Target,
        Self::LogGroup,
        Self::Function,
        Self::Permission,
        Self::SubscriptionFilter,
        Self::Alarm,
        Self::MetricFilter,
    ];

    /// The kind in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::ApiDestination => "api_destination",
            Self::Role => "role",
            Self::Queue => "queue",
            Self::Rule => "rule",
            Self::Target => "target",
            Self::LogGroup => "log_group",
            Self::Function => "function",
            Self::Permission => "permission",
            Self::SubscriptionFilter => "subscription_filter",
            Self::Alarm => "alarm",
            Self::MetricFilter => "metric_filter",
        }
    }

    /// The last part of the name in AWS.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::ApiDestination => "destination",
            Self::Queue => "dead-letter-queue",
            // Lambda looks for the log group under the function's name.
            Self::LogGroup => Self::Function.name(),
            Self::SubscriptionFilter => "filter",
            Self::MetricFilter => "metric-filter",
            other => other.name(),
        }
    }

    /// What AWS calls it, for messages.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::ApiDestination => "API destination",
            Self::Role => "IAM role",
            Self::Queue => "SQS queue",
            Self::Rule => "rule",
            Self::Target => "target",
            Self::LogGroup => "log group",
            Self::Function => "Lambda function",
            Self::Permission => "Lambda permission",
            Self::SubscriptionFilter => "subscription filter",
            Self::Alarm => "alarm",
            Self::MetricFilter => "metric filter",
        }
    }
}

/// The identity of a resource: `us-east-1/rule.cloudtrail-stop-logging`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The region it lives in, or, for IAM, serves.
    pub region: String,
    /// Its kind.
    pub kind: Kind,
    /// The alert's id, `slack` for what belongs to the Slack destination, `relay` for trailbell's own rule. What exists
    /// several times within something else adds its own part: `root-login/function-fix` is the second target of a rule,
    /// `slack/rules` a permission of a function, `root-login@/aws/cloudtrail` a filter on a log group.
    pub id: String,
}

impl Address {
    /// An address.
    pub fn new(region: &str, kind: Kind, id: impl Into<String>) -> Self {
        Self { region: region.to_owned(), kind, id: id.into() }
    }

    /// Without the region, where the region is clear.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}.{}", self.kind.name(), self.id)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.region, self.short())
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = || {
            let (region, rest) = text.split_once('/')?;
            let (kind, id) = rest.split_once('.')?;
            let kind = Kind::ALL.into_iter().find(|one| one.name() == kind)?;
            Some(Self::new(region, kind, id))
        };
        parts().ok_or_else(|| format!("`{text}` is not an address"))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
