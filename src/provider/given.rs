//! A rule of EventBridge as an account has it, whoever made it: what `import` reads.

use crate::message::transformer::InputTransformer;

/// A rule that need not be a stack's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRule {
    /// What it says about itself.
    pub description: Option<String>,
    /// The event pattern as JSON, if it has one.
    pub pattern: Option<String>,
    /// Whether it runs on a schedule.
    pub has_schedule: bool,
    /// Its state, as AWS writes it.
    pub state: String,
    /// Where its events go.
    pub targets: Vec<AccountTarget>,
}

/// Where a rule's events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTarget {
    /// The ARN.
    pub arn: String,
    /// What makes the input of the target, if it is not the event.
    pub transformer: Option<InputTransformer>,
}
