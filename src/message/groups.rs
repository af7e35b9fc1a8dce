//! A blueprint whose pattern names several calls, taken apart where one message does not do for all of them.
//!
//! `AttachUserPolicy` has a user and `AttachRolePolicy` a role; what is free text in one call is an identifier in another. Where a
//! message is not safe for all calls of the pattern together, each group of calls with the same message becomes a blueprint of its
//! own, and a rule of its own. A value that some of the calls do not have is left out of their message.
//! Neighbors: `layout` (what is safe), `alert` (who asks).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::transformer::placeholders;
use super::{Posting, certainty, compile, flaws};
use crate::blueprint::parameters::{Values, samples};
use crate::blueprint::{Blueprint, Via, WrittenMessage};
use crate::cloudtrail::fields::{self, Unfit};
use crate::pattern::Pattern;
use crate::secret::hex;

/// How many calls are taken apart at most: each is compiled alone, and a rule about more is not about parameters.
const MOST_CALLS: usize = 100;

/// Calls with one message.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The names of the calls, in the order of the pattern.
    pub names: Vec<String>,
    /// The blueprint of these calls alone, its pattern's parameters filled in.
    pub blueprint: Blueprint,
}

impl Group {
    /// Tells the group from others of its alert: a digest of its names. With other names it is another group with another rule,
    /// so that the old rule goes only when the new one is in use.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut names = self.names.clone();
        names.sort();
        hex(&Sha256::digest(names.join(",").as_bytes())[..4])
    }
}

/// The groups of a blueprint's calls, each with a message that is safe for all its events; nothing where one message does for all
/// calls, or where taking them apart does not help.
#[must_use]
pub fn groups(blueprint: &Blueprint, values: &Values) -> Option<Vec<Group>> {
    let groups = apart(blueprint, values)?;
    groups.iter().all(|one| is_safe(&one.blueprint, values)).then_some(groups)
}

/// The groups of calls that have a message which is not safe, where others have one that is: they are what keeps the alert from
/// being taken apart.
#[must_use]
pub fn unsafe_groups(blueprint: &Blueprint, values: &Values) -> Vec<Group> {
    let groups = apart(blueprint, values).unwrap_or_default();
    let (safe, others): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|one| is_safe(&one.blueprint, values));
    if safe.is_empty() { Vec::new() } else { others }
}

/// The calls by what their message is, where it is not one for all of them.
fn apart(blueprint: &Blueprint, values: &Values) -> Option<Vec<Group>> {
    let message = &blueprint.alert.message;
    let is_compiled = message.template.is_none() && message.via != Some(Via::Lambda) && !blueprint.is_log_route();
    // A remediation has one rule, and the notifier writes its message.
    if !is_compiled || blueprint.remedy(values).is_some() {
        return None;
    }
    let is_safe = is_safe(blueprint, values);
    if is_safe && message.holds.is_empty() {
        return None;
    }
    let calls = NamedCalls::of(blueprint, values)?;
    let differing = calls.differing(blueprint, values);
    // A declared value counts only where no table says that a call lacks it.
    let is_claimed = |name: &&String| message.holds.contains_key(*name);
    if is_safe && !differing.keys().any(is_claimed) {
        return None;
    }
    let apart: Vec<Blueprint> = calls
        .names
        .iter()
        .map(|name| calls.without_what_it_lacks(name, &differing, blueprint, values))
        .collect::<Option<_>>()?;
    let mut by_message: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, one) in apart.iter().enumerate() {
        let made = compile(one, values, &Posting::sample());
        let made = format!("{:?} {}", made.input_paths, made.template);
        match by_message.iter_mut().find(|(other, _)| *other == made) {
            Some((_, members)) => members.push(at),
            None => by_message.push((made, vec![at])),
        }
    }
    let is_whole = by_message.len() == 1 && apart.iter().all(|one| one.alert.message == *message);
    let group = |(_, members): &(String, Vec<usize>)| {
        let names: Vec<String> = members.iter().map(|at| calls.names[*at].clone()).collect();
        Group { blueprint: narrowed(&apart[members[0]], values, &names), names }
    };
    (!is_whole).then(|| by_message.iter().map(group).collect())
}

fn is_safe(blueprint: &Blueprint, values: &Values) -> bool {
    flaws(blueprint, values, &Posting::longest()).is_empty()
}

