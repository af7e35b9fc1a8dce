//! Alternatives → the event pattern: what they have in common, `$or` for the rest, and the fields around a record.
//!
//! `source` and `detail-type` add nothing: every event with these fields of a record has them. `source` says that only AWS
//! can have sent it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::alternatives::FieldLists;
use crate::cloudtrail::{DETAIL_TYPES, SIGN_IN_TYPES, events};
use crate::pattern::{Pattern, Verdict};
use crate::record;

/// The types of events, each with the detail type of its events.
const EVENT_TYPES: [&str; 6] =
    ["AwsApiCall", "AwsConsoleSignIn", "AwsConsoleAction", "AwsServiceEvent", "AwsCloudTrailInsight", "AwsVpceEvents"];

/// The event pattern for these alternatives.
pub(super) fn of(alternatives: &[FieldLists]) -> Map<String, Value> {
    let mut pattern = Map::new();
    pattern.insert("source".to_owned(), sources(alternatives));
    if let Some(types) = detail_types(alternatives) {
        pattern.insert("detail-type".to_owned(), types);
    }
    pattern.insert("detail".to_owned(), Value::Object(detail(alternatives)));
    pattern
}

fn detail(alternatives: &[FieldLists]) -> Map<String, Value> {
    let is_common = |path: &String, list: &Vec<Value>| alternatives.iter().all(|one| one.get(path) == Some(list));
    let first = alternatives.iter().take(1).flatten();
    let common: Vec<_> = first.filter(|(path, list)| alternatives.len() == 1 || is_common(path, list)).collect();
    let mut detail = nested(common.iter().copied());
    if alternatives.len() > 1 {
        let others = |one: &FieldLists| Value::Object(nested(one.iter().filter(|(path, list)| !is_common(path, list))));
        detail.insert("$or".to_owned(), alternatives.iter().map(others).collect());
    }
    detail
}

/// Fields as an event pattern nests them, those that say what was called first.
fn nested<'l>(fields: impl Iterator<Item = (&'l String, &'l Vec<Value>)>) -> Map<String, Value> {
    let mut fields: Vec<_> = fields.collect();
    let rank = |path: &str| ["eventSource", "eventName"].iter().position(|one| *one == path).unwrap_or(2);
    fields.sort_by_key(|(path, _)| rank(path));
    let mut object = Map::new();
    for (path, list) in fields {
        insert(&mut object, path, list);
    }
    object
}

fn insert(object: &mut Map<String, Value>, path: &str, list: &[Value]) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), Value::Array(list.to_vec()));
        }
        Some((first, rest)) => {
            let inner = object.entry(first).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                insert(inner, rest, list);
            }
        }
    }
}

/// Whether two fields of an alternative are one inside the other, which no record has.
pub(super) fn overlap(alternatives: &[FieldLists]) -> Option<&str> {
    let inside = |one: &FieldLists, path: &str| {
        one.keys().any(|other| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    };
    // All of them: what is common is written next to the rest.
    let all: Vec<&str> = alternatives.iter().flatten().map(|(path, _)| path.as_str()).collect();
    all.into_iter().find(|path| alternatives.iter().any(|one| inside(one, path)))
}

/// The only texts a field can have in an alternative.
fn texts<'l>(one: &'l FieldLists, path: &str) -> Option<Vec<&'l str>> {
    one.get(path)?.iter().map(Value::as_str).collect()
}

fn is_sign_in(one: &FieldLists) -> bool {
    let sources = texts(one, "eventSource").unwrap_or_else(|| vec![events::SIGN_IN]);
    texts(one, "eventName").is_some_and(|names| {
        sources == [events::SIGN_IN] && names.iter().all(|name| events::is_sign_in(events::SIGN_IN, name))
    })
}

/// What `source` the events have: `aws.` and the first label of the event source.
fn sources(alternatives: &[FieldLists]) -> Value {
    let of = |one: &FieldLists| match texts(one, "eventSource") {
        Some(sources) => {
            Some(sources.iter().map(|source| format!("aws.{}", source.split('.').next().unwrap_or(source))).collect())
        }
        None if is_sign_in(one) => Some(vec!["aws.signin".to_owned()]),
        None => None,
    };
    let all: Option<Vec<Vec<String>>> = alternatives.iter().map(of).collect();
    match all {
        Some(all) => json!(all.into_iter().flatten().collect::<BTreeSet<_>>()),
        None => json!([{ "prefix": "aws." }]),
    }
}

