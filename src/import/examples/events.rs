//! Events for a pattern: of each of its alternatives one with a fitting value for every field, and variants of it that
//! differ in one field.

use serde_json::{Map, Value, json};

use super::values::{HeldValue, close, fitting};
use crate::cloudtrail::{DETAIL_TYPES, events as dictionary};
use crate::pattern::{Pattern, Verdict};
use crate::sample;

/// Most alternatives that are looked at.
const MAX_ALTERNATIVES: usize = 64;

/// The fields of an alternative, each with its list, in the order of the pattern.
type AskedFields<'p> = Vec<(String, &'p [Value])>;

/// Events, those that probably match first.
pub(super) fn all(pattern: &Value) -> Vec<Value> {
    let alternatives = alternatives(pattern);
    let (mut firsts, mut fits, mut misses) = (Vec::new(), Vec::new(), Vec::new());
    for asked in &alternatives {
        let skeleton = skeleton(pattern, asked);
        let chosen: Vec<(&str, HeldValue)> =
            asked.iter().map(|(path, list)| (path.as_str(), first(path, list))).collect();
        let event = alone(with(&skeleton, &chosen), asked, &alternatives);
        let changed = |path: &str, value: HeldValue| with(&event, &[(path, value)]);
        for (path, list) in asked {
            fits.extend(list.iter().flat_map(|entry| fitting(path, entry)).map(|value| changed(path, value)));
            misses.extend(close(path, list).into_iter().map(|value| changed(path, value)));
        }
        firsts.push(event);
    }
    firsts.into_iter().chain(fits).chain(misses).collect()
}

/// The event of an alternative, changed so that no other alternative matches it, where that is possible.
fn alone(event: Value, asked: &AskedFields, alternatives: &[AskedFields]) -> Value {
    let Ok(own) = Pattern::from_value(&written(asked)) else { return event };
    let matches = |pattern: &Pattern, event: &Value| pattern.matches_value(event) == Ok(Verdict::Matches);
    let mut event = event;
    for other in alternatives.iter().filter(|other| *other != asked) {
        let Ok(pattern) = Pattern::from_value(&written(other)) else { continue };
        if !matches(&pattern, &event) {
            continue;
        }
        let changes = || {
            other.iter().flat_map(|(path, list)| close(path, list).into_iter().map(move |value| (path.as_str(), value)))
        };
        let is_apart = |event: &Value| matches(&own, event) && !matches(&pattern, event);
        event = changes().map(|change| with(&event, &[change])).find(is_apart).unwrap_or(event);
    }
    event
}

/// An alternative as a pattern of its own.
fn written(asked: &AskedFields) -> Value {
    let mut pattern = json!({});
    for (path, list) in asked {
        change(&mut pattern, path, Some(Value::Array(list.to_vec())));
    }
    pattern
}

/// The first value that fits the list of a field.
fn first(path: &str, list: &[Value]) -> HeldValue {
    let values = || list.iter().flat_map(|entry| fitting(path, entry));
    let fits = |value: &HeldValue| {
        let event = value.as_ref().map_or_else(|| json!({}), |value| json!({ "field": value }));
        let pattern = Pattern::from_value(&json!({ "field": list }));
        pattern.is_ok_and(|pattern| pattern.matches_value(&event) == Ok(Verdict::Matches))
    };
    values().find(|value| value.is_some() && fits(value)).or_else(|| values().find(fits)).flatten()
}

/// The alternatives of a pattern: every `$or` taken apart.
fn alternatives(pattern: &Value) -> Vec<AskedFields<'_>> {
    let mut found = vec![AskedFields::new()];
    gather(pattern, "", &mut found);
    found
}

fn gather<'p>(value: &'p Value, path: &str, found: &mut Vec<AskedFields<'p>>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match inner {
            Value::Array(branches) if key == "$or" => {
                let before = std::mem::take(found);
                for branch in branches {
                    let mut one = before.clone();
                    gather(branch, path, &mut one);
                    found.extend(one);
                    found.truncate(MAX_ALTERNATIVES);
                }
            }
            Value::Array(list) => {
                for asked in found.iter_mut() {
                    // A field that is named again replaces the earlier one, as in EventBridge.
                    asked.retain(|(earlier, _)| *earlier != below);
                    asked.push((below.clone(), list.as_slice()));
                }
            }
            inner => gather(inner, &below, found),
        }
    }
}

