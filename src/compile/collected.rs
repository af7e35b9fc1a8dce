//! What an alert has whose events are collected: its rule writes them into a log group of the stack. A staged alert has that and no
//! more; of one with a threshold the log group is counted.
//!
//! EventBridge writes the whole event as one log event, and is let by the resource policy of CloudWatch Logs that a stack has once
//! (EventBridge user guide, "Using resource-based policies").

use super::destination::rules;
use super::threshold::{CountedAlert, threshold};
use super::{DestinationNames, RETRY, alert_rule, alerts};
use crate::alert::{Alert, MessageOf, ReceivedEvents};
use crate::name::{DestinationId, Scope};
use crate::resource::{Arn, Describe as _, Leads, LogGroup, LogPolicy, Resource, Rule, Target, TargetInput};

/// Which events are counted: all that are collected.
const ALL: &str = "";

/// The rule, what it writes into, and what counts.
pub(super) fn collected(alert: &Alert, events: &ReceivedEvents, main: &DestinationId, scope: &Scope) -> Vec<Resource> {
    // Messages that differ need rules of their own, and here is none.
    let whole = events.messages.iter().take(1).map(|first| MessageOf {
        group: None,
        pattern: events.pattern.clone(),
        by: first.by.clone(),
    });
    let group = LogGroup::collecting(scope, &alert.id);
    let mut resources = Vec::new();
    for message in whole {
        let rule = alert_rule(alert, events, &message, scope);
        resources.push(Resource::Target(target(&rule, &group, main, scope)));
        resources.extend(alerts::remedied(alert, &rule, main, scope));
        resources.push(Resource::Rule(rule));
    }
    if let Some(wanted) = alert.threshold {
        let counted = CountedAlert { log_group: &group.name, pattern: ALL };
        resources.extend(threshold(alert, wanted, &counted, main, scope));
    }
    resources.push(Resource::LogPolicy(policy(scope)));
    resources.push(Resource::LogGroup(group));
    resources
}

/// What lets the rules of the stack write into its log groups.
pub(super) fn policy(scope: &Scope) -> LogPolicy {
    LogPolicy::of_stack(scope, &rules(scope))
}

