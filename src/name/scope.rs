//! Where a stack lives, checked: every name that is computed from a [`Scope`] fits into what AWS allows.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{is_account, is_partition, is_region, is_stack, max_stack, partition_of};

/// An account for work without one, as in AWS's own examples.
const EXAMPLE_ACCOUNT: &str = "123456789012";

/// Where a stack lives. Everything that identifies a resource follows from this and an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Unchecked")]
pub struct Scope {
    /// The partition, such as `aws`.
    partition: String,
    /// The account, twelve digits.
    account: String,
    /// The region.
    region: String,
    /// The name of the stack.
    stack: String,
}

/// Where a stack lives, as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Scope")]
struct Unchecked {
    /// The partition, such as `aws`.
    partition: String,
    /// The account, twelve digits.
    account: String,
    /// The region.
    region: String,
    /// The name of the stack.
    stack: String,
}

/// Why no stack can live there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}: found {found}, expected {expected}")]
pub struct ScopeError {
    /// What is wrong.
    pub what: &'static str,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Scope {
    /// A stack in a region of an account.
    ///
    /// # Errors
    /// A part is not well formed, or stack and region together leave no room for names.
    pub fn new(
        partition: impl Into<String>,
        account: impl Into<String>,
        region: impl Into<String>,
        stack: impl Into<String>,
    ) -> Result<Self, ScopeError> {
        Self { partition: partition.into(), account: account.into(), region: region.into(), stack: stack.into() }
            .checked()
    }

    /// A stack in a region, for work without credentials; without an account, in an example of one.
    ///
    /// # Errors
    /// As [`Scope::new`].
    pub fn offline(account: Option<&str>, region: &str, stack: &str) -> Result<Self, ScopeError> {
        Self::new(partition_of(region), account.unwrap_or(EXAMPLE_ACCOUNT), region, stack)
    }

    fn checked(self) -> Result<Self, ScopeError> {
        let wrong = |what, found: &str, expected: &str| {
            Err(ScopeError { what, found: format!("`{found}`"), expected: expected.to_owned() })
        };
        let Self { partition, account, region, stack } = &self;
        if !is_partition(partition) {
            return wrong("that is not an AWS partition", partition, "`aws`, or a name such as `aws-us-gov`");
        }
        if !is_account(account) {
            return wrong("this is not an account id", account, "twelve digits");
        }
        if !is_region(region) {
            return wrong("this is not the name of a region", region, "a name such as `us-east-1`");
        }
        if !is_stack(stack) {
            return wrong("that is not a stack's name", stack, super::STACK_FORM);
        }
        let most = max_stack(region);
        if stack.len() > most {
            let expected = format!("at most {most} characters in `{region}`");
            return wrong("the stack's name is too long for the region", stack, &expected);
        }
        Ok(self)
    }

    /// `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// Twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Such as `us-east-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The stack's name, `[a-z0-9-]{1,20}`.
    #[must_use]
    pub fn stack(&self) -> &str {
        &self.stack
    }
}

impl TryFrom<Unchecked> for Scope {
    type Error = ScopeError;

    fn try_from(Unchecked { partition, account, region, stack }: Unchecked) -> Result<Self, ScopeError> {
        Self { partition, account, region, stack }.checked()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stack {} in {}, account {}", self.stack, self.region, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_well_formed_is_a_scope() {
        let good = ["aws", "123456789012", "us-east-1", "sec"];
        let cases = [
            (0, "AWS", "partition"),
            (0, "aws-", "partition"),
            (0, "azure", "partition"),
            (1, "12345678901", "account"),
            (1, "12345678901x", "account"),
            (2, "us-east", "region"),
            (3, "", "stack"),
            (3, "Sec", "stack"),
            (3, "a-name-of-21-letters1", "stack"),
        ];
        let scope = |[partition, account, region, stack]: [&str; 4]| Scope::new(partition, account, region, stack);
        let whole = scope(good).expect("well formed");
        for (at, value, what) in cases {
            let mut parts = good;
            parts[at] = value;
            let error = scope(parts).expect_err(value);
            assert!(error.what.contains(what) && error.to_string().contains(&format!("`{value}`")), "{error}");
            let mut json = serde_json::to_value(&whole).expect("JSON");
            json[["partition", "account", "region", "stack"][at]] = value.into();
            assert!(serde_json::from_value::<Scope>(json).is_err(), "{value}");
        }
        let json = serde_json::to_string(&whole).expect("JSON");
        let written = r#"{"partition":"aws","account":"123456789012","region":"us-east-1","stack":"sec"}"#;
        assert_eq!((json.as_str(), serde_json::from_str(&json).ok()), (written, Some(whole)));
    }

    #[test]
    fn a_long_stack_in_a_long_region_leaves_no_room_for_names() {
        let (region, stack) = ("an-ever-longer-region-10", "a-stack-of-20-letter");
        assert_eq!((region.len(), stack.len()), (24, 20));
        let error = Scope::offline(None, region, stack).expect_err("no room");
        assert_eq!(error.expected, format!("at most 13 characters in `{region}`"));
        assert!(Scope::offline(None, region, &stack[..13]).is_ok());
        assert!(Scope::offline(None, "ap-southeast-2", stack).is_ok());
    }
}
