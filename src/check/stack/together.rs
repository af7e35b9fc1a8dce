//! What the alerts of a stack do to each other: places and policies they share, what the stack receives of itself, and
//! remediations that could call each other.

use crate::alert::{Alert, ReceivedEvents};
use crate::check::blueprint::caller;
use crate::check::limits;
use crate::cloudtrail::self_caused::can_trigger;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::{Scope, is_account};
use crate::stack::Stack;

/// The findings about alerts that are fine one by one.
pub(super) fn check(stack: &Stack, alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let account = stack.account.as_deref().filter(|account| is_account(account));
    let Ok(scope) = Scope::offline(account, &stack.region, &stack.stack) else {
        // Findings of their own, and no names can be made of them.
        return Vec::new();
    };
    let mut findings = limits::shared(alerts, places, &scope, &stack.quotas, document);
    for (alert, at) in alerts.iter().zip(places) {
        let Some(lines) = alert.lines() else { continue };
        let pointer = format!("/alerts/{at}");
        if lines.log_group.starts_with(&format!("/aws/lambda/{}", scope.prefix())) {
            let what = format!("`{}` would match lines that this stack writes", alert.id);
            let finding = document.finding(&pointer, Code::BadLogGroup, what).found(format!("`{}`", lines.log_group));
            findings.push(finding.help("each message would cause another; use another log group"));
        }
    }
    findings.extend(rounds(&scope, stack, alerts, places, document));
    findings
}

