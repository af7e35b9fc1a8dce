//! What is written about SNS topics: each has a name that fits, and is an existing topic or has email addresses. And which alerts
//! can have their messages there.

use crate::alert::{Addressee, Alert};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::Flaw;
use crate::name::{DESTINATION_FORM, DestinationId, Scope, is_destination, partition_of};
use crate::stack::topic::section;
use crate::stack::{SnsDestination, Stack};
use crate::words::shortened;

/// Longest email address (RFC 5321, section 4.5.3.1: a path has at most 256 characters, its brackets among them).
const MAX_EMAIL: usize = 254;
/// So many alerts are named in a finding that is about several.
const NAMED: usize = 5;

/// Findings about the topics.
pub(super) fn check(stack: &Stack, document: &Document) -> Vec<Finding> {
    let of = |(name, one): (&String, &SnsDestination)| {
        let mut findings: Vec<Finding> = named(name, stack, document).into_iter().collect();
        findings.extend(form(name, one, stack, document));
        findings
    };
    stack.sns.iter().flat_map(of).collect()
}

/// A name that its queue can have, and that no other destination has.
fn named(name: &str, stack: &Stack, document: &Document) -> Option<Finding> {
    let section = section(name);
    // A scope that is not well formed is a finding of its own.
    let most = Scope::offline(None, &stack.region, &stack.stack).map_or(usize::MAX, |scope| scope.max_destination());
    let report = |what: String| document.finding(&section, Code::BadDestination, what);
    let mut finding = if !is_destination(name) {
        report(format!("a topic cannot be called `{name}`")).expected(format!(
            "{DESTINATION_FORM}; not `relay`, `notifier`, or `scheduler`, and no end such as `-function` or `-0123abcd`"
        ))
    } else if name.len() > most {
        let finding = report(format!("the name of the topic `{name}` is too long"));
        finding.found(format!("{} characters", name.len())).expected(format!("at most {most} in this stack"))
    } else if stack.slack.each().iter().any(|(id, ..)| id.as_str() == name) {
        report(format!("`{name}` is a Slack destination and a topic")).help("choose another name for one of them")
    } else {
        return None;
    };
    finding.span = document.key_span(&section);
    Some(finding)
}

fn form(name: &str, one: &SnsDestination, stack: &Stack, document: &Document) -> Vec<Finding> {
    let section = section(name);
    let report = |key: &str, what: String| document.finding(&format!("{section}{key}"), Code::BadTopic, what);
    match (&one.topic, one.email.is_empty()) {
        (Some(_), false) => {
            let finding = report("/email", "`topic` and `email` cannot be combined".to_owned());
            vec![finding.help("subscribe the addresses where the topic is managed, or remove `topic`")]
        }
        (None, true) => {
            let finding = report("", format!("the topic `{name}` has no subscriber"));
            let help = "write `email: [a@example.com]` for a topic of the stack, or `topic: ARN` for one that exists";
            vec![finding.help(help)]
        }
        (Some(arn), true) => {
            existing(arn, stack).map(|(what, expected)| report("/topic", what).expected(expected)).into_iter().collect()
        }
        (None, false) => {
            let mut findings = Vec::new();
            for (at, email) in one.email.iter().enumerate() {
                let place = format!("/email/{at}");
                if !is_email(email) {
                    let finding = report(&place, "this is not an email address".to_owned());
                    findings.push(finding.expected("an address such as `a@example.com`"));
                } else if one.email[..at].iter().any(|other| other.eq_ignore_ascii_case(email)) {
                    findings.push(report(&place, format!("`{email}` is in the list twice")).help("remove one of them"));
                }
            }
            findings
        }
    }
}

/// What is wrong with the ARN of a topic, and what is expected. A target is in the region of its rule
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>), and a topic of another account needs a role.
fn existing(arn: &str, stack: &Stack) -> Option<(String, String)> {
    let expected = |what: &str| {
        let account = stack.account.as_deref().unwrap_or("123456789012");
        let (partition, region) = (partition_of(&stack.region), &stack.region);
        Some((what.to_owned(), format!("an ARN such as `arn:{partition}:sns:{region}:{account}:on-call`")))
    };
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "sns", region, account, name] = parts[..] else {
        return expected("this is not the ARN of a topic");
    };
    let is_name = |name: &str| {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=256).contains(&name.len()) && name.bytes().all(is_good)
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if name.strip_suffix(".fifo").is_some_and(is_name) {
        return expected("this is a FIFO topic, to which emails and chats cannot be subscribed");
    }
    if !is_account || !is_name(name) {
        return expected("this is not the ARN of a topic");
    }
    if region != stack.region || partition != partition_of(&stack.region) {
        return expected("the topic is in another region than the stack");
    }
    match &stack.account {
        Some(own) if own != account => expected("the topic is in another account than the stack"),
        _ => None,
    }
}

