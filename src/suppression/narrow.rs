//! An event pattern that leaves suppressed events out, exactly, or why there is none.
//!
//! *Not (a and b)* is *not a, or not b*: a suppression of several fields becomes an `$or`, and several suppressions multiply.
//! A pattern is taken apart into its branches, each a field with its list; every branch gets every combination; what all have in
//! common is written once and the rest as one `$or`. No field is named twice on a branch, because the later one would replace
//! the earlier one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::denied::Denied;
use super::{SuppressedField, SuppressionRule};
use crate::pattern::{Pattern, PatternError};

/// So many branches EventBridge's engine is trusted with; see `pattern`.
const MOST_BRANCHES: usize = 1_000;

/// A pattern with its suppressions.
#[derive(Clone, Debug, PartialEq)]
pub enum Narrowed {
    /// It matches fewer events.
    To(Value),
    /// The suppressions leave out nothing that it matches.
    Unchanged,
    /// They leave out everything that it matches.
    Nothing,
}

/// Why a pattern cannot be narrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotNarrowed {
    /// The field, below `detail`, where one is to blame.
    pub field: Option<String>,
    /// What is wrong.
    pub what: String,
}

impl NotNarrowed {
    fn new(what: impl Into<String>) -> Self {
        Self { field: None, what: what.into() }
    }
}

/// A branch: what is asked of each field.
type Asked = BTreeMap<String, Vec<Value>>;

/// The pattern without the events that one of the rules holds for.
///
/// # Errors
/// There is no pattern that matches exactly these events, or EventBridge would not take it.
pub fn narrow(pattern: &Value, rules: &[SuppressionRule]) -> Result<Narrowed, NotNarrowed> {
    let read = Pattern::from_value(pattern).map_err(|error| NotNarrowed::new(error.to_string()))?;
    let before = simplified(read.branches().map(asked).collect());
    let combinations = combinations(rules)?;
    let count = before.len().saturating_mul(combinations.len());
    if count > MOST_BRANCHES {
        return Err(too_many(count));
    }
    let mut after = Vec::new();
    for branch in &before {
        for denials in &combinations {
            after.extend(without(branch, denials)?);
        }
    }
    let after = simplified(after);
    if after.is_empty() {
        return Ok(Narrowed::Nothing);
    }
    if after == before {
        return Ok(Narrowed::Unchanged);
    }
    let base = if read.alternatives().next().is_none() { pattern.clone() } else { json!({}) };
    let written = written(base, &after);
    match Pattern::from_value(&written) {
        Ok(_) => Ok(Narrowed::To(written)),
        Err(
            PatternError::Invalid { message, .. }
            | PatternError::Unsupported { message, .. }
            | PatternError::Event { message },
        ) => Err(NotNarrowed::new(format!("EventBridge would reject the pattern: {message}"))),
    }
}

fn too_many(count: usize) -> NotNarrowed {
    NotNarrowed::new(format!("the suppressions have {count} combinations, and a pattern can have {MOST_BRANCHES}"))
}

fn asked(branch: crate::pattern::Branch<'_>) -> Asked {
    // What was read as a list of JSON is one.
    let list = |text: &str| serde_json::from_str(text).unwrap_or_default();
    branch.demands().map(|demand| (demand.path().to_owned(), list(demand.wanted()))).collect()
}

/// Every way to choose one field of each rule: that field is not as the rule says.
fn combinations<'r>(rules: &'r [SuppressionRule]) -> Result<Vec<BTreeMap<&'r str, Denied>>, NotNarrowed> {
    let mut all = vec![BTreeMap::new()];
    for rule in rules {
        let count = all.len().saturating_mul(rule.fields.len());
        if count > MOST_BRANCHES {
            return Err(too_many(count));
        }
        let with = |(denials, field): (&BTreeMap<&'r str, Denied>, &'r SuppressedField)| {
            let mut denials = denials.clone();
            denials.entry(field.path.as_str()).or_default().add(&field.any);
            denials
        };
        let pairs = all.iter().flat_map(|denials| rule.fields.iter().map(move |field| (denials, field)));
        all = widest(pairs.map(with).collect());
    }
    Ok(all)
}

