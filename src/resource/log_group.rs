//! CloudWatch log group of a function of ours: made before it, so that it has a retention and our mark, removed after it. Or the one
//! that collects the events of an alert.
//!
//! Log groups that filters are put on are someone else's: they are named by the filter and never changed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::EdgeEnd;
use super::{About, Address, Describe, Field, Function, FunctionNames, Id, mark};
use crate::name::{Scope, is_id};

/// What its calls are made on.
const ON: &[&str] = &[
    "arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/trailbell-STACK_*",
    "arn:aws:logs:REGION:ACCOUNT:log-group:/aws/events/trailbell/STACK/staged/*",
];

/// What the id of a log group for collected events ends with, behind the alert's id.
const STAGED: &str = "/staged";

/// How long a function's own log is kept, and what is collected: it is for finding mistakes and for tuning, not evidence.
pub const RETENTION_DAYS: u32 = 30;

/// A CloudWatch log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// Its identity; the id is that of its function, or `ALERT/staged`.
    pub address: Address,
    /// Its name in AWS: `/aws/lambda/<function>`, or `/aws/events/trailbell/<stack>/staged/<alert>`.
    pub name: String,
    /// How long events stay; absent for ever.
    pub retention_days: Option<u32>,
    /// The key that encrypts it, where the stack file asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl LogGroup {
    /// The log group of a name as the end of an edge: that of a function of ours, or one outside.
    #[must_use]
    pub fn end(scope: &Scope, name: &str) -> EdgeEnd {
        EdgeEnd::known(Self::address_of_name(scope, name), &scope.log_group_arn(name))
    }

    /// The log group that collects the events of an alert.
    #[must_use]
    pub fn collecting(scope: &Scope, alert: &str) -> Self {
        Self {
            address: Address::new(scope.region(), Id::LogGroup(format!("{alert}{STAGED}"))),
            name: format!("{}{alert}", Self::collected_prefix(scope)),
            retention_days: Some(RETENTION_DAYS),
            kms_key: None,
            tags: mark::tags(scope),
        }
    }

    /// What the names of log groups that collect events begin with. `/aws/events` is what the EventBridge console offers and what AWS
    /// advises for targets.
    /// Source: AWS re:Post knowledge center, "How do I create a CloudWatch log group to use as a target for an EventBridge rule?"
    #[must_use]
    pub fn collected_prefix(scope: &Scope) -> String {
        format!("/aws/events/trailbell/{}/staged/", scope.stack())
    }

    /// The address of the log group of a name, if it is one of the stack.
    #[must_use]
    pub fn address_of_name(scope: &Scope, name: &str) -> Option<Address> {
        let of_alert = name.strip_prefix(&Self::collected_prefix(scope)).filter(|alert| is_id(alert));
        let collecting = of_alert.map(|alert| Address::new(scope.region(), Id::LogGroup(format!("{alert}{STAGED}"))));
        collecting.or_else(|| FunctionNames::of_log_group(scope, name).map(|names| names.log_group.0))
    }
}

impl Describe for LogGroup {
    // Lambda looks for the log group under the function's name.
    const ABOUT: About = About {
        name: "log_group",
        suffix: Function::ABOUT.suffix,
        title: "log group",
        found: "by name, in the list of log groups with this prefix, of those that collect events where a rule or the stack file leads to one; its mark is in tags",
        quota: "one per function, one per alert that collects events",
        calls: &[
            Calls::new(When::Plan, &["logs:DescribeLogGroups"], ANY).needed(NeededBy::Always),
            Calls::new(When::Plan, &["logs:ListTagsForResource"], ON),
            Calls::new(
                When::Apply,
                &[
                    "logs:CreateLogGroup",
                    "logs:TagResource",
                    "logs:PutRetentionPolicy",
                    "logs:DeleteRetentionPolicy",
                    "logs:DeleteLogGroup",
                ],
                ON,
            ),
            Calls::new(When::Apply, &["logs:AssociateKmsKey"], ON).needed(NeededBy::Key),
            Calls::new(When::Adopt, &["logs:TagResource"], ON),
            Calls::new(When::Destroy, &["logs:DeleteLogGroup"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        Self::address_of_name(scope, &self.name).is_some()
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    // Whoever else encrypts it breaks nothing.
    fn take_unasked(&mut self, wanted: Option<&Self>) -> Option<String> {
        self.kms_key.take_if(|_| wanted.is_none_or(|wanted| wanted.kms_key.is_none()));
        None
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        Self::address_of_name(scope, scope.log_group_of(arn)?)
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.log_group_arn(&self.name))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("retention_in_days", self.retention_days.map_or(Value::Null, Value::from)),
            Field::plain("kms_key_id", self.kms_key.as_deref()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
