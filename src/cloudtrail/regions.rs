//! Where events happen: some services write theirs in certain regions only, whatever the region of the caller.
//!
//! The table is data, `regions.txt`, each line with its source. A service that is not in it writes events where it is
//! called, or no one has said. Neighbor: `possible` (which sources a pattern asks for).

use serde_json::Value;

use super::events::SIGN_IN;
use super::possible::event_sources;
use super::{DETAIL_TYPES, SIGN_IN_TYPES, wants_records};
use crate::pattern::{Branch, Demand, Pattern};

const TABLE: &str = include_str!("regions.txt");

/// The regions of a partition in which the events of a source happen, where that is known.
#[must_use]
pub fn of(event_source: &str, partition: &str) -> Option<Vec<&'static str>> {
    let line = TABLE.lines().find_map(|line| line.strip_prefix(event_source)?.strip_prefix(' '))?;
    let mut words = line.split('#').next()?.split(' ');
    let regions = words.find_map(|word| word.strip_prefix(partition)?.strip_prefix(':'))?;
    Some(regions.split(',').collect())
}

/// The regions of a partition in which this event can happen, where that is known: those of its service, and us-east-1 for
/// sign-ins of the root user (CloudTrail user guide, "AWS Management Console sign-in events").
#[must_use]
pub fn of_event(event: &Value, partition: &str) -> Option<Vec<&'static str>> {
    let source = event["detail"]["eventSource"].as_str()?;
    let is_root = source == SIGN_IN && event["detail"]["userIdentity"]["type"] == "Root";
    if is_root && partition == "aws" { Some(vec!["us-east-1"]) } else { of(source, partition) }
}

/// What a region does not receive of the events a pattern asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreceived {
    /// Nothing of these event sources.
    Elsewhere {
        /// The event sources, each with the regions it writes in.
        sources: Vec<(String, Vec<&'static str>)>,
    },
    /// Only a part of the sign-ins.
    SomeSignIns,
    /// No sign-ins of the root user: those happen in us-east-1.
    NoRootSignIns,
}

/// What a stack receives of the events a pattern asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reception {
    /// What it does not receive, each thing once.
    pub unreceived: Vec<Unreceived>,
    /// Whether it receives others: then the alert fires for those.
    pub is_any_received: bool,
}

/// What a stack receives of the events a pattern asks for. `received` are its region and those whose events are forwarded
/// there.
#[must_use]
pub fn reception(pattern: &Pattern, received: &[&str], partition: &str) -> Reception {
    let mut all = Reception::default();
    let mut lost = Vec::new();
    for branch in pattern.branches() {
        let sign_in = sign_ins(branch, received, partition).filter(|_| wants_records(branch));
        let sources = senders(branch);
        let is_lost = |source: &str| {
            of(source, partition).filter(|regions| !regions.iter().any(|region| received.contains(region)))
        };
        let of_branch: Vec<_> =
            sources.iter().filter_map(|source| Some(((*source).to_owned(), is_lost(source)?))).collect();
        all.is_any_received |=
            sign_in != Some(Unreceived::NoRootSignIns) && (sources.is_empty() || of_branch.len() < sources.len());
        all.unreceived.extend(sign_in.filter(|one| !all.unreceived.contains(one)));
        for one in of_branch {
            if !lost.contains(&one) {
                lost.push(one);
            }
        }
    }
    if !lost.is_empty() {
        all.unreceived.push(Unreceived::Elsewhere { sources: lost });
    }
    all
}

/// Who sends the events of a branch, where that is known: the event sources of calls, and the sources of what services send
/// themselves.
fn senders(branch: Branch<'_>) -> Vec<&str> {
    let types = branch.demand("detail-type").and_then(Demand::texts);
    let wants_records = wants_records(branch);
    let wants_native = types.as_ref().is_some_and(|types| types.iter().any(|one| !DETAIL_TYPES.contains(one)));
    let calls = if wants_records { event_sources(branch) } else { Vec::new() };
    let native = branch.demand("source").and_then(Demand::texts).filter(|_| wants_native).unwrap_or_default();
    if wants_records && calls.is_empty() || wants_native && native.is_empty() {
        return Vec::new();
    }
    calls.into_iter().chain(native).collect()
}

