//! Where the messages of each alert go: an alert's own `to`, else the one for its severity, else the only destination.

use crate::blueprint::Urgency;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::DestinationId;
use crate::resource::limit;
use crate::stack::{AlertUse, Recipients, Stack, topic};

/// Findings about the stack's own `to`.
pub(super) fn check(stack: &Stack, document: &Document) -> Vec<Finding> {
    let of = |(key, to): (String, &Recipients)| recipients(to, &format!("/to/{key}"), stack, document);
    stack.to.each().into_iter().flat_map(of).collect()
}

/// Where the messages of an alert go. Findings, if nowhere.
pub(super) fn destinations(
    at: usize,
    alert: &AlertUse,
    severity: Urgency,
    stack: &Stack,
    document: &Document,
    findings: &mut Vec<Finding>,
) -> Vec<DestinationId> {
    let known = known(stack);
    if let Some(own) = &alert.to {
        findings.extend(recipients(own, &format!("/alerts/{at}/to"), stack, document));
    }
    let to = alert.to.as_ref().or_else(|| stack.to.of(severity));
    if let Some(to) = to {
        let mut ids = to.ids();
        ids.retain(|id| known.contains(id));
        return ids;
    }
    if known.len() > 1 {
        let id = alert.id.as_deref().unwrap_or(&alert.blueprint);
        let what = format!("the messages of `{id}` go nowhere: the stack has several destinations");
        let finding = document.finding(&format!("/alerts/{at}"), Code::UnroutedAlert, what);
        findings.push(finding.help(format!(
            "add `to: {}` to the alert, or to the stack `to: {{ default: {} }}` or `to: {{ {}: {} }}`",
            known[0],
            known[0],
            severity.word(),
            known[0]
        )));
    }
    known.into_iter().take(1).collect()
}

/// Destinations that no alert goes to.
pub(super) fn unused(used: &[DestinationId], stack: &Stack, document: &Document) -> Vec<Finding> {
    let slack = stack.slack.each().into_iter().map(|(id, section, _)| (id, section));
    let topics = stack.sns.keys().map(|name| (DestinationId::new(name), topic::section(name)));
    let sections: Vec<(DestinationId, String)> = slack.chain(topics).collect();
    // A stack without alerts is told so elsewhere.
    let of = |(id, section): &(DestinationId, String)| {
        let mut finding = document.finding(section, Code::UnusedDestination, format!("no alert goes to `{id}`"));
        finding.span = document.key_span(section);
        finding.help("remove the destination, or name it in `to`")
    };
    sections.iter().filter(|(id, _)| !used.is_empty() && !used.contains(id)).map(of).collect()
}

pub(super) fn known(stack: &Stack) -> Vec<DestinationId> {
    let slack = stack.slack.each().into_iter().map(|(id, ..)| id);
    slack.chain(stack.sns.keys().map(DestinationId::new)).collect()
}