/// Remediations that set off each other's alerts, around in a circle.
fn rounds(scope: &Scope, stack: &Stack, alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let path = stack.iam.path.clone().unwrap_or_else(|| scope.role_path());
    let sets_off = |one: &Alert, other: &Alert| {
        let (Some(remedy), Some(Ok(pattern))) = (one.remediation(), other.events().map(ReceivedEvents::judge)) else {
            return false;
        };
        let callers = [caller(scope, &path, &one.id)];
        remedy.allow.iter().flat_map(|allow| &allow.actions).any(|action| can_trigger(&pattern, action, &callers))
    };
    let able: Vec<usize> = (0..alerts.len()).filter(|&at| alerts[at].remediation().is_some()).collect();
    let after =
        |at: usize| able.iter().copied().filter(move |&other| other != at && sets_off(&alerts[at], &alerts[other]));
    let comes_back = |start: usize| {
        let (mut seen, mut waiting) = (vec![start], vec![start]);
        while let Some(at) = waiting.pop() {
            for next in after(at) {
                if next != start && seen.contains(&next) {
                    continue;
                }
                if next == start {
                    return true;
                }
                seen.push(next);
                waiting.push(next);
            }
        }
        false
    };
    let all: Vec<usize> = able.iter().copied().filter(|&at| comes_back(at)).collect();
    let Some(first) = all.first() else { return Vec::new() };
    let names: Vec<String> = all.iter().map(|&at| format!("`{}`", alerts[at].id)).collect();
    let what = format!("the remediations of {} can trigger each other's alerts in an endless loop", names.join(", "));
    let finding = document.finding(&format!("/alerts/{}", places[*first]), Code::RemediationLoop, what);
    vec![finding.help("turn off one of the remediations, or exclude the handlers' roles in the patterns")]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::PathBuf;

    use crate::diagnostic::Finding;
    use crate::document::Document;
    use crate::name::Scope;
    use crate::resource::{Resource, limit};

    const HEAD: &str = "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n";

    fn alerts(groups: impl IntoIterator<Item = String>) -> String {
        let mut text = HEAD.to_owned();
        for (at, group) in groups.into_iter().enumerate() {
            let blueprint = "cloudtrail-access-denied-logs";
            let _ = writeln!(text, "  - {{ blueprint: {blueprint}, id: a{at}, with: {{ log_group: {group} }} }}");
        }
        text
    }

    fn findings(text: &str, folder: PathBuf) -> Vec<Finding> {
        let document = Document::parse("t.yaml", text).unwrap_or_else(|found| panic!("{found:?}"));
        crate::check::stack(document, folder).map_or_else(|found| found, |stack| stack.warnings)
    }

    fn codes(text: &str) -> Vec<(&'static str, usize)> {
        findings(text, PathBuf::new()).iter().map(|one| (one.code.id(), one.position().0)).collect()
    }

    #[test]
    fn a_log_group_has_room_for_two_filters() {
        let same = |count: usize| alerts((0..count).map(|_| "my-trail".to_owned()));
        assert_eq!(codes(&same(2)), []);
        assert_eq!(codes(&same(3)), [("TB0309", 8)]);
        assert_eq!(codes(&same(4)), [("TB0309", 8)], "once is enough");
    }

    #[test]
    fn an_event_bus_has_room_for_some_rules() {
        let many = |count: usize, region: &str| {
            let mut text = HEAD.replace("us-east-1", region);
            for at in 0..count {
                let _ = writeln!(text, "  - {{ blueprint: cloudtrail-stop-logging, id: a{at} }}");
            }
            findings(&text, PathBuf::new())
        };
        let told = |found: &[Finding]| found.iter().map(|one| (one.code.id(), one.position().0)).collect::<Vec<_>>();
        assert_eq!(told(&many(300, "us-east-1")), []);
        let found = many(400, "us-east-1");
        assert_eq!(told(&found), [("TB0315", 306)]);
        let text = format!("{:?}", found[0]);
        for part in ["400 rules", "at most 300", "Number of rules", "eb-quota.html", "a300"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(told(&many(100, "eu-south-1")), []);
        assert_eq!(told(&many(101, "eu-south-1")), [("TB0315", 106)]);
    }

    #[test]
    fn what_alerts_share_does_not_grow_with_their_number() {
        let mut text = HEAD.to_owned();
        for at in 0..300 {
            let _ = writeln!(
                text,
                "  - {{ blueprint: cloudtrail-stop-logging, id: {}{at:03}, with: {{ restart_logging: true }} }}",
                "a".repeat(50)
            );
        }
        let stack = crate::check::stack(Document::parse("t.yaml", &text).expect("YAML"), PathBuf::new()).expect("fits");
        let scope = Scope::offline(None, &stack.region, &stack.name).expect("a scope");
        let desired = crate::compile::compile(&stack, &scope, None);
        let mut targets: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for one in desired.values() {
            let length =
                |policy: &Option<crate::resource::Policy>| policy.as_ref().map_or(0, |one| one.to_json().len());
            assert!(one.name().len() <= 64 || matches!(one, Resource::LogGroup(_)), "{}", one.name());
            match one {
                Resource::Queue(queue) => assert!(length(&queue.policy) <= limit::QUEUE_POLICY.most),
                Resource::Role(role) => assert!(length(&role.policy) <= limit::ROLE_POLICIES.most),
                Resource::Target(target) => *targets.entry(&target.rule).or_default() += 1,
                _ => {}
            }
        }
        assert!(targets.len() > 300 && targets.values().all(|count| *count <= limit::TARGETS.most));
    }

    #[test]
    fn the_notifiers_policy_has_room_for_some_forty_log_groups() {
        let many = |count: usize| alerts((0..count).map(|at| format!("/aws/cloudtrail/of-the-team-number-{at:03}")));
        assert_eq!(codes(&many(40)), []);
        let found = findings(&many(60), PathBuf::new());
        assert_eq!(found.iter().map(|one| one.code.id()).collect::<Vec<_>>(), ["TB0310"], "{found:?}");
        let at = found[0].position().0 - 6;
        assert!((40..50).contains(&at), "{at}");
    }

    #[test]
    fn names_that_are_not_well_formed_are_no_reason_to_panic() {
        let alerts = alerts(["my-trail".to_owned()])
            + "  - { blueprint: cloudtrail-stop-logging, id: \"\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\u{1f514}\", with: { restart_logging: true } }\n";
        // Two ids, and the critical alert that shares its channel with refused calls.
        assert_eq!(codes(&alerts.replace("id: a0", "id: \u{e9}")).len(), 3);
        for (from, to) in [("sec", "x".repeat(100)), ("us-east-1", "y".repeat(100))] {
            assert!(!codes(&alerts.replacen(from, &to, 1)).is_empty());
        }
    }

    #[test]
    fn an_alarm_tells_a_topic_of_its_own_region() {
        let alert = |region: &str| {
            let topic = format!("arn:aws:sns:{region}:123456789012:security");
            alerts(["my-trail".to_owned()])
                .replace("log_group", &format!("metric_alarm: true, alarm_topic: \"{topic}\", log_group"))
        };
        assert_eq!(codes(&alert("us-east-1")), []);
        assert_eq!(codes(&alert("eu-west-1")), [("TB0108", 6)]);
    }

    #[test]
    fn a_value_is_no_parameter() {
        assert_eq!(codes(&alerts(["\"${param:a}\"".to_owned()])), [("TB0221", 6)]);
    }

    #[test]
    fn nobody_listens_to_what_the_stack_writes() {
        let own = "/aws/lambda/trailbell-sec_notifier_function".to_owned();
        let other = "/aws/lambda/trailbell-other_notifier_function".to_owned();
        assert_eq!(codes(&alerts([own, other])), [("TB0221", 6)]);
    }

    #[test]
    fn remediations_do_not_call_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let blueprint = |name: &str, receives: &str, calls: &str| {
            let text = format!(
                "blueprint: {name}\ntitle: Logging\nseverity: low\nalert:\n  pattern: {{ source: [aws.cloudtrail], detail-type: [AWS API Call via CloudTrail], \
                 detail: {{ eventSource: [cloudtrail.amazonaws.com], eventName: [{receives}], errorCode: [{{ exists: false }}], \
                 errorMessage: [{{ exists: false }}] }} }}\n  message: {{ text: hello }}\n\
                 remediation: {{ handler: fix.mjs, allow: [{{ actions: [\"cloudtrail:{calls}\"], resources: [\"*\"] }}] }}\n"
            );
            std::fs::write(folder.path().join(format!("{name}.yaml")), text).expect("written");
        };
        std::fs::write(folder.path().join("fix.mjs"), "export const handler = async () => {};").expect("written");
        blueprint("stopped", "StopLogging", "StartLogging");
        blueprint("started", "StartLogging", "UpdateTrail");
        blueprint("updated", "UpdateTrail", "StopLogging");
        let found = |names: &[&str]| {
            let alerts =
                names.iter().map(|name| format!("  - blueprint: ./{name}.yaml\n")).collect::<Vec<_>>().concat();
            let all = findings(&format!("{HEAD}{alerts}"), folder.path().to_owned());
            all.into_iter()
                .filter(crate::diagnostic::Finding::is_error)
                .map(|one| (one.code.id(), one.message))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&["stopped", "started"]), []);
        let round = found(&["stopped", "started", "updated"]);
        assert_eq!(round.len(), 1, "{round:?}");
        assert!(round[0].0 == "TB0603" && round[0].1.contains("`stopped`, `started`, `updated`"), "{round:?}");
    }
}
