//! What each alert needs: a rule with its targets, or a filter on a log group; and the functions that write messages and
//! run remediations.
//!
//! Neighbors: `function` makes the resources of one function; `cli::fire` runs the same functions offline.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::threshold::{CountedAlert, threshold};
use super::{alert_rule, collected, digest, function, metric, target, topic};
use crate::alert::{Addressee, Alert, Home, Installation, ReceivedLines, Receives, Threshold, WrittenBy};
use crate::archive::zip;
use crate::lambda::{self, Constants, LineGroup, RUNTIME, Sources};
use crate::message::Form;
use crate::name::{DestinationId, NOTIFIER, Scope};
use crate::resource::{FunctionNames, PackedCode, Permission, Resource, Rule, SubscriptionFilter, TargetInput};

/// The notifier reads batches of up to 16 MiB and waits for the bus.
const NOTIFIER_SIZE: (u32, u32) = (60, 256);
/// A handler makes a call or a few.
const HANDLER_SIZE: (u32, u32) = (60, 128);

/// A function that a stack has.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Its id: that of its alert, or `notifier`.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// Its code.
    pub sources: Sources,
    pub(super) words: String,
    pub(super) grants: Vec<Value>,
    pub(super) size: (u32, u32),
    pub(super) concurrency: Option<u32>,
    /// The destination to whose queue it gives what it failed on.
    pub(super) queue: DestinationId,
    /// The destinations that its messages are for.
    pub(super) posts_to: Vec<DestinationId>,
}

/// The functions of a stack: the notifier and what writes digests, if an alert needs them, and a handler for each alert with a remediation.
#[must_use]
pub fn functions(installation: &Installation, scope: &Scope) -> Vec<Deployed> {
    let home = installation.home();
    let needs_notifier = installation.alerts.iter().any(Alert::is_by_notifier);
    let notifier = needs_notifier.then(|| notifier(&home, LineRoutes::of(&installation.alerts, &home, scope), scope));
    let digest = digest::function(installation, &home, scope);
    let handlers = installation.alerts.iter().filter_map(|alert| handler(alert, &home.main(), scope));
    notifier.into_iter().chain(digest).chain(handlers).collect()
}

/// Where the messages about log lines go, by the name of the filter; nothing where destinations have no names.
#[derive(Clone, Debug, Default)]
pub struct LineRoutes {
    all: BTreeMap<String, Vec<String>>,
    groups: BTreeMap<String, Vec<LineGroup>>,
}

impl LineRoutes {
    /// Those of these alerts.
    pub fn of<'a>(alerts: impl IntoIterator<Item = &'a Alert>, home: &Home, scope: &Scope) -> Self {
        let ids = |to: &[Addressee]| to.iter().map(|one| one.id.to_string()).collect::<Vec<String>>();
        let mut routes = Self::default();
        for alert in alerts.into_iter().filter(|alert| !home.is_plain() && alert.lines().is_some()) {
            let filter = SubscriptionFilter::name_of(scope, &alert.id);
            let groups: Vec<_> = alert.by_account.iter().map(|one| (one.accounts.clone(), ids(&one.to))).collect();
            if !groups.is_empty() {
                routes.groups.insert(filter.clone(), groups);
            }
            routes.all.insert(filter, ids(&alert.to));
        }
        routes
    }
}

/// The name and the code of a stack's notifier.
#[must_use]
pub fn notifier_of(scope: &Scope, home: &Home, routes: LineRoutes) -> (String, Sources) {
    let names = FunctionNames::new(scope, NOTIFIER);
    let constants = Constants { routes: routes.all, groups: routes.groups, ..constants(scope, home, names.role.1) };
    (names.function.1, lambda::notifier(&constants))
}

