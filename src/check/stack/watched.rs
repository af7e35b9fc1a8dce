//! The alerts of `self_watch`: blueprints of the catalog, in a stack that watches its own alerting chain.
//!
//! The stack has two paths to Slack: its main destination, and another one or one of its own. What the second path sends reports
//! changes of everything that the stack has; what the main path sends reports changes of the second path. Someone who takes one
//! path away is reported by the other. Neighbors: `packs` (the alerts that are written), `compile::watch` (the alarms).

use serde_json::{Map, Value, json};

use super::{Loading, alerts};
use crate::alert::Alert;
use crate::blueprint::{Case, Loaded, catalog, parameters};
use crate::check::blueprint::check_filled;
use crate::compile::heartbeat;
use crate::compile::watch::{alarm_name, letters_id};
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::name::{DestinationId, Scope, WATCH, is_account};
use crate::resource::{LogGroup, SchedulerNames};
use crate::stack::topic::topics;
use crate::stack::{HEARTBEAT_FORM, NamedDestination, SelfWatch, Stack, heartbeat_minutes};

/// Where it is written.
const PLACE: &str = "/self_watch";

/// One blueprint of self-watch in a stack.
struct WatchedPart {
    /// Its name in the catalog.
    blueprint: &'static str,
    /// The alert's id.
    id: String,
    with: Map<String, Value>,
    /// The path of its messages.
    to: DestinationId,
    /// What the names in its tests begin with, and what those of this stack do.
    example: (&'static str, String),
}

/// The two paths of a stack.
struct WatchPaths {
    main: DestinationId,
    second: DestinationId,
}

/// Adds the second path to the destinations, if the stack has one of its own: with the secret of the main destination.
pub(super) fn second_path(stack: &Stack, destinations: &mut Vec<NamedDestination>) {
    let is_own = stack.self_watch.as_ref().is_some_and(|watch| watch.to.is_none());
    if let Some(main) = destinations.first().filter(|_| is_own).cloned()
        && destinations.iter().all(|one| one.id.as_str() != WATCH)
    {
        destinations.push(NamedDestination { id: DestinationId::new(WATCH), ..main });
    }
}

/// The alerts that watch the stack, with findings about what they cannot receive.
pub(super) fn watching(
    stack: &Stack,
    written: &[Alert],
    loading: &Loading<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<Alert> {
    let (Some(watch), document) = (&stack.self_watch, loading.document) else { return Vec::new() };
    findings.extend(roles(watch, document));
    findings.extend(path(watch, stack, document));
    findings.extend(heartbeat(watch, document));
    let account = stack.account.as_deref().filter(|account| is_account(account));
    // Without a place there are findings, and no names can be made.
    let Ok(scope) = Scope::offline(account, &stack.region, &stack.stack) else { return Vec::new() };
    let main = loading.home.main();
    let paths = WatchPaths { second: watch.second_path(), main };
    let (mut all, mut are_roles_watched) = (Vec::new(), true);
    let of_records = of_records(&scope, watch, &paths, written);
    let beats = of_heartbeat(&scope, &paths);
    for part in of_records.into_iter().chain(of_letters(&scope, loading, &paths)).chain([beats]) {
        let Some(mut loaded) = loaded(part.blueprint, findings) else { continue };
        loaded.blueprint.tests = about_this_stack(loaded.blueprint.tests, &part);
        let values = parameters::values(&loaded.blueprint, &part.with);
        findings.extend(check_filled(&loaded.blueprint, &values, document, PLACE));
        let to = loading.home.addressees(&[part.to]);
        if to.is_empty() {
            // There are findings about the destination.
            continue;
        }
        let alert = Alert::installed(part.id, loaded, values, to);
        let is_elsewhere =
            alerts::region(0, &alert, stack, document).iter().any(|finding| finding.code == Code::OtherRegion);
        if is_elsewhere {
            // That is so of IAM's events alone.
            are_roles_watched = false;
        } else {
            all.push(alert);
        }
    }
    if !are_roles_watched {
        findings.push(unwatched_roles(stack, document));
    }
    all
}

/// The tests of a built-in blueprint, whose events are about an example, with events about this stack: what `verify`, `fire`, and
/// `test` of the stack use. An event that cannot be told so stays as it is.
fn about_this_stack(tests: Vec<Case>, part: &WatchedPart) -> Vec<Case> {
    let (example, own) = &part.example;
    let told = |case: &Case| -> Option<Case> {
        let envelope = serde_json::to_string(&case.envelope).ok()?.replace(example, own);
        let text = serde_json::to_string(case).ok()?.replace(example, own);
        let told: Case = serde_json::from_str(&text).ok()?;
        let mut with = part.with.clone();
        with.extend(told.with.clone());
        Some(Case { at: case.at, envelope: serde_json::from_str(&envelope).ok()?, with, ..told })
    };
    tests.into_iter().map(|case| told(&case).unwrap_or(case)).collect()
}

/// What watches the rules, and what is sent through them.
const DELIVERY: &str = "self-watch-delivery";
/// What watches log groups and filters.
const LOGS: &str = "self-watch-logs";
/// What watches alarms.
const ALARMS: &str = "self-watch-alarms";
/// What watches roles.
const ROLES: &str = "self-watch-roles";

/// What watches what could not be delivered.
const LETTERS: &str = "self-watch-dead-letters";

/// What watches that events are received at all.
const HEARTBEAT: &str = "self-watch-heartbeat";

/// Everything of the stack through the second path; the second path through the main one.
fn of_records(scope: &Scope, watch: &SelfWatch, paths: &WatchPaths, written: &[Alert]) -> Vec<WatchedPart> {
    let part = |blueprint: &'static str, id: String, names: String, to: &DestinationId| {
        let names_without_stars = names.trim_matches('*').to_owned();
        let mut with = Map::from_iter([("names".to_owned(), json!(names))]);
        if !watch.applied_by.is_empty() {
            with.insert("applied_by".to_owned(), json!(watch.applied_by));
        }
        if blueprint == DELIVERY {
            with.insert("heartbeat_role".to_owned(), json!(SchedulerNames::new(scope).role.1));
        }
        let example = ("trailbell-security-alerts_", names_without_stars);
        WatchedPart { blueprint, id, with, to: to.clone(), example }
    };
    let everything = |blueprint, what: &str| {
        part(blueprint, format!("{WATCH}-{what}"), format!("*{}*", scope.prefix()), &paths.second)
    };
    let mut logs = everything(LOGS, "logs");
    logs.with.insert("collected".to_owned(), json!(format!("{}*", LogGroup::collected_prefix(scope))));
    let mut groups: Vec<&str> = written.iter().filter_map(Alert::lines).map(|lines| lines.log_group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    if !groups.is_empty() {
        logs.with.insert("log_groups".to_owned(), json!(groups));
    }
    let mut parts =
        vec![everything(DELIVERY, "delivery"), logs, everything(ALARMS, "alarms"), everything(ROLES, "roles")];
    // The rules of the second path have names of self-watch, what they lead to has the name of the destination.
    let mut second = vec![("second", WATCH)];
    if paths.second.as_str() != WATCH {
        second.push(("second-path", paths.second.as_str()));
    }
    for (id, name) in second {
        for (blueprint, what) in [(DELIVERY, "delivery"), (ALARMS, "alarms"), (ROLES, "roles")] {
            let names = format!("*{}{name}*", scope.prefix());
            parts.push(part(blueprint, format!("{WATCH}-{id}-{what}"), names, &paths.main));
        }
    }
    parts
}

/// The dead letters of each destination, through a path that is not this destination.
fn of_letters(scope: &Scope, loading: &Loading<'_>, paths: &WatchPaths) -> Vec<WatchedPart> {
    let part = |destination: &DestinationId| {
        let id = letters_id(destination);
        let name = alarm_name(scope, &id);
        let with = Map::from_iter([("alarm".to_owned(), json!(&name))]);
        let to = if *destination == paths.second { &paths.main } else { &paths.second };
        let example = ("trailbell-security-alerts_watch-slack_alarm", name);
        WatchedPart { blueprint: LETTERS, id, with, to: to.clone(), example }
    };
    let topics = loading.home.topics.iter().map(|one| &one.id);
    loading.home.destinations.iter().map(|one| &one.id).chain(topics).map(part).collect()
}

/// The missing heartbeat, through the second path.
fn of_heartbeat(scope: &Scope, paths: &WatchPaths) -> WatchedPart {
    let id = heartbeat::id();
    let name = alarm_name(scope, &id);
    let with = Map::from_iter([("alarm".to_owned(), json!(&name))]);
    let example = ("trailbell-security-alerts_watch-heartbeat_alarm", name);
    WatchedPart { blueprint: HEARTBEAT, id, with, to: paths.second.clone(), example }
}

/// Whether the time between two heartbeats is one.
fn heartbeat(watch: &SelfWatch, document: &Document) -> Option<Finding> {
    let text = watch.heartbeat.as_deref().filter(|text| heartbeat_minutes(text).is_none())?;
    let finding =
        document.finding(&format!("{PLACE}/heartbeat"), Code::NotAllowed, "the heartbeat cannot be this often");
    Some(finding.found(format!("`{text}`")).expected(HEARTBEAT_FORM))
}

/// The second path is a destination of the stack that is not the main one.
fn path(watch: &SelfWatch, stack: &Stack, document: &Document) -> Option<Finding> {
    let all: Vec<DestinationId> = stack.slack.each().into_iter().map(|(id, ..)| id).collect();
    let Some(to) = &watch.to else {
        let is_topic = topics(&stack.sns).iter().any(|one| one.id.as_str() == WATCH);
        let is_taken = is_topic || all.iter().any(|one| one.as_str() == WATCH);
        let what = "the second path would have the name of a destination of the stack, `watch`";
        let finding =
            || document.finding(PLACE, Code::NotAllowed, what).help("add `to: NAME`, or rename the destination");
        return is_taken.then(finding);
    };
    let pointer = format!("{PLACE}/to");
    match all.iter().position(|one| one.as_str() == to) {
        None => {
            let what = format!("the stack has no Slack destination `{to}`");
            let finding = document.finding(&pointer, Code::UnknownDestination, what);
            Some(finding.suggest(to, all.iter().map(DestinationId::as_str)))
        }
        Some(0) => {
            let what = format!("`{to}` is the main destination, so the second path would be the main path");
            let finding = document.finding(&pointer, Code::NotAllowed, what);
            Some(finding.help("name another Slack destination, or remove `to` for a second path of the stack's own"))
        }
        Some(_) => None,
    }
}

/// Whether the stack's own alerts can have this id beside those of self-watch.
pub(super) fn is_reserved(id: &str, stack: &Stack) -> bool {
    stack.self_watch.is_some() && id.strip_prefix(WATCH).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn loaded(name: &str, findings: &mut Vec<Finding>) -> Option<Loaded> {
    match catalog::find(name)?.load() {
        Ok(loaded) => Some(loaded),
        Err(more) => {
            findings.extend(more);
            None
        }
    }
}

/// `applied_by` has roles: of others the user agent alone would decide.
fn roles(watch: &SelfWatch, document: &Document) -> Vec<Finding> {
    let is_role = |arn: &str| {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        matches!(parts[..], ["arn", _, "iam", "", account, role]
            if is_account(account) && role.len() > "role/".len() && role.starts_with("role/"))
            && !arn.contains(['*', '?'])
    };
    let wrong = watch.applied_by.iter().enumerate().filter(|(_, arn)| !is_role(arn));
    let finding = |(at, arn): (usize, &String)| {
        let pointer = format!("{PLACE}/applied_by/{}", step(&at.to_string()));
        let finding = document.finding(&pointer, Code::NotAllowed, "this is not the ARN of a role");
        finding.found(format!("`{arn}`")).expected("`arn:aws:iam::123456789012:role/NAME`, with the role's path")
    };
    wrong.map(finding).collect()
}

fn unwatched_roles(stack: &Stack, document: &Document) -> Finding {
    let what = format!("changes of the stack's IAM roles are not reported in {}", stack.region);
    let finding = document.finding(PLACE, Code::RolesNotWatched, what);
    finding.help(
        "IAM records its events in us-east-1 only; forward them to this stack and add `forwarded: { regions: [us-east-1] }`; \
        without them, a role that no longer works is reported by the alarm of the dead-letter queue, once an alert fires",
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::alert::Installation;

    fn load(region: &str, rest: &str) -> Result<Installation, Vec<Finding>> {
        let text = format!(
            "stack: a-stack-of-20-letter\nregion: {region}\nslack: {{ webhook: \"${{env:HOOK}}\" }}\n{rest}\n\
            alerts: [{{ blueprint: cloudtrail-stop-logging }}]\n"
        );
        crate::check::stack(Document::parse("s.yaml", &text).expect("YAML"), PathBuf::new())
    }

    fn codes(region: &str, rest: &str) -> Vec<&'static str> {
        let findings = load(region, rest).map_or_else(|findings| findings, |loaded| loaded.warnings);
        findings.iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn the_stack_is_watched_by_alerts_of_two_paths() {
        let ids = |region: &str| -> Vec<String> {
            load(region, "self_watch: {}").expect("no errors").alerts.into_iter().map(|alert| alert.id).collect()
        };
        let all = [
            "cloudtrail-stop-logging",
            "watch-delivery",
            "watch-logs",
            "watch-alarms",
            "watch-roles",
            "watch-second-delivery",
            "watch-second-alarms",
            "watch-second-roles",
            "watch-letters-slack",
            "watch-letters-watch",
            "watch-heartbeat",
        ];
        assert_eq!(ids("us-east-1"), all);
        let elsewhere: Vec<&str> = all.into_iter().filter(|id| !id.ends_with("-roles")).collect();
        assert_eq!(ids("eu-west-1"), elsewhere);
        assert_eq!(codes("us-east-1", "self_watch: {}"), <[&str; 0]>::default());
        assert_eq!(codes("eu-west-1", "self_watch: {}"), ["TB0340"]);
        assert_eq!(codes("eu-west-1", "self_watch: {}\nforwarded: { regions: [us-east-1] }"), <[&str; 0]>::default());
    }

    #[test]
    fn a_heartbeat_is_whole_minutes_of_half_a_day_at_most() {
        for good in ["5m", "15m", "90m", "12h"] {
            assert_eq!(codes("us-east-1", &format!("self_watch: {{ heartbeat: {good} }}")), <[&str; 0]>::default());
        }
        for bad in ["1m", "13h", "1d", "90s", "5m 30s", "often", "''"] {
            assert_eq!(codes("us-east-1", &format!("self_watch: {{ heartbeat: {bad} }}")), ["TB0108"], "{bad}");
        }
    }

    #[test]
    fn only_roles_are_left_out_and_their_patterns_fit() {
        let role = format!("arn:aws:iam::123456789012:role/{}/deploy", "a-long-path".repeat(4));
        let watch = |roles: &[&str]| format!("self_watch: {{ applied_by: {roles:?} }}");
        assert_eq!(codes("us-east-1", &watch(&[&role, &role.replace("deploy", "other")])), <[&str; 0]>::default());
        for wrong in
            ["arn:aws:iam::123456789012:user/a", "arn:aws:iam::123456789012:role/*", "deploy", "arn:aws:iam::1:role/a"]
        {
            assert_eq!(codes("us-east-1", &watch(&[wrong])), ["TB0108"], "{wrong}");
        }
        let many: Vec<String> = (0..12).map(|at| format!("{role}-{at}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(codes("us-east-1", &watch(&many)).contains(&"TB0203"));
    }
}
