//! Reading a pattern's structure: nested fields become dotted paths, every `$or` multiplies the branches.
//!
//! A field named again on the same branch replaces the earlier one, as in AWS's own reading. The branches are written out
//! rather than searched lazily, since replacement and array consistency look at a whole branch; their number is bounded.
//! Neighbors: `leaf` reads what is in a field's list; `matches` evaluates the result.

use std::cmp::Ordering;

use super::leaf::whole;
use super::paths::Paths;
use super::{Leaf, Pattern, PatternError, leaf};
use crate::json::{Json, Mistake};

/// How many branches a pattern may have through its `$or`s; each is kept and tried.
const MAX_BRANCHES: usize = 1_000;

/// How many fields all branches together may name, which bounds the work of reading.
const MAX_ENTRIES: usize = 100_000;

/// No pattern within the service's quota names more fields.
const MAX_FIELDS: usize = 5_000;

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

/// Reads a pattern; text that is not JSON at some place is judged up to there.
pub(super) fn parse(pattern: &Json) -> Result<Pattern, PatternError> {
    let fields = match pattern {
        Json::Object(fields) => fields,
        Json::Broken(error) if error.trouble != Mistake::Empty => {
            return Err(PatternError::invalid(error.message.clone()));
        }
        _ => return Err(PatternError::invalid("Filter is not an object")),
    };
    let mut reader = PatternReader::default();
    reader.branches.push(Vec::new());
    reader.object(fields, &Position { path: String::new(), top: true, in_or: false })?;
    Ok(reader.finish())
}

/// Where the reader is.
struct Position {
    path: String,
    /// No field was entered yet; an empty path alone does not say so, since a field may be named "".
    top: bool,
    in_or: bool,
}

impl Position {
    fn field(&self, name: &str) -> Self {
        let path = if self.top { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, top: false, in_or: self.in_or }
    }

    fn or(&self) -> Self {
        Self { path: self.path.clone(), top: self.top, in_or: true }
    }
}

#[derive(Default)]
struct PatternReader {
    leaves: Vec<Leaf>,
    branches: Vec<Vec<usize>>,
    alternatives: Vec<String>,
    paths: Paths,
}

impl PatternReader {
    fn object(&mut self, fields: &[(String, Json)], place: &Position) -> Result<(), PatternError> {
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

    fn field(&mut self, name: &str, value: &Json, place: &Position) -> Result<(), PatternError> {
        check_name(name, place)?;
        let here = place.field(name);
        match whole(value)? {
            Json::Object(fields) => self.object(fields, &here),
            Json::Array(list) => self.leaf(list, value, here.path),
            _ => Err(PatternError::invalid(format!("\"{name}\" must be an object or an array")).at(&here.path)),
        }
    }

    fn leaf(&mut self, list: &[Json], value: &Json, path: String) -> Result<(), PatternError> {
        if self.leaves.len() == MAX_FIELDS {
            return Err(PatternError::unsupported(format!("more than {MAX_FIELDS} fields")));
        }
        let tests = leaf::read_list(list).map_err(|error| error.at(&path))?;
        let known = self.paths.count();
        let field = self.paths.add(&path);
        for branch in &mut self.branches {
            if field < known {
                branch.retain(|&earlier| self.leaves[earlier].field != field);
            }
            branch.push(self.leaves.len());
        }
        self.leaves.push(Leaf { path, field, tests, wanted: value.to_string() });
        self.bounded()
    }

    /// AWS's engine multiplies the fixes, too, and takes seconds where this refuses.
    fn bounded(&self) -> Result<(), PatternError> {
        let entries: usize = self.branches.iter().map(Vec::len).sum();
        if self.branches.len() <= MAX_BRANCHES && entries <= MAX_ENTRIES {
            return Ok(());
        }
        let message =
            format!("Rule is too complex - its $or lists give more than {MAX_BRANCHES} combinations of fields");
        Err(PatternError::invalid(message))
    }

    fn or(&mut self, value: &Json, place: &Position) -> Result<(), PatternError> {
        let Json::Array(branches) = whole(value)? else {
            return Err(PatternError::invalid("It must be an Array followed with $or.").at(&place.path));
        };
        let inside = place.or();
        let before = std::mem::take(&mut self.branches);
        let mut after = Vec::new();
        for branch in branches {
            let Json::Object(fields) = whole(branch)? else {
                let message = "Only JSON object is allowed in array of $or relationship.";
                return Err(PatternError::invalid(message).at(&place.path));
            };
            self.branches.clone_from(&before);
            self.object(fields, &inside)?;
            after.append(&mut self.branches);
            if after.len() > MAX_BRANCHES {
                break;
            }
        }
        if branches.len() < 2 {
            let message = "There must have at least 2 Objects in $or relationship.";
            return Err(PatternError::invalid(message).at(&place.path));
        }
        self.branches = after;
        self.alternatives.push(place.path.clone());
        self.bounded()
    }

    fn finish(mut self) -> Pattern {
        let path = |leaf: usize| self.leaves[leaf].path.as_str();
        for branch in &mut self.branches {
            branch.sort_by(|&a, &b| utf16_order(path(a), path(b)));
        }
        Pattern { leaves: self.leaves, branches: self.branches, alternatives: self.alternatives, paths: self.paths }
    }
}

/// AWS sorts paths by UTF-16 unit, which differs from byte order above the basic plane.
fn utf16_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

fn check_name(name: &str, place: &Position) -> Result<(), PatternError> {
    if place.in_or && RESERVED.contains(&name) {
        let message = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
        return Err(PatternError::invalid(message).at(&place.path));
    }
    Ok(())
}
