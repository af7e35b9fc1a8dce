//! CloudWatch subscription filter: which log events of a log group reach a function.
//!
//! A log group has room for two, no matter whose they are. Ours is known by its name and by where it leads: one of our
//! name that leads elsewhere is someone else's.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, When};
use super::address::{Identify, by_text};
use super::edge::Relation::{ActsAs, AllowedBy, ReadsFrom, SendsTo};
use super::edge::{Edge, EdgeEnd};
use super::{
    About, Account, Address, Arn, Describe, Field, Function, FunctionNames, Id, Kind, LOGS, LogGroup, Permission,
    PermissionSource, Role, Room, Within, limit,
};
use crate::name::Scope;

/// How many subscription filters a log group may have.
pub const MAX_FILTERS: usize = limit::SUBSCRIPTION_FILTERS.most;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:logs:REGION:ACCOUNT:log-group:LOG_GROUP"];

/// What tells a filter from others: `a@group` is that of the alert `a` on the log group `group`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilterId {
    /// The id of the alert; of a metric filter, that of its alarm.
    pub alert: String,
    /// The name of the log group.
    pub log_group: String,
}

impl fmt::Display for FilterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.alert, self.log_group)
    }
}

impl Identify for FilterId {
    fn base(&self) -> &str {
        self.alert.base()
    }

    fn read(text: &str) -> Option<Self> {
        let (alert, log_group) = text.split_once('@')?;
        Some(Self { alert: alert.to_owned(), log_group: log_group.to_owned() })
    }
}

impl Ord for FilterId {
    fn cmp(&self, other: &Self) -> Ordering {
        by_text(self, other)
    }
}

impl PartialOrd for FilterId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A CloudWatch subscription filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionFilter {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS, unique in its log group.
    pub name: String,
    /// The log group it is on; not ours.
    pub log_group: String,
    /// Which events pass; empty for all.
    pub pattern: String,
    /// The function they go to.
    pub destination: Arn,
    /// A role someone gave it; a function needs none.
    pub role_arn: Option<String>,
    /// Whether it looks at transformed events; trailbell's does not.
    pub on_transformed: bool,
    /// Further choices someone made; trailbell makes none.
    pub extra: Option<String>,
}

impl SubscriptionFilter {
    /// The name of the filter of an alert.
    #[must_use]
    pub fn name_of(scope: &Scope, alert: &str) -> String {
        let suffix = Kind::SubscriptionFilter.suffix();
        scope.name(&scope.fit(alert, suffix), suffix)
    }

    /// The filter of an alert on a log group.
    #[must_use]
    pub fn new(scope: &Scope, id: &str, log_group: &str, pattern: &str, names: &FunctionNames) -> Self {
        let name = Self::name_of(scope, id);
        let id = scope.fit(id, Kind::SubscriptionFilter.suffix());
        let function = &names.function.0;
        Self {
            address: Self::address_of(scope, &id, log_group),
            name,
            log_group: log_group.to_owned(),
            pattern: pattern.to_owned(),
            destination: Arn::Of(function.clone()),
            role_arn: None,
            on_transformed: false,
            extra: None,
        }
    }

    /// The address of a filter on a log group.
    #[must_use]
    pub fn address_of(scope: &Scope, id: &str, log_group: &str) -> Address {
        let id = FilterId { alert: id.to_owned(), log_group: log_group.to_owned() };
        Address::new(scope.region(), Id::SubscriptionFilter(id))
    }

    /// The id of a filter in a name of this stack.
    #[must_use]
    pub fn id_of<'a>(scope: &Scope, name: &'a str) -> Option<&'a str> {
        let (id, _) = scope.parse(name).filter(|(_, kind)| *kind == Kind::SubscriptionFilter.suffix())?;
        Some(id)
    }

    /// Whether it leads to a function under the names of this stack, which is what makes it ours.
    #[must_use]
    pub fn leads_home(&self, scope: &Scope) -> bool {
        match &self.destination {
            Arn::Of(address) => address.kind() == Kind::Function,
            Arn::Known(arn) => {
                let function = scope.function_of(arn);
                function.is_some_and(|name| FunctionNames::of_function(scope, name).is_some())
            }
        }
    }
}

