//! Every stack that the account has in a region: those with a record of runs, and those of which something is found by name.
//!
//! Names are no proof of ownership; this is for showing what there is, and what is changed is found and checked by `read`.

use futures_util::future::try_join_all;

use super::call::Service;
use super::{Aws, connection, destination, event_bus, log_group, rule};
use crate::name::{DEFAULT_BUS, NAMES, stack_of, stack_of_run_log};
use crate::provider::ProviderError;
use crate::provider::run_log::{FoundStack, FoundStacks};
use crate::resource::mark::STACK_TAG;

/// What the names of our functions' log groups begin with.
const FUNCTION_LOGS: &str = "/aws/lambda/";

pub(super) async fn all(aws: &Aws) -> Result<FoundStacks, ProviderError> {
    let (recorded, named) = tokio::try_join!(recorded(aws), named(aws))?;
    let named = named.iter().filter_map(|name| stack_of(name)).map(|stack| (stack.to_owned(), FoundStack::default()));
    let mut found: FoundStacks = named.collect();
    found.extend(recorded);
    Ok(found)
}

/// Those with a record of runs.
async fn recorded(aws: &Aws) -> Result<FoundStacks, ProviderError> {
    let groups = log_group::list(aws, Some("/trailbell/"), |_| ()).await?;
    let looks = groups.iter().filter_map(|group| {
        let stack = stack_of_run_log(group.log_group_name()?)?;
        // The ARN of a log group comes with `:*`, which tags are not read by.
        let arn = group.arn()?.trim_end_matches(":*");
        Some(async move {
            let tags = log_group::tags_of(aws, arn).await?;
            let is_ours = tags.get(STACK_TAG).is_some_and(|tag| tag == stack);
            let found = FoundStack { created: group.creation_time(), tags };
            Ok::<_, ProviderError>(is_ours.then_some((stack.to_owned(), found)))
        })
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

/// The names of ours that are not anyone else's, whatever stack they are of.
async fn named(aws: &Aws) -> Result<Vec<String>, ProviderError> {
    let prefix = || Some(NAMES.to_owned());
    let (buses, rules, queues, connections, destinations, groups) = tokio::try_join!(
        event_bus::names(aws, Some(NAMES)),
        rule::list(aws, DEFAULT_BUS, prefix()),
        queues(aws),
        connection::names(aws, prefix()),
        destination::names(aws, prefix()),
        log_group::list(aws, Some("/aws/lambda/trailbell-"), |_| ()),
    )?;
    let functions = groups.into_iter().filter_map(|group| {
        group.log_group_name().and_then(|name| name.strip_prefix(FUNCTION_LOGS)).map(str::to_owned)
    });
    let rules = rules.into_iter().flatten().filter_map(|rule| rule.name).collect();
    Ok([buses, rules, queues, connections, destinations].into_iter().flatten().chain(functions).collect())
}

async fn queues(aws: &Aws) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request = aws.sqs.list_queues().queue_name_prefix(NAMES).max_results(1000).set_next_token(token);
        let page = aws.call(Service::Sqs, "sqs:ListQueues", || request.clone().send()).await?;
        let urls = page.queue_urls.unwrap_or_default();
        names.extend(urls.iter().filter_map(|url| url.rsplit('/').next().map(str::to_owned)));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}
