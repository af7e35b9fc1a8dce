//! Whether what the stack has in the account is in a state in which it works.

use super::HealthCheck;
use crate::live::Live;
use crate::resource::{ACTIVE, AUTHORIZED, Kind, RUNNING, Resource, ResourceSet};

/// The kinds without which messages do not pass.
const NEEDED: [Kind; 7] =
    [Kind::Connection, Kind::ApiDestination, Kind::Role, Kind::Queue, Kind::Rule, Kind::Function, Kind::Subscription];

/// A line for each resource that does not work, or one line for all.
#[must_use]
pub fn states(desired: &ResourceSet, live: &Live) -> Vec<HealthCheck> {
    let (id, title) = ("state", "states of resources");
    if live.managed.is_empty() {
        return vec![HealthCheck::ok(id, title, "not applied yet")];
    }
    let needed = || desired.values().filter(|one| NEEDED.contains(&one.address().kind()));
    let wrong: Vec<HealthCheck> = needed().filter_map(|wanted| state(wanted, live)).collect();
    if !wrong.is_empty() {
        return wrong;
    }
    let kinds = "connections are authorized, API destinations are active, rules are enabled, functions run";
    vec![HealthCheck::ok(id, title, format!("{} checked: {kinds}", needed().count()))]
}

/// What is wrong with the state of a resource.
fn state(wanted: &Resource, live: &Live) -> Option<HealthCheck> {
    let name = wanted.address().short();
    let (id, title) = (format!("state/{name}"), name.clone());
    let failed = |detail: String, fix: &str| Some(HealthCheck::failed(&id, &title, detail, fix));
    let Some(found) = live.managed.get(wanted.address()) else {
        return failed(format!("the {} does not exist", wanted.address().kind().title()), "`trailbell apply`");
    };
    if let Some(waits) = found.waits_for() {
        let fix = "open the email from AWS Notifications and confirm; `trailbell apply` asks again after 48 hours";
        return Some(HealthCheck::warning(&id, &title, waits, fix));
    }
    match (found, wanted) {
        (Resource::Connection(one), _) if one.state != AUTHORIZED => failed(
            format!("it is {}, so EventBridge sends nothing", one.state),
            "`trailbell apply` authorizes it again",
        ),
        (Resource::ApiDestination(one), _) if one.state != ACTIVE => {
            failed(format!("it is {}, so EventBridge sends nothing", one.state), "`trailbell apply`")
        }
        (Resource::Rule(one), _) if !one.listens() => {
            failed(format!("it is {}, so it receives no events", one.state), "`trailbell apply` enables it")
        }
        (Resource::Function(one), _) if one.state != RUNNING => {
            failed(format!("it is {}, so it cannot be called", one.state), "`trailbell apply`")
        }
        (Resource::Function(one), Resource::Function(wanted))
            if one.reserved_concurrency == Some(0) && wanted.reserved_concurrency != Some(0) =>
        {
            failed("its reserved concurrency is 0, so it cannot be called".to_owned(), "`trailbell apply`")
        }
        _ => None,
    }
}
