//! A plan: what would be done, in which order, and why. Data only; it can be saved, compared and drawn in any form.
//!
//! `adopt` plans to take over what is unmanaged. `diff` finds the changes, `transition` makes two of those that others rely on meanwhile, `waits` says who waits for whom,
//! `capacity` where that is for lack of room, `concurrency` whether the account has calls left to reserve, `quota` whether AWS's
//! quotas leave room, `order` puts them into order, `safety` says what must not be done, `guard` what someone
//! has to allow by name, `extra` what others attached, `unconfirmed` what waits for a person, `topic` whether a topic of others is open, `saved` is a
//! plan in a file. `apply` carries a plan out and makes no decision of its own.

mod adopt;
mod capacity;
mod concurrency;
mod diff;
mod extra;
mod guard;
mod key;
mod order;
mod quota;
mod safety;
mod saved;
mod topic;
mod transition;
mod unconfirmed;
mod waits;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::live::Live;
use crate::name::Scope;
use crate::resource::{Address, Arns, Resource, ResourceSet};

pub use crate::resource::Pause;

pub use adopt::adopt;
pub use extra::{Extra, ExtraVerdict, NotRemoved};
pub use guard::received;
pub use order::Cycle;
pub use quota::most as most_in;
pub use safety::Refusal;
pub use saved::{PlanContext, SavedPlan, UnusablePlan};
pub use topic::{TopicVerdict, verdict as topic_verdict};

/// The version of a plan's JSON.
pub const FORMAT: u32 = 2;

/// The action of giving something the stack's mark.
pub const ADOPT: &str = "adopt";

/// What would be done to make live what is desired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of this form.
    pub format: u32,
    /// Where.
    pub scope: Scope,
    /// What it is for.
    pub purpose: Purpose,
    /// The changes, each after those it waits for.
    pub steps: Vec<PlanStep>,
    /// What is as it should be.
    pub unchanged: Vec<Address>,
    /// The ARNs of what exists, for what refers to it.
    pub arns: Arns,
    /// Worth knowing.
    pub notes: Vec<String>,
    /// What others attached to the stack's resources.
    #[serde(default)]
    pub extras: Vec<Extra>,
    /// How what is adopted differs from the stack file: what the next apply changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Change>,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Make the stack as its file says.
    Apply,
    /// Remove the stack.
    Destroy,
    /// Give the stack's mark to what it does not manage yet, and change nothing else.
    Adopt,
}

/// One change and its place in the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanStep {
    /// The change.
    pub change: Change,
    /// Why; for people only, it steers nothing.
    pub reason: Reason,
    /// Indices of the steps that must be done before; all smaller than the own.
    pub waits_for: Vec<usize>,
    /// How long it waits after these, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

/// A difference between desired and live at one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Change {
    /// It does not exist.
    Create {
        /// What is made.
        after: Resource,
    },
    /// It differs and can be changed in place.
    Update {
        /// What is there.
        before: Resource,
        /// What it becomes.
        after: Resource,
        /// How they differ.
        fields: Vec<FieldChange>,
    },
    /// It differs in a way that AWS cannot change in place: removed and made anew.
    Replace {
        /// What is there.
        before: Resource,
        /// What is made instead.
        after: Resource,
        /// How they differ.
        fields: Vec<FieldChange>,
    },
    /// It is not wanted.
    Delete {
        /// What is there.
        before: Resource,
    },
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// The field's name.
    pub path: String,
    /// What is there, as people may see it.
    pub before: Value,
    /// What it becomes.
    pub after: Value,
    /// AWS cannot change it in place.
    pub forces_replace: bool,
    /// What uses the resource must be changed before this takes effect.
    pub users_first: bool,
}

/// Why a change is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It does not exist yet.
    Absent,
    /// It differs from the stack file.
    Differs,
    /// The stack file does not have it anymore.
    NotInStack,
    /// The stack is being removed.
    Destroyed,
    /// What it refers to gets another ARN.
    Follows(Address),
    /// Its mark is put back first, so that an interrupted removal can be finished.
    MarkLost,
    /// A person asks for it to be managed.
    Adopted,
    /// It serves both what was and what will be until a function that relies on it has changed.
    Opens,
    /// No one relies on what was anymore.
    Closes,
}

/// How many changes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// To create.
    pub create: usize,
    /// To update.
    pub update: usize,
    /// To replace.
    pub replace: usize,
    /// To delete.
    pub delete: usize,
    /// As they should be.
    pub unchanged: usize,
}

impl Change {
    /// The address it is about.
    #[must_use]
    pub fn address(&self) -> &Address {
        match self {
            Self::Create { after } | Self::Update { after, .. } | Self::Replace { after, .. } => after.address(),
            Self::Delete { before } => before.address(),
        }
    }

