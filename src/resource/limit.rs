//! AWS's limits on what a stack consists of, as data: how many of something there may be, or how long something may be, and
//! whose word that is. `check` judges what a stack file compiles to by them.

use super::Kind;
use crate::pattern::DEFAULT_QUOTA;

/// A limit of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited, for people.
    pub of: &'static str,
    /// The limit, or the default of one that can be raised.
    pub most: usize,
    /// Regions in which it is another.
    pub elsewhere: &'static [(&'static str, usize)],
    /// The quota to raise; `None` when it cannot be raised.
    pub quota: Option<Quota>,
    /// The call that AWS rejects when it is reached.
    pub call: &'static str,
    /// Where AWS says so.
    pub source: &'static str,
}

/// A quota as Service Quotas has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Whose it is.
    pub service: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its code.
    pub code: &'static str,
    /// The key under `quotas` in a stack file that says that it was raised.
    pub key: &'static str,
}

impl Limit {
    /// What to do where it can be raised.
    #[must_use]
    pub fn raise(&self) -> Option<String> {
        let Quota { service, name, code, .. } = self.quota?;
        Some(format!("request an increase of {service}'s quota \"{name}\" ({code}) in Service Quotas"))
    }

    /// The limit in a region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> usize {
        self.elsewhere.iter().find(|(name, _)| *name == region).map_or(self.most, |(_, most)| *most)
    }
}

const EVENTBRIDGE: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html";
const LOGS: &str = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html";
const IAM: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";

/// A quota of EventBridge. (Source of the codes: the links in the table of the page.)
const fn eventbridge(name: &'static str, code: &'static str, key: &'static str) -> Quota {
    Quota { service: "EventBridge", name, code, key }
}

/// Rules on an event bus, those of others included.
pub const RULES: Limit = Limit {
    of: "rules on an event bus",
    most: 300,
    elsewhere: &[("af-south-1", 100), ("eu-south-1", 100)],
    quota: Some(eventbridge("Number of rules", "L-244521F2", "rules")),
    call: "events:PutRule",
    source: EVENTBRIDGE,
};
/// Characters of an event pattern.
pub const EVENT_PATTERN: Limit = Limit {
    of: "characters of an event pattern",
    most: DEFAULT_QUOTA,
    elsewhere: &[],
    quota: Some(eventbridge("Event pattern size", "L-664C5505", "event_pattern")),
    call: "",
    source: EVENTBRIDGE,
};
/// Targets of a rule.
pub const TARGETS: Limit = Limit {
    of: "targets of a rule",
    most: 5,
    elsewhere: &[],
    quota: None,
    call: "events:PutTargets",
    source: EVENTBRIDGE,
};
/// Event buses of an account in a region.
pub const EVENT_BUSES: Limit = Limit {
    of: "event buses",
    most: 100,
    elsewhere: &[],
    quota: Some(eventbridge("Event buses", "L-658A4FD9", "event_buses")),
    call: "events:CreateEventBus",
    source: EVENTBRIDGE,
};
/// Connections of an account in a region.
pub const CONNECTIONS: Limit = Limit {
    of: "connections",
    most: 3_000,
    elsewhere: &[],
    quota: Some(eventbridge("Connections", "L-595D6D42", "connections")),
    call: "events:CreateConnection",
    source: EVENTBRIDGE,
};
/// API destinations of an account in a region.
pub const API_DESTINATIONS: Limit = Limit {
    of: "API destinations",
    most: 3_000,
    elsewhere: &[],
    quota: Some(eventbridge("Api destinations", "L-FB1C3A6D", "api_destinations")),
    call: "events:CreateApiDestination",
    source: EVENTBRIDGE,
};
/// IAM roles of an account.
pub const ROLES: Limit = Limit {
    of: "IAM roles",
    most: 1_000,
    elsewhere: &[],
    // IAM tells what it is now, so no one has to say that it was raised.
    quota: Some(Quota { service: "IAM", name: "Roles per account", code: "L-FE177D64", key: "" }),
    call: "iam:CreateRole",
    source: IAM,
};
/// Subscription filters of a log group.
pub const SUBSCRIPTION_FILTERS: Limit = Limit {
    of: "subscription filters on a log group",
    most: 2,
    elsewhere: &[],
    quota: None,
    call: "logs:PutSubscriptionFilter",
    source: LOGS,
};
/// Metric filters of a log group.
pub const METRIC_FILTERS: Limit = Limit {
    of: "metric filters on a log group",
    most: 100,
    elsewhere: &[],
    quota: None,
    call: "logs:PutMetricFilter",
    source: LOGS,
};
/// Resource policies of CloudWatch Logs, of an account in a region.
pub const LOG_POLICIES: Limit = Limit {
    of: "resource policies of CloudWatch Logs",
    most: 10,
    elsewhere: &[],
    quota: None,
    call: "logs:PutResourcePolicy",
    source: LOGS,
};
/// Bytes of a queue's policy.
pub const QUEUE_POLICY: Limit = Limit {
    of: "bytes of a queue's policy",
    most: 8_192,
    elsewhere: &[],
    quota: None,
    call: "",
    source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
};
/// Characters of a function's policy.
pub const FUNCTION_POLICY: Limit = Limit {
    of: "characters of a function's policy",
    most: 20_480,
    elsewhere: &[],
    quota: None,
    call: "lambda:AddPermission",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
};
/// Characters of a role's inline policies in sum, without spaces.
pub const ROLE_POLICIES: Limit = Limit {
    of: "characters of a role's inline policies",
    most: 10_240,
    elsewhere: &[],
    quota: None,
    call: "iam:PutRolePolicy",
    source: IAM,
};

/// How many resources of a kind an account and region has room for.
#[must_use]
pub const fn of_kind(kind: Kind) -> Option<&'static Limit> {
    match kind {
        Kind::Rule => Some(&RULES),
        Kind::EventBus => Some(&EVENT_BUSES),
        Kind::Connection => Some(&CONNECTIONS),
        Kind::ApiDestination => Some(&API_DESTINATIONS),
        Kind::Role => Some(&ROLES),
        Kind::LogPolicy => Some(&LOG_POLICIES),
        _ => None,
    }
}

/// The limits that a call can reach.
const ALL: &[Limit] = &[RULES, EVENT_BUSES, CONNECTIONS, API_DESTINATIONS, ROLES, LOG_POLICIES];

/// The limit that a call reaches.
#[must_use]
pub fn of_call(action: &str) -> Option<&'static Limit> {
    ALL.iter().find(|limit| limit.call == action)
}