/// What a function that writes messages knows of its stack; `role` is its own.
pub(super) fn constants(scope: &Scope, home: &Home, role: String) -> Constants {
    let channel = |form: &Form| form.channel().map(str::to_owned);
    let named = home.destinations.iter().filter(|_| !home.is_plain());
    Constants {
        bus: scope.relay_bus(),
        source: scope.relay_source(),
        channel: channel(&home.form()).filter(|_| home.is_plain()),
        role,
        accounts: home.accounts.clone(),
        destinations: named.map(|one| (one.id.to_string(), channel(&one.form))).collect(),
        routes: BTreeMap::new(),
        groups: BTreeMap::new(),
        queues: None,
    }
}

/// What lets a function put messages on the stack's own bus.
pub(super) fn put_messages(scope: &Scope) -> Value {
    json!({
        "Effect": "Allow", "Action": "events:PutEvents", "Resource": scope.events_arn(&format!("event-bus/{}", scope.relay_bus())),
        "Condition": { "StringEquals": { "events:source": scope.relay_source() } },
    })
}

fn notifier(home: &Home, routes: LineRoutes, scope: &Scope) -> Deployed {
    let (name, sources) = notifier_of(scope, home, routes);
    Deployed {
        id: NOTIFIER.to_owned(),
        name,
        sources,
        words: format!("Writes Slack messages for the trailbell stack {}.", scope.stack()),
        grants: vec![put_messages(scope)],
        size: NOTIFIER_SIZE,
        concurrency: None,
        queue: home.main(),
        posts_to: home.destinations.iter().map(|one| one.id.clone()).collect(),
    }
}

pub(super) fn handler(alert: &Alert, main: &DestinationId, scope: &Scope) -> Option<Deployed> {
    let remedy = alert.remediation()?;
    Some(Deployed {
        id: alert.id.clone(),
        name: FunctionNames::new(scope, &alert.id).function.1,
        sources: lambda::remediation(&remedy.handler.name, &remedy.handler.source),
        words: format!("Remediation of {}.", alert.blueprint.title),
        grants: remedy.statements(),
        size: HANDLER_SIZE,
        concurrency: remedy.concurrency,
        queue: main.clone(),
        posts_to: Vec::new(),
    })
}

impl Deployed {
    /// The function with its log group and its role.
    pub(super) fn resources(self, scope: &Scope) -> [Resource; 3] {
        let handler = self.sources.handler();
        let zip = zip(&self.sources.files).expect("names and sizes of handlers were checked, the others are ours");
        function::function(
            scope,
            function::FunctionSpec {
                id: &self.id,
                words: &self.words,
                runtime: RUNTIME,
                handler: &handler,
                timeout_seconds: self.size.0,
                memory_megabytes: self.size.1,
                reserved_concurrency: self.concurrency,
                code: PackedCode::new(zip),
                grants: self.grants,
                queue: self.queue,
                posts_to: self.posts_to,
            },
        )
    }
}

/// What belongs to an alert alone: its rules with their targets, or its filter.
pub(super) fn alert(alert: &Alert, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    alert.parts(scope.account()).iter().flat_map(|part| part_of(part, main, scope)).collect()
}

/// What an alert has for some accounts, or for all.
fn part_of(alert: &Alert, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    let events = match &alert.receives {
        Receives::Lines(lines) => return listening(alert, lines, main, scope),
        Receives::Events(events) if alert.is_collected() => return collected::collected(alert, events, main, scope),
        Receives::Events(events) => events,
    };
    let mut resources = Vec::new();
    let rules: Vec<Rule> = events.messages.iter().map(|message| alert_rule(alert, events, message, scope)).collect();
    // The digest function knows the destinations of the alert.
    resources.extend(rules.iter().filter_map(|rule| digest::of_rule(alert, rule, main, scope)).flatten());
    for to in alert.to.iter().filter(|_| alert.digest.is_none()) {
        for (rule, message) in rules.iter().zip(alert.written_for(to)) {
            resources.extend(told(rule, &message, to, main, scope));
        }
    }
    resources.extend(rules.iter().flat_map(|rule| remedied(alert, rule, main, scope)));
    resources.extend(rules.into_iter().map(Resource::Rule));
    resources
}

