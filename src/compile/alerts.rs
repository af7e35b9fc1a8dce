//! What each alert needs: a rule with its targets, or a filter on a log group; and the functions that write messages and
//! run remediations.
//!
//! Neighbors: `function` makes the resources of one function; `cli::fire` runs the same functions offline.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::threshold::{CountedAlert, threshold};
use super::{alert_rule, function, metric, target};
use crate::alert::{Alert, Home, Installation, ReceivedEvents, ReceivedLines, Receives, WrittenBy};
use crate::archive::zip;
use crate::lambda::{self, Constants, RUNTIME, Sources};
use crate::message::{Form, Posting};
use crate::name::{NOTIFIER, Scope};
use crate::resource::{FunctionNames, PackedCode, Permission, Resource, Rule, TargetInput};

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
    words: String,
    grants: Vec<Value>,
    size: (u32, u32),
    concurrency: Option<u32>,
}

/// The functions of a stack: the notifier, if an alert needs it, and a handler for each alert with a remediation.
#[must_use]
pub fn functions(installation: &Installation, scope: &Scope) -> Vec<Deployed> {
    let needs_notifier = installation.alerts.iter().any(Alert::is_by_notifier);
    let notifier = needs_notifier.then(|| notifier(&installation.home(), scope));
    notifier.into_iter().chain(installation.alerts.iter().filter_map(|alert| handler(alert, scope))).collect()
}

/// The name and the code of a stack's notifier.
#[must_use]
pub fn notifier_of(scope: &Scope, form: &Form, accounts: &BTreeMap<String, String>) -> (String, Sources) {
    let names = FunctionNames::new(scope, NOTIFIER);
    let channel = form.channel().map(str::to_owned);
    let constants = Constants {
        bus: scope.relay_bus(),
        source: scope.relay_source(),
        channel,
        role: names.role.1,
        accounts: accounts.clone(),
    };
    (names.function.1, lambda::notifier(&constants))
}

fn notifier(home: &Home, scope: &Scope) -> Deployed {
    let put = json!({
        "Effect": "Allow", "Action": "events:PutEvents", "Resource": scope.events_arn(&format!("event-bus/{}", scope.relay_bus())),
        "Condition": { "StringEquals": { "events:source": scope.relay_source() } },
    });
    let (name, sources) = notifier_of(scope, &home.form, &home.accounts);
    Deployed {
        id: NOTIFIER.to_owned(),
        name,
        sources,
        words: format!("Writes Slack messages for the trailbell stack {}.", scope.stack()),
        grants: vec![put],
        size: NOTIFIER_SIZE,
        concurrency: None,
    }
}

pub(super) fn handler(alert: &Alert, scope: &Scope) -> Option<Deployed> {
    let remedy = alert.remediation()?;
    Some(Deployed {
        id: alert.id.clone(),
        name: FunctionNames::new(scope, &alert.id).function.1,
        sources: lambda::remediation(&remedy.handler.name, &remedy.handler.source),
        words: format!("Remediation of {}.", alert.blueprint.title),
        grants: remedy.statements(),
        size: HANDLER_SIZE,
        concurrency: remedy.concurrency,
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
            },
        )
    }
}

/// What belongs to an alert alone: its rules with their targets, or its filter.
pub(super) fn alert(alert: &Alert, scope: &Scope, posting: &Posting) -> Vec<Resource> {
    match &alert.receives {
        Receives::Lines(lines) => listening(alert, lines, scope, posting),
        Receives::Events(events) => {
            let with_targets = |message| {
                let rule = alert_rule(alert, events, message, scope);
                let targets = targets(alert, events, &message.by, &rule, scope);
                std::iter::once(Resource::Rule(rule)).chain(targets)
            };
            events.messages.iter().flat_map(with_targets).collect()
        }
    }
}

fn listening(alert: &Alert, lines: &ReceivedLines, scope: &Scope, posting: &Posting) -> Vec<Resource> {
    let mut resources = if let Some(threshold) = alert.threshold {
        let counted = CountedAlert { log_group: &lines.log_group, pattern: &lines.filter };
        self::threshold(alert, threshold, &counted, scope, posting)
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

fn targets(alert: &Alert, events: &ReceivedEvents, message: &WrittenBy, rule: &Rule, scope: &Scope) -> Vec<Resource> {
    let mut resources = Vec::new();
    match message {
        WrittenBy::Notifier(transformer) => {
            let notifier = FunctionNames::new(scope, NOTIFIER);
            let permission = Permission::for_rules(scope, &notifier);
            let input = TargetInput::Transformer(transformer.clone());
            resources.push(Resource::Target(function::target(scope, rule, &notifier, input)));
            resources.push(Resource::Permission(permission));
        }
        WrittenBy::Transformer(transformer) => {
            let input = TargetInput::Transformer(transformer.clone());
            resources.push(Resource::Target(target(rule, input, scope)));
        }
    }
    if events.remediation.is_some() {
        let names = FunctionNames::new(scope, &alert.id);
        let permission = Permission::for_rule(scope, &names, &rule.name);
        resources.push(Resource::Target(function::target(scope, rule, &names, TargetInput::Event)));
        resources.push(Resource::Permission(permission));
    }
    resources
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
