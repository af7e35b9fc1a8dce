//! The region, and whether the events that alerts wait for reach it.

use super::HealthCheck;
use super::suppressions::of_findings;
use crate::diagnostic::{Code, Finding};
use crate::provider::{Identity, ProviderError};

/// How AWS rejects credentials in a region that is not enabled for the account, and credentials that are wrong. (AWS Account
/// Management reference guide, "Enable or disable AWS Regions in your account": a region has to be enabled before it is used.)
const REJECTED: [&str; 2] = ["InvalidClientTokenId", "UnrecognizedClientException"];

/// Whether the stack's region answered; it is always the stack file that sets it.
#[must_use]
pub fn region(region: &str, identity: &Result<Identity, ProviderError>) -> HealthCheck {
    let (id, title) = ("region", "region");
    let from = format!("{region}, from `region` in the stack file");
    let Err(error) = identity else { return HealthCheck::ok(id, title, from) };
    if error.code.as_deref().is_some_and(|code| REJECTED.contains(&code)) {
        let detail = format!("{from}: a region that is not enabled for the account rejects credentials like this");
        let fix = format!("`aws account get-region-opt-status --region us-east-1 --region-name {region}`");
        return HealthCheck::not_known(id, title, detail, fix);
    }
    HealthCheck::not_known(id, title, format!("{from}: it was not reached"), "fix the credentials first")
}

/// Whether the events of the alerts happen where the stack is, from the warnings about the stack file; what never reaches the region is
/// an error there, with which no command works.
#[must_use]
pub fn event_sources(warnings: &[Finding]) -> Vec<HealthCheck> {
    let codes = [Code::SignInRegion, Code::LeftOutOfPack, Code::UnknownRegion];
    of_findings("event-sources", "event sources", "the region receives the events of all alerts", &codes, warnings)
}
