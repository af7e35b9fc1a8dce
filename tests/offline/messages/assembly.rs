//! From fields by path to an event.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::rng::Random;

/// A field of the event in the making.
pub struct Field {
    pub value: Option<Value>,
    /// Whether the event would be another one, or break a promise, without it.
    pub is_needed: bool,
}

/// The event of these fields, in which objects of which nothing is needed are missing or null now and then.
pub fn assembled(fields: &BTreeMap<String, Field>, random: &mut Random) -> Value {
    let mut event = json!({"detail": {}});
    let needed: Vec<&str> = fields.iter().filter(|(_, field)| field.is_needed).map(|(path, _)| path.as_str()).collect();
    let parents: BTreeSet<&str> = fields.keys().flat_map(|path| parents(path)).collect();
    let is_below = |path: &str, parent: &str| path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'));
    let mut gone = Vec::new();
    for parent in parents.into_iter().filter(|parent| *parent != "detail") {
        if !needed.iter().any(|path| is_below(path, parent)) && random.once_in(8) {
            gone.push(parent);
            if random.once_in(2) {
                put(&mut event, parent, Value::Null);
            }
        }
    }
    for (path, field) in fields {
        if let (Some(value), false) = (&field.value, gone.iter().any(|parent| is_below(path, parent))) {
            put(&mut event, path, value.clone());
        }
    }
    event
}
/// The paths a path lies below.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('.').map(|(at, _)| &path[..at])
}

/// Puts a value at a path, unless something else than an object is on the way; `items[0]` is a list of one.
pub fn put(event: &mut Value, path: &str, value: Value) {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = event;
    for step in parent.split('.').filter(|step| !step.is_empty()) {
        let Some(object) = at.as_object_mut() else { return };
        at = match step.strip_suffix("[0]") {
            Some(step) => match object.entry(step).or_insert_with(|| json!([{}])).get_mut(0) {
                Some(first) => first,
                None => return,
            },
            None => object.entry(step).or_insert_with(|| Map::new().into()),
        };
    }
    if let Some(object) = at.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
