//! Detail types of events that services send themselves, where one is nearly called like another.
//!
//! The knowledge is data, `detail-types.tsv`. It is not complete, so a type that it does not have is no mistake by itself.

use super::super::DETAIL_TYPES;
use super::{Impossibility, ImpossibilityKind, did_you_mean, texts};
use crate::diagnostic::nearest_within;
use crate::pattern::Branch;

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

fn types_of(source: &str) -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        let mut cells = line.split('\t');
        cells.next().filter(|one| *one == source).and_then(|_| cells.next())
    })
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
}
