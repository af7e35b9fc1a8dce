//! What an account does with a resource beyond keeping it, as each kind says: what it rejects, what it keeps and tells, and
//! what a removal means for what has edges to the removed.
//!
//! Pure. The sandbox asks; what holds for all kinds is derived from edges and rooms, and a kind adds only what is special.

use super::edge::EdgeEnd;
use super::{Address, OfKind, Resource, Room, Within};
use crate::name::Scope;

/// One resource that exists in an account.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// What it is.
    pub resource: &'a Resource,
    /// Its ARN, where it has one.
    pub arn: Option<&'a str>,
    /// How many things of others are attached to it.
    pub attached: usize,
}

/// Everything in a region of an account, as a stack sees it.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    scope: &'a Scope,
    all: Vec<Present<'a>>,
    concurrency: u32,
}

/// Why an account rejects a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// What it is a part of, or reads from, does not exist.
    Absent(Address),
    /// There is no room for it.
    Full {
        /// The names of those that are there.
        holders: Vec<String>,
    },
    /// Its secret is required but not available; the reference.
    Secret(Option<String>),
    /// What the kind says.
    Other(String),
}

/// What becomes of a resource whose edge leads to one that is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRemoval {
    /// It stays as it is.
    Stays,
    /// It forbids the removal.
    Forbids,
    /// It is removed, too.
    GoesAlong,
}

impl<'a> Account<'a> {
    /// What there is in the region of a stack, whichever stack it belongs to.
    #[must_use]
    pub fn new(scope: &'a Scope, all: Vec<Present<'a>>, concurrency: u32) -> Self {
        Self { scope, all, concurrency }
    }

    /// How many calls of functions may run at once, all together.
    #[must_use]
    pub const fn concurrency(&self) -> u32 {
        self.concurrency
    }

    /// The resource of the stack at an address.
    #[must_use]
    pub fn at(&self, address: &Address) -> Option<Present<'a>> {
        let is_it = |one: &Resource| one.address() == address && one.is_ours_by_name(self.scope);
        self.all.iter().copied().find(|one| is_it(one.resource))
    }

    /// Whether something has this ARN.
    #[must_use]
    pub fn has(&self, arn: &str) -> bool {
        self.all.iter().any(|one| one.arn == Some(arn))
    }

    /// Everything of a kind.
    pub fn all<K: OfKind + 'a>(&self) -> impl Iterator<Item = &'a K> {
        self.all.iter().filter_map(|one| K::of(one.resource))
    }

    /// Those that take a place in a room.
    fn holders(&self, room: &Room<'_>) -> impl Iterator<Item = &'a Resource> {
        let is_shared = !matches!(room.within, Within::Part(_));
        let holds =
            move |one: &&Resource| one.room().as_ref() == Some(room) && (is_shared || one.is_ours_by_name(self.scope));
        self.all.iter().map(|one| one.resource).filter(holds)
    }

    /// How many places of a room things of others take that are not resources here.
    fn taken_by_others(&self, room: &Room<'_>) -> usize {
        match &room.within {
            Within::Part(address) => self.at(address).map_or(0, |one| one.attached),
            Within::LogGroup(_) | Within::Region => 0,
        }
    }
}

impl Resource {
    /// Why an account would reject it, if it would: its references are resolved.
    #[must_use]
    pub fn rejected(&self, account: &Account<'_>) -> Option<Rejection> {
        let scope = account.scope;
        let missing = self.edges(scope).into_iter().filter(|edge| edge.relation.needs_its_end()).find_map(|edge| {
            match edge.end {
                EdgeEnd::Part(address) => account.at(&address).is_none().then_some(address),
                EdgeEnd::Outside(_) | EdgeEnd::Unknown => None,
            }
        });
        let full = || {
            let room = self.room()?;
            let others = account.holders(&room).filter(|one| one.unique_name() != self.unique_name());
            let holders: Vec<String> = others.map(|one| one.name().to_owned()).collect();
            let is_full = holders.len() + account.taken_by_others(&room) >= room.most;
            is_full.then_some(Rejection::Full { holders })
        };
        missing
            .map(Rejection::Absent)
            .or_else(full)
            .or_else(|| self.lacks_secret())
            .or_else(|| self.special_rejection(scope, account).map(Rejection::Other))
    }

    /// What was desired comes with its secret; a mark that is put back does not, and needs none.
    fn lacks_secret(&self) -> Option<Rejection> {
        let mut copy = self.clone();
        let sealed = copy.sealed_mut()?;
        let is_lacking = sealed.value.is_none() && sealed.reference.is_some();
        is_lacking.then(|| Rejection::Secret(sealed.reference.take()))
    }

    /// What becomes of this, if something that one of its edges leads to is removed.
    #[must_use]
    pub fn on_removal_of(&self, scope: &Scope, removed: &Self) -> OnRemoval {
        let roles = self.parts(scope).filter(|(_, end)| end == removed.address()).map(|(role, _)| role);
        roles.map(|role| removed.removal(role)).find(|what| *what != OnRemoval::Stays).unwrap_or(OnRemoval::Stays)
    }
}