fn listening(alert: &Alert, lines: &ReceivedLines, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    // What is staged is counted: the lines are in their log group anyway.
    let mut resources = if let Some(threshold) = alert.threshold.or_else(|| alert.is_staged.then_some(Threshold::ANY)) {
        let counted = CountedAlert { log_group: &lines.log_group, pattern: &lines.filter };
        self::threshold(alert, threshold, &counted, main, scope)
    } else {
        let notifier = FunctionNames::new(scope, NOTIFIER);
        function::filter(scope, &alert.id, &lines.log_group, &lines.filter, &notifier).to_vec()
    };
    if let Some(counted) = &lines.metric {
        let pattern = alert.counted_filter().unwrap_or_else(|| lines.filter.clone());
        let spec = metric::CountingSpec {
            id: &alert.id,
            words: &alert.blueprint.title,
            log_group: &lines.log_group,
            pattern: &pattern,
            namespace: &counted.namespace,
            name: &counted.name,
            topic: counted.topic.as_deref(),
        };
        resources.extend(metric::metric(scope, &spec));
    }
    resources
}

/// The target that leads to a destination, or to the notifier, which knows the destinations of the alert.
pub(super) fn told(
    rule: &Rule,
    message: &WrittenBy,
    to: &Addressee,
    main: &DestinationId,
    scope: &Scope,
) -> Vec<Resource> {
    match message {
        WrittenBy::Notifier(transformer) => {
            let notifier = FunctionNames::new(scope, NOTIFIER);
            let permission = Permission::for_rules(scope, &notifier);
            let input = TargetInput::Transformer(transformer.clone());
            let target = function::target(scope, rule, &notifier, input, main);
            vec![Resource::Target(target), Resource::Permission(permission)]
        }
        WrittenBy::Transformer(transformer) => {
            let input = TargetInput::Transformer(transformer.clone());
            let target = if to.posting.form.is_plain() {
                topic::target(rule, input, to, scope)
            } else {
                target(rule, input, &to.id, scope)
            };
            vec![Resource::Target(target)]
        }
    }
}

/// The target that calls the handler of an alert's remediation, and what lets the rule do so; nothing where it has none.
pub(super) fn remedied(alert: &Alert, rule: &Rule, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    if alert.remediation().is_none() {
        return Vec::new();
    }
    let names = FunctionNames::new(scope, &alert.id);
    let permission = Permission::for_rule(scope, &names, &rule.name);
    let target = function::target(scope, rule, &names, TargetInput::Event, main);
    vec![Resource::Target(target), Resource::Permission(permission)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_may_do_what_was_declared_and_nothing_more() {
        let document = crate::document::Document::parse(
            "t.yaml",
            "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n",
        );
        let installation = crate::check::stack(document.expect("YAML"), std::path::PathBuf::new()).expect("good");
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let [one] = functions(&installation, &scope).try_into().unwrap_or_else(|all| panic!("{all:?}"));
        assert_eq!(one.id, "cloudtrail-stop-logging");
        let [_, Resource::Role(role), Resource::Function(_)] = one.resources(&scope) else { panic!("a role") };
        let group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/trailbell-sec_cloudtrail-stop-logging_function:*";
        let queue = "arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue";
        let expected = [
            format!("Allow logs:CreateLogStream or logs:PutLogEvents on {group}"),
            format!("Allow sqs:SendMessage on {queue}"),
            "Allow cloudtrail:StartLogging on *".to_owned(),
        ];
        assert_eq!(role.policy.expect("a policy").sentences(), expected);
        // The names that `check` reasons with are those that are deployed.
        let caller = crate::check::caller(&scope, &scope.role_path(), "cloudtrail-stop-logging");
        assert_eq!(caller.role, role.name);
        assert!(caller.session_arn.ends_with("/trailbell-sec_cloudtrail-stop-logging_function"), "{caller:?}");
    }
}