/// The target that writes what a rule receives into a log group.
pub(super) fn target(rule: &Rule, group: &LogGroup, main: &DestinationId, scope: &Scope) -> Target {
    Target {
        address: Target::address_of(&rule.address, Leads::LogGroup),
        rule: rule.name.clone(),
        bus: rule.bus.clone(),
        arn: Arn::Of(group.address().clone()),
        role_arn: None,
        input: TargetInput::Event,
        retry: RETRY,
        dead_letter_arn: Some(scope.queue_arn(&DestinationNames::of(scope, main).queue.1)),
        extra_parameters: false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::alert::Installation;
    use crate::compile::{compile, threshold::sample};
    use crate::document::Document;
    use crate::graph::Graph;
    use crate::resource::{Kind, Policy, ResourceSet};
    use crate::secret::Secret;
    use crate::trace::{self, End, Input, Recipient, Step, Stop, Way};

    fn installation(alert: &str) -> Installation {
        let text = format!(
            "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - {{ id: a, {alert} }}\n"
        );
        let document = Document::parse("t.yaml", &text).expect("YAML");
        crate::check::stack(document, PathBuf::new()).unwrap_or_else(|found| panic!("{found:?}"))
    }

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn compiled(alert: &str) -> ResourceSet {
        compile(&installation(alert), &scope(), Some(&Secret::new("https://hooks.slack.com/services/T/B/x")))
    }

    fn own(desired: &ResourceSet) -> Vec<String> {
        let is_own =
            |one: &&crate::resource::Address| ["a", "a-function", "notifier", "staged"].contains(&one.id.base());
        desired.keys().filter(is_own).map(crate::resource::Address::short).collect()
    }

    fn ways(installation: &Installation, desired: &ResourceSet) -> Vec<Way> {
        let alert = &installation.alerts[0];
        let case = crate::cases::matching(&alert.blueprint).expect("a test");
        let event = alert.sent(case, &installation.home());
        trace::follow(&Graph::compiled(&scope(), desired), Input::Event(&event), trace::answer)
            .into_iter()
            .filter(Way::matches)
            .collect()
    }

    const BLUEPRINT: &str = "blueprint: cloudtrail-stop-logging, with: { restart_logging: true }";
    const STAGED: [&str; 4] = ["rule.a", "target.a/staged", "log_group.a/staged", "log_policy.staged"];

    #[test]
    fn what_is_staged_is_collected_and_nothing_else_happens() {
        let alert = format!("{BLUEPRINT}, state: staged");
        let desired = compiled(&alert);
        assert_eq!(own(&desired), STAGED);
        let installation = installation(&alert);
        let note = "1 alert is staged in the stack file, so no message is sent, and remediations do not run: `a`";
        assert_eq!(installation.staged_note().as_deref(), Some(note));
        let found = ways(&installation, &desired);
        let [way] = &found[..] else { panic!("{found:?}") };
        let group = "/aws/events/trailbell/sec/staged/a".to_owned();
        assert_eq!(way.destination, Some(Recipient::LogGroup(group.clone())));
        assert_eq!(way.end(), End::Stopped { at: Step::Counted, by: &Stop::Staged { log_group: group } });
        // The blueprint's own tests are about the blueprint.
        let alert = &installation.alerts[0];
        let case = crate::cases::matching(&alert.blueprint).expect("a test");
        let outcome = crate::cases::run(alert, case, &crate::lambda::no_writer);
        assert_eq!(outcome, crate::cases::TestOutcome::Passed);
    }

    #[test]
    fn a_threshold_counts_what_is_collected_and_the_remediation_runs_for_each() {
        let alert = format!("{BLUEPRINT}, threshold: {{ count: 2, within: 1h }}");
        let desired = compiled(&alert);
        let expected = [
            "role.a-function",
            "rule.a",
            "rule.a:alarm",
            "target.a/function-a",
            "target.a/staged",
            "target.a:alarm",
            "log_group.a",
            "log_group.a/staged",
            "function.a",
            "permission.a/rule",
            "alarm.a/count",
            "metric_filter.a/count@/aws/events/trailbell/sec/staged/a",
            "log_policy.staged",
        ];
        assert_eq!(own(&desired), expected);
        let installation = installation(&alert);
        let found = ways(&installation, &desired);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().any(|way| matches!(way.end(), End::NotKnown { at: Step::Counted, .. })), "{found:?}");
        let event = sample(&installation.alerts[0], &scope()).expect("a threshold");
        let sent = trace::follow(&Graph::compiled(&scope(), &desired), Input::Event(&event), trace::answer);
        assert_eq!(sent.iter().flat_map(Way::bodies).count(), 1);
        // What is staged is counted, so that the alarm's history shows when there would have been a message.
        let staged = own(&compiled(&format!("{BLUEPRINT}, state: staged, threshold: {{ count: 2, within: 1h }}")));
        assert!(staged.contains(&"alarm.a/count".to_owned()) && !staged.contains(&"rule.a:alarm".to_owned()));
    }

    #[test]
    fn lines_that_are_staged_are_counted_where_they_are() {
        let alert = "blueprint: cloudtrail-access-denied-logs, with: { log_group: trail }, state: staged";
        assert_eq!(own(&compiled(alert)), ["alarm.a/count", "metric_filter.a/count@trail"]);
    }

    #[test]
    fn only_rules_of_the_stack_may_write_and_only_into_its_own_log_groups() {
        let alert = format!("{BLUEPRINT}, state: staged");
        let desired = compiled(&alert);
        let installation = installation(&alert);
        let refused = |change: &dyn Fn(&mut LogPolicy)| {
            let mut desired = desired.clone();
            for one in desired.values_mut() {
                if let Resource::LogPolicy(policy) = one {
                    change(policy);
                }
            }
            let found = ways(&installation, &desired);
            matches!(found[0].end(), End::Stopped { at: Step::Sent, by: Stop::Delivery { code: "NO_PERMISSIONS", .. } })
        };
        assert!(!refused(&|_| ()));
        let text = |policy: &LogPolicy| policy.policy.to_json();
        assert!(refused(&|policy| policy.policy = Policy::parse(&text(policy).replace("/staged/", "/other/"))));
        assert!(refused(
            &|policy| policy.policy = Policy::parse(&text(policy).replace("rule/trailbell-sec_", "rule/x"))
        ));
        let mut without = desired.clone();
        without.retain(|address, _| address.kind() != Kind::LogPolicy);
        let found = ways(&installation, &without);
        assert!(matches!(found[0].end(), End::Stopped { at: Step::Sent, .. }), "{found:?}");
    }
}
