//! AWS's limits on what a stack consists of, as data: how many of something there may be, or how long something may be, and
//! whose word that is. `check` judges what a stack file compiles to by them.

/// A limit of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited, for people.
    pub of: &'static str,
    /// The limit, or the default of one that can be raised.
    pub most: usize,
    /// Regions in which it is another.
    pub elsewhere: &'static [(&'static str, usize)],
    /// The name of the quota to raise; `None` when it cannot be raised.
    pub quota: Option<&'static str>,
    /// Where AWS says so.
    pub source: &'static str,
}

impl Limit {
    /// The limit in a region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> usize {
        self.elsewhere.iter().find(|(name, _)| *name == region).map_or(self.most, |(_, most)| *most)
    }
}

const EVENTBRIDGE: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html";
const LOGS: &str = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html";

/// Rules on an event bus, those of others included.
pub const RULES: Limit = Limit {
    of: "rules on an event bus",
    most: 300,
    elsewhere: &[("af-south-1", 100), ("eu-south-1", 100)],
    quota: Some("Number of rules"),
    source: EVENTBRIDGE,
};
/// Targets of a rule.
pub const TARGETS: Limit =
    Limit { of: "targets of a rule", most: 5, elsewhere: &[], quota: Some("Targets per rule"), source: EVENTBRIDGE };
/// Event buses of an account in a region.
pub const EVENT_BUSES: Limit =
    Limit { of: "event buses", most: 100, elsewhere: &[], quota: Some("Event buses"), source: EVENTBRIDGE };
/// Subscription filters of a log group.
pub const SUBSCRIPTION_FILTERS: Limit =
    Limit { of: "subscription filters on a log group", most: 2, elsewhere: &[], quota: None, source: LOGS };
/// Metric filters of a log group.
pub const METRIC_FILTERS: Limit =
    Limit { of: "metric filters on a log group", most: 100, elsewhere: &[], quota: None, source: LOGS };
/// Bytes of a queue's policy.
pub const QUEUE_POLICY: Limit = Limit {
    of: "bytes of a queue's policy",
    most: 8_192,
    elsewhere: &[],
    quota: None,
    source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
};
/// Characters of a function's policy.
pub const FUNCTION_POLICY: Limit = Limit {
    of: "characters of a function's policy",
    most: 20_480,
    elsewhere: &[],
    quota: None,
    source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
};
/// Characters of a role's inline policies in sum, without spaces.
pub const ROLE_POLICIES: Limit = Limit {
    of: "characters of a role's inline policies",
    most: 10_240,
    elsewhere: &[],
    quota: None,
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
};
