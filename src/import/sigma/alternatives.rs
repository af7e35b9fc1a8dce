//! Logic over fields → alternatives, in each of which a field has one list: the form that an event pattern has.
//!
//! Where two conditions are about one field, their lists become the list of what both accept, or there is none and the
//! reason is given.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::entries::{self, has_cases};
use super::logic::SigmaLogic;
use crate::pattern::{Pattern, Verdict};

/// Most alternatives; each is a test, and a pattern has no room for more.
const MAX_ALTERNATIVES: usize = 64;

/// The list of each field, by its dotted path in the record.
pub(super) type FieldLists = BTreeMap<String, Vec<Value>>;

/// The alternatives, at least one.
///
/// # Errors
/// Why EventBridge cannot do that.
pub(super) fn of(logic: &SigmaLogic) -> Result<Vec<FieldLists>, String> {
    let all = expanded(logic, false)?;
    if all.is_empty() {
        return Err("the condition never holds".to_owned());
    }
    if all.iter().any(BTreeMap::is_empty) {
        return Err("the condition always holds".to_owned());
    }
    Ok(all)
}

fn expanded(logic: &SigmaLogic, is_negated: bool) -> Result<Vec<FieldLists>, String> {
    match logic {
        SigmaLogic::Not(one) => expanded(one, !is_negated),
        SigmaLogic::Field(field) => {
            let list = entries::list(field, is_negated)?;
            // Nothing accepts a field with an empty list.
            Ok(if list.is_empty() { Vec::new() } else { vec![[(field.path.clone(), list)].into()] })
        }
        SigmaLogic::All(all) if !is_negated => every(all, is_negated),
        SigmaLogic::Any(all) if is_negated => every(all, is_negated),
        SigmaLogic::All(all) | SigmaLogic::Any(all) => {
            let mut found = Vec::new();
            for one in all {
                found.extend(expanded(one, is_negated)?);
                found = merged(found)?;
            }
            Ok(found)
        }
    }
}

/// All of them: each alternative of one with each of the others.
fn every(all: &[SigmaLogic], is_negated: bool) -> Result<Vec<FieldLists>, String> {
    let mut found = vec![FieldLists::new()];
    for one in all {
        let next = expanded(one, is_negated)?;
        let mut both = Vec::new();
        for left in &found {
            for right in &next {
                both.extend(met(left, right)?);
            }
        }
        found = merged(both)?;
    }
    Ok(found)
}

/// Alternatives that differ in one field become one, whose list has the entries of both.
fn merged(all: Vec<FieldLists>) -> Result<Vec<FieldLists>, String> {
    let mut kept: Vec<FieldLists> = Vec::new();
    for mut one in all {
        while let Some((at, paths)) =
            kept.iter().enumerate().find_map(|(at, other)| Some((at, differing(other, &one)?)))
        {
            let mut other = kept.remove(at);
            for path in paths {
                let mut list = other.remove(&path).unwrap_or_default();
                list.extend(
                    one.remove(&path).into_iter().flatten().filter(|entry| !list.contains(entry)).collect::<Vec<_>>(),
                );
                // EventBridge mixes up what follows a wildcard.
                list.sort_by_key(|entry| entry.get("wildcard").is_some());
                one.insert(path, list);
            }
        }
        kept.push(one);
        if kept.len() > MAX_ALTERNATIVES {
            return Err(format!(
                "the condition has more than {MAX_ALTERNATIVES} alternatives, and a pattern has no room for them"
            ));
        }
    }
    Ok(needed(&kept))
}

/// The alternatives without those that add a condition to another one: whatever they match, that one matches.
fn needed(all: &[FieldLists]) -> Vec<FieldLists> {
    let is_part = |part: &FieldLists, whole: &FieldLists| part.iter().all(|(path, list)| whole.get(path) == Some(list));
    let is_needed = |one: &&FieldLists| !all.iter().any(|other| other.len() < one.len() && is_part(other, one));
    all.iter().filter(is_needed).cloned().collect()
}

/// The fields in which two alternatives differ, if it is one at most.
fn differing(a: &FieldLists, b: &FieldLists) -> Option<Vec<String>> {
    if !a.keys().eq(b.keys()) {
        return None;
    }
    let differing = a.iter().filter(|(path, list)| b.get(*path) != Some(list)).map(|(path, _)| path.clone());
    Some(differing.take(2).collect()).filter(|paths: &Vec<String>| paths.len() < 2)
}

/// What both alternatives accept; nothing if they exclude each other.
fn met(a: &FieldLists, b: &FieldLists) -> Result<Option<FieldLists>, String> {
    let mut both = a.clone();
    for (path, right) in b {
        let list = match both.get(path) {
            None => right.clone(),
            Some(left) => match list_of_both(path, left, right)? {
                list if list.is_empty() => return Ok(None),
                list => list,
            },
        };
        both.insert(path.clone(), list);
    }
    Ok(Some(both))
}

fn list_of_both(path: &str, left: &[Value], right: &[Value]) -> Result<Vec<Value>, String> {
    if left == right {
        return Ok(left.to_vec());
    }
    let mut list = Vec::new();
    for a in left {
        for b in right {
            let both = entry_of_both(a, b).ok_or_else(|| {
                format!("two conditions are about `{path}`, and no entry of an event pattern is both {a} and {b}")
            })?;
            list.extend(both.into_iter().filter(|entry| !list.contains(entry)).collect::<Vec<_>>());
        }
    }
    Ok(list)
}

