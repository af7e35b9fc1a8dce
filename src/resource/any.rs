//! What every resource answers, whichever kind it is of: each question goes to its kind.

use std::collections::BTreeMap;

use super::{
    Account, Address, Arn, Describe, Edge, EdgeEnd, Field, LogGroupRoom, OfKind, OnRemoval, Pause, Resource, Room,
    Target, each, edge, mark,
};
use crate::name::Scope;
use crate::secret::Sealed;

impl Resource {
    /// Its identity.
    #[must_use]
    pub fn address(&self) -> &Address {
        each!(self, one => one.address())
    }

    /// What it is called in AWS.
    #[must_use]
    pub fn name(&self) -> &str {
        each!(self, one => one.name())
    }

    /// What tells it from others of its kind in a region.
    #[must_use]
    pub fn unique_name(&self) -> String {
        each!(self, one => one.unique_name())
    }

    /// Whether its name is one of the stack's.
    #[must_use]
    pub fn is_ours_by_name(&self, scope: &Scope) -> bool {
        each!(self, one => one.is_ours_by_name(scope))
    }

    /// How it is to others.
    #[must_use]
    pub fn edges(&self, scope: &Scope) -> Vec<Edge> {
        each!(self, one => one.edges(scope))
    }

    /// The resources of the stack that it has edges to.
    pub fn parts(&self, scope: &Scope) -> impl Iterator<Item = (edge::Relation, Address)> + use<> {
        self.edges(scope).into_iter().filter_map(|edge| match edge.end {
            EdgeEnd::Part(address) => Some((edge.relation, address)),
            EdgeEnd::Outside(_) | EdgeEnd::Unknown => None,
        })
    }

    /// Whether it is a part of another resource: it has no mark and goes with that.
    #[must_use]
    pub fn is_part(&self, scope: &Scope) -> bool {
        self.edges(scope).iter().any(|edge| edge.relation == edge::Relation::PartOf)
    }

    /// Its ARN, where it has one; `id` ends those that AWS ends with a random id.
    #[must_use]
    pub fn arn(&self, scope: &Scope, id: &str) -> Option<String> {
        each!(self, one => one.arn(scope, id))
    }

    /// Whether an ARN is the one that its name says.
    #[must_use]
    pub fn is_named_by(&self, scope: &Scope, arn: &str) -> bool {
        self.address().kind().address_of_arn(scope, arn).as_ref() == Some(self.address())
    }

    /// The tags that carry the mark.
    pub fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        each!(self, one => one.tags_mut())
    }

    /// The description whose end is the mark.
    pub fn description_mut(&mut self) -> Option<&mut String> {
        each!(self, one => one.description_mut())
    }

    /// Whether it carries the mark of the stack.
    #[must_use]
    pub fn is_marked(&self, scope: &Scope) -> bool {
        each!(self, one => one.is_marked(scope))
    }

    /// The stack that its mark names, whichever that is.
    #[must_use]
    pub fn marked_stack(&self) -> Option<String> {
        let mut copy = self.clone();
        let tagged = copy.tags_mut().and_then(|tags| tags.remove(mark::STACK_TAG));
        tagged.or_else(|| copy.description_mut().and_then(|text| mark::stack_in(text).map(str::to_owned)))
    }

    /// Gives it the mark of the stack, and changes nothing else.
    ///
    /// # Errors
    /// Why it cannot get one, as the end of a sentence about it.
    pub fn adopt(&mut self, scope: &Scope) -> Result<(), &'static str> {
        each!(self, one => one.adopt(scope))
    }

    /// Whether making this takes nothing from anyone although something is under its name: that has the stack's mark, or,
    /// where there is no mark, is the same already, as after an answer that was lost. References are resolved.
    #[must_use]
    pub fn may_replace(&self, found: &Self, is_marked: bool) -> bool {
        let has_mark = each!(self, one => one.has_mark());
        if has_mark { is_marked } else { self.fields() == found.fields() }
    }

    /// Whether its mark is enough to make its parts ours, and what it brings with it.
    #[must_use]
    pub fn vouches(&self) -> bool {
        each!(self, one => one.vouches())
    }

    /// Whether the end of an edge of this role is ours when this is.
    #[must_use]
    pub fn brings(&self, relation: edge::Relation) -> bool {
        each!(self, one => one.brings(relation))
    }

    /// The ARN of an SNS topic of others that it sends to.
    #[must_use]
    pub fn topic_of_others(&self) -> Option<&str> {
        match self {
            Self::Target(Target { arn: Arn::Known(arn), .. }) => Some(arn.as_str()).filter(|arn| arn.contains(":sns:")),
            _ => None,
        }
    }

    /// What it takes a place in, where there are few.
    #[must_use]
    pub fn room(&self) -> Option<Room<'_>> {
        each!(self, one => one.room())
    }

    /// Where it leads to, for people who look for who takes a place.
    #[must_use]
    pub fn leads_to(&self) -> String {
        each!(self, one => one.leads_to())
    }

    /// What its kind says of why an account would reject it.
    pub(super) fn special_rejection(&self, scope: &Scope, account: &Account<'_>) -> Option<String> {
        each!(self, one => one.special_rejection(scope, account))
    }

    /// Makes it what an account keeps of it.
    pub fn keep(&mut self, before: Option<&Self>) {
        each!(self, one => one.keep(before.and_then(OfKind::of)));
    }

    /// Makes what an account keeps into what it tells.
    pub fn tell(&mut self, scope: &Scope) {
        each!(self, one => one.tell(scope));
    }

    /// Takes out of what was seen what others set and the stack file does not ask for, and tells what that is.
    pub fn take_unasked(&mut self, wanted: Option<&Self>) -> Option<String> {
        each!(self, one => one.take_unasked(wanted.and_then(OfKind::of)))
    }

    /// What its removal means for something whose edge of this role leads to it.
    pub(super) fn removal(&self, relation: edge::Relation) -> OnRemoval {
        each!(self, one => one.removal(relation))
    }

    /// What serves both what was and what this is; nothing where one step is enough.
    #[must_use]
    pub fn bridge(&self, before: &Self) -> Option<Self> {
        each!(self, one => one.bridge(OfKind::of(before)?).map(Self::from))
    }

    /// What a person has to do before it works; people are told, and nothing is wrong.
    #[must_use]
    pub fn waits_for(&self) -> Option<String> {
        each!(self, one => one.waits_for())
    }

    /// How long it takes until a change of it holds everywhere.
    #[must_use]
    pub fn settles(&self) -> Option<Pause> {
        each!(self, one => one.settles())
    }

    /// How long a call of it can go on after it was changed.
    #[must_use]
    pub fn lasts(&self) -> Option<Pause> {
        each!(self, one => one.lasts())
    }

    /// What tells the alert whose events pass through it.
    #[must_use]
    pub fn alert(&self, scope: &Scope) -> Option<String> {
        each!(self, one => one.alert(scope))
    }

    /// Its managed properties in normal form.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        each!(self, one => one.fields())
    }

    /// The ARNs that fields of it take from other resources.
    pub fn arns_mut(&mut self) -> Vec<&mut Arn> {
        each!(self, one => one.arns_mut())
    }

    /// The place on a log group that it takes, if it does.
    #[must_use]
    pub fn place(&self) -> Option<LogGroupRoom<'_>> {
        self.room().and_then(Room::place)
    }

    /// The secret it carries, if any.
    pub fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        each!(self, one => one.sealed_mut())
    }
}
