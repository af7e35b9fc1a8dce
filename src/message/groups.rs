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
use crate::blueprint::parameters::Values;
use crate::blueprint::{Blueprint, Via, WrittenMessage};
use crate::cloudtrail::fields::Unfit;
use crate::secret::hex;

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
    let message = &blueprint.alert.message;
    let is_compiled = message.template.is_none() && message.via != Some(Via::Lambda) && !blueprint.is_log_route();
    // A remediation has one rule, and the notifier writes its message.
    if !is_compiled || blueprint.remedy(values).is_some() || is_safe(blueprint, values) {
        return None;
    }
    let names = names(&blueprint.filled_pattern(values))?;
    let apart: Vec<Blueprint> = without_what_they_lack(blueprint, values, &names)?;
    let mut by_message: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for (at, one) in apart.iter().enumerate() {
        let made = compile(one, values, &Posting::sample());
        let made = format!("{:?} {}", made.input_paths, made.template);
        if !by_message.contains_key(&made) {
            order.push(made.clone());
        }
        by_message.entry(made).or_default().push(at);
    }
    let group = |made: &String| {
        let members = &by_message[made];
        let names: Vec<String> = members.iter().map(|at| names[*at].clone()).collect();
        let blueprint = narrowed(&apart[members[0]], values, &names);
        is_safe(&blueprint, values).then_some(Group { names, blueprint })
    };
    let groups: Vec<Group> = order.iter().map(group).collect::<Option<_>>()?;
    (groups.len() > 1).then_some(groups)
}

fn is_safe(blueprint: &Blueprint, values: &Values) -> bool {
    flaws(blueprint, values, &Posting::longest()).is_empty()
}

/// The names of the calls, where the pattern is nothing but a list of them there.
fn names(pattern: &Value) -> Option<Vec<String>> {
    let listed = pattern.pointer("/detail/eventName")?.as_array()?;
    let names: Vec<String> = listed.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let distinct: BTreeSet<&String> = names.iter().collect();
    (names.len() > 1 && distinct.len() == names.len()).then_some(names)
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

/// The blueprint for each call alone, without the values that it does not have although others of them do; nothing where no
/// parameter of a call is known, so that nothing says what the call does not have.
fn without_what_they_lack(blueprint: &Blueprint, values: &Values, names: &[String]) -> Option<Vec<Blueprint>> {
    let apart: Vec<Blueprint> =
        names.iter().map(|name| narrowed(blueprint, values, std::slice::from_ref(name))).collect();
    let unknown: Vec<BTreeSet<&String>> = apart.iter().map(|one| unknown(blueprint, one, values)).collect();
    let of_all: BTreeSet<&String> =
        unknown.iter().skip(1).fold(unknown.first()?.clone(), |all, one| all.intersection(one).copied().collect());
    let differing: BTreeSet<&String> =
        unknown.iter().flatten().copied().filter(|name| !of_all.contains(name)).collect();
    let is_parameter = |path: &str| path.starts_with("$.detail.requestParameters.");
    let without = |(mut one, unknown): (Blueprint, BTreeSet<&String>)| {
        let mut paths = blueprint.alert.message.input_paths.iter();
        let is_known_call = paths.any(|(name, path)| is_parameter(path) && !unknown.contains(name));
        let lacking: BTreeSet<&str> =
            unknown.into_iter().filter(|name| differing.contains(name)).map(String::as_str).collect();
        if !lacking.is_empty() && !is_known_call {
            return None;
        }
        one.alert.message = without_values(&one.alert.message, &lacking);
        Some(one)
    };
    apart.into_iter().zip(unknown).map(without).collect()
}

/// The input paths of which nothing is known in the events of a blueprint.
fn unknown<'b>(blueprint: &'b Blueprint, one: &Blueprint, values: &Values) -> BTreeSet<&'b String> {
    let message = &blueprint.alert.message;
    let pattern = one.pattern(values).ok();
    let is_unknown = |(name, path): &(&String, &String)| {
        certainty::of_path(path, message.holds.get(*name), pattern.as_ref()) == Err(Unfit::Unknown)
    };
    message.input_paths.iter().filter(is_unknown).map(|(name, _)| name).collect()
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
    use crate::blueprint::parameters::samples;

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
