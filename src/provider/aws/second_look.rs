//! A second look before a call that overwrites: what someone else made under a name of the stack after the plan was made is
//! refused, not replaced.
//!
//! Most kinds need none: AWS refuses to create what exists. `PutRule`, `PutTargets`, `PutMetricFilter`, `PutSubscriptionFilter`,
//! `PutMetricAlarm`, and `CreateQueue` take the place of what is there without a word, so these kinds say what is there
//! (`Manage::present`). What the plan saw with the stack's mark is looked at before it is changed, too, whatever its kind
//! (`Manage::current`): whoever removed the mark meanwhile has taken it over. Lists are read for all resources of a stack at once, at most once a second.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{alarm, filter, metric_filter, rule};
use crate::live::Observed;
use crate::provider::{Context, ProviderError, exists, taken};
use crate::resource::{Arn, Resource};

/// The lists of second looks.
#[derive(Debug, Default)]
pub(super) struct RecentLists {
    pub(super) rules: Recent<Option<Vec<rule::Listed>>>,
    pub(super) alarms: Recent<alarm::List>,
    pub(super) filters: Recent<Option<Vec<filter::SdkFilter>>>,
    pub(super) metric_filters: Recent<Option<Vec<metric_filter::SdkFilter>>>,
}

/// How long a list counts as a look.
const FRESH: Duration = Duration::from_secs(1);

/// Lists that were read a moment ago, by what they are of.
#[derive(Debug)]
pub(super) struct Recent<T>(tokio::sync::Mutex<BTreeMap<String, (Instant, Arc<T>)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::default())
    }
}

impl<T> Recent<T> {
    /// The list; read again unless that was a moment ago. Who comes meanwhile waits for it.
    pub(super) async fn get(
        &self,
        of: &str,
        look: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<Arc<T>, ProviderError> {
        let mut known = self.0.lock().await;
        if let Some((_, list)) = known.get(of).filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(Arc::clone(list));
        }
        let at = Instant::now();
        let list = Arc::new(look.await?);
        known.insert(of.to_owned(), (at, Arc::clone(&list)));
        Ok(list)
    }
}

/// Refuses to make what would take the place of something of others.
///
/// # Errors
/// Something of others is there.
pub(super) fn is_free(wanted: &Resource, found: &Observed, context: &Context<'_>) -> Result<(), ProviderError> {
    let mut resolved = wanted.clone();
    for arn in resolved.arns_mut() {
        *arn = Arn::Known(context.resolve(arn, "resolve")?);
    }
    if resolved.may_replace(&found.resource, found.is_marked) { Ok(()) } else { Err(exists(wanted)) }
}

/// Refuses to change what carried the stack's mark when the plan was made and does not any more. What is gone is made by the call, or
/// the call fails.
///
/// # Errors
/// Its mark is gone.
pub(super) fn is_still_ours(wanted: &Resource, found: Option<&Observed>) -> Result<(), ProviderError> {
    if found.is_none_or(|found| found.is_marked) { Ok(()) } else { Err(taken(wanted)) }
}
