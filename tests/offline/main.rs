//! What needs no account: the promises about messages and pages, and `docs/messages.md`, executed. (The references of the
//! languages are run by the tests of the engines.)

#![expect(unreachable_pub, reason = "in a test binary nothing is reachable, and `pub` marks what the tests may use")]

#[cfg(unix)]
mod action;
mod catalog;
mod claims;
mod completions;
#[path = "../../engines/tests/references/deliveries.rs"]
mod deliveries;
mod detections;
mod doctor;
mod features;
mod fixes;
mod forgery;
mod free;
mod help;
mod import;
mod links;
mod messages;
#[cfg(unix)]
mod named;
mod outputs;
mod pages;
mod patterns;
mod records;
mod routes;
mod saved;
mod schemas;
mod self_watch;
mod strangers;
mod tuning;
mod wording;

#[test]
fn ways_to_lose_an_alert() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/messages.md");
    let text = std::fs::read_to_string(path).expect("the document is there");
    let blocks: Vec<&str> =
        text.split("```example\n").skip(1).map(|rest| rest.split("```").next().expect("an end")).collect();
    assert_eq!(blocks.len(), 3);
    blocks.into_iter().for_each(deliveries::check);
}