/// Sign-ins of the root user happen in us-east-1, those of IAM users in the region of the sign-in page they used. A pattern
/// that lists regions means the sign-ins of those.
/// Source: CloudTrail user guide, "AWS Management Console sign-in events". Nothing is said of other partitions.
fn sign_ins(branch: Branch, received: &[&str], partition: &str) -> Option<Unreceived> {
    let texts = |field| branch.demand(field).and_then(Demand::texts);
    let is_sign_in = texts("detail-type").is_some_and(|types| types.iter().any(|one| SIGN_IN_TYPES.contains(one)))
        || texts("detail.eventSource").is_some_and(|sources| sources.contains(&SIGN_IN));
    if !is_sign_in || partition != "aws" {
        return None;
    }
    let is_root_only = texts("detail.userIdentity.type").is_some_and(|types| types == ["Root"]);
    match (is_root_only, received.contains(&"us-east-1")) {
        (true, true) => None,
        (true, false) => Some(Unreceived::NoRootSignIns),
        (false, _) if texts("region").or_else(|| texts("detail.awsRegion")).is_some() => None,
        (false, _) => Some(Unreceived::SomeSignIns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_regions_and_a_source() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (front, source) = line.split_once(" # ").unwrap_or_else(|| panic!("no source: {line}"));
            assert!(!source.is_empty());
            let mut words = front.split(' ');
            let name = words.next().unwrap_or_default();
            assert!(name.starts_with("aws.") || super::super::events::is_source(name), "{line}");
            for word in words {
                let (partition, regions) = word.split_once(':').unwrap_or_else(|| panic!("{line}"));
                assert!(["aws", "aws-cn", "aws-us-gov"].contains(&partition), "{line}");
                let belongs = |region| crate::name::is_region(region) && crate::name::partition_of(region) == partition;
                assert!(regions.split(',').all(belongs), "{line}");
            }
        }
    }

    #[test]
    fn a_region_may_receive_the_other_events_of_a_pattern() {
        let call = r#""detail-type":["AWS API Call via CloudTrail"]"#;
        let trusted = r#""detail-type":["Trusted Advisor Check Item Refresh Notification"]"#;
        let cases = [
            (format!(r#"{{"source":["aws.iam"],{call}}}"#), 1, false),
            (format!(r#"{{"source":["aws.iam","aws.ec2"],{call}}}"#), 1, true),
            (format!(r#"{{{call},"$or":[{{"source":["aws.iam"]}},{{"source":["aws.ec2"]}}]}}"#), 1, true),
            (format!(r#"{{{call},"$or":[{{"source":["aws.iam"]}},{{"source":["aws.organizations"]}}]}}"#), 1, false),
            (format!(r#"{{"source":["aws.trustedadvisor"],{trusted}}}"#), 1, false),
            (r#"{"source":["aws.trustedadvisor"]}"#.to_owned(), 0, true),
            (r#"{"source":["aws.guardduty"],"detail-type":["GuardDuty Finding"]}"#.to_owned(), 0, true),
            (
                format!(
                    r#"{{"source":["aws.iam","aws.guardduty"],{}}}"#,
                    call.replace(']', r#","GuardDuty Finding"]"#)
                ),
                1,
                true,
            ),
        ];
        for (pattern, lost, is_any_received) in cases {
            let found = reception(&Pattern::read(&pattern).expect("valid"), &["eu-central-1"], "aws");
            assert_eq!(
                (found.unreceived.len(), found.is_any_received),
                (lost, is_any_received),
                "{pattern}: {found:?}"
            );
        }
    }

    #[test]
    fn a_region_receives_what_happens_there() {
        let elsewhere = |source: &str, regions: &[&'static str]| {
            vec![Unreceived::Elsewhere { sources: vec![(source.into(), regions.to_vec())] }]
        };
        let call = r#""detail-type":["AWS API Call via CloudTrail"]"#;
        let sign_in = r#""source":["aws.signin"],"detail-type":["AWS Console Sign In via CloudTrail"]"#;
        let cases = [
            (format!(r#"{{"source":["aws.iam"],{call}}}"#), "us-east-1", vec![]),
            (
                format!(r#"{{"source":["aws.iam"],{call}}}"#),
                "eu-west-1",
                elsewhere("iam.amazonaws.com", &["us-east-1"]),
            ),
            (format!(r#"{{"source":["aws.iam"],{call}}}"#), "us-gov-west-1", vec![]),
            (format!(r#"{{"source":["aws.cloudtrail"],{call}}}"#), "eu-west-1", vec![]),
            (format!(r#"{{"source":["aws.support"],{call}}}"#), "us-west-2", vec![]),
            (
                format!(r#"{{"source":["aws.support"],{call}}}"#),
                "eu-central-1",
                elsewhere("support.amazonaws.com", &["us-east-1", "us-west-2", "eu-west-1"]),
            ),
            (format!("{{{sign_in}}}"), "us-east-1", vec![Unreceived::SomeSignIns]),
            (format!(r#"{{{sign_in},"detail":{{"userIdentity":{{"type":["Root"]}}}}}}"#), "us-east-1", vec![]),
            (
                format!(r#"{{{sign_in},"detail":{{"userIdentity":{{"type":["Root"]}}}}}}"#),
                "eu-west-1",
                vec![Unreceived::NoRootSignIns],
            ),
        ];
        for (pattern, region, expected) in cases {
            let read = Pattern::read(&pattern).expect("valid");
            let found = reception(&read, &[region], crate::name::partition_of(region));
            assert_eq!(found.unreceived, expected, "{pattern} {region}");
        }
    }
}