/// The combinations without those that another one, which denies less, includes.
fn widest(combinations: Vec<BTreeMap<&str, Denied>>) -> Vec<BTreeMap<&str, Denied>> {
    let includes = |wide: &BTreeMap<&str, Denied>, narrow: &BTreeMap<&str, Denied>| {
        wide.iter().all(|(path, denied)| narrow.get(path).is_some_and(|more| denied.is_part_of(more)))
    };
    maximal(combinations, includes)
}

/// All that no other one includes, each once.
fn maximal<T>(all: Vec<T>, includes: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        if !kept.iter().any(|other| includes(other, &one)) {
            kept.retain(|other| !includes(&one, other));
            kept.push(one);
        }
    }
    kept
}

/// A branch without what is denied; nothing where no event is left.
fn without(branch: &Asked, denials: &BTreeMap<&str, Denied>) -> Result<Option<Asked>, NotNarrowed> {
    let mut left = branch.clone();
    for (path, denied) in denials {
        let field = format!("detail.{path}");
        let list = match branch.get(&field) {
            Some(list) => denied.left_of(list),
            None => denied.list(),
        };
        let list = list.map_err(|what| NotNarrowed { field: Some((*path).to_owned()), what })?;
        if list.is_empty() {
            return Ok(None);
        }
        left.insert(field, list);
    }
    Ok(Some(left))
}

/// The branches without those that another one includes.
fn simplified(branches: Vec<Asked>) -> Vec<Asked> {
    maximal(branches, |wide, narrow| wide.iter().all(|(path, list)| narrow.get(path) == Some(list)))
}

/// The branches as a pattern; `base` is a pattern without `$or` whose other fields stay as they are.
fn written(mut base: Value, branches: &[Asked]) -> Value {
    let paths: Vec<&String> = branches.iter().flat_map(Asked::keys).collect();
    let mut differing: Vec<&str> = Vec::new();
    for path in paths {
        let is_common = branches.iter().all(|branch| branch.get(path) == branches[0].get(path));
        if is_common {
            put(&mut base, path, branches[0].get(path));
        } else if !differing.contains(&path.as_str()) {
            put(&mut base, path, None);
            differing.push(path);
        }
    }
    if differing.is_empty() {
        return base;
    }
    let place = shared_object(&differing);
    let branch = |branch: &Asked| {
        let mut one = json!({});
        for path in &differing {
            if let Some(list) = branch.get(*path) {
                put(&mut one, path[place.len()..].trim_start_matches('.'), Some(list));
            }
        }
        one
    };
    let all: Vec<Value> = branches.iter().map(branch).collect();
    let place = if place.is_empty() { "$or".to_owned() } else { format!("{place}.$or") };
    put(&mut base, &place, Some(&all));
    base
}

/// The path of the innermost object that all fields are in.
fn shared_object(paths: &[&str]) -> String {
    let objects = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut shared = objects(paths[0]);
    shared.pop();
    for path in paths {
        let mut other = objects(path);
        other.pop();
        let same = shared.iter().zip(&other).take_while(|(a, b)| a == b).count();
        shared.truncate(same);
    }
    shared.join(".")
}

/// Sets the list at a dotted path, or removes it and the objects that are empty then.
fn put(value: &mut Value, path: &str, list: Option<&Vec<Value>>) {
    let Value::Object(fields) = value else { return };
    // A name with dots in it is one and the same path.
    let known = fields
        .keys()
        .find(|name| path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    let name = known.cloned().unwrap_or_else(|| path.split('.').next().unwrap_or_default().to_owned());
    let rest = path[name.len()..].trim_start_matches('.').to_owned();
    if rest.is_empty() {
        match list {
            Some(list) => drop(fields.insert(name, json!(list))),
            None => drop(fields.shift_remove(&name)),
        }
        return;
    }
    if list.is_none() && !fields.contains_key(&name) {
        return;
    }
    let inner = fields.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
    put(inner, &rest, list);
    if inner.as_object().is_some_and(Map::is_empty) {
        fields.shift_remove(&name);
    }
}
