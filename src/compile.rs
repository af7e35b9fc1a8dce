//! Installation → desired resources. Names, marks, policies and limits are decided here and nowhere else.
//!
//! Pure: the account comes in as a [`Scope`], the secret as a value that was resolved elsewhere, or not at all: a plan
//! without the secret works and says what it could not check.

pub mod alarm;
pub mod alerts;
mod collected;
pub mod destination;
pub mod digest;
pub mod example;
pub mod function;
pub mod heartbeat;
pub mod metric;
pub mod relay;
pub(crate) mod required;
pub mod schedule;
pub mod threshold;
pub mod topic;
pub mod watch;

use serde_json::{Value, json};

use crate::alert::{Alert, Installation, MessageOf, ReceivedEvents};
use crate::name::{DEFAULT_BUS, DestinationId, Scope};
use crate::resource::mark::{description, tags};
use crate::resource::{
    Address, Arn, ENABLED, Id, Kind, Leads, Resource, ResourceSet, RetryPolicy, Rule, RuleId, Target, TargetInput, set,
};
use crate::stack::Secrets;

pub use destination::{DestinationNames, seal_endpoint};

/// Six hours of retries ride out an outage of Slack; what fails longer is kept in the dead-letter queue for 14 days.
const RETRY: RetryPolicy = RetryPolicy { maximum_event_age_seconds: 21_600, maximum_attempts: 185 };

/// Everything a stack should have.
#[must_use]
pub fn compile(installation: &Installation, scope: &Scope, secrets: impl Into<Secrets>) -> ResourceSet {
    let secrets = secrets.into();
    let home = installation.home();
    let mut resources = Vec::new();
    for one in &installation.destinations {
        resources.extend(destination::destination(one, scope, secrets.get(&one.id)));
    }
    for one in &installation.topics {
        resources.extend(topic::destination(one, scope));
    }
    for one in &home.destinations {
        resources.extend(relay::relay((!home.is_plain()).then_some(&one.id), &one.form, scope));
    }
    for alert in &installation.alerts {
        resources.extend(alerts::alert(alert, &home.main(), scope));
    }
    for function in alerts::functions(installation, scope) {
        resources.extend(function.resources(scope));
    }
    resources.extend(watch::watch(installation, scope));
    resources.extend(heartbeat::heartbeat(installation, &home.main(), scope));
    let of_schedules = [digest::grants(installation, scope), heartbeat::grants(installation, &home.main(), scope)];
    let grants: Vec<Value> = of_schedules.into_iter().flatten().collect();
    if !grants.is_empty() {
        resources.push(Resource::Role(schedule::role(scope, &home.main(), grants)));
    }
    required::impose(&installation.requirements, scope, &mut resources);
    set(resources)
}

/// What an alert has of its own: its rule with targets, or its filter, and the handler of its remediation. What functions fail
/// on goes to the queue of the main destination.
#[must_use]
pub fn of_alert(alert: &Alert, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    let mut resources = alerts::alert(alert, main, scope);
    resources.extend(alerts::handler(alert, main, scope).into_iter().flat_map(|handler| handler.resources(scope)));
    resources
}

fn alert_rule(alert: &Alert, events: &ReceivedEvents, message: &MessageOf, scope: &Scope) -> Rule {
    let state = events.state.word().to_owned();
    let id = RuleId::of_alert(scope, &alert.id, message.group.as_deref());
    Rule { state, ..rule_of(id, &alert.blueprint.title, pattern_of(events, message, scope), scope) }
}

/// The pattern of an alert's rule. A handler runs only on what happened in the stack's own account: the events of others may
/// be forwarded to the bus. (`check` sees to it that the pattern does not ask for another account.)
fn pattern_of(events: &ReceivedEvents, message: &MessageOf, scope: &Scope) -> Value {
    let mut pattern = message.pattern.clone();
    if let Some(pattern) = pattern.as_object_mut().filter(|_| events.remediation.is_some()) {
        pattern.entry("account").or_insert_with(|| json!([scope.account()]));
    }
    pattern
}

fn rule_of(id: RuleId, words: &str, pattern: Value, scope: &Scope) -> Rule {
    Rule {
        name: scope.name(&id.rule, &id.suffix()),
        address: Address::new(scope.region(), Id::Rule(id)),
        bus: DEFAULT_BUS.to_owned(),
        description: description(words, scope, Kind::Rule),
        pattern,
        schedule: None,
        state: ENABLED.to_owned(),
        tags: tags(scope),
    }
}

