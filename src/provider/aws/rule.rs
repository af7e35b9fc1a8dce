//! EventBridge rules on the default bus and on the stack's own, and the events put on that for the relay rule.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, RuleState, Tag};
use serde_json::Value;

use super::call::Service;
use super::read::Observations;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted};
use super::{Aws, Manage, target};
use crate::live::{Observed, Obstacle};
use crate::name::{DEFAULT_BUS, RELAYED, Scope};
use crate::provider::{AccountRule, Context, ErrorKind, ProviderError};
use crate::resource::mark::{is_marked, is_tagged};
use crate::resource::{Address, Describe, Id, Resource, Rule};

const PUT: &str = "events:PutRule";
const DELETE: &str = "events:DeleteRule";

impl Manage for Rule {
    async fn present(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let look = list(aws, &self.bus, Some(scope.prefix()));
        let rules = aws.recent.rules.get(&self.bus, look).await?;
        let found = rules.iter().flatten().find(|one| one.name.as_deref() == Some(&self.name));
        let Some(found) = found.cloned() else {
            aws.note_new_rule(&self.bus, &self.name);
            return Ok(None);
        };
        let (observed, _) = observe(aws, scope, &self.bus, self.address.clone(), found).await?;
        Ok(observed.into_iter().find(|one| *one.resource.address() == self.address))
    }

    // The list has descriptions: only of a rule without the mark there the tags are asked for.
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        let rules = aws.recent.rules.get(&self.bus, list(aws, &self.bus, Some(scope.prefix()))).await?;
        let found = rules.iter().flatten().find(|one| one.name.as_deref() == Some(&self.name));
        let has_mark =
            |one: &Listed| one.managed_by.is_none() && is_marked(one.description.as_deref().unwrap_or_default(), scope);
        if found.is_none_or(has_mark) { Ok(None) } else { self.present(aws, scope).await }
    }

    async fn create(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let tags = sdk_tags(&self.tags, PUT)?;
        unless_conflict(context, || put(aws, self, Some(tags.clone()))).await?;
        Ok(None)
    }

    async fn update(&self, live: &Self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let untagged = |rule: &Self| Self { tags: self.tags.clone(), ..rule.clone() };
        if untagged(live) != untagged(self) {
            // Tags given on an update are ignored by AWS; emulators replace them.
            unless_conflict(context, || put(aws, self, None)).await?;
        }
        if live.tags != self.tags {
            let arn = self.arn(scope, "").unwrap_or_default();
            let tags = sdk_tags(&self.tags, "events:TagResource")?;
            let request = || aws.events.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone()));
            unless_conflict(context, || aws.call(Service::Events, "events:TagResource", || request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let patience = Patience {
            reason: "until the rule's targets are removed",
            limit: wait::PROPAGATION,
            diagnosis: "someone added a target to the rule: remove it if it is not needed, then run this command again",
        };
        let send = || {
            aws.call(Service::Events, DELETE, || {
                aws.events.delete_rule().name(&self.name).event_bus_name(&self.bus).send()
            })
        };
        let sent = until_accepted(context, &patience, |error| error.kind == ErrorKind::Conflict, send).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// `PutRule` replaces the whole rule, so everything is always sent.
async fn put(aws: &Aws, rule: &Rule, tags: Option<Vec<Tag>>) -> Result<(), ProviderError> {
    let request = aws
        .events
        .put_rule()
        .name(&rule.name)
        .event_bus_name(&rule.bus)
        .description(&rule.description)
        .event_pattern(rule.pattern.to_string())
        .state(RuleState::from(rule.state.as_str()))
        .set_tags(tags);
    aws.call(Service::Events, PUT, || request.clone().send()).await.map(|_| ())
}

/// Tags as the SDK takes them.
pub(super) fn sdk_tags(tags: &BTreeMap<String, String>, action: &str) -> Result<Vec<Tag>, ProviderError> {
    let build = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let built: Result<Vec<Tag>, _> = tags.iter().map(build).collect();
    built.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))
}

/// Every rule under the names of a stack on the default bus, with its targets and what others attached to it.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<Observations, ProviderError> {
    let rules = list(aws, DEFAULT_BUS, Some(scope.prefix())).await?.unwrap_or_default();
    Ok(ours(aws, scope, DEFAULT_BUS, rules).await?.0)
}

/// Every rule on a bus of the stack. One that is not the stack's is in the way of removing the bus.
pub(super) async fn observe_on(
    aws: &Aws,
    scope: &Scope,
    bus: &Address,
    name: &str,
) -> Result<Observations, ProviderError> {
    let Some(rules) = list(aws, name, None).await? else { return Ok(Observations::default()) };
    let (found, others) = ours(aws, scope, name, rules).await?;
    let obstacle = |rule: String| Obstacle { address: bus.clone(), what: format!("the rule `{rule}`") };
    Ok(found.and((Vec::new(), others.into_iter().map(obstacle).collect()).into()))
}