impl Describe for SubscriptionFilter {
    const ABOUT: About = About {
        name: "subscription_filter",
        suffix: "filter",
        title: "subscription filter",
        found: "on the log groups that permissions and the stack file name; without a policy on all log groups; it is \
            managed if it leads to a managed function",
        quota: "2 per log group",
        calls: &[
            Calls::new(When::Plan, &["logs:DescribeSubscriptionFilters"], ON),
            Calls::new(When::Verify, &["logs:TestMetricFilter"], ANY),
            Calls::new(When::Apply, &["logs:PutSubscriptionFilter", "logs:DeleteSubscriptionFilter"], ON),
            Calls::new(When::Destroy, &["logs:DeleteSubscriptionFilter"], ON),
        ],
        note: "Filters are put on unmanaged log groups: if all of them are known, list them instead of `log-group:*`.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn unique_name(&self) -> String {
        format!("{}/{}", self.log_group, self.name)
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        let leads_to = EdgeEnd::of(&self.destination, |arn| Function::address_of_arn(scope, arn));
        let allowed_by = match &leads_to {
            EdgeEnd::Part(function) => {
                EdgeEnd::Part(Permission::address_of(function, PermissionSource::of_log_group(&self.log_group)))
            }
            EdgeEnd::Outside(_) | EdgeEnd::Unknown => EdgeEnd::Unknown,
        };
        let role = self.role_arn.as_ref().map(|arn| Role::end(scope, arn));
        let all = [
            (ReadsFrom, Some(LogGroup::end(scope, &self.log_group))),
            (SendsTo, Some(leads_to)),
            (ActsAs, role),
            (AllowedBy, Some(allowed_by)),
        ];
        all.into_iter().filter_map(|(role, end)| Some(Edge::new(role, end?))).collect()
    }

    fn is_marked(&self, scope: &Scope) -> bool {
        self.leads_home(scope)
    }

    fn has_mark(&self) -> bool {
        true
    }

    fn room(&self) -> Option<Room<'_>> {
        let within = Within::LogGroup(&self.log_group);
        Some(Room { kind: Kind::SubscriptionFilter, within, most: MAX_FILTERS })
    }

    fn leads_to(&self) -> String {
        match &self.destination {
            Arn::Known(arn) => arn.clone(),
            Arn::Of(address) => address.to_string(),
        }
    }

    // AWS sends a test message to the function.
    fn special_rejection(&self, scope: &Scope, account: &Account<'_>) -> Option<String> {
        let Arn::Known(destination) = &self.destination else {
            return Some("the destination is not known".to_owned());
        };
        let function = scope.function_of(destination).unwrap_or_default();
        let source = format!("{}:*", scope.log_group_arn(&self.log_group));
        let is_allowed = account.all::<Permission>().any(|one| one.function == function && one.lets(LOGS, &source));
        let refusal = "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to \
            execute your function.";
        (!is_allowed).then(|| refusal.to_owned())
    }

    fn alert(&self, scope: &Scope) -> Option<String> {
        Some(scope.digest_of(self.address.id.base(), Kind::SubscriptionFilter.suffix()))
    }

    fn arns_mut(&mut self) -> Vec<&mut Arn> {
        vec![&mut self.destination]
    }

    fn fields(&self) -> Vec<Field> {
        let optional = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        vec![
            Field::plain("log_group", self.log_group.as_str()).fixed(),
            Field::plain("filter_pattern", self.pattern.as_str()),
            Field::arn("destination_arn", &self.destination),
            Field::plain("role_arn", optional(self.role_arn.as_deref())),
            Field::plain("apply_on_transformed_logs", json!(self.on_transformed)),
            Field::plain("field_selection", optional(self.extra.as_deref())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_ours_when_it_leads_to_a_function_of_ours() {
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let names = FunctionNames::new(&scope, "slack");
        let mut filter = SubscriptionFilter::new(&scope, "root-login", "/aws/a.b", "root", &names);
        assert_eq!(filter.address.to_string(), "us-east-1/subscription_filter.root-login@/aws/a.b");
        assert_eq!(filter.address.to_string().parse(), Ok(filter.address.clone()));
        assert_eq!(SubscriptionFilter::id_of(&scope, &filter.name), Some("root-login"));
        assert!(filter.leads_home(&scope));
        let cases = [
            (scope.function_arn(&names.function.1), true),
            (scope.function_arn("trailbell-sec_other_function"), true),
            (scope.function_arn("trailbell-other_slack_function"), false),
            (scope.function_arn("theirs"), false),
            ("arn:aws:kinesis:us-east-1:123456789012:stream/x".to_owned(), false),
        ];
        for (arn, expected) in cases {
            filter.destination = Arn::Known(arn.clone());
            assert_eq!(filter.leads_home(&scope), expected, "{arn}");
        }
    }
}
