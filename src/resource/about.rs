//! What a kind says about all resources of it: names, how they are found, how many there may be, and which calls of AWS they
//! need. `docs/permissions.md` is made of it.

/// What every kind says about all resources of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The kind in an address.
    pub name: &'static str,
    /// The last part of the name in AWS.
    pub suffix: &'static str,
    /// What AWS calls it, for messages.
    pub title: &'static str,
    /// How it is found without a state file.
    pub found: &'static str,
    /// How many there may be, for people.
    pub quota: &'static str,
    /// The calls that it needs.
    pub calls: &'static [Calls],
    /// What people who grant these calls should know; empty when there is nothing.
    pub note: &'static str,
}

/// Calls of AWS and what they are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// When they are needed.
    pub when: When,
    /// Their IAM actions.
    pub actions: &'static [&'static str],
    /// The ARNs of what they are made on, with `REGION`, `ACCOUNT` and `STACK`; `*` where AWS knows no resource.
    pub on: &'static [&'static str],
    /// The condition under which they are made.
    pub condition: Option<PolicyCondition>,
    /// Which stacks need them.
    pub need: NeededBy,
}

/// Which stacks need calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededBy {
    /// Those that have the kind.
    OfKind,
    /// All: only the call tells whether there is something of the kind.
    Always,
    /// Those that had more than their file says now.
    Leftovers,
    /// Those that reserve calls for a function.
    Reservation,
    /// Those that are encrypted with a key of the organization.
    Key,
    /// Those whose roles have a permissions boundary.
    Boundary,
    /// Those that send to an SNS topic of others.
    Topic,
    /// Those that have a staged alert.
    Staged,
}

/// A condition of a policy: the key has one of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyCondition {
    /// The condition key.
    pub key: &'static str,
    /// Its values.
    pub values: &'static [&'static str],
}

/// When calls are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// By plan and status, and therefore always.
    Plan,
    /// By verify, in addition.
    Verify,
    /// By doctor, in addition.
    Doctor,
    /// By redrive, in addition.
    Redrive,
    /// By apply, in addition.
    Apply,
    /// By adopt, in addition.
    Adopt,
    /// By destroy, in addition.
    Destroy,
}

/// The condition key for the boundary that a role has, or gets (Service Authorization Reference, "IAM").
pub const BOUNDARY_KEY: &str = "iam:PermissionsBoundary";
/// In an ARN: a log group of others that filters are put on.
pub const LOG_GROUP: &str = "LOG_GROUP";
/// The key of the stack file.
pub const KEY: &[&str] = &["arn:aws:kms:REGION:ACCOUNT:key/KEY_ID"];
/// The topics of others that the stack file names.
pub const TOPIC: &[&str] = &["arn:aws:sns:REGION:ACCOUNT:TOPIC_NAME"];
/// What AWS knows no resource for.
pub const ANY: &[&str] = &["*"];

impl Calls {
    /// Calls without a condition.
    #[must_use]
    pub const fn new(when: When, actions: &'static [&'static str], on: &'static [&'static str]) -> Self {
        Self { when, actions, on, condition: None, need: NeededBy::OfKind }
    }

    /// Calls under a condition.
    #[must_use]
    pub const fn only(self, key: &'static str, values: &'static [&'static str]) -> Self {
        Self { condition: Some(PolicyCondition { key, values }), ..self }
    }

    /// Calls that stacks need for another reason than that they have the kind.
    #[must_use]
    pub const fn needed(self, need: NeededBy) -> Self {
        Self { need, ..self }
    }

    /// Calls that an organization allows for roles with its boundary only; without a boundary there is no condition.
    #[must_use]
    pub const fn bounded(self) -> Self {
        self.only(BOUNDARY_KEY, &[])
    }
}
