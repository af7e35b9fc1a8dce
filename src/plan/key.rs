//! Whether the policy of the key that the stack file names lets AWS's services use it. It is read and never written.
//!
//! A key that does not let EventBridge in loses every dead letter, and no one is told. So a change that would encrypt something
//! with such a key is refused; where nothing changes, or it is not known, a note says so.

use super::{Change, Reason, Refusal};
use crate::live::{KeyState, Live};
use crate::name::Scope;
use crate::resource::allow::{Access, allows};
use crate::resource::{EVENTS, KEY_ACTIONS, Kind, Policy, Resource, ResourceSet};

/// What CloudWatch Logs does with the key of a log group (CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using
/// AWS KMS").
const LOG_ACTIONS: [&str; 3] = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];

/// What is wrong with the key, or not known of it.
enum KeyVerdict {
    Wrong(String),
    NotKnown(String),
}

/// Refuses changes that would encrypt something with a key that cannot be used.
pub(super) fn refusal(
    scope: &Scope,
    desired: &ResourceSet,
    live: &Live,
    changes: &[(Change, Reason)],
) -> Option<Refusal> {
    let KeyVerdict::Wrong(what) = verdict(scope, desired, live)? else { return None };
    let encrypts = changes.iter().any(|(change, _)| change.after().is_some_and(|after| key_of(after).is_some()));
    encrypts.then(|| Refusal {
        what,
        fix: "nothing was changed: change the policy of the key, which trailbell never does, or remove `kms_key`"
            .to_owned(),
    })
}

/// What is worth knowing of the key although nothing is changed because of it.
pub(super) fn note(scope: &Scope, desired: &ResourceSet, live: &Live) -> Option<String> {
    Some(match verdict(scope, desired, live)? {
        KeyVerdict::Wrong(what) => what,
        KeyVerdict::NotKnown(what) => format!("not known: {what}"),
    })
}

fn key_of(resource: &Resource) -> Option<&str> {
    match resource {
        Resource::Queue(queue) => queue.kms_key.as_deref(),
        Resource::Topic(topic) => topic.kms_key.as_deref(),
        Resource::DigestQueue(queue) => queue.kms_key.as_deref(),
        Resource::LogGroup(group) => group.kms_key.as_deref(),
        Resource::Connection(connection) => connection.kms_key.as_deref(),
        _ => None,
    }
}

fn verdict(scope: &Scope, desired: &ResourceSet, live: &Live) -> Option<KeyVerdict> {
    let key = desired.values().find_map(key_of)?;
    let text = match live.key.as_ref()? {
        KeyState::Unusable(why) => return Some(KeyVerdict::Wrong(format!("the key `{key}` cannot be used: {why}"))),
        KeyState::Denied(action) => {
            let what = format!("whether the policy of the key `{key}` allows what is needed, without `{action}`");
            return Some(KeyVerdict::NotKnown(what));
        }
        KeyState::Policy(text) => text,
    };
    let policy = Policy::parse(text);
    let account = scope.account();
    let rule = scope.events_arn(&format!("rule/{}any_rule", scope.prefix()));
    let logs = format!("logs.{}.amazonaws.com", scope.region());
    let groups = || desired.values().filter(|one| one.address().kind() == Kind::LogGroup);
    let source = [("aws:sourceaccount", account), ("aws:sourcearn", rule.as_str())];
    let mut answers =
        KEY_ACTIONS.map(|action| (EVENTS, action, allowed(&policy, key, EVENTS, action, &source))).to_vec();
    if desired.keys().any(|address| address.kind() == Kind::Topic) {
        // "Adding the aws:SourceAccount and aws:SourceArn to a AWS KMS policy is not supported for EventBridge-to-encrypted topics"
        // (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html): a condition on them is not met.
        let source = [("aws:sourceaccount", ""), ("aws:sourcearn", "")];
        answers.extend(KEY_ACTIONS.map(|action| (EVENTS, action, allowed(&policy, key, EVENTS, action, &source))));
    }
    for group in groups() {
        let arn = scope.log_group_arn(group.name());
        let context = [("kms:encryptioncontext:aws:logs:arn", arn.as_str()), ("aws:sourceaccount", account)];
        answers
            .extend(LOG_ACTIONS.map(|action| (logs.as_str(), action, allowed(&policy, key, &logs, action, &context))));
    }
    let with = |answer: Option<bool>| answers.iter().find(|(_, _, found)| *found == answer);
    if let Some((service, action, _)) = with(Some(false)) {
        let what = format!("the policy of the key `{key}` does not allow `{action}` to {service}");
        return Some(KeyVerdict::Wrong(what));
    }
    let (service, action, _) = with(None)?;
    Some(KeyVerdict::NotKnown(format!("whether the policy of the key `{key}` allows `{action}` to {service}")))
}

