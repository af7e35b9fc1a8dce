//! Data events, which reach nobody unless a trail selects them.

use super::super::wants_records;
use super::{Impossibility, ImpossibilityKind, event_sources};
use crate::cloudtrail::events;
use crate::cloudtrail::trail::data_resource;
use crate::pattern::{Branch, Demand, Requirement};

/// The data events a pattern names, one trouble for each type of resource. A pattern that asks for data events in so many
/// words means them.
pub(super) fn data_events(branch: Branch) -> Vec<Impossibility> {
    if !wants_records(branch) || is_meant(branch) {
        return Vec::new();
    }
    let sources = event_sources(branch);
    let mut found: Vec<(&str, &str)> = Vec::new();
    let entries = branch.demand("detail.eventName").into_iter().flat_map(Demand::entries);
    for name in entries.filter_map(|entry| entry.text().or_else(|| meant(entry, &sources))) {
        let resource = sources.iter().find_map(|source| data_resource(source, name));
        if let Some(resource) = resource.filter(|one| !found.iter().any(|(known, _)| known == one)) {
            found.push((resource, name));
        }
    }
    let trouble = |(resource, name): (&str, &str)| {
        let what = format!("`{name}` is a data event, which EventBridge receives only if a trail selects it");
        let help = format!(
            "select it in a trail, with `aws cloudtrail put-event-selectors --trail-name NAME --advanced-event-selectors \
            '[{{\"FieldSelectors\": [{{\"Field\": \"eventCategory\", \"Equals\": [\"Management\"]}}]}}, {{\"FieldSelectors\": \
            [{{\"Field\": \"eventCategory\", \"Equals\": [\"Data\"]}}, {{\"Field\": \"resources.type\", \"Equals\": \
            [\"{resource}\"]}}]}}]'`, and confirm it with `eventCategory: [Data]` in `detail`"
        );
        Impossibility::new(ImpossibilityKind::DataEvents, "detail.eventName", Some(name), what).help(help)
    };
    found.into_iter().map(trouble).collect()
}

/// The first data event that an operator matches, if most of what it matches are data events: `{ prefix: Put }` is hardly about
/// objects alone.
fn meant(entry: Requirement, sources: &[&str]) -> Option<&'static str> {
    let matched = sources
        .iter()
        .flat_map(|source| events::names(source).filter(|one| !one.is_only_action).map(move |one| (*source, one.name)));
    let matched = matched.filter(|(_, name)| entry.shapes_text() && entry.accepts_text(name));
    let (data, others): (Vec<_>, Vec<_>) = matched.partition(|(source, name)| data_resource(source, name).is_some());
    data.first().filter(|_| data.len() > others.len()).map(|(_, name)| *name)
}

fn is_meant(branch: Branch) -> bool {
    let category = branch.demand("detail.eventCategory");
    let management = branch.demand("detail.managementEvent");
    category.is_some_and(|demand| demand.accepts_text("Data") && !demand.accepts_absence())
        || management.is_some_and(|demand| demand.accepts_boolean(false) && !demand.accepts_absence())
}
