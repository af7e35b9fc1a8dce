//! Whom a negation leaves out: `anything-but` matches only where the field is there, and not every caller has each field.
//!
//! The knowledge is data, `callers.tsv`, each row with its source.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use super::super::wants_records;
use super::{Impossibility, ImpossibilityKind};
use crate::pattern::{Branch, Demand, Pattern};

const TABLE: &str = include_str!("callers.tsv");

/// Who lacks a field.
struct CallerRow {
    /// The field, or with a `.*` at its end all fields inside it.
    field: &'static str,
    /// Those who lack it, each with the type of its identity; without a type, whatever the caller is.
    who: Vec<(Option<&'static str>, &'static str)>,
}

fn rows() -> impl Iterator<Item = CallerRow> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        let (field, who) = (cells.next()?, cells.next()?);
        let one = |word: &'static str| match word.split_once('=') {
            Some((kind, words)) => (Some(kind), words),
            None => (None, word),
        };
        Some(CallerRow { field, who: who.split(',').map(one).collect() })
    })
}

impl CallerRow {
    fn is_about(&self, path: &str) -> bool {
        match self.field.strip_suffix(".*") {
            Some(front) => path.strip_prefix(front).is_some_and(|rest| rest.starts_with('.')),
            None => self.field == path,
        }
    }
}

/// Those whom the negations of a pattern leave out, and no other branch lets in.
pub(super) fn left_out(pattern: &Pattern) -> Vec<Impossibility> {
    let mut places =
        OrNumbers { pattern, taken: pattern.alternatives().map(str::to_owned).collect(), given: BTreeMap::new() };
    let branches = pattern.branches().filter(|branch| wants_records(*branch));
    branches.flat_map(|branch| branch_left_out(pattern, branch, &mut places)).collect()
}

fn branch_left_out(pattern: &Pattern, branch: Branch, places: &mut OrNumbers) -> Vec<Impossibility> {
    let negations = branch.demands().filter(|demand| demand.is_negation());
    let trouble = |demand: Demand| {
        let row = rows().find(|row| row.is_about(demand.path()))?;
        let is_silent = |kind: Option<&str>| lets_in(branch, kind) && !is_elsewhere(pattern, demand.path(), kind);
        let silent: Vec<_> = row.who.iter().filter(|(kind, _)| is_silent(*kind)).collect();
        let who: Vec<&str> = silent.iter().map(|(_, words)| *words).collect();
        let (last, others) = who.split_last()?;
        let who = if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
        let what = format!("`anything-but` on `{}` leaves out {who}: they do not have this field", demand.path());
        let on_purpose = if silent.iter().all(|(kind, _)| kind.is_some()) {
            "to leave them out on purpose, list the `userIdentity: { type: […] }` that is meant"
        } else {
            "if this is intended, no action is needed"
        };
        let help = format!("to let them in, {}; {on_purpose}", help(demand, places.of(demand).as_deref()));
        Some(Impossibility::new(ImpossibilityKind::LeftOut, demand.path(), None, what).help(help))
    };
    negations.filter_map(trouble).collect()
}

/// Where each negation gets its `$or`: an object has room for one.
struct OrNumbers<'p> {
    pattern: &'p Pattern,
    taken: BTreeSet<String>,
    given: BTreeMap<String, Option<String>>,
}

impl OrNumbers<'_> {
    /// The nearest object around a field that has no `$or` yet. What is inside of an `$or` must stay there.
    fn of(&mut self, demand: Demand) -> Option<String> {
        if let Some(place) = self.given.get(demand.path()) {
            return place.clone();
        }
        let is_same = |other: Demand| other.wanted() == demand.wanted();
        let is_outside = self.pattern.branches().all(|branch| branch.demand(demand.path()).is_some_and(is_same));
        let around = iter::successors(Some(demand.path()), |path| match path.rsplit_once('.') {
            Some((front, _)) => Some(front),
            None => (!path.is_empty()).then_some(""),
        });
        let place = around.skip(1).take_while(|path| is_outside || !self.taken.contains(*path));
        let place = place.filter(|path| !self.taken.contains(*path)).map(str::to_owned).next();
        self.taken.extend(place.clone());
        self.given.insert(demand.path().to_owned(), place.clone());
        place
    }
}

/// Two branches, one for those who lack the field, written as in a blueprint.
fn help(demand: Demand, place: Option<&str>) -> String {
    let Some(place) = place else {
        return format!("write a second alert, with `exists: false` for `{}`", demand.path());
    };
    let inside = demand.path().strip_prefix(place).unwrap_or(demand.path()).trim_start_matches('.');
    let branch = |list: &str| {
        let names: Vec<&str> = inside.split('.').collect();
        format!("{{ {}: {list}{}", names.join(": { "), " }".repeat(names.len()))
    };
    let missing = branch("[{ exists: false }]");
    // JSON is YAML.
    let present = branch(demand.wanted());
    let place = if place.is_empty() { "next to `detail`".to_owned() } else { format!("in `{place}`") };
    format!("replace it by two branches: {place}, write `$or: [{missing}, {present}]`")
}

/// Whether this branch could match calls of such a caller, were it not for the negation.
fn lets_in(branch: Branch, kind: Option<&str>) -> bool {
    let demand = branch.demand("detail.userIdentity.type");
    match (kind, demand) {
        (Some(kind), Some(demand)) => demand.accepts_text(kind),
        _ => true,
    }
}

/// Whether another branch lets in those who lack the field.
fn is_elsewhere(pattern: &Pattern, path: &str, kind: Option<&str>) -> bool {
    pattern.branches().any(|branch| branch.demand(path).is_none_or(Demand::accepts_absence) && lets_in(branch, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_names_a_field_who_lacks_it_and_a_source() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(line.split('\t').filter(|cell| !cell.trim().is_empty()).count(), 3, "{line}");
        }
        assert_eq!(rows().count(), TABLE.lines().filter(|line| !line.starts_with('#')).count());
    }

    #[test]
    fn those_who_lack_the_field_are_named() {
        let name = |more: &str, test: &str| {
            format!(
                r#"{{"source":["aws.iam"],"detail-type":["AWS API Call via CloudTrail"],"detail":{{"eventName":["CreateUser"],"userIdentity":{{{more}"sessionContext":{{"sessionIssuer":{{"userName":[{test}]}}}}}}}}}}"#
            )
        };
        let not_ours = r#"{"anything-but":{"prefix":"trailbell-"}}"#;
        let found = |text: &str| left_out(&Pattern::read(text).expect("valid"));
        let all = found(&name("", not_ours));
        assert_eq!(all.len(), 1, "{all:?}");
        for who in ["the root user", "IAM users", "AWS services"] {
            assert!(all[0].what.contains(who), "{}", all[0].what);
        }
        for negation in
            [r#"{"anything-but":["a"]}"#, r#"{"anything-but":{"suffix":"x"}}"#, r#"{"anything-but":{"wildcard":"*x"}}"#]
        {
            assert_eq!(found(&name("", negation)).len(), 1, "{negation}");
        }
        assert!(found(&name(r#""type":["AssumedRole"],"#, not_ours)).is_empty());
        assert!(found(&name("", r#"{"prefix":"a"}"#)).is_empty());
        assert!(found(&name("", r#"{"exists":false}"#)).is_empty());
    }
}
