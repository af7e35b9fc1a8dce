//! Events that services and partners send themselves: detail types that are nearly called like others or are those of another
//! service, sources that are misspelled, and events that the default event bus does not receive.
//!
//! The knowledge is data, `detail-types.tsv`. It is not complete, so a type that it does not have is no mistake by itself.

use std::collections::BTreeSet;

use super::super::{DETAIL_TYPES, wants_records};
use super::{Impossibility, ImpossibilityKind, did_you_mean, texts};
use crate::cloudtrail::events;
use crate::diagnostic::nearest_within;
use crate::pattern::{Branch, Requirement};

const TABLE: &str = include_str!("detail-types.tsv");

/// Letters that two types may differ in and still be one misspelled.
const SLIPS: usize = 1;
/// A beginning of a type that is long enough to be meant for it.
const BEGINNING: usize = 15;

/// Types that are misspelled, or cut short.
pub(super) fn misspelled(branch: Branch) -> Vec<Impossibility> {
    let (Some(types), Some(sources)) = (texts(branch, "detail-type"), texts(branch, "source")) else {
        return Vec::new();
    };
    let known: Vec<&str> = sources.iter().flat_map(|source| types_of(source)).collect();
    let mut found = Vec::new();
    for one in types.into_iter().filter(|one| !DETAIL_TYPES.contains(one) && !known.contains(one)) {
        if let Some(meant) = meant(one, &known) {
            let what = format!("the detail type `{one}` is not known of these services");
            found.push(
                Impossibility::new(ImpossibilityKind::UnknownValue, "detail-type", Some(one), what)
                    .help(did_you_mean(Some(meant))),
            );
        }
    }
    found
}

/// Types that, as far as is known, only services send of which the pattern lists none.
pub(super) fn of_other_services(branch: Branch) -> Vec<Impossibility> {
    let (Some(types), Some(sources)) = (texts(branch, "detail-type"), texts(branch, "source")) else {
        return Vec::new();
    };
    let is_service = |source: &&str| source.starts_with("aws.") && !source.starts_with(PARTNER);
    let mut found = Vec::new();
    for one in types.iter().filter(|_| sources.iter().all(|source| is_service(source) && is_known(source))) {
        let senders = senders_of(one);
        if !senders.is_empty() && !sources.iter().any(|source| senders.contains(source)) {
            let senders = senders.into_iter().collect::<Vec<_>>().join("` or `");
            let what =
                format!("events of the detail type `{one}` have the source `{senders}`, which is not in the pattern");
            let help = format!("list `{senders}` in `source`");
            found.push(Impossibility::new(ImpossibilityKind::UnknownValue, "detail-type", Some(one), what).help(help));
        }
    }
    found
}

/// A source that is nearly called like that of a service. Of sources of calls the names are judged elsewhere.
pub(super) fn misspelled_sources(branch: Branch) -> Vec<Impossibility> {
    let Some(sources) = texts(branch, "source").filter(|_| !wants_records(branch)) else { return Vec::new() };
    let mut found = Vec::new();
    for one in sources.into_iter().filter(|one| one.starts_with("aws.") && !one.starts_with(PARTNER) && !is_known(one))
    {
        if let Some(near) = nearest_sender(one) {
            let what = format!("no known service has events with the source `{one}`");
            found.push(
                Impossibility::new(ImpossibilityKind::UnknownSource, "source", Some(one), what)
                    .help(did_you_mean(Some(near))),
            );
        }
    }
    found
}

/// What sources of partners begin with.
const PARTNER: &str = "aws.partner/";

/// Events of partners are sent to an event bus of their own, which is named for the partner's event source.
/// Sources: EventBridge user guide, "Receiving events from a `SaaS` partner"; botocore 1.44.5, events,
/// `CreatePartnerEventSource`.
pub(super) fn of_partners(branch: Branch) -> Vec<Impossibility> {
    let Some(demand) = branch.demand("source") else { return Vec::new() };
    let finding = |entry: Option<&str>| {
        let what = "events of partners are sent to an event bus of their own, not to the default one".to_owned();
        let help = "forward them with a rule on the partner's event bus whose target is the default event bus";
        Impossibility::new(ImpossibilityKind::PartnerEvents, "source", entry, what).help(help.to_owned())
    };
    if demand.all_begin_with(PARTNER) {
        return vec![finding(None)];
    }
    let entries = demand.entries().filter_map(Requirement::text).filter(|text| text.starts_with(PARTNER));
    entries.map(|text| finding(Some(text))).collect()
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?))
    })
}

fn senders_of(kind: &str) -> BTreeSet<&'static str> {
    rows().filter(|(_, one)| *one == kind).map(|(source, _)| source).collect()
}

/// Whether events are known with this source, of calls or of the service itself.
fn is_known(source: &str) -> bool {
    !events::sources_of(source).is_empty() || rows().any(|(one, _)| one == source)
}

