//! Matching an event: collecting the values at the pattern's paths and keeping array elements apart.
//!
//! Fields of a pattern that go through the same array must be found in one and the same element of it. A binding
//! says which element of which array was used so far; field by field the set of possible bindings is carried on, so
//! the work grows with the number of distinct bindings and not with the number of combinations. A budget bounds it.
//! Neighbours: `parse` made the pattern, `test` compares single values.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::test::Test;
use super::{Leaf, MAX_DEPTH, Mismatch, Pattern, PatternError, Verdict};

/// How many (binding, value) pairs one event may cost; each is a short comparison.
const BUDGET: usize = 10_000_000;

/// How many bindings may be open at once; each takes memory.
const MAX_BINDINGS: usize = 100_000;

/// Array number and element number, ascending by array.
type Binding = Vec<(usize, usize)>;

/// A value found at a path, and through which array elements.
struct Found<'e> {
    value: &'e Value,
    through: Binding,
}

/// The values at one leaf's path, and which of them its tests accept.
struct Candidates<'e> {
    found: Vec<Found<'e>>,
    accepted: Vec<bool>,
    /// The arrays any of the values lies in.
    arrays: BTreeSet<usize>,
}

pub(super) fn run(pattern: &Pattern, event: &Value) -> Result<Verdict, PatternError> {
    let Value::Object(fields) = event else {
        return Err(PatternError::Event { message: "not a JSON object".to_owned() });
    };
    let candidates = candidates(pattern, fields)?;
    let mut budget = BUDGET;
    let mut furthest: Option<(usize, usize)> = None;
    for rule in &pattern.rules {
        match first_failure(pattern, rule, &candidates, &mut budget)? {
            None => return Ok(Verdict::Matches),
            Some(step) if furthest.is_none_or(|(best, _)| step > best) => furthest = Some((step, rule[step])),
            Some(_) => {}
        }
    }
    // A parsed pattern has at least one rule and a rule at least one leaf.
    let leaf = furthest.map_or(0, |(_, leaf)| leaf);
    Ok(Verdict::DoesNot(mismatch(&pattern.leaves[leaf], &candidates[leaf])))
}

/// For every leaf, in order, the values at its path.
fn candidates<'e>(pattern: &Pattern, event: &'e Map<String, Value>) -> Result<Vec<Candidates<'e>>, PatternError> {
    let mut walk = Walk::new(&pattern.leaves);
    walk.object(event)?;
    let mut all = Vec::with_capacity(pattern.leaves.len());
    for leaf in &pattern.leaves {
        // Two leaves may share a path on different ways through `$or`, so the values are copied, not taken.
        let found = walk.found.get(leaf.path.as_str()).map(|found| found.iter().map(Found::copy).collect());
        all.push(judge(leaf, found.unwrap_or_default())?);
    }
    Ok(all)
}

fn judge<'e>(leaf: &Leaf, found: Vec<Found<'e>>) -> Result<Candidates<'e>, PatternError> {
    let accepts = |one: &Found| any_accepts(&leaf.tests, one.value).map_err(|error| error.at(&leaf.path));
    let accepted = found.iter().map(accepts).collect::<Result<_, _>>()?;
    let arrays = found.iter().flat_map(|one| one.through.iter().map(|&(array, _)| array)).collect();
    Ok(Candidates { found, accepted, arrays })
}