/// The calls that a pattern names, and where they are from.
struct NamedCalls {
    /// Their names, each once.
    names: Vec<String>,
    /// The names that the blueprint has by itself: a stack may have chosen some of them.
    by_default: Vec<String>,
    sources: Vec<String>,
}

impl NamedCalls {
    /// The calls, where the pattern lists them and nothing else.
    fn of(blueprint: &Blueprint, values: &Values) -> Option<Self> {
        let pattern = blueprint.filled_pattern(values);
        let by_default =
            listed(&blueprint.filled_pattern(&samples(blueprint)), "/detail/eventName").unwrap_or_default();
        let names = listed(&pattern, "/detail/eventName")?;
        (names.len() <= MOST_CALLS && by_default.len() <= MOST_CALLS).then_some(())?;
        Some(Self { names, by_default, sources: listed(&pattern, "/detail/eventSource")? })
    }

    /// The values that some of the calls have and others do not, with the calls that do not.
    fn differing<'b>(&self, blueprint: &'b Blueprint, values: &Values) -> BTreeMap<&'b String, BTreeSet<&str>> {
        let all: BTreeSet<&String> = self.names.iter().chain(&self.by_default).collect();
        let patterns: Vec<(&str, Option<Pattern>)> = all
            .iter()
            .map(|name| (name.as_str(), narrowed(blueprint, values, std::slice::from_ref(*name)).pattern(values).ok()))
            .collect();
        let lacking = |path: &str| -> BTreeSet<&str> {
            let is_unknown =
                |pattern: &Option<Pattern>| certainty::of_path(path, None, pattern.as_ref()) == Err(Unfit::Unknown);
            patterns.iter().filter(|(_, pattern)| is_unknown(pattern)).map(|(name, _)| *name).collect()
        };
        let of_each = blueprint.alert.message.input_paths.iter().map(|(name, path)| (name, lacking(path)));
        of_each.filter(|(_, lacking)| !lacking.is_empty() && lacking.len() < all.len()).collect()
    }

    /// The blueprint for one call alone, without the values that it does not have; nothing where the parameters of the call are
    /// not known, so that nothing says what it does not have.
    fn without_what_it_lacks(
        &self,
        call: &str,
        differing: &BTreeMap<&String, BTreeSet<&str>>,
        blueprint: &Blueprint,
        values: &Values,
    ) -> Option<Blueprint> {
        let lacking: BTreeSet<&str> =
            differing.iter().filter(|(_, calls)| calls.contains(call)).map(|(name, _)| name.as_str()).collect();
        let sources: Vec<&str> = self.sources.iter().map(String::as_str).collect();
        if !lacking.is_empty() && !fields::is_known_call(&sources, call) {
            return None;
        }
        let mut one = narrowed(blueprint, values, &[call.to_owned()]);
        one.alert.message = without_values(&one.alert.message, &lacking);
        Some(one)
    }
}

/// The texts of a list in a pattern, each once; nothing where there is anything else in it.
fn listed(pattern: &Value, pointer: &str) -> Option<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for one in pattern.pointer(pointer)?.as_array()? {
        let text = one.as_str()?;
        if seen.insert(text) {
            texts.push(text.to_owned());
        }
    }
    Some(texts)
}

/// The blueprint for these calls alone.
fn narrowed(blueprint: &Blueprint, values: &Values, names: &[String]) -> Blueprint {
    let mut one = blueprint.clone();
    if let Value::Object(mut pattern) = blueprint.filled_pattern(values) {
        if let Some(listed) = pattern.get_mut("detail").and_then(|detail| detail.get_mut("eventName")) {
            *listed = json!(names);
        }
        one.alert.pattern = pattern;
    }
    one
}

/// The message without these values; a fact that is nothing else goes with them.
fn without_values(message: &WrittenMessage, lacking: &BTreeSet<&str>) -> WrittenMessage {
    let mut rest = message.clone();
    rest.input_paths.retain(|name, _| !lacking.contains(name.as_str()));
    rest.holds.retain(|name, _| !lacking.contains(name.as_str()));
    rest.text = rest.text.map(|text| without_placeholders(&text, lacking));
    if let Some(card) = &mut rest.card {
        card.text = card.text.take().map(|text| without_placeholders(&text, lacking));
        for (label, words) in std::mem::take(&mut card.facts) {
            let shown = words.as_str().map(|words| without_placeholders(words, lacking));
            match shown {
                Some(shown) if shown.trim().is_empty() => {}
                Some(shown) => drop(card.facts.insert(label, shown.into())),
                None => drop(card.facts.insert(label, words)),
            }
        }
    }
    rest
}

