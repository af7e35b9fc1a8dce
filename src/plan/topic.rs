//! Whether EventBridge may publish to the topics that the stack file names and that others manage. Their policies are read and never
//! written: a note has the statement to add. What EventBridge may not publish goes to the dead-letter queue.

use crate::compile::topic::publish;
use crate::live::{Live, TopicState};
use crate::resource::allow::{Access, allows};
use crate::resource::{EVENTS, Policy};

/// The key of SNS itself, whose policy no one can change.
const KEY_OF_SNS: &str = "alias/aws/sns";

/// What is wrong with a topic, or not known of it.
#[derive(Debug, PartialEq, Eq)]
pub enum TopicVerdict {
    /// Why no message reaches it, and the fix.
    Closed(String, String),
    /// What is not known.
    NotKnown(String),
}

/// What is worth knowing of each topic.
pub(super) fn notes(live: &Live) -> Vec<String> {
    let note = |(arn, state): (&String, &TopicState)| {
        Some(match verdict(arn, state)? {
            TopicVerdict::Closed(why, fix) => format!("{why}; {fix}"),
            TopicVerdict::NotKnown(what) => format!("not known: {what}"),
        })
    };
    live.topics.iter().filter_map(note).collect()
}

/// What is wrong with a topic of others; nothing when EventBridge may publish to it.
#[must_use]
pub fn verdict(arn: &str, state: &TopicState) -> Option<TopicVerdict> {
    let closed = |why: String, fix: &str| Some(TopicVerdict::Closed(why, fix.to_owned()));
    let (policy, key) = match state {
        TopicState::Absent => {
            return closed(
                format!("the topic `{arn}` does not exist"),
                "create it, or correct `topic` in the stack file",
            );
        }
        TopicState::Denied(action) => {
            let what = format!("whether EventBridge may publish to the topic `{arn}`, without `{action}`");
            return Some(TopicVerdict::NotKnown(what));
        }
        TopicState::Found { policy, key } => (policy, key),
    };
    let answer = policy.as_ref().map_or(Some(false), |policy| {
        let policy = Policy::parse(policy);
        allows(&policy, Access { service: Some(EVENTS), action: "sns:Publish", resource: Some(arn), context: &[] })
    });
    match (answer, key.as_deref()) {
        (Some(false), _) => {
            let statement = publish(arn).statements().into_iter().map(|one| one.to_string()).collect::<String>();
            let fix = format!("add this statement to its policy, which trailbell does not change: {statement}");
            closed(format!("the policy of the topic `{arn}` does not let EventBridge publish"), &fix)
        }
        // The key policy of an AWS managed key does not allow EventBridge, and cannot be changed.
        (_, Some(key)) if key.ends_with(KEY_OF_SNS) => closed(
            format!(
                "the topic `{arn}` is encrypted with the AWS managed key `{KEY_OF_SNS}`, which EventBridge cannot use"
            ),
            "encrypt it with a customer managed key whose policy allows kms:Decrypt and kms:GenerateDataKey to EventBridge",
        ),
        (None, _) => {
            let why = "EventBridge does not support conditions in the policy of a topic";
            Some(TopicVerdict::NotKnown(format!(
                "whether the policy of the topic `{arn}` lets EventBridge publish: {why}"
            )))
        }
        (Some(true), Some(key)) => {
            Some(TopicVerdict::NotKnown(format!("whether EventBridge may use the key `{key}` of the topic `{arn}`")))
        }
        (Some(true), None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:theirs";

    fn judged(statements: &Value, key: Option<&str>) -> Option<TopicVerdict> {
        let policy = Some(json!({ "Version": "2012-10-17", "Statement": statements }).to_string());
        verdict(TOPIC, &TopicState::Found { policy, key: key.map(str::to_owned) })
    }

    #[test]
    fn a_topic_of_others_is_open_closed_or_not_known() {
        let open = json!([{ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sns:Publish", "Resource": TOPIC }]);
        let mut owner = open.clone();
        owner[0]["Principal"] = json!({ "AWS": "*" });
        owner[0]["Condition"] = json!({ "StringEquals": { "AWS:SourceOwner": "123456789012" } });
        assert_eq!(judged(&open, None), None);
        let Some(TopicVerdict::Closed(why, fix)) = judged(&json!([]), None) else { panic!("it is closed") };
        assert!(why.contains(TOPIC) && fix.contains(r#""Service":"events.amazonaws.com""#), "{why} {fix}");
        assert!(matches!(judged(&owner, None), Some(TopicVerdict::NotKnown(_))), "the default policy has a condition");
        assert!(matches!(judged(&open, Some("alias/aws/sns")), Some(TopicVerdict::Closed(..))));
        assert!(matches!(judged(&open, Some("k")), Some(TopicVerdict::NotKnown(_))));
        assert!(matches!(verdict(TOPIC, &TopicState::Absent), Some(TopicVerdict::Closed(..))));
        let denied = verdict(TOPIC, &TopicState::Denied("sns:GetTopicAttributes"));
        assert!(matches!(denied, Some(TopicVerdict::NotKnown(what)) if what.contains("sns:GetTopicAttributes")));
        let closed = verdict(TOPIC, &TopicState::Found { policy: None, key: None });
        assert!(matches!(closed, Some(TopicVerdict::Closed(..))));
    }
}