/// Whether a text is an email address as people have them: no spaces, quotes, or signs that something else could read.
fn is_email(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_{|}~.".contains(&byte);
    let is_domain = |domain: &str| {
        domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
            && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    text.len() <= MAX_EMAIL
        && text.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len()) && local.bytes().all(is_good) && is_domain(domain)
        })
}

/// A message that cannot go to a topic.
pub(super) struct Unsendable {
    /// The item of `alerts` that it comes from: an alert, or a pack of them.
    at: usize,
    topic: DestinationId,
    cause: UnsendableCause,
    alert: String,
}

/// Why a message cannot go to a topic.
#[derive(PartialEq, Eq)]
enum UnsendableCause {
    /// It is about what was counted.
    Counted,
    /// The notifier writes it.
    Written,
    /// It is not fit for a topic.
    Unfit(String),
}

/// The messages of an alert that cannot go to its topics.
pub(super) fn unsendable(at: usize, alert: &Alert) -> Vec<Unsendable> {
    let topics = alert.addressees().into_iter().filter(|one| one.posting.form.is_plain());
    topics
        .filter_map(|one| {
            let (topic, alert_id) = (one.id.clone(), alert.id.clone());
            cause(alert, one).map(|cause| Unsendable { at, topic, cause, alert: alert_id })
        })
        .collect()
}

fn cause(alert: &Alert, topic: &Addressee) -> Option<UnsendableCause> {
    if alert.threshold.is_some() {
        return Some(UnsendableCause::Counted);
    }
    if alert.is_by_notifier() {
        return Some(UnsendableCause::Written);
    }
    let why = alert.flaws_for(topic).iter().find_map(|flaw| match flaw {
        Flaw::NotJson(why) => Some(why.clone()),
        Flaw::Value { name, .. } => Some(format!("`<{name}>` is not safe there")),
        Flaw::Refused { .. } => None,
    });
    why.map(UnsendableCause::Unfit)
}

/// A finding for each cause at an item, with the alerts that it is about.
pub(super) fn refused(all: &[Unsendable], document: &Document) -> Vec<Finding> {
    let is_same = |one: &Unsendable, other: &Unsendable| {
        one.at == other.at && one.topic == other.topic && one.cause == other.cause
    };
    let is_first = |(at, one): &(usize, &Unsendable)| !all[..*at].iter().any(|before| is_same(before, one));
    let finding = |(_, one): (usize, &Unsendable)| {
        let same = all.iter().filter(|other| is_same(one, other));
        let alerts = same.map(|other| format!("`{}`", other.alert)).collect();
        one.finding(&shortened(alerts, NAMED).join(", "), document)
    };
    all.iter().enumerate().filter(is_first).map(finding).collect()
}

