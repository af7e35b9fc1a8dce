//! IAM roles with their one inline policy: the one EventBridge takes on to call the API destination, that of each function, and
//! the one of schedules.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::EdgeEnd;
use super::{About, Address, Describe, FUNCTION_POLICY_NAME, Field, Id, Kind, Pause, Policy, Room, Within, limit};
use crate::name::{SCHEDULER, Scope, is_destination};

/// What its calls are made on.
pub(super) const ROLES: &[&str] =
    &["arn:aws:iam::ACCOUNT:role/trailbell/STACK/trailbell-STACK_*", "arn:aws:iam::ACCOUNT:role/trailbell-STACK_*"];

/// The name of the inline policy of the role that EventBridge takes on.
pub const POLICY_NAME: &str = "invoke-api-destination";

/// The name of the inline policy of the role that schedules act as.
const SCHEDULE_POLICY_NAME: &str = "run-schedules";

/// The kind of what limits a role, whatever its policies allow. It goes with its role: it is not in the way of removing that
/// (IAM API reference, `DeleteRole`).
pub const PERMISSIONS_BOUNDARY: &str = "permissions boundary";

/// What lets the notifier send its messages.
const PUT_EVENTS: &str = "events:PutEvents";
/// How long a changed policy may be without effect; AWS names no number.
const SETTLING_SECONDS: u64 = 15;

/// An IAM role with its inline policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// `/trailbell/<stack>/`, or what the stack file says; AWS cannot change it.
    pub path: String,
    /// The ARN of the policy that is its permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// Words and marker.
    pub description: String,
    /// Who may take it on.
    pub trust: Policy,
    /// What it may do; absent on a live role that lost its policy.
    pub policy: Option<Policy>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Role {
    /// The role of an ARN as the end of an edge, under any path: names of roles are unique in an account whatever their paths
    /// (IAM user guide, "IAM and AWS STS quotas", "IAM name requirements").
    #[must_use]
    pub fn end(scope: &Scope, arn: &str) -> EdgeEnd {
        let is_here = arn.strip_prefix(&scope.role_arn_at("/", ""));
        let id = is_here.and_then(|rest| scope.role_of(rest.rsplit('/').next()?));
        EdgeEnd::known(id.map(|id| Address::new(scope.region(), Id::Role(id.to_owned()))), arn)
    }

    /// The name of its inline policy.
    #[must_use]
    pub fn policy_name(&self) -> &'static str {
        match self.address.id.base() {
            SCHEDULER => SCHEDULE_POLICY_NAME,
            _ if self.is_of_destination() => POLICY_NAME,
            _ => FUNCTION_POLICY_NAME,
        }
    }

    /// Whether it is the role of a destination, by which rules send.
    #[must_use]
    pub fn is_of_destination(&self) -> bool {
        is_destination(self.address.id.base())
    }
}

impl Describe for Role {
    const ABOUT: About = About {
        name: "role",
        suffix: "role",
        title: "IAM role",
        found: "by name, and in the list of the account's roles; its mark is in tags and description",
        quota: "one per destination, one per function, and one for schedules; 1,000 per account",
        calls: &[
            Calls::new(When::Plan, &["iam:ListRoles"], ANY).needed(NeededBy::Always),
            Calls::new(When::Plan, &["iam:GetAccountSummary"], ANY),
            Calls::new(
                When::Plan,
                &["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"],
                ROLES,
            ),
            Calls::new(When::Apply, &["iam:CreateRole", "iam:PutRolePolicy"], ROLES).bounded(),
            Calls::new(When::Apply, &["iam:PutRolePermissionsBoundary"], ROLES).bounded().needed(NeededBy::Boundary),
            Calls::new(
                When::Apply,
                &[
                    "iam:TagRole",
                    "iam:UpdateAssumeRolePolicy",
                    "iam:UpdateRole",
                    "iam:DeleteRolePolicy",
                    "iam:DeleteRole",
                ],
                ROLES,
            ),
            Calls::new(When::Adopt, &["iam:TagRole"], ROLES),
            Calls::new(When::Destroy, &["iam:DeleteRolePolicy", "iam:DeleteRole"], ROLES),
        ],
        note: "Roles are listed with and without their path, because IAM cannot know the path of a role that does not exist yet. \
            With `iam.path` in the stack file, write that path instead of `/trailbell/STACK/`.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        scope.role_of(&self.name).is_some()
    }

    fn take_unasked(&mut self, wanted: Option<&Self>) -> Option<String> {
        let boundary = self.boundary.take_if(|_| wanted.is_none_or(|wanted| wanted.boundary.is_none()))?;
        Some(format!("the {PERMISSIONS_BOUNDARY} `{boundary}`"))
    }

    // The old code of the notifier may still put messages on another bus.
    fn bridge(&self, before: &Self) -> Option<Self> {
        let (old, new) = (before.policy.as_ref()?, self.policy.as_ref()?);
        let known = new.statements();
        let is_old_way = |one: &Value| one["Action"] == PUT_EVENTS && !known.contains(one);
        let old_ways: Vec<Value> = old.statements().into_iter().filter(is_old_way).collect();
        let both: Vec<Value> = known.iter().chain(&old_ways).cloned().collect();
        (!old_ways.is_empty()).then(|| Self { policy: Some(Policy::all(&both)), ..self.clone() })
    }

    // IAM user guide, "Changes that I make are not always immediately visible".
    fn settles(&self) -> Option<Pause> {
        Some(Pause::new(SETTLING_SECONDS, "until IAM knows what the role is allowed to do"))
    }

    fn room(&self) -> Option<Room<'_>> {
        Some(Room { kind: Kind::Role, within: Within::Region, most: limit::ROLES.most })
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    // Only under the stack's own path: what is under another is the stack's by its mark alone.
    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        let id = scope.role_of(arn.strip_prefix(&scope.role_arn(""))?)?;
        Some(Address::new(scope.region(), Id::Role(id.to_owned())))
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(format!("arn:{}:iam::{}:role{}{}", scope.partition(), scope.account(), self.path, self.name))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("path", self.path.as_str()).fixed(),
            Field::plain("permissions_boundary", self.boundary.as_deref()),
            Field::plain("description", self.description.as_str()),
            Field::policy("assume_role_policy", Some(&self.trust)),
            Field::policy("inline_policy", self.policy.as_ref()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