fn without_placeholders(text: &str, lacking: &BTreeSet<&str>) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut at = 0;
    for one in placeholders(text).into_iter().filter(|one| lacking.contains(one.name.as_str())) {
        rest.push_str(&text[at..one.range.start]);
        at = one.range.end;
    }
    rest.push_str(&text[at..]);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups_of(service: &str, names: &Value, paths: &Value, via: &str) -> Option<Vec<(Vec<String>, String)>> {
        let blueprint: Blueprint = serde_json::from_value(json!({
            "blueprint": "b", "title": "T", "severity": "low",
            "alert": {
                "pattern": {
                    "source": [format!("aws.{service}")], "detail-type": ["AWS API Call via CloudTrail"],
                    "detail": {
                        "eventSource": [format!("{service}.amazonaws.com")], "eventName": names,
                        "errorCode": [{ "exists": false }],
                    },
                },
                "message": { "via": via, "input_paths": paths, "text": "<a><b> is gone" },
            },
        }))
        .expect("a blueprint");
        let groups = groups(&blueprint, &samples(&blueprint))?;
        Some(groups.into_iter().map(|one| (one.names, one.blueprint.alert.message.text.unwrap_or_default())).collect())
    }

    #[test]
    fn calls_are_taken_apart_where_one_message_does_not_do() {
        let instance_and_cluster = json!({
            "a": "$.detail.requestParameters.dBInstanceIdentifier", "b": "$.detail.requestParameters.dBClusterIdentifier",
        });
        let both = json!(["DeleteDBInstance", "DeleteDBCluster"]);
        let group = |name: &str, text: &str| (vec![name.to_owned()], text.to_owned());
        let apart = vec![group("DeleteDBInstance", "<a> is gone"), group("DeleteDBCluster", "<b> is gone")];
        for via in ["auto", "transformer"] {
            assert_eq!(groups_of("rds", &both, &instance_and_cluster, via), Some(apart.clone()), "{via}");
        }
        // A call that has none of them, a name that is listed twice.
        let three = groups_of(
            "rds",
            &json!(["DeleteDBInstance", "DeleteDBCluster", "CreateDBSubnetGroup"]),
            &instance_and_cluster,
            "auto",
        );
        assert_eq!(three.map(|groups| groups.len()), Some(3));
        let twice = json!(["DeleteDBInstance", "DeleteDBCluster", "DeleteDBInstance"]);
        assert_eq!(groups_of("rds", &twice, &instance_and_cluster, "auto"), Some(apart.clone()));
        // The notifier takes any event, one call needs no groups, and of an unknown call nothing says what it has.
        assert_eq!(groups_of("rds", &both, &instance_and_cluster, "lambda"), None);
        assert_eq!(groups_of("rds", &json!(["DeleteDBInstance"]), &instance_and_cluster, "auto"), None);
        assert_eq!(groups_of("rds", &json!(["DeleteDBInstance", "NoSuchCall"]), &instance_and_cluster, "auto"), None);
        assert_eq!(groups_of("rds", &json!([{ "prefix": "DeleteDB" }]), &instance_and_cluster, "auto"), None);
        // What no call has is a mistake, and stays a finding.
        let mistaken = json!({
            "a": "$.detail.requestParameters.dBInstanceIdentifier", "b": "$.detail.requestParameters.noSuchParameter",
        });
        assert_eq!(groups_of("rds", &both, &mistaken, "auto"), None);
    }

    #[test]
    fn a_group_with_other_calls_is_another_group() {
        let of = |names: &[&str]| Group {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            blueprint: serde_json::from_value(
                json!({ "blueprint": "b", "title": "T", "severity": "low", "alert": {} }),
            )
            .expect("a blueprint"),
        };
        assert_eq!(of(&["A", "B"]).digest(), of(&["B", "A"]).digest());
        assert_ne!(of(&["A", "B"]).digest(), of(&["A"]).digest());
        assert_eq!(of(&["A"]).digest().len(), 8);
    }
}
