//! Names: who a stack is, what its resources are called in AWS, and the ARNs that follow from it.
//!
//! There is no state file, so everything hangs on names that can be computed: `trailbell-<stack>_<id>_<kind>`, `_` being
//! the only delimiter. Because neither stack nor id may contain `_`, the prefix of one stack never covers another's.

mod destination;
mod scope;

use sha2::{Digest, Sha256};

use crate::secret::hex;

pub use destination::{DESTINATION_FORM, DestinationId, is_destination};
pub use scope::{Scope, ScopeError};

/// Longest stack name, chosen so that a name has room for an id: AWS allows 64 characters for most of our kinds.
pub const MAX_STACK: usize = 20;
/// Longest alert or blueprint id.
pub const MAX_ID: usize = 64;
/// Longest name AWS allows for most of our kinds.
const MAX_NAME: usize = 64;
/// What stays of an id that is cut: one character, a hyphen, and 8 hex digits of its hash.
const MIN_ROOM: usize = 10;
/// How many characters the names of a stack and its region may have together. The longest names are those of roles,
/// which carry the region: `trailbell-<stack>_<id>-<region>_role`.
const MAX_STACK_AND_REGION: usize = MAX_NAME - "trailbell-_-_role".len() - MIN_ROOM;

/// Longest name of a log group: the API model of CloudWatch Logs.
pub const MAX_LOG_GROUP: usize = 512;

/// What a stack's name looks like, for people.
pub const STACK_FORM: &str = "1 to 20 lowercase letters, digits, and hyphens";

/// The name of the event bus that every account has in every region.
pub const DEFAULT_BUS: &str = "default";
/// The id of trailbell's own rule that carries messages, and of the event bus that it is on; no alert may be called so.
pub const RELAY: &str = "relay";
/// The detail type of the messages that the notifier and `verify` put on the stack's event bus.
pub const RELAYED: &str = "trailbell message";
/// The field of their detail that says which destination a message is for, where destinations have names.
pub const RELAYED_TO: &str = "to";
/// The id of the function that writes messages; no alert may be called so.
pub const NOTIFIER: &str = "notifier";
/// The id of the Slack destination that has no name, and of everything that belongs to it.
pub const SLACK: &str = "slack";

/// The id of the function that writes digests; no alert of a stack with digests may be called so.
pub const DIGEST: &str = "digest";
/// The id of the role that all schedules of a stack act as; no destination may be called so.
pub const SCHEDULER: &str = "scheduler";
/// The id of the second path to Slack, by which a stack watches itself, and what the ids of its alerts begin with.
pub const WATCH: &str = "watch";

/// What the names of every stack begin with.
pub const NAMES: &str = "trailbell-";

/// The stack that a name is of; `None` when it is no name of ours.
#[must_use]
pub fn stack_of(name: &str) -> Option<&str> {
    let (stack, rest) = name.strip_prefix(NAMES)?.split_once('_')?;
    (is_stack(stack) && !rest.is_empty()).then_some(stack)
}

/// The stack that a log group records the runs of.
#[must_use]
pub fn stack_of_run_log(name: &str) -> Option<&str> {
    name.strip_prefix("/trailbell/")?.strip_suffix("/runs").filter(|stack| is_stack(stack))
}