/// What two entries both accept: one entry, or none if they exclude each other. `None` if no entry says it.
fn entry_of_both(a: &Value, b: &Value) -> Option<Vec<Value>> {
    let (absent, present) = (json!({ "exists": false }), json!({ "exists": true }));
    if a == b {
        return Some(vec![a.clone()]);
    }
    if *a == absent || *b == absent {
        return Some(Vec::new());
    }
    if *a == present || *b == present {
        return Some(vec![if *a == present { b } else { a }.clone()]);
    }
    [(a, b), (b, a)].into_iter().find_map(|(one, other)| chosen(one, other)).or_else(|| {
        let (a, b) = (a.get("anything-but")?, b.get("anything-but")?);
        denied(a, b).map(|both| vec![json!({ "anything-but": both })])
    })
}

/// One text, number, or boolean, and whether the other entry accepts it.
fn chosen(one: &Value, other: &Value) -> Option<Vec<Value>> {
    let in_any_case = one.get("equals-ignore-case");
    let value = match (one, in_any_case) {
        (Value::Object(_), None) => return None,
        // The other must not tell apart what this one does not.
        (Value::Object(_), Some(text)) => Some(text).filter(|_| is_caseless(other))?,
        (value, _) => value,
    };
    let pattern = Pattern::from_value(&json!({ "field": [other] })).ok()?;
    let verdict = pattern.matches_value(&json!({ "field": value })).ok()?;
    Some(if verdict == Verdict::Matches { vec![one.clone()] } else { Vec::new() })
}

/// Whether an entry does not tell uppercase from lowercase letters.
fn is_caseless(entry: &Value) -> bool {
    match entry {
        Value::String(text) => !has_cases(text),
        Value::Object(fields) => {
            fields.iter().all(|(operator, inner)| operator == "equals-ignore-case" || is_caseless(inner))
        }
        Value::Array(entries) => entries.iter().all(is_caseless),
        _ => true,
    }
}

/// What neither of two denials accepts.
fn denied(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            Some(Value::Array(a.iter().chain(b.iter().filter(|one| !a.contains(one))).cloned().collect()))
        }
        (Value::Object(a), Value::Object(b)) => {
            let ((operator, a), (_, b)) =
                (a.iter().next()?, b.iter().next().filter(|(other, _)| a.contains_key(*other))?);
            Some(json!({ operator: denied(a, b)? }))
        }
        // Texts without letters are the same in any case.
        (Value::Object(fields), Value::Array(texts)) | (Value::Array(texts), Value::Object(fields)) => {
            let others = fields.get("equals-ignore-case").and_then(Value::as_array)?;
            let are_caseless = texts.iter().all(|text| text.is_string() && is_caseless(text));
            are_caseless.then(|| json!({ "equals-ignore-case": ([others.as_slice(), texts].concat()) }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_entries_become_one_that_is_both() {
        let absent = json!({ "exists": false });
        let cases: &[(Value, Value, Option<Value>)] = &[
            (json!("a"), json!({ "prefix": "a" }), Some(json!("a"))),
            (json!("b"), json!({ "prefix": "a" }), None),
            (json!("a"), json!({ "anything-but": ["a"] }), None),
            (json!("a"), absent.clone(), None),
            (json!({ "exists": true }), json!({ "prefix": "a" }), Some(json!({ "prefix": "a" }))),
            (
                json!({ "equals-ignore-case": "Ab" }),
                json!({ "prefix": { "equals-ignore-case": "a" } }),
                Some(json!({ "equals-ignore-case": "Ab" })),
            ),
            (json!({ "equals-ignore-case": "Ab" }), json!({ "anything-but": { "equals-ignore-case": ["aB"] } }), None),
            (
                json!({ "anything-but": ["1"] }),
                json!({ "anything-but": ["2"] }),
                Some(json!({ "anything-but": ["1", "2"] })),
            ),
            (
                json!({ "anything-but": { "wildcard": ["*1"] } }),
                json!({ "anything-but": { "wildcard": ["*2"] } }),
                Some(json!({ "anything-but": { "wildcard": ["*1", "*2"] } })),
            ),
            (
                json!({ "anything-but": { "equals-ignore-case": ["x"] } }),
                json!({ "anything-but": ["2"] }),
                Some(json!({ "anything-but": { "equals-ignore-case": ["x", "2"] } })),
            ),
            (Value::Null, json!("a"), None),
        ];
        for (a, b, expected) in cases {
            assert_eq!(entry_of_both(a, b), Some(expected.iter().cloned().collect()), "{a} {b}");
            assert_eq!(entry_of_both(b, a).map(|both| both.len()), Some(expected.iter().len()), "{b} {a}");
        }
        for (a, b) in [
            (json!({ "prefix": "a" }), json!({ "suffix": "b" })),
            (json!({ "equals-ignore-case": "a" }), json!({ "prefix": "A" })),
            (json!({ "anything-but": ["a"] }), json!({ "anything-but": { "prefix": ["b"] } })),
            (json!({ "cidr": "10.0.0.0/8" }), json!({ "cidr": "10.1.0.0/16" })),
        ] {
            assert_eq!(entry_of_both(&a, &b), None, "{a} {b}");
        }
    }

    #[test]
    fn alternatives_that_differ_in_one_field_become_one() {
        let one = |name: &str, kind: &str| -> FieldLists {
            [("a".to_owned(), vec![json!(name)]), ("b".to_owned(), vec![json!(kind)])].into()
        };
        let found = merged(vec![one("1", "x"), one("2", "x"), one("1", "x"), one("3", "y")]).expect("few");
        let both: FieldLists =
            [("a".to_owned(), vec![json!("1"), json!("2")]), ("b".to_owned(), vec![json!("x")])].into();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0]["a"].len() + found[1]["a"].len(), 3);
        assert!(found.contains(&both) || found.iter().any(|one| one["a"].len() == 2));
        assert!(merged((0..100).map(|n| one(&n.to_string(), &n.to_string())).collect()).is_err());
    }
}