/// Whether these are destinations of the stack, each once, and no more than a rule can have.
fn recipients(to: &Recipients, pointer: &str, stack: &Stack, document: &Document) -> Vec<Finding> {
    let known = known(stack);
    let names: Vec<&str> = known.iter().map(DestinationId::as_str).collect();
    let all = to.each();
    let mut findings = Vec::new();
    for (index, (end, name)) in all.iter().enumerate() {
        let place = format!("{pointer}{end}");
        if !names.contains(name) {
            let what = format!("the stack has no destination `{name}`");
            let finding = document.finding(&place, Code::UnknownDestination, what);
            findings.push(finding.suggest(name, names.iter().copied()));
        } else if all[..index].iter().any(|(_, earlier)| earlier == name) {
            let what = format!("`{name}` is in the list twice");
            findings.push(document.finding(&place, Code::NotAllowed, what).help("remove one of them"));
        }
    }
    // One place is for the handler of a remediation.
    let most = limit::TARGETS.most - 1;
    if all.is_empty() {
        let finding = document.finding(pointer, Code::UnroutedAlert, "the list of destinations is empty");
        findings.push(finding.help("name a destination; to have no messages, use `enabled: false`"));
    } else if all.len() > most {
        let finding = document.finding(pointer, Code::NotAllowed, "an alert has too many destinations");
        findings.push(finding.found(all.len().to_string()).expected(format!(
            "at most {most}: a rule has {} targets, one of them for a remediation; source: {}",
            limit::TARGETS.most,
            limit::TARGETS.source
        )));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::alert::Installation;
    use crate::diagnostic::Finding;
    use crate::document::Document;

    fn load(text: &str) -> Result<Installation, Vec<Finding>> {
        let head = "stack: sec\nregion: us-east-1\nslack:\n  a: { webhook: \"${env:A}\" }\n  b: { token: \"${env:B}\", channel: C1 }\n";
        crate::check::stack(Document::parse("s.yaml", &format!("{head}{text}")).expect("YAML"), PathBuf::new())
    }

    fn codes(text: &str) -> Vec<&'static str> {
        load(text).map_or_else(|findings| findings, |loaded| loaded.warnings).iter().map(|one| one.code.id()).collect()
    }

    const ALERTS: &str = "alerts:\n  - { blueprint: cloudtrail-stop-loggingOWN }\n";

    #[test]
    fn every_alert_has_a_way_and_every_way_a_destination() {
        for (routing, own, expected) in [
            ("", "", &["TB0332", "TB0333"][..]),
            ("", ", to: a", &["TB0333"]),
            ("", ", to: [a, b]", &[]),
            ("", ", to: [a, a]", &["TB0108", "TB0333"]),
            ("", ", to: []", &["TB0332", "TB0333", "TB0333"]),
            ("", ", to: c", &["TB0331", "TB0333", "TB0333"]),
            ("to: { default: [a, b] }\n", "", &[]),
            ("to: { critical: [a, b] }\n", "", &[]),
            ("to: { high: [a, b] }\n", "", &["TB0332", "TB0333"]),
            ("to: { high: [a, b] }\n", ", severity: high", &[]),
            ("to: { default: [a, c] }\n", "", &["TB0331", "TB0333"]),
            ("to: { urgent: a }\n", ", to: [a, b]", &["TB0105"]),
            ("to: { default: a }\n", ", to: b", &["TB0333"]),
        ] {
            let found = codes(&format!("{routing}{}", ALERTS.replace("OWN", own)));
            let mut sorted = found.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, expected, "{routing}{own}");
        }
    }

    #[test]
    fn an_alert_goes_where_it_says_or_where_its_severity_goes() {
        let alerts = "to: { critical: [a, b], default: b }\nalerts:\n  - blueprint: cloudtrail-stop-logging\n  \
            - { blueprint: cloudtrail-stop-logging, id: low, severity: low }\n  \
            - { blueprint: cloudtrail-stop-logging, id: own, to: a }\n";
        let loaded = load(alerts).expect("no errors");
        let to: Vec<Vec<String>> =
            loaded.alerts.iter().map(|alert| alert.destinations().iter().map(ToString::to_string).collect()).collect();
        assert_eq!(to, [vec!["a", "b"], vec!["b"], vec!["a"]]);
    }

    #[test]
    fn names_that_something_else_could_have_are_refused() {
        for (name, expected) in [
            ("security", &[][..]),
            ("slack", &[]),
            ("relay", &["TB0330"]),
            ("a-function", &["TB0330"]),
            ("a-0123abcd", &["TB0330"]),
            ("Security", &["TB0330"]),
            ("a_b", &["TB0330"]),
            ("a-name-that-is-longer-than-allowed-here", &["TB0330"]),
        ] {
            let text = format!(
                "stack: sec\nregion: us-east-1\nslack: {{ {name}: {{ webhook: \"${{env:A}}\" }} }}\nalerts:\n  - blueprint: cloudtrail-stop-logging\n"
            );
            let found = crate::check::stack(Document::parse("s.yaml", &text).expect("YAML"), PathBuf::new());
            let found = found.map_or_else(|findings| findings, |loaded| loaded.warnings);
            assert_eq!(found.iter().map(|one| one.code.id()).collect::<Vec<_>>(), expected, "{name}: {found:?}");
        }
    }

    #[test]
    fn a_mistake_about_either_form_is_told_in_its_words() {
        let told = |slack: &str| {
            let text = format!(
                "stack: sec\nregion: us-east-1\nslack: {slack}\nalerts:\n  - {{ blueprint: cloudtrail-stop-logging }}\n"
            );
            let found = crate::check::stack(Document::parse("s.yaml", &text).expect("YAML"), PathBuf::new());
            let found = found.map_or_else(|findings| findings, |loaded| loaded.warnings);
            found.into_iter().map(|one| (one.code.id(), one.message)).collect::<Vec<_>>()
        };
        for (slack, code, words) in [
            ("{ webook: \"${env:A}\" }", "TB0105", "`webook` is not a valid key here"),
            ("{ a: { webook: \"${env:A}\" } }", "TB0105", "`webook` is not a valid key here"),
            ("{ webhook: \"${env:A}\", a: { webhook: \"${env:A}\" } }", "TB0106", "`webhook` must be a mapping"),
            ("{ a: { webhook: 1 } }", "TB0106", "`webhook` must be a string"),
            ("{ a: { webhook: \"https://x\" } }", "TB0401", "`webhook` contains a secret"),
            ("[a]", "TB0106", "`slack` must be a mapping"),
        ] {
            let all = told(slack);
            assert!(all.iter().any(|(id, text)| *id == code && text.contains(words)), "{slack}: {all:?}");
        }
    }
}
