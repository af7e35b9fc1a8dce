//! Reading a pattern's structure: nested fields become dotted paths, every `$or` multiplies the ways to match.
//!
//! A field named again on the same way replaces the earlier one, as in AWS's own reading. The ways are written out
//! rather than searched lazily, since replacement and array consistency look at a whole way; their number is bounded.
//! Neighbours: `leaf` reads what stands in a field's list; `matches` evaluates the result.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::test::Test;
use super::{Leaf, MAX_DEPTH, Pattern, PatternError, leaf};

/// How many ways through its `$or`s a pattern may have; each is kept and tried.
const MAX_WAYS: usize = 1_000;

/// No pattern within `PutRule`'s 4,096 characters names more fields.
const MAX_FIELDS: usize = 1_000;

/// Names that mean an operator, so AWS does not allow them as fields inside `$or`.
const RESERVED: [&str; 15] = [
    "exactly",
    "prefix",
    "suffix",
    "equals-ignore-case",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
];

/// Reads an event pattern.
///
/// A [`Value`] has lost duplicate keys and number spellings; text that may hold them goes through [`super::read`].
///
/// # Errors
/// [`PatternError::Invalid`] when AWS refuses the pattern, [`PatternError::Unsupported`] when this version cannot
/// evaluate it.
pub fn parse(pattern: &Value) -> Result<Pattern, PatternError> {
    let Value::Object(fields) = pattern else {
        return Err(PatternError::invalid("Filter is not an object"));
    };
    let mut reader = Reader { leaves: Vec::new(), ways: vec![Vec::new()] };
    reader.object(fields, &Place { path: String::new(), top: true, depth: 0, in_or: false })?;
    refuse_uneven(&reader.leaves)?;
    Ok(reader.finish())
}

/// Where the reader stands.
struct Place {
    path: String,
    /// No field was entered yet; an empty path alone does not say so, since a field may be named "".
    top: bool,
    /// Fields and `$or`s entered: both nest, so both count.
    depth: usize,
    in_or: bool,
}

impl Place {
    fn field(&self, name: &str) -> Result<Self, PatternError> {
        let path = if self.top { name.to_owned() } else { format!("{}.{name}", self.path) };
        self.deeper(path, false, self.in_or)
    }

    fn or(&self) -> Result<Self, PatternError> {
        self.deeper(self.path.clone(), self.top, true)
    }

    fn deeper(&self, path: String, top: bool, in_or: bool) -> Result<Self, PatternError> {
        if self.depth == MAX_DEPTH {
            return Err(PatternError::unsupported(format!("nested more than {MAX_DEPTH} deep")));
        }
        Ok(Self { path, top, depth: self.depth + 1, in_or })
    }
}

struct Reader {
    leaves: Vec<Leaf>,
    ways: Vec<Vec<usize>>,
}

impl Reader {
    fn object(&mut self, fields: &Map<String, Value>, place: &Place) -> Result<(), PatternError> {
        if fields.is_empty() {
            return Err(PatternError::invalid("Empty objects are not allowed").at(&place.path));
        }
        for (name, value) in fields {
            if name == "$or" {
                self.or(value, place)?;
            } else {
                self.field(name, value, place)?;
            }
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: &Value, place: &Place) -> Result<(), PatternError> {
        let here = place.field(name)?;
        check_name(name, place)?;
        match value {
            Value::Object(fields) => self.object(fields, &here),
            Value::Array(list) => self.leaf(list, value, here.path),
            _ => Err(PatternError::invalid(format!("\"{name}\" must be an object or an array")).at(&here.path)),
        }
    }

    fn leaf(&mut self, list: &[Value], value: &Value, path: String) -> Result<(), PatternError> {
        if self.leaves.len() == MAX_FIELDS {
            return Err(PatternError::unsupported(format!("more than {MAX_FIELDS} fields")));
        }
        let tests = leaf::read_list(list).map_err(|error| error.at(&path))?;
        for way in &mut self.ways {
            way.retain(|&earlier| self.leaves[earlier].path != path);
            way.push(self.leaves.len());
        }
        // Only after the list was read: a valid list is shallow, so writing it out cannot overflow the stack.
        self.leaves.push(Leaf { path, tests, wanted: value.to_string() });
        Ok(())
    }

    fn or(&mut self, value: &Value, place: &Place) -> Result<(), PatternError> {
        let branches = or_branches(value).map_err(|error| error.at(&place.path))?;
        let inside = place.or()?;
        let before = std::mem::take(&mut self.ways);
        let mut after = Vec::new();
        for branch in branches {
            self.ways.clone_from(&before);
            self.object(branch, &inside)?;
            after.append(&mut self.ways);
            if after.len() > MAX_WAYS {
                return Err(PatternError::unsupported(format!("more than {MAX_WAYS} combinations of $or")));
            }
        }
        self.ways = after;
        Ok(())
    }

    fn finish(mut self) -> Pattern {
        let path = |leaf: usize| self.leaves[leaf].path.as_str();
        for way in &mut self.ways {
            way.sort_by(|&a, &b| utf16_order(path(a), path(b)));
        }
        Pattern { leaves: self.leaves, rules: self.ways }
    }
}

/// AWS keeps all of a field's expressions in one automaton, and there a wildcard beside a letter like the Kelvin sign
/// is known to change each other's results.
fn refuse_uneven(leaves: &[Leaf]) -> Result<(), PatternError> {
    let has = |kind: fn(&Test) -> bool| leaves.iter().filter(move |leaf| leaf.tests.iter().any(kind));
    let uneven: HashSet<&str> = has(Test::has_uneven_case).map(|leaf| leaf.path.as_str()).collect();
    match has(Test::has_wildcard).find(|leaf| uneven.contains(leaf.path.as_str())) {
        Some(leaf) => {
            let message = "a wildcard beside equals-ignore-case with a letter outside ASCII";
            Err(PatternError::unsupported(message).at(&leaf.path))
        }
        None => Ok(()),
    }
}

/// AWS sorts paths by UTF-16 unit, which differs from byte order above the basic plane.
fn utf16_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

fn check_name(name: &str, place: &Place) -> Result<(), PatternError> {
    if place.in_or && RESERVED.contains(&name) {
        let message = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
        return Err(PatternError::invalid(message).at(&place.path));
    }
    Ok(())
}

fn or_branches(value: &Value) -> Result<Vec<&Map<String, Value>>, PatternError> {
    let Value::Array(list) = value else {
        return Err(PatternError::invalid("It must be an Array followed with $or."));
    };
    let only_objects = || PatternError::invalid("Only JSON object is allowed in array of $or relationship.");
    let branches: Vec<_> = list.iter().map(|v| v.as_object().ok_or_else(only_objects)).collect::<Result<_, _>>()?;
    if branches.len() < 2 {
        return Err(PatternError::invalid("There must have at least 2 Objects in $or relationship."));
    }
    Ok(branches)
}
