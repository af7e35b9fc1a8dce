//! How many there are of what an account has room for few, whoever they belong to: asked only for kinds of which a plan would
//! create more, and only with as many calls as there are pages.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::call::Service;
use super::{Aws, connection, destination, rule, test_calls};
use crate::live::Count;
use crate::name::DEFAULT_BUS;
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::Kind;

const BUSES: &str = "events:ListEventBuses";
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
        Kind::EventBus => (BUSES, buses(aws).await),
        Kind::Connection => ("events:ListConnections", connection::count(aws).await.map(number)),
        Kind::ApiDestination => ("events:ListApiDestinations", destination::count(aws).await.map(number)),
        Kind::Role => (SUMMARY, roles(aws).await),
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
    let (mut count, mut token) = (0, None);
    loop {
        let request = aws.events.list_event_buses().limit(100).set_next_token(token);
        let page = aws.call(Service::Events, BUSES, || request.clone().send()).await?;
        // The default one is not one of those that are made.
        let made = page.event_buses.unwrap_or_default().into_iter().filter(|bus| bus.name() != Some(DEFAULT_BUS));
        count += made.count();
        token = page.next_token;
        if token.is_none() {
            return Ok(number(count));
        }
    }
}

/// IAM tells how many roles there are and how many there may be.
async fn roles(aws: &Aws) -> Result<Count, ProviderError> {
    let summary = aws.call(Service::Iam, SUMMARY, || aws.iam.get_account_summary().send()).await?;
    let summary = summary.summary_map.unwrap_or_default();
    let of = |key: &str| summary.get(&key.into()).and_then(|value| usize::try_from(*value).ok());
    Ok(Count::Known { number: of("Roles").unwrap_or_default(), quota: of("RolesQuota") })
}