impl Scope {
    /// What every name of this stack begins with. Ends in the delimiter, so it is a prefix of no other stack's names.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("trailbell-{}_", self.stack())
    }

    /// The name of a resource. `id` must have been through [`Scope::fit`].
    #[must_use]
    pub fn name(&self, id: &str, kind: &str) -> String {
        format!("{}{id}_{kind}", self.prefix())
    }

    /// The id, or, when the name would be longer than AWS allows, its beginning and 8 hex digits of its hash.
    #[must_use]
    pub fn fit(&self, id: &str, kind: &str) -> String {
        let room = self.room(kind);
        if id.len() <= room {
            return id.to_owned();
        }
        let digest = hex(&Sha256::digest(id.as_bytes())[..4]);
        let kept = id.floor_char_boundary(room.saturating_sub(digest.len() + 1));
        format!("{}-{digest}", &id[..kept])
    }

    /// How long an id may be in a name of this kind.
    fn room(&self, kind: &str) -> usize {
        MAX_NAME.saturating_sub(self.prefix().len() + 1 + kind.len())
    }

    /// The hash of the id of which this is what fits, so that two kinds' ids of one thing can be told to be the same
    /// however much of it each keeps.
    #[must_use]
    pub fn digest_of(&self, fitted: &str, kind: &str) -> String {
        let is_cut = fitted.len() == self.room(kind);
        let is_hash = |end: &&str| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
        match fitted.rsplit_once('-').map(|(_, end)| end).filter(is_hash) {
            Some(end) if is_cut => end.to_owned(),
            _ => hex(&Sha256::digest(fitted.as_bytes())[..4]),
        }
    }

    /// The hash of an alert's id, which tells what belongs to the alert.
    #[must_use]
    pub fn digest_of_alert(&self, id: &str) -> String {
        let kind = "rule";
        self.digest_of(&self.fit(id, kind), kind)
    }

    /// Takes a name apart into id and kind; `None` when it is not of this stack.
    #[must_use]
    pub fn parse<'a>(&self, name: &'a str) -> Option<(&'a str, &'a str)> {
        let (id, kind) = name.strip_prefix(&self.prefix())?.split_once('_')?;
        (is_id(id) && is_id(kind)).then_some((id, kind))
    }

    /// The log group that records who changes the stack.
    #[must_use]
    pub fn run_log(&self) -> String {
        format!("/trailbell/{}/runs", self.stack())
    }

    /// The path of the stack's IAM roles.
    #[must_use]
    pub fn role_path(&self) -> String {
        format!("/trailbell/{}/", self.stack())
    }

    /// The id of a role in its name: it carries the region because role names are global.
    #[must_use]
    pub fn regional(&self, id: &str) -> String {
        format!("{}-{}", self.fit(id, &format!("{}_role", self.region())), self.region())
    }

    /// The id of a role of this stack in this region, from its name.
    #[must_use]
    pub fn role_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        let (id, _) = self.parse(name).filter(|(_, kind)| *kind == "role")?;
        id.strip_suffix(self.region())?.strip_suffix('-').filter(|id| !id.is_empty())
    }

    /// The name of the stack's own event bus.
    #[must_use]
    pub fn relay_bus(&self) -> String {
        self.name(RELAY, "bus")
    }

    /// The source of events that the relay rule listens to.
    #[must_use]
    pub fn relay_source(&self) -> String {
        format!("trailbell.{}", self.stack())
    }

    /// The ARN of something in EventBridge: `rule/NAME`, `api-destination/NAME/*`.
    #[must_use]
    pub fn events_arn(&self, resource: &str) -> String {
        format!("arn:{}:events:{}:{}:{resource}", self.partition(), self.region(), self.account())
    }

    /// The ARN of a role of this stack.
    #[must_use]
    pub fn role_arn(&self, name: &str) -> String {
        self.role_arn_at(&self.role_path(), name)
    }

    /// The ARN of a role under a path.
    #[must_use]
    pub fn role_arn_at(&self, path: &str, name: &str) -> String {
        format!("arn:{}:iam::{}:role{path}{name}", self.partition(), self.account())
    }

    /// The ARN of a queue.
    #[must_use]
    pub fn queue_arn(&self, name: &str) -> String {
        format!("arn:{}:sqs:{}:{}:{name}", self.partition(), self.region(), self.account())
    }

    /// What the URLs of queues begin with.
    #[must_use]
    pub fn queues_url(&self) -> String {
        format!("https://sqs.{}.{}/{}/", self.region(), host_suffix(self.partition()), self.account())
    }

    /// The ARN of a schedule, in the group that every account has.
    #[must_use]
    pub fn schedule_arn(&self, name: &str) -> String {
        let (partition, region, account) = (self.partition(), self.region(), self.account());
        format!("arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}")
    }

    /// The ARN of a topic.
    #[must_use]
    pub fn topic_arn(&self, name: &str) -> String {
        format!("arn:{}:sns:{}:{}:{name}", self.partition(), self.region(), self.account())
    }

    /// The ARN of a function.
    #[must_use]
    pub fn function_arn(&self, name: &str) -> String {
        format!("arn:{}:lambda:{}:{}:function:{name}", self.partition(), self.region(), self.account())
    }

    /// The name of the function that an ARN of this account and region names.
    #[must_use]
    pub fn function_of<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.function_arn("")).filter(|name| !name.contains(':'))
    }

    /// The ARN of a log group, without the `:*` that some calls want at its end.
    #[must_use]
    pub fn log_group_arn(&self, name: &str) -> String {
        format!("arn:{}:logs:{}:{}:log-group:{name}", self.partition(), self.region(), self.account())
    }

    /// The name of the log group that an ARN of this account and region names, with or without `:*`.
    #[must_use]
    pub fn log_group_of<'a>(&self, arn: &'a str) -> Option<&'a str> {
        let name = arn.strip_prefix(&self.log_group_arn(""))?;
        let name = name.strip_suffix(":*").unwrap_or(name);
        (!name.is_empty() && !name.contains(['*', ':'])).then_some(name)
    }

    /// The ARN of an alarm.
    #[must_use]
    pub fn alarm_arn(&self, name: &str) -> String {
        format!("arn:{}:cloudwatch:{}:{}:alarm:{name}", self.partition(), self.region(), self.account())
    }

    /// The public string that keys a secret's fingerprint, so that the same token gives another digest elsewhere.
    #[must_use]
    pub fn fingerprint_context(&self, connection: &str) -> String {
        format!("trailbell1|{}|{}|{}|{}|{connection}", self.partition(), self.account(), self.region(), self.stack())
    }
}