fn target(rule: &Rule, input: TargetInput, to: &DestinationId, scope: &Scope) -> Target {
    let names = DestinationNames::of(scope, to);
    Target {
        address: Target::address_of(&rule.address, Leads::to(to)),
        rule: rule.name.clone(),
        bus: rule.bus.clone(),
        arn: Arn::Of(names.destination.0.clone()),
        role_arn: Some(scope.role_arn(&names.role.1)),
        input,
        retry: RETRY,
        dead_letter_arn: Some(scope.queue_arn(&names.queue.1)),
        extra_parameters: false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::document::Document;
    use crate::resource::Resource;

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn desired(slack: &str, alerts: &str) -> ResourceSet {
        let text = format!("stack: sec\nregion: us-east-1\nslack: {slack}\n{alerts}");
        let document = Document::parse("s.yaml", &text).expect("YAML");
        let installation =
            crate::check::stack(document, PathBuf::new()).unwrap_or_else(|findings| panic!("{findings:?}"));
        compile(&installation, &scope(), None)
    }

    const HOOK: &str = "{ webhook: \"${env:A}\" }";
    const BOT: &str = "{ token: \"${env:B}\", channel: C0123456789 }";
    const LINES: &str = "{ blueprint: cloudtrail-access-denied-logs, with: { log_group: trail } }";

    #[test]
    fn the_only_destination_called_slack_is_the_one_without_a_name() {
        let alerts = format!("alerts:\n  - blueprint: cloudtrail-stop-logging\n  - {LINES}\n");
        for one in [HOOK, BOT] {
            assert_eq!(desired(one, &alerts), desired(&format!("{{ slack: {one} }}"), &alerts), "{one}");
        }
    }

    #[test]
    fn each_destination_has_its_own_and_each_alert_its_targets() {
        let slack = format!("{{ security: {HOOK}, operations: {BOT} }}");
        let alerts = format!(
            "to: {{ critical: [security, operations], default: operations }}\nalerts:\n  \
             - blueprint: cloudtrail-stop-logging\n  - {LINES}\n"
        );
        let all = desired(&slack, &alerts);
        let addresses: Vec<String> = all.keys().map(Address::short).collect();
        let expected = [
            "connection.operations",
            "connection.security",
            "api_destination.operations",
            "api_destination.security",
            "role.notifier-function",
            "role.operations",
            "role.security",
            "queue.operations",
            "queue.security",
            "event_bus.relay",
            "rule.cloudtrail-stop-logging",
            "rule.relay-operations@relay",
            "rule.relay-security@relay",
            "target.cloudtrail-stop-logging/to-operations",
            "target.cloudtrail-stop-logging/to-security",
            "target.relay-operations@relay/to-operations",
            "target.relay-security@relay/to-security",
        ];
        for address in expected {
            assert!(addresses.iter().any(|one| one == address), "{address}: {addresses:?}");
        }
        for resource in all.values() {
            let (end, name) = (resource.address().short(), resource.name());
            match resource {
                Resource::Target(target) => {
                    let own = target.leads().to_string();
                    let id = own.strip_prefix("to-").expect("a destination").to_owned();
                    let ends: Vec<String> = resource.parts(&scope()).map(|(_, part)| part.short()).collect();
                    for part in [format!("api_destination.{id}"), format!("role.{id}"), format!("queue.{id}")] {
                        assert!(ends.contains(&part), "{end}: {ends:?}");
                    }
                    if let TargetInput::Transformer(transformer) = &target.input {
                        assert_eq!(transformer.template.contains("C0123456789"), id == "operations", "{end}");
                    }
                }
                // What functions fail on goes to the main queue.
                Resource::Function(function) => {
                    let queue = function.dead_letter_arn.as_deref().unwrap_or_default();
                    assert!(queue.ends_with(":trailbell-sec_security_dead-letter-queue"), "{queue}");
                }
                Resource::Rule(rule) if rule.address.id.base() == "relay-security" => {
                    assert_eq!(rule.pattern["detail"]["to"], json!(["security"]), "{name}");
                }
                _ => {}
            }
        }
    }
}