fn allowed(policy: &Policy, key: &str, service: &str, action: &str, context: &[(&str, &str)]) -> Option<bool> {
    allows(policy, Access { service: Some(service), action, resource: Some(key), context })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::compile::DestinationNames;
    use crate::name::DestinationId;
    use crate::resource::Queue;

    const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k";

    fn judged(state: Option<KeyState>) -> Option<String> {
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let (address, name) = DestinationNames::of(&scope, &DestinationId::slack()).queue;
        let queue = Queue {
            address: address.clone(),
            name,
            retention_seconds: 1,
            kms_key: Some(KEY.to_owned()),
            max_message_bytes: None,
            redrive_policy: None,
            policy: None,
            tags: std::collections::BTreeMap::new(),
        };
        let desired = ResourceSet::from([(address, Resource::Queue(queue.clone()))]);
        let live = Live { key: state, ..Live::default() };
        let change = Change::Create { after: Resource::Queue(queue) };
        let refused = refusal(&scope, &desired, &live, &[(change, Reason::Absent)]);
        assert!(refusal(&scope, &desired, &live, &[]).is_none(), "nothing is written");
        let noted = note(&scope, &desired, &live);
        assert!(refused.is_none() || noted.is_some());
        refused.map(|one| format!("refused: {}", one.what)).or(noted)
    }

    fn policy(action: &Value, condition: Value) -> KeyState {
        let root = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "kms:*", "Resource": "*" });
        let mut events = json!({ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": action, "Resource": "*" });
        if !condition.is_null() {
            events["Condition"] = condition;
        }
        KeyState::Policy(json!({ "Version": "2012-10-17", "Statement": [root, events] }).to_string())
    }

    #[test]
    fn a_key_lets_eventbridge_in_or_is_refused() {
        let both = json!(["kms:Decrypt", "kms:GenerateDataKey*"]);
        let here = json!({ "StringEquals": { "aws:SourceAccount": "123456789012" } });
        let elsewhere = json!({ "StringEquals": { "aws:SourceAccount": "210987654321" } });
        let unknown = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
        let refused = |action: &str| {
            Some(format!("refused: the policy of the key `{KEY}` does not allow `{action}` to events.amazonaws.com"))
        };
        assert_eq!(judged(None), None, "no key was looked at");
        assert_eq!(judged(Some(policy(&both, Value::Null))), None);
        assert_eq!(judged(Some(policy(&both, here))), None);
        assert_eq!(judged(Some(policy(&json!("kms:Decrypt"), Value::Null))), refused("kms:GenerateDataKey"));
        assert_eq!(judged(Some(policy(&both, elsewhere))), refused("kms:Decrypt"));
        assert!(judged(Some(policy(&both, unknown))).is_some_and(|what| what.starts_with("not known: ")));
        assert!(
            judged(Some(KeyState::Denied("kms:GetKeyPolicy"))).is_some_and(|what| what.contains("kms:GetKeyPolicy"))
        );
        let gone = judged(Some(KeyState::Unusable("it is PendingDeletion".to_owned())));
        assert!(gone.is_some_and(|what| what.contains("PendingDeletion")));
    }
}
