//! The alerts of a stack, with those of a pack in the place of `use:`.
//!
//! An alert that the stack lists itself takes the place of a pack's alert with the same id: that is how one alert of a
//! pack gets other values. Findings about an alert of a pack are at the place of its `use`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::blueprint::{catalog, pack};
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::stack::{AlertUse, Stack};

/// One alert, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Its item of `alerts`.
    pub(super) at: usize,
    /// The alert, which has a blueprint.
    pub(super) alert: AlertUse,
    /// The pack it is from.
    pub(super) pack: Option<String>,
}

/// The alerts of a stack.
pub(super) fn placed(stack: &Stack, document: &Document, findings: &mut Vec<Finding>) -> Vec<Placed> {
    let own: Vec<&str> = stack.alerts.iter().filter(|alert| alert.pack.is_none()).map(own_id).collect();
    let mut placed: Vec<Placed> = Vec::new();
    for (at, alert) in stack.alerts.iter().enumerate() {
        let found = form(at, alert, document);
        if !found.is_empty() {
            findings.extend(found);
            continue;
        }
        let Some(name) = &alert.pack else {
            placed.push(Placed { at, alert: alert.clone(), pack: None });
            continue;
        };
        for one in of_pack(at, name, alert, document, findings) {
            let earlier =
                placed.iter().find(|other| other.pack.is_some() && other.alert.blueprint == one.alert.blueprint);
            if own.contains(&own_id(&one.alert)) || earlier.is_some_and(|other| other.alert.with == one.alert.with) {
                continue;
            }
            placed.push(one);
        }
    }
    placed
}

/// The id of an alert, as far as its item of `alerts` says it.
fn own_id(alert: &AlertUse) -> &str {
    alert.id.as_deref().unwrap_or(&alert.blueprint)
}

/// Whether an item of `alerts` is a blueprint or a pack, and has the keys of that.
fn form(at: usize, alert: &AlertUse, document: &Document) -> Vec<Finding> {
    let pointer = format!("/alerts/{at}");
    let expected = "`blueprint: NAME` or `use: PACK`";
    match (&alert.pack, alert.blueprint.is_empty()) {
        (None, true) => {
            let finding = document.finding(&pointer, Code::MissingKey, "the key `blueprint` or `use` is missing");
            vec![finding.expected(expected)]
        }
        (Some(_), false) => {
            let finding = document.finding(&pointer, Code::NotAllowed, "an alert has `blueprint` and `use`");
            vec![finding.expected(expected)]
        }
        (Some(_), true) if alert.id.is_some() => {
            let finding = document.finding(&format!("{pointer}/id"), Code::NotAllowed, "a pack has no `id`");
            vec![
                finding
                    .help("each alert of a pack has the id of its blueprint; to choose another, list the alert itself"),
            ]
        }
        (None, false) if !alert.except.is_empty() => {
            let finding = document.finding(&format!("{pointer}/except"), Code::NotAllowed, "`except` belongs to `use`");
            vec![finding.help("remove it")]
        }
        _ => Vec::new(),
    }
}