    /// The verb.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Replace { .. } => "replace",
            Self::Delete { .. } => "delete",
        }
    }

    /// Whether what uses the resource must be changed before it.
    #[must_use]
    pub fn lets_users_go_first(&self) -> bool {
        matches!(self, Self::Update { fields, .. } if fields.iter().any(|field| field.users_first))
    }

    /// The difference as a sentence: `role.slack differs: inline_policy`.
    #[must_use]
    pub fn difference(&self) -> String {
        let name = self.address().short();
        match self {
            Self::Create { .. } => format!("{name} is missing"),
            Self::Delete { .. } => format!("{name} is not in the stack file"),
            Self::Update { fields, .. } | Self::Replace { fields, .. } => {
                let fields: Vec<&str> = fields.iter().map(|field| field.path.as_str()).collect();
                format!("{name} differs: {}", fields.join(", "))
            }
        }
    }

    /// What is there before, if anything.
    #[must_use]
    pub const fn before(&self) -> Option<&Resource> {
        match self {
            Self::Create { .. } => None,
            Self::Update { before, .. } | Self::Replace { before, .. } | Self::Delete { before } => Some(before),
        }
    }

    /// What is there afterwards, if anything.
    #[must_use]
    pub const fn after(&self) -> Option<&Resource> {
        match self {
            Self::Delete { .. } => None,
            Self::Create { after } | Self::Update { after, .. } | Self::Replace { after, .. } => Some(after),
        }
    }
}

impl Plan {
    /// What a change of this plan does.
    #[must_use]
    pub fn action(&self, change: &Change) -> &'static str {
        if self.purpose == Purpose::Adopt { ADOPT } else { change.action() }
    }

    /// How many changes of each kind.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { unchanged: self.unchanged.len(), ..Summary::default() };
        for step in &self.steps {
            match step.change {
                Change::Create { .. } => summary.create += 1,
                Change::Update { .. } => summary.update += 1,
                Change::Replace { .. } => summary.replace += 1,
                Change::Delete { .. } => summary.delete += 1,
            }
        }
        summary
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && !self.extras.iter().any(Extra::is_removed)
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Something must not be done.
    #[error("{}", refusals(.0))]
    Refused(Vec<Refusal>),
    /// The changes wait for each other; a bug.
    #[error(transparent)]
    Cycle(#[from] Cycle),
}

fn refusals(all: &[Refusal]) -> String {
    all.iter().map(|one| one.what.as_str()).collect::<Vec<_>>().join("; ")
}

/// Plans to make live what is desired.
///
/// # Errors
/// A refusal: something unmanaged is in the way.
pub fn plan(scope: &Scope, desired: &ResourceSet, live: &Live) -> Result<Plan, PlanError> {
    plan_removing(scope, desired, live, &[])
}

/// Plans to make live what is desired, where a person asks to remove what others attached: it is not in the way of removing or
/// replacing what it is attached to.
///
/// # Errors
/// A refusal: something else unmanaged is in the way.
pub fn plan_removing(
    scope: &Scope,
    desired: &ResourceSet,
    live: &Live,
    unmanaged: &[String],
) -> Result<Plan, PlanError> {
    make(scope, Purpose::Apply, desired, live, unmanaged)
}

/// Plans to remove everything the stack has.
///
/// # Errors
/// A refusal: something unmanaged is attached.
pub fn destroy(scope: &Scope, live: &Live) -> Result<Plan, PlanError> {
    make(scope, Purpose::Destroy, &ResourceSet::new(), live, &[])
}

fn make(
    scope: &Scope,
    purpose: Purpose,
    desired: &ResourceSet,
    live: &Live,
    unmanaged: &[String],
) -> Result<Plan, PlanError> {
    let found = diff::diff(desired, live, purpose);
    let mut refusals = safety::check(scope, &found.changes, desired, live, unmanaged);
    refusals.extend(key::refusal(scope, desired, live, &found.changes));
    if !refusals.is_empty() {
        return Err(PlanError::Refused(refusals));
    }
    let unconfirmed = unconfirmed::notes(&found.changes, desired, live);
    let lost = safety::lost(&found.changes, live);
    let notes = safety::notes(scope, &found.changes, live, purpose);
    let marks = if found.removes() { diff::restore_marks(scope, desired, live) } else { Vec::new() };
    Ok(Plan {
        format: FORMAT,
        scope: scope.clone(),
        purpose,
        steps: order::order(scope, live, marks, transition::split(scope, live, found.changes))?,
        unchanged: found.unchanged,
        arns: live.arns.clone(),
        notes: found
            .notes
            .into_iter()
            .chain(notes)
            .chain(concurrency::note(live))
            .chain(key::note(scope, desired, live))
            .chain(quota::notes(live))
            .chain(unconfirmed)
            .chain(topic::notes(live))
            .chain(lost)
            .collect(),
        extras: extra::all(live, purpose),
        next: Vec::new(),
    })
}
