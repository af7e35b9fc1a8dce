//! The snapshot: every service is asked at once, every list to its end, nothing twice.

use super::{Aws, connection, destination, iam, rule, sqs};
use crate::live::{Live, sort};
use crate::name::Scope;
use crate::provider::ProviderError;
use crate::resource::{Address, Kind};

/// Everything under the names of a stack.
pub(super) async fn read(aws: &Aws, scope: &Scope) -> Result<Live, ProviderError> {
    let (rules, connections, destinations, roles, queues) = tokio::try_join!(
        rule::observe_all(aws, scope),
        connection::observe_all(aws, scope),
        destination::observe_all(aws, scope),
        iam::observe_all(aws, scope),
        sqs::observe_all(aws, scope),
    )?;
    let (mut observed, mut obstacles) = rules;
    observed.extend(connections);
    observed.extend(destinations);
    observed.extend(roles.0);
    observed.extend(queues);
    obstacles.extend(roles.1);
    Ok(sort(observed, obstacles))
}

/// Those of the listed names that are of this stack and kind, with their addresses. Not every implementation honours a
/// prefix, and a prefix is no proof of anything: each name is taken apart.
pub(super) fn addressed<'n>(
    scope: &'n Scope,
    kind: Kind,
    names: &'n [String],
) -> impl Iterator<Item = (Address, &'n str)> {
    names.iter().filter_map(move |name| {
        let (id, _) = scope.parse(name).filter(|(_, suffix)| *suffix == kind.suffix())?;
        Some((Address::new(&scope.region, kind, id), name.as_str()))
    })
}