/// The alerts of a pack without the exceptions, each with those of the given values that are its parameters.
fn of_pack(at: usize, name: &str, alert: &AlertUse, document: &Document, findings: &mut Vec<Finding>) -> Vec<Placed> {
    let pack = match pack::find(name) {
        Ok(Some(pack)) => pack,
        Ok(None) => {
            let what = format!("there is no pack `{name}`");
            let finding = document.finding(&format!("/alerts/{at}/use"), Code::BlueprintNotFound, what);
            let finding = finding.expected(format!("one of {}", pack::names().join(", ")));
            findings.push(finding.suggest(name, pack::names()));
            return Vec::new();
        }
        Err(more) => {
            findings.extend(more);
            return Vec::new();
        }
    };
    for (index, one) in alert.except.iter().enumerate().filter(|(_, one)| !pack.blueprints.contains(one)) {
        let what = format!("the pack `{name}` has no alert `{one}`");
        let finding = document.finding(&format!("/alerts/{at}/except/{index}"), Code::NotAllowed, what);
        findings.push(finding.suggest(one, pack.blueprints.iter().map(String::as_str)));
    }
    let mut used = Vec::new();
    let mut placed = Vec::new();
    for blueprint in pack.blueprints.iter().filter(|one| !alert.except.contains(one)) {
        let parameters = match catalog::find(blueprint).map(|entry| entry.written()) {
            Some(Ok(blueprint)) => blueprint.parameters,
            Some(Err(more)) => {
                findings.extend(more);
                continue;
            }
            None => continue,
        };
        let with = fitting(&alert.with, |key| parameters.contains_key(key));
        used.extend(with.keys().cloned());
        let without_pack = AlertUse { pack: None, except: Vec::new(), ..alert.clone() };
        let threshold = alert.threshold.clone().or_else(|| pack.threshold.clone());
        let one = AlertUse { blueprint: blueprint.clone(), with, threshold, ..without_pack };
        placed.push(Placed { at, alert: one, pack: Some(name.to_owned()) });
    }
    for key in alert.with.keys().filter(|key| !used.contains(key)) {
        let pointer = format!("/alerts/{at}/with/{}", step(key));
        let what = format!("no alert of the pack `{name}` has a parameter `{key}`");
        let mut finding = document.finding(&pointer, Code::UnknownParameter, what);
        finding.span = document.key_span(&pointer);
        findings.push(finding);
    }
    placed
}

/// The alerts of packs whose events are recorded in other regions only, by item of `alerts`.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(BTreeMap<usize, Vec<String>>);

impl Elsewhere {
    /// Takes an alert of a pack whose events never reach the stack: it is left out. An alert that the stack lists itself
    /// stays, and is an error.
    pub(super) fn takes(&mut self, placed: &Placed, about_region: &[Finding]) -> bool {
        let is_elsewhere = placed.pack.is_some() && about_region.iter().any(|one| one.code == Code::OtherRegion);
        if is_elsewhere {
            self.0.entry(placed.at).or_default().push(placed.alert.blueprint.clone());
        }
        is_elsewhere
    }

    /// One finding for each pack that alerts were left out of.
    pub(super) fn findings(self, region: &str, document: &Document) -> Vec<Finding> {
        let finding = |(at, names): (usize, Vec<String>)| {
            let what = format!(
                "{} of this pack {} left out: the events are never sent to {region}: `{}`",
                if names.len() == 1 { "1 alert".to_owned() } else { format!("{} alerts", names.len()) },
                if names.len() == 1 { "is" } else { "are" },
                names.join("`, `"),
            );
            let help = "use the pack in a stack in us-east-1 too, where global services such as IAM record their events; if they \
                are forwarded to this stack, add `forwarded: { regions: [us-east-1] }`; if that is intended, list them under \
                `except`";
            document.finding(&format!("/alerts/{at}/use"), Code::LeftOutOfPack, what).help(help)
        };
        self.0.into_iter().map(finding).collect()
    }
}

