//! CloudWatch log group of a function of ours: made before it, so that it has a retention and our mark, removed after it.
//!
//! Log groups that filters are put on are someone else's: they are named by the filter and never changed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::EdgeEnd;
use super::{About, Address, Describe, Field, Function, FunctionNames};
use crate::name::Scope;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/trailbell-STACK_*"];

/// How long a function's own log is kept: what it says is for finding mistakes, not evidence.
pub const RETENTION_DAYS: u32 = 30;

/// A CloudWatch log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// Its identity; the id is that of its function.
    pub address: Address,
    /// Its name in AWS: `/aws/lambda/<function>`.
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
        let own = FunctionNames::of_log_group(scope, name).map(|names| names.log_group.0);
        EdgeEnd::known(own, &scope.log_group_arn(name))
    }
}

impl Describe for LogGroup {
    // Lambda looks for the log group under the function's name.
    const ABOUT: About = About {
        name: "log_group",
        suffix: Function::ABOUT.suffix,
        title: "log group",
        found: "by name, in the list of log groups with this prefix; its mark is in tags",
        quota: "one per function",
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
        FunctionNames::of_log_group(scope, &self.name).is_some()
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
        Some(FunctionNames::of_log_group(scope, scope.log_group_of(arn)?)?.log_group.0)
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
