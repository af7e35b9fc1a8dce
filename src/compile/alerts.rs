//! What each alert needs: a rule with its targets, or a filter on a log group; and the functions that write messages and
//! run remediations.
//!
//! Neighbours: `function` makes the resources of one function; `cli::fire` runs the same functions offline.

use serde_json::{Value, json};

use super::{Names, alert_rule, function, metric, target};
use crate::archive::zip;
use crate::blueprint::LogRoute;
use crate::functions::{self, Constants, RUNTIME, Sources};
use crate::message::{self, Form, Posting};
use crate::name::{NOTIFIER, Scope};
use crate::resource::{Code, FunctionNames, Input, Permission, Resource, Rule};
use crate::stack::{Installation, InstalledAlert};

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
}

/// The functions of a stack: the notifier, if an alert needs it, and a handler for each alert with a remediation.
#[must_use]
pub fn functions(installation: &Installation, scope: &Scope) -> Vec<Deployed> {
    let needs_notifier = |alert: &InstalledAlert| message::is_by_notifier(&alert.blueprint, &alert.values);
    let notifier = installation.alerts.iter().any(needs_notifier).then(|| notifier(installation, scope));
    notifier.into_iter().chain(installation.alerts.iter().filter_map(|alert| handler(alert, scope))).collect()
}

/// The name and the code of a stack's notifier.
#[must_use]
pub fn notifier_of(scope: &Scope, form: &Form) -> (String, Sources) {
    let names = FunctionNames::new(scope, NOTIFIER);
    let channel = match form {
        Form::Bot { channel } => Some(channel.clone()),
        Form::Webhook => None,
    };
    let constants = Constants { source: scope.relay_source(), channel, role: names.role.1 };
    (names.function.1, functions::notifier(&constants))
}

fn notifier(installation: &Installation, scope: &Scope) -> Deployed {
    let put = json!({
        "Effect": "Allow", "Action": "events:PutEvents", "Resource": scope.events_arn("event-bus/default"),
        "Condition": { "StringEquals": { "events:source": scope.relay_source() } },
    });
    let (name, sources) = notifier_of(scope, &installation.destination.form());
    Deployed {
        id: NOTIFIER.to_owned(),
        name,
        sources,
        words: format!("Writes Slack messages for the trailbell stack {}.", scope.stack()),
        grants: vec![put],
        size: NOTIFIER_SIZE,
    }
}

fn handler(alert: &InstalledAlert, scope: &Scope) -> Option<Deployed> {
    let remedy = alert.blueprint.remedy(&alert.values)?;
    let handler = alert.handler.as_ref()?;
    Some(Deployed {
        id: alert.id.clone(),
        name: FunctionNames::new(scope, &alert.id).function.1,
        sources: functions::remediation(&handler.name, &handler.source),
        words: format!("Remediation of {}.", alert.blueprint.title),
        grants: remedy.statements(&alert.values),
        size: HANDLER_SIZE,
    })
}

impl Deployed {
    /// The function with its log group and its role.
    pub(super) fn resources(self, scope: &Scope) -> [Resource; 3] {
        let handler = self.sources.handler();
        let zip = zip(&self.sources.files).expect("names and sizes of handlers were checked, the others are ours");
        function::function(
            scope,
            function::Spec {
                id: &self.id,
                words: &self.words,
                runtime: RUNTIME,
                handler: &handler,
                timeout_seconds: self.size.0,
                memory_megabytes: self.size.1,
                code: Code::new(zip),
                grants: self.grants,
            },
        )
    }
}

/// The rule of an alert, if it has one, with everything that belongs to the alert alone.
pub(super) fn alert(
    alert: &InstalledAlert,
    installation: &Installation,
    scope: &Scope,
) -> (Option<Rule>, Vec<Resource>) {
    if let Some(route) = alert.blueprint.log_route(&alert.values) {
        (None, listening(alert, &route, scope))
    } else {
        let rule = alert_rule(alert, scope);
        let targets = targets(alert, &rule, installation, scope);
        (Some(rule), targets)
    }
}

fn listening(alert: &InstalledAlert, route: &LogRoute, scope: &Scope) -> Vec<Resource> {
    let notifier = FunctionNames::new(scope, NOTIFIER);
    let mut resources = function::filter(scope, &alert.id, &route.log_group, &route.filter, &notifier).to_vec();
    if let Some(counted) = alert.blueprint.metric(&alert.values) {
        let spec = metric::Spec {
            id: &alert.id,
            words: &alert.blueprint.title,
            log_group: &route.log_group,
            pattern: &route.filter,
            namespace: &counted.namespace,
            name: &counted.name,
            topic: counted.topic.as_deref(),
        };
        resources.extend(metric::metric(scope, &spec));
    }
    resources
}

fn targets(alert: &InstalledAlert, rule: &Rule, installation: &Installation, scope: &Scope) -> Vec<Resource> {
    let mut resources = Vec::new();
    if message::is_by_notifier(&alert.blueprint, &alert.values) {
        let notifier = FunctionNames::new(scope, NOTIFIER);
        let permission = Permission::for_rules(scope, &notifier);
        let input = Input::Transformer(message::to_notifier(&alert.blueprint, &alert.values));
        resources.push(Resource::Target(function::target(scope, rule, &notifier, input)));
        resources.push(Resource::Permission(permission));
    } else {
        let posting = Posting { form: installation.destination.form(), partition: scope.partition().to_owned() };
        let input = Input::Transformer(message::compile(&alert.blueprint, &alert.values, &posting));
        resources.push(Resource::Target(target(rule, input, scope, &Names::new(scope))));
    }
    if alert.blueprint.remedy(&alert.values).is_some() {
        let names = FunctionNames::new(scope, &alert.id);
        let permission = Permission::for_rule(scope, &names, &rule.name);
        resources.push(Resource::Target(function::target(scope, rule, &names, Input::Event)));
        resources.push(Resource::Permission(permission));
    }
    resources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::logs::statement_length;

    #[test]
    fn what_check_says_of_the_policys_length_is_so() {
        for (region, stack) in [("us-east-1", "sec"), ("ap-southeast-2", "a-name-of-20-letters")] {
            let scope = Scope::offline(None, region, stack).expect("a good scope");
            let notifier = FunctionNames::new(&scope, NOTIFIER);
            for group in ["a", "/aws/cloudtrail/management-events"] {
                let statement = Permission::for_log_group(&scope, &notifier, group).statement(&scope);
                // With the comma behind it.
                assert_eq!(statement_length(&scope, group), statement.to_string().len() + 1, "{statement}");
            }
        }
    }

    #[test]
    fn a_handler_may_do_what_was_declared_and_nothing_more() {
        let document = crate::document::Document::parse(
            "t.yaml",
            "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n",
        );
        let installation =
            crate::stack::from_document(document.expect("YAML"), std::path::PathBuf::new()).expect("good");
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
        let caller = crate::blueprint::caller(&scope, "cloudtrail-stop-logging");
        assert_eq!(caller.role, role.name);
        assert!(caller.session_arn.ends_with("/trailbell-sec_cloudtrail-stop-logging_function"), "{caller:?}");
    }
}
