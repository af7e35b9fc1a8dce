//! What others attached to resources of the stack: seen, shown, and left alone until a person accepts or removes it.
//!
//! A policy on a role, a target on a rule, a layer of a function change what the stack does, although every resource of it is
//! as the file describes. So each counts as a difference, like drift, until the stack file accepts it with a reason.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Plan, Purpose};
use crate::live::{Live, Obstacle};

/// Something attached to a resource of the stack that trailbell does not manage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// What the stack file and `--remove-unmanaged` call it, such as `role.slack/inline-policy.theirs`.
    pub address: String,
    /// What it is, and what it is attached to.
    pub found: Obstacle,
    /// The name in AWS of what it is attached to.
    pub on: String,
    /// What becomes of it.
    pub verdict: ExtraVerdict,
}

/// What becomes of something that trailbell does not manage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum ExtraVerdict {
    /// It is left alone, and counts as a difference.
    Unmanaged,
    /// The stack file accepts it.
    Accepted {
        /// Why, as the file says.
        reason: String,
    },
    /// It is removed, as asked.
    Removed,
}

/// Why something is not removed although a person asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRemoved {
    /// There is nothing at this address.
    Absent(String),
    /// AWS has no call that removes it alone.
    ByHand {
        /// Its address.
        address: String,
        /// What a person has to do.
        fix: &'static str,
    },
}

impl Extra {
    /// Whether it is neither accepted nor removed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.verdict == ExtraVerdict::Unmanaged
    }

    /// Whether it is to be removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.verdict == ExtraVerdict::Removed
    }
}

/// Everything that others attached. A removal of the stack is refused because of it, so there it is not listed again.
pub(super) fn all(live: &Live, purpose: Purpose) -> Vec<Extra> {
    let found = live.obstacles.iter().filter(|_| purpose == Purpose::Apply);
    let extra = |found: &Obstacle| Extra {
        address: found.name(),
        found: found.clone(),
        on: live.managed.get(&found.address).map(|one| one.name().to_owned()).unwrap_or_default(),
        verdict: ExtraVerdict::Unmanaged,
    };
    found.map(extra).collect()
}

impl Plan {
    /// Accepts what the stack file accepts: addresses with reasons. What is accepted and not there is a note.
    pub fn accept<'a>(&mut self, accepted: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (address, reason) in accepted {
            let mut is_there = false;
            for one in self.extras.iter_mut().filter(|one| one.address == address) {
                one.verdict = ExtraVerdict::Accepted { reason: reason.to_owned() };
                is_there = true;
            }
            if !is_there {
                self.notes.push(format!(
                    "the stack file accepts `{address}`, which does not exist; remove it from `unmanaged`"
                ));
            }
        }
    }

    /// Removes what a person asks to remove.
    ///
    /// # Errors
    /// The first address of which there is nothing, or nothing that AWS could remove.
    pub fn remove_unmanaged(&mut self, addresses: &[String]) -> Result<(), NotRemoved> {
        for address in addresses {
            let mut found = self.extras.iter_mut().filter(|one| one.address == *address).peekable();
            match found.peek().map(|one| one.found.by_hand()) {
                None => return Err(NotRemoved::Absent(address.clone())),
                Some(Some(fix)) => return Err(NotRemoved::ByHand { address: address.clone(), fix }),
                Some(None) => found.for_each(|one| one.verdict = ExtraVerdict::Removed),
            }
        }
        Ok(())
    }

    /// Whether the account is as the stack file describes: nothing to do, and nothing unmanaged that is not accepted.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_empty() && !self.extras.iter().any(Extra::is_open)
    }
}