/// The rules on a bus; nothing when there is no such bus.
pub(super) async fn list(aws: &Aws, bus: &str, prefix: Option<String>) -> Result<Option<Vec<Listed>>, ProviderError> {
    let mut rules = Vec::new();
    let mut token = None;
    loop {
        let request = aws.events.list_rules().event_bus_name(bus).set_name_prefix(prefix.clone()).limit(100);
        let request = request.set_next_token(token);
        let sent = aws.call(Service::Events, "events:ListRules", || request.clone().send()).await;
        let Some(page) = gone_is_fine(sent)? else { return Ok(None) };
        rules.extend(page.rules.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(Some(rules));
        }
    }
}

/// The rule of this name on a bus, whoever made it.
pub(super) async fn named(aws: &Aws, bus: &str, name: &str) -> Result<Option<AccountRule>, ProviderError> {
    let listed = list(aws, bus, Some(name.to_owned())).await?.unwrap_or_default();
    let Some(found) = listed.into_iter().find(|one| one.name.as_deref() == Some(name)) else { return Ok(None) };
    Ok(Some(AccountRule {
        description: found.description,
        pattern: found.event_pattern,
        has_schedule: found.schedule_expression.is_some(),
        state: found.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        targets: target::given(aws, bus, name).await?,
    }))
}

/// What is known of those that have a name of the stack, and the names of the others.
async fn ours(
    aws: &Aws,
    scope: &Scope,
    bus: &str,
    rules: Vec<Listed>,
) -> Result<(Observations, Vec<String>), ProviderError> {
    let (mut looks, mut others) = (Vec::new(), Vec::new());
    for rule in rules {
        let name = rule.name.clone().unwrap_or_default();
        match Rule::id_of(scope, bus, &name) {
            Some(id) => looks.push(observe(aws, scope, bus, Address::new(scope.region(), Id::Rule(id)), rule)),
            None => others.push(name),
        }
    }
    let found = futures_util::future::try_join_all(looks).await?;
    Ok((found.into_iter().map(Observations::from).fold(Observations::default(), Observations::and), others))
}

pub(super) type Listed = aws_sdk_eventbridge::types::Rule;

async fn observe(
    aws: &Aws,
    scope: &Scope,
    bus: &str,
    address: Address,
    rule: Listed,
) -> Result<(Vec<Observed>, Vec<Obstacle>), ProviderError> {
    let arn = rule.arn.clone().unwrap_or_default();
    let request = aws.events.list_tags_for_resource().resource_arn(&arn);
    let tags = async {
        let tags =
            gone_is_fine(aws.call(Service::Events, "events:ListTagsForResource", || request.clone().send()).await)?;
        let pairs = tags.and_then(|page| page.tags).unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
        Ok::<_, ProviderError>(pairs.collect())
    };
    let name = rule.name.clone().unwrap_or_default();
    let (tags, (mut observed, mut obstacles)) =
        futures_util::future::try_join(tags, target::observe_all(aws, &address, bus, &name)).await?;
    obstacles.extend(rule.managed_by.iter().map(|service| Obstacle::managing_service(&address, service)));
    let description = rule.description.unwrap_or_default();
    // A rule that an AWS service manages is never ours, whatever it says.
    let is_marked = rule.managed_by.is_none() && (is_tagged(&tags, scope) || is_marked(&description, scope));
    let pattern =
        rule.event_pattern.as_deref().map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
    let resource = Rule {
        address,
        name,
        bus: bus.to_owned(),
        description,
        pattern: pattern.unwrap_or(Value::Null),
        schedule: rule.schedule_expression,
        state: rule.state.map(|state| state.to_string()).unwrap_or_default(),
        tags,
    };
    observed.push(Observed { resource: Resource::Rule(resource), arn: Some(arn), is_marked });
    Ok((observed, obstacles))
}

/// Removes a rule of others from a bus of the stack, with its targets: without them EventBridge removes none. One that an AWS
/// service manages stays, because nothing is forced.
pub(super) async fn remove_theirs(aws: &Aws, bus: &str, name: &str) -> Result<(), ProviderError> {
    for id in target::ids(aws, bus, name).await? {
        gone_is_fine(target::remove(aws, name, bus, &id).await)?;
    }
    let request = aws.events.delete_rule().name(name).event_bus_name(bus);
    gone_is_fine(aws.call(Service::Events, DELETE, || request.clone().send()).await).map(|_| ())
}

/// Puts a message for the relay rule on the stack's bus.
pub(super) async fn put_relay_event(aws: &Aws, scope: &Scope, detail: &Value) -> Result<String, ProviderError> {
    let action = "events:PutEvents";
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(scope.relay_bus())
        .source(scope.relay_source())
        .detail_type(RELAYED)
        .detail(detail.to_string())
        .build();
    let answer = aws.call(Service::Events, action, || aws.events.put_events().entries(entry.clone()).send()).await?;
    let entry = answer.entries.unwrap_or_default().into_iter().next();
    match entry {
        Some(entry) if answer.failed_entry_count == 0 => Ok(entry.event_id.unwrap_or_default()),
        Some(entry) => {
            let code = entry.error_code.unwrap_or_default();
            let message = format!("{code}: {}", entry.error_message.unwrap_or_default());
            Err(ProviderError { code: Some(code), ..ProviderError::new(action, ErrorKind::Other, message) })
        }
        None => Err(ProviderError::new(action, ErrorKind::Other, "EventBridge did not say what happened to the event")),
    }
}