/// Whether a text may be an id: lowercase letters, digits and hyphens.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a text may be a stack's name in some region; see [`max_stack`] for a given one.
#[must_use]
pub fn is_stack(text: &str) -> bool {
    is_id(text) && text.len() <= MAX_STACK
}

/// The longest name a stack may have in a region.
#[must_use]
pub fn max_stack(region: &str) -> usize {
    MAX_STACK_AND_REGION.saturating_sub(region.len()).min(MAX_STACK)
}

/// Whether a text may be the name of a log group. (Source: the API model of CloudWatch Logs, `LogGroupName`.)
#[must_use]
pub fn is_log_group(text: &str) -> bool {
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'#');
    (1..=MAX_LOG_GROUP).contains(&text.len()) && text.bytes().all(is_sound)
}

/// Whether a text is an account id.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the form of a partition's name. Which ones exist is for AWS to say; new ones appear.
fn is_partition(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    text == "aws" || text.strip_prefix("aws-").is_some_and(|rest| rest.split('-').all(is_part))
}

/// What host names of a partition end in (botocore 1.43.106, `data/partitions.json`).
#[must_use]
pub fn host_suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        _ => "amazonaws.com",
    }
}

/// The partition a region belongs to, for work without an account.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("eu-isoe-") => "aws-iso-e",
        _ if region.starts_with("us-isof-") => "aws-iso-f",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// Whether a text has the form of a region's name. Which regions exist is for AWS to say; new ones appear.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() >= 3
        && parts[..parts.len() - 1].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
        && parts
            .last()
            .is_some_and(|number| matches!(number.len(), 1 | 2) && number.bytes().all(|b| b.is_ascii_digit()))
        && text.len() <= 24
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope(stack: &str) -> Scope {
        Scope::offline(None, "us-east-1", stack).expect("a good scope")
    }

    #[test]
    fn regions_are_recognised_by_form() {
        for good in ["us-east-1", "us-gov-west-1", "ap-southeast-7", "cn-north-1", "eu-isoe-west-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "us-east", "US-EAST-1", "us-east-x", "us--1", "useast1", "us-east-100", "-a-1"] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn arns_and_the_names_of_roles_come_apart_again() {
        let scope = scope("sec");
        assert_eq!(scope.name(&scope.regional(SLACK), "role"), "trailbell-sec_slack-us-east-1_role");
        assert_eq!(scope.role_of("trailbell-sec_slack-us-east-1_role"), Some("slack"));
        for other in ["trailbell-sec_slack-us-gov-east-1_role", "trailbell-sec_us-east-1_role", "trailbell-sec_a_rule"]
        {
            assert_eq!(scope.role_of(other), None, "{other}");
        }
        assert_eq!(scope.function_of(&scope.function_arn("f")), Some("f"));
        assert_eq!(scope.function_of(&scope.function_arn("f:alias")), None);
        let group = scope.log_group_arn("/aws/a.b#c");
        assert_eq!(scope.log_group_of(&group), Some("/aws/a.b#c"));
        assert_eq!(scope.log_group_of(&format!("{group}:*")), Some("/aws/a.b#c"));
        for other in ["*", "a*:*", ":*", "a:log-stream:b"] {
            assert_eq!(scope.log_group_of(&scope.log_group_arn(other)), None, "{other}");
        }
    }

    #[test]
    fn names_lead_to_their_stack() {
        let scope = scope("sec-b");
        assert_eq!(stack_of(&scope.name("alert", "rule")), Some("sec-b"));
        assert_eq!(stack_of_run_log(&scope.run_log()), Some("sec-b"));
        for other in ["trailbell-sec", "trailbell-_x", "trailbell-SEC_x", "trailbell-sec_", "other-sec_x"] {
            assert_eq!(stack_of(other), None, "{other}");
        }
        for other in ["/trailbell/sec", "/trailbell//runs", "/trailbell/a/b/runs"] {
            assert_eq!(stack_of_run_log(other), None, "{other}");
        }
    }

    #[test]
    fn one_stack_is_never_the_prefix_of_another() {
        let name = scope("sec-b").name("alert", "rule");
        assert_eq!(scope("sec").parse(&name), None);
        assert_eq!(scope("sec-b").parse(&name), Some(("alert", "rule")));
    }

    proptest! {
        #[test]
        fn what_fits_is_known_by_the_hash_of_the_whole(stack in "[a-z0-9-]{1,20}", id in "[a-z0-9-]{1,64}") {
            let scope = scope(&stack);
            let digest = |kind| scope.digest_of(&scope.fit(&id, kind), kind);
            prop_assert_eq!(digest("rule"), digest("filter"));
        }

        #[test]
        fn names_fit_and_come_apart_again(
            stack in "[a-z0-9-]{1,20}", region in "[a-z]{2}-[a-z]{1,12}-[a-z]{1,5}-[0-9]{1,2}", id in "[a-z0-9-]{1,64}",
        ) {
            let Ok(scope) = Scope::offline(None, &region, &stack) else {
                return Err(TestCaseError::reject("no stack of that name can be there"));
            };
            for kind in ["rule", "connection", "destination", "role", "function", "permission", "metric-filter"] {
                let fitted = scope.fit(&id, kind);
                let name = scope.name(&fitted, kind);
                prop_assert!(name.len() <= 64, "{name}");
                prop_assert_eq!(scope.parse(&name), Some((fitted.as_str(), kind)));
                prop_assert_eq!(scope.fit(&fitted, kind), fitted.clone());
            }
            let name = scope.name(&scope.regional(&id), "role");
            prop_assert!(name.len() <= 64, "{name}");
            let short = scope.role_of(&name).expect("a role of this region");
            prop_assert_eq!(scope.name(&scope.regional(short), "role"), name.clone());
        }

        #[test]
        fn no_id_is_too_strange_for_a_name(id in ".{0,80}", kind in "[a-z]{0,70}") {
            let scope = scope("a-stack-of-20-letter");
            let fitted = scope.fit(&id, &kind);
            prop_assert_eq!(scope.digest_of(&fitted, &kind).len(), 8);
            prop_assert!(scope.regional(&id).ends_with("-us-east-1"));
        }

        #[test]
        fn different_ids_keep_different_names(a in "[a-z0-9-]{40,64}", b in "[a-z0-9-]{40,64}") {
            let scope = scope("security-alerts");
            prop_assert_eq!(a == b, scope.fit(&a, "rule") == scope.fit(&b, "rule"));
        }
    }
}
