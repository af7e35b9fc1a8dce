//! What every kind of resource says about itself. Nobody else matches on kinds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Account, Address, Edge, Field, OnRemoval, Pause, Resource, Room, edge, mark};
use crate::name::Scope;
use crate::secret::Sealed;

/// An ARN that is known, or that of a resource which gets it when it is created (connections and API destinations end in
/// a random id).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arn {
    /// The ARN.
    Known(String),
    /// The ARN of that resource.
    Of(Address),
}

impl Arn {
    /// What is shown of it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Known(arn) => arn.clone(),
            Self::Of(address) => format!("(ARN of {})", address.short()),
        }
    }
}

/// The ARNs of resources that exist.
pub type Arns = BTreeMap<Address, String>;

/// What every kind says about itself.
pub trait Describe {
    /// What is true of all resources of the kind.
    const ABOUT: About;
    /// Its identity.
    fn address(&self) -> &Address;
    /// What it is called in AWS.
    fn name(&self) -> &str;
    /// What tells it from others of its kind in a region, as the account sees it: its name, unless names of the kind are
    /// unique only within something else.
    fn unique_name(&self) -> String {
        self.name().to_owned()
    }
    /// Whether its name is one of the stack's.
    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        scope.parse(self.name()).is_some_and(|(_, suffix)| suffix == Self::ABOUT.suffix)
    }
    /// How it is to others, as far as its fields say.
    fn edges(&self, _scope: &Scope) -> Vec<Edge> {
        Vec::new()
    }
    /// Its ARN, where it has one; `id` ends those that AWS ends with a random id.
    fn arn(&self, _scope: &Scope, _id: &str) -> Option<String> {
        None
    }
    /// The address of the resource of this stack that an ARN names, where names are enough to tell.
    #[must_use]
    fn address_of_arn(_scope: &Scope, _arn: &str) -> Option<Address> {
        None
    }
    /// The tags that carry the mark, where AWS has them.
    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        None
    }
    /// The description whose end is the mark.
    fn description_mut(&mut self) -> Option<&mut String> {
        None
    }
    /// Whether it carries the mark of the stack, as it was seen.
    fn is_marked(&self, scope: &Scope) -> bool
    where
        Self: Clone,
    {
        let mut copy = self.clone();
        copy.tags_mut().is_some_and(|tags| mark::is_tagged(tags, scope))
            || copy.description_mut().is_some_and(|text| mark::is_marked(text, scope))
    }
    /// Gives it the mark of the stack, and changes nothing else. Where tags carry it, they are enough.
    ///
    /// # Errors
    /// Why it cannot get one, as the end of a sentence about it.
    fn adopt(&mut self, scope: &Scope) -> Result<(), &'static str> {
        let kind = self.address().kind();
        if let Some(tags) = self.tags_mut() {
            tags.extend(mark::tags(scope));
        } else if let Some(words) = self.description_mut() {
            *words = mark::appended(words, scope, kind)
                .ok_or("has a description that leaves no room for the mark: shorten it first")?;
        } else {
            return Err("has no tags and no description that a mark could be written into");
        }
        Ok(())
    }
    /// Whether it can be told from something of others under its name: by its mark, or by where it leads. A part has none, and
    /// neither has what only its name marks.
    fn has_mark(&self) -> bool
    where
        Self: Clone,
    {
        let mut copy = self.clone();
        copy.tags_mut().is_some() || copy.description_mut().is_some()
    }
    /// Whether its mark is enough to make its parts ours, and what it brings with it.
    fn vouches(&self) -> bool {
        false
    }
    /// Whether the end of an edge of this role is ours when this is, even without a mark.
    fn brings(&self, _relation: edge::Relation) -> bool {
        false
    }
    /// What it takes a place in, where there are few.
    fn room(&self) -> Option<Room<'_>> {
        None
    }
    /// Where what takes that place leads to, for people.
    fn leads_to(&self) -> String {
        String::new()
    }
    /// Why an account would reject it, beyond what its edges and its room say.
    fn special_rejection(&self, _scope: &Scope, _account: &Account<'_>) -> Option<String> {
        None
    }
    /// Makes it what an account keeps of it; `before` is what it kept until now.
    fn keep(&mut self, _before: Option<&Self>) {}
    /// Makes what an account keeps into what it tells.
    fn tell(&mut self, _scope: &Scope) {}
    /// Takes out of what was seen what others set and the stack file does not ask for, and tells what that is.
    fn take_unasked(&mut self, _wanted: Option<&Self>) -> Option<String> {
        None
    }
    /// What its removal means for something whose edge of this role leads to it.
    fn removal(&self, _relation: edge::Relation) -> OnRemoval {
        OnRemoval::Stays
    }
    /// What serves both what was and what this is, so that what relies on it can change in between; nothing where one
    /// step is enough.
    fn bridge(&self, _before: &Self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// What a person has to do before it works, as it was seen; people are told, and nothing is wrong.
    fn waits_for(&self) -> Option<String> {
        None
    }
    /// How long it takes until a change of it holds everywhere.
    fn settles(&self) -> Option<Pause> {
        None
    }
    /// How long a call of it can go on after it was changed.
    fn lasts(&self) -> Option<Pause> {
        None
    }
    /// What tells the alert whose events pass through it.
    fn alert(&self, _scope: &Scope) -> Option<String> {
        None
    }
    /// The ARNs that fields of it take from other resources.
    fn arns_mut(&mut self) -> Vec<&mut Arn> {
        Vec::new()
    }
    /// The secret it carries.
    fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        None
    }
    /// Its managed properties in normal form, always the same ones in the same order.
    fn fields(&self) -> Vec<Field>;
}

/// What can be the resource of its kind.
pub trait OfKind: Sized {
    /// The resource, if it is of this kind.
    fn of(resource: &Resource) -> Option<&Self>;
}
