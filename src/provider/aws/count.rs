//! How many there are of what an account has room for few, whoever they belong to: asked only for kinds of which a plan would
//! create more, and only with as many calls as there are pages.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::call::Service;
use super::{Aws, connection, destination, event_bus, log_policy, rule, test_calls};
use crate::live::Count;
use crate::name::DEFAULT_BUS;
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::Kind;

const SUMMARY: &str = "iam:GetAccountSummary";

/// The counts of these kinds.
pub(super) async fn all(
    aws: &Aws,
    kinds: impl IntoIterator<Item = Kind>,
) -> Result<BTreeMap<Kind, Count>, ProviderError> {
    let counted = kinds.into_iter().map(|kind| async move { Ok(of(aws, kind).await?.map(|count| (kind, count))) });
    Ok(try_join_all(counted).await?.into_iter().flatten().collect())
}

/// The count of a kind; that it is not allowed to ask, or that an emulator cannot be asked, is an answer, too.
async fn of(aws: &Aws, kind: Kind) -> Result<Option<Count>, ProviderError> {
    let (action, counted) = match kind {
        Kind::Rule => ("events:ListRules", rules(aws).await),
        Kind::EventBus => (event_bus::LIST, buses(aws).await),
        Kind::Connection => ("events:ListConnections", connection::count(aws).await.map(number)),
        Kind::ApiDestination => ("events:ListApiDestinations", destination::count(aws).await.map(number)),
        Kind::Role => (SUMMARY, roles(aws).await),
        Kind::LogPolicy => (log_policy::DESCRIBE, log_policy::count(aws).await),
        _ => return Ok(None),
    };
    match counted {
        Err(error) if error.kind == ErrorKind::Denied || test_calls::is_unknown(&error) => {
            Ok(Some(Count::Denied(action)))
        }
        counted => counted.map(Some),
    }
}

const fn number(number: usize) -> Count {
    Count::Known { number, quota: None }
}

async fn rules(aws: &Aws) -> Result<Count, ProviderError> {
    Ok(number(rule::list(aws, DEFAULT_BUS, None).await?.unwrap_or_default().len()))
}

async fn buses(aws: &Aws) -> Result<Count, ProviderError> {
    let names = event_bus::names(aws, None).await?;
    // The default one is not one of those that are made.
    Ok(number(names.iter().filter(|name| *name != DEFAULT_BUS).count()))
}

/// IAM tells how many roles there are and how many there may be.
async fn roles(aws: &Aws) -> Result<Count, ProviderError> {
    let summary = aws.call(Service::Iam, SUMMARY, || aws.iam.get_account_summary().send()).await?;
    let summary = summary.summary_map.unwrap_or_default();
    let of = |key: &str| summary.get(&key.into()).and_then(|value| usize::try_from(*value).ok());
    Ok(Count::Known { number: of("Roles").unwrap_or_default(), quota: of("RolesQuota") })
}
