//! Matching an event: collecting the values at the pattern's paths and keeping array elements apart.
//!
//! Fields of a pattern that go through the same array must be found in one and the same element of it. A binding says
//! which element of which array was used so far; field by field the set of possible bindings is carried on, so the
//! work grows with the number of distinct bindings and not with the number of combinations. A budget bounds it.
//! Neighbors: `parse` made the pattern, `test` compares single values.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{PathNode, Paths};
use super::test::{Scalar, any_accepts};
use super::{Leaf, Mismatch, Pattern, PatternError, Verdict};
use crate::json::{Json, MAX_DEPTH};

/// How many (binding, value) pairs one event may cost; each is a short comparison.
const BUDGET: usize = 2_000_000;

/// How many bindings may be open at once; each takes memory.
const MAX_BINDINGS: usize = 100_000;

/// Array number and element number, ascending by array.
type Binding = Vec<(usize, usize)>;

/// A value found at a path, and through which array elements.
struct FoundValue<'e> {
    value: &'e Json,
    through: Binding,
}

/// The values at one leaf's path, and which of them its tests accept.
struct Candidates<'f, 'e> {
    found: &'f [FoundValue<'e>],
    accepted: Vec<bool>,
    places: Places,
    absence_fits: bool,
}

/// Which values are in which element of their outermost array.
#[derive(Default)]
struct Places {
    /// Values outside of any array.
    free: Vec<usize>,
    by_array: BTreeMap<usize, BTreeMap<usize, Vec<usize>>>,
    /// The arrays any of the values is in.
    arrays: BTreeSet<usize>,
}

pub(super) fn run(pattern: &Pattern, event: &Json) -> Result<Verdict, PatternError> {
    let Json::Object(_) = event else {
        return Err(PatternError::event("Event must be a JSON object"));
    };
    let mut walk = Matching::new(&pattern.paths);
    walk.value(event, 0)?;
    let candidates: Vec<Candidates> = pattern.leaves.iter().map(|leaf| judge(leaf, &walk.found[leaf.field])).collect();
    let mut budget = BUDGET;
    let mut furthest: Option<(usize, usize)> = None;
    for branch in &pattern.branches {
        match first_failure(branch, &candidates, &mut budget)? {
            None => return Ok(Verdict::Matches),
            Some(step) if furthest.is_none_or(|(best, _)| step > best) => furthest = Some((step, branch[step])),
            Some(_) => {}
        }
    }
    // A parsed pattern has at least one branch and a branch at least one leaf.
    let leaf = furthest.map_or(0, |(_, leaf)| leaf);
    Ok(Verdict::DoesNot(mismatch(&pattern.leaves[leaf], &candidates[leaf])))
}

fn judge<'f, 'e>(leaf: &Leaf, found: &'f [FoundValue<'e>]) -> Candidates<'f, 'e> {
    let accepts = |one: &FoundValue| Scalar::of(one.value).is_some_and(|value| any_accepts(&leaf.tests, value));
    Candidates {
        accepted: found.iter().map(accepts).collect(),
        places: Places::of(found),
        found,
        absence_fits: leaf.accepts_absence(),
    }
}

impl Places {
    fn of(found: &[FoundValue]) -> Self {
        let mut places = Self::default();
        for (at, one) in found.iter().enumerate() {
            let home = match one.through.first() {
                None => &mut places.free,
                Some(&(array, element)) => places.by_array.entry(array).or_default().entry(element).or_default(),
            };
            home.push(at);
            places.arrays.extend(one.through.iter().map(|&(array, _)| array));
        }
        places
    }

    /// The values that may agree with a binding: where it names an array, only those of that element.
    fn near<'p>(&'p self, binding: &'p [(usize, usize)]) -> impl Iterator<Item = usize> + 'p {
        let in_arrays = self.by_array.iter().flat_map(move |(array, elements)| match element(binding, *array) {
            Some(element) => elements.range(element..=element),
            None => elements.range(..),
        });
        self.free.iter().copied().chain(in_arrays.flat_map(|(_, values)| values.iter().copied()))
    }
}

