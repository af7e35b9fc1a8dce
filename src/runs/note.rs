//! The log groups that a stack puts subscription filters on, noted in its record of runs before the first filter is made.
//!
//! A filter is on a log group of others and carries no mark. The policy of the notifier and the stack file lead to it; this
//! leads there when the notifier is gone and there is no file. A note that is out of date costs a look.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use crate::name::Scope;
use crate::provider::ProviderError;
use crate::provider::run_log::RunLog;
use crate::resource::{Kind, Resource, ResourceSet};

/// Notes the log groups of the desired subscription filters, where they are not noted yet.
///
/// # Errors
/// The cloud cannot be asked or told.
pub async fn note_log_groups(log: &impl RunLog, scope: &Scope, desired: &ResourceSet) -> Result<(), ProviderError> {
    let places = desired.values().filter_map(Resource::place).filter(|one| one.kind == Kind::SubscriptionFilter);
    let wanted: BTreeSet<&str> = places.map(|one| one.log_group).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let known = log.noted_log_groups(scope).await?;
    let missing = wanted.into_iter().filter(|group| !known.contains(*group));
    try_join_all(missing.map(|group| log.note_log_group(scope, group))).await.map(drop)
}