fn fitting(with: &Map<String, Value>, is_one: impl Fn(&str) -> bool) -> Map<String, Value> {
    with.iter().filter(|(key, _)| is_one(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::alert::Installation;
    use crate::blueprint::ParameterType;

    fn load(region: &str, alerts: &str) -> Result<Installation, Vec<Finding>> {
        let text =
            format!("stack: sec\nregion: {region}\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n{alerts}\n");
        crate::check::stack(Document::parse("s.yaml", &text).expect("YAML"), PathBuf::new())
    }

    fn codes(region: &str, alerts: &str) -> Vec<&'static str> {
        let findings = load(region, alerts).map_or_else(|findings| findings, |loaded| loaded.warnings);
        findings.iter().map(|one| one.code.id()).collect()
    }

    /// `with` for what these blueprints have no default for.
    fn needed(names: &[String]) -> String {
        let mut with = BTreeMap::new();
        for name in names {
            let blueprint = catalog::find(name).expect("built in").load().expect("good").blueprint;
            for (name, one) in blueprint.parameters.into_iter().filter(|(_, one)| one.default.is_none()) {
                let value = match one.kind {
                    ParameterType::List => "[\"x\"]",
                    ParameterType::Number => "1",
                    ParameterType::Boolean => "true",
                    ParameterType::String => "x",
                };
                with.insert(name, value);
            }
        }
        let with: Vec<String> = with.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("with: {{ {} }}", with.join(", "))
    }

    #[test]
    fn what_an_alert_receives_and_posts_does_not_depend_on_the_pack_it_is_from() {
        for pack in pack::packs().expect("no findings") {
            let text = format!("  - {{ use: {}, {} }}", pack.pack, needed(&pack.blueprints));
            let packed = load("us-east-1", &text).expect("no errors");
            assert_eq!(packed.alerts.len(), pack.blueprints.len(), "{}", pack.pack);
            for (alert, name) in packed.alerts.iter().zip(&pack.blueprints) {
                let text = format!("  - {{ blueprint: {name}, {} }}", needed(std::slice::from_ref(name)));
                let alone = load("us-east-1", &text).expect("no errors").alerts.remove(0);
                assert_eq!((&alone.id, &alone.receives), (&alert.id, &alert.receives), "{name} of {}", pack.pack);
            }
        }
    }

    #[test]
    fn an_alert_of_the_stack_takes_the_place_of_the_one_of_the_pack() {
        let pack = "  - use: account-baseline";
        let own = format!("{pack}\n  - {{ blueprint: cloudtrail-stop-logging, with: {{ restart_logging: true }} }}");
        let loaded = load("us-east-1", &own).expect("no errors");
        let same: Vec<_> = loaded.alerts.iter().filter(|alert| alert.id == "cloudtrail-stop-logging").collect();
        assert_eq!(same.len(), 1);
        assert!(same[0].remediation().is_some());
        // The same pack twice is once.
        let once = load("us-east-1", pack).expect("no errors").alerts.len();
        assert_eq!(load("us-east-1", &format!("{pack}\n{pack}")).expect("no errors").alerts.len(), once);
        // With other values it is two alerts with one id.
        assert!(
            codes("us-east-1", &format!("{pack}\n  - {{ use: account-baseline, with: {{ restart_logging: true }} }}"))
                .contains(&"TB0306")
        );
        let except =
            load("us-east-1", "  - { use: account-baseline, except: [cloudtrail-stop-logging] }").expect("no errors");
        assert_eq!(except.alerts.len() + 1, once);
    }

    #[test]
    fn what_a_pack_cannot_have_is_a_finding() {
        for (alerts, expected) in [
            ("  - { use: account-baselin }", "TB0303"),
            ("  - { use: account-baseline, blueprint: cloudtrail-stop-logging }", "TB0108"),
            ("  - { use: account-baseline, id: mine }", "TB0108"),
            ("  - { use: account-baseline, except: [nothing] }", "TB0108"),
            ("  - { use: account-baseline, with: { nothing: 1 } }", "TB0305"),
            ("  - { blueprint: cloudtrail-stop-logging, except: [x] }", "TB0108"),
            ("  - { id: mine }", "TB0107"),
        ] {
            // Warnings are about the alerts that the pack does have.
            let mut found = codes("us-east-1", alerts);
            found.retain(|code| !["TB0311", "TB0507"].contains(code));
            assert_eq!(found, [expected], "{alerts}");
        }
    }

    #[test]
    fn alerts_whose_events_never_reach_the_region_are_left_out_and_named() {
        // `iam-access-key-created` is about a service that records its events in us-east-1.
        let pack = "  - { use: account-baseline }";
        let elsewhere = load("eu-west-1", pack).expect("no errors");
        let left_out = elsewhere.warnings.iter().find(|one| one.code.id() == "TB0319").expect("a warning");
        let all = load("us-east-1", pack).expect("no errors");
        let missing = all.alerts.iter().filter(|one| elsewhere.alerts.iter().all(|other| other.id != one.id));
        let names: Vec<&str> = missing.map(|one| one.id.as_str()).collect();
        assert!(!names.is_empty());
        assert!(names.iter().all(|name| left_out.message.contains(name)), "{names:?}: {}", left_out.message);
        assert!(all.warnings.iter().all(|one| one.code.id() != "TB0319"));
    }
}
