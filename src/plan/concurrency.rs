//! What functions reserve of the account's concurrent executions: checked before the first write, because Lambda refuses it
//! only after the function has been made.

use super::Refusal;
use crate::live::{Concurrency, Live};
use crate::resource::{ResourceSet, kept_unreserved};

/// The quota to raise, as Service Quotas calls it.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const QUOTA: &str = "Lambda's quota \"Concurrent executions\"";

/// Why what is to be reserved does not fit, if it does not.
pub(super) fn refusal(desired: &ResourceSet, live: &Live) -> Option<Refusal> {
    let Some(Concurrency::Known { limit, unreserved }) = live.concurrency else { return None };
    let (more, kept) = (live.lacks_concurrency(desired), kept_unreserved(limit));
    let free = unreserved.saturating_sub(kept);
    (more > free).then(|| Refusal {
        what: format!(
            "the functions would reserve {more} more concurrent executions, but {free} can be reserved: the account's limit in \
             this region is {limit}, {} are reserved, and Lambda keeps {kept} unreserved",
            limit.saturating_sub(unreserved)
        ),
        fix: format!(
            "nothing was changed: remove `concurrency` from the remediation, or `digest` from the alerts, or raise {QUOTA} to at least {}",
            limit.saturating_sub(unreserved) + more + kept_unreserved(u32::MAX)
        ),
    })
}

/// What could not be checked.
pub(super) fn note(live: &Live) -> Option<String> {
    (live.concurrency == Some(Concurrency::Denied)).then(|| {
        "the account's limit of concurrent executions was not checked (`lambda:GetAccountSettings` is not allowed): if it is too \
         low, Lambda refuses the reservation during apply"
            .to_owned()
    })
}
