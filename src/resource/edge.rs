//! Edges: how a resource is to others and to what is outside the stack. Each kind says its own, from its fields alone;
//! [`Relation::order`] is the one table that turns them into the order of changes.

use super::{Address, Arn};

/// One relation of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What the end is to the resource.
    pub relation: Relation,
    /// The end.
    pub end: EdgeEnd,
}

/// What the end of an edge is to the resource that has the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// It is a part of the end, has no mark of its own, and goes when the end goes: a target of its rule, a permission of its
    /// function.
    PartOf,
    /// It takes what the end gives it: a filter reads a log group, a rule the event bus.
    ReadsFrom,
    /// It passes on what it gets: a target to the API destination or a function, an alarm to a topic.
    SendsTo,
    /// It calls with the rights or the secret of the end: a role, a connection.
    ActsAs,
    /// The end lets it call what it sends to: a permission.
    AllowedBy,
    /// What it cannot deliver goes there: a queue.
    FallsTo,
    /// It counts into what the end watches: a metric filter for its alarm.
    CountsInto,
    /// It writes there what it has to say about itself: a function into its log group.
    LogsTo,
    /// What it writes must fit what the end asks for: the notifier's messages the API destination.
    WritesFor,
    /// What it holds, the end has taken out of it: the queue of a digest and its schedule.
    EmptiedBy,
    /// Without state it is found by way of the end: a function by its log group.
    FoundBy,
    /// It receives what AWS says about the end: the rule of an alarm's message.
    IsAbout,
}

/// The end of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeEnd {
    /// A resource under a name of the stack; whether it exists, the set says that the edge is looked up in.
    Part(Address),
    /// Something that is not the stack's: its ARN or name.
    Outside(String),
    /// It cannot be told.
    Unknown,
}

/// What a relation means for the order of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The end is made before the resource and removed after it.
    pub end_first: bool,
    /// The end stays as it is until the resource, if it is to be removed, is gone: it counts on the end.
    pub counts_on_it: bool,
}

impl Relation {
    /// The table.
    #[must_use]
    pub const fn order(self) -> Order {
        let (end_first, counts_on_it) = match self {
            Self::PartOf
            | Self::ReadsFrom
            | Self::SendsTo
            | Self::ActsAs
            | Self::AllowedBy
            | Self::LogsTo
            | Self::WritesFor
            | Self::FallsTo
            | Self::EmptiedBy
            | Self::FoundBy
            | Self::IsAbout => (true, false),
            // An alarm looks elsewhere only after those are gone that count on it.
            Self::CountsInto => (true, true),
        };
        Order { end_first, counts_on_it }
    }

    /// Whether AWS rejects the resource when the end, if it is a part of the stack, does not exist.
    #[must_use]
    pub const fn needs_its_end(self) -> bool {
        matches!(self, Self::PartOf | Self::ReadsFrom)
    }
}

impl Edge {
    /// An edge.
    #[must_use]
    pub const fn new(relation: Relation, end: EdgeEnd) -> Self {
        Self { relation, end }
    }

    /// An edge to a resource of the stack.
    #[must_use]
    pub const fn to(relation: Relation, part: Address) -> Self {
        Self::new(relation, EdgeEnd::Part(part))
    }
}

impl EdgeEnd {
    /// The part that was recognized in an ARN or a name, or else what is outside.
    #[must_use]
    pub fn known(part: Option<Address>, outside: &str) -> Self {
        part.map_or_else(|| Self::Outside(outside.to_owned()), Self::Part)
    }

    /// What an ARN leads to. One that is plain is not the stack's, unless it is `recognized`.
    #[must_use]
    pub fn of(arn: &Arn, recognized: impl FnOnce(&str) -> Option<Address>) -> Self {
        match arn {
            Arn::Of(address) => Self::Part(address.clone()),
            Arn::Known(arn) => Self::known(recognized(arn), arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::function::target;
    use crate::name::{DestinationId, NOTIFIER, Scope};
    use crate::resource::{Describe, FunctionNames, Id, Rule, RuleId, Target, TargetInput};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    /// The target of the rule of the alert `a` that calls a function.
    fn calling(function: &FunctionNames) -> Target {
        let rule = Rule {
            address: Address::new("us-east-1", Id::Rule(RuleId::of("a"))),
            name: "trailbell-sec_a_rule".to_owned(),
            bus: crate::name::DEFAULT_BUS.to_owned(),
            description: String::new(),
            pattern: serde_json::json!({}),
            schedule: None,
            state: String::new(),
            tags: std::collections::BTreeMap::new(),
        };
        target(&scope(), &rule, function, TargetInput::Event, &DestinationId::slack())
    }

    fn written(target: &Target) -> Vec<String> {
        let end = |end: EdgeEnd| match end {
            EdgeEnd::Part(address) => address.short(),
            EdgeEnd::Outside(text) => format!("outside: {text}"),
            EdgeEnd::Unknown => "unknown".to_owned(),
        };
        target.edges(&scope()).into_iter().map(|edge| format!("{:?} {}", edge.relation, end(edge.end))).collect()
    }

    #[test]
    fn a_target_is_allowed_by_the_permission_of_its_own_function_or_of_the_one_for_all() {
        for (function, permission) in [("a", "permission.a/rule"), (NOTIFIER, "permission.notifier/rules")] {
            let edges = written(&calling(&FunctionNames::new(&scope(), function)));
            let function = format!("SendsTo function.{function}");
            let allowed = format!("AllowedBy {permission}");
            assert_eq!(edges, ["PartOf rule.a", &function, &allowed, "FallsTo queue.slack"]);
        }
    }

    #[test]
    fn what_is_not_the_stacks_is_outside_and_what_cannot_be_told_unknown() {
        let mut changed = calling(&FunctionNames::new(&scope(), "a"));
        let theirs = "arn:aws:lambda:us-east-1:123456789012:function:theirs";
        changed.arn = Arn::Known(theirs.to_owned());
        changed.role_arn = Some("arn:aws:iam::123456789012:role/trailbell/sec/trailbell-other_slack_role".to_owned());
        changed.dead_letter_arn = None;
        let role = format!("ActsAs outside: {}", changed.role_arn.clone().unwrap_or_default());
        let function = format!("SendsTo outside: {theirs}");
        assert_eq!(written(&changed), ["PartOf rule.a", &function, &role, "AllowedBy unknown"]);
        changed.role_arn = Some(scope().role_arn("trailbell-sec_slack-us-east-1_role"));
        changed.arn = Arn::Known(scope().function_arn("trailbell-sec_a_function"));
        let edges = written(&changed);
        assert_eq!(edges[1..], ["SendsTo function.a", "ActsAs role.slack", "AllowedBy permission.a/rule"]);
    }
}
