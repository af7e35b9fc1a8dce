//! Topics of the alarms that blueprints ask for: each is in the region of the stack, and an alarm of a control has one.

use std::collections::BTreeMap;

use crate::alert::Alert;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::stack::Stack;

/// The findings about all alerts; those of a pack are at one place, and so in one finding.
pub(super) fn check(stack: &Stack, alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut untold: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (alert, at) in alerts.iter().zip(places) {
        let Some(metric) = alert.lines().and_then(|lines| lines.metric.as_ref()) else { continue };
        match &metric.topic {
            Some(topic) => findings.extend(elsewhere(topic, alert, *at, stack, document)),
            None if alert.blueprint.controls.is_empty() => {}
            None => untold.entry(*at).or_default().push(&alert.id),
        }
    }
    findings.extend(untold.into_iter().map(|(at, ids)| without(&ids, at, document)));
    findings
}

/// CloudWatch notifies topics of its own region only.
fn elsewhere(topic: &str, alert: &Alert, at: usize, stack: &Stack, document: &Document) -> Option<Finding> {
    let region = topic.split(':').nth(3).filter(|region| *region != stack.region)?;
    let what = format!("the alarm of `{}` cannot notify a topic in another region", alert.id);
    let finding = document.finding(&format!("/alerts/{at}"), Code::NotAllowed, what);
    Some(finding.found(format!("a topic in {region}")).expected(format!("a topic in {}", stack.region)))
}

fn without(ids: &[&str], at: usize, document: &Document) -> Finding {
    let (alarms, controls) = match ids {
        [id] => (format!("the alarm of `{id}` notifies"), "control stays"),
        ids => (format!("the alarms of {} alerts notify", ids.len()), "controls stay"),
    };
    let what = format!("{alarms} no SNS topic: the {controls} failed");
    let finding = document.finding(&format!("/alerts/{at}"), Code::AlarmWithoutTopic, what);
    finding.help("name a topic with a subscriber: `with: { alarm_topic: \"arn:aws:sns:…\" }`")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::document::Document;

    fn found(alert: &str) -> Vec<(&'static str, String)> {
        let text = format!(
            "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - {{ {alert} }}\n"
        );
        let document = Document::parse("s.yaml", &text).expect("YAML");
        let loaded = crate::check::stack(document, PathBuf::new());
        let findings = loaded.map_or_else(|findings| findings, |loaded| loaded.warnings);
        findings.into_iter().map(|one| (one.code.id(), one.message)).filter(|(code, _)| *code != "TB0220").collect()
    }

    const TOPIC: &str = "alarm_topic: \"arn:aws:sns:us-east-1:123456789012:security\"";

    #[test]
    fn a_control_that_stays_failed_is_said_once_for_a_pack() {
        let failed = |message: &str| vec![("TB0222", message.to_owned())];
        let one = "blueprint: cis-5-11-network-acl-changes-logs, with: { log_group: t";
        let said = "the alarm of `cis-5-11-network-acl-changes-logs` notifies no SNS topic: the control stays failed";
        assert_eq!(found(&format!("{one} }}")), failed(said));
        assert_eq!(found(&format!("{one}, {TOPIC} }}")), []);
        assert_eq!(found(&format!("{one}, metric_alarm: false }}")), []);
        let pack = "use: cis-aws-foundations-logs, with: { log_group: t";
        assert_eq!(
            found(&format!("{pack} }}")),
            failed("the alarms of 15 alerts notify no SNS topic: the controls stay failed")
        );
        assert_eq!(found(&format!("{pack}, {TOPIC} }}")), []);
        // No control asks for this alarm.
        let free = "blueprint: cloudtrail-access-denied-logs, with: { log_group: t, metric_alarm: true }";
        assert_eq!(found(free), []);
    }
}
