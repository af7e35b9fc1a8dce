//! Resource policy of CloudWatch Logs: lets EventBridge write what rules of the stack match into the stack's log groups.
//!
//! An account has room for ten in a region, so a stack has one for all of its log groups. It carries no mark, so its derived name
//! is what makes it ours.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::about::{ANY, Calls, NeededBy, When};
use super::{About, Address, Describe, EVENTS, Field, Id, Kind, LogGroup, Policy, Room, Within, limit};
use crate::name::Scope;

/// The id of the one that a stack has.
const STAGED: &str = "staged";
/// Who delivers for EventBridge.
/// Source: EventBridge user guide, "Using resource-based policies for Amazon EventBridge", "CloudWatch Logs permissions".
const DELIVERY: &str = "delivery.logs.amazonaws.com";

/// A resource policy of CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogPolicy {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// What it allows.
    pub policy: Policy,
}

impl LogPolicy {
    /// The policy of a stack: rules of the stack alone may have log events written, into its log groups of collected events alone.
    #[must_use]
    pub fn of_stack(scope: &Scope, rules: &str) -> Self {
        let groups = format!("{}*:*", scope.log_group_arn(&LogGroup::collected_prefix(scope)));
        let service = json!({ "Service": [DELIVERY, EVENTS] });
        // The rule is known when log events are put, and not when a stream is created.
        let create = json!({
            "Effect": "Allow", "Principal": service, "Action": "logs:CreateLogStream", "Resource": groups,
        });
        let put = json!({
            "Effect": "Allow", "Principal": service, "Action": "logs:PutLogEvents", "Resource": groups,
            "Condition": { "ArnLike": { "aws:SourceArn": rules } },
        });
        Self { address: Self::address_in(scope), name: Self::name_in(scope), policy: Policy::all(&[create, put]) }
    }

    /// The name of the policy of a stack.
    #[must_use]
    pub fn name_in(scope: &Scope) -> String {
        scope.name(STAGED, Kind::LogPolicy.suffix())
    }

    /// The address of the policy of a stack.
    #[must_use]
    pub fn address_in(scope: &Scope) -> Address {
        Address::new(scope.region(), Id::LogPolicy(STAGED.to_owned()))
    }
}

impl Describe for LogPolicy {
    const ABOUT: About = About {
        name: "log_policy",
        suffix: "log-policy",
        title: "CloudWatch Logs resource policy",
        found: "by name, where the stack collects events or did; its name is its mark",
        quota: "one per stack that collects events; 10 per account and region",
        calls: &[
            Calls::new(When::Plan, &["logs:DescribeResourcePolicies"], ANY),
            Calls::new(When::Apply, &["logs:PutResourcePolicy", "logs:DeleteResourcePolicy"], ANY),
            Calls::new(When::Destroy, &["logs:DescribeResourcePolicies"], ANY).needed(NeededBy::Leftovers),
            Calls::new(When::Destroy, &["logs:DeleteResourcePolicy"], ANY),
        ],
        note: "CloudWatch Logs knows no resource for its resource policies, so these calls are allowed for all of them or for none.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    // The name is its mark, and things of other names are not seen.
    fn is_marked(&self, _scope: &Scope) -> bool {
        true
    }

    fn room(&self) -> Option<Room<'_>> {
        Some(Room { kind: Kind::LogPolicy, within: Within::Region, most: limit::LOG_POLICIES.most })
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::policy("policy_document", Some(&self.policy))]
    }
}
