//! Places: a log group has room for few filters of a kind, whoever they belong to.

use super::Kind;

/// How many subscription filters a log group may have.
/// Source: CloudWatch Logs user guide, "CloudWatch Logs quotas".
pub const MAX_FILTERS: usize = 2;

/// How many metric filters a log group may have.
pub const MAX_METRIC_FILTERS: usize = 100;

/// How many targets a rule may have.
pub const MAX_TARGETS: usize = 5;

/// One of the places that a log group has for filters of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<'a> {
    /// The kind of filters it is for.
    pub kind: Kind,
    /// The log group.
    pub log_group: &'a str,
}

impl Place<'_> {
    /// How many of them the log group has.
    #[must_use]
    pub const fn most(self) -> usize {
        match self.kind {
            Kind::MetricFilter => MAX_METRIC_FILTERS,
            _ => MAX_FILTERS,
        }
    }
}
