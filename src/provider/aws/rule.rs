//! EventBridge rules on the default bus, and the events put on it for the relay rule.

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, RuleState, Tag};
use serde_json::Value;

use super::call::Service;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted};
use super::{Aws, Manage, target};
use crate::live::{Observed, Obstacle};
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError};
use crate::resource::mark::{is_marked, is_tagged, managed_tags};
use crate::resource::{Address, Id, Kind, Resource, Rule};

const PUT: &str = "events:PutRule";
const DELETE: &str = "events:DeleteRule";

impl Manage for Rule {
    async fn create(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let tags: Vec<Tag> = tags(self, PUT)?;
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
            let arn = scope.events_arn(&format!("rule/{}", self.name));
            let tags = tags(self, "events:TagResource")?;
            let request = || aws.events.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone()));
            unless_conflict(context, || aws.call(Service::Events, "events:TagResource", request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let patience = Patience {
            reason: "until the rule's targets are removed",
            limit: wait::PROPAGATION,
            diagnosis: "someone added a target to the rule: remove it if it is not needed, then run this command again",
        };
        let send = || aws.call(Service::Events, DELETE, aws.events.delete_rule().name(&self.name).send());
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
        .description(&rule.description)
        .event_pattern(rule.pattern.to_string())
        .state(RuleState::from(rule.state.as_str()))
        .set_tags(tags);
    aws.call(Service::Events, PUT, request.send()).await.map(|_| ())
}

fn tags(rule: &Rule, action: &str) -> Result<Vec<Tag>, ProviderError> {
    let build = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let built: Result<Vec<Tag>, _> = rule.tags.iter().map(build).collect();
    built.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))
}

/// Every rule under the names of a stack, with its targets and what others attached to it.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<(Vec<Observed>, Vec<Obstacle>), ProviderError> {
    let mut rules = Vec::new();
    let mut token = None;
    loop {
        let request = aws.events.list_rules().name_prefix(scope.prefix()).limit(100).set_next_token(token);
        let page = aws.call(Service::Events, "events:ListRules", request.send()).await?;
        rules.extend(page.rules.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let ours = rules.into_iter().filter_map(|rule| {
        let (id, _) = scope.parse(rule.name()?).filter(|(_, suffix)| *suffix == Kind::Rule.suffix())?;
        Some((Address::new(scope.region(), Id::Rule(id.to_owned())), rule))
    });
    let looks = ours.map(|(address, rule)| observe(aws, scope, address, rule));
    let (mut observed, mut obstacles) = (Vec::new(), Vec::new());
    for (seen, attached) in futures_util::future::try_join_all(looks).await? {
        observed.extend(seen);
        obstacles.extend(attached);
    }
    Ok((observed, obstacles))
}

type Listed = aws_sdk_eventbridge::types::Rule;

async fn observe(
    aws: &Aws,
    scope: &Scope,
    address: Address,
    rule: Listed,
) -> Result<(Vec<Observed>, Vec<Obstacle>), ProviderError> {
    let arn = rule.arn.clone().unwrap_or_default();
    let request = aws.events.list_tags_for_resource().resource_arn(&arn);
    let tags = async {
        let tags = gone_is_fine(aws.call(Service::Events, "events:ListTagsForResource", request.send()).await)?;
        let pairs = tags.and_then(|page| page.tags).unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
        Ok::<_, ProviderError>(managed_tags(pairs))
    };
    let name = rule.name.clone().unwrap_or_default();
    let (tags, (mut observed, obstacles)) =
        futures_util::future::try_join(tags, target::observe_all(aws, &address, &name)).await?;
    let description = rule.description.unwrap_or_default();
    // A rule that an AWS service manages is never ours, whatever it says.
    let is_marked = rule.managed_by.is_none() && (is_tagged(&tags, scope) || is_marked(&description, scope));
    let pattern =
        rule.event_pattern.as_deref().map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
    let resource = Rule {
        address,
        name,
        description,
        pattern: pattern.unwrap_or(Value::Null),
        schedule: rule.schedule_expression,
        state: rule.state.map(|state| state.to_string()).unwrap_or_default(),
        tags,
    };
    observed.push(Observed { resource: Resource::Rule(resource), arn: Some(arn), is_marked });
    Ok((observed, obstacles))
}

/// Puts a message for the relay rule on the bus.
pub(super) async fn put_relay_event(aws: &Aws, scope: &Scope, detail: &Value) -> Result<String, ProviderError> {
    let action = "events:PutEvents";
    let entry = PutEventsRequestEntry::builder()
        .source(scope.relay_source())
        .detail_type("trailbell message")
        .detail(detail.to_string())
        .build();
    let answer = aws.call(Service::Events, action, aws.events.put_events().entries(entry).send()).await?;
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
