//! The way of an alert to Slack: events of the bus through a rule, or log lines through a subscription filter; and
//! what a metric and its alarm count next to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Blueprint, parameters};

/// What an alert with `filter` receives of a log group, its parameters filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedLines {
    /// The CloudWatch Logs filter pattern.
    pub filter: String,
    /// The name of the log group.
    pub log_group: String,
    /// The metric that counts the lines, when it is turned on.
    pub metric: Option<MetricAlarm>,
}

/// Who writes the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// The rule's input transformer where that is safe for every event that matches, else the notifier.
    Auto,
    /// The rule's input transformer: no code in the account. What is not safe is a finding.
    #[default]
    Transformer,
    /// The notifier, a Lambda function: safe for any event at all.
    Lambda,
}

/// A CloudWatch metric that counts the log lines which pass the filter, and an alarm on it: what benchmarks and
/// Security Hub look for. The alarm is next to the message, not instead of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricAlarm {
    /// The boolean parameter that turns it on. Default: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The namespace of the metric, such as `CloudTrailMetrics`.
    pub namespace: String,
    /// The name of the metric, such as `AuthorizationFailureCount`.
    pub name: String,
    /// The ARN of an SNS topic that the alarm tells. Empty: the alarm tells no one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

impl Blueprint {
    /// What the alert receives of a log group; `None` for an alert with an event pattern.
    #[must_use]
    pub fn heard_lines(&self, values: &parameters::Values) -> Option<ReceivedLines> {
        let filter = parameters::fill_text(self.alert.filter.as_deref()?, values);
        let log_group = parameters::fill_text(self.alert.log_group.as_deref().unwrap_or_default(), values);
        Some(ReceivedLines { filter, log_group, metric: self.metric(values) })
    }

    /// Whether the alert listens to log lines.
    #[must_use]
    pub fn is_log_route(&self) -> bool {
        self.alert.filter.is_some()
    }

    /// The metric, its parameters filled in, when it is turned on.
    fn metric(&self, values: &parameters::Values) -> Option<MetricAlarm> {
        let metric = self.alert.metric.as_ref()?;
        let fill = |text: &str| parameters::fill_text(text, values);
        parameters::is_on(metric.when.as_deref(), values).then(|| MetricAlarm {
            when: metric.when.clone(),
            namespace: fill(&metric.namespace),
            name: fill(&metric.name),
            topic: metric.topic.as_deref().map(fill).filter(|topic| !topic.is_empty()),
        })
    }
}