fn any_accepts(tests: &[Test], value: &Value) -> Result<bool, PatternError> {
    for test in tests {
        if test.accepts(value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Found<'_> {
    fn copy(&self) -> Self {
        Self { value: self.value, through: self.through.clone() }
    }
}

/// The walk through an event.
struct Walk<'p, 'e> {
    found: HashMap<&'p str, Vec<Found<'e>>>,
    path: String,
    depth: usize,
    /// How many fields the path has; an empty path may also be a field named "".
    fields: usize,
    arrays: usize,
    through: Binding,
}

impl<'p, 'e> Walk<'p, 'e> {
    fn new(leaves: &'p [Leaf]) -> Self {
        Self {
            found: leaves.iter().map(|leaf| (leaf.path.as_str(), Vec::new())).collect(),
            path: String::new(),
            depth: 0,
            fields: 0,
            arrays: 0,
            through: Vec::new(),
        }
    }

    fn object(&mut self, object: &'e Map<String, Value>) -> Result<(), PatternError> {
        let length = self.path.len();
        for (name, value) in object {
            if self.fields > 0 {
                self.path.push('.');
            }
            self.path.push_str(name);
            self.fields += 1;
            self.value(value)?;
            self.fields -= 1;
            self.path.truncate(length);
        }
        Ok(())
    }

    fn value(&mut self, value: &'e Value) -> Result<(), PatternError> {
        if self.depth == MAX_DEPTH {
            return Err(PatternError::unsupported(format!("an event nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        match value {
            Value::Object(object) => self.object(object)?,
            Value::Array(list) => self.array(list)?,
            scalar => self.scalar(scalar),
        }
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self, list: &'e [Value]) -> Result<(), PatternError> {
        let array = self.arrays;
        self.arrays += 1;
        for (at, value) in list.iter().enumerate() {
            // A plain value binds no element: `a` beside `a.b` may take them from different ones.
            let binds = value.is_object() || value.is_array();
            self.through.extend(binds.then_some((array, at)));
            self.value(value)?;
            if binds {
                self.through.pop();
            }
        }
        Ok(())
    }

    fn scalar(&mut self, value: &'e Value) {
        if let Some(found) = self.found.get_mut(self.path.as_str()) {
            found.push(Found { value, through: self.through.clone() });
        }
    }
}

/// The first step of the rule nothing can satisfy, or `None` when the rule matches.
fn first_failure(
    pattern: &Pattern,
    rule: &[usize],
    candidates: &[Candidates],
    budget: &mut usize,
) -> Result<Option<usize>, PatternError> {
    let mut bindings = BTreeSet::from([Binding::new()]);
    for (step, &leaf) in rule.iter().enumerate() {
        spend(budget, bindings.len().saturating_mul(candidates[leaf].found.len() + 1))?;
        let absent_fits = pattern.leaves[leaf].tests.iter().any(|test| matches!(test, Test::Exists(false)));
        bindings = extend_all(&bindings, &candidates[leaf], absent_fits)?;
        if bindings.is_empty() {
            return Ok(Some(step));
        }
        if bindings.iter().any(|binding| !binding.is_empty()) {
            bindings = forget(bindings, &rule[step + 1..], candidates, budget)?;
        }
    }
    Ok(None)
}

fn spend(budget: &mut usize, cost: usize) -> Result<(), PatternError> {
    *budget = budget.checked_sub(cost).ok_or_else(too_costly)?;
    Ok(())
}

fn too_costly() -> PatternError {
    PatternError::unsupported("too many combinations of array elements")
}

/// The bindings without the arrays no later leaf goes through: most then become equal.
fn forget(
    bindings: BTreeSet<Binding>,
    later: &[usize],
    candidates: &[Candidates],
    budget: &mut usize,
) -> Result<BTreeSet<Binding>, PatternError> {
    let later = || later.iter().map(|&leaf| &candidates[leaf].arrays);
    let needed = |array: usize| later().any(|arrays| arrays.contains(&array));
    let arrays: BTreeSet<usize> = bindings.iter().flatten().map(|&(array, _)| array).collect();
    spend(budget, arrays.len().saturating_mul(later().count()))?;
    let kept: BTreeSet<usize> = arrays.into_iter().filter(|&array| needed(array)).collect();
    let keep = |mut binding: Binding| {
        binding.retain(|(array, _)| kept.contains(array));
        binding
    };
    Ok(bindings.into_iter().map(keep).collect())
}

fn extend_all(
    bindings: &BTreeSet<Binding>,
    candidates: &Candidates,
    absent_fits: bool,
) -> Result<BTreeSet<Binding>, PatternError> {
    let mut next = BTreeSet::new();
    for binding in bindings {
        next.extend(extend(binding, candidates, absent_fits));
        if next.len() > MAX_BINDINGS {
            return Err(too_costly());
        }
    }
    Ok(next)
}

/// Every binding that satisfies the leaf and agrees with `binding`.
fn extend(binding: &Binding, candidates: &Candidates, absent_fits: bool) -> Vec<Binding> {
    let mut next = Vec::new();
    let mut present = false;
    for (found, accepted) in candidates.found.iter().zip(&candidates.accepted) {
        if !agree(binding, &found.through) {
            continue;
        }
        present = true;
        if *accepted {
            next.push(merge(binding, &found.through));
        }
    }
    if absent_fits && !present {
        next.push(binding.clone());
    }
    next
}

/// Whether the two name the same element of every array both name.
fn agree(a: &[(usize, usize)], b: &[(usize, usize)]) -> bool {
    b.iter().all(|&(array, element)| {
        let at = a.binary_search_by_key(&array, |&(array, _)| array);
        at.is_ok_and(|at| a[at].1 == element) || at.is_err()
    })
}

/// Both bindings, which agree, in one.
fn merge(a: &[(usize, usize)], b: &[(usize, usize)]) -> Binding {
    let both: BTreeSet<_> = a.iter().chain(b).copied().collect();
    both.into_iter().collect()
}

fn mismatch(leaf: &Leaf, candidates: &Candidates) -> Mismatch {
    let texts: Vec<String> = candidates.found.iter().map(|found| found.value.to_string()).collect();
    let found = match texts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("[{}]", many.join(","))),
    };
    Mismatch {
        field: leaf.path.clone(),
        wanted: leaf.wanted.clone(),
        found,
        other_element: candidates.accepted.contains(&true),
    }
}