/// The detail types of the events; nothing where event source and name say that they are records.
fn detail_types(alternatives: &[FieldLists]) -> Option<Value> {
    if alternatives.iter().all(is_sign_in) {
        return Some(json!(SIGN_IN_TYPES));
    }
    let says_so = |one: &FieldLists| {
        texts(one, "eventSource").is_some()
            && one.get("eventName").is_some_and(|list| !list.contains(&json!({ "exists": false })))
    };
    if alternatives.iter().all(says_so) {
        return None;
    }
    let mut types = BTreeSet::new();
    for one in alternatives {
        types.extend(EVENT_TYPES.into_iter().filter(|kind| accepts(one, kind)).map(record::detail_type));
    }
    if types.contains(SIGN_IN_TYPES[0]) {
        types.insert(SIGN_IN_TYPES[1]);
    }
    Some(json!(DETAIL_TYPES.into_iter().filter(|one| types.contains(one)).collect::<Vec<_>>()))
}

/// The fields of Insights records. Source: CloudTrail user guide, "Record contents for Insights events for trails".
const OF_INSIGHTS: [&str; 9] = [
    "eventVersion",
    "eventTime",
    "awsRegion",
    "eventID",
    "eventType",
    "recipientAccountId",
    "sharedEventID",
    "eventCategory",
    "insightDetails",
];

/// Whether an alternative accepts events of a type.
fn accepts(one: &FieldLists, kind: &str) -> bool {
    let absent = json!({ "exists": false });
    let is_foreign = |path: &str| !OF_INSIGHTS.contains(&path.split('.').next().unwrap_or(path));
    if kind == "AwsCloudTrailInsight" && one.iter().any(|(path, list)| is_foreign(path) && !list.contains(&absent)) {
        return false;
    }
    // Sign-in events have names of their own.
    let is_sign_in = |name: &&str| events::is_sign_in(events::SIGN_IN, name);
    if kind == "AwsConsoleSignIn" && texts(one, "eventName").is_some_and(|names| !names.iter().any(is_sign_in)) {
        return false;
    }
    let Some(list) = one.get("eventType") else { return true };
    let pattern = Pattern::from_value(&json!({ "eventType": list }));
    pattern.is_ok_and(|pattern| pattern.matches_value(&json!({ "eventType": kind })) == Ok(Verdict::Matches))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(fields: &Value) -> FieldLists {
        let fields = fields.as_object().expect("fields");
        fields.iter().map(|(path, list)| (path.clone(), list.as_array().expect("a list").clone())).collect()
    }

    #[test]
    fn what_alternatives_have_in_common_is_written_once() {
        let found = of(&[
            lists(
                &json!({ "eventSource": ["iam.amazonaws.com"], "eventName": ["CreateUser"], "userIdentity.type": ["Root"] }),
            ),
            lists(
                &json!({ "eventSource": ["iam.amazonaws.com"], "eventName": ["DeleteUser"], "errorCode": [{ "exists": false }] }),
            ),
        ]);
        let expected = json!({
            "source": ["aws.iam"],
            "detail": {
                "eventSource": ["iam.amazonaws.com"],
                "$or": [
                    { "eventName": ["CreateUser"], "userIdentity": { "type": ["Root"] } },
                    { "eventName": ["DeleteUser"], "errorCode": [{ "exists": false }] },
                ],
            },
        });
        assert_eq!(Value::Object(found), expected);
    }

    #[test]
    fn what_is_around_a_record_follows_from_it() {
        let around = |fields: &Value| {
            let mut pattern = of(&[lists(fields)]);
            pattern.shift_remove("detail");
            Value::Object(pattern)
        };
        assert_eq!(
            around(&json!({ "eventName": ["ConsoleLogin"] })),
            json!({ "source": ["aws.signin"], "detail-type": SIGN_IN_TYPES })
        );
        let root =
            around(&json!({ "userIdentity.type": ["Root"], "eventType": [{ "anything-but": ["AwsServiceEvent"] }] }));
        assert_eq!(root["source"], json!([{ "prefix": "aws." }]));
        let types = root["detail-type"].as_array().expect("a list");
        assert!(types.len() == 5 && !types.contains(&json!("AWS Service Event via CloudTrail")), "{types:?}");
        assert_eq!(overlap(&[lists(&json!({ "a": [1], "a.b": [1] }))]), Some("a"));
        assert_eq!(overlap(&[lists(&json!({ "a": [1], "ab": [1] }))]), None);
    }
}