impl Unsendable {
    fn finding(&self, alerts: &str, document: &Document) -> Finding {
        let Self { at, topic, .. } = self;
        let (code, what, help) = match &self.cause {
            UnsendableCause::Counted => (
                Code::TopicByNotifier,
                format!(
                    "messages about thresholds go to Slack only: those of {alerts} cannot go to the topic `{topic}`"
                ),
                "name only Slack destinations in `to`",
            ),
            UnsendableCause::Written => (
                Code::TopicByNotifier,
                format!(
                    "the notifier posts to Slack only: the messages that it writes for {alerts} cannot go to the topic `{topic}`"
                ),
                "name only Slack destinations in `to`; a blueprint with `via: transformer` can have messages in a topic",
            ),
            UnsendableCause::Unfit(why) => (
                Code::TopicMessage,
                format!("the message of {alerts} cannot go to the topic `{topic}`: {why}"),
                "shorten the message, or name other destinations in `to`",
            ),
        };
        document.finding(&format!("/alerts/{at}"), code, what).help(help)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::document::Document;

    fn codes(sns: &str, alert: &str) -> Vec<&'static str> {
        let text = format!(
            "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:A}}\" }}\nsns: {sns}\nalerts:\n  - {{ blueprint: {alert} }}\n"
        );
        let found = crate::check::stack(Document::parse("s.yaml", &text).expect("YAML"), PathBuf::new());
        found.map_or_else(|findings| findings, |loaded| loaded.warnings).iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn a_topic_is_one_that_exists_or_has_addresses() {
        let topic = "arn:aws:sns:us-east-1:123456789012:on-call";
        for (one, expected) in [
            (format!("{{ topic: {topic:?} }}"), &[][..]),
            (format!("{{ topic: {topic:?}, format: amazon-q }}"), &[]),
            ("{ email: [a@example.com, b+c@mail.example.com] }".to_owned(), &[]),
            (format!("{{ topic: {topic:?}, email: [a@example.com] }}"), &["TB0350"]),
            ("{}".to_owned(), &["TB0350"]),
            ("{ email: [a@example.com, A@example.com] }".to_owned(), &["TB0350"]),
            ("{ email: [example.com] }".to_owned(), &["TB0350"]),
            ("{ email: [\"a b@example.com\"] }".to_owned(), &["TB0350"]),
            ("{ topic: on-call }".to_owned(), &["TB0350"]),
            (format!("{{ topic: \"{topic}.fifo\" }}"), &["TB0350"]),
            ("{ topic: \"arn:aws:sns:eu-west-1:123456789012:on-call\" }".to_owned(), &["TB0350"]),
            ("{ topic: \"arn:aws:sqs:us-east-1:123456789012:on-call\" }".to_owned(), &["TB0350"]),
            (format!("{{ topic: {topic:?}, format: sms }}"), &["TB0108"]),
        ] {
            let found = codes(&format!("{{ on-call: {one} }}"), "cloudtrail-stop-logging, to: [slack, on-call]");
            assert_eq!(found, expected, "{one}");
        }
        for name in ["slack", "relay", "On-Call"] {
            let found = codes(&format!("{{ {name}: {{ topic: {topic:?} }} }}"), "cloudtrail-stop-logging, to: slack");
            assert!(found.contains(&"TB0330"), "{name}: {found:?}");
        }
    }

    #[test]
    fn what_the_notifier_writes_does_not_go_to_a_topic() {
        let sns = "{ on-call: { email: [a@example.com] } }";
        let logs = "cloudtrail-access-denied-logs, with: { log_group: my-trail }, to: [slack, on-call]";
        assert_eq!(codes(sns, logs), ["TB0351"]);
        let counted = "cloudtrail-access-denied-logs, with: { log_group: my-trail }, threshold: { count: 2, within: 5m }, to: [slack, on-call]";
        assert!(codes(sns, counted).contains(&"TB0351"), "a threshold posts to Slack only");
        let events = "cloudtrail-stop-logging, threshold: { count: 2, within: 5m }, to: [slack, on-call]";
        assert!(codes(sns, events).contains(&"TB0351"), "also where events are counted");
        assert!(codes(sns, "cloudtrail-stop-logging").contains(&"TB0332"), "several destinations need a word");
    }

    #[test]
    fn the_alerts_of_a_pack_have_one_finding_for_each_cause() {
        let text = "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:A}\" }\nsns: { on-call: { email: [a@example.com] } }\n\
            to: { default: on-call }\nalerts:\n  - { use: cis-aws-foundations-logs, with: { log_group: t }, to: on-call }\n";
        let found = crate::check::stack(Document::parse("s.yaml", text).expect("YAML"), PathBuf::new());
        let found = found.expect_err("messages about thresholds go to Slack");
        let about: Vec<_> = found.iter().filter(|one| one.code.id() == "TB0351").collect();
        let [one] = &about[..] else { panic!("{about:#?}") };
        assert!(one.message.contains("`, and 10 more cannot go to the topic `on-call`"), "{}", one.message);
    }

    #[test]
    fn a_message_that_is_too_long_for_a_topic_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        // Emails have the advice, and a message in Slack links to it.
        let step = format!("  - {}\n", "x".repeat(590));
        let blueprint = format!(
            "blueprint: long\ntitle: T\nseverity: high\ndescription: {:?}\nresponse:\n{}alert:\n  pattern: {{ source: [aws.s3], \
             detail-type: [AWS API Call via CloudTrail], detail: {{ eventSource: [s3.amazonaws.com], eventName: [DeleteBucket] }} }}\n  message: {{ card: {{}} }}\n\
             tests:\n  - name: a\n    record: {{ eventSource: s3.amazonaws.com, eventName: DeleteBucket, eventType: AwsApiCall, awsRegion: us-east-1 }}\n    \
             expect: {{ matches: true }}\n  - name: b\n    like: a\n    set: {{ eventName: CreateBucket }}\n    expect: {{ matches: false }}\n",
            "x".repeat(2_500),
            step.repeat(10)
        );
        std::fs::write(folder.path().join("long.yaml"), blueprint).expect("it is written");
        let text = "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:A}\" }\nsns: { on-call: { email: [a@example.com] } }\n\
                    alerts:\n  - { blueprint: ./long.yaml, to: [slack, on-call] }\n";
        let document = Document::parse("s.yaml", text).expect("YAML");
        let found = crate::check::stack(document, folder.path().to_owned()).expect_err("too long");
        assert!(
            found.iter().any(|one| one.code.id() == "TB0352" && one.message.contains("8192")),
            "{:?}",
            found.iter().map(|one| (one.code.id(), &one.message)).collect::<Vec<_>>()
        );
    }
}
