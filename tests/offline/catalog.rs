//! The built-in blueprints: complete for the person who reads the alert, and tested so that no condition of a pattern could be
//! left out unnoticed.

use trailbell::alert::Alert;
use trailbell::blueprint::catalog::{self, CatalogEntry};
use trailbell::blueprint::{Blueprint, Urgency};
use trailbell::cases::{TestOutcome, conditions, run_all};
use trailbell::document::Document;
use trailbell::lambda::no_writer;

fn loaded() -> impl Iterator<Item = (CatalogEntry, Blueprint)> {
    catalog::entries().into_iter().map(|entry| {
        let blueprint = entry.load().expect("a built-in blueprint has no findings").blueprint;
        (entry, blueprint)
    })
}

/// What a built-in blueprint lacks.
fn lacks(blueprint: &Blueprint) -> Vec<&'static str> {
    // Some everyday calls are no technique of anyone.
    let is_minor = matches!(blueprint.severity, Urgency::Low | Urgency::Info);
    let is_about_cloudtrail =
        blueprint.is_log_route() || blueprint.alert.pattern["detail-type"].to_string().contains("via CloudTrail");
    let parts = [
        ("a description of 80 characters", blueprint.description.trim().len() >= 80),
        ("three to six steps under `response`", (3..=6).contains(&blueprint.response.len())),
        ("`false_positives`", !blueprint.false_positives.is_empty()),
        ("`techniques`", is_minor || !is_about_cloudtrail || !blueprint.techniques.is_empty()),
        ("`references`", !blueprint.references.is_empty()),
        ("a case that matches", blueprint.tests.iter().any(|case| case.expect.matches)),
        ("a case that does not match", blueprint.tests.iter().any(|case| !case.expect.matches)),
    ];
    parts.into_iter().filter(|(_, is_there)| !is_there).map(|(what, _)| what).collect()
}

#[test]
fn every_built_in_blueprint_says_why_and_what_to_do() {
    let incomplete: Vec<String> = loaded()
        .map(|(entry, blueprint)| (entry.path, lacks(&blueprint)))
        .filter(|(_, lacks)| !lacks.is_empty())
        .map(|(path, lacks)| format!("{path}: {}", lacks.join(", ")))
        .collect();
    assert!(incomplete.is_empty(), "{}", incomplete.join("\n"));
}

#[test]
fn every_condition_of_every_pattern_is_needed_by_some_case() {
    let (mut count, mut unneeded) = (0, Vec::new());
    for (entry, blueprint) in loaded() {
        let found = conditions(&blueprint);
        count += found.count;
        unneeded.extend(found.unneeded.into_iter().map(|at| format!("{}: {at}", entry.path)));
    }
    assert!(count > 0);
    assert!(unneeded.is_empty(), "{} of {count} conditions:\n{}", unneeded.len(), unneeded.join("\n"));
}

#[test]
fn the_blueprint_of_the_page_has_no_findings_and_needs_every_condition() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/blueprints.md")).expect("the page");
    let (_, rest) = page.split_once("```yaml\n").expect("a blueprint");
    let (text, _) = rest.split_once("```").expect("the end of it");
    let document = Document::parse("page.yaml", text).expect("YAML");
    let loaded = trailbell::check::blueprint(document).unwrap_or_else(|findings| panic!("{findings:?}"));
    assert_eq!(loaded.warnings, []);
    let found = conditions(&loaded.blueprint);
    assert_eq!(found.unneeded, [""; 0]);
    let tested = run_all(&Alert::alone(loaded), &no_writer);
    assert!(tested.cases.iter().all(|case| case.outcome == TestOutcome::Passed), "{tested:?}");
}