/// The known source that is so close that it must have been meant: short names are alike by chance.
fn nearest_sender(source: &str) -> Option<&'static str> {
    let senders: BTreeSet<&'static str> = rows().map(|(one, _)| one).collect();
    nearest_within(source, senders, SLIPS).filter(|near| near.len() >= CLEAR)
}

/// A source with so many letters, `aws.` among them, is not another service's by chance.
const CLEAR: usize = 9;

fn types_of(source: &str) -> impl Iterator<Item = &'static str> {
    rows().filter(move |(one, _)| *one == source).map(|(_, kind)| kind)
}

fn meant(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let squashed = |text: &str| text.to_lowercase().replace([' ', '-'], "");
    let short = squashed(word);
    let is_same = |one: &&&str| {
        let long = squashed(one);
        long == short || short.len() >= BEGINNING && long.starts_with(&short)
    };
    known.iter().find(is_same).copied().or_else(|| nearest_within(word, known.iter().copied(), SLIPS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    #[test]
    fn every_row_has_a_source_a_type_and_a_page() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        for line in &lines {
            let cells: Vec<&str> = line.split('\t').collect();
            assert!(cells.len() == 3 && cells[0].starts_with("aws.") && !cells[1].is_empty(), "{line}");
            assert!(!DETAIL_TYPES.contains(&cells[1]), "{line}");
        }
        // No row is taken for another one's misspelling.
        for line in &lines {
            let mut cells = line.split('\t');
            let (source, one) = (cells.next().expect("a source"), cells.next().expect("a type"));
            let others: Vec<&str> = types_of(source).filter(|other| *other != one).collect();
            assert_eq!(meant(one, &others), None, "{one}");
        }
    }

    #[test]
    fn what_is_nearly_called_so_is_found() {
        let found = |source: &str, kind: &str| {
            let text = format!(r#"{{"source":["{source}"],"detail-type":["{kind}"]}}"#);
            let pattern = Pattern::read(&text).expect("valid");
            pattern.branches().flat_map(misspelled).filter_map(|one| one.help).collect::<Vec<_>>()
        };
        let state = ["did you mean `EC2 Instance State-change Notification`?"];
        assert_eq!(found("aws.ec2", "EC2 Instance State Change"), state);
        assert_eq!(found("aws.ec2", "EC2 Instance State-Change Notification"), state);
        assert_eq!(found("aws.guardduty", "GuardDuty Findings"), ["did you mean `GuardDuty Finding`?"]);
        assert!(found("aws.ec2", "EC2 Fast Launch State-change Notification").is_empty());
        assert!(found("aws.no-such", "GuardDuty Findings").is_empty());
    }

    #[test]
    fn who_sends_an_event_is_known() {
        let found = |source: &str, kind: &str| {
            let text = format!(r#"{{"source":[{source}],"detail-type":["{kind}"]}}"#);
            let pattern = Pattern::read(&text).expect("valid");
            let of_branch =
                |branch| [misspelled_sources(branch), of_other_services(branch), of_partners(branch)].concat();
            pattern
                .branches()
                .flat_map(of_branch)
                .map(|one| (one.kind, one.help.unwrap_or_default()))
                .collect::<Vec<_>>()
        };
        let meant = |near: &str| vec![(ImpossibilityKind::UnknownSource, format!("did you mean `{near}`?"))];
        let listed = |sender: &str| vec![(ImpossibilityKind::UnknownValue, format!("list `{sender}` in `source`"))];
        assert_eq!(found(r#""aws.gaurdduty""#, "GuardDuty Finding"), meant("aws.guardduty"));
        assert_eq!(
            found(r#""aws.codepipelines""#, "CodePipeline Pipeline Execution State Change"),
            meant("aws.codepipeline")
        );
        assert_eq!(found(r#""aws.ec2""#, "GuardDuty Finding"), listed("aws.guardduty"));
        assert_eq!(found(r#""aws.cloudwatch""#, "ECS Task State Change"), listed("aws.ecs"));
        assert_eq!(found(r#""aws.ec2","aws.guardduty""#, "GuardDuty Finding"), []);
        assert_eq!(found(r#""aws.ec2","my.app""#, "GuardDuty Finding"), []);
        assert_eq!(found(r#""aws.brand-new""#, "GuardDuty Finding"), []);
        assert_eq!(found(r#""aws.dls""#, "Something New"), []);
        let kinds = |source: &str| found(source, "Auth0 log").into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(kinds(r#""aws.partner/auth0.com/x/y""#), [ImpossibilityKind::PartnerEvents]);
        assert_eq!(kinds(r#"{"prefix":"aws.partner/"}"#), [ImpossibilityKind::PartnerEvents]);
        assert_eq!(kinds(r#""aws.partner/auth0.com/x/y","my.app""#), [ImpossibilityKind::PartnerEvents]);
        assert_eq!(kinds(r#"{"prefix":"aws."}"#), []);
    }
}