/// An event without what the pattern asks for: a record of CloudTrail with what is around it, or a bare event.
fn skeleton(pattern: &Value, asked: &AskedFields) -> Value {
    let texts = |path: &str| {
        let list = asked.iter().find(|(one, _)| one == path).map(|(_, list)| *list).unwrap_or_default();
        list.iter().filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let types = texts("detail-type");
    let names_a_call = pattern.get("detail").is_some_and(|detail| {
        let text = detail.to_string();
        ["\"eventSource\"", "\"eventName\"", "\"userIdentity\""].iter().any(|field| text.contains(field))
    });
    if !names_a_call && !types.iter().any(|one| DETAIL_TYPES.contains(one)) {
        return json!({
            "version": "0", "id": "00000000-0000-4000-8000-000000000001", "detail-type": "Example", "source": "com.example",
            "account": "111122223333", "time": "2026-01-02T03:04:05Z", "region": "us-east-1", "resources": [], "detail": {},
        });
    }
    let source = texts("source").first().and_then(|source| dictionary::sources_of(source).first().copied());
    let kind = match types.first().copied() {
        Some("AWS Console Sign In via CloudTrail" | "AWS Console Signin via CloudTrail") => "AwsConsoleSignIn",
        Some("AWS Console Action via CloudTrail") => "AwsConsoleAction",
        Some("AWS Service Event via CloudTrail") => "AwsServiceEvent",
        Some("AWS Network Activity Event via CloudTrail") => "AwsVpceEvents",
        _ => "AwsApiCall",
    };
    let is_asked =
        |path: &str| asked.iter().any(|(one, _)| one.strip_prefix("detail.").is_some_and(|one| one.starts_with(path)));
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": { "type": "IAMUser", "principalId": "AIDAEXAMPLEID12345678", "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333", "userName": "alice" },
        "eventTime": "2026-01-02T03:04:05Z",
        "eventSource": source.unwrap_or("example.amazonaws.com"),
        "eventName": "ExampleCall",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.10",
        "eventID": "00000000-0000-4000-8000-000000000001",
        "eventType": kind,
        "recipientAccountId": "111122223333",
    });
    if is_asked("userIdentity.") {
        record["userIdentity"] = json!({});
    }
    let region = texts("region").first().or(texts("detail.awsRegion").first()).map(|text| Value::from(*text));
    let account =
        texts("account").first().or(texts("detail.recipientAccountId").first()).map(|text| Value::from(*text));
    for (field, value) in [("awsRegion", region), ("recipientAccountId", account)] {
        if let Some(value) = value {
            record[field] = value;
        }
    }
    if let Some(source) = texts("detail.eventSource").first() {
        record["eventSource"] = Value::from(*source);
    }
    let empty = Map::new();
    sample::of_record(record.as_object().unwrap_or(&empty))
}

/// The event with other values at these dotted paths.
fn with(event: &Value, changes: &[(&str, HeldValue)]) -> Value {
    let mut event = event.clone();
    for (path, value) in changes {
        change(&mut event, path, value.clone());
    }
    event
}

fn change(place: &mut Value, path: &str, value: HeldValue) {
    let Value::Object(fields) = place else { return };
    match (path.split_once('.'), value) {
        (None, None) => {
            fields.shift_remove(path);
        }
        (None, Some(value)) => {
            fields.insert(path.to_owned(), value);
        }
        (Some((first, rest)), value) => {
            let is_there = fields.get(first).is_some_and(Value::is_object);
            if !is_there && value.is_none() {
                return;
            }
            if !is_there {
                fields.insert(first.to_owned(), json!({}));
            }
            if let Some(inner) = fields.get_mut(first) {
                change(inner, rest, value);
            }
        }
    }
}