/// The element of the array that the binding names.
fn element(binding: &[(usize, usize)], array: usize) -> Option<usize> {
    binding.binary_search_by_key(&array, |&(array, _)| array).ok().map(|at| binding[at].1)
}

/// The walk through an event.
struct Matching<'p, 'e> {
    paths: &'p Paths,
    /// For every path of the pattern the values found there.
    found: Vec<Vec<FoundValue<'e>>>,
    depth: usize,
    arrays: usize,
    through: Binding,
}

impl<'p, 'e> Matching<'p, 'e> {
    fn new(paths: &'p Paths) -> Self {
        let found = (0..paths.count()).map(|_| Vec::new()).collect();
        Self { paths, found, depth: 0, arrays: 0, through: Vec::new() }
    }

    fn value(&mut self, value: &'e Json, node: PathNode) -> Result<(), PatternError> {
        if self.depth > MAX_DEPTH {
            return Err(PatternError::unsupported(format!("an event nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        match value {
            Json::Object(fields) => {
                for (name, value) in fields {
                    if let Some(child) = self.paths.child(node, name) {
                        self.value(value, child)?;
                    }
                }
            }
            Json::Array(list) => self.array(list, node)?,
            scalar => self.scalar(scalar, node),
        }
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self, list: &'e [Json], node: PathNode) -> Result<(), PatternError> {
        let array = self.arrays;
        self.arrays += 1;
        for (at, value) in list.iter().enumerate() {
            // A plain value binds no element: `a` beside `a.b` may take them from different ones.
            let binds = matches!(value, Json::Object(_) | Json::Array(_));
            self.through.extend(binds.then_some((array, at)));
            self.value(value, node)?;
            if binds {
                self.through.pop();
            }
        }
        Ok(())
    }

    fn scalar(&mut self, value: &'e Json, node: PathNode) {
        if let Some(field) = self.paths.field(node) {
            self.found[field].push(FoundValue { value, through: self.through.clone() });
        }
    }
}

/// The first step of the branch that nothing can satisfy, or `None` when the branch matches.
fn first_failure(
    branch: &[usize],
    candidates: &[Candidates],
    budget: &mut usize,
) -> Result<Option<usize>, PatternError> {
    let mut bindings = BTreeSet::from([Binding::new()]);
    for (step, &leaf) in branch.iter().enumerate() {
        bindings = extend_all(&bindings, &candidates[leaf], budget)?;
        if bindings.is_empty() {
            return Ok(Some(step));
        }
        if bindings.iter().any(|binding| !binding.is_empty()) {
            bindings = forget(bindings, &branch[step + 1..], candidates, budget)?;
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
    let later = || later.iter().map(|&leaf| &candidates[leaf].places.arrays);
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
    budget: &mut usize,
) -> Result<BTreeSet<Binding>, PatternError> {
    let mut next = BTreeSet::new();
    for binding in bindings {
        extend(binding, candidates, &mut next, budget)?;
        if next.len() > MAX_BINDINGS {
            return Err(too_costly());
        }
    }
    Ok(next)
}

/// Adds every binding that satisfies the leaf and agrees with `binding`.
fn extend(
    binding: &Binding,
    candidates: &Candidates,
    next: &mut BTreeSet<Binding>,
    budget: &mut usize,
) -> Result<(), PatternError> {
    let mut present = false;
    for at in candidates.places.near(binding) {
        spend(budget, 1)?;
        let through = &candidates.found[at].through;
        if !agree(binding, through) {
            continue;
        }
        present = true;
        if candidates.accepted[at] {
            next.insert(merge(binding, through));
        }
    }
    if candidates.absence_fits && !present {
        next.insert(binding.clone());
    }
    Ok(())
}

/// Whether the two name the same element of every array both name.
fn agree(a: &[(usize, usize)], b: &[(usize, usize)]) -> bool {
    b.iter().all(|&(array, wanted)| element(a, array).is_none_or(|element| element == wanted))
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
