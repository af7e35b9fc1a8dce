//! SNS topics as destinations: one of the stack with its email addresses, or one that others manage.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::step;
use crate::name::DestinationId;

/// Topics by name.
pub type Sns = BTreeMap<String, SnsDestination>;

/// An SNS topic: `topic` for one that exists and is not changed, or `email` for one of the stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnsDestination {
    /// The ARN of a topic that exists. Its policy is read, and never written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The email addresses that are subscribed to a topic of the stack. Each has to confirm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub email: Vec<String>,
    /// What messages look like. Default: `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TopicFormat>,
}

/// What the messages of a topic look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TopicFormat {
    /// Lines of text.
    #[default]
    Email,
    /// A custom notification of Amazon Q Developer in chat applications.
    AmazonQ,
}

/// A topic of a checked stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTopic {
    /// Its id.
    pub id: DestinationId,
    /// Its ARN, where others manage it; nothing for a topic of the stack.
    pub arn: Option<String>,
    /// The email addresses that are subscribed to a topic of the stack.
    pub emails: Vec<String>,
    /// What its messages look like.
    pub format: TopicFormat,
}

/// The JSON pointer of a topic's section.
#[must_use]
pub fn section(name: &str) -> String {
    format!("/sns/{}", step(name))
}

/// The topics that a file describes.
#[must_use]
pub fn topics(sns: &Sns) -> Vec<NamedTopic> {
    let named = |(name, one): (&String, &SnsDestination)| NamedTopic {
        id: DestinationId::new(name),
        arn: one.topic.clone(),
        emails: one.email.clone(),
        format: one.format.unwrap_or_default(),
    };
    sns.iter().map(named).collect()
}
